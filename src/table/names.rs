//! Splits a cell into names of units.
//!
//! Input: the text of a cell. Output: names in order, each with the part that the cell itself gives it: a label before
//! it, a role word or bracket behind it, a star. Names are separated by `;` `,` `/`, their full-width forms, line breaks
//! and numbers in circles, outside brackets. Pieces that name nobody are notes. Cost: a few passes over the cell; `units`
//! has what makes names that recur quick.

use std::borrow::Cow;

use crate::text::between;

use super::finding_kind::FindingKind;
use super::letters::{self, Part};
use super::lexicon::{self, is_han, is_space};
use super::meaning::Meaning;
use super::title;

/// A name, and the part that the cell gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name<'c> {
    pub(super) text: Cow<'c, str>,
    pub(super) part: Option<Part>,
}

/// Something in a cell that names no unit, with its text.
pub(super) type Note = (FindingKind, String);

/// The names in a cell. `persons` tells that the cells of the column have persons and units.
pub(super) fn split<'c>(cell: &'c str, persons: bool, notes: &mut Vec<Note>) -> Vec<Name<'c>> {
    let mut splitter = Splitter::new(persons, cell.contains(is_han), notes);
    if letters::is_nothing(cell) {
        return Vec::new();
    }
    if lexicon::is_to_be_named(cell) {
        splitter.note(FindingKind::ToBeNamed, cell);
        return Vec::new();
    }
    let balanced = is_balanced(cell);
    let (mut from, mut depth, mut before) = (0, 0_usize, '\n');
    for (at, c) in cell.char_indices() {
        if balanced && lexicon::opens(c) {
            depth += 1;
        } else if balanced && lexicon::closes(c) {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && lexicon::separates(c) {
            splitter.piece(between(cell, from, at), before);
            from = at + c.len_utf8();
            before = c;
        }
    }
    splitter.piece(between(cell, from, cell.len()), before);
    splitter.names
}

/// The name of a piece of a cell, if the piece is only that, wherever it is in a cell: no label, role or note.
/// `han` tells whether the cell has Chinese characters.
pub(super) fn plain(piece: &str, han: bool) -> Option<Cow<'_, str>> {
    let mut notes = Vec::new();
    let mut splitter = Splitter::new(false, han, &mut notes);
    splitter.piece(piece, '\n');
    let is_plain = splitter.label.is_none() && !splitter.aside && splitter.unmarked == 0 && splitter.notes.is_empty();
    match splitter.names.pop() {
        Some(Name { text, part: None }) if is_plain && splitter.names.is_empty() => Some(text),
        _ => None,
    }
}

/// Whether each bracket is closed.
fn is_balanced(text: &str) -> bool {
    let depth = text.chars().try_fold(0_usize, |depth, c| match c {
        c if lexicon::opens(c) => Some(depth + 1),
        c if lexicon::closes(c) => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}

struct Splitter<'n, 'c> {
    persons: bool,
    han: bool,
    /// The part that the last label gives.
    label: Option<Part>,
    /// Whether the last label is one of persons.
    aside: bool,
    names: Vec<Name<'c>>,
    /// The first name that no role word has marked: one behind it marks all from here on.
    unmarked: usize,
    notes: &'n mut Vec<Note>,
}

impl<'n, 'c> Splitter<'n, 'c> {
    fn new(persons: bool, han: bool, notes: &'n mut Vec<Note>) -> Splitter<'n, 'c> {
        Splitter { persons, han, label: None, aside: false, names: Vec::new(), unmarked: 0, notes }
    }

    fn note(&mut self, kind: FindingKind, text: &str) {
        self.notes.push((kind, text.trim_matches(is_space).to_owned()));
    }

    /// Takes a piece between separators, of which `before` is the one before it.
    fn piece(&mut self, piece: &'c str, before: char) {
        let piece = self.without_label(without_number(piece.trim_matches(lexicon::is_edge)));
        let starred = piece.starts_with(lexicon::is_star) && (self.han || piece.starts_with('\u{2605}'));
        let piece =
            piece.trim_start_matches(|c| lexicon::is_star(c) || lexicon::is_edge(c)).trim_matches(lexicon::is_edge);
        if letters::is_nothing(piece) || self.han && piece.chars().all(|c| c.is_ascii_digit()) {
            return;
        }
        if self.aside || self.is_person(piece, before) {
            self.note(FindingKind::PersonsAtUnit, piece);
            return;
        }
        let (piece, mut part) = self.without_bracket(piece);
        if starred {
            part = Some(Part::Lead);
        }
        let (piece, marked) = self.without_role(piece);
        let (piece, others) = self.without_others(piece);
        for name in [piece, others] {
            let text = clean(name);
            if !text.is_empty() {
                self.names.push(Name { text, part: part.or(self.label) });
            }
        }
        if let Some(marked) = marked {
            let unmarked = self.names.iter_mut().skip(self.unmarked);
            unmarked.filter(|name| name.part.is_none()).for_each(|name| name.part = Some(marked));
            self.unmarked = self.names.len();
        }
    }

    /// Takes a label off the start: "lead: A".
    fn without_label<'p>(&mut self, piece: &'p str) -> &'p str {
        let Some((before, behind)) = piece.split_once(lexicon::is_colon) else { return piece };
        let Some(found) = title::label(before) else { return piece };
        self.aside = found.meaning == Meaning::Person;
        self.label = Part::of_meaning(found.meaning);
        self.unmarked = self.names.len();
        behind.trim_matches(lexicon::is_edge)
    }

    /// Whether a piece is a person next to a unit: in a column of both, two or three characters behind a slash or break.
    fn is_person(&self, piece: &str, before: char) -> bool {
        let short = || (2..=3).contains(&piece.chars().count()) && piece.chars().all(is_han);
        self.persons && !self.names.is_empty() && matches!(before, '/' | '\u{FF0F}' | '\n') && short()
    }

    /// Takes a bracket with a role or a person off the end, and a person behind a space.
    fn without_bracket<'p>(&mut self, piece: &'p str) -> (&'p str, Option<Part>) {
        if self.persons
            && let Some((unit, person)) = piece.rsplit_once(is_space)
            && (2..=3).contains(&person.chars().count())
            && person.chars().all(is_han)
        {
            self.note(FindingKind::PersonsAtUnit, person);
            return (unit, None);
        }
        let Some(open) = piece.ends_with(lexicon::closes).then(|| piece.rfind(lexicon::opens)).flatten() else {
            return (piece, None);
        };
        let (name, bracket) = piece.split_at(open);
        let inner = bracket.trim_matches(|c| lexicon::opens(c) || lexicon::closes(c) || is_space(c));
        let role =
            || lexicon::BEHIND_NAME.iter().find(|(word, _)| inner.starts_with(word)).map(|(_, meaning)| *meaning);
        let titled =
            || title::read(inner).filter(|found| found.sure == title::Sure::Exactly).map(|found| found.meaning);
        if name.trim().is_empty() {
            return (piece, None);
        }
        if let Some(part) = role().or_else(titled).and_then(Part::of_meaning) {
            return (name, Some(part));
        }
        if self.persons {
            self.note(FindingKind::PersonsAtUnit, inner);
            return (name, None);
        }
        (piece, None)
    }

    /// Takes role words off the end: "A leads", "A, B cooperate".
    fn without_role<'p>(&self, piece: &'p str) -> (&'p str, Option<Part>) {
        if !self.han {
            return (piece, None);
        }
        for (word, meaning) in lexicon::BEHIND_NAME {
            if let Some(name) = piece.strip_suffix(word) {
                return (name.trim_end_matches(lexicon::is_edge), Part::of_meaning(*meaning));
            }
        }
        (piece, None)
    }

    /// Takes "and others" off; others that have a name of their own are the second name.
    fn without_others<'p>(&mut self, piece: &'p str) -> (&'p str, &'p str) {
        let english =
            piece.strip_suffix("etc.").or_else(|| piece.strip_suffix("etc")).or_else(|| piece.strip_suffix("et al."));
        if let Some(name) = english.filter(|name| name.is_empty() || name.ends_with(|c| is_space(c) || c == ',')) {
            self.note(FindingKind::AndOthers, piece);
            return (name.trim_end_matches(lexicon::is_edge), "");
        }
        let Some((name, behind)) = piece.rsplit_once(lexicon::AND_OTHERS) else { return (piece, "") };
        let Some(last) = name.chars().next_back() else { return (piece, "") };
        if lexicon::OTHERS_IN_WORD.contains(last) {
            return (piece, "");
        }
        if lexicon::SOME.iter().any(|some| behind.starts_with(some)) {
            return (name, behind);
        }
        let behind = behind.trim_start_matches(|c: char| c.is_ascii_digit() || lexicon::COUNTS.contains(c));
        if behind.is_empty() || lexicon::NOBODY.contains(&behind) {
            self.note(FindingKind::AndOthers, piece);
            return (name, "");
        }
        (piece, "")
    }
}

/// The text behind the number of an item: "1. A", "2) B".
fn without_number(piece: &str) -> &str {
    let behind = piece.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = piece.len() - behind.len();
    match (1..=2).contains(&digits) && behind.starts_with(lexicon::ends_number) {
        true => behind.trim_start_matches(|c| lexicon::ends_number(c) || is_space(c)),
        false => piece,
    }
}

/// A name with single spaces, and none next to a Chinese character.
pub(super) fn clean(name: &str) -> Cow<'_, str> {
    let name = name.trim_matches(is_space);
    let is_clean = match name.is_ascii() {
        true => !name.contains("  ") && name.bytes().all(|b| (b' '..=b'~').contains(&b)),
        false => !name.contains(is_space),
    };
    if is_clean {
        return Cow::Borrowed(name);
    }
    let mut text = String::with_capacity(name.len());
    let mut space = false;
    for c in name.chars() {
        if is_space(c) {
            space = true;
            continue;
        }
        if space && !is_han(c) && !text.ends_with(is_han) {
            text.push(' ');
        }
        space = false;
        text.push(c);
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(cell: &str) -> Vec<String> {
        let names = split(cell, false, &mut Vec::new());
        names
            .into_iter()
            .map(|name| name.part.map_or(name.text.to_string(), |part| format!("{}={part:?}", name.text)))
            .collect()
    }

    #[test]
    fn names_are_separated_by_marks_and_breaks_outside_brackets() {
        assert_eq!(names("A; B, C/D\nE"), ["A", "B", "C", "D", "E"]);
        assert_eq!(
            names("市交通局、市财政局，市公安局；市 水 利 局"),
            ["市交通局", "市财政局", "市公安局", "市水利局"]
        );
        assert_eq!(names("市委组织部（人才办、党建办）、市财政局"), ["市委组织部（人才办、党建办）", "市财政局"]);
        assert_eq!(names("A (open; B"), ["A (open", "B"]);
        assert_eq!(names("①市交通局②市财政局"), ["市交通局", "市财政局"]);
        assert_eq!(names("1.市交通局\n2.市财政局"), ["市交通局", "市财政局"]);
        assert_eq!(names("- "), Vec::<String>::new());
    }

    #[test]
    fn a_cell_can_say_who_does_what() {
        assert_eq!(
            names("市交通局牵头，市财政局、市公安局配合"),
            ["市交通局=Lead", "市财政局=Support", "市公安局=Support"]
        );
        assert_eq!(names("市交通局（牵头）、市财政局"), ["市交通局=Lead", "市财政局"]);
        assert_eq!(names("Transport (lead), Finance"), ["Transport=Lead", "Finance"]);
        assert_eq!(
            names("牵头单位：市交通局；配合单位：市财政局、市公安局"),
            ["市交通局=Lead", "市财政局=Support", "市公安局=Support"]
        );
        assert_eq!(
            names("Lead: Transport\nSupport: Finance, Police"),
            ["Transport=Lead", "Finance=Support", "Police=Support"]
        );
        assert_eq!(names("*市交通局、市财政局"), ["市交通局=Lead", "市财政局"]);
        assert_eq!(names("市交通局、市财政局按职责分工负责"), ["市交通局=Responsible", "市财政局=Responsible"]);
    }

    #[test]
    fn others_and_persons_are_notes() {
        let mut notes = Vec::new();
        assert_eq!(split("市财政局、市公安局等", false, &mut notes).len(), 2);
        assert_eq!(split("Finance, Police, etc.", false, &mut notes).len(), 2);
        assert!(notes.iter().all(|(kind, _)| *kind == FindingKind::AndOthers) && notes.len() == 2);
        assert_eq!(names("甲局等有关部门"), ["甲局", "有关部门"]);
        assert_eq!(names("省高等教育局"), ["省高等教育局"]);
        notes.clear();
        for cell in ["市交通局（张三）", "市交通局/张三", "市交通局 张三"] {
            let names = split(cell, true, &mut notes);
            assert!(matches!(names.as_slice(), [name] if name.text == "市交通局"), "{cell}: {names:?}");
        }
        assert_eq!(notes.len(), 3);
        assert!(split("TBD", false, &mut notes).is_empty() && notes.len() == 4);
    }
}
