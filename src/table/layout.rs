//! Tells what each column of a table holds.
//!
//! Input: the titles of a header. Output: a meaning for each column, such that each meaning that a task has once is that
//! of one column at most. Cost: the cells of at most [`LOOKED_AT`] rows are looked at to tell sections and keys.

use super::columns::Columns;
use super::error::TableError;
use super::finding_kind::{FindingKind, Found};
use super::grid::{Copied, Table};
use super::header::{Header, LOOKED_AT};
use super::lexicon::{is_han, is_space};
use super::meaning::Meaning;
use super::place::Place;
use super::title::{self, Sure};

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) title: String,
    pub(super) place: Place,
    /// `None` for a column that no task takes.
    pub(super) meaning: Option<Meaning>,
    pub(super) persons: bool,
    sure: Sure,
    /// Whether the caller has mapped it.
    told: bool,
    /// Whether a finding has told already why no task takes it.
    reported: bool,
}

impl Column {
    /// The finding about a column that no task takes, with the number of its cells.
    pub(super) fn left_out(&self, cells: usize) -> Option<Found> {
        let kind = match self.meaning {
            Some(Meaning::Person) => FindingKind::PersonsLeftOut { cells },
            None | Some(Meaning::Ignore) if !self.told && !self.reported => FindingKind::ColumnNotRead { cells },
            _ => return None,
        };
        let says_nothing = cells == 0 && (self.title.is_empty() || self.meaning.is_some());
        (!says_nothing).then(|| Found::new(kind, self.place, &self.title))
    }
}

/// The columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) header: Header,
    pub(super) columns: Vec<Column>,
    /// Whether a column has leads, so that responsible units support.
    pub(super) has_lead: bool,
    /// Whether a column has supporting units, so that all responsible units lead.
    pub(super) has_support: bool,
    /// Whether it is a chart.
    pub(super) chart: bool,
}

impl Layout {
    /// The columns of a table with this header. `units` tells the units of a chart.
    pub(super) fn new(
        table: &Table,
        header: Header,
        told: &Columns,
        units: Option<&[bool]>,
        found: &mut Vec<Found>,
    ) -> Result<Layout, TableError> {
        let columns = header.titles.iter().enumerate().map(|(at, (text, place))| {
            let mapped = told.meaning(at, text);
            let is_unit = units.is_some_and(|units| units.get(at) == Some(&true));
            let read = if is_unit { None } else { title::read(text) };
            // In a chart the units are in the header: a column of names has no part in it.
            let read = read
                .filter(|title| units.is_none() || !(title.meaning.names_units() || title.meaning == Meaning::Person));
            Column {
                title: text.clone(),
                place: *place,
                meaning: mapped.or(if is_unit { Some(Meaning::Unit) } else { read.map(|title| title.meaning) }),
                persons: read.is_some_and(|title| title.persons),
                sure: if mapped.is_some() { Sure::Exactly } else { read.map_or(Sure::Perhaps, |title| title.sure) },
                told: mapped.is_some(),
                reported: false,
            }
        });
        let mut layout =
            Layout { columns: columns.collect(), header, has_lead: false, has_support: false, chart: units.is_some() };
        layout.settle_leads(found)?;
        layout.settle_task(table, found);
        for meaning in
            [Meaning::Key, Meaning::Number, Meaning::Title, Meaning::Text, Meaning::Section, Meaning::Deadline]
        {
            layout.keep_one(meaning, found);
        }
        layout.has_lead = layout.first(Meaning::Lead).is_some();
        layout.has_support = layout.first(Meaning::Support).is_some();
        Ok(layout)
    }

    /// Whether a column, or the chart, can tell the lead.
    pub(super) fn tells_lead(&self) -> bool {
        let tells = |meaning: Meaning| meaning.tells_lead() || meaning == Meaning::Unit;
        self.columns.iter().filter_map(|column| column.meaning).any(tells)
    }

    /// The first column of a meaning.
    pub(super) fn first(&self, meaning: Meaning) -> Option<usize> {
        self.columns.iter().position(|column| column.meaning == Some(meaning))
    }

    fn all(&self, meaning: Meaning) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| self.meaning(*at) == Some(meaning)).collect()
    }

    fn meaning(&self, at: usize) -> Option<Meaning> {
        self.columns.get(at).and_then(|column| column.meaning)
    }

    fn set(&mut self, at: usize, meaning: Option<Meaning>) {
        if let Some(column) = self.columns.get_mut(at) {
            column.meaning = meaning;
        }
    }

    /// Adds a finding about a column.
    fn say(&mut self, at: usize, kind: FindingKind, found: &mut Vec<Found>) {
        if let Some(column) = self.columns.get_mut(at) {
            column.reported |= matches!(kind, FindingKind::HeaderTwice { both: false, .. });
            found.push(Found::new(kind, column.place, &column.title));
        }
    }

    /// Leaves one column of leads, and finds the columns that stand in for one.
    fn settle_leads(&mut self, found: &mut Vec<Found>) -> Result<(), TableError> {
        let leads = self.all(Meaning::Lead);
        let best = leads.iter().filter_map(|at| self.columns.get(*at)).map(|column| (!column.told, column.sure)).min();
        let (kept, others): (Vec<usize>, Vec<usize>) = leads
            .into_iter()
            .partition(|at| self.columns.get(*at).is_some_and(|column| Some((!column.told, column.sure)) == best));
        if let [first, second, ..] = *kept
            && let (Some(first), Some(second)) = (self.columns.get(first), self.columns.get(second))
        {
            return Err(TableError::TwoHeaders {
                line: second.place.line,
                meaning: Meaning::Lead,
                first: first.title.clone(),
                second: second.title.clone(),
            });
        }
        for at in others {
            self.set(at, None);
            self.say(at, FindingKind::HeaderTwice { meaning: Meaning::Lead, both: false }, found);
        }
        // A department or team counts only where no title says more.
        let sure = |column: &Column| column.told || column.sure <= Sure::Qualified;
        let is_clear = |column: &Column| column.meaning.is_some_and(Meaning::tells_lead) && sure(column);
        let clear = self.columns.iter().any(is_clear);
        let persons = self.first(Meaning::Person).is_some();
        let perhaps: Vec<usize> =
            self.all(Meaning::Responsible).into_iter().filter(|at| !self.columns.get(*at).is_some_and(sure)).collect();
        for (count, at) in perhaps.into_iter().enumerate() {
            if clear || count > 0 || self.chart {
                self.set(at, None);
            } else {
                self.say(at, FindingKind::ColumnTakenAsLead, found);
            }
        }
        let any = self.columns.iter().any(|column| column.meaning.is_some_and(Meaning::tells_lead));
        if persons && !any && !self.chart {
            self.all(Meaning::Person).into_iter().for_each(|at| self.set(at, Some(Meaning::Responsible)));
        }
        for meaning in [Meaning::CoLead, Meaning::Responsible, Meaning::Support, Meaning::Consulted, Meaning::Informed]
        {
            for at in self.all(meaning).into_iter().skip(1) {
                self.say(at, FindingKind::HeaderTwice { meaning, both: true }, found);
            }
        }
        Ok(())
    }

    /// Finds the columns of the title, the key and the section.
    fn settle_task(&mut self, table: &Table, found: &mut Vec<Found>) {
        let (sure, perhaps): (Vec<usize>, Vec<usize>) = self
            .all(Meaning::Task)
            .into_iter()
            .partition(|at| self.columns.get(*at).is_some_and(|column| column.sure < Sure::Perhaps));
        let (tasks, things) = if sure.is_empty() { (perhaps, Vec::new()) } else { (sure, perhaps) };
        let has_title = self.first(Meaning::Title).is_some();
        let is_key =
            |first| self.first(Meaning::Key).is_none() && (has_title || holds_keys(table, &self.header, first));
        match *tasks {
            [] => {}
            [first, ref rest @ ..] if is_key(first) => {
                self.set(first, Some(Meaning::Key));
                self.rest(rest, has_title, found);
            }
            [first, second, ref rest @ ..] if self.groups(table, first, second) => {
                self.set(first, Some(Meaning::Section));
                self.set(second, Some(Meaning::Title));
                self.rest(rest, true, found);
            }
            [first, ref rest @ ..] => {
                self.set(first, Some(if has_title { Meaning::Text } else { Meaning::Title }));
                self.rest(rest, true, found);
            }
        }
        let title = self.first(Meaning::Title);
        for at in things {
            let meaning = if title.is_some_and(|title| at < title) { Meaning::Section } else { Meaning::Text };
            let free = self.first(meaning).is_none();
            self.set(at, free.then_some(meaning));
        }
        if self.first(Meaning::Title).is_none() {
            self.find_title();
        }
    }

    /// Gives further columns of tasks a meaning: the title, the text, or none.
    fn rest(&mut self, columns: &[usize], has_title: bool, found: &mut Vec<Found>) {
        let mut meanings =
            [(!has_title).then_some(Meaning::Title), self.first(Meaning::Text).is_none().then_some(Meaning::Text)]
                .into_iter()
                .flatten();
        for at in columns {
            let meaning = meanings.next();
            self.set(*at, meaning);
            if meaning.is_none() {
                self.say(*at, FindingKind::HeaderTwice { meaning: Meaning::Task, both: false }, found);
            }
        }
    }

    /// Whether a column names groups of rows: it has empty cells or copies where a second one has text.
    fn groups(&self, table: &Table, first: usize, second: usize) -> bool {
        if self.first(Meaning::Section).is_some() || first > second {
            return false;
        }
        let mut rows = (self.header.end..table.rows().len()).take(LOOKED_AT).map(|at| table.row(at));
        rows.any(|row| {
            let (Some(first), Some(second)) = (row.cell(first), row.cell(second)) else { return false };
            let below = first.is_empty() || first.copied() == Some(Copied::FromAbove);
            below && !second.is_empty() && second.copied().is_none()
        })
    }

    /// Without a title, the text is it, or the last column without a meaning before the first unit, or the first.
    fn find_title(&mut self) {
        if let Some(text) = self.first(Meaning::Text) {
            return self.set(text, Some(Meaning::Title));
        }
        let is_unit =
            |column: &Column| column.meaning.is_some_and(|meaning| meaning.names_units() || meaning == Meaning::Unit);
        let unnamed =
            |at: &usize| self.columns.get(*at).is_some_and(|column| column.meaning.is_none() && !column.reported);
        let first_unit = self.columns.iter().position(is_unit).unwrap_or(self.columns.len());
        let before = (0..first_unit).rev().find(unnamed);
        let has_key = self.first(Meaning::Key).is_some();
        if let Some(at) = before.or_else(|| (0..self.columns.len()).find(unnamed).filter(|_| !has_key && !self.chart)) {
            self.set(at, Some(Meaning::Title));
        }
    }

    /// Leaves the first column of a meaning.
    fn keep_one(&mut self, meaning: Meaning, found: &mut Vec<Found>) {
        let mut all = self.all(meaning);
        all.sort_by_key(|at| !self.columns.get(*at).is_some_and(|column| column.told));
        for at in all.into_iter().skip(1) {
            self.set(at, None);
            self.say(at, FindingKind::HeaderTwice { meaning, both: false }, found);
        }
    }
}

/// Whether the cells of a column are keys: each has a slash and no white space.
fn holds_keys(table: &Table, header: &Header, column: usize) -> bool {
    let rows = (header.end..table.rows().len()).take(LOOKED_AT).map(|at| table.row(at));
    let mut cells =
        rows.filter_map(|row| row.cell(column)).map(|cell| cell.text()).filter(|text| !text.is_empty()).peekable();
    let is_key =
        |text: &str| text.contains('/') && !text.starts_with('/') && !text.chars().any(|c| is_space(c) || is_han(c));
    cells.peek().is_some() && cells.all(is_key)
}
