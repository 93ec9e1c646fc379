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
use super::title::{self, Sure, Title};

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
        None => {
            let before_marks = header_before_marks(table, &letters)?;
            // A row of a list of units that are called like letters, such as "R&D", is no header.
            let of_roles = header::titled(table).filter(|titled| titled.end < before_marks.end && has_roles(titled));
            of_roles.unwrap_or(before_marks)
        }
    };
    let mut seen: Vec<Seen> =
        header.titles.iter().enumerate().map(|(at, (text, _))| Seen::of(at, text, columns)).collect();
    let in_order = count(table, &header, &letters, &mut seen);
    if in_order {
        seen.iter_mut().for_each(|column| column.marks += column.numbers);
    }
    let tells = |tells: fn(&Seen) -> bool| seen.iter().any(tells);
    let marked = seen.iter().filter(|column| column.is_marked()).count();
    let without_role = seen.iter().any(|column| column.is_marked() && !column.is_role());
    let names = tells(|column| column.is_role() && !column.has_marks() && column.texts > 0);
    let told_lead = tells(|column| column.mapped.is_some_and(Meaning::tells_lead));
    let enough = if explained.given { 1 } else { 2 };
    if !tells(Seen::is_told) && (!without_role || marked < enough || names || told_lead) {
        return None;
    }
    // A column without any text behind the first unit is a unit without a part.
    let first = seen.iter().position(Seen::is_marked).unwrap_or(seen.len());
    let is_empty = |at: usize, column: &Seen| {
        at > first && column.texts == 0 && column.title.is_none() && column.is_named && column.mapped.is_none()
    };
    let is_unit = |(at, column): (usize, &Seen)| column.is_told() || column.is_marked() || is_empty(at, column);
    Some(Chart { units: seen.iter().enumerate().map(is_unit).collect(), header })
}

/// Whether a header has exact titles of at least two roles.
fn has_roles(header: &Header) -> bool {
    let titles = header.titles.iter().filter_map(|(text, _)| title::read(text));
    titles.filter(|title| title.sure == Sure::Exactly && title.meaning.names_units()).count() >= 2
}

/// A column of a table that may be a chart.
struct Seen {
    is_first: bool,
    is_named: bool,
    title: Option<Title>,
    /// The meaning that the caller gives it.
    mapped: Option<Meaning>,
    /// The cells that are letters or symbols; where numbers are an order, also those that are numbers.
    marks: usize,
    numbers: usize,
    /// The cells that say something.
    texts: usize,
}

impl Seen {
    fn of(at: usize, text: &str, columns: &Columns) -> Seen {
        let (title, mapped) = (title::read(text), columns.meaning(at, text));
        Seen { is_first: at == 0, is_named: !text.is_empty(), title, mapped, marks: 0, numbers: 0, texts: 0 }
    }

    /// The meaning of its title, if the title is exact.
    fn exact(&self) -> Option<Meaning> {
        self.title.filter(|title| title.sure == Sure::Exactly).map(|title| title.meaning)
    }

    fn is_role(&self) -> bool {
        self.exact().is_some_and(|meaning| meaning.names_units() || meaning == Meaning::Person)
    }

    /// Half of the cells are enough, except under a title of a role: its units can be called like letters.
    fn has_marks(&self) -> bool {
        self.is_named && self.marks > 0 && 2 * self.marks >= self.texts + usize::from(self.is_role())
    }

    /// Whether the caller says that it is a unit.
    fn is_told(&self) -> bool {
        self.mapped == Some(Meaning::Unit)
    }

    /// Whether it has the marks of a unit. The first column is the task, and letters are no marks under titles such as
    /// "Status".
    fn is_marked(&self) -> bool {
        use Meaning::{Deadline, Ignore, Key, Number, Section};
        let is_other = self.is_first || matches!(self.exact(), Some(Deadline | Ignore | Key | Number | Section));
        (self.mapped.is_none() || self.is_told()) && self.has_marks() && !is_other
    }
}

/// Counts the cells of each column. Returns whether numbers are an order: nearly all rows that have any count from 1.
fn count(table: &Table, header: &Header, letters: &Letters, seen: &mut [Seen]) -> bool {
    let (mut numbered, mut in_order) = (0_usize, 0_usize);
    for row in (header.end..table.rows().len()).take(LOOKED_AT).map(|at| table.row(at)) {
        if distinct(row) < 2 {
            continue;
        }
        let mut orders = Vec::new();
        for (cell, column) in row.cells().zip(seen.iter_mut()) {
            let said = letters::said(cell.text(), letters);
            column.texts += usize::from(said != Said::Nothing);
            match said {
                Said::Part(..) | Said::Symbol(_) => column.marks += 1,
                Said::Order(order) => {
                    column.numbers += 1;
                    // A number of the row is no mark.
                    if column.title.is_none() {
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
    numbered > 0 && 10 * in_order >= 9 * numbered
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

/// How a chart uses its marks: their meanings, and the finding about them.
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
            found: Some(FindingKind::NoLegend { lead: symbol_at(first), others: unexplained.len() - 1 }),
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
