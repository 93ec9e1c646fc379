//! Finds the title of a document.
//!
//! Input: a text. Output: the place of the first of its lines that is a title: short, without cells and stops, and ending
//! with a noun for documents such as "plan" or "opinions"; a bracket may follow. A page has words of its site before it; a
//! numbered line is behind it. A line that names a unit with its duty, or has a label, is none: it may be a clause that was
//! not read. Cost: one pass over the lines before it, of which there are at most 40.

use crate::text::between;

use super::heading::marker_at;
use super::label;
use super::lexicon::{self, is_space};
use super::name;
use super::text::{Span, ends_with_any, places_of, starts_with};

/// The longest title, in bytes: 100 Chinese characters.
const LONGEST: usize = 300;
/// The most brackets behind the words of a title: "(trial) of 2021".
const MOST_BRACKETS: usize = 2;

/// The most lines with words up to the title.
const MOST_LINES: usize = 40;

/// The title near the beginning of a text.
pub(super) fn of_document(text: &str) -> Option<Span> {
    let mut start = 0;
    for _ in 0..MOST_LINES {
        let rest = between(text, start, text.len());
        start = text.len() - rest.trim_start_matches(is_space).len();
        let rest = between(text, start, text.len());
        let line = Span::new(start, start + rest.find(lexicon::is_break).unwrap_or(rest.len()));
        if line.is_empty() || marker_at(text, line.start).is_some() {
            return None;
        }
        start = line.end;
        let title = line.trim_edges(text);
        if title.end - title.start <= LONGEST && is_title(title.of(text)) {
            return Some(title);
        }
    }
    None
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
