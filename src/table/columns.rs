//! The caller's mapping of columns: headers or numbers to meanings. Plain data and its reader.

use std::str::FromStr;

use super::error::TableError;
use super::lexicon::is_space;
use super::meaning::Meaning;

/// A mapping of columns by their headers or numbers. Columns without a mapping keep the meaning of their header.
///
/// ```
/// use responsibility_index::table::{Columns, Meaning, Reader};
///
/// let text = "Ledger of May\nWhat we do,Who answers,Who helps\nRepair the bridge,Transport,Finance; Police\n";
/// let columns = Columns::new().header("Who answers", Meaning::Lead).header("Who helps", Meaning::Support);
/// let rows = Reader::new().columns(columns).read(text)?;
/// assert_eq!(rows.task(0).and_then(|task| task.lead()), Some("Transport"));
///
/// let same: Columns = "lead=2,supporting=3".parse()?;
/// let rows = Reader::new().columns(same.header_at(2)).read(text)?;
/// assert_eq!(rows.task(0).map(|task| task.standing().to_string()).as_deref(), Some("Transport with Finance, Police"));
/// # Ok::<(), responsibility_index::table::TableError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    headers: Vec<MappedHeader>,
    numbers: Vec<(usize, Meaning)>,
    header_at: Option<usize>,
}

/// A header that the caller maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MappedHeader {
    /// As the caller writes it.
    pub(super) written: String,
    /// In plain form.
    pub(super) plain: String,
    pub(super) meaning: Meaning,
}

impl Columns {
    /// No mapping.
    #[must_use]
    pub fn new() -> Columns {
        Columns::default()
    }

    /// Maps the columns with this header. Case and white space don't matter.
    #[must_use]
    pub fn header(mut self, header: &str, meaning: Meaning) -> Columns {
        self.headers.push(MappedHeader { written: header.to_owned(), plain: plain(header), meaning });
        self
    }

    /// Maps a column by its number, from 1.
    #[must_use]
    pub fn number(mut self, number: usize, meaning: Meaning) -> Columns {
        self.numbers.push((number, meaning));
        self
    }

    /// Tells the row of the header, from 1; 0 for tables without a header. Without it the header is the row that has the
    /// mapped headers, or else the first that has a title of units, or else the first row.
    #[must_use]
    pub fn header_at(mut self, row: usize) -> Columns {
        self.header_at = Some(row);
        self
    }

    pub(super) fn header_row(&self) -> Option<usize> {
        self.header_at
    }

    /// The numbers that are mapped, from 1.
    pub(super) fn numbers(&self) -> &[(usize, Meaning)] {
        &self.numbers
    }

    /// The headers that are mapped.
    pub(super) fn headers(&self) -> &[MappedHeader] {
        &self.headers
    }

    /// The meaning of a column, from 0, by the caller's mapping.
    pub(super) fn meaning(&self, column: usize, header: &str) -> Option<Meaning> {
        let number = self.numbers.iter().find(|(number, _)| *number == column + 1).map(|(_, meaning)| *meaning);
        number.or_else(|| self.of_header(header))
    }

    /// The meaning of a header by the caller's mapping.
    pub(super) fn of_header(&self, header: &str) -> Option<Meaning> {
        if self.headers.is_empty() || header.is_empty() {
            return None;
        }
        let header = plain(header);
        self.headers.iter().find(|wanted| wanted.plain == header).map(|wanted| wanted.meaning)
    }
}

/// A header in lower case, without white space.
pub(super) fn plain(header: &str) -> String {
    header.chars().filter(|c| !is_space(*c)).flat_map(char::to_lowercase).collect()
}

impl FromStr for Columns {
    type Err = TableError;

    /// Reads `lead=3,supporting=Helpers`: meanings, each with a number or a header.
    fn from_str(text: &str) -> Result<Columns, TableError> {
        let mut columns = Columns::new();
        for written in text.split(',') {
            let no_mapping = || TableError::NoMapping { written: written.to_owned() };
            let (name, header) = written.split_once('=').ok_or_else(no_mapping)?;
            let (name, header) = (name.trim(), header.trim());
            let no_meaning = || TableError::NoSuchMeaning { written: written.to_owned(), meaning: name.to_owned() };
            let meaning = meaning_named(name).ok_or_else(no_meaning)?;
            columns = match header.parse::<usize>() {
                Ok(0) => return Err(no_mapping()),
                Ok(number) => columns.number(number, meaning),
                Err(_) if header.is_empty() => return Err(no_mapping()),
                Err(_) => columns.header(header, meaning),
            };
        }
        Ok(columns)
    }
}

fn meaning_named(name: &str) -> Option<Meaning> {
    let name = name.to_lowercase();
    Meaning::ALL.into_iter().find(|meaning| meaning.name() == name).or(match name.as_str() {
        "support" => Some(Meaning::Support),
        "colead" | "co_lead" => Some(Meaning::CoLead),
        "due" => Some(Meaning::Deadline),
        _ => None,
    })
}
