//! Sentences that ask for a report every year: 每年11月底前…向省政府报告，同时抄送… "every year before the end of November … report
//! to the provincial government, with a copy to …".
//!
//! Input: the text. Output: for each such sentence its day, its recipients, and who reports, as pieces of the text.
//! Cost: a look at each sentence that has the words for "every year".

use super::deadline::{Deadline, Letters, Said};
use super::lexicon::{self, days, is_edge, is_space};
use super::name;
use super::text::{Span, between, boundary, find, starts_with, starts_with_any};

/// A sentence, and the one before it, are read for so many bytes (200 Chinese characters) before and after the words.
const LONGEST: usize = 600;

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
    let (before, rest) = text.split_at_checked(at)?;
    let (rest, _) = rest.split_at(boundary(rest, LONGEST));
    let end = at + rest.find(|c| lexicon::is_full_stop(c) || lexicon::is_break(c)).map_or(rest.len(), |end| end);
    let start = sentence_start(before);
    let (_, after) = text.get(at..end)?.split_at_checked(days::EVERY_YEAR.len())?;
    // "Every year in November" may have a word between.
    let number = after.find(|c| lexicon::digit(c).is_some()).filter(|number| *number <= 2 * '\u{7684}'.len_utf8())?;
    let (_, day) = after.split_at_checked(number)?;
    let Said::Deadline(Deadline::InYear(month, day_of_month)) = Letters::new(day).day() else { return None };
    let from = end - day.len();
    let reporting = day
        .char_indices()
        .find(|(at, _)| day.get(*at..).is_some_and(|rest| starts_with_any(rest, &days::REPORTING).is_some()));
    let (reporting, _) = reporting?;
    let (to, copies) = recipients(text, from, reporting, end);
    let subjects = subjects(text, start, at);
    Some(Yearly { span: Span::new(start, end), month, day: day_of_month, to, copies, subjects })
}

/// The start of the sentence that goes on at the end of a text, at most [`LONGEST`] bytes before it.
fn sentence_start(before: &str) -> usize {
    let from = boundary(before, before.len().saturating_sub(LONGEST));
    let stop = before.char_indices().rev().take_while(|(at, _)| *at >= from);
    let stop = stop.into_iter().find(|(_, c)| lexicon::is_full_stop(*c) || lexicon::is_break(*c));
    stop.map_or(from, |(at, c)| at + c.len_utf8())
}

/// To whom a report goes, and who gets a copy. `day` begins at `from`, and the word for reporting is at `at` in it.
fn recipients(text: &str, from: usize, at: usize, end: usize) -> (Option<Span>, Vec<Span>) {
    let place = from + at;
    let before = between(text, from, place);
    let to = match before.rfind(days::TOWARDS) {
        Some(towards) => Some(Span::new(from + towards + days::TOWARDS.len_utf8(), place)),
        // The recipient follows the word for sending.
        None => {
            let word = starts_with_any(between(text, place, end), &days::REPORTING).map_or(0, |word| word);
            let rest = between(text, place + word, end);
            let length = rest.find(|c| is_edge(c) && !is_space(c)).map_or(rest.len(), |length| length);
            Some(Span::new(place + word, place + word + length))
        }
    };
    let copies = find(between(text, place, end), days::COPY_TO)
        .map_or_else(Vec::new, |copy| pieces(text, Span::new(place + copy.end, end)));
    (to.map(|to| to.trim_edges(text)).filter(|to| !to.is_empty()), copies)
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
    let sentence = between(text, start, at);
    let duty = sentence
        .char_indices()
        .find(|(at, _)| sentence.get(*at..).is_some_and(|rest| starts_with_any(rest, &days::MUST).is_some()));
    let end = duty.map_or(sentence.len(), |(at, _)| at);
    pieces(text, Span::new(start, start + end))
}

/// The pieces of a list.
fn pieces(text: &str, span: Span) -> Vec<Span> {
    let list = span.of(text);
    let (mut pieces, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some(c) = list.get(at..).and_then(|rest| rest.chars().next()) {
        let joiner = list.get(at..).and_then(joiner);
        // "And" may be part of a name: it joins only behind a name that has its ending.
        let joins = lexicon::joins(c) || name::ending(between(list, from, at)).is_some();
        match joiner.filter(|_| joins) {
            Some(length) => {
                pieces.push(Span::new(span.start + from, span.start + at));
                at += length;
                from = at;
            }
            None => at += c.len_utf8(),
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
    lexicon::JOINERS.starting_with(first).find_map(|word| starts_with(text, word))
}
