//! Tables of a spreadsheet: each sheet is one. The file is a ZIP archive of XML, which calamine reads.
//!
//! Input: the bytes of the file. Output: tables whose lines and columns are rows and columns of their sheets. Merged cells
//! are copied; days are written as 2026-11-30. Cells come one by one, so that a sheet whose corners are far apart takes
//! no memory for the cells between them.
//! Cost: the archive is unpacked twice, the first time only to measure it.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Dimensions, Reader as _, Xlsx, XlsxError};

use super::document::Tables;
use super::error::TableError;
use super::grid::{Copied, MOST_CELLS, MOST_COLUMNS, Table};
use super::place::Place;

/// The most bytes of all files of a spreadsheet together, unpacked. Half a million rows take about 200 MB.
pub(crate) const MOST_UNPACKED: u64 = 1 << 30;

impl Tables {
    /// Reads the sheets of a spreadsheet in the format of Excel 2007 and later (`.xlsx`). Lines and columns are rows and columns
    /// of the sheet, its name is the title of the table. Hidden sheets are read, too. Takes most of the time of
    /// [`Reader::read_xlsx`](super::Reader::read_xlsx).
    ///
    /// # Errors
    /// [`TableError::Spreadsheet`] for bytes that are none; [`TableError::TooLong`] for a file that becomes larger than 1 GiB
    /// unpacked; [`TableError::NoTable`] where all sheets are empty; an error of a limit.
    pub fn read_xlsx(bytes: &[u8]) -> Result<Tables, TableError> {
        // A file that is made to do harm can make the reader of the format panic.
        let read = catch_unwind(AssertUnwindSafe(|| sheets(bytes)));
        let tables = read.unwrap_or_else(|_| Err(unreadable("its contents contradict each other")))?;
        if tables.is_empty() {
            return Err(TableError::NoTable);
        }
        Ok(Tables { tables, lines: Vec::new(), found: Vec::new() })
    }
}

fn unreadable(why: impl ToString) -> TableError {
    TableError::Spreadsheet { why: why.to_string() }
}

fn sheets(bytes: &[u8]) -> Result<Vec<Table>, TableError> {
    check_unpacked(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut tables = Vec::new();
    for name in book.sheet_names() {
        let merged = match book.merge_cells_by_sheet_name(&name) {
            Ok(merged) => merged,
            // A sheet of a chart has no cells.
            Err(XlsxError::WorksheetNotFound(_)) => continue,
            Err(error) => return Err(unreadable(error)),
        };
        let table = Sheet::read(&mut book, &name)?.table(&name, &merged)?;
        if table.rows().len() > 0 {
            tables.push(table);
        }
    }
    Ok(tables)
}

/// Unpacks the archive into nothing, up to the limit: what an archive says of its size need not be true.
fn check_unpacked(bytes: &[u8]) -> Result<(), TableError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut unpacked = 0;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(unreadable)?;
        unpacked += io::copy(&mut file.take(MOST_UNPACKED + 1 - unpacked), &mut io::sink()).map_err(unreadable)?;
        if unpacked > MOST_UNPACKED {
            let bytes = usize::try_from(unpacked).map_or(usize::MAX, |bytes| bytes);
            return Err(TableError::TooLong { bytes, most: MOST_UNPACKED as usize });
        }
    }
    Ok(())
}

/// The cells with text of a sheet, by row and column from 0.
#[derive(Default)]
struct Sheet {
    rows: BTreeMap<u32, BTreeMap<u32, String>>,
    /// The number of columns up to the last cell.
    width: u32,
}

impl Sheet {
    fn read(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Sheet, TableError> {
        let mut cells = book.worksheet_cells_reader(name).map_err(unreadable)?;
        let (mut sheet, mut count) = (Sheet::default(), 0);
        while let Some(cell) = cells.next_cell().map_err(unreadable)? {
            let text = text(cell.get_value());
            if text.trim().is_empty() {
                continue;
            }
            let ((row, column), line) = (cell.get_position(), cell.get_position().0 + 1);
            count += 1;
            if count > MOST_CELLS {
                return Err(TableError::TooManyCells { line, most: MOST_CELLS });
            }
            if column as usize >= MOST_COLUMNS {
                return Err(TableError::TooManyColumns { line, most: MOST_COLUMNS });
            }
            sheet.width = sheet.width.max(column + 1);
            sheet.rows.entry(row).or_default().insert(column, text);
        }
        Ok(sheet)
    }

    fn table(self, name: &str, merged: &[Dimensions]) -> Result<Table, TableError> {
        let mut table = Table::new(name);
        table.leave_out_ends();
        // For each column the last row of the merged cell that covers it from above.
        let mut above: HashMap<u32, u32> = HashMap::new();
        let mut starts: HashMap<u32, Vec<&Dimensions>> = HashMap::new();
        merged.iter().for_each(|cell| starts.entry(cell.start.0).or_default().push(cell));
        let (first, last) = (self.rows.keys().next().copied(), self.rows.keys().next_back().copied());
        let (Some(first), Some(last)) = (first, last) else { return Ok(table) };
        for row in first..=last {
            let copied = self.copied(row, &starts, &mut above);
            let Some(cells) = self.rows.get(&row).or_else(|| (!copied.is_empty()).then_some(&NO_CELLS)) else {
                continue;
            };
            let end = cells.keys().chain(copied.keys()).max().map_or(0, |column| column + 1);
            for column in 0..end {
                let place = Place::new(row + 1, column + 1);
                match (copied.get(&column), cells.get(&column)) {
                    (Some(Copied::FromLeft), _) => table.push_copy_from_left()?,
                    (Some(Copied::FromAbove), _) => table.push_copy_from_above(place)?,
                    (None, text) => table.push(text.map_or("", String::as_str), place)?,
                }
            }
            table.end_row();
        }
        Ok(table)
    }

    /// The columns of a row that are covered by merged cells, without the cells themselves.
    fn copied(
        &self,
        row: u32,
        starts: &HashMap<u32, Vec<&Dimensions>>,
        above: &mut HashMap<u32, u32>,
    ) -> BTreeMap<u32, Copied> {
        above.retain(|_, last| *last >= row);
        let mut copied: BTreeMap<u32, Copied> = above.keys().map(|column| (*column, Copied::FromAbove)).collect();
        for cell in starts.get(&row).into_iter().flatten() {
            // A cell may be merged with all columns that there can be.
            for column in cell.start.1..=cell.end.1.min(self.width.saturating_sub(1)) {
                if column > cell.start.1 {
                    copied.insert(column, Copied::FromLeft);
                }
                if cell.end.0 > row {
                    above.insert(column, cell.end.0);
                }
            }
        }
        copied
    }
}

/// The cells of a row that has none of its own.
static NO_CELLS: BTreeMap<u32, String> = BTreeMap::new();

/// The text of a cell: a day without a time is a day, a whole number has no point.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
        }
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
    }
}
