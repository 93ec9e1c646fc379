//! Reads the rows of a table under its columns.
//!
//! Input: a table and its layout. Output: drafts of tasks and findings. Each row is a task, a row that names a section, a
//! remark, or one that goes on with the task above. Cost: one pass over the cells.

use super::builder::{Builder, Draft, Member};
use super::chart::{self, Usage};
use super::finding_kind::{FindingKind, Found};
use super::grid::{Cell, Copied, Row, Table};
use super::header::{self, distinct};
use super::layout::Layout;
use super::letters::{self, Part, Said};
use super::lexicon;
use super::meaning::Meaning;
use super::names;
use super::place::Place;
use super::title;

/// Where reading stopped.
pub(super) enum Stop {
    End,
    /// At a row that is the header of another table.
    Header(usize),
}

/// Reads rows under a layout.
pub(super) struct RowReader<'a, 't> {
    table: &'t Table,
    layout: &'a Layout,
    usage: Option<&'a Usage>,
    builder: &'a mut Builder<'t>,
    section: String,
    /// The place of the last row that names a section, if no task has followed.
    open_section: Option<(Place, String)>,
    /// For each column its cells with text.
    cells: Vec<usize>,
}

impl<'a, 't> RowReader<'a, 't> {
    pub(super) fn new(
        table: &'t Table,
        layout: &'a Layout,
        usage: Option<&'a Usage>,
        builder: &'a mut Builder<'t>,
    ) -> RowReader<'a, 't> {
        RowReader {
            table,
            layout,
            usage,
            builder,
            section: table.title().to_owned(),
            open_section: None,
            cells: vec![0; layout.columns.len()],
        }
    }

    /// Reads up to the end, or up to the header of another table.
    pub(super) fn read(mut self) -> Stop {
        let mut stop = Stop::End;
        for at in self.layout.header.end..self.table.rows().len() {
            let row = self.table.row(at);
            if header::begins_anew(row) {
                if !header::repeats(row, &self.layout.header) {
                    stop = Stop::Header(at);
                    break;
                }
                self.builder.found(FindingKind::HeaderAgain, row.place(), &row.shown());
                continue;
            }
            match distinct(row) {
                0 => {}
                1 => self.single(row),
                _ => self.row(row),
            }
        }
        self.end_section();
        for at in 0..self.layout.columns.len() {
            let cells = self.cells.get(at).copied().unwrap_or(0);
            self.builder.take_found(self.layout.left_out(at, cells).into_iter().collect());
        }
        self.builder.end_table();
        stop
    }

    fn end_section(&mut self) {
        if let Some((place, text)) = self.open_section.take() {
            self.builder.found(FindingKind::SectionWithoutTask, place, &text);
        }
    }

    /// Takes a row with one cell: a section, a legend, a remark, or a task without a unit.
    fn single(&mut self, row: Row<'t>) {
        let Some((column, cell)) = row.cells().enumerate().find(|(_, cell)| !cell.is_empty()) else { return };
        let (text, place) = (cell.text(), cell.place());
        if let Some(legend) = letters::legend(text).filter(|_| self.layout.chart) {
            self.builder.found(FindingKind::Legend { marks: legend.len() }, place, text);
            return;
        }
        let meaning = self.layout.columns.get(column).and_then(|column| column.meaning);
        let merged = row.len() > 1 && row.cells().all(|cell| !cell.is_empty());
        let is_task = meaning == Some(Meaning::Key) || self.layout.columns.len() == 1;
        if is_task && !merged {
            return self.row(row);
        }
        let plain = text.to_lowercase();
        let remark = lexicon::REMARKS.iter().any(|word| plain.starts_with(word)) || title::speaks_of_duty(text);
        let of_units = meaning
            .is_some_and(|meaning| meaning.names_units() || meaning == Meaning::Unit || meaning == Meaning::Deadline);
        if !merged && of_units {
            return self.row(row);
        }
        if remark
            || !merged
                && row.len() > 1
                && matches!(meaning, None | Some(Meaning::Ignore | Meaning::Person))
                && column > 0
        {
            self.builder.found(FindingKind::NotRead, place, text);
            return;
        }
        self.end_section();
        self.section = names::clean(text);
        self.open_section = Some((place, text.to_owned()));
        self.builder.found(FindingKind::SectionRow, place, text);
    }

    /// Takes a row that is a task.
    fn row(&mut self, row: Row<'t>) {
        let expected = self.layout.columns.len();
        if row.len() != expected {
            let kind = FindingKind::RowLength { expected, found: row.len() };
            self.builder.found(kind, row.place(), &row.shown());
        }
        for cell in row.cells().skip(expected).filter(|cell| !cell.is_empty()) {
            self.builder.found(FindingKind::CellWithoutHeader, cell.place(), cell.text());
        }
        let mut draft =
            Draft { place: row.place(), lead_place: row.place(), chart: self.layout.chart, ..Draft::default() };
        let mut members = Members::default();
        let (mut task_copied, mut lead_copied, mut has_number) = (false, false, false);
        for (at, cell) in row.cells().enumerate().take(expected) {
            let Some(column) = self.layout.columns.get(at) else { continue };
            if let Some(cells) = self.cells.get_mut(at) {
                *cells += usize::from(!cell.is_empty());
            }
            let Some(meaning) = column.meaning else { continue };
            let above = cell.copied() == Some(Copied::FromAbove) && !cell.is_empty();
            match meaning {
                Meaning::Lead | Meaning::Responsible => {
                    lead_copied |= above;
                    draft.lead_place = cell.place();
                }
                Meaning::Key | Meaning::Title => task_copied |= above,
                Meaning::Number => {
                    has_number = true;
                    draft.goes_on = above || cell.is_empty();
                }
                _ => {}
            }
            if cell.copied() == Some(Copied::FromLeft) {
                continue;
            }
            self.cell(meaning, column.persons, cell, at, &mut draft, &mut members);
        }
        if !has_number {
            draft.goes_on = false;
        }
        if draft.section.is_empty() {
            draft.section.clone_from(&self.section);
        } else {
            self.section.clone_from(&draft.section);
        }
        match self.layout.chart {
            true => self.decide_chart(&mut draft, members),
            false => self.decide(&mut draft, members),
        }
        if !self.layout.chart && task_copied && lead_copied {
            let place = row.place();
            let added = std::mem::take(&mut draft.members);
            let added = added.into_iter().filter(|member| !matches!(member.part, Part::Lead | Part::CoLead)).collect();
            if self.builder.add_to_last(added, place, &row.shown()) {
                return;
            }
        }
        draft.row = Some(row);
        self.open_section = None;
        self.builder.add(draft);
    }

    /// Takes a cell by the meaning of its column.
    fn cell(
        &mut self,
        meaning: Meaning,
        persons: bool,
        cell: Cell<'_>,
        at: usize,
        draft: &mut Draft<'t>,
        members: &mut Members,
    ) {
        let text = cell.text();
        match meaning {
            Meaning::Key => text.clone_into(&mut draft.key),
            Meaning::Number => text.clone_into(&mut draft.number),
            Meaning::Title | Meaning::Task => {
                text.clone_into(&mut draft.title);
                if !text.is_empty() {
                    draft.place = cell.place();
                }
            }
            Meaning::Text => text.clone_into(&mut draft.text),
            Meaning::Section => draft.section = names::clean(text),
            Meaning::Deadline if !letters::is_nothing(text) => text.clone_into(&mut draft.deadline),
            Meaning::Unit => self.mark(cell, at, members),
            _ => {
                let Some(part) = Part::of_meaning(meaning).filter(|_| meaning.names_units()) else { return };
                let mut notes = Vec::new();
                for name in names::completed(names::split(text, persons, &mut notes)) {
                    // A word in a cell can't make a supporter a lead.
                    let own = name.part.filter(|_| meaning.tells_lead());
                    let member = Member { name: name.text, part: own.unwrap_or(part), place: cell.place() };
                    members.list.push((member, own.is_some()));
                }
                for (kind, text) in notes {
                    self.builder.found(kind, cell.place(), &text);
                }
            }
        }
    }

    /// Takes the mark of a unit.
    fn mark(&mut self, cell: Cell<'_>, at: usize, members: &mut Members) {
        let Some((usage, column)) = self.usage.zip(self.layout.columns.get(at)) else { return };
        let mut notes = Vec::new();
        let unit = names::clean(&column.title);
        let mut push = |part| {
            let member = Member { name: unit.clone(), part, place: cell.place() };
            members.list.push((member, true));
        };
        match chart::said(cell, &usage.letters) {
            Said::Nothing => {}
            Said::Part(part, text) => {
                if text {
                    notes.push(FindingKind::TextAtMark);
                }
                push(part);
            }
            Said::Ranked(part, place) => {
                let member = Member { name: unit.clone(), part, place: cell.place() };
                members.ranked.push((place, member));
            }
            Said::Order(order) => members.orders.push((order, unit.clone(), cell.place())),
            Said::Symbol(symbol) => match usage.letters.part(&symbol.to_string()) {
                Some(part) => push(part),
                None => notes.push(FindingKind::UnknownMark),
            },
            Said::Unknown => notes.push(FindingKind::UnknownMark),
        }
        for kind in notes {
            self.builder.found(kind, cell.place(), &format!("{unit}: {}", cell.text()));
        }
    }

    /// Decides who leads a row of a chart.
    fn decide_chart(&mut self, draft: &mut Draft<'t>, members: Members) {
        let Members { list, mut orders, mut ranked } = members;
        draft.members = list.into_iter().map(|(member, _)| member).collect();
        // Numbers alone: the first leads. Beside a mark of the lead they tell the order of the others.
        let has_lead = draft.members.iter().any(|member| member.part == Part::Lead);
        orders.sort_by_key(|(order, ..)| *order);
        for (order, name, place) in orders {
            let part = if order == 1 && !has_lead { Part::Lead } else { Part::Support };
            draft.members.push(Member { name, part, place });
        }
        // Those without a place come before those with one.
        ranked.sort_by_key(|(place, _)| *place);
        draft.members.extend(ranked.into_iter().map(|(_, member)| member));
        let responsible = || draft.members.iter().filter(|member| member.part == Part::Responsible).count();
        if self.usage.is_some_and(|usage| usage.responsible_leads) && responsible() == 1 {
            draft
                .members
                .iter_mut()
                .filter(|member| member.part == Part::Responsible)
                .for_each(|member| member.part = Part::Lead);
        }
    }

    /// Decides who leads a row of units.
    fn decide(&mut self, draft: &mut Draft<'t>, members: Members) {
        let told = members.list.iter().any(|(member, own)| *own && member.part == Part::Lead);
        let supported =
            self.layout.has_support || members.list.iter().any(|(member, own)| *own && member.part == Part::Support);
        draft.members = members.list.into_iter().map(|(member, _)| member).collect();
        if self.layout.has_lead || told {
            return;
        }
        let mut responsible = draft.members.iter_mut().filter(|member| member.part == Part::Responsible);
        if supported {
            responsible.for_each(|member| member.part = Part::Lead);
        } else if let Some(first) = responsible.next() {
            first.part = Part::Lead;
            draft.convention = responsible.next().is_some();
        }
    }
}

/// The units of a row while it is read: each with whether the cell itself tells its part.
#[derive(Default)]
struct Members {
    list: Vec<(Member, bool)>,
    /// Units with their numbers.
    orders: Vec<(u32, String, Place)>,
    /// Units with their places among those with the same part.
    ranked: Vec<(u32, Member)>,
}

/// Findings about the rows before a header.
pub(super) fn before_header(table: &Table, from: usize, to: usize) -> impl Iterator<Item = Found> + '_ {
    let rows = (from..to).map(|at| table.row(at)).filter(|row| distinct(*row) > 0);
    rows.map(|row| {
        let text = row.shown();
        match letters::legend(&text) {
            Some(legend) => Found::new(FindingKind::Legend { marks: legend.len() }, row.place(), &text),
            None => Found::new(FindingKind::NotRead, row.place(), &text),
        }
    })
}
