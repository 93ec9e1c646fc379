//! Sentences that ask for a report every year: 每年11月底前…向省政府报告，同时抄送… "every year before the end of November … report
//! to the provincial government, with a copy to …".
//!
//! Input: the text. Output: for each such sentence its day, its recipients, and who reports, as pieces of the text.
//! Cost: a look at each sentence that has the words for "every year".

use crate::text::{between, boundary};

use super::deadline::{Deadline, Letters, Said};
use super::lexicon::{self, days, is_edge, is_space, simplified};
use super::name;
use super::text::{Span, find, places_of, starts_with, starts_with_any};

/// A sentence, and the one before it, are read for so many bytes (200 Chinese characters) before and after the words.
const LONGEST: usize = 600;
/// Between "every year" and the month are no more bytes: two Chinese characters, as in "every year in November".
const BEFORE_MONTH: usize = 6;

/// A sentence as the notice stores it.
#[derive(Clone, Debug)]
pub(super) struct Yearly {
    pub(super) span: Span,
    pub(super) month: i8,
    pub(super) day: i8,
    pub(super) to: Option<Span>,
    pub(super) copies: Vec<Span>,
    pub(super) subjects: Vec<Span>,
}

/// Finds all sentences.
pub(super) fn find_all(text: &str) -> Vec<Yearly> {
    let mut all: Vec<Yearly> = Vec::new();
    for (at, _) in text.match_indices(days::EVERY_YEAR) {
        if all.last().is_none_or(|last| last.span.end <= at) {
            all.extend(sentence(text, at));
        }
    }
    all
}

/// The sentence in which "every year" is at a place, if it asks for a report.
fn sentence(text: &str, at: usize) -> Option<Yearly> {
    let rest = between(text, at, boundary(text, at + LONGEST));
    let end = at + rest.find(|c| lexicon::is_full_stop(c) || lexicon::is_break(c)).unwrap_or(rest.len());
    let start = sentence_start(between(text, 0, at));
    let after = between(text, at + days::EVERY_YEAR.len(), end);
    let number = after.find(|c| lexicon::digit(c).is_some()).filter(|number| *number <= BEFORE_MONTH)?;
    let day = Span::new(end - (after.len() - number), end);
    let Said::Deadline(Deadline::InYear(month, day_of_month)) = Letters::new(day.of(text)).day() else { return None };
    let reporting = places_of(day.of(text), &days::REPORTING).next()?;
    let reporting = Span::new(day.start + reporting.start, day.start + reporting.end);
    let (to, copies) = recipients(text, day, reporting);
    let subjects = subjects(text, start, at);
    Some(Yearly { span: Span::new(start, end), month, day: day_of_month, to, copies, subjects })
}

/// The start of the sentence that goes on at the end of a text, at most [`LONGEST`] bytes before it.
fn sentence_start(before: &str) -> usize {
    let from = boundary(before, before.len().saturating_sub(LONGEST));
    let mut near = before.char_indices().rev().take_while(|(at, _)| *at >= from);
    let stop = near.find(|(_, c)| lexicon::is_full_stop(*c) || lexicon::is_break(*c));
    stop.map_or(from, |(at, c)| at + c.len_utf8())
}

/// To whom a report goes, and who gets a copy. `sentence` is the rest of it from the day on, `reporting` the place of the
/// word for reporting.
fn recipients(text: &str, sentence: Span, reporting: Span) -> (Option<Span>, Vec<Span>) {
    let to = match between(text, sentence.start, reporting.start).rfind(days::TOWARDS) {
        Some(at) => Span::new(sentence.start + at + days::TOWARDS.len_utf8(), reporting.start),
        // The recipient follows the word for reporting.
        None => {
            let rest = between(text, reporting.end, sentence.end);
            let length = rest.find(|c| is_edge(c) && !is_space(c)).unwrap_or(rest.len());
            Span::new(reporting.end, reporting.end + length)
        }
    };
    let copies = find(between(text, reporting.start, sentence.end), days::COPY_TO)
        .map_or_else(Vec::new, |copy| pieces(text, Span::new(reporting.start + copy.end, sentence.end)));
    (Some(to.trim_edges(text)).filter(|to| !to.is_empty()), copies)
}

/// The subject of a sentence before its duty; where it only goes on, that of the sentence before.
fn subjects(text: &str, start: usize, at: usize) -> Vec<Span> {
    let own = between(text, start, at);
    let trimmed = own.trim_start_matches(is_edge);
    let goes_on = trimmed.is_empty()
        || starts_with_any(trimmed, &days::GOES_ON).is_some()
        || starts_with_any(trimmed, &days::MUST).is_some();
    let (start, at) = if goes_on {
        let before = between(text, 0, start);
        let before = before.trim_end_matches(is_edge);
        (sentence_start(before), before.len())
    } else {
        (start, at)
    };
    let duty = places_of(between(text, start, at), &days::MUST).next();
    pieces(text, Span::new(start, duty.map_or(at, |duty| start + duty.start)))
}

/// The pieces of a list.
fn pieces(text: &str, span: Span) -> Vec<Span> {
    let list = span.of(text);
    let (mut pieces, mut from) = (Vec::new(), 0);
    for (at, c) in list.char_indices() {
        if at < from {
            continue;
        }
        let Some(length) = joiner(between(list, at, list.len())) else { continue };
        // "And" may be part of a name: it joins only behind a name that has its ending.
        if lexicon::joins(c) || name::ending(between(list, from, at)).is_some() {
            pieces.push(Span::new(span.start + from, span.start + at));
            from = at + length;
        }
    }
    pieces.push(Span::new(span.start + from, span.end));
    pieces.into_iter().map(|piece| piece.trim_edges(text)).filter(|piece| !piece.is_empty()).collect()
}

/// The length of the separator with which a text begins.
fn joiner(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if lexicon::joins(first) {
        return Some(first.len_utf8());
    }
    lexicon::JOINERS.starting_with(simplified(first)).find_map(|word| starts_with(text, word))
}
