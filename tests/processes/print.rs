//! Fingerprints of views.

use std::hash::{Hash, Hasher};

use responsibility_index::{View, testing};

/// The same number for the same export, in every process.
pub(crate) fn fingerprint(view: &View) -> u64 {
    let mut lines = Vec::new();
    testing::export(view, &mut lines).unwrap();
    let mut hasher = std::hash::DefaultHasher::new();
    lines.hash(&mut hasher);
    hasher.finish()
}

/// The same for the tasks alone, with their units: what rows have.
pub(crate) fn assignments(view: &View) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    for task in view.tasks().tasks() {
        task.key().hash(&mut hasher);
        format!("{:?}", task.standing()).hash(&mut hasher);
    }
    hasher.finish()
}
