//! Which task of a document is which task of the index, since a list may be renumbered.
//!
//! Input: the keys and texts of both, the document's in its order, the index's in key order. Output: for each task of the
//! document the key that it has in the index. A task whose key the document gives is the one with that key. Any other keeps
//! its key while the index has its text there; otherwise the first task with its text, which no other one has taken, is it;
//! otherwise the one with its key, if that one is left over.
//! Cost: maps of keys and texts.

use std::collections::{HashMap, HashSet};

/// A task by its key and the number of its text; 0 for none.
pub(super) struct Keyed<'t> {
    pub(super) key: &'t str,
    /// Whether the key alone tells the task.
    pub(super) key_is_given: bool,
    pub(super) text: u64,
}

/// For each task of the document the place of its task in the index.
pub(super) fn matched(document: &[Keyed<'_>], index: &[Keyed<'_>]) -> Vec<Option<usize>> {
    let by_key: HashMap<&str, usize> = index.iter().enumerate().map(|(at, task)| (task.key, at)).collect();
    let mut taken = HashSet::new();
    let mut found: Vec<Option<usize>> = vec![None; document.len()];
    let own = |task: &Keyed<'_>| by_key.get(task.key).copied();
    let same = |task: &Keyed<'_>, at: usize| index.get(at).is_some_and(|other| other.text == task.text);
    for (task, found) in document.iter().zip(&mut found) {
        *found = own(task).filter(|at| (task.key_is_given || same(task, *at)) && taken.insert(*at));
    }
    let mut by_text: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, task) in index.iter().enumerate().rev().filter(|(at, task)| task.text != 0 && !taken.contains(at)) {
        by_text.entry(task.text).or_default().push(at);
    }
    let by_its_text = |task: &Keyed<'_>| task.text != 0 && !task.key_is_given;
    for (task, found) in document.iter().zip(&mut found).filter(|(task, found)| found.is_none() && by_its_text(task)) {
        *found = by_text.get_mut(&task.text).and_then(Vec::pop).filter(|at| taken.insert(*at));
    }
    for (task, found) in document.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        *found = own(task).filter(|at| taken.insert(*at));
    }
    found
}

/// The places of those of so many tasks of the index that no task of the document is.
pub(super) fn left_over(tasks: usize, places: &[Option<usize>]) -> Vec<usize> {
    let taken: HashSet<usize> = places.iter().flatten().copied().collect();
    (0..tasks).filter(|at| !taken.contains(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(document: &[(&str, u64)], index: &[(&str, u64)]) -> Vec<Option<String>> {
        fn keyed<'t>(tasks: &[(&'t str, u64)]) -> Vec<Keyed<'t>> {
            tasks.iter().map(|(key, text)| Keyed { key, key_is_given: false, text: *text }).collect()
        }
        let found = matched(&keyed(document), &keyed(index));
        found.into_iter().map(|at| at.map(|at| index[at].0.to_owned())).collect()
    }

    #[test]
    fn tasks_are_found_by_their_texts_and_else_by_their_keys() {
        let index = [("1", 10), ("2", 20), ("3", 30)];
        let some = |keys: &[&str]| keys.iter().map(|key| (*key != "-").then(|| (*key).to_owned())).collect::<Vec<_>>();
        assert_eq!(keys(&index, &index), some(&["1", "2", "3"]));
        assert_eq!(
            keys(&[("1", 99), ("2", 10), ("3", 20), ("4", 30)], &index),
            some(&["-", "1", "2", "3"]),
            "inserted"
        );
        assert_eq!(keys(&[("1", 20), ("2", 30)], &index), some(&["2", "3"]), "the first is gone");
        assert_eq!(keys(&[("1", 10), ("2", 21), ("3", 30)], &index), some(&["1", "2", "3"]), "another text");
        assert_eq!(keys(&[("1", 20), ("2", 10), ("3", 30)], &index), some(&["2", "1", "3"]), "changed places");
        let twins = [("1", 10), ("2", 10), ("3", 10)];
        assert_eq!(
            keys(&[("2", 10), ("3", 10), ("4", 10)], &twins),
            some(&["2", "3", "1"]),
            "the same text three times"
        );
        assert_eq!(keys(&[("1", 0), ("2", 0)], &[("1", 0), ("3", 0)]), some(&["1", "-"]), "no text tells nothing");
    }
}
