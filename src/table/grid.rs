//! A table: rows of cells with their places. Plain data; the readers of each format fill it.
//!
//! Invariants: a row has at most [`MOST_COLUMNS`] cells and a table at most [`MOST_CELLS`]; the texts of all cells are
//! pieces of one buffer, which copies of a merged cell share. Memory: 24 bytes per cell and the text.

use crate::text::between;

use super::error::TableError;
use super::lexicon::is_space;
use super::place::Place;

/// The most cells of a row. A chart of 500 units is wide.
pub const MOST_COLUMNS: usize = 4_096;
/// The most cells of a table, copies included: 400 MB.
pub const MOST_CELLS: usize = 16 << 20;
/// The longest text, in bytes: places in it are numbers of 32 bits.
pub(super) const MOST_BYTES: usize = u32::MAX as usize;

/// A cell that is a copy of a merged one: the direction in which the original is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Copied {
    /// The original spans several columns.
    FromLeft,
    /// The original spans several rows.
    FromAbove,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: u32,
    end: u32,
    place: Place,
    copied: Option<Copied>,
}

/// A table: rows of cells, each with its place in the file.
///
/// [`Tables`](super::Tables) reads tables from text. Other sources build one cell by cell:
/// ```
/// use responsibility_index::table::{Place, Reader, Table};
///
/// let mut table = Table::new("Sheet 1");
/// for (line, row) in (1..).zip([["Task", "Owner"], ["Repair the bridge", "Transport"]]) {
///     for (column, cell) in (1..).zip(row) {
///         table.push(cell, Place::new(line, column))?;
///     }
///     table.end_row();
/// }
/// let rows = Reader::new().read_tables(&[table])?;
/// assert_eq!(rows.task(0).and_then(|task| task.lead()), Some("Transport"));
/// # Ok::<(), responsibility_index::table::TableError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Table {
    title: String,
    text: String,
    cells: Vec<Entry>,
    /// Where each row ends in `cells`. Behind the last one are the cells of the row that is open.
    ends: Vec<usize>,
    /// Whether empty cells at the end of a row are left out, as in a sheet.
    rows_end_early: bool,
}

impl Table {
    /// An empty table with a title, which can be empty: the heading over it, or the name of a sheet. The title is the
    /// section of its tasks where no row or column names one.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Table {
        Table { title: title.into(), text: String::new(), cells: Vec::new(), ends: Vec::new(), rows_end_early: false }
    }

    /// Tells that empty cells at the end of a row are left out.
    #[cfg(feature = "xlsx")]
    pub(super) fn leave_out_ends(&mut self) {
        self.rows_end_early = true;
    }

    /// Whether a row of so many cells is as long as one of the header should be.
    pub(super) fn is_whole(&self, cells: usize, of_header: usize) -> bool {
        cells == of_header || self.rows_end_early && cells < of_header
    }

    /// Makes room for so many bytes of text.
    #[cfg(feature = "csv")]
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes);
    }

    /// Adds a cell to the last row, without white space at its ends.
    ///
    /// # Errors
    /// [`TableError::TooManyColumns`], [`TableError::TooManyCells`] and [`TableError::TooLong`].
    pub fn push(&mut self, text: &str, place: Place) -> Result<(), TableError> {
        let text = text.trim_matches(is_space);
        let start = u32::try_from(self.text.len());
        let end = u32::try_from(self.text.len() + text.len());
        let (Ok(start), Ok(end)) = (start, end) else {
            return Err(TableError::TooLong { bytes: self.text.len() + text.len(), most: MOST_BYTES });
        };
        self.text.push_str(text);
        self.entry(Entry { start, end, place, copied: None })
    }

    /// Adds a copy of the last cell of the last row, which spans several columns; nothing where the row is empty.
    ///
    /// # Errors
    /// [`TableError::TooManyColumns`] and [`TableError::TooManyCells`].
    pub fn push_copy_from_left(&mut self) -> Result<(), TableError> {
        let last = self.cells.last().filter(|_| self.open_cells() > 0).copied();
        last.map_or(Ok(()), |last| self.entry(Entry { copied: Some(Copied::FromLeft), ..last }))
    }

    /// Adds a copy of the cell above, which spans several rows; an empty cell where there is none. The copy of a copy
    /// from the left is one from the left.
    ///
    /// # Errors
    /// [`TableError::TooManyColumns`] and [`TableError::TooManyCells`].
    pub fn push_copy_from_above(&mut self, place: Place) -> Result<(), TableError> {
        let above =
            self.ends.len().checked_sub(1).and_then(|row| self.row(row).entries.get(self.open_cells()).copied());
        match above {
            Some(above) => self.entry(Entry { copied: above.copied.or(Some(Copied::FromAbove)), ..above }),
            None => self.push("", place),
        }
    }

    fn entry(&mut self, entry: Entry) -> Result<(), TableError> {
        let line = entry.place.line;
        if self.open_cells() >= MOST_COLUMNS {
            return Err(TableError::TooManyColumns { line, most: MOST_COLUMNS });
        }
        if self.cells.len() >= MOST_CELLS {
            return Err(TableError::TooManyCells { line, most: MOST_CELLS });
        }
        self.cells.push(entry);
        Ok(())
    }

    /// Ends the last row. An empty row is none.
    pub fn end_row(&mut self) {
        if self.open_cells() > 0 {
            self.ends.push(self.cells.len());
        }
    }

    /// Where a row begins in `cells`; of the row behind the last one, where the open row begins.
    fn start(&self, row: usize) -> usize {
        #[expect(clippy::indexing_slicing, reason = "callers ask for rows that there are, and for the open one")]
        row.checked_sub(1).map_or(0, |above| self.ends[above])
    }

    /// The number of cells of the row that is not yet ended.
    pub(super) fn open_cells(&self) -> usize {
        self.cells.len() - self.start(self.ends.len())
    }

    /// The number of cells.
    pub(super) fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// The title; empty where there is none.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn set_title(&mut self, title: &str) {
        self.title = title.to_owned();
    }

    /// The rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> + Clone {
        (0..self.ends.len()).map(|row| self.row(row))
    }

    /// A row; an empty one behind the last.
    pub(super) fn row(&self, at: usize) -> Row<'_> {
        #[expect(clippy::indexing_slicing, reason = "the ends of rows are in order and not behind the cells")]
        let entries = self.ends.get(at).map_or(&[][..], |end| &self.cells[self.start(at)..*end]);
        Row { table: self, entries }
    }
}

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    table: &'t Table,
    entries: &'t [Entry],
}

impl<'t> Row<'t> {
    /// The cells, from the left.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'t>> + DoubleEndedIterator + Clone + use<'t> {
        let table = self.table;
        self.entries.iter().map(move |entry| Cell { table, entry })
    }

    /// A cell by its place from the left, from 0.
    #[must_use]
    pub fn cell(&self, at: usize) -> Option<Cell<'t>> {
        self.entries.get(at).map(|entry| Cell { table: self.table, entry })
    }

    /// The number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the row has no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The cells with text, for findings: the start of the first few.
    pub(super) fn shown(&self) -> String {
        const MOST_SHOWN: usize = 8;
        const SHOWN: usize = 60;
        let mut text = String::new();
        let cells = self.cells().filter(|cell| !cell.is_empty() && cell.copied() != Some(Copied::FromLeft));
        for cell in cells.take(MOST_SHOWN) {
            if !text.is_empty() {
                text.push_str(" | ");
            }
            text.extend(cell.text().chars().take(SHOWN));
        }
        text
    }

    /// The place of its first cell.
    #[must_use]
    pub fn place(&self) -> Place {
        self.entries.first().map_or_else(Place::default, |entry| entry.place)
    }
}

/// A cell of a table.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'t> {
    table: &'t Table,
    entry: &'t Entry,
}

impl<'t> Cell<'t> {
    /// The text, without white space at its ends, line breaks kept.
    #[must_use]
    pub fn text(&self) -> &'t str {
        between(&self.table.text, self.entry.start as usize, self.entry.end as usize)
    }

    /// The place of its text in the file; of a copy, that of the original.
    #[must_use]
    pub fn place(&self) -> Place {
        self.entry.place
    }

    /// Whether the cell is a copy of a merged one.
    #[must_use]
    pub fn copied(&self) -> Option<Copied> {
        self.entry.copied
    }

    /// Whether the cell has no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entry.start == self.entry.end
    }
}
