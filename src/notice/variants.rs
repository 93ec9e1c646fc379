//! Finds names that may be two spellings of one.
//!
//! Input: the names of a text. Output: pairs of places in the list. The names of a pair have the same level, the same
//! first character behind it and the same last one; all characters of the shorter are in the longer one, in order; and
//! the longer has at most three times as many.
//! Cost: each name is compared with at most 48 others.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::lexicon::{self, simplified};

/// A name is compared with so many earlier ones that begin and end as it does: a text made on purpose has any number.
const MOST_COMPARED: usize = 48;

/// Pairs of names of which the second may be another spelling of the first.
pub(super) fn variants(names: &[&str]) -> Vec<(usize, usize)> {
    let mut alike: HashMap<Key, Vec<(usize, &str)>, FixedState> = HashMap::default();
    let mut pairs = Vec::new();
    for (at, name) in names.iter().copied().enumerate() {
        let Some(key) = key(name) else { continue };
        let others = alike.entry(key).or_default();
        let same = others.iter().rev().take(MOST_COMPARED).filter(|(_, other)| may_be_one(other, name));
        pairs.extend(same.map(|(other, _)| (*other, at)));
        others.push((at, name));
    }
    pairs
}

type Key = (char, char, char);

/// The characters that two spellings of a name have in common: the level, the first one behind it, the last one. A name
/// of two characters has no other spelling.
fn key(name: &str) -> Option<Key> {
    let mut chars = name.chars().map(simplified);
    let (first, second) = (chars.next()?, chars.next()?);
    let last = chars.next_back()?;
    let (level, initial) = if lexicon::LEVELS.contains(first) { (first, second) } else { (' ', first) };
    Some((level, initial, last))
}

fn may_be_one(a: &str, b: &str) -> bool {
    let (shorter, longer) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let (short, long) = (shorter.chars().count(), longer.chars().count());
    let mut rest = longer.chars();
    short >= 3 && short < long && long <= 3 * short && shorter.chars().all(|c| rest.any(|d| d == c))
}
