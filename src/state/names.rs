//! The names of units: to each name its unit. Knows nothing of units but their numbers.
//!
//! Invariant: a name, and all names that are [one](folded) with it, belong to one unit; the label of each name has its text
//! and its unit; labels without a name form a list that starts at `free`.

use std::borrow::Cow;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::hash_index::{HashIndex, hash};
use super::tree::DeepTree;
use crate::id::UnitId;
use crate::model::folded;

/// Labels per branch: copying one counts up to 8 references.
const LABELS_PER_BRANCH: usize = 8;
/// Buckets of 16 lines, 1 KiB, with 120 names on average, 16 to a chunk: names come and go more often than task keys, and
/// are looked up more seldom.
const CHUNK: usize = 16;
const LINES: usize = 16;
/// The end of the list of free labels.
const NONE: u32 = u32::MAX;

/// A name in the form in which names are compared, and the number of its unit; without a name the number of the next
/// free label.
#[derive(Clone, Default)]
struct Label {
    text: Arc<str>,
    unit: u32,
}

type Labels = DeepTree<Label, LABELS_PER_BRANCH>;

/// All names. See the head of this file.
#[derive(Clone)]
pub(super) struct Names {
    /// By the numbers that `index` finds.
    labels: Labels,
    free: u32,
    index: HashIndex<CHUNK, LINES>,
    hasher: RandomState,
}

impl Default for Names {
    fn default() -> Names {
        Names { labels: Labels::default(), free: NONE, index: HashIndex::default(), hasher: RandomState::default() }
    }
}

impl Names {
    /// Takes names with their units. A name that comes twice is an error, with the later unit.
    pub(super) fn of<'n>(named: impl Iterator<Item = (&'n Arc<str>, UnitId)>) -> Result<Names, (UnitId, String)> {
        let mut names = Names::default();
        let labels: Vec<Label> = named.map(|(name, unit)| Label { text: text_of(name), unit }).collect();
        let hashes: Vec<u64> = labels.iter().map(|label| hash(&names.hasher, label.text.as_bytes())).collect();
        names.index = HashIndex::of(&hashes);
        names.labels = labels.into_iter().collect();
        for (number, label) in (0..).zip(names.labels.iter()) {
            if let Some((_, other)) = names.find_label(&label.text).filter(|(found, _)| *found != number) {
                let why = format!("the name {:?} belongs to another unit", label.text);
                return Err((label.unit.max(other.unit), why));
            }
        }
        Ok(names)
    }

    pub(super) fn find(&self, name: &str) -> Option<UnitId> {
        // Most names that are asked for are the text of a label.
        let found = self.find_label(name).or_else(|| match folded(name) {
            Cow::Owned(text) => self.find_label(&text),
            Cow::Borrowed(_) => None,
        });
        found.map(|(_, label)| label.unit)
    }

    fn find_label(&self, text: &str) -> Option<(u32, &Label)> {
        self.index.find(hash(&self.hasher, text.as_bytes()), |number| {
            self.labels.get(number as usize).filter(|label| *label.text == *text).map(|label| (number, label))
        })
    }

    /// Adds a name of a unit. The caller has made sure that it is free.
    pub(super) fn add(&mut self, name: &Arc<str>, unit: UnitId) {
        let label = Label { text: text_of(name), unit };
        let hashed = hash(&self.hasher, label.text.as_bytes());
        let number = match self.labels.get_mut(self.free as usize) {
            Some(slot) => std::mem::replace(&mut self.free, std::mem::replace(slot, label).unit),
            None => self.labels.push(label) as u32,
        };
        let (hasher, labels) = (&self.hasher, &self.labels);
        self.index.insert(hashed, number, |number| hash_of(hasher, labels, number));
    }

    pub(super) fn remove(&mut self, name: &str) {
        let text = &*folded(name);
        let found = self.find_label(text).map(|(number, _)| number);
        debug_assert!(found.is_some(), "{name:?} is a name");
        let Some(number) = found else { return };
        let (hasher, labels) = (&self.hasher, &self.labels);
        self.index.remove(hash(hasher, text.as_bytes()), number, |number| hash_of(hasher, labels, number));
        if let Some(label) = self.labels.get_mut(number as usize) {
            *label = Label { unit: std::mem::replace(&mut self.free, number), ..Label::default() };
        }
    }

    /// The number of labels, also of those that are free.
    #[cfg(test)]
    pub(super) fn labels(&self) -> usize {
        self.labels.len()
    }

    /// Bytes of memory that looking names up takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.index.bytes()
    }
}

/// The text of a label: the name itself, unless it is compared in another form.
fn text_of(name: &Arc<str>) -> Arc<str> {
    match folded(name) {
        Cow::Borrowed(_) => Arc::clone(name),
        Cow::Owned(text) => text.into(),
    }
}

fn hash_of(hasher: &RandomState, labels: &Labels, number: u32) -> u64 {
    let label = labels.get(number as usize);
    debug_assert!(label.is_some(), "label {number} is there");
    hash(hasher, label.map_or(&[], |label| label.text.as_bytes()))
}
