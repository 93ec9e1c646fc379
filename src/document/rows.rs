//! Tables of pages as lines: each row is a line with tabs between its cells.
//!
//! Input: the cells of a table, row by row. Output: lines at the end of a text. A cell that spans several rows is repeated in
//! each of them, in its first column, so that each row names its units; a cell that spans columns is followed by empty
//! ones, so that each cell is below its header. Lines within a cell are separated by U+2028, which ends no row.
//! Tables also lay out pages: a row is lines, not cells, if a cell of it has a table, or if a cell has several lines and
//! is too long for its place: for a list of units, for a title where no row came before, for a section where it is alone.
//! Bounds: at most as many bytes of copies as the page has; at most 1000 cells wait for the end of their row. Cost: in proportion to cells and copies.

use std::rc::Rc;

use super::piece::Piece;

/// The most columns and rows that one cell spans: the limits of the HTML standard.
pub(super) const MOST_COLUMNS: usize = 1000;
pub(super) const MOST_ROWS: usize = 65_534;
/// A longer cell of several lines, in bytes (1000 Chinese characters), is part of a layout.
const LONGEST_CELL: usize = 3000;
/// The same for a title of a column or a section: 100 Chinese characters.
const LONGEST_TITLE: usize = 300;

/// How many columns and rows a cell takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// A cell above that spans further rows.
#[derive(Clone, Debug, Default)]
struct Above {
    rows: usize,
    /// Its text, in its first column.
    cell: Option<Rc<Piece>>,
}

/// A table that is open.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The cells of the open row.
    cells: Vec<(Piece, Extent)>,
    /// The cell that is open.
    open: Option<Extent>,
    /// The text of the open cell.
    pub(super) text: Piece,
    /// Whether a row is open.
    is_open: bool,
    /// Whether the table has a row of several cells that are filled.
    has_rows: bool,
    /// Whether the open row is part of a layout.
    is_layout: bool,
    /// For each column the cell above that spans it.
    above: Vec<Above>,
}

impl Rows {
    pub(super) fn is_in_cell(&self) -> bool {
        self.open.is_some()
    }

    /// Opens a row. The one before has ended.
    pub(super) fn start_row(&mut self) {
        self.is_open = true;
    }

    /// Begins a cell. A row of too many cells is part of a layout.
    pub(super) fn start_cell(&mut self, extent: Extent, out: &mut Piece) {
        self.end_cell();
        if self.cells.len() >= MOST_COLUMNS {
            self.lay_out(out);
        }
        self.is_open = true;
        self.open = Some(extent);
    }

    pub(super) fn end_cell(&mut self) {
        if let Some(extent) = self.open.take() {
            self.cells.push((std::mem::take(&mut self.text), extent));
        }
    }

    /// Ends a group of rows, which no cell spans beyond.
    pub(super) fn end_group(&mut self) {
        self.above.clear();
    }

    /// Makes the open row part of a layout, and moves the text that it has so far to `out`.
    pub(super) fn lay_out(&mut self, out: &mut Piece) {
        self.is_layout = true;
        self.cells.drain(..).for_each(|(mut cell, _)| out.take_lines(&mut cell));
        out.take_lines(&mut self.text);
    }

    /// Ends the open row, if there is one. Copies take from `budget`; returns whether it was enough.
    pub(super) fn end_row(&mut self, out: &mut Piece, budget: &mut usize) -> bool {
        self.end_cell();
        if !std::mem::take(&mut self.is_open) {
            return true;
        }
        if self.is_layout || self.above.is_empty() && self.looks_laid_out() {
            self.lay_out(out);
            self.is_layout = false;
            self.pass_row();
            return true;
        }
        if self.cells.iter().all(|(cell, _)| cell.is_blank()) {
            self.cells.clear();
            self.pass_row();
            return true;
        }
        self.has_rows |= self.cells.iter().filter(|(cell, _)| !cell.is_blank()).count() > 1;
        out.fresh_line();
        let enough = self.line(out, budget);
        out.fresh_line();
        enough
    }

    /// Whether the open row is part of a layout by the text of its cells. No cell above spans it.
    fn looks_laid_out(&self) -> bool {
        let mut filled = self.cells.iter().map(|(cell, _)| cell).filter(|cell| !cell.is_blank());
        let longest = if self.has_rows { LONGEST_CELL } else { LONGEST_TITLE };
        match (filled.next(), filled.next()) {
            (Some(only), None) => only.has_lines() && (!self.has_rows || only.text.len() > LONGEST_TITLE),
            (None, _) => false,
            _ => self.cells.iter().any(|(cell, _)| cell.text.len() > longest && cell.has_lines()),
        }
    }

    /// Counts a row that shows no copies.
    fn pass_row(&mut self) {
        self.above.iter_mut().for_each(|above| above.rows = above.rows.saturating_sub(1));
        self.trim_above();
    }

    fn trim_above(&mut self) {
        let last = self.above.iter().rposition(|above| above.rows > 0).map_or(0, |at| at + 1);
        self.above.truncate(last);
    }

    /// Adds the cells of the row and the copies from above as a line.
    fn line(&mut self, out: &mut Piece, budget: &mut usize) -> bool {
        let (mut column, mut enough) = (0, true);
        let mut cells = std::mem::take(&mut self.cells).into_iter();
        loop {
            if let Some(above) = self.above.get_mut(column).filter(|above| above.rows > 0) {
                above.rows -= 1;
                let cost = above.cell.as_ref().map_or(1, |cell| cell.cost());
                if take(budget, cost, &mut enough) {
                    separate(out, column);
                    above.cell.iter().for_each(|cell| out.add_cell(cell));
                    column += 1;
                } else {
                    self.above.clear();
                }
                continue;
            }
            let Some((cell, extent)) = cells.next() else {
                // Columns without a cell before one that a cell above spans.
                if column >= self.above.len() || !take(budget, 1, &mut enough) {
                    break;
                }
                separate(out, column);
                column += 1;
                continue;
            };
            separate(out, column);
            out.add_cell(&cell);
            let mut columns = 1;
            while columns < extent.columns && take(budget, 1, &mut enough) {
                out.separate();
                columns += 1;
            }
            if extent.rows > 1 && take(budget, columns, &mut enough) {
                self.above.resize(self.above.len().max(column + columns), Above::default());
                let mut spanned = self.above.iter_mut().skip(column).take(columns);
                let cell = Rc::new(cell);
                spanned
                    .by_ref()
                    .take(1)
                    .for_each(|above| *above = Above { rows: extent.rows - 1, cell: Some(cell.clone()) });
                spanned.for_each(|above| *above = Above { rows: extent.rows - 1, cell: None });
            }
            column += columns;
        }
        self.trim_above();
        enough
    }
}

fn separate(out: &mut Piece, column: usize) {
    if column > 0 {
        out.separate();
    }
}

/// Takes a cost from the budget, unless it is too high. Then nothing is left.
fn take(budget: &mut usize, cost: usize, enough: &mut bool) -> bool {
    match budget.checked_sub(cost) {
        Some(rest) => *budget = rest,
        None => (*budget, *enough) = (0, false),
    }
    *enough
}
