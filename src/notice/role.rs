//! Strips role words off the end of a list of units: "leads", "supports", "by division of duties". Knows words only.

use super::label;
use super::lexicon::{self, Act, Part, is_space, simplified};
use super::name;
use super::text::{Span, ends_with, ends_with_any};

/// What the role words at the end of a part say of the units before them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) lead: bool,
    pub(super) support: bool,
    pub(super) duty: bool,
    pub(super) shared: bool,
}

impl Said {
    pub(super) fn nothing(self) -> bool {
        self == Said::default()
    }

    /// The part the units have: marked ones first.
    pub(super) fn part(self) -> Part {
        match self {
            Said { lead: true, .. } => Part::Lead,
            Said { support: true, .. } => Part::Support,
            _ => Part::List,
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

/// The part without its role words, and what they say.
pub(super) fn strip(text: &str, part: Span) -> (Span, Said) {
    let mut said = Said::default();
    let mut rest = part.trim_end_edges(text);
    if let Some(without) = is_label(text, rest, &mut said) {
        return (without, said);
    }
    // Each turn takes at least one character, and a part is short.
    for _ in 0..12 {
        let piece = rest.of(text);
        let Some(start) = by_duties(piece, &mut said).or_else(|| word(piece, &mut said)) else { break };
        rest = Span::new(rest.start, rest.start + start).trim_end_edges(text);
    }
    (rest, said)
}

/// "is the lead unit" at the end.
fn is_label(text: &str, part: Span, said: &mut Said) -> Option<Span> {
    let piece = part.of(text);
    let (role, start) = label::at_end(piece)?;
    let is = ends_with_any(piece.get(..start)?, &lexicon::IS_WORDS)?;
    match role {
        Part::Lead => said.lead = true,
        Part::Support => said.support = true,
        Part::List => said.duty = true,
        Part::Time | Part::Aside => return None,
    }
    Some(Span::new(part.start, part.start + is).trim_end_edges(text))
}

fn word(piece: &str, said: &mut Said) -> Option<usize> {
    let last = piece.chars().next_back().map(simplified)?;
    for (word, role) in lexicon::ROLE_WORDS.ending_with(last) {
        let Some(start) = ends_with(piece, word) else { continue };
        if role.strong || !said.nothing() && !ends_a_name(piece) || stands_before(piece, start) {
            said.add(role.act);
            return Some(start);
        }
    }
    None
}

/// A word that can also end a name does so here: "all social organisations".
fn ends_a_name(piece: &str) -> bool {
    ends_with_any(piece, &lexicon::NOUNS_LIKE_ROLES).is_some()
}

/// Whether what stands before a word that can be part of a name is a whole name by itself, or ends in a role word.
fn stands_before(piece: &str, start: usize) -> bool {
    let Some(before) = piece.get(..start) else { return false };
    let strong = || lexicon::ROLE_WORDS.iter().any(|(word, role)| role.strong && ends_with(before, word).is_some());
    name::is_body(before) || strong() || by_duties(before, &mut Said::default()).is_some()
}

/// "by division of duties", at the end.
fn by_duties(piece: &str, said: &mut Said) -> Option<usize> {
    let mut end = piece.len();
    let mut words = 0;
    while words < 6 {
        let Some(start) = piece.get(..end).and_then(|rest| ends_with_any(rest, &lexicon::DUTY_WORDS)) else { break };
        end = start;
        words += 1;
    }
    if words == 0 {
        return None;
    }
    let start = ends_with_any(piece.get(..end)?, &lexicon::BY)?;
    said.shared = true;
    Some(start)
}

/// Whether a part can end in a role word at all: a look at its last character.
pub(super) fn may_end(piece: &str) -> bool {
    piece.chars().rev().find(|c| !is_space(*c)).is_some_and(|c| lexicon::may_end_role(simplified(c)))
}
