//! The marks of a chart and their meanings: letters, symbols, numbers; by the caller, by a legend, or as usual.
//!
//! Input: the text of a cell. Output: the part of the unit in the task. A cell with several marks gives the strongest.
//! Cost: the characters of a cell, times the marks of a legend.

use std::fmt;

use crate::model::Role;
use crate::text::between;

use super::lexicon::{self, is_space};
use super::meaning::Meaning;
use super::title;

/// The part that a mark gives to a unit, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Lead,
    CoLead,
    /// Responsible for the work: leads where nobody is accountable.
    Responsible,
    Support,
    Consulted,
    Informed,
}

impl Part {
    fn of_role(role: Role) -> Part {
        match role {
            Role::Lead => Part::Lead,
            Role::CoLead => Part::CoLead,
            Role::Support => Part::Support,
            Role::Consulted => Part::Consulted,
            Role::Informed => Part::Informed,
        }
    }

    pub(super) fn of_meaning(meaning: Meaning) -> Option<Part> {
        Some(match meaning {
            Meaning::Lead => Part::Lead,
            Meaning::CoLead => Part::CoLead,
            Meaning::Responsible | Meaning::Person => Part::Responsible,
            Meaning::Support => Part::Support,
            Meaning::Consulted => Part::Consulted,
            Meaning::Informed => Part::Informed,
            _ => return None,
        })
    }
}

/// The meanings of the marks of a chart.
///
/// ```
/// use responsibility_index::Role;
/// use responsibility_index::table::{Letters, Reader};
///
/// let text = "Process,Sales,Legal\nContracts,P,V\n";
/// let letters = Letters::new().mark("P", Role::Lead).mark("V", Role::Consulted);
/// let rows = Reader::new().letters(letters).read(text)?;
/// assert_eq!(rows.task(0).map(|task| task.standing().to_string()).as_deref(), Some("Sales; consulted: Legal"));
/// # Ok::<(), responsibility_index::table::TableError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Letters {
    marks: Vec<(String, Part)>,
}

impl Letters {
    /// No letters: only those that are added with [`mark`](Letters::mark) have a meaning.
    #[must_use]
    pub fn new() -> Letters {
        Letters::default()
    }

    /// R responsible, A accountable, C consulted, I informed: A leads, R supports. In a chart without any A a row's only R
    /// leads.
    #[must_use]
    pub fn raci() -> Letters {
        let marks = [("A", Part::Lead), ("R", Part::Responsible), ("C", Part::Consulted), ("I", Part::Informed)];
        Letters { marks: marks.map(|(mark, part)| (mark.to_owned(), part)).to_vec() }
    }

    /// RACI and S for supporting units, which come behind those with R.
    #[must_use]
    pub fn rasci() -> Letters {
        Letters::raci().mark("S", Role::Support)
    }

    /// D driver, A approver, C contributor, I informed: D leads, A leads jointly, C is consulted.
    #[must_use]
    pub fn daci() -> Letters {
        let letters = Letters::new().mark("D", Role::Lead).mark("A", Role::CoLead);
        letters.mark("C", Role::Consulted).mark("I", Role::Informed)
    }

    /// Gives a mark a meaning: letters or a symbol.
    #[must_use]
    pub fn mark(mut self, mark: &str, role: Role) -> Letters {
        self.give(mark, Part::of_role(role));
        self
    }

    fn give(&mut self, mark: &str, part: Part) {
        let mark = plain(mark);
        self.marks.retain(|(other, _)| *other != mark);
        self.marks.push((mark, part));
    }

    /// The letters that charts use: RACI, S, L for the lead.
    pub(super) fn usual() -> Letters {
        Letters::rasci().mark("L", Role::Lead)
    }

    pub(super) fn part(&self, mark: &str) -> Option<Part> {
        self.marks.iter().find(|(other, _)| other == mark).map(|(_, part)| *part)
    }

    /// Takes the meanings of a legend's marks.
    pub(super) fn take(&mut self, legend: &Letters) {
        legend.marks.iter().for_each(|(mark, part)| self.give(mark, *part));
    }

    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.marks.iter().map(|(mark, part)| (mark, part))).finish()
    }
}

/// A mark in its usual form: letters in upper case.
fn plain(mark: &str) -> String {
    let mark = mark.trim_matches(is_space);
    mark.chars().map(|c| lexicon::mark(c).unwrap_or(c)).flat_map(char::to_uppercase).collect()
}

/// What a cell of a chart says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The cell gives the unit no part.
    Nothing,
    /// A part, and whether more text is at the mark.
    Part(Part, bool),
    /// A part, and the place of the unit among those with the part: `C2`.
    Ranked(Part, u32),
    /// The place of the unit in the order of the row.
    Order(u32),
    /// A symbol without a meaning.
    Symbol(char),
    Unknown,
}

/// The letter that crosses a box.
pub(super) const CROSS: char = 'X';
/// The most characters of a cell with marks.
const LONGEST: usize = 40;

/// Whether a cell is a mark by its form, whatever it means: a few capitals, a symbol, a small number.
pub(super) fn looks_like_mark(text: &str, letters: &Letters) -> bool {
    !matches!(said(text, letters), Said::Unknown | Said::Nothing | Said::Ranked(..))
}

/// Whether a cell says nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    let text = text.trim_matches(is_space);
    text.is_empty() || text.len() <= 6 && lexicon::NOTHING.contains(&text.to_lowercase().as_str())
}

/// Reads a cell.
pub(super) fn said(text: &str, letters: &Letters) -> Said {
    if is_nothing(text) {
        return Said::Nothing;
    }
    if text.chars().nth(LONGEST).is_some() {
        return Said::Unknown;
    }
    if let Some(said) = marks(text, letters) {
        return said;
    }
    // A star or a bracket behind: "A*", "R (deputy)".
    let bare = text.find(lexicon::opens).map_or(text, |at| between(text, 0, at));
    let bare = bare.trim_end_matches(|c| c == '*' || is_space(c));
    match bare.len() < text.len() && !bare.is_empty() {
        true => match marks(bare, letters) {
            Some(Said::Part(part, _)) => Said::Part(part, true),
            _ => Said::Unknown,
        },
        false => Said::Unknown,
    }
}

/// The largest place behind a letter: a task has at most so many units.
const LAST_PLACE: u32 = 4_096;

/// A letter with a place behind it. A lead has none: `L2` is the second of those that lead jointly.
fn ranked(whole: &str, letters: &Letters) -> Option<Said> {
    let letter = whole.trim_end_matches(|c: char| c.is_ascii_digit());
    let place = whole.strip_prefix(letter).filter(|place| !place.starts_with('0'))?.parse::<u32>().ok()?;
    let part = match letters.part(letter)? {
        Part::Lead if place > 1 => Part::CoLead,
        part => part,
    };
    (place <= LAST_PLACE).then_some(Said::Ranked(part, place))
}

fn marks(text: &str, letters: &Letters) -> Option<Said> {
    let whole = plain(text);
    if let Some(part) = letters.part(&whole) {
        return Some(Said::Part(part, false));
    }
    if let Ok(order) = whole.parse::<u32>() {
        return (1..100).contains(&order).then_some(Said::Order(order));
    }
    if let Some(ranked) = ranked(&whole, letters) {
        return Some(ranked);
    }
    let mut chars = whole.chars();
    if let (Some(symbol), None) = (chars.next(), chars.next())
        && (lexicon::MARKS.contains(&symbol) || symbol == CROSS)
    {
        return Some(Said::Symbol(symbol));
    }
    // "Responsible", as a word; then "A/R", "A, R", "A R"; then "AR".
    let letters_of_words = text.chars().filter(|c| c.is_alphabetic()).count();
    let is_word = letters_of_words > 1 && !text.contains(lexicon::opens);
    let word = title::read(text).filter(|title| is_word && title.sure == title::Sure::Exactly);
    if let Some(part) = word.and_then(|title| Part::of_meaning(title.meaning)) {
        return Some(Said::Part(part, false));
    }
    let separates =
        |c: char| is_space(c) || matches!(c, '/' | ',' | ';' | '+' | '&' | '|' | '-' | '.') || lexicon::separates(c);
    let mut pieces =
        whole.split(separates).filter(|piece| !piece.is_empty()).map(|piece| letters.part(piece)).peekable();
    if pieces.peek().is_some()
        && let Some(parts) = pieces.collect::<Option<Vec<Part>>>()
    {
        return parts.into_iter().min().map(|part| Said::Part(part, false));
    }
    let short = (2..=4).contains(&whole.chars().count()) && text.chars().all(|c| !c.is_lowercase());
    let each = || whole.chars().map(|c| letters.part(c.encode_utf8(&mut [0; 4]))).collect::<Option<Vec<Part>>>();
    let parts = if short { each() } else { None };
    parts.and_then(|parts| parts.into_iter().min()).map(|part| Said::Part(part, false))
}

/// The meanings that a line gives to marks: "★ leads, ○ supports", "R = Responsible". `None` where it gives none.
pub(super) fn legend(text: &str) -> Option<Letters> {
    let places: Vec<(usize, char)> = mark_places(text);
    let (mut letters, mut sure) = (Letters::new(), false);
    for (at, (place, mark)) in places.iter().enumerate() {
        let end = places.get(at + 1).map_or(text.len(), |(next, _)| *next);
        let behind = between(text, place + mark.len_utf8(), end);
        // Behind a separator the words belong to the next mark.
        let is_next = behind.trim_start_matches(lexicon::joins_legend).starts_with(lexicon::separates);
        if let Some((part, exact)) = part_in(behind).filter(|_| !is_next) {
            letters.give(mark.encode_utf8(&mut [0; 4]), part);
            sure |= exact || !mark.is_ascii();
        }
    }
    // "A - support services" is a heading: one letter needs a title behind it.
    if letters.len() == 1 && !sure {
        return None;
    }
    if letters.len() == 0 {
        // The words can come first: "lead: ★; support: ○".
        let mut from = 0;
        for (place, mark) in &places {
            if let Some((part, _)) = part_in(between(text, from, *place)).filter(|_| !mark.is_ascii()) {
                letters.give(mark.encode_utf8(&mut [0; 4]), part);
            }
            from = place + mark.len_utf8();
        }
    }
    (letters.len() > 0).then_some(letters)
}

/// The marks in a line: symbols, and letters of their own before a sign of equality, a colon, a dash or a bracket.
fn mark_places(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let symbol = lexicon::mark(c);
        let alone = c.is_ascii_uppercase() && !before.is_alphanumeric();
        let rest = || between(text, at + c.len_utf8(), text.len()).trim_start_matches(is_space);
        if let Some(symbol) = symbol {
            found.push((at, if symbol.len_utf8() == c.len_utf8() { symbol } else { c }));
        } else if alone && rest().starts_with(|c| lexicon::joins_legend(c) && !is_space(c)) {
            found.push((at, c));
        }
        before = c;
    }
    found.truncate(MOST_MARKS);
    found
}

/// The most marks of a legend.
const MOST_MARKS: usize = 40;

/// The part that the words of a legend give, and whether they are a title.
fn part_in(words: &str) -> Option<(Part, bool)> {
    let ends = |c: char| lexicon::separates(c) || lexicon::opens(c) || lexicon::closes(c) || lexicon::is_full_stop(c);
    let words = words.trim_start_matches(lexicon::joins_legend);
    let first = words.split(ends).find(|words| !words.trim().is_empty())?;
    let first = first.trim_matches(|c| lexicon::joins_legend(c) || lexicon::is_edge(c));
    let of = |text: &str| title::read(text).and_then(|title| Part::of_meaning(title.meaning));
    if let Some(part) = title::label(first).and_then(|title| Part::of_meaning(title.meaning)) {
        return Some((part, true));
    }
    let word = |(word, _): &&(&str, Meaning)| first.starts_with(word) || first.ends_with(word);
    let listed = || lexicon::ROLE_WORDS.iter().find(word).and_then(|(_, meaning)| Part::of_meaning(*meaning));
    let part = of(first).or_else(|| first.split(is_space).find_map(of)).or_else(listed)?;
    Some((part, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_gives_the_strongest_of_its_marks() {
        let letters = Letters::usual();
        for (text, part) in [
            ("A", Part::Lead),
            ("a", Part::Lead),
            ("A/R", Part::Lead),
            ("R, A", Part::Lead),
            ("AR", Part::Lead),
            ("R A", Part::Lead),
            ("R", Part::Responsible),
            ("C/I", Part::Consulted),
            ("CI", Part::Consulted),
            ("Informed", Part::Informed),
            ("S", Part::Support),
            ("牵头", Part::Lead),
        ] {
            assert_eq!(said(text, &letters), Said::Part(part, false), "{text}");
        }
        assert_eq!(said("A*", &letters), Said::Part(Part::Lead, true));
        assert_eq!(said("R (deputy)", &letters), Said::Part(Part::Responsible, true));
        assert_eq!((said("2", &letters), said("☆", &letters)), (Said::Order(2), Said::Symbol('☆')));
        assert_eq!(
            (said("C2", &letters), said("L2", &letters)),
            (Said::Ranked(Part::Consulted, 2), Said::Ranked(Part::CoLead, 2))
        );
        for text in ["Q", "Transport", "A/Q", "Ari", "0", "1000", "C0", "C02", "Q2", "C5000"] {
            assert_eq!(said(text, &letters), Said::Unknown, "{text}");
        }
        for text in ["", "-", "N/A", "无"] {
            assert_eq!(said(text, &letters), Said::Nothing, "{text}");
        }
    }

    #[test]
    fn a_legend_gives_marks_their_meanings() {
        let part = |text: &str, mark: &str| legend(text).and_then(|letters| letters.part(mark));
        assert_eq!(part("注：★领导 ☆负责部门 ○配合部门", "☆"), Some(Part::Responsible));
        assert_eq!(part("注：★领导 ☆负责部门 ○配合部门", "○"), Some(Part::Support));
        assert_eq!(part("“●”为主责部门，“○”为协办部门", "●"), Some(Part::Lead));
        assert_eq!(part("主责：■；配合：□", "□"), Some(Part::Support));
        assert_eq!(part("R = Responsible, A = Accountable, C = Consulted", "C"), Some(Part::Consulted));
        assert_eq!(part("Legend: L - Lead; P - Participating", "P"), Some(Part::Support));
        assert_eq!(part("P: Primary; S (Support)", "P"), Some(Part::Lead));
        assert!(legend("A sentence - no legend.").is_none() && legend("").is_none());
    }
}
