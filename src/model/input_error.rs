//! Mistakes in values that the caller gave.

use std::str::FromStr;

use crate::id::Revision;

use super::messages::{
    OtherTime, at_other_time, first_day, for_task, nearest_day, on_day, or_declare, successors_of, suggestion,
    the_task, written_as,
};
use super::role::{Role, UnitKind};

/// A mistake in a value that the caller gave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// An empty key or name.
    #[error("the {what} is empty")]
    Empty {
        /// "task key", "unit name" or "prefix".
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
    /// A key or name of white space and characters that are not shown.
    #[error("the {what} {value:?} has nothing visible")]
    Invisible {
        /// "task key" or "unit name".
        what: &'static str,
        /// The value.
        value: String,
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
    #[error("no unit is named{}: a task needs a lead{}", for_task(task), or_declare(task))]
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
    #[error("no unit is called {name:?}{}{}", at_other_time(other_time), suggestion(near))]
    UnknownUnit {
        /// The name asked for.
        name: String,
        /// Known names like it, the nearest first.
        near: Vec<String>,
        /// The unit that is called so in a later revision, or was in an earlier one.
        other_time: Option<Box<OtherTime>>,
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
    /// The name to be removed is not an alias of the unit. Its canonical name is none: rename the unit instead.
    #[error("{name:?} is not an alias of unit {unit:?}")]
    NotAnAlias {
        /// The name.
        name: String,
        /// The unit.
        unit: String,
    },
    /// A unit to be removed that a task names.
    #[error("task {task:?} names unit {unit:?}: only a unit without tasks can be removed")]
    UnitInUse {
        /// The unit's canonical name.
        unit: String,
        /// The first task, by key, that names it.
        task: String,
    },
    /// A unit that can't be removed, can't become a body or can't lose its names, since it is a member of a collective, or a
    /// reform, an obligation or a report names it.
    #[error("unit {unit:?} can't be {done}: {by} names it")]
    UnitNamed {
        /// The unit's canonical name.
        unit: String,
        /// "removed", "a body", or "without its names".
        done: &'static str,
        /// What names it.
        by: String,
    },
    /// A unit that has ended, where one is needed that goes on.
    #[error("unit {unit:?} has ended{}{}", on_day(*day), successors_of(successors))]
    UnitEnded {
        /// The unit's canonical name.
        unit: String,
        /// The day on which it ended, if its reform had one.
        day: Option<jiff::civil::Date>,
        /// The units that took its place.
        successors: Vec<String>,
    },
    /// Members of a unit that is a body.
    #[error("unit {unit:?} is a body: only a collective has members")]
    NotACollective {
        /// The unit.
        unit: String,
    },
    /// A collective with members that is to become a body.
    #[error("collective {unit:?} has {members} members: a body has none")]
    HasMembers {
        /// The unit.
        unit: String,
        /// How many members it has.
        members: usize,
    },
    /// A collective that would be a member of itself.
    #[error("a collective can't be a member of itself: {}", path.join(" > "))]
    MemberOfItself {
        /// From the collective through its members to itself.
        path: Vec<String>,
    },
    /// More members of a collective, or more units of an obligation, than there can be.
    #[error("{of} names {units} units; at most {most} are allowed")]
    TooManyNamed {
        /// The collective or the obligation.
        of: String,
        /// How many were named.
        units: usize,
        /// The limit.
        most: usize,
    },
    /// A unit to be taken from a collective that it is not a member of.
    #[error("unit {unit:?} is not a member of {collective:?}")]
    NotAMember {
        /// The unit.
        unit: String,
        /// The collective.
        collective: String,
    },
    /// A unit to be reopened that goes on.
    #[error("unit {unit:?} has not ended")]
    NotEnded {
        /// The unit.
        unit: String,
    },
    /// A reform whose sources and results do not fit together.
    #[error("a reform of {}: {why}", sources.join(", "))]
    BadReform {
        /// The units that are reformed, as they were named.
        sources: Vec<String>,
        /// What does not fit.
        why: &'static str,
    },
    /// A reform that leaves tasks with a unit that ends.
    #[error(
        "unit {unit:?} ends, and no rule says who takes over {tasks} of its tasks, such as {}: give them, or leave them \
         undecided",
        first.join(", ")
    )]
    Undecided {
        /// The unit.
        unit: String,
        /// How many tasks no rule decides.
        tasks: usize,
        /// The first three of them, by key.
        first: Vec<String>,
    },
    /// A month and a day of it that no calendar has.
    #[error("there is no day {day} of month {month}")]
    NoSuchDayOfYear {
        /// The month.
        month: i8,
        /// The day.
        day: i8,
    },
    /// An obligation that is due every year and does not say from which day on.
    #[error("obligation {obligation:?} is due every year: it needs a first day")]
    NoFirstDay {
        /// The obligation.
        obligation: String,
    },
    /// An obligation whose last day is before its first one.
    #[error("obligation {obligation:?} ends on {until}, before its first day {from}")]
    EndsBefore {
        /// The obligation.
        obligation: String,
        /// Its first day.
        from: jiff::civil::Date,
        /// Its last day.
        until: jiff::civil::Date,
    },
    /// An obligation that the index doesn't know.
    #[error("there is no obligation {name:?}{}", suggestion(near))]
    UnknownObligation {
        /// The name asked for.
        name: String,
        /// Known names like it, the nearest first.
        near: Vec<String>,
    },
    /// A day on which nothing is due.
    #[error("obligation {obligation:?} is not due on {given}{}", nearest_day(*nearest))]
    NotADueDay {
        /// The obligation.
        obligation: String,
        /// The day given.
        given: jiff::civil::Date,
        /// The due day that is nearest to it; `None` where there is none.
        nearest: Option<jiff::civil::Date>,
    },
    /// A report to be withdrawn that is not there.
    #[error("unit {unit:?} has no report on obligation {obligation:?} for {due}")]
    NoReport {
        /// The obligation.
        obligation: String,
        /// The unit.
        unit: String,
        /// The due day.
        due: jiff::civil::Date,
    },
    /// One more alias where a unit has as many as it can have.
    #[error("unit {unit:?} has {most} aliases already")]
    TooManyAliases {
        /// The unit.
        unit: String,
        /// The limit.
        most: usize,
    },
    /// A second lead.
    #[error("{lead:?} leads{} already; {unit:?} can't lead it as well", the_task(task))]
    TwoLeads {
        /// The task, where there is one.
        task: Option<String>,
        /// The lead that there is.
        lead: String,
        /// The unit that was to be another one.
        unit: String,
    },
    /// A word that is not the name of a role.
    #[error("{name:?} is no role: it is lead, co-lead, support, consulted or informed")]
    UnknownRole {
        /// The word.
        name: String,
    },
    /// A prefix with more than one `/` at its end.
    #[error("the prefix {prefix:?} ends with more than one slash")]
    DoubleSlash {
        /// The prefix.
        prefix: String,
    },
    /// A task that the index doesn't know.
    #[error("there is no task {task:?}")]
    UnknownTask {
        /// The task.
        task: String,
    },
    /// An edit of a unit's place in a task that doesn't name it.
    #[error("task {task:?} does not name unit {unit:?}")]
    NotNamed {
        /// The task.
        task: String,
        /// The unit.
        unit: String,
    },
    /// An edit of the lead that is for the other units.
    #[error("unit {unit:?} leads task {task:?}: set another lead, or vacate the task")]
    IsLead {
        /// The task.
        task: String,
        /// The unit.
        unit: String,
    },
    /// A task without a co-lead or a supporting unit that could become its lead.
    #[error("task {task:?} has no co-lead and no supporting unit that could lead it")]
    NoSuccessor {
        /// The task.
        task: String,
    },
    /// The index can take no more units. Removed units count towards the limit, since their numbers are never used again.
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
        asked: Revision,
        /// The newest revision.
        newest: Revision,
    },
    /// A day before all days of the index.
    #[error("on {asked} no commit was in force: {}", first_day(*first))]
    NoSuchDay {
        /// The day asked for.
        asked: jiff::civil::Date,
        /// The first day of a commit that the log goes back to; `None` where no commit has a day.
        first: Option<jiff::civil::Date>,
    },
    /// Text that is no cursor.
    #[error("{cursor:?} is no cursor: {why}")]
    BadCursor {
        /// The text, or its beginning.
        cursor: String,
        /// What is wrong with it.
        why: String,
    },
    /// A cursor of another history: of another index, of a copy, or from before commits were lost.
    #[error(
        "the cursor is of log {given}, the index has log {expected}: its revisions are other commits; take a new view and follow from there"
    )]
    OtherHistory {
        /// The id of the log in the cursor.
        given: String,
        /// The id of the index's log.
        expected: String,
    },
    /// A commit that can't be reverted, since it is a bulk load.
    #[error("revision {revision} is a bulk load, which can't be reverted: load again")]
    LoadReverted {
        /// Its revision.
        revision: Revision,
    },
    /// A day before that of the newest commit. Commits are recorded in the order in which they come into force.
    #[error(
        "the day {given} is before {newest}, that of the newest commit: record earlier changes first, or this one without a \
         day"
    )]
    DayGoesBack {
        /// The day given.
        given: jiff::civil::Date,
        /// The day of the newest commit.
        newest: jiff::civil::Date,
    },
    /// A place among the units of a role that isn't there.
    #[error("task {task:?} has {units} units in the role {role}; there is no place {place}")]
    NoSuchPlace {
        /// The task.
        task: String,
        /// The place asked for, counted from 0.
        place: usize,
        /// The role of the unit that was to move.
        role: Role,
        /// How many units have that role.
        units: usize,
    },
    /// A page or table of a section that has no task.
    #[error("there is no task at or below {prefix:?}")]
    NoTasks {
        /// The section.
        prefix: String,
    },
    /// More than a page can show.
    #[error(
        "a page shows at most {most} {what}, not {found}: give the prefix of a section, or write a page per section"
    )]
    PageTooLarge {
        /// Which number is too large: tasks, units, sections.
        what: &'static str,
        /// The number found.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// More than a workbook can have.
    #[error("a workbook has at most {most} {what}: give the prefix of a section, or write CSV")]
    WorkbookTooLarge {
        /// Which number is too large: tasks, bytes.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// A task that is moved to two keys.
    #[error("task {task:?} is moved twice")]
    MovedTwice {
        /// The task.
        task: String,
    },
    /// A key to which a task is moved, and which another task has or gets.
    #[error("there is a task {task:?} already, or another one is moved there")]
    KeyTaken {
        /// The key.
        task: String,
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

impl FromStr for Role {
    type Err = InputError;

    /// Reads the name that [`Display`](std::fmt::Display) writes.
    fn from_str(name: &str) -> Result<Role, InputError> {
        let known = Role::ALL.into_iter().find(|role| role.to_string() == name);
        known.ok_or_else(|| InputError::UnknownRole { name: name.to_owned() })
    }
}
