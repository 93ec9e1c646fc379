//! Reads tables: from text to tasks.
//!
//! Input: a text, or tables. Output: [`Rows`]. For each table: the header (`header`), whether it is a chart (`chart`), the
//! columns (`layout`), the rows (`rows`); all tasks are put together by `builder`. Lines outside tables are read for
//! legends; those with a word of responsibility are findings.
//! Cost: time in proportion to the text; sorting the findings adds a logarithm to their number.

use super::builder::Builder;
use super::chart::{self, Explained};
use super::columns::Columns;
use super::document::{Format, Tables};
use super::error::TableError;
use super::finding_kind::{FindingKind, Found};
use super::grid::Table;
use super::header::{self, distinct};
use super::layout::Layout;
use super::letters::{self, Letters};
#[cfg(feature = "xlsx")]
use super::meaning::Meaning;
use super::model::Rows;
use super::prose::Line;
#[cfg(feature = "xlsx")]
use super::repeated;
use super::rows::{RowReader, Stop, before_header};
use super::title;
#[cfg(feature = "xlsx")]
use super::written::{MATRIX_SHEET, TASKS_SHEET, TEXTS_OF_WIDE};

/// Options of reading: the format, one sheet of several, a mapping of columns, the meanings of marks.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    format: Option<Format>,
    sheet: Option<String>,
    columns: Columns,
    letters: Option<Letters>,
}

impl Rows {
    /// Reads the tables of a text, with the usual meanings of headers and marks. See [`Reader`] for choices.
    ///
    /// # Errors
    /// Those of [`Reader::read`].
    pub fn read(text: &str) -> Result<Rows, TableError> {
        Reader::new().read(text)
    }
}

impl Reader {
    /// Tells the format, the columns and the marks from the text.
    #[must_use]
    pub fn new() -> Reader {
        Reader::default()
    }

    /// Sets the format. Without it the text tells it.
    #[must_use]
    pub fn format(mut self, format: Format) -> Reader {
        self.format = Some(format);
        self
    }

    /// Reads only the tables with this title: the sheet of a spreadsheet with this name, or the tables under this heading.
    ///
    /// ```
    /// use responsibility_index::table::Reader;
    ///
    /// let table = |lead: &str| format!("| Task | Owner |\n| --- | --- |\n| Repair | {lead} |\n");
    /// let text = format!("# Roads\n\n{}\n# Schools\n\n{}", table("Transport"), table("Education"));
    /// let rows = Reader::new().sheet("Schools").read(&text)?;
    /// assert_eq!((rows.tasks().len(), rows.task(0).and_then(|task| task.lead())), (1, Some("Education")));
    /// let error = Reader::new().sheet("Water").read(&text).unwrap_err();
    /// assert_eq!(error.to_string(), "no sheet or table is called \"Water\"; there are \"Roads\", \"Schools\"");
    /// # Ok::<(), responsibility_index::table::TableError>(())
    /// ```
    #[must_use]
    pub fn sheet(mut self, title: impl Into<String>) -> Reader {
        self.sheet = Some(title.into());
        self
    }

    /// Maps columns. Those without a mapping keep the meaning of their header.
    #[must_use]
    pub fn columns(mut self, columns: Columns) -> Reader {
        self.columns = columns;
        self
    }

    /// Sets the meanings of the marks of charts. A legend in the text adds to them.
    #[must_use]
    pub fn letters(mut self, letters: Letters) -> Reader {
        self.letters = Some(letters);
        self
    }

    /// Reads the tables of a text. Takes time in proportion to its length, about 10 ns per byte of CSV.
    ///
    /// # Errors
    /// [`TableError::NoTable`]; [`TableError::NoLeadColumn`] when no table has a column that tells the lead, and none is a
    /// chart; [`TableError::TwoHeaders`] for two columns of leads; [`TableError::NoSuchHeader`] and
    /// [`TableError::NoSuchColumn`] for a mapped header or number that no table has; [`TableError::NoSuchRow`] for a header
    /// behind the last row; [`TableError::NoSuchSheet`] when no table has the title of [`sheet`](Reader::sheet); an error of a
    /// limit.
    pub fn read(&self, text: &str) -> Result<Rows, TableError> {
        let tables = match self.format {
            Some(format) => Tables::read_as(text, format)?,
            None => Tables::read(text)?,
        };
        let (rows, _) = self.rows(&self.chosen(tables.tables)?, &tables.lines, tables.found)?;
        Ok(rows)
    }

    /// Reads the sheets of a spreadsheet (`.xlsx`). A workbook that [`View::xlsx`](crate::View::xlsx) wrote has two sheets of
    /// the same tasks: choose `tasks` or `matrix` with [`sheet`](Reader::sheet). The names of these two are no sections, and the
    /// columns of such a matrix are known. Costs about 10 µs per row, and the memory of the unpacked sheets.
    ///
    /// # Errors
    /// Those of [`Tables::read_xlsx`] and of [`read`](Reader::read); [`TableError::SheetsRepeat`] when at least half the tasks
    /// of a sheet have a key and a title that a task of an earlier sheet has.
    #[cfg(feature = "xlsx")]
    pub fn read_xlsx(&self, bytes: &[u8]) -> Result<Rows, TableError> {
        let tables = Tables::read_xlsx(bytes)?;
        let mut sheets = self.chosen(tables.tables)?;
        let titles: Vec<String> = sheets.iter().map(|sheet| sheet.title().to_owned()).collect();
        for sheet in sheets.iter_mut().filter(|sheet| [TASKS_SHEET, MATRIX_SHEET].contains(&sheet.title())) {
            sheet.set_title("");
        }
        let columns = match titles.as_slice() {
            [title] if title == MATRIX_SHEET && self.columns == Columns::new() => sheets.first().and_then(of_matrix),
            _ => None,
        };
        let reader = columns.map(|columns| self.clone().columns(columns));
        let (rows, ends) = reader.as_ref().unwrap_or(self).rows(&sheets, &tables.lines, tables.found)?;
        repeated::check(&rows, &titles, &ends)?;
        Ok(rows)
    }

    /// Reads tables that come from elsewhere. Takes time in proportion to their cells.
    ///
    /// # Errors
    /// Those of [`read`](Reader::read).
    pub fn read_tables(&self, tables: &[Table]) -> Result<Rows, TableError> {
        let (rows, _) = match &self.sheet {
            Some(_) => self.rows(&self.chosen(tables.to_vec())?, &[], Vec::new())?,
            None => self.rows(tables, &[], Vec::new())?,
        };
        Ok(rows)
    }

    /// The tables with the title that was asked for.
    fn chosen(&self, mut tables: Vec<Table>) -> Result<Vec<Table>, TableError> {
        let Some(asked) = &self.sheet else { return Ok(tables) };
        if tables.iter().all(|table| table.title() != asked) {
            let there = tables.iter().map(|table| table.title().to_owned()).collect();
            return Err(TableError::NoSuchSheet { asked: asked.clone(), there });
        }
        tables.retain(|table| table.title() == asked);
        Ok(tables)
    }

    /// Reads tables. Returns the number of tasks up to the end of each table, too.
    fn rows(&self, tables: &[Table], lines: &[Line], found: Vec<Found>) -> Result<(Rows, Vec<usize>), TableError> {
        let turned: Vec<Option<Table>> = tables.iter().map(header::upright).collect();
        let longest = tables.iter().chain(turned.iter().flatten()).map(|table| table.rows().len()).max();
        if let (Some(row), Some(rows)) = (self.columns.header_row(), longest)
            && row > rows
        {
            return Err(TableError::NoSuchRow { row, rows });
        }
        let mut builder = Builder::default();
        builder.take_found(found);
        let explained = self.explained(tables, lines, &mut builder);
        let mut unread: Option<&Table> = None;
        let (mut any, mut ends) = (false, Vec::new());
        for (table, turned) in tables.iter().zip(&turned) {
            if turned.is_some() {
                builder.found(FindingKind::Upright, table.row(0).place(), &table.row(0).shown());
            }
            let read = self.table(turned.as_ref().unwrap_or(table), &explained, &mut builder)?;
            any |= read;
            ends.push(builder.tasks());
            if !read {
                unread = unread.or(Some(table));
            }
        }
        self.check_mapping(tables, &builder)?;
        match unread.or(tables.first()).filter(|_| !any) {
            Some(table) => {
                Err(TableError::NoLeadColumn { line: table.row(0).place().line, headers: table.row(0).shown() })
            }
            None if tables.is_empty() => Err(TableError::NoTable),
            None => Ok((builder.finish(), ends)),
        }
    }

    /// The meanings of marks, by the caller, or as usual, and by the legends of the text. Other lines outside tables with a
    /// word of responsibility are findings.
    fn explained<'t>(&self, tables: &[Table], lines: &[Line], builder: &mut Builder<'t>) -> Explained {
        let mut explained =
            Explained { letters: self.letters.clone().unwrap_or_else(Letters::usual), given: self.letters.is_some() };
        let mut take = |text: &str| {
            let legend = letters::legend(text);
            if let Some(legend) = &legend {
                explained.letters.take(legend);
                explained.given = true;
            }
            legend
        };
        for Line { text, place } in lines {
            match take(text) {
                Some(legend) => builder.found(FindingKind::Legend { marks: legend.len() }, *place, text),
                None if title::speaks_of_duty(text) => builder.found(FindingKind::NotRead, *place, text),
                None => {}
            }
        }
        for row in tables.iter().flat_map(Table::rows).filter(|row| distinct(*row) == 1) {
            if let Some(cell) = row.cells().find(|cell| !cell.is_empty()) {
                take(cell.text());
            }
        }
        explained
    }

    /// Reads a table; `false` if no column tells the lead.
    fn table<'t>(
        &self,
        table: &'t Table,
        explained: &Explained,
        builder: &mut Builder<'t>,
    ) -> Result<bool, TableError> {
        let told = header::told(table, &self.columns);
        let chart = chart::find(table, told.as_ref(), &self.columns, explained);
        let header = match &chart {
            Some(chart) => Some(chart.header.clone()),
            None => told.or_else(|| header::titled(table)),
        };
        let header = header.or_else(|| (!self.columns.numbers().is_empty()).then(|| header::first_row(table)));
        let Some(header) = header else {
            self.unread(table, builder);
            return Ok(false);
        };
        builder.take_found(before_header(table, 0, header.first).collect());
        let usage = chart.as_ref().map(|chart| chart::usage(table, chart, explained));
        if let Some(kind) = usage.as_ref().and_then(|usage| usage.found.clone()) {
            builder.found(kind, table.row(header.first).place(), &table.row(header.first).shown());
        }
        let units = chart.as_ref().map(|chart| chart.units.as_slice());
        let mut found = Vec::new();
        let mut layout = Layout::new(table, header, &self.columns, units, &mut found)?;
        builder.widest = builder.widest.max(layout.columns.len());
        if !layout.tells_lead() {
            self.unread(table, builder);
            return Ok(false);
        }
        builder.take_found(found);
        builder.columns(&layout);
        if layout.header.end == table.rows().len() {
            let header = table.row(layout.header.first);
            builder.found(FindingKind::NoRow, header.place(), &header.shown());
        }
        while let Stop::Header(at) = RowReader::new(table, &layout, usage.as_ref(), builder).read() {
            // The marks of a chart are those of its first header.
            let header = header::of_rows(table, at, at + 1);
            let mut found = Vec::new();
            layout = Layout::new(table, header, &self.columns, None, &mut found)?;
            builder.take_found(found);
            builder.columns(&layout);
        }
        Ok(true)
    }

    /// Reports a table that is not read.
    fn unread<'t>(&self, table: &Table, builder: &mut Builder<'t>) {
        let rows = table.rows().len();
        builder.found(FindingKind::NoLeadColumn { rows }, table.row(0).place(), &table.row(0).shown());
    }

    /// Whether each mapped header and number is in a table.
    fn check_mapping(&self, tables: &[Table], builder: &Builder<'_>) -> Result<(), TableError> {
        for mapped in self.columns.headers() {
            let mut cells = tables
                .iter()
                .flat_map(Table::rows)
                .take(header::LOOKED_AT)
                .flat_map(|row| row.cells().collect::<Vec<_>>());
            let is_it = |text: &str| super::columns::plain(text) == mapped.plain;
            if !cells.any(|cell| is_it(cell.text())) {
                let mut there: Vec<String> = builder.headers().map(str::to_owned).collect();
                if there.is_empty() {
                    let first = tables.iter().take(1).flat_map(|table| table.row(0).cells());
                    there.extend(first.map(|cell| cell.text().to_owned()));
                }
                let (header, meaning) = (mapped.written.clone(), mapped.meaning);
                return Err(TableError::NoSuchHeader { header, meaning, there });
            }
        }
        let columns = builder.widest;
        match self.columns.numbers().iter().find(|(number, _)| *number > columns) {
            Some((number, meaning)) if !tables.is_empty() => {
                Err(TableError::NoSuchColumn { number: *number, meaning: *meaning, columns })
            }
            _ => Ok(()),
        }
    }
}

/// The columns of a sheet `matrix` whose first titles are those that are written: the others are units, whatever their marks.
#[cfg(feature = "xlsx")]
fn of_matrix(sheet: &Table) -> Option<Columns> {
    let header = sheet.row(0);
    let is_written = header.len() > TEXTS_OF_WIDE.len()
        && header.cells().zip(TEXTS_OF_WIDE).all(|(cell, (title, _))| cell.text() == title);
    let meanings = TEXTS_OF_WIDE.iter().map(|(_, meaning)| *meaning).chain(std::iter::repeat(Meaning::Unit));
    let columns = (1..=header.len()).zip(meanings);
    is_written.then(|| {
        columns.fold(Columns::new().header_at(1), |columns, (number, meaning)| columns.number(number, meaning))
    })
}
