//! Tells whether sheets of a spreadsheet state the same tasks, as a list and a chart of one plan do.
//!
//! Input: the rows of all sheets, and where the tasks of each sheet end. A task repeats another if it has the same key, in a
//! column of keys, and the same title: lists of several departments that all count from 1 have different titles. Two sheets
//! repeat each other if that holds for at least half the tasks of the smaller one, so that a row that was changed in one of
//! them makes no difference.
//! Cost: nothing where no key is repeated; else a look-up per task.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::error::TableError;
use super::finding_kind::{FindingKind, Found};
use super::model::{Rows, TableTask};

/// Checks that no two sheets state the same tasks.
pub(super) fn check(rows: &Rows, titles: &[String], ends: &[usize]) -> Result<(), TableError> {
    let repeated: HashSet<usize> = rows.found.iter().filter_map(repeating).collect();
    if repeated.is_empty() {
        return Ok(());
    }
    let sheet_of = |task: usize| ends.partition_point(|end| *end <= task);
    let mut first_sheets: HashMap<(&str, &str), usize> = HashMap::new();
    let mut pairs: BTreeMap<(usize, usize), (usize, &str)> = BTreeMap::new();
    for task in rows.tasks().filter(TableTask::has_key) {
        // A key that was taken is followed by a number: `3/2`.
        let written = task.own_key().rsplit_once('/').filter(|_| repeated.contains(&task.at));
        let key = written.map_or(task.own_key(), |(key, _)| key);
        let sheet = sheet_of(task.at);
        let first = *first_sheets.entry((key, task.title())).or_insert(sheet);
        if first != sheet {
            pairs.entry((first, sheet)).or_insert((0, key)).0 += 1;
        }
    }
    let size = |sheet: usize| {
        let start = sheet.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| *end);
        ends.get(sheet).map_or(0, |end| end - start)
    };
    for ((first, second), (count, key)) in pairs {
        if count * 2 >= size(first).min(size(second)) {
            let title = |sheet: usize| titles.get(sheet).map_or_else(String::new, String::clone);
            return Err(TableError::SheetsRepeat { first: title(first), second: title(second), key: key.to_owned() });
        }
    }
    Ok(())
}

/// The task of a finding that says that its key was taken.
fn repeating(found: &Found) -> Option<usize> {
    match found.kind {
        FindingKind::KeyTwice { task } => Some(task),
        _ => None,
    }
}
