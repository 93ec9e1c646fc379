//! Splits a part of a clause, which has no commas, into its units: at "and", "others", slashes, spaces.
//!
//! Input: a part without role words. Output: units as written, each with the part that a star or a bracket at it gives,
//! and the first piece that can't be a name. "And" separates only if names are on both sides, since names contain it as
//! well; levels behind "each" are put together again ("each district, county (city) government").
//! Cost: one pass; at each separator the names on both sides are looked at.

use super::lexicon::{self, Part, Words, is_space, simplified};
use super::name;
use super::text::{
    Span, after_any, before_any, between, contains_any, ends_with_any, has_length, starts_with, starts_with_any,
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

/// Splits `span` and adds its members to `mentions`. Returns the first piece that can't be a name.
pub(super) fn split(text: &str, span: Span, group: u32, commas: u32, mentions: &mut Vec<Mention>) -> Option<Span> {
    let mut splitter = Splitter { text, group, commas, mentions, ignored: None };
    splitter.run(span);
    splitter.ignored
}

struct Splitter<'a> {
    text: &'a str,
    group: u32,
    commas: u32,
    mentions: &'a mut Vec<Mention>,
    ignored: Option<Span>,
}

impl Splitter<'_> {
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
            }
        }
        self.push(Span::new(span.start + start, span.end));
    }

    fn push(&mut self, span: Span) {
        let starred = star_around(self.text, span);
        let (span, marked) = without_remark(self.text, without_lead_in(self.text, span.trim_edges(self.text)));
        let name = span.of(self.text);
        if name.is_empty() {
            return;
        }
        if let Some(last) = self.mentions.last_mut().filter(|last| last.group == self.group)
            && continues(self.text, last, span)
        {
            last.span.end = span.end;
            let name = last.span.of(self.text);
            (last.open, last.whole) = (is_open(name), name::is_whole(name));
            return;
        }
        if name::is_generic(name) {
            return;
        }
        if !name::can_be(name) {
            self.ignored.get_or_insert(span);
            return;
        }
        let marked = if starred { Some(Part::Lead) } else { marked };
        let (group, commas) = (self.group, self.commas);
        let (open, whole) = (is_open(name), name::is_whole(name));
        self.mentions.push(Mention { span, part: Part::Unmarked, marked, group, commas, open, whole });
    }
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
    starts_with_any(name, &lexicon::THINGS) == Some(name.len())
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

/// Whether a star is among the marks at either end.
fn star_around(text: &str, span: Span) -> bool {
    let piece = span.of(text);
    let edge = |c: &char| lexicon::is_edge(*c);
    piece.chars().take_while(edge).any(lexicon::is_star) || piece.chars().rev().take_while(edge).any(lexicon::is_star)
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
    let whole = |words: &Words| starts_with_any(inside, words) == Some(inside.len()) && !inside.is_empty();
    if whole(&lexicon::LEAD_REMARKS) {
        (shorter, Some(Part::Lead))
    } else if whole(&lexicon::SUPPORT_REMARKS) {
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
    rest.len() < name.len() && starts_with_any(rest, &lexicon::FULL_GOVERNMENT) == Some(rest.len())
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
    starts_with_any(name, &lexicon::SHARED_GOVERNMENT) == Some(name.len())
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
        return starts_with(piece, lexicon::EVERY_YEAR).is_some();
    }
    ends_with_any(piece, &lexicon::TIME_WORDS).is_some() && !contains_any(piece, &lexicon::NOT_IN_NAME_WORDS)
}
