//! The changes of an import as lines of English: a summary, then each change that somebody should look at.

use std::collections::HashMap;
use std::fmt;

use crate::model::Standing;

use super::plan::{ImportEffect, ImportPlan};

impl fmt::Display for ImportEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        report(self, "changed", f)
    }
}

impl fmt::Display for ImportPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        report(self, "would change", f)
    }
}

/// Lines without a break behind the last.
fn report(effect: &ImportEffect, done: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (tasks, revision) = (effect.tasks(), effect.revision());
    if effect.is_empty() {
        write!(f, "nothing changes: {tasks} tasks are as they were, at revision {revision}")?;
    } else {
        let counts = [
            (effect.added().count(), "added"),
            (effect.moved().count(), "moved"),
            (effect.reassigned().count(), "with other units"),
            (effect.reworded().count(), "with another text or place"),
            (effect.unchanged(), "as before"),
        ];
        let counts = counts.map(|(count, what)| format!("{count} {what}")).join(", ");
        write!(f, "{done}: {counts}; revision {revision}")?;
    }
    let text = |standing: Option<Standing>| standing.map_or_else(String::new, |standing| standing.to_string());
    for change in effect.moved() {
        write!(f, "\n  {} -> {}: moved", change.moved_from.map_or(change.key, |from| from), change.key)?;
        if change.before != change.after {
            write!(f, "; {} -> {}", text(change.before), text(change.after))?;
        }
    }
    for change in effect.reassigned().filter(|change| change.moved_from.is_none()) {
        write!(f, "\n  {}: {} -> {}", change.key, text(change.before), text(change.after))?;
    }
    for conflict in effect.conflicts() {
        write!(f, "\n  {conflict}; the index keeps its own")?;
    }
    for reformed in effect.reformed() {
        write!(f, "\n  {reformed}")?;
    }
    for task in effect.refused() {
        write!(f, "\n  {task}; left out")?;
    }
    let set_aside = effect.set_aside().map(|change| (change.moved_from, change.key));
    let set_aside: HashMap<Option<&str>, &str> = set_aside.collect();
    for key in effect.gone() {
        let done = match set_aside.get(&Some(key.as_str())) {
            _ if effect.removes_gone() => "removed".to_owned(),
            Some(other) => format!("kept as {other}"),
            None => "kept as it is".to_owned(),
        };
        write!(f, "\n  {key}: not in the document any more; {done}")?;
    }
    for key in effect.not_found() {
        let line = "neither the document nor the index has this task, which was to be taken or left alone";
        write!(f, "\n  {key}: {line}")?;
    }
    for name in effect.names_taken() {
        write!(f, "\n  {name}: another unit has this name, so it is no alias")?;
    }
    Ok(())
}
