//! The calls that write tables.

use std::io::Write;

use crate::export::asked::tasks_of;
use crate::model::{Result, section_name};
use crate::view::View;

use super::cells::Cells;
use super::loss::Loss;
use super::options::{TableOptions, TableReport};
use super::rows::TableWriter;

impl View {
    /// Writes the tasks of a [section](View::section) as CSV, one row per task: columns of roles, or a column for each unit
    /// ([`Shape`](super::Shape)). Keys, units, roles, the order of units, titles and the field `deadline` are written; other
    /// details, aliases and kinds of units, members, obligations and the past are not.
    ///
    /// [`table`](crate::table) reads the same assignments back; the report lists what it would read as something else, such
    /// as a unit whose name is two names with a `;` between them, and gives a reader that needs no guess.
    ///
    /// Costs about 3 µs per task, a wide table more: it has a cell for each task and unit, and readers of this crate take at
    /// most 4,096 columns. Reads the parts of the log that have details of these tasks, most of them once; nothing without
    /// [`details`](TableOptions::details).
    ///
    /// ```
    /// use responsibility_index::Index;
    /// use responsibility_index::export::{Shape, TableOptions};
    /// use responsibility_index::table::Rows;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance", "Police"])?;
    /// index.assign("plan/2", ["Finance", "Transport"])?;
    /// index.batch().declare("plan/3").commit()?;
    /// let view = index.view();
    ///
    /// let mut long = Vec::new();
    /// view.csv("plan", &TableOptions::new(), &mut long)?;
    /// let long = String::from_utf8(long)?;
    /// assert!(long.starts_with("task,lead,supporting,title,deadline\nplan/1,Transport,Finance; Police,,\n"));
    /// let rows = Rows::read(&long)?;
    /// assert_eq!(rows.task(0).and_then(|task| task.assignment().cloned()), view.assignment("plan/1"));
    ///
    /// let mut wide = Vec::new();
    /// let report = view.csv("plan", &TableOptions::new().shape(Shape::Wide), &mut wide)?;
    /// let wide = String::from_utf8(wide)?;
    /// let expected =
    ///     "task,title,deadline,Transport,Finance,Police\nplan/1,,,L,1,2\nplan/2,,,1,L,\nplan/3,,,,,\n";
    /// assert_eq!((wide.as_str(), report.losses.len()), (expected, 0));
    /// let rows = report.reader().read(&wide)?;
    /// assert_eq!(rows.task(2).map(|task| task.standing().to_string()).as_deref(), Some("vacant"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::NoTasks`](crate::InputError::NoTasks); [`InputError::DoubleSlash`](crate::InputError::DoubleSlash); [`Error::Io`](crate::Error::Io) when the writer fails, which has
    /// then a part of the table; those of [`details`](View::details).
    #[cfg(feature = "csv")]
    pub fn csv(&self, prefix: &str, options: &TableOptions, mut out: impl Write) -> Result<TableReport> {
        let mut cells = Cells::csv(&mut out, options.guard);
        if options.byte_order_mark {
            cells.byte_order_mark();
        }
        write(self, prefix, options, cells)
    }

    /// Writes the tasks of a [section](View::section) as a Markdown table: as [`csv`](View::csv), with the marks of Markdown
    /// behind backslashes. The options for byte order marks and formulas make no difference.
    ///
    /// ```
    /// use responsibility_index::Index;
    /// use responsibility_index::export::TableOptions;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// let mut out = Vec::new();
    /// index.view().markdown("", &TableOptions::new(), &mut out)?;
    /// let expected = "| task | lead | supporting | title | deadline |\n| --- | --- | --- | --- | --- |\n\
    ///                 | plan/1 | Transport | Finance |  |  |\n";
    /// assert_eq!(String::from_utf8(out)?, expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`csv`](View::csv).
    pub fn markdown(&self, prefix: &str, options: &TableOptions, mut out: impl Write) -> Result<TableReport> {
        write(self, prefix, options, Cells::markdown(&mut out))
    }
}

fn write(view: &View, prefix: &str, options: &TableOptions, mut cells: Cells<'_>) -> Result<TableReport> {
    let (name, set) = (section_name(prefix)?, view.section(prefix)?);
    let tasks = tasks_of(&set, prefix)?;
    let format = Some(cells.format());
    let (meanings, mut losses) = TableWriter::new(view, &tasks, options, &mut cells).write()?;
    cells.finish()?;
    losses.extend(Loss::idle(view, name));
    Ok(TableReport {
        tasks: tasks.len(),
        losses,
        format,
        meanings,
        #[cfg(feature = "xlsx")]
        matrix: None,
    })
}
