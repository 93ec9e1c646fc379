//! Finds the title of a document.
//!
//! Input: a text. Output: the place of its first line with words, if that line is a title: short, not numbered, without
//! cells and stops, and ending with a noun for documents such as "plan" or "opinions"; a bracket may follow. A line that
//! names a unit with its duty, or has a label, is none: it may be a clause that was not read.
//! Cost: one pass over the empty lines before it, and over at most 300 bytes of the line.

use super::heading::marker_at;
use super::label;
use super::lexicon::{self, is_space};
use super::name;
use super::text::{Span, between, ends_with_any, places_of, starts_with};

/// The longest title, in bytes: 100 Chinese characters.
const LONGEST: usize = 300;
/// The most brackets behind the words of a title: "(trial) of 2021".
const MOST_BRACKETS: usize = 2;

/// The title with which a text begins.
pub(super) fn of_document(text: &str) -> Option<Span> {
    let start = text.len() - text.trim_start_matches(is_space).len();
    let rest = between(text, start, text.len());
    let line = Span::new(start, start + rest.find(lexicon::is_break).unwrap_or(rest.len())).trim_edges(text);
    let short = line.end - line.start <= LONGEST;
    (short && marker_at(text, line.start).is_none() && is_title(line.of(text))).then_some(line)
}

fn is_title(line: &str) -> bool {
    let divided = line.contains(|c| c == '\t' || lexicon::is_bar(c) || lexicon::is_full_stop(c));
    !divided && ends_with_any(words(line), &lexicon::DOCUMENTS).is_some() && !has_label(line) && !has_duty(line)
}

/// The words of a title without the brackets and the marks of quotation behind them.
fn words(line: &str) -> &str {
    let mut words = trim_end(line);
    for _ in 0..MOST_BRACKETS {
        let Some(inner) = words.strip_suffix(lexicon::closes) else { break };
        words = inner.rsplit_once(lexicon::opens).map_or(inner, |(before, _)| trim_end(before));
    }
    words
}

fn trim_end(words: &str) -> &str {
    words.trim_end_matches(|c| lexicon::is_edge(c) || lexicon::closes_book(c))
}

fn has_label(line: &str) -> bool {
    line.match_indices(lexicon::is_colon).any(|(colon, _)| label::before(line, colon, 0).is_some())
}

/// Whether a body or an area is straight before a verb such as "leads".
fn has_duty(line: &str) -> bool {
    let mut verbs = places_of(line, &lexicon::RESPONSIBILITY)
        .filter(|word| starts_with(word.of(line), lexicon::RESPONSIBILITY_NOUN).is_none());
    verbs.any(|verb| {
        let before = between(line, 0, verb.start).trim_end_matches(|c| is_space(c) || lexicon::opens(c));
        let name = before.rsplit_once(lexicon::is_edge).map_or(before, |(_, name)| name);
        name::ending(name).is_some() || name::is_area(name)
    })
}
