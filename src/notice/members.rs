//! Splits a part of a clause, which has no commas, into its units: at "and", "others", slashes, spaces.
//!
//! Input: a part without role words. Output: units as written, each with the part that a star or a bracket at it gives,
//! the pieces that can't be names, and persons. "And" separates only if names are on both sides, since names contain it as
//! well; levels behind "each" are put together again ("each district, county (city) government").
//! Cost: one pass; at each separator the names on both sides are looked at.

use crate::text::between;

use super::lexicon::{self, Part, is_space, simplified};
use super::name;
use super::text::{
    Span, after_any, before_any, contains_any, ends_with_any, has_length, is_any, starts_with, starts_with_any,
};

/// The most bytes of levels that share an ending: 20 Chinese characters.
const LONGEST_LEVELS: usize = 60;

/// A unit as a clause names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mention {
    pub(super) span: Span,
    pub(super) part: Part,
    /// The part that a star or a bracket of its own gives it.
    pub(super) marked: Option<Part>,
    /// Units of one group share words that are spoken once.
    pub(super) group: u32,
    /// The commas between its label and it.
    pub(super) commas: u32,
    /// Whether it is "each" and levels without an ending, so that the next unit may be the rest of it.
    pub(super) open: bool,
    /// Whether it is a body or an area by itself.
    pub(super) whole: bool,
}

impl Mention {
    /// The part that decides: one of its own before that of its label or role words.
    pub(super) fn own_part(&self) -> Part {
        self.marked.unwrap_or(self.part)
    }
}

/// The meaning of a bracket behind a name, besides a part of it, a role and a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Listed {
    #[default]
    Units,
    /// Units and persons: each unit may be followed by its person.
    WithPersons,
    /// Main units, and assisting ones in brackets.
    WithAssisting,
}

impl Listed {
    /// The kind of the lists behind a label.
    pub(super) fn behind(label: &str) -> Listed {
        if contains_any(label, &lexicon::PERSONS) {
            Listed::WithPersons
        } else if label.strip_prefix(lexicon::MAIN).is_some_and(|rest| rest.starts_with(lexicon::opens)) {
            Listed::WithAssisting
        } else {
            Listed::Units
        }
    }
}

/// The place of a part in its clause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) group: u32,
    pub(super) commas: u32,
    pub(super) listed: Listed,
}

/// The pieces of a clause that name no unit.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    /// Pieces that can't be names, each with the label before it that is not known.
    pub(super) ignored: Vec<Span>,
    /// Persons, by name or title.
    pub(super) persons: Vec<Span>,
}

impl Leftover {
    pub(super) fn is_empty(&self) -> bool {
        self.ignored.is_empty() && self.persons.is_empty()
    }
}

/// Splits `span` and adds its members to `mentions`, the rest to `leftover`.
pub(super) fn split(text: &str, span: Span, place: Place, mentions: &mut Vec<Mention>, leftover: &mut Leftover) {
    let mut splitter = Splitter { text, place, mentions, leftover, others: false };
    let span = span.trim(text);
    match assisting(text, span) {
        Some(inside) => splitter.assisting(inside),
        None => splitter.run(span),
    }
}

struct Splitter<'a> {
    text: &'a str,
    place: Place,
    mentions: &'a mut Vec<Mention>,
    leftover: &'a mut Leftover,
    /// Whether "and others" is before the name: then a general noun says what they are.
    others: bool,
}

impl Splitter<'_> {
    /// Adds the units of a bracket of their own, which support those before it.
    fn assisting(&mut self, inside: Span) {
        let first = self.mentions.len();
        for piece in pieces(self.text, inside) {
            self.run(piece);
        }
        self.mentions.iter_mut().skip(first).for_each(|mention| mention.marked = Some(Part::Support));
    }

    fn run(&mut self, span: Span) {
        let piece = span.of(self.text);
        let (mut start, mut depth) = (0, 0_usize);
        for (at, c) in piece.char_indices() {
            if lexicon::opens(c) {
                depth += 1;
            } else if lexicon::closes(c) {
                depth = depth.saturating_sub(1);
            }
            if depth > 0 || at <= start {
                continue;
            }
            let (left, rest) = (between(piece, start, at), between(piece, at, piece.len()));
            if let Some(len) = separator(left, rest, c) {
                self.push(Span::new(span.start + start, span.start + at));
                start = at + len;
                self.others = simplified(c) == lexicon::AND_OTHERS;
            }
        }
        self.push(Span::new(span.start + start, span.end));
    }

    fn push(&mut self, span: Span) {
        let others = std::mem::take(&mut self.others);
        let starred = star_around(self.text, span);
        let named = without_lead_in(self.text, span.trim_edges(self.text));
        if self.place.listed == Listed::WithAssisting
            && let Some(behind) = assisting_behind(self.text, named)
        {
            self.push(Span::new(named.start, behind.start));
            self.assisting(behind);
            return;
        }
        let (span, marked) = without_remark(self.text, self.without_person(named));
        let name = span.of(self.text);
        if name.is_empty() || is_of_list(name) {
            return;
        }
        if name::is_title(name) || self.place.listed == Listed::WithPersons && is_person(name) {
            self.leftover.persons.push(span);
            return;
        }
        if let Some(last) = self.mentions.last_mut().filter(|last| last.group == self.place.group)
            && continues(self.text, last, span)
        {
            last.span.end = span.end;
            let name = last.span.of(self.text);
            (last.open, last.whole) = (is_open(name), name::is_whole(name));
            return;
        }
        if name::is_generic(name) && (others || !name::may_answer(name)) {
            return;
        }
        let nobody = is_any(name, &lexicon::NOBODY);
        if nobody || name.chars().all(|c| lexicon::opens(c) || lexicon::closes(c)) {
            return;
        }
        let number = name.chars().all(|c| lexicon::digit(c).is_some() || lexicon::is_edge(c));
        if number || !name::can_be(name) || starts_with_any(name, &lexicon::SAME_AS).is_some() {
            self.leftover.ignored.push(span);
            return;
        }
        let marked = if starred { Some(Part::Lead) } else { marked };
        let Place { group, commas, .. } = self.place;
        let (open, whole) = (is_open(name), name::is_whole(name));
        self.mentions.push(Mention { span, part: Part::Unmarked, marked, group, commas, open, whole });
    }
}

impl Splitter<'_> {
    /// The name without the person behind it, in a bracket or, where the label is one for persons too, without one.
    fn without_person(&mut self, span: Span) -> Span {
        let piece = span.of(self.text);
        let bare = name::without_bracket(piece);
        let bracketed = !bare.is_empty() && bare.len() < piece.len() && {
            let behind = Span::new(span.start + bare.len(), span.end);
            pieces(self.text, behind).all(|piece| is_person(piece.of(self.text)))
        };
        let start = match bracketed {
            true => Some(bare.len()),
            false if self.place.listed == Listed::WithPersons => person_behind(piece),
            false => None,
        };
        let Some(start) = start else { return span };
        let person = Span::new(span.start + start, span.end);
        self.leftover.persons.push(person.trim_edges(self.text));
        Span::new(span.start, person.start).trim_edges(self.text)
    }
}

/// Whether a piece is a person by title or by name.
fn is_person(piece: &str) -> bool {
    let behind_title = || after_any(piece, &lexicon::PERSON_TITLES).is_some_and(name::is_of_person);
    name::is_title(piece) || name::is_of_person(piece) || behind_title()
}

/// The end of the body straight before the name of a person and a title, if there is one.
fn person_behind(piece: &str) -> Option<usize> {
    let mut starts = piece.char_indices().rev().skip(1).take(2).map(|(at, _)| at);
    starts.find_map(|at| {
        let (body, person) = piece.split_at(at);
        let body = without_title(body);
        (name::is_of_person(person) && name::is_body(body)).then_some(body.len())
    })
}

/// The name of a body without the title of a person behind it.
fn without_title(body: &str) -> &str {
    let body = body.trim_end_matches(lexicon::is_edge);
    before_any(body, &lexicon::PERSON_TITLES).unwrap_or(body)
}

/// The number of an item of a list: "1" before a mark.
fn is_of_list(name: &str) -> bool {
    !has_length(name, 3) && name.chars().all(|c| lexicon::digit(c).is_some())
}

/// The pieces of a list in a bracket, without their marks.
fn pieces(text: &str, span: Span) -> impl Iterator<Item = Span> {
    let separates = |c: char| lexicon::joins(c) || lexicon::is_slash(c);
    let bracket = |c: char| lexicon::opens(c) || lexicon::closes(c) || lexicon::is_edge(c);
    let list = span.of(text);
    let inside = list.trim_start_matches(bracket);
    let offset = span.end - inside.len();
    let marks = inside.match_indices(separates).map(|(at, mark)| (at, at + mark.len()));
    let mut start = 0;
    marks.chain([(inside.len(), inside.len())]).map(move |(end, next)| {
        let piece = between(inside, start, end).trim_end_matches(bracket);
        let piece = Span::new(offset + start, offset + start + piece.len());
        start = next;
        piece
    })
}

/// The inside of a bracket around a whole part, if it holds nothing but units.
fn assisting(text: &str, span: Span) -> Option<Span> {
    let piece = span.of(text);
    let whole = piece.starts_with(lexicon::opens) && name::without_bracket(piece).is_empty();
    (whole && pieces(text, span).all(|unit| name::is_whole(unit.of(text)))).then_some(span)
}

/// The bracket behind a name, if it holds nothing but units.
fn assisting_behind(text: &str, span: Span) -> Option<Span> {
    let bare = name::without_bracket(span.of(text));
    let behind = Span::new(span.start + bare.len(), span.end);
    if bare.is_empty() { None } else { assisting(text, behind) }
}

/// Whether a name is the rest of the one before it: "each district" and then "county (city) government" are one name of
/// several levels; "each county's committee" and then "government" are one body.
fn continues(text: &str, last: &Mention, span: Span) -> bool {
    let (before, name) = (last.span.of(text), span.of(text));
    between(text, last.span.end, span.start).chars().all(lexicon::is_edge)
        && span.end - span.start <= LONGEST_LEVELS
        && match name::is_bare_government(name) {
            true => name::is_party_committee(before),
            false if last.open => closes_levels(before, name) || is_government_of_place(name),
            false => is_full_government(name) && is_governed(before),
        }
}

/// The length of the separator of names with which `rest` begins, if it is one. `c` is its first character.
fn separator(left: &str, rest: &str, c: char) -> Option<usize> {
    if lexicon::is_slash(c) {
        return Some(c.len_utf8());
    }
    if is_space(c) {
        let right = rest.trim_start_matches(is_space);
        let next = right.split_once(is_space).map_or(right, |(next, _)| next);
        let whole = name::is_body(left) && has_length(left, 3) && has_length(next, 3);
        return whole.then_some(rest.len() - right.len());
    }
    if simplified(c) == lexicon::AND_OTHERS {
        return others(left, between(rest, c.len_utf8(), rest.len())).map(|more| c.len_utf8() + more);
    }
    let end = starts_with_any(rest, &lexicon::JOINERS)?;
    let right = between(rest, end, rest.len());
    let one = name::is_party_committee(left) && name::is_bare_government(right) || is_thing(left);
    ((name::is_body(left) || name::is_generic(left)) && !one && body_follows(right)).then_some(end)
}

fn is_thing(name: &str) -> bool {
    is_any(name, &lexicon::THINGS)
}

/// The length of the words behind the character of "and others" that belong to it, if the character is no part of a word.
fn others(left: &str, right: &str) -> Option<usize> {
    let bare = name::ending_word(right).is_some_and(|word| word == right && has_length(right, 2));
    if bare && name::is_body(left) {
        return Some(right.len());
    }
    let in_word = left.chars().next_back().is_some_and(|c| lexicon::OTHERS_IN_WORD.contains(c));
    let right = right.trim_matches(is_space);
    let tail = after_any(right, &lexicon::JOINERS).unwrap_or(right);
    let fits = tail.is_empty() || name::is_generic(tail) || name::is_collective(tail) || counted(tail);
    (!in_word && fits).then_some(0)
}

fn counted(tail: &str) -> bool {
    tail.starts_with(|c| lexicon::digit(c).is_some() || lexicon::numeral(c).is_some())
}

/// Whether a body follows "and", up to the end or to "and others".
fn body_follows(right: &str) -> bool {
    name::is_body(right) || right.split_once(lexicon::AND_OTHERS).is_some_and(|(before, _)| name::is_body(before))
}

/// Whether a star is among the marks at either end. Two in a row are the mark of bold type in Markdown.
fn star_around(text: &str, span: Span) -> bool {
    let piece = span.of(text);
    let name = piece.trim_matches(lexicon::is_edge);
    let start = piece.find(name).unwrap_or(0);
    let (before, rest) = piece.split_at(start);
    let starred = |marks: &str| marks.contains(lexicon::is_star) && !marks.contains(lexicon::BOLD);
    starred(before) || starred(between(rest, name.len(), rest.len()))
}

/// The name without "by", "and" and the like before it.
fn without_lead_in(text: &str, span: Span) -> Span {
    let piece = span.of(text);
    let Some(end) = starts_with_any(piece, &lexicon::BEFORE_NAME) else { return span };
    let rest = between(piece, end, piece.len());
    let level = rest.chars().next().is_some_and(|c| lexicon::LEVELS.contains(simplified(c)));
    let whom = piece.starts_with(lexicon::BY_WHOM) || end > ONE_CHARACTER;
    match whom || level || name::is_collective(rest) {
        true => Span::new(span.start + end, span.end).trim_edges(text),
        false => span,
    }
}

/// The name without a bracket that says a role, and the role: "finance bureau (leads)".
fn without_remark(text: &str, span: Span) -> (Span, Option<Part>) {
    let piece = span.of(text);
    let bare = name::without_bracket(piece);
    if bare.len() == piece.len() {
        return (span, None);
    }
    let inside = between(piece, bare.len(), piece.len()).trim_matches(|c| lexicon::opens(c) || lexicon::closes(c));
    let shorter = Span::new(span.start, span.start + bare.len()).trim_edges(text);
    if starts_with_any(inside, &lexicon::SAME_BELOW).or_else(|| starts_with_any(inside, &lexicon::BY)).is_some() {
        return (shorter, None);
    }
    if is_any(inside, &lexicon::LEAD_REMARKS) {
        (shorter, Some(Part::Lead))
    } else if is_any(inside, &lexicon::SUPPORT_REMARKS) {
        (shorter, Some(Part::Support))
    } else {
        (span, None)
    }
}

/// Whether a name is "each" and levels without an ending.
fn is_open(name: &str) -> bool {
    let Some((_, levels)) = name.rsplit_once(lexicon::EACH) else { return false };
    !levels.is_empty() && after_levels(levels).is_empty()
}

/// Whether a name can be the rest of one that is whole by itself: a government without a name.
pub(super) fn may_continue(name: &str) -> bool {
    name::is_bare_government(name) || is_full_government(name)
}

/// Whether a name is "each", levels and a government.
fn is_governed(name: &str) -> bool {
    let Some((_, levels)) = name.rsplit_once(lexicon::EACH) else { return false };
    let rest = after_levels(levels);
    rest.len() < levels.len() && is_government(rest)
}

/// Whether a name is levels and a government, which is nobody's without "each" before it: "each league's administration,
/// city's government".
fn is_full_government(name: &str) -> bool {
    let rest = after_levels(name);
    rest.len() < name.len() && is_any(rest, &lexicon::FULL_GOVERNMENT)
}

/// Whether a name is levels with or without an ending. Behind "each county" the ending can be that of any body, but the
/// level no higher one.
fn closes_levels(before: &str, name: &str) -> bool {
    let rest = after_levels(name);
    if rest.len() == name.len() {
        return false;
    }
    let own = after_any(rest, &lexicon::JOINERS);
    is_government(rest)
        || rest.is_empty()
        || own.is_some_and(|place| is_government_of_place(place) || name::is_area(place))
        || name::ending(rest).is_some()
            && lexicon::rank(name.chars().next()) >= lexicon::rank(before.chars().next_back())
}

fn is_government(name: &str) -> bool {
    is_any(name, &lexicon::SHARED_GOVERNMENT)
}

/// Whether a name is that of a government of one place: "Shennongjia forest district's government".
fn is_government_of_place(name: &str) -> bool {
    let Some(place) = before_any(name, &lexicon::SHARED_GOVERNMENT) else { return false };
    let level = place.chars().next_back().is_some_and(|c| lexicon::AREAS.contains(simplified(c)));
    level && has_length(place, 3) && !name::is_collective(place)
}

/// The text behind the words for levels, and behind brackets with more of them.
fn after_levels(name: &str) -> &str {
    let mut rest = name;
    loop {
        let edge = |c: char| lexicon::opens(c) || lexicon::closes(c) || lexicon::is_edge(c);
        let trimmed = rest.trim_start_matches(edge);
        let level = starts_with_any(trimmed, &lexicon::LEVEL_WORDS).map(|end| trimmed.split_at(end));
        match level {
            Some((word, after)) if word.len() > ONE_CHARACTER || !begins_word(word, after) => rest = after,
            _ => return trimmed,
        }
    }
}

/// The bytes of a word of one character.
const ONE_CHARACTER: usize = 3;

/// Whether a level of one character begins another word: "market".
fn begins_word(level: &str, after: &str) -> bool {
    let level = level.chars().next().map_or(' ', simplified);
    lexicon::is_other_word(level, after) && starts_with_any(after, &lexicon::LEVEL_WORDS).is_none()
}

/// A date has a year, month or day among so many characters.
const DATE: usize = 12;

/// Whether a part of a clause is a time: "before the end of June 2021", "in the long run".
pub(super) fn is_time(piece: &str) -> bool {
    let numbered = piece.starts_with(|c| lexicon::digit(c).is_some());
    if numbered && piece.chars().take(DATE).any(|c| lexicon::TIME_UNITS.contains(c)) {
        return true;
    }
    if !piece.ends_with(|c| lexicon::TIME_WORDS.end_with(simplified(c))) {
        return starts_with(piece, lexicon::days::EVERY_YEAR).is_some();
    }
    ends_with_any(piece, &lexicon::TIME_WORDS).is_some() && !contains_any(piece, &lexicon::NOT_IN_NAME_WORDS)
}
