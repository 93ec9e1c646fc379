//! The tasks that a page or a table is asked for.

use crate::model::{InputError, Result};
use crate::view::{TaskRef, TaskSet};

/// The tasks of a section in key order; an error where it has none.
pub(super) fn tasks_of<'s>(section: &'s TaskSet, prefix: &str) -> Result<Vec<TaskRef<'s>>> {
    let tasks: Vec<TaskRef<'s>> = section.tasks().collect();
    if tasks.is_empty() { Err(InputError::NoTasks { prefix: prefix.to_owned() }.into()) } else { Ok(tasks) }
}
