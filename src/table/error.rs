//! Why a text is not read as tables. Errors of the caller's input; nothing is read then.

use thiserror::Error;

use super::meaning::Meaning;

/// The reason for which a text is not read. Each names the place where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The text has no table.
    #[error("no table: neither an HTML nor a Markdown table, nor lines whose cells are separated by , ; tab or |")]
    NoTable,
    /// No table has a column that tells the lead.
    #[error(
        "line {line}: no column names a lead or responsible unit; its headers are {headers}; map a header or number to \
         lead with Columns"
    )]
    NoLeadColumn {
        /// The line of the first row of the first table.
        line: u32,
        /// Its cells.
        headers: String,
    },
    /// Two columns have one meaning that only one column can have.
    #[error(
        "line {line}: the headers {first:?} and {second:?} both mean {meaning}; map one of them to another meaning with \
         Columns"
    )]
    TwoHeaders {
        /// The line of the second header.
        line: u32,
        /// The meaning.
        meaning: Meaning,
        /// The first header.
        first: String,
        /// The second header.
        second: String,
    },
    /// No table has a header that the caller has mapped.
    #[error("no table has the header {header:?}, which is mapped to {meaning}; the headers are {}", quoted(there))]
    NoSuchHeader {
        /// The header as the caller wrote it.
        header: String,
        /// The meaning that the caller gave it.
        meaning: Meaning,
        /// The headers of the tables, or, where none was found, the cells of the first row.
        there: Vec<String>,
    },
    /// No table has a column of a number that the caller has mapped.
    #[error("column {number} is mapped to {meaning}, and no table has more than {columns} columns")]
    NoSuchColumn {
        /// The number.
        number: usize,
        /// The meaning that the caller gave it.
        meaning: Meaning,
        /// The columns of the widest header.
        columns: usize,
    },
    /// No table has the row that the caller said to be the header.
    #[error("the header is said to be row {row}, and no table has more than {rows} rows")]
    NoSuchRow {
        /// The number of the row.
        row: usize,
        /// The rows of the longest table.
        rows: usize,
    },
    /// No table has the title that was asked for.
    #[error("no sheet or table is called {asked:?}{}", called(there))]
    NoSuchSheet {
        /// The title that was asked for.
        asked: String,
        /// The titles of the tables.
        there: Vec<String>,
    },
    /// Two sheets state the same tasks, as a list and a chart of one plan do. Read together they would make each task twice.
    #[error("the sheets {first:?} and {second:?} have the same tasks, such as {key:?}: choose one with Reader::sheet")]
    SheetsRepeat {
        /// The first sheet.
        first: String,
        /// The second sheet.
        second: String,
        /// The first key that both have.
        key: String,
    },
    /// A mapping that can't be read.
    #[error("{written:?} is no mapping; write MEANING=HEADER or MEANING=NUMBER, for example lead=Owner or lead=3")]
    NoMapping {
        /// The mapping as written.
        written: String,
    },
    /// A mapping to a meaning that there is not.
    #[error(
        "{meaning:?} in {written:?} is no meaning of a column; the meanings are {}",
        Meaning::ALL.map(Meaning::name).join(", ")
    )]
    NoSuchMeaning {
        /// The mapping as written.
        written: String,
        /// The part of it that should be a meaning.
        meaning: String,
    },
    /// A row of too many cells.
    #[error("line {line}: a row of more than {most} cells")]
    TooManyColumns {
        /// The line.
        line: u32,
        /// The limit.
        most: usize,
    },
    /// A text of too many cells, copies of merged cells included.
    #[error("line {line}: more than {most} cells; split the file")]
    TooManyCells {
        /// The line of the first cell beyond the limit.
        line: u32,
        /// The limit.
        most: usize,
    },
    /// A cell that spans too many rows or columns.
    #[error("line {line}: a cell that spans {span} rows or columns; the limit is {most}")]
    SpanTooLarge {
        /// The line.
        line: u32,
        /// The span as written.
        span: String,
        /// The limit.
        most: usize,
    },
    /// Tables within tables, too deep.
    #[error("line {line}: tables within tables, more than {most} deep")]
    TooDeep {
        /// The line.
        line: u32,
        /// The limit.
        most: usize,
    },
    /// A text that is too long.
    #[error("a text of {bytes} bytes; the limit is {most}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// A file that is no spreadsheet, or a damaged one.
    #[error("not a spreadsheet (.xlsx) that can be read: {why}")]
    Spreadsheet {
        /// The reason.
        why: String,
    },
}

/// "; there are "tasks", "matrix"", for a message.
fn called(titles: &[String]) -> String {
    match quoted(titles).as_str() {
        "" => "; no table has a title".to_owned(),
        titles => format!("; there are {titles}"),
    }
}

/// "Task", "Owner": those that are not empty, at most so many.
fn quoted(texts: &[String]) -> String {
    const SHOWN: usize = 24;
    let texts = || texts.iter().filter(|text| !text.is_empty());
    let shown: Vec<String> = texts().take(SHOWN).map(|text| format!("{text:?}")).collect();
    let more = texts().count() - shown.len();
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}
