//! Numbers before the units of a clause: "1. finance bureau 2. police".

use crate::notice::heading::{marker_at, numeral_before};
use crate::notice::lexicon;
use crate::notice::name;
use crate::notice::text::Span;
use crate::notice::token::{Kind, Token};
use crate::text::between;

/// The numbers of one clause.
#[derive(Default)]
pub(super) struct Numbers {
    /// Whether the units are numbered: the first number has come.
    numbered: bool,
    /// A place, and the first place behind it that is no white space or punctuation. Without it every number would search
    /// the same white space again.
    words: Option<(usize, usize)>,
}

impl Numbers {
    /// The start of a number between units, if the mark `token` is of one. `at` is the end of the unit before. The list
    /// begins with the first number.
    pub(super) fn start(&mut self, text: &str, at: usize, token: Token) -> Option<usize> {
        let start = if token.kind == Kind::Circled { token.at } else { numeral_before(text, token.at)?.max(at) };
        let before = Span::new(self.words(text, at, start), start).trim_end_edges(text).of(text);
        let first = || marker_at(text, start).is_some_and(|marker| marker.number == 1);
        self.numbered |= before.is_empty() && first();
        (self.numbered && (before.is_empty() || name::is_whole(before))).then_some(start)
    }

    /// The first place from `at` on that is no white space or punctuation, at most `number`, where a number starts.
    fn words(&mut self, text: &str, at: usize, number: usize) -> usize {
        if let Some((_, words)) = self.words.filter(|(from, _)| *from == at) {
            return words;
        }
        let before = between(text, at, number);
        let words = number - before.trim_start_matches(lexicon::is_edge).len();
        self.words = Some((at, words));
        words
    }
}
