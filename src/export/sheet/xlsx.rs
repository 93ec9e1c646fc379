//! The call that writes a workbook: both forms of a table, each as a sheet.

use std::io::Write;

use crate::export::asked::tasks_of;
use crate::model::{InputError, Result, section_name};
use crate::table::{MATRIX_SHEET, MOST_CELLS, MOST_COLUMNS, TASKS_SHEET, TEXTS_OF_WIDE};
use crate::view::View;

use super::loss::Loss;
use super::options::{Shape, TableOptions, TableReport};
use super::rows::{TableWriter, units_of};
use super::workbook::{Book, MOST_ROWS};

impl View {
    /// Writes the tasks of a [section](View::section) as a workbook (`.xlsx`) for spreadsheets, with feature `xlsx`. Its sheet
    /// `tasks` has a column for each role, its sheet `matrix` a column for each unit; what is written of a task is what
    /// [`csv`](View::csv) writes. Each sheet has a header that stays in sight and a filter; the marks of the matrix have the
    /// colours of [`page`](View::page). Of the options only [`details`](TableOptions::details) makes a difference.
    ///
    /// Every cell is text: a key such as `=1+1` is no formula, and `1-2` no day. The file has no time in it, so that the same
    /// tasks give the same bytes.
    ///
    /// The report lists what would not be read back: a loss of one sheet only is a [`Loss::InSheet`]. Its
    /// [`reader`](TableReport::reader) reads the sheet `tasks`, its [`matrix_reader`](TableReport::matrix_reader) the other
    /// one; [`Reader::sheet`](crate::table::Reader::sheet) chooses one without the report. A text of more than 32,767
    /// characters (units of UTF-16), which no cell can hold, is cut, ends with an ellipsis, and is a loss. Control characters
    /// are kept, except behind a text such as `_x0041`, where they become spaces, a loss as well.
    ///
    /// # Limits and cost
    /// At most 1,048,575 tasks, and about 1 GiB of text and cells before they are packed. A matrix has at most 4,093 units, and
    /// [`MOST_CELLS`] cells, empty ones included; a larger one is left out, which is reported as [`Loss::Matrix`]; without
    /// any unit there is none. All cells are in memory until the file is made, about 300 bytes per cell with text: 10,000 tasks of 500 units with four units per task take 0.2 s, 30 MB and a file of 660 kB; a million tasks of
    /// ten units take 20 s, 2.5 GB and a file of 53 MB. Details are read once for each sheet.
    ///
    /// ```
    /// use responsibility_index::Index;
    /// use responsibility_index::export::TableOptions;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance", "Police"])?;
    /// index.assign("plan/2", ["Finance", "Transport"])?;
    /// let view = index.view();
    ///
    /// let mut book = Vec::new();
    /// let report = view.xlsx("plan", &TableOptions::new(), &mut book)?;
    /// assert!(report.losses.is_empty());
    /// let matrix = report.matrix_reader().expect("a matrix of three units");
    /// for reader in [report.reader(), matrix] {
    ///     let rows = reader.read_xlsx(&book)?;
    ///     assert_eq!(rows.task(0).and_then(|task| task.assignment().cloned()), view.assignment("plan/1"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::NoTasks`]; [`InputError::DoubleSlash`]; [`InputError::WorkbookTooLarge`]; [`Error::Io`](crate::Error::Io)
    /// when the writer fails, which has then a part of the file; those of [`details`](View::details). The writer gets nothing
    /// before the whole workbook is made.
    pub fn xlsx(&self, prefix: &str, options: &TableOptions, mut out: impl Write) -> Result<TableReport> {
        let (name, set) = (section_name(prefix)?, self.section(prefix)?);
        let tasks = tasks_of(&set, prefix)?;
        if tasks.len() >= MOST_ROWS {
            return Err(InputError::WorkbookTooLarge { what: "tasks", most: MOST_ROWS - 1 }.into());
        }
        let mut book = Book::new()?;
        let mut sheet = |name, shape| {
            let options = options.clone().shape(shape);
            book.sheet(name, shape, |sheet| TableWriter::new(self, &tasks, &options, sheet).write())
        };
        let (meanings, of_tasks) = sheet(TASKS_SHEET, Shape::Long)?;
        let units = units_of(&tasks);
        let columns = TEXTS_OF_WIDE.len() + units;
        let fits = columns <= MOST_COLUMNS && columns.saturating_mul(tasks.len() + 1) <= MOST_CELLS;
        let (matrix, mut losses) = if fits && units > 0 {
            let (meanings, of_matrix) = sheet(MATRIX_SHEET, Shape::Wide)?;
            (Some(meanings), Loss::of_both((TASKS_SHEET, of_tasks), (MATRIX_SHEET, of_matrix)))
        } else {
            (None, of_tasks)
        };
        book.write(&mut out)?;
        losses.extend((!fits).then_some(Loss::Matrix { tasks: tasks.len(), units }));
        losses.extend(Loss::idle(self, name));
        Ok(TableReport { tasks: tasks.len(), losses, format: None, meanings, matrix })
    }
}
