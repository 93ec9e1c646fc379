//! Strips role words off the end of a list of units: "leads", "supports", "by division of duties".
//!
//! Input: a part of a clause. Output: the part without its role words, and what they say. Role words are taken from the
//! end one after another; those that can also end a name only behind a whole name or another role word.
//! Cost: at most twelve words are taken.

use crate::text::between;

use super::label;
use super::lexicon::{self, Act, Part, is_space, simplified};
use super::name;
use super::text::{Span, before_any, ends_with, ends_with_any};

/// The meaning of the role words behind units. All of them unset: there are none, or adverbs only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RoleWords {
    pub(super) lead: bool,
    pub(super) support: bool,
    pub(super) duty: bool,
    pub(super) shared: bool,
}

impl RoleWords {
    pub(super) fn nothing(self) -> bool {
        self == RoleWords::default()
    }

    /// The part of the units: a marked one first.
    pub(super) fn part(self) -> Part {
        match self {
            RoleWords { lead: true, .. } => Part::Lead,
            RoleWords { support: true, .. } => Part::Support,
            _ => Part::Unmarked,
        }
    }

    fn add(&mut self, act: Act) {
        match act {
            Act::Lead => self.lead = true,
            Act::Support => self.support = true,
            Act::Do => self.duty = true,
            Act::Shared => self.shared = true,
            Act::How => {}
        }
    }
}

/// More role words, or words of "by division of duties", are not in one part.
const MOST_WORDS: usize = 12;
const MOST_DUTY_WORDS: usize = 6;

/// The part without its role words, and what they say.
pub(super) fn strip(text: &str, part: Span) -> (Span, RoleWords) {
    let mut role_words = RoleWords::default();
    let mut rest = part.trim_end_edges(text);
    if let Some(without) = is_label(text, rest, &mut role_words) {
        return (without, role_words);
    }
    for _ in 0..MOST_WORDS {
        let piece = rest.of(text);
        let Some(start) = by_duties(piece, &mut role_words).or_else(|| word(piece, &mut role_words)) else { break };
        rest = Span::new(rest.start, rest.start + start).trim_end_edges(text);
    }
    (rest, role_words)
}

/// The part before "is the lead unit" at its end.
fn is_label(text: &str, part: Span, role_words: &mut RoleWords) -> Option<Span> {
    let piece = part.of(text);
    let (role, start) = label::at_end(piece)?;
    let is = ends_with_any(between(piece, 0, start), &lexicon::IS_WORDS)?;
    match role {
        Part::Lead => role_words.lead = true,
        Part::Support => role_words.support = true,
        Part::Unmarked => role_words.duty = true,
        Part::Time | Part::Aside => return None,
    }
    Some(Span::new(part.start, part.start + is).trim_end_edges(text))
}

/// The start of a role word at the end.
fn word(piece: &str, role_words: &mut RoleWords) -> Option<usize> {
    let last = piece.chars().next_back().map(simplified)?;
    for (word, role) in lexicon::ROLE_WORDS.ending_with(last) {
        let Some(start) = ends_with(piece, word) else { continue };
        if role.strong || !role_words.nothing() && !ends_a_name(piece) || follows_name(piece, start) {
            role_words.add(role.act);
            return Some(start);
        }
    }
    None
}

/// Whether the role word at the end is of a name: "all social organisations".
fn ends_a_name(piece: &str) -> bool {
    ends_with_any(piece, &lexicon::NOUNS_LIKE_ROLES).is_some()
}

/// Whether the text before a word that can be of a name is a whole name, or ends with a role word.
fn follows_name(piece: &str, start: usize) -> bool {
    let before = between(piece, 0, start);
    let strong = || lexicon::ROLE_WORDS.iter().any(|(word, role)| role.strong && ends_with(before, word).is_some());
    name::is_body(before) || strong() || by_duties(before, &mut RoleWords::default()).is_some()
}

/// The start of "by division of duties" at the end.
fn by_duties(piece: &str, role_words: &mut RoleWords) -> Option<usize> {
    let mut before = before_any(piece, &lexicon::DUTY_WORDS)?;
    for _ in 1..MOST_DUTY_WORDS {
        let Some(shorter) = before_any(before, &lexicon::DUTY_WORDS) else { break };
        before = shorter;
    }
    let start = ends_with_any(before, &lexicon::BY)?;
    role_words.shared = true;
    Some(start)
}

/// Whether a part can end with a role word, by its last character. It spares most texts the search.
pub(super) fn may_end(piece: &str) -> bool {
    piece.chars().rev().find(|c| !is_space(*c)).is_some_and(|c| lexicon::may_end_role(simplified(c)))
}
