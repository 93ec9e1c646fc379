//! Tables after reading: their tasks and units. Plain data and the questions that callers ask of it; `builder` fills it.
//!
//! Invariants: the standing of each task is valid (each unit once, names within the limits); keys are distinct.

use std::borrow::Cow;

use crate::model::{Assignment, Role, Standing, UnitKind};
use crate::notice::Deadline;
use crate::text::between;

use super::finding_kind::Found;
use super::meaning::Meaning;
use super::place::Place;

/// The tasks of tables, and what was found on the way.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub(super) tasks: Vec<TaskEntry>,
    /// The texts of all tasks, one behind the other.
    pub(super) texts: String,
    pub(super) units: Vec<(String, UnitKind)>,
    pub(super) found: Vec<Found>,
    pub(super) columns: Vec<TableColumn>,
}

/// A column of a table, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableColumn {
    /// The place of its table among those that were read, from 0. Rows below another header are another table.
    pub table: usize,
    /// Its number in the table, from 1.
    pub number: usize,
    /// Its header; empty where there is none.
    pub header: String,
    /// The place of its header, or, in a table without one, of its first cell.
    pub place: Place,
    /// The meaning of its cells. `None` for a column that no task takes.
    pub meaning: Option<Meaning>,
}

impl TableColumn {
    /// Whether tasks take something from the column: it has a meaning other than [`Meaning::Ignore`] and
    /// [`Meaning::Person`].
    #[must_use]
    pub fn is_read(&self) -> bool {
        !matches!(self.meaning, None | Some(Meaning::Ignore | Meaning::Person))
    }
}

/// A piece of the texts of all tasks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Piece {
    start: usize,
    /// Its length: that of a cell, whose places have 32 bits.
    length: u32,
}

/// A task as the rows store it.
#[derive(Clone, Debug)]
pub(super) struct TaskEntry {
    pub(super) key: Piece,
    pub(super) given_key: bool,
    pub(super) title: Piece,
    pub(super) text: Piece,
    /// Tasks of one section share its text.
    pub(super) section: Piece,
    pub(super) deadline: Piece,
    pub(super) standing: Standing,
    pub(super) basis: Basis,
    pub(super) place: Place,
}

/// The reason for the choice of a task's lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Basis {
    /// A column, a mark or a remark names the lead.
    Explicit,
    /// Nothing tells the lead: the first-listed unit is taken.
    Convention,
    /// The task has no lead.
    Vacant,
}

impl Basis {
    /// Its name in lower case: `explicit`, `convention`, `vacant`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Basis::Explicit => "explicit",
            Basis::Convention => "convention",
            Basis::Vacant => "vacant",
        }
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Rows {
    /// The tasks, in the order of the rows.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = TableTask<'_>> + DoubleEndedIterator {
        self.tasks.iter().enumerate().map(|(at, entry)| TableTask { rows: self, entry, at })
    }

    /// A task by its place, from 0.
    #[must_use]
    pub fn task(&self, at: usize) -> Option<TableTask<'_>> {
        self.tasks.get(at).map(|entry| TableTask { rows: self, entry, at })
    }

    /// The columns of the tables that were read, from the left, table by table.
    ///
    /// ```
    /// use responsibility_index::table::{Meaning, Rows};
    ///
    /// let rows = Rows::read("What,Owner,Colour\nRoads,Transport,red\n")?;
    /// let columns: Vec<_> = rows.columns().map(|column| (column.header.as_str(), column.meaning)).collect();
    /// let expected = [("What", Some(Meaning::Title)), ("Owner", Some(Meaning::Lead)), ("Colour", None)];
    /// assert_eq!(columns, expected);
    /// # Ok::<(), responsibility_index::table::TableError>(())
    /// ```
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &TableColumn> {
        self.columns.iter()
    }

    /// Adds a piece to the texts.
    pub(super) fn push(&mut self, text: &str) -> Piece {
        let length = u32::try_from(text.len());
        debug_assert!(length.is_ok(), "a cell of {} bytes", text.len());
        let start = self.texts.len();
        self.texts.push_str(text);
        Piece { start, length: length.unwrap_or_default() }
    }

    pub(super) fn piece(&self, piece: Piece) -> &str {
        between(&self.texts, piece.start, piece.start + piece.length as usize)
    }

    /// The units with their kinds, in the order in which the rows first name them. Units of a chart that no row gives a part
    /// follow its rows.
    pub fn units(&self) -> impl ExactSizeIterator<Item = (&str, UnitKind)> {
        self.units.iter().map(|(name, kind)| (name.as_str(), *kind))
    }
}

/// One task of a table.
#[derive(Clone, Copy, Debug)]
pub struct TableTask<'r> {
    pub(super) rows: &'r Rows,
    pub(super) entry: &'r TaskEntry,
    pub(super) at: usize,
}

impl<'r> TableTask<'r> {
    /// The key as the table has it: the cell of the key, or else the number of the row, or else the place of the task.
    /// Where a number is empty or repeated it is followed by a place: `3/2`. No two tasks have the same.
    #[must_use]
    pub fn own_key(&self) -> &'r str {
        self.rows.piece(self.entry.key)
    }

    /// Whether the table has a column of keys and the row a key in it.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.entry.given_key
    }

    /// A key under a prefix: `plan/3`. A key that the table gives with this prefix, or any key where the prefix is empty,
    /// is taken as it is.
    #[must_use]
    pub fn key(&self, prefix: &str) -> Cow<'r, str> {
        let key = self.own_key();
        let has_prefix = key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
        if prefix.is_empty() || self.entry.given_key && has_prefix {
            return Cow::Borrowed(key);
        }
        Cow::Owned(format!("{prefix}/{key}"))
    }

    /// The place of the task among the tasks of all tables, from 1.
    #[must_use]
    pub fn ordinal(&self) -> usize {
        self.at + 1
    }

    /// The title; empty where the row has none.
    #[must_use]
    pub fn title(&self) -> &'r str {
        self.rows.piece(self.entry.title)
    }

    /// The text: a description, or else the title.
    #[must_use]
    pub fn text(&self) -> &'r str {
        let text = self.rows.piece(self.entry.text);
        if text.is_empty() { self.title() } else { text }
    }

    /// The section: the cell of its column, or else the last row that names one, or else the title of the table.
    #[must_use]
    pub fn section(&self) -> &'r str {
        self.rows.piece(self.entry.section)
    }

    /// The time by which the task is due, as written.
    #[must_use]
    pub fn deadline(&self) -> Option<&'r str> {
        Some(self.rows.piece(self.entry.deadline)).filter(|deadline| !deadline.is_empty())
    }

    /// The deadline as a day, for a date with the year first or a form that [notices](Deadline) have. `None` where there is
    /// none, and where the text has several days or none.
    #[must_use]
    pub fn due(&self) -> Option<Deadline> {
        Deadline::read(self.deadline()?)
    }

    /// The units with their roles. Without a lead the task is vacant.
    #[must_use]
    pub fn standing(&self) -> &'r Standing {
        &self.entry.standing
    }

    /// The unit that leads; `None` for a vacant task.
    #[must_use]
    pub fn lead(&self) -> Option<&'r str> {
        self.entry.standing.lead()
    }

    /// The assignment; `None` for a vacant task.
    #[must_use]
    pub fn assignment(&self) -> Option<&'r Assignment> {
        self.entry.standing.assignment()
    }

    /// The units in a role, in order.
    pub fn in_role(&self, role: Role) -> impl Iterator<Item = &'r str> + use<'r> {
        self.entry.standing.units().filter(move |(_, of)| *of == role).map(|(unit, _)| unit)
    }

    /// The reason for the choice of the lead.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.entry.basis
    }

    /// The line of the task, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.entry.place.line
    }

    /// The column of the task in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.entry.place.column
    }

    /// The place of the task.
    #[must_use]
    pub fn place(&self) -> Place {
        self.entry.place
    }
}
