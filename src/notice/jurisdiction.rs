//! Completes names by what is spoken once for several: the jurisdiction before the first, the ending behind the last.
//! Knows the members of one clause and the places that the text names, not their parts.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::lexicon::{self, simplified};
use super::members::Item;
use super::name;
use super::text::{Span, ends_with, ends_with_any, starts_with_any};

/// What a name as written shows of itself.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    /// How long the jurisdiction is that it speaks, in bytes; 0 when it speaks none.
    spoken: usize,
    /// Whether that is followed by the character of the party's committee.
    committee: bool,
    /// Whether a jurisdiction spoken before is its own as well.
    takes: bool,
    collective: bool,
    /// Whether it ends as a body does.
    ended: bool,
}

/// A name in pieces: what it shares with one before, itself, what it shares with one behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pieces<'t> {
    pub(super) before: &'t str,
    pub(super) own: &'t str,
    pub(super) behind: &'t str,
    pub(super) collective: bool,
}

/// Completes the names of one text.
#[derive(Debug)]
pub(super) struct Completer<'t> {
    text: &'t str,
    places: HashSet<&'t str, FixedState>,
    shapes: HashMap<&'t str, Shape, FixedState>,
}

/// What is spoken, while it is shared.
#[derive(Clone, Copy, Debug, Default)]
struct Spoken<'t> {
    words: &'t str,
    with_committee: Option<&'t str>,
    /// How many names in a row spoke it themselves.
    times: u32,
}

impl<'t> Completer<'t> {
    pub(super) fn new(text: &'t str, places: HashSet<&'t str, FixedState>) -> Completer<'t> {
        Completer { text, places, shapes: HashMap::default() }
    }

    /// The members of a clause in pieces, one for one. `commas_join` says that commas stand for what joins elsewhere.
    pub(super) fn complete(&mut self, items: &[Item], commas_join: bool, names: &mut Vec<Pieces<'t>>) {
        names.clear();
        let mut spoken: Option<Spoken<'t>> = None;
        let mut group = None;
        for item in items {
            if group.is_some_and(|group| group != item.group) && !commas_join {
                spoken = None;
            }
            group = Some(item.group);
            let own = item.span.of(self.text);
            let shape = self.shape(own);
            let before = self.before(own, shape, &mut spoken);
            names.push(Pieces { before, own, behind: "", collective: shape.collective });
        }
        self.endings(items, names);
    }

    fn before(&self, own: &'t str, shape: Shape, spoken: &mut Option<Spoken<'t>>) -> &'t str {
        if shape.spoken > 0 {
            let words = own.get(..shape.spoken).unwrap_or("");
            let longer = own.get(..shape.spoken + lexicon::COMMITTEE.len_utf8());
            let with_committee = if shape.committee { longer } else { None };
            let times = spoken.filter(|s| s.words == words).map_or(1, |s| s.times + 1);
            *spoken = Some(Spoken { words, with_committee, times });
            return "";
        }
        let Some(shared) = spoken.as_mut().filter(|_| shape.takes && !shape.collective) else { return "" };
        let last = name::without_bracket(own).chars().next_back().map(simplified);
        if shared.times > 1 && may_have_place(own) || self.has_place(own) {
            return "";
        }
        shared.times = 0;
        match shared.with_committee {
            Some(with) if last == Some(lexicon::COMMITTEE_DEPARTMENT) => with,
            _ => shared.words,
        }
    }

    /// Whether a name begins with a place that the text names elsewhere with its level.
    fn has_place(&self, own: &str) -> bool {
        !self.places.is_empty()
            && own.char_indices().skip(2).take(3).any(|(at, _)| own.get(..at).is_some_and(|p| self.places.contains(p)))
    }

    /// Names without an ending have that of the next one that has one.
    fn endings(&mut self, items: &[Item], names: &mut [Pieces<'t>]) {
        // The nearest name behind that has an ending.
        let (mut ended, mut group) = (None, None);
        for (item, pieces) in items.iter().zip(names.iter_mut()).rev() {
            if group != Some(item.group) {
                ended = None;
            }
            group = Some(item.group);
            let shape = self.shape(pieces.own);
            if shape.collective {
                ended = None;
            } else if shape.ended {
                ended = Some((pieces.own, shape));
            } else {
                let ending = ended.and_then(|(own, shape)| Ending::of(own, shape));
                match ending.and_then(|ending| ending.behind(pieces.own)) {
                    Some(behind) => pieces.behind = behind,
                    None => ended = None,
                }
            }
        }
    }

    fn shape(&mut self, own: &'t str) -> Shape {
        if let Some(shape) = self.shapes.get(own) {
            return *shape;
        }
        let shape = shape(own);
        self.shapes.insert(own, shape);
        shape
    }
}

fn shape(own: &str) -> Shape {
    let bare = name::without_bracket(own);
    let ending = name::ending(bare);
    let collective = name::is_collective(own);
    let spoken = if collective { 0 } else { spoken(bare) };
    let committee = spoken > 0 && bare.get(spoken..).is_some_and(|rest| rest.starts_with(lexicon::COMMITTEE));
    let national = starts_with_any(own, &lexicon::NATIONAL).is_some();
    let takes =
        ending == Some(true) && !national && !holds_level(bare) && !is_of_township(bare) && !is_of_institution(bare);
    Shape { spoken, committee, takes, collective, ended: ending.is_some() }
}

/// Whether the name is of a township or a street, which speaks its own.
fn is_of_township(name: &str) -> bool {
    let street = name.find(lexicon::STREET).is_some_and(|at| at > 0);
    let town = |start: usize| name.get(..start).and_then(|place| place.chars().nth(1).and(place.chars().next_back()));
    let town = ends_with_any(name, &lexicon::SHARED_GOVERNMENT).and_then(town);
    street || town.is_some_and(|c| lexicon::LEVELS.contains(simplified(c)))
}

/// Whether the name is of a part of a company, a bank, a university.
fn is_of_institution(name: &str) -> bool {
    lexicon::INSTITUTIONS.iter().any(|word| name.find(word).is_some_and(|at| at > 0))
}

/// Whether a level stands within the name, before "committee": the Youth League puts it there.
fn holds_level(name: &str) -> bool {
    let mut chars = name.chars().skip(1).map(simplified);
    chars.next().is_some_and(|c| lexicon::LEVELS.contains(c)) && chars.next() == Some(lexicon::COMMITTEE)
}

/// A jurisdiction with a place has no more characters before its level.
const LONGEST_SPOKEN: usize = 14;

/// How long the jurisdiction is that a name begins with: a level, or a place with its level.
fn spoken(name: &str) -> usize {
    if starts_with_any(name, &lexicon::NATIONAL).is_some() {
        return 0;
    }
    if let Some(end) = starts_with_any(name, &lexicon::LONG_LEVELS) {
        return if name.len() > end + 3 { end } else { 0 };
    }
    let mut before = ' ';
    for (count, (at, c)) in name.char_indices().take(LONGEST_SPOKEN).enumerate() {
        let level = simplified(c);
        let end = at + c.len_utf8();
        let rest = name.get(end..).unwrap_or("");
        if (count == 0 || lexicon::AREAS.contains(level))
            && lexicon::LEVELS.contains(level)
            && speaks(count, before, level, rest)
        {
            return end;
        }
        if let Some(long) = starts_with_any(name.get(at..).unwrap_or(""), &lexicon::LONG_LEVELS) {
            let rest = name.get(at + long..).unwrap_or("");
            let governs = starts_with_any(rest, &lexicon::SHARED_GOVERNMENT).is_some();
            return if governs || name::ending(rest) == Some(true) { at + long } else { 0 };
        }
        before = level;
    }
    0
}

/// Whether a level behind `count` characters is of a jurisdiction.
fn speaks(count: usize, before: char, level: char, rest: &str) -> bool {
    if lexicon::is_other_word(level, rest) || rest.chars().nth(1).is_none() {
        return false;
    }
    let fewest = if lexicon::SHORT_PLACES.contains(level) { 1 } else { 2 };
    match count {
        0 => true,
        1..=5 if count >= fewest => {
            let governs = starts_with_any(rest, &lexicon::SHARED_GOVERNMENT).is_some();
            let of_word = (count == 1 || level == lexicon::DISTRICT && !governs) && is_no_place(before, level);
            let local = name::ending(rest) == Some(true) || rest.starts_with(lexicon::COMMITTEE);
            !of_word && (local || governs)
        }
        _ => false,
    }
}

fn is_no_place(before: char, level: char) -> bool {
    lexicon::NOT_A_PLACE.iter().any(|word| word.chars().eq([before, level]))
}

/// Whether a name that speaks no jurisdiction among names that all do may have a place before it: a long one of a bureau.
fn may_have_place(own: &str) -> bool {
    own.ends_with(lexicon::BUREAU) && own.chars().nth(4).is_some()
}

/// What names before one share with it: "city government" behind a place; a noun for departments.
#[derive(Clone, Copy, Debug)]
struct Ending<'t> {
    words: &'t str,
    /// The area it begins with: a name that ends in an area has it already.
    area: &'t str,
    /// How many characters a name has that shares it, where nothing but that tells.
    head: Option<usize>,
}

/// Longer names, in bytes, share no ending: places, and areas with their level.
const LONGEST_PLACE: usize = 12;
const LONGEST_AREA: usize = 36;
/// Names that share an ending without an area have no more characters before it.
const LONGEST_HEAD: usize = 3;

impl<'t> Ending<'t> {
    fn of(own: &'t str, shape: Shape) -> Option<Ending<'t>> {
        let words = |start: usize, area: usize| {
            let words = own.get(start..)?;
            Some(Ending { words, area: words.get(..area)?, head: None })
        };
        if let Some(start) = ends_with(own, lexicon::DEPARTMENT) {
            return words(start, 0);
        }
        let level = own.get(..shape.spoken).and_then(|spoken| spoken.chars().next_back()).map_or(0, char::len_utf8);
        if shape.spoken > level {
            return words(shape.spoken - level, level);
        }
        if shape.spoken > 0 || shape.takes {
            return None;
        }
        let (start, area) = Ending::area_in(own).unwrap_or((own.len(), 0));
        if area > 0 {
            return words(start, area);
        }
        let start = own.len() - name::ending_word(own)?.len();
        let head = own.get(..start)?.chars().count();
        let words = own.get(start..)?;
        (2..=LONGEST_HEAD).contains(&head).then_some(Ending { words, area: "", head: Some(head) })
    }

    /// Where an area begins behind a place and before nothing but the ending of a body, and how long it is.
    fn area_in(own: &str) -> Option<(usize, usize)> {
        let ending = own.len() - name::ending_word(own)?.len();
        own.char_indices().skip(2).take(6).take_while(|(at, _)| *at < ending).find_map(|(at, c)| {
            let rest = own.get(at..)?;
            let noun = starts_with_any(rest, &lexicon::AREA_NOUNS);
            let level = lexicon::AREAS.contains(simplified(c)).then_some(c.len_utf8());
            [noun, level].into_iter().flatten().find(|area| at + area == ending).map(|area| (at, area))
        })
    }

    /// What a name without an ending takes of it.
    fn behind(self, own: &str) -> Option<&'t str> {
        if self.head.is_some() {
            return (self.head == Some(own.chars().count())).then_some(self.words);
        }
        let area = if self.area.is_empty() { None } else { ends_with(own, self.area) };
        let level = own.chars().next_back().filter(|c| self.area.chars().count() == 1 && is_level_of(own, *c));
        match area.is_some() && own.len() > self.area.len() || level.is_some() {
            true if own.len() <= LONGEST_AREA => self.words.get(self.area.len()..),
            false if own.len() <= LONGEST_PLACE => Some(self.words),
            _ => None,
        }
    }
}

/// Whether the last character of a name is the level of the place before it.
fn is_level_of(own: &str, last: char) -> bool {
    let level = simplified(last);
    let fewest = if lexicon::SHORT_PLACES.contains(level) { 1 } else { 2 };
    lexicon::AREAS.contains(level) && own.chars().nth(fewest).is_some()
}

/// The place that a text names here, if what begins here is a place and its level.
pub(super) fn place_at(text: &str, at: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    for (count, (offset, c)) in rest.char_indices().take(5).enumerate() {
        if !('\u{4E00}'..='\u{9FFF}').contains(&c) {
            return None;
        }
        if count >= 2 && lexicon::is_place_level(c) {
            let other = lexicon::is_other_word(simplified(c), rest.get(offset + c.len_utf8()..)?);
            return (!other).then_some(Span::new(at, at + offset));
        }
    }
    None
}
