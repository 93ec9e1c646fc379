//! Options of tables, and what is reported about a table. Plain values.

use std::fmt;

use crate::table::{Columns, Format, Meaning, Reader};

/// What the columns of a table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// A column for each role that is used, with the names of units separated by `;`.
    #[default]
    Long,
    /// A column for each unit, with a mark for its role. `L` leads; `L2`, `L3`, ... lead jointly, in order; 1, 2, ... support
    /// in order; `C` is consulted; `I` is informed. Where supporting units have no lead above them they are `S1`, `S2`, ...;
    /// where the columns have another order than consulted or informed units these are `C1`, `C2`, ..., `I1`, `I2`, ...
    Wide,
}

/// Options of [`View::csv`](crate::View::csv) and [`View::markdown`](crate::View::markdown).
///
/// ```
/// use responsibility_index::export::{Shape, TableOptions};
///
/// let options = TableOptions::new().shape(Shape::Wide).byte_order_mark(true);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableOptions {
    pub(super) shape: Shape,
    pub(super) details: bool,
    pub(super) byte_order_mark: bool,
    pub(super) guard: bool,
}

impl Default for TableOptions {
    fn default() -> TableOptions {
        TableOptions { shape: Shape::Long, details: true, byte_order_mark: false, guard: false }
    }
}

impl TableOptions {
    /// Columns of roles, with titles and deadlines.
    #[must_use]
    pub fn new() -> TableOptions {
        TableOptions::default()
    }

    /// Sets what the columns are.
    #[must_use]
    pub fn shape(mut self, shape: Shape) -> TableOptions {
        self.shape = shape;
        self
    }

    /// Sets whether the titles of tasks and the field `deadline` are read and written. Without them no disk is read.
    #[must_use]
    pub fn details(mut self, details: bool) -> TableOptions {
        self.details = details;
        self
    }

    /// Sets whether CSV begins with a byte order mark. Excel takes a file without one for the code page of the machine, and
    /// shows Chinese as garbage.
    #[must_use]
    pub fn byte_order_mark(mut self, mark: bool) -> TableOptions {
        self.byte_order_mark = mark;
        self
    }

    /// Sets whether an apostrophe is put before cells of CSV that a spreadsheet would compute: those that begin with `=`,
    /// `+`, `-` or `@`, also full-width, a tab or a line break. Keys and names with an apostrophe are not read back as they
    /// were; the report lists them.
    #[must_use]
    pub fn guard_formulas(mut self, guard: bool) -> TableOptions {
        self.guard = guard;
        self
    }
}

/// A table that was written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TableReport {
    /// The number of tasks, one row each.
    pub tasks: usize,
    /// What a reader would not take as it was in the index.
    pub losses: Vec<Loss>,
    pub(super) format: Format,
    pub(super) meanings: Vec<Meaning>,
}

impl TableReport {
    /// A reader that takes the table back as it was written, whatever its header looks like: it knows the format and the
    /// meaning of each column. [`Rows::read`](crate::table::Rows::read) tells them from the text, which is enough for most
    /// tables.
    #[must_use]
    pub fn reader(&self) -> Reader {
        let columns = (1..).zip(&self.meanings);
        let columns = columns.fold(Columns::new(), |columns, (number, meaning)| columns.number(number, *meaning));
        Reader::new().format(self.format).columns(columns.header_at(1))
    }
}

/// A fact of the index that is not read back from a table as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// The name of a unit that a reader would take as something else: several names, a name with a role, nobody. Reported
    /// for the first task only.
    Unit {
        /// The unit.
        unit: String,
        /// The first task that names it.
        task: String,
    },
    /// A task whose key a reader would take as something else.
    Task {
        /// The task.
        task: String,
    },
    /// Units of a task that are read back each by itself, but not together in one cell.
    Units {
        /// The task.
        task: String,
    },
    /// A unit that no task names. No table names it.
    Idle {
        /// The unit.
        unit: String,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Unit { unit, task } => write!(f, "unit {unit:?} of task {task:?} is not read back under this name"),
            Loss::Task { task } => write!(f, "task {task:?} is not read back under this key"),
            Loss::Units { task } => write!(f, "the units of task {task:?} are not read back as they are"),
            Loss::Idle { unit } => write!(f, "unit {unit:?} is left out: no task names it"),
        }
    }
}
