//! Mistakes in values that the caller gave.

use super::role::UnitKind;

/// A mistake in a value that the caller gave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// An empty key or name.
    #[error("the {what} is empty")]
    Empty {
        /// "task key" or "unit name".
        what: &'static str,
    },
    /// A key, name or text over its limit.
    #[error("the {what} {start:?}... has {bytes} bytes; at most {most} are allowed")]
    TooLong {
        /// Which kind of value.
        what: &'static str,
        /// Its first characters.
        start: String,
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// A control character (a tab, a line break, NUL) in a key or name.
    #[error("the {what} {value:?} has the control character U+{:04X} at byte {at}", u32::from(*control))]
    ControlCharacter {
        /// "task key" or "unit name".
        what: &'static str,
        /// The value.
        value: String,
        /// The character.
        control: char,
        /// Its byte position.
        at: usize,
    },
    /// White space before or after a key or name.
    #[error("the {what} {value:?} has white space around it")]
    SpaceAround {
        /// "task key" or "unit name".
        what: &'static str,
        /// The value.
        value: String,
    },
    /// An assignment without a unit.
    #[error("no unit is named{}: a task needs a lead", for_task(task))]
    NoUnits {
        /// The task, where there is one.
        task: Option<String>,
    },
    /// More units than one task can have.
    #[error("task {task:?} names {units} units; at most {most} are allowed")]
    TooManyUnits {
        /// The task.
        task: String,
        /// How many were named.
        units: usize,
        /// The limit.
        most: usize,
    },
    /// One unit twice in one list, perhaps under two of its names.
    #[error("unit {unit:?} is named twice{}{}", for_task(task), written_as(unit, written))]
    UnitTwice {
        /// The task, where there is one.
        task: Option<String>,
        /// The unit's canonical name.
        unit: String,
        /// The name under which it came the second time.
        written: String,
    },
    /// A unit name that the index doesn't know.
    #[error("no unit is called {name:?}{}", suggestion(near))]
    UnknownUnit {
        /// The name asked for.
        name: String,
        /// Known names like it, the nearest first.
        near: Vec<String>,
    },
    /// A name or alias that another unit has already.
    #[error("the name {name:?} belongs to unit {owner:?} already")]
    NameTaken {
        /// The name.
        name: String,
        /// The canonical name of the unit that has it.
        owner: String,
    },
    /// A unit to be created that is there already, of another kind.
    #[error("there is a unit {unit:?} already, of the kind {kind}")]
    OtherKind {
        /// The unit.
        unit: String,
        /// The kind it has.
        kind: UnitKind,
    },
    /// An alias that is the unit's canonical name can't be taken away.
    #[error("{name:?} is not an alias of unit {unit:?}")]
    NotAnAlias {
        /// The name.
        name: String,
        /// The unit.
        unit: String,
    },
    /// One more alias where a unit has as many as it can have.
    #[error("unit {unit:?} has {most} aliases already")]
    TooManyAliases {
        /// The unit.
        unit: String,
        /// The limit.
        most: usize,
    },
    /// An edit that needs an assigned task.
    #[error("task {task:?} is not assigned")]
    NotAssigned {
        /// The task.
        task: String,
    },
    /// An edit of a supporting unit that the task doesn't have.
    #[error("unit {unit:?} does not support task {task:?}")]
    NotSupporting {
        /// The task.
        task: String,
        /// The unit.
        unit: String,
    },
    /// A new unit where the index has as many as it can have.
    #[error("there is no room for unit {name:?}: an index has at most {most} units")]
    IndexFull {
        /// The name of the new unit.
        name: String,
        /// The limit.
        most: usize,
    },
    /// A revision that the index has not reached.
    #[error("there is no revision {asked}: the newest is {newest}")]
    NoSuchRevision {
        /// The revision asked for.
        asked: crate::id::Revision,
        /// The newest revision.
        newest: crate::id::Revision,
    },
    /// A place among the supporting units that isn't there.
    #[error("task {task:?} has {supporting} supporting units; there is no place {place}")]
    NoSuchPlace {
        /// The task.
        task: String,
        /// The place asked for, counted from 0.
        place: usize,
        /// How many supporting units there are.
        supporting: usize,
    },
    /// A bulk load that names a task twice.
    #[error("task {task:?} is loaded twice")]
    TaskTwice {
        /// The task.
        task: String,
    },
    /// A line of an import that can't be used.
    #[error("line {line}: {why}")]
    BadLine {
        /// Which line, counted from 1.
        line: usize,
        /// The mistake.
        why: String,
    },
    /// A commit too large for one log entry.
    #[error("the commit takes {bytes} bytes in the log; at most {most} are allowed: use a bulk load")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
}

fn for_task(task: &Option<String>) -> String {
    task.as_ref().map(|task| format!(" for task {task:?}")).unwrap_or_default()
}

fn written_as(unit: &str, written: &str) -> String {
    if unit == written { String::new() } else { format!(" (the second time as {written:?})") }
}

fn suggestion(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let names: Vec<String> = near.iter().map(|name| format!("{name:?}")).collect();
    format!("; is it {}?", names.join(" or "))
}
