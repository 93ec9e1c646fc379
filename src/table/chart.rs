//! Charts: tables of tasks and units, whose cells are marks.
//!
//! Input: a table. Output: whether it is a chart, the columns that are units, and the meanings of its marks. It is one if
//! at least two columns (one, where the caller or a legend explains marks) hold mostly marks and have no exact title of a
//! role, and no column with such a title holds names. Cost: at most [`LOOKED_AT`](super::header) rows are looked at to
//! tell; all marks are read once more to tell how the chart uses them.

use std::collections::BTreeSet;

use super::columns::Columns;
use super::finding_kind::FindingKind;
use super::grid::{Cell, Copied, Row, Table};
use super::header::{self, Header, LOOKED_AT, distinct};
use super::letters::{self, Letters, Part, Said};
use super::lexicon;
use super::meaning::Meaning;
use super::title::{self, Sure};

/// The marks that explain themselves or are explained.
#[derive(Clone, Debug)]
pub(super) struct Explained {
    pub(super) letters: Letters,
    /// Whether the caller or a legend gives them.
    pub(super) given: bool,
}

/// A chart.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) header: Header,
    /// For each column whether it is a unit.
    pub(super) units: Vec<bool>,
}

/// Letters that look like marks, whatever a chart uses: those that are usual, and the driver.
fn any_letters(explained: &Explained) -> Letters {
    let mut letters = Letters::usual().mark("D", crate::model::Role::Lead);
    letters.take(&explained.letters);
    letters
}

/// The chart in a table, if it is one. `header` is the one that the caller tells.
pub(super) fn find(table: &Table, header: Option<&Header>, columns: &Columns, explained: &Explained) -> Option<Chart> {
    let letters = any_letters(explained);
    let header = match header {
        Some(header) => header.clone(),
        None => header_before_marks(table, &letters)?,
    };
    let width = header.titles.len();
    let (mut marks, mut texts) = (vec![0_usize; width], vec![0_usize; width]);
    let (mut numbered, mut in_order) = (0_usize, 0_usize);
    let mut numbers = vec![0_usize; width];
    for at in (header.end..table.rows().len()).take(LOOKED_AT) {
        let row = table.row(at);
        if distinct(row) < 2 {
            continue;
        }
        let mut orders = Vec::new();
        for (column, cell) in row.cells().enumerate().take(width) {
            let said = letters::said(cell.text(), &letters);
            let (Some(marks), Some(texts), Some(numbers)) =
                (marks.get_mut(column), texts.get_mut(column), numbers.get_mut(column))
            else {
                continue;
            };
            *texts += usize::from(said != Said::Nothing);
            match said {
                Said::Part(..) | Said::Symbol(_) => *marks += 1,
                Said::Order(order) => {
                    *numbers += 1;
                    // A number of the row is no mark.
                    let is_number = header.titles.get(column).and_then(|(text, _)| title::read(text)).is_some();
                    if !is_number {
                        orders.push(order);
                    }
                }
                // Numbers of sites and rooms look the same: they make no chart, and count in one.
                Said::Nothing | Said::Unknown | Said::Ranked(..) => {}
            }
        }
        if !orders.is_empty() {
            numbered += 1;
            orders.sort_unstable();
            in_order += usize::from((1..).zip(&orders).all(|(wanted, order)| wanted == *order));
        }
    }
    let ordered = numbered > 0 && 10 * in_order >= 9 * numbered;
    let titles: Vec<_> = header.titles.iter().map(|(text, _)| title::read(text)).collect();
    let mapped = |column: usize| columns.meaning(column, header.titles.get(column).map_or("", |(text, _)| text));
    let exact_role = |column: usize| {
        let title = titles.get(column).copied().flatten();
        title.is_some_and(|title| {
            title.sure == Sure::Exactly && (title.meaning.names_units() || title.meaning == Meaning::Person)
        })
    };
    let named = |column: usize| header.titles.get(column).is_some_and(|(text, _)| !text.is_empty());
    // Half of the cells are enough, except under a title of a role: its units can be called like letters.
    let has_marks = |column: usize| {
        let numbers = if ordered { numbers.get(column).copied().unwrap_or(0) } else { 0 };
        let count = marks.get(column).copied().unwrap_or(0) + numbers;
        let texts = texts.get(column).copied().unwrap_or(0);
        named(column) && count > 0 && 2 * count >= texts + usize::from(exact_role(column))
    };
    // The first column is the task, and letters are no marks under titles such as "Status".
    let other = |column: usize| {
        use Meaning::{Deadline, Ignore, Key, Number, Section};
        let title = titles.get(column).copied().flatten().filter(|title| title.sure == Sure::Exactly);
        column == 0 || title.is_some_and(|title| matches!(title.meaning, Deadline | Ignore | Key | Number | Section))
    };
    let is_marked = |column: &usize| {
        mapped(*column).is_none_or(|meaning| meaning == Meaning::Unit) && has_marks(*column) && !other(*column)
    };
    let told = (0..width).any(|column| mapped(column) == Some(Meaning::Unit));
    let marked = (0..width).filter(is_marked).count();
    let without_role = (0..width).filter(is_marked).filter(|column| !exact_role(*column)).count();
    let names = (0..width).any(|column| exact_role(column) && !has_marks(column) && texts.get(column) > Some(&0));
    let told_lead = (0..width).any(|column| mapped(column).is_some_and(Meaning::tells_lead));
    let enough = if explained.given { 1 } else { 2 };
    if !told && (without_role == 0 || marked < enough || names || told_lead) {
        return None;
    }
    // A column without any text behind the first unit is a unit without a part.
    let first = (0..width).find(is_marked).unwrap_or(width);
    let is_unit = |column: usize| {
        let empty = column > first && texts.get(column) == Some(&0) && titles.get(column) == Some(&None);
        mapped(column) == Some(Meaning::Unit)
            || is_marked(&column)
            || empty && named(column) && mapped(column).is_none()
    };
    Some(Chart { units: (0..width).map(is_unit).collect(), header })
}

/// The rows before the first row with marks that have at least two cells. Letters and symbols tell that row; only where no
/// row has any, a cross or words do, since units can be called so.
fn header_before_marks(table: &Table, letters: &Letters) -> Option<Header> {
    let rows = table.rows().len().min(LOOKED_AT);
    let first_with = |is_mark: &dyn Fn(&str) -> bool| {
        (1..rows).find(|at| table.row(*at).cells().skip(1).any(|cell| is_mark(cell.text())))
    };
    let is_short = |text: &str| text.chars().count() <= LONGEST_LETTERS && !text.chars().any(lexicon::is_han);
    let is_mark = |text: &str| letters::looks_like_mark(text, letters);
    let is_cross = |text: &str| letters::said(text, letters) == Said::Symbol(letters::CROSS);
    let first = first_with(&|text| is_short(text) && is_mark(text) && !is_cross(text))
        .or_else(|| first_with(&is_cross))
        .or_else(|| first_with(&|text| !is_short(text) && is_mark(text)))?;
    let row = (0..first).rev().find(|at| distinct(table.row(*at)) > 1)?;
    let grouped = |above: Row<'_>| distinct(above) > 1 && above.len() > 2;
    let begin = if row > 0 && grouped(table.row(row - 1)) { row - 1 } else { row };
    Some(header::of_rows(table, begin, row + 1))
}

/// More characters are no letters of roles: "A, R/C".
const LONGEST_LETTERS: usize = 6;

/// How a chart uses its marks: their meanings, and what is to be said about them.
pub(super) struct Usage {
    pub(super) letters: Letters,
    /// Whether the only responsible unit of a row leads.
    pub(super) responsible_leads: bool,
    pub(super) found: Option<FindingKind>,
}

/// Tells how a chart uses its marks.
pub(super) fn usage(table: &Table, chart: &Chart, explained: &Explained) -> Usage {
    let look = any_letters(explained);
    let mut used: BTreeSet<Part> = BTreeSet::new();
    let mut symbols: BTreeSet<usize> = BTreeSet::new();
    let (mut drivers, mut responsible) = (false, false);
    for at in chart.header.end..table.rows().len() {
        for (cell, _) in table.row(at).cells().zip(&chart.units).filter(|(_, unit)| **unit) {
            match letters::said(cell.text(), &look) {
                Said::Symbol(symbol) => {
                    symbols.extend(lexicon::MARKS.iter().position(|mark| *mark == symbol).or(Some(usize::MAX)));
                }
                Said::Part(part, _) => {
                    used.insert(part);
                    drivers |= cell.text().trim().eq_ignore_ascii_case("d");
                    responsible |= part == Part::Responsible;
                }
                Said::Ranked(part, _) => {
                    used.insert(part);
                    responsible |= part == Part::Responsible;
                }
                Said::Nothing | Said::Order(_) | Said::Unknown => {}
            }
        }
    }
    if drivers && !responsible && !explained.given {
        return Usage { letters: Letters::daci(), responsible_leads: false, found: Some(FindingKind::DriverLeads) };
    }
    let mut letters = explained.letters.clone();
    let unexplained = |place: &usize| letters.part(&symbol_at(*place).to_string()).is_none();
    let unexplained: Vec<usize> = symbols.iter().copied().filter(unexplained).collect();
    let has_lead = used.contains(&Part::Lead) || symbols.len() > unexplained.len();
    if let Some(first) = unexplained.first().copied().filter(|_| !has_lead) {
        for place in &unexplained {
            let role = if *place == first { crate::model::Role::Lead } else { crate::model::Role::Support };
            letters = letters.mark(&symbol_at(*place).to_string(), role);
        }
        return Usage {
            letters,
            responsible_leads: false,
            found: Some(FindingKind::NoLegend { lead: symbol_at(first) }),
        };
    }
    let lead_explained = symbols.iter().any(|place| letters.part(&symbol_at(*place).to_string()) == Some(Part::Lead));
    let responsible_symbol =
        symbols.iter().any(|place| letters.part(&symbol_at(*place).to_string()) == Some(Part::Responsible));
    let leads = !used.contains(&Part::Lead) && !lead_explained && (responsible || responsible_symbol);
    Usage { letters, responsible_leads: leads, found: leads.then_some(FindingKind::ResponsibleLead) }
}

/// A symbol by its place in the list; X has none.
fn symbol_at(place: usize) -> char {
    lexicon::MARKS.get(place).copied().unwrap_or(letters::CROSS)
}

/// What a cell of a unit says, with the meanings of the chart.
pub(super) fn said(cell: Cell<'_>, letters: &Letters) -> Said {
    if cell.copied() == Some(Copied::FromLeft) { Said::Nothing } else { letters::said(cell.text(), letters) }
}
