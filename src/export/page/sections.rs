//! Sections: tasks grouped by the beginnings of their keys.
//!
//! Input: tasks in key order, the name of the section that holds them all, and a depth. Output: for each section its name
//! and its tasks, in the order of the first tasks. The last part of a key never names a section, so that a task is below
//! its section. Cost: one hash look-up per task, for each depth that is tried at most one more.

use std::collections::{HashMap, HashSet};

use crate::view::TaskRef;

/// Parts of a key behind the prefix that are tried as a section.
const DEEPEST: usize = 16;

/// Tasks below one name.
pub(super) struct Section<'v> {
    pub(super) name: &'v str,
    pub(super) tasks: Vec<TaskRef<'v>>,
}

/// Groups tasks.
pub(super) fn group<'v>(tasks: &[TaskRef<'v>], above: &str, depth: usize) -> Vec<Section<'v>> {
    let mut sections: Vec<Section<'v>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for task in tasks {
        let name = section_of(task.key(), above, depth);
        let place = *places.entry(name).or_insert(sections.len());
        match sections.get_mut(place) {
            Some(section) => section.tasks.push(*task),
            None => sections.push(Section { name, tasks: vec![*task] }),
        }
    }
    sections
}

/// The largest depth that gives at most so many sections; 0, which gives one, if no other does.
pub(super) fn depth_for(tasks: &[TaskRef<'_>], above: &str, most: usize) -> usize {
    let mut fits = 0;
    for depth in 1..=DEEPEST {
        let mut names: HashSet<&str> = HashSet::new();
        for task in tasks {
            names.insert(section_of(task.key(), above, depth));
            if names.len() > most {
                return fits;
            }
        }
        fits = depth;
    }
    fits
}

/// The part of a key that names its section.
fn section_of<'k>(key: &'k str, above: &str, depth: usize) -> &'k str {
    let begin = if above.is_empty() { 0 } else { above.len() + 1 };
    // The key of a task can be the name of the section above.
    let Some(rest) = key.get(begin..) else { return key };
    let slashes = rest.match_indices('/').take(depth);
    let end = slashes.last().map_or(begin.saturating_sub(1), |(at, _)| begin + at);
    key.get(..end).unwrap_or(key)
}

/// The longest section that has all tasks below it, or the one given if no longer one has.
pub(super) fn common<'k>(tasks: &[TaskRef<'k>], above: &'k str) -> &'k str {
    let first = tasks.first().map_or("", |task| task.key());
    let has_all =
        |name: &str| tasks.iter().all(|task| task.key().strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
    let names = first.rmatch_indices('/').filter_map(|(at, _)| first.get(..at)).take(DEEPEST);
    names.take_while(|name| name.len() > above.len()).find(|name| has_all(name)).unwrap_or(above)
}

/// The part of a name behind the section above it; the whole name where that would be nothing.
pub(super) fn below<'k>(name: &'k str, above: &str) -> &'k str {
    let rest =
        name.strip_prefix(above).map(|rest| rest.strip_prefix('/').filter(|_| !above.is_empty()).unwrap_or(rest));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_key_never_names_a_section() {
        for (key, above, depth, expected) in [
            ("plan/1/2/3", "plan", 1, "plan/1"),
            ("plan/1/2/3", "plan", 2, "plan/1/2"),
            ("plan/1/2/3", "plan", 9, "plan/1/2"),
            ("plan/1/2/3", "plan", 0, "plan"),
            ("plan/1", "plan", 1, "plan"),
            ("plan", "plan", 1, "plan"),
            ("plan/1", "", 1, "plan"),
            ("plan", "", 1, ""),
            ("/a/b", "", 2, "/a"),
        ] {
            assert_eq!(section_of(key, above, depth), expected, "{key} in {above:?}, {depth}");
        }
    }

    #[test]
    fn a_name_is_shown_without_the_section_above() {
        assert_eq!([below("plan/1", "plan"), below("plan", "plan"), below("plan", "")], ["1", "plan", "plan"]);
    }
}
