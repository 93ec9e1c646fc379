//! Splits a list of units into its members, where commas and the like have been taken care of: "and", "others",
//! spaces, stars, brackets. Knows names as they are written; what a shared word adds to them is not its matter.

use super::lexicon::{self, Part, Words, is_space, simplified};
use super::name;
use super::text::{Span, contains_any, ends_with_any, starts_with, starts_with_any};

/// Levels that share an ending take no more bytes than this.
const LONGEST_LEVELS: usize = 60;

/// One unit as it is written in a clause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) span: Span,
    pub(super) part: Part,
    /// The part that a star or a bracket of its own gives it.
    pub(super) marked: Option<Part>,
    /// Units of one group share what is spoken once.
    pub(super) group: u32,
    /// How many commas stand before it behind its label.
    pub(super) commas: u32,
    /// "Each" and levels, without an ending: what comes next may be of it.
    pub(super) open: bool,
    /// Whether it stands as a body or an area by itself.
    pub(super) stands: bool,
}

/// Splits `span` and adds its members to `items`. Returns the first piece that can't be a name.
pub(super) fn split(text: &str, span: Span, group: u32, commas: u32, items: &mut Vec<Item>) -> Option<Span> {
    let mut splitter = Splitter { text, group, commas, items, ignored: None };
    splitter.run(span);
    splitter.ignored
}

struct Splitter<'a> {
    text: &'a str,
    group: u32,
    commas: u32,
    items: &'a mut Vec<Item>,
    ignored: Option<Span>,
}

impl Splitter<'_> {
    fn run(&mut self, span: Span) {
        let piece = span.of(self.text);
        let (mut start, mut depth, mut done) = (0, 0_usize, 0);
        for (at, c) in piece.char_indices() {
            if lexicon::opens(c) {
                depth += 1;
            } else if lexicon::closes(c) {
                depth = depth.saturating_sub(1);
            }
            if depth > 0 || at < done || at <= start {
                continue;
            }
            let (Some(left), Some(rest)) = (piece.get(start..at), piece.get(at..)) else { continue };
            if let Some(end) = separator(left, rest, c) {
                self.push(Span::new(span.start + start, span.start + at));
                (start, done) = (at + end, at + end);
            }
        }
        self.push(Span::new(span.start + start, span.end));
    }

    fn push(&mut self, span: Span) {
        let starred = star_around(self.text, span);
        let (span, marked) = without_remark(self.text, without_lead_in(self.text, span.trim_edges(self.text)));
        let name = span.of(self.text);
        if !name.is_empty() && self.continues(span) {
            if let Some(last) = self.items.last_mut() {
                last.span.end = span.end;
                last.open = is_open(last.span.of(self.text));
                last.stands = name::stands(last.span.of(self.text));
            }
            return;
        }
        if name.is_empty() || name::is_generic(name) {
            return;
        }
        if !name::can_be(name) {
            self.ignored.get_or_insert(span);
            return;
        }
        let marked = if starred { Some(Part::Lead) } else { marked };
        let (group, commas) = (self.group, self.commas);
        let (open, stands) = (is_open(name), name::stands(name));
        self.items.push(Item { span, part: Part::List, marked, group, commas, open, stands });
    }

    /// "each district" and then "county (city) government": one name of several levels. "Each county's committee" and
    /// then "government": one body.
    fn continues(&self, span: Span) -> bool {
        let Some(last) = self.items.last().filter(|last| last.group == self.group) else { return false };
        let between = self.text.get(last.span.end..span.start).unwrap_or("x");
        let (before, name) = (last.span.of(self.text), span.of(self.text));
        between.chars().all(lexicon::is_edge)
            && name::length_of(span) <= LONGEST_LEVELS
            && match name::is_beside_committee(name) {
                true => name::is_party_committee(before),
                false if last.open => closes_levels(before, name) || is_government_of_place(name),
                false => is_full_government(name) && is_governed(before),
            }
    }
}

/// Whether a separator of names stands here; how long it is.
fn separator(left: &str, rest: &str, c: char) -> Option<usize> {
    if lexicon::is_slash(c) {
        return Some(c.len_utf8());
    }
    if is_space(c) {
        let right = rest.trim_start_matches(is_space);
        let next = right.split(is_space).next().unwrap_or("");
        let whole = name::is_body(left) && left.chars().nth(2).is_some() && next.chars().nth(2).is_some();
        return whole.then_some(rest.len() - right.len());
    }
    if simplified(c) == lexicon::AND_OTHERS {
        return others(left, rest.get(c.len_utf8()..)?).map(|more| c.len_utf8() + more);
    }
    let end = starts_with_any(rest, &lexicon::JOINERS)?;
    let right = rest.get(end..)?;
    let one = name::is_party_committee(left) && name::is_beside_committee(right) || is_thing(left);
    ((name::is_body(left) || name::is_generic(left)) && !one && stands(right)).then_some(end)
}

fn is_thing(name: &str) -> bool {
    starts_with_any(name, &lexicon::THINGS) == Some(name.len())
}

/// Whether "and others" stands between, not a word that has its character: how much behind it is of it.
fn others(left: &str, right: &str) -> Option<usize> {
    let bare = name::ending_word(right).is_some_and(|word| word == right && right.chars().nth(1).is_some());
    if bare && name::is_body(left) {
        return Some(right.len());
    }
    let in_word = left.chars().next_back().is_some_and(|c| lexicon::OTHERS_IN_WORD.contains(c));
    let right = right.trim_matches(is_space);
    let joined = starts_with_any(right, &lexicon::JOINERS).and_then(|end| right.get(end..));
    let tail = joined.unwrap_or(right);
    let fits = tail.is_empty() || name::is_generic(tail) || name::is_collective(tail) || counted(tail);
    (!in_word && fits).then_some(0)
}

fn counted(tail: &str) -> bool {
    tail.starts_with(|c| lexicon::digit(c).is_some() || lexicon::numeral(c).is_some())
}

/// Whether what follows "and" stands by itself: up to the next "and", a body.
fn stands(right: &str) -> bool {
    name::is_body(right) || others_end(right).is_some_and(name::is_body)
}

fn others_end(right: &str) -> Option<&str> {
    right.split_once(lexicon::AND_OTHERS).map(|(before, _)| before)
}

fn star_around(text: &str, span: Span) -> bool {
    let piece = span.of(text);
    let edge = |c: &char| lexicon::is_edge(*c);
    piece.chars().take_while(edge).any(lexicon::is_star) || piece.chars().rev().take_while(edge).any(lexicon::is_star)
}

/// Without "by", "and" and the like before the name.
fn without_lead_in(text: &str, span: Span) -> Span {
    let piece = span.of(text);
    let Some(end) = starts_with_any(piece, &lexicon::BEFORE_NAME) else { return span };
    let rest = piece.get(end..).unwrap_or("");
    let level = rest.chars().next().is_some_and(|c| lexicon::LEVELS.contains(simplified(c)));
    let whom = piece.starts_with(lexicon::BY_WHOM) || end > 3;
    match whom || level || name::is_collective(rest) {
        true => Span::new(span.start + end, span.end).trim_edges(text),
        false => span,
    }
}

/// Without a bracket that says a role, and which: "finance bureau (leads)".
fn without_remark(text: &str, span: Span) -> (Span, Option<Part>) {
    let piece = span.of(text);
    let bare = name::without_bracket(piece);
    if bare.len() == piece.len() {
        return (span, None);
    }
    let inside = piece.get(bare.len()..).unwrap_or("").trim_matches(|c| lexicon::opens(c) || lexicon::closes(c));
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

/// "each" and levels, without an ending.
fn is_open(name: &str) -> bool {
    let Some((_, levels)) = name.rsplit_once(lexicon::EACH) else { return false };
    !levels.is_empty() && after_levels(levels).is_empty()
}

/// Whether a name can belong to one before it that is whole by itself: a government without a name.
pub(super) fn may_continue(name: &str) -> bool {
    name::is_beside_committee(name) || is_full_government(name)
}

/// "Each", levels and a government.
fn is_governed(name: &str) -> bool {
    let levels = name.rsplit_once(lexicon::EACH).map_or("", |(_, levels)| levels);
    let rest = after_levels(levels);
    rest.len() < levels.len() && is_government(rest)
}

/// Levels and a government that is nobody's without "each" before it: "each league's administration, city's government".
fn is_full_government(name: &str) -> bool {
    let rest = after_levels(name);
    rest.len() < name.len() && starts_with_any(rest, &lexicon::FULL_GOVERNMENT) == Some(rest.len())
}

/// Levels with or without an ending. Behind "each county" it can be that of any body, but not of a higher level.
fn closes_levels(before: &str, name: &str) -> bool {
    let rest = after_levels(name);
    if rest.len() == name.len() {
        return false;
    }
    let own = starts_with_any(rest, &lexicon::JOINERS).and_then(|end| rest.get(end..));
    is_government(rest)
        || rest.is_empty()
        || own.is_some_and(|place| is_government_of_place(place) || name::is_area(place))
        || name::ending(rest).is_some()
            && lexicon::rank(name.chars().next()) >= lexicon::rank(before.chars().next_back())
}

fn is_government(name: &str) -> bool {
    starts_with_any(name, &lexicon::SHARED_GOVERNMENT) == Some(name.len())
}

/// "Shennongjia forest district's government".
fn is_government_of_place(name: &str) -> bool {
    let Some(start) = ends_with_any(name, &lexicon::SHARED_GOVERNMENT) else { return false };
    let place = name.get(..start).unwrap_or("");
    let level = place.chars().next_back().is_some_and(|c| lexicon::AREAS.contains(simplified(c)));
    level && place.chars().nth(2).is_some() && !name::is_collective(place)
}

/// What follows the words for levels, and brackets with more of them.
fn after_levels(name: &str) -> &str {
    let mut rest = name;
    loop {
        let edge = |c: char| lexicon::opens(c) || lexicon::closes(c) || lexicon::is_edge(c);
        let trimmed = rest.trim_start_matches(edge);
        let level = starts_with_any(trimmed, &lexicon::LEVEL_WORDS).and_then(|end| trimmed.split_at_checked(end));
        let level = level.filter(|(word, after)| word.len() > 3 || !begins_word(word, after));
        match level {
            Some((_, after)) => rest = after,
            None => return trimmed,
        }
    }
}

/// Whether a level of one character begins another word: "market".
fn begins_word(level: &str, after: &str) -> bool {
    let level = level.chars().next().map_or(' ', simplified);
    lexicon::is_other_word(level, after) && starts_with_any(after, &lexicon::LEVEL_WORDS).is_none()
}

/// Whether a part of a clause is a time: "before the end of June 2021", "in the long run".
pub(super) fn is_time(piece: &str) -> bool {
    let numbered = piece.starts_with(|c| lexicon::digit(c).is_some());
    if numbered && piece.chars().take(12).any(|c| lexicon::TIME_UNITS.contains(c)) {
        return true;
    }
    if !piece.ends_with(|c| lexicon::TIME_WORDS.end_with(simplified(c))) {
        return starts_with(piece, lexicon::EVERY_YEAR).is_some();
    }
    ends_with_any(piece, &lexicon::TIME_WORDS).is_some() && !contains_any(piece, &lexicon::NOT_IN_NAME_WORDS)
}
