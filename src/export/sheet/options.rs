//! Options of tables, and the report about a table. Plain values.

use crate::table::{Columns, Format, Meaning, Reader, TASKS_SHEET};

use super::loss::Loss;

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

/// Options of [`View::csv`](crate::View::csv) and [`View::markdown`](crate::View::markdown), and of `View::xlsx`, which writes
/// both shapes and uses [`details`](TableOptions::details) only.
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
    /// `+`, `-` or `@`, also full-width, a tab or a line break. Keys, names and texts with an apostrophe are not read back as
    /// they were; the report lists them. A workbook needs none: all its cells are text.
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
    /// The format of a text; `None` for a workbook.
    pub(super) format: Option<Format>,
    /// The meanings of the columns; of a workbook, those of the sheet `tasks`.
    pub(super) meanings: Vec<Meaning>,
    /// The meanings of the columns of the sheet `matrix`, where there is one.
    #[cfg(feature = "xlsx")]
    pub(super) matrix: Option<Vec<Meaning>>,
}

impl TableReport {
    /// A reader that takes the table back as it was written, whatever its header looks like: it knows the format and the
    /// meaning of each column. [`Rows::read`](crate::table::Rows::read) tells them from the text, which is enough for most
    /// tables. Of a workbook it reads the sheet `tasks`.
    #[must_use]
    pub fn reader(&self) -> Reader {
        let reader = Reader::new().columns(columns(&self.meanings));
        match self.format {
            Some(format) => reader.format(format),
            None => reader.sheet(TASKS_SHEET),
        }
    }

    /// A reader that takes the sheet `matrix` of a workbook back as it was written; `None` where there is no such sheet.
    #[cfg(feature = "xlsx")]
    #[must_use]
    pub fn matrix_reader(&self) -> Option<Reader> {
        let meanings = self.matrix.as_ref()?;
        Some(Reader::new().columns(columns(meanings)).sheet(crate::table::MATRIX_SHEET))
    }
}

/// The columns of a table that was written, under a header in its first row.
fn columns(meanings: &[Meaning]) -> Columns {
    let columns = (1..).zip(meanings);
    columns.fold(Columns::new(), |columns, (number, meaning)| columns.number(number, *meaning)).header_at(1)
}
