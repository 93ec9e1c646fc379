//! The tables of a text, in any of the formats.

#[cfg(feature = "csv")]
use super::delimited;
use super::error::TableError;
use super::finding_kind::Found;
use super::grid::{MOST_BYTES, Table};
use super::html;
use super::markdown;
use super::prose::{Line, Parts};

/// A format of tables in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Cells separated by one of `,` `;` `|` or a tab; the whole text is one table.
    #[cfg(feature = "csv")]
    Delimited(char),
    /// Markdown: rows between bars, under a header and a rule.
    Markdown,
    /// HTML.
    Html,
}

impl Format {
    /// The format of a text: HTML if it has a table or the start of a page, Markdown if it has a header and a rule, else
    /// the separator that makes a header of titles, or else most lines alike. `None` where no line has a separator.
    ///
    /// ```
    /// use responsibility_index::table::Format;
    ///
    /// assert_eq!(Format::of("Task;Owner\nBridge;Transport"), Some(Format::Delimited(';')));
    /// assert_eq!(Format::of("| Task | Owner |\n| --- | --- |"), Some(Format::Markdown));
    /// assert_eq!(Format::of("A sentence."), None);
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Option<Format> {
        if html::is_html(text) {
            Some(Format::Html)
        } else if markdown::has_table(text) {
            Some(Format::Markdown)
        } else {
            separated(text)
        }
    }
}

#[cfg(feature = "csv")]
fn separated(text: &str) -> Option<Format> {
    delimited::separator(text).map(Format::Delimited)
}

/// Without the feature `csv` there is no such format.
#[cfg(not(feature = "csv"))]
fn separated(_: &str) -> Option<Format> {
    None
}

/// The tables of a text, and the lines that are in none.
#[derive(Debug, Default)]
pub struct Tables {
    pub(super) tables: Vec<Table>,
    pub(super) lines: Vec<Line>,
    pub(super) found: Vec<Found>,
}

impl Tables {
    /// Reads the tables of a text in the format that it has.
    ///
    /// # Errors
    /// [`TableError::NoTable`] for a text without one; an error of a limit: [`TableError::TooManyColumns`],
    /// [`TableError::TooManyCells`], [`TableError::SpanTooLarge`], [`TableError::TooDeep`], [`TableError::TooLong`].
    pub fn read(text: &str) -> Result<Tables, TableError> {
        Tables::read_as(text, Format::of(text).ok_or(TableError::NoTable)?)
    }

    /// Reads the tables of a text in a format.
    ///
    /// ```
    /// use responsibility_index::table::{Format, Tables};
    ///
    /// let text = "<table><tr><td rowspan=2>Roads<td>Transport<tr><td>Police</table>";
    /// let tables = Tables::read_as(text, Format::Html)?;
    /// let table = tables.tables().next().expect("one table");
    /// let row = table.rows().nth(1).expect("two rows");
    /// let cells: Vec<_> = row.cells().map(|cell| (cell.text(), cell.copied().is_some())).collect();
    /// assert_eq!(cells, [("Roads", true), ("Police", false)]);
    /// # Ok::<(), responsibility_index::table::TableError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`read`](Tables::read); also [`TableError::NoTable`] for a separator outside ASCII.
    pub fn read_as(text: &str, format: Format) -> Result<Tables, TableError> {
        if text.len() >= MOST_BYTES {
            return Err(TableError::TooLong { bytes: text.len(), most: MOST_BYTES });
        }
        let (mut parts, mut found) = (Parts::default(), Vec::new());
        match format {
            #[cfg(feature = "csv")]
            Format::Delimited(separator) => {
                let separator = u8::try_from(separator).ok().filter(u8::is_ascii).ok_or(TableError::NoTable)?;
                parts.tables.push(delimited::read(text, separator, &mut found)?);
            }
            Format::Markdown => markdown::read(text, &mut parts)?,
            Format::Html => html::read(text, &mut parts, &mut found)?,
        }
        parts.tables.retain(|table| table.rows().len() > 0);
        if parts.tables.is_empty() {
            return Err(TableError::NoTable);
        }
        Ok(Tables { tables: parts.tables, lines: parts.lines, found })
    }

    /// The tables, in the order of the text.
    pub fn tables(&self) -> impl ExactSizeIterator<Item = &Table> {
        self.tables.iter()
    }

    /// The lines that are in no table, in the order of the text, without empty ones.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &Line> {
        self.lines.iter()
    }
}
