//! Parts of the messages of errors.

use crate::id::Revision;

/// When a unit has a name that it does not have in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherTime {
    /// The revision of the view that was asked.
    pub revision: Revision,
    /// The name of the unit in that view; `None` if the view does not have the unit.
    pub unit: Option<String>,
    /// The revision from which on it has the name, if that is later and known.
    pub since: Option<Revision>,
    /// The revision that took the name away, if that is earlier.
    pub until: Option<Revision>,
}

pub(super) fn for_task(task: &Option<String>) -> String {
    task.as_ref().map(|task| format!(" for task {task:?}")).unwrap_or_default()
}

/// What to do in place of assigning a task to nobody.
pub(super) fn or_declare(task: &Option<String>) -> &'static str {
    task.as_ref().map_or("", |_| "; Batch::declare makes a vacant task")
}

pub(super) fn the_task(task: &Option<String>) -> String {
    task.as_ref().map(|task| format!(" task {task:?}")).unwrap_or_default()
}

pub(super) fn written_as(unit: &str, written: &str) -> String {
    if unit == written { String::new() } else { format!(" (the second time as {written:?})") }
}

pub(super) fn first_day(first: Option<jiff::civil::Date>) -> String {
    match first {
        Some(day) => format!("the first day is {day}"),
        None => "no commit says from which day it is in force (in_force_from)".to_owned(),
    }
}

pub(super) fn at_other_time(other: &Option<Box<OtherTime>>) -> String {
    let Some(other) = other else { return String::new() };
    let OtherTime { revision, unit, since, until } = &**other;
    let unit = unit.as_ref().map_or_else(|| "a unit that it does not have".to_owned(), |unit| format!("unit {unit:?}"));
    match (since, until) {
        (_, Some(until)) => format!(" at revision {revision}; {unit} was called so until revision {until}"),
        (Some(since), None) => format!(" at revision {revision}; {unit} is called so from revision {since} on"),
        (None, None) => format!(" at revision {revision}; {unit} is called so later"),
    }
}

pub(super) fn on_day(day: Option<jiff::civil::Date>) -> String {
    day.map(|day| format!(" on {day}")).unwrap_or_default()
}

pub(super) fn successors_of(successors: &[String]) -> String {
    match successors {
        [] => String::new(),
        [one] => format!("; its successor is {one:?}"),
        many => format!("; its successors are {}", quoted(many).join(" and ")),
    }
}

pub(super) fn nearest_day(nearest: Option<jiff::civil::Date>) -> String {
    nearest.map(|day| format!("; the nearest due day is {day}")).unwrap_or_default()
}

pub(super) fn suggestion(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    format!("; is it {}?", quoted(near).join(" or "))
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{name:?}")).collect()
}
