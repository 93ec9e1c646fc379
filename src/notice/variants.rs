//! Finds names that may be two spellings of one: the shorter has some of the longer one's characters, in order.
//! Knows names, not where they stand.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::lexicon::{self, simplified};

/// How many names that begin and end alike are compared: a text can have any number.
const MOST: usize = 48;

/// Pairs of names of which the second may be another spelling of the first, as places in the list.
pub(super) fn variants(names: &[&str]) -> Vec<(usize, usize)> {
    let mut alike: HashMap<(char, char, char), Vec<usize>, FixedState> = HashMap::default();
    let mut pairs = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let Some(key) = key(name) else { continue };
        let others = alike.entry(key).or_default();
        for other in others.iter().rev().take(MOST) {
            if names.get(*other).is_some_and(|other| may_be_one(other, name)) {
                pairs.push((*other, at));
            }
        }
        others.push(at);
    }
    pairs
}

/// What two spellings of a name have in common: the level, the first character behind it, the last.
fn key(name: &str) -> Option<(char, char, char)> {
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
