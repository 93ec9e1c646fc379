//! Reads the inside of a clause into units with their parts: labels, role words, stars, rules, times.
//!
//! Input: a piece of the text with its marks. Output: the units as written, added to a list, and a [`Reading`] of the rest.
//! The piece is cut at commas, stops and colons outside brackets. A label gives its part to the units behind it up to the
//! next label; role words give theirs to the units since the last role words, before the label does.
//! Cost: one pass over the marks; names that were read before are looked up.
//!
//! Files, each using those above it only: `parser` (the state, and the part of each unit), `numbers` (numbers before
//! units), `parts` (the text between two marks), `labels`, `walk`.

mod labels;
mod numbers;
mod parser;
mod parts;
mod walk;

pub(super) use self::parser::{Known, Reading};
pub(super) use self::walk::read;
