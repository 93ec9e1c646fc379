//! Completes names by words that are spoken once for several: the jurisdiction before the first, the ending behind the
//! last.
//!
//! Input: the units of one clause as written, and the places that the text names with their level. Output: each name in
//! [`Pieces`]. "Province's science department, finance department": a name that is a local body and has no jurisdiction
//! takes that of the name before it in its group, unless it begins with a place. "Guangzhou, Shenzhen city government":
//! a name without an ending takes that of the next name which has one, from the level on.
//! Cost: one pass forwards and one backwards; the properties of a name are found once per text.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::text::between;

use super::lexicon::{self, simplified};
use super::members::Mention;
use super::name;
use super::text::{after_any, before_any, ends_with, has_length, starts_with_any};

/// Properties of a name as written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// The bytes of its jurisdiction; 0 if it has none.
    spoken: usize,
    /// Whether the character of the party's committee follows the jurisdiction.
    committee: bool,
    /// Whether it takes the jurisdiction of an earlier name.
    takes: bool,
    collective: bool,
    /// Whether it has the ending of a body.
    ended: bool,
}

/// A full name in pieces: the words shared with an earlier name, the name as written, those shared with a later one.
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
    shapes: Shapes,
}

/// The properties of the names that were completed, by the names.
pub(super) type Shapes = HashMap<Box<str>, Shape, FixedState>;

/// A jurisdiction that the names behind it can take.
#[derive(Clone, Copy, Debug, Default)]
struct Spoken<'t> {
    words: &'t str,
    with_committee: Option<&'t str>,
    /// The number of names in a row that have it themselves; 0 once a name took it.
    times: u32,
}

impl<'t> Completer<'t> {
    pub(super) fn new(text: &'t str, places: HashSet<&'t str, FixedState>) -> Completer<'t> {
        Completer::with(text, places, Shapes::default())
    }

    /// One that knows the properties of names from other texts.
    pub(super) fn with(text: &'t str, places: HashSet<&'t str, FixedState>, shapes: Shapes) -> Completer<'t> {
        Completer { text, places, shapes }
    }

    /// The properties of the names so far, for the next text.
    pub(super) fn into_shapes(self) -> Shapes {
        self.shapes
    }

    /// Fills `names` with the full names of the units of a clause, one for one. `commas_join` says that commas separate
    /// units here, not groups of them.
    pub(super) fn complete(&mut self, mentions: &[Mention], commas_join: bool, names: &mut Vec<Pieces<'t>>) {
        names.clear();
        let mut spoken: Option<Spoken<'t>> = None;
        let mut group = None;
        for mention in mentions {
            if group.is_some_and(|group| group != mention.group) && !commas_join {
                spoken = None;
            }
            group = Some(mention.group);
            let own = mention.span.of(self.text);
            let shape = self.shape(own);
            let before = self.before(own, shape, &mut spoken);
            names.push(Pieces { before, own, behind: "", collective: shape.collective });
        }
        self.endings(mentions, names);
    }

    /// The jurisdiction that a name takes; notes the one that it has.
    fn before(&self, own: &'t str, shape: Shape, spoken: &mut Option<Spoken<'t>>) -> &'t str {
        if shape.spoken > 0 {
            let words = between(own, 0, shape.spoken);
            let longer = || between(own, 0, shape.spoken + lexicon::COMMITTEE.len_utf8());
            let with_committee = shape.committee.then(longer);
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

    /// Whether a name begins with a place, of two to four characters, that the text names elsewhere with its level.
    fn has_place(&self, own: &str) -> bool {
        !self.places.is_empty()
            && own
                .char_indices()
                .skip(SHORTEST_KNOWN)
                .take(LONGEST_KNOWN + 1 - SHORTEST_KNOWN)
                .any(|(at, _)| self.places.contains(between(own, 0, at)))
    }

    /// Gives names without an ending that of the next name with one in their group.
    fn endings(&mut self, mentions: &[Mention], names: &mut [Pieces<'t>]) {
        // The nearest name behind that has an ending.
        let (mut ended, mut group) = (None, None);
        for (mention, pieces) in mentions.iter().zip(names.iter_mut()).rev() {
            if group != Some(mention.group) {
                ended = None;
            }
            group = Some(mention.group);
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
        self.shapes.insert(own.into(), shape);
        shape
    }
}

fn shape(own: &str) -> Shape {
    let bare = name::without_bracket(own);
    let ending = name::ending(bare);
    let collective = name::is_collective(own);
    let spoken = if collective { 0 } else { spoken(bare) };
    let committee = spoken > 0 && between(bare, spoken, bare.len()).starts_with(lexicon::COMMITTEE);
    let national = starts_with_any(own, &lexicon::NATIONAL).is_some();
    let takes =
        ending == Some(true) && !national && !holds_level(bare) && !is_of_township(bare) && !is_of_institution(bare);
    Shape { spoken, committee, takes, collective, ended: ending.is_some() }
}

/// Whether the name is that of a township or a street, which has a jurisdiction of its own.
fn is_of_township(name: &str) -> bool {
    let street = name.find(lexicon::STREET).is_some_and(|at| at > 0);
    let town = |place: &str| has_length(place, 2) && place.ends_with(|c| lexicon::LEVELS.contains(simplified(c)));
    street || before_any(name, &lexicon::SHARED_GOVERNMENT).is_some_and(town)
}

/// Whether the name is that of a part of a company, a bank, a university.
fn is_of_institution(name: &str) -> bool {
    lexicon::INSTITUTIONS.iter().any(|word| name.find(word).is_some_and(|at| at > 0))
}

/// Whether the second character is a level and "committee" follows: the Youth League has its level there.
fn holds_level(name: &str) -> bool {
    let mut chars = name.chars().skip(1).map(simplified);
    chars.next().is_some_and(|c| lexicon::LEVELS.contains(c)) && chars.next() == Some(lexicon::COMMITTEE)
}

/// A jurisdiction has its level among so many characters. In thirteen notices a place has at most eight before it.
const LONGEST_SPOKEN: usize = 14;

/// The bytes of the jurisdiction with which a name begins: a level, or a place with its level.
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
        let rest = between(name, end, name.len());
        if (count == 0 || lexicon::AREAS.contains(level))
            && lexicon::LEVELS.contains(level)
            && speaks(count, before, level, rest)
        {
            return end;
        }
        if let Some(rest) = after_any(between(name, at, name.len()), &lexicon::LONG_LEVELS) {
            let end = name.len() - rest.len();
            let governs = starts_with_any(rest, &lexicon::SHARED_GOVERNMENT).is_some();
            return if governs || name::ending(rest) == Some(true) { end } else { 0 };
        }
        before = level;
    }
    0
}

/// Whether a level behind `count` characters is that of a jurisdiction.
fn speaks(count: usize, before: char, level: char, rest: &str) -> bool {
    if lexicon::is_other_word(level, rest) || !has_length(rest, 2) {
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

/// Whether a name without a jurisdiction among names that all have one may begin with a place: that of a bureau, with at
/// least five characters.
fn may_have_place(own: &str) -> bool {
    own.ends_with(lexicon::BUREAU) && has_length(own, 5)
}

/// The end of a name that the names before it can take: "city government" behind a place; a noun for departments.
#[derive(Clone, Copy, Debug)]
struct Ending<'t> {
    words: &'t str,
    /// The area with which it begins. A name that ends with an area has it already.
    area: &'t str,
    /// The number of characters of a name that takes it. Only for endings without an area, where nothing else tells.
    head: Option<usize>,
}

/// The characters of places that a text makes known, without their level.
const SHORTEST_KNOWN: usize = 2;
const LONGEST_KNOWN: usize = 4;
/// The longest names, in bytes, that take an ending: places of four characters, areas of twelve.
const LONGEST_PLACE: usize = 12;
const LONGEST_AREA: usize = 36;
/// The most characters before an ending without an area.
const LONGEST_HEAD: usize = 3;
/// An area begins behind two to seven characters.
const AREAS_FROM: usize = 2;
const AREAS_TRIED: usize = 6;

impl<'t> Ending<'t> {
    fn of(own: &'t str, shape: Shape) -> Option<Ending<'t>> {
        let from = |start: usize, area: usize| {
            let (words, area) = (between(own, start, own.len()), between(own, start, start + area));
            Some(Ending { words, area, head: None })
        };
        if let Some(start) = ends_with(own, lexicon::DEPARTMENT) {
            return from(start, 0);
        }
        let level = between(own, 0, shape.spoken).chars().next_back().map_or(0, char::len_utf8);
        if shape.spoken > level {
            return from(shape.spoken - level, level);
        }
        if shape.spoken > 0 || shape.takes {
            return None;
        }
        if let Some((start, area)) = Ending::area_in(own) {
            return from(start, area);
        }
        let (head, words) = own.split_at(own.len() - name::ending_word(own)?.len());
        let head = head.chars().count();
        (2..=LONGEST_HEAD).contains(&head).then_some(Ending { words, area: "", head: Some(head) })
    }

    /// The start and length of an area behind a place and straight before the ending of a body.
    fn area_in(own: &str) -> Option<(usize, usize)> {
        let ending = own.len() - name::ending_word(own)?.len();
        let mut starts = own.char_indices().skip(AREAS_FROM).take(AREAS_TRIED).take_while(|(at, _)| *at < ending);
        starts.find_map(|(at, c)| {
            let noun = starts_with_any(between(own, at, own.len()), &lexicon::AREA_NOUNS);
            let level = lexicon::AREAS.contains(simplified(c)).then_some(c.len_utf8());
            [noun, level].into_iter().flatten().find(|area| at + area == ending).map(|area| (at, area))
        })
    }

    /// The words that a name without an ending takes of it.
    fn behind(self, own: &str) -> Option<&'t str> {
        if self.head.is_some() {
            return (self.head == Some(own.chars().count())).then_some(self.words);
        }
        let area = if self.area.is_empty() { None } else { ends_with(own, self.area) };
        let level = own.chars().next_back().filter(|c| self.area.chars().count() == 1 && is_level_of(own, *c));
        match area.is_some() && own.len() > self.area.len() || level.is_some() {
            true if own.len() <= LONGEST_AREA => self.words.strip_prefix(self.area),
            false if own.len() <= LONGEST_PLACE => Some(self.words),
            _ => None,
        }
    }
}

/// Whether the last character of a name is the level of the place before it.
fn is_level_of(own: &str, last: char) -> bool {
    let level = simplified(last);
    let fewest = if lexicon::SHORT_PLACES.contains(level) { 1 } else { 2 };
    lexicon::AREAS.contains(level) && has_length(own, fewest + 1)
}

/// The place with which a text begins, without its level: two to four characters.
pub(super) fn place_at_start(text: &str) -> Option<&str> {
    for (count, (at, c)) in text.char_indices().take(LONGEST_KNOWN + 1).enumerate() {
        if !lexicon::is_word(c) {
            return None;
        }
        if count >= SHORTEST_KNOWN && lexicon::is_place_level(c) {
            let (place, rest) = text.split_at(at);
            let other = lexicon::is_other_word(simplified(c), rest.strip_prefix(c)?);
            return (!other).then_some(place);
        }
    }
    None
}
