//! Reads the rows of a table under its columns.
//!
//! Input: a table and its layout. Output: drafts of tasks and findings. Each row is a task, a row that names a section, a
//! remark, or one that goes on with the task above. Cost: one pass over the cells.

use std::borrow::Cow;

use super::builder::{Builder, Draft, Member};
use super::chart::{self, Usage};
use super::finding_kind::{FindingKind, Found};
use super::grid::{Cell, Copied, Row, Table};
use super::header::{self, distinct};
use super::layout::{Column, Layout};
use super::letters::{self, Part, Said};
use super::lexicon;
use super::meaning::Meaning;
use super::names::{self, Note};
use super::place::Place;
use super::title;
use super::units::{Named, UnitId};

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
    section: Cow<'t, str>,
    /// The place of the last row that names a section, if no task has followed.
    open_section: Option<(Place, &'t str)>,
    /// For each column of the layout its cells with text.
    cells: Vec<usize>,
    /// For each column the unit that its header names, if it names one.
    units: Vec<Option<UnitId>>,
    /// The units of a cell, and what else is in it.
    named: Vec<Named>,
    notes: Vec<Note>,
}

impl<'a, 't> RowReader<'a, 't> {
    pub(super) fn new(
        table: &'t Table,
        layout: &'a Layout,
        usage: Option<&'a Usage>,
        builder: &'a mut Builder<'t>,
    ) -> RowReader<'a, 't> {
        let mut unit = |title: &str| builder.units.id(Cow::Owned(names::clean(title).into_owned()));
        let is_unit = |column: &Column| column.meaning == Some(Meaning::Unit);
        let units = layout.columns.iter().map(|column| is_unit(column).then(|| unit(&column.title))).collect();
        builder.expect(table.rows().len() - layout.header.end);
        RowReader {
            table,
            layout,
            usage,
            builder,
            section: Cow::Borrowed(table.title()),
            open_section: None,
            cells: vec![0; layout.columns.len()],
            units,
            named: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Reads up to the end, or up to the header of another table.
    pub(super) fn read(mut self) -> Stop {
        let mut stop = Stop::End;
        for at in self.layout.header.end..self.table.rows().len() {
            let row = self.table.row(at);
            if header::begins_table(row) {
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
        for (column, cells) in self.layout.columns.iter().zip(&self.cells) {
            self.builder.take_found(column.left_out(*cells).into_iter().collect());
        }
        self.builder.end_table();
        for ((unit, cells), column) in self.units.iter().zip(&self.cells).zip(&self.layout.columns) {
            if let Some(unit) = unit.filter(|_| *cells == 0) {
                self.builder.without_task(unit, column.place);
            }
        }
        stop
    }

    fn end_section(&mut self) {
        if let Some((place, text)) = self.open_section.take() {
            self.builder.found(FindingKind::SectionWithoutTask, place, text);
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
        self.open_section = Some((place, text));
        self.builder.found(FindingKind::SectionRow, place, text);
    }

    /// Takes a row that is a task.
    fn row(&mut self, row: Row<'t>) {
        let expected = self.layout.columns.len();
        if !self.table.is_whole(row.len(), expected) {
            let kind = FindingKind::RowLength { expected, found: row.len() };
            self.builder.found(kind, row.place(), &row.shown());
        }
        for cell in row.cells().skip(expected).filter(|cell| !cell.is_empty()) {
            self.builder.found(FindingKind::CellWithoutHeader, cell.place(), cell.text());
        }
        let (place, chart) = (row.place(), self.layout.chart);
        let mut draft = Draft { place, lead_place: place, chart, members: self.builder.free(), ..Draft::default() };
        let mut places = Places::default();
        let (mut task_copied, mut lead_copied, mut has_number) = (false, false, false);
        let layout = self.layout;
        for (at, (cell, column)) in row.cells().zip(&layout.columns).enumerate() {
            #[expect(clippy::indexing_slicing, reason = "one count per column of the layout")]
            (self.cells[at] += usize::from(!cell.is_empty()));
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
            match meaning {
                Meaning::Unit => self.mark(cell, at, &mut draft.members, &mut places),
                _ => self.cell(meaning, column.persons, cell, &mut draft),
            }
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
            true => self.decide_chart(&mut draft, places),
            false => self.decide(&mut draft),
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
    fn cell(&mut self, meaning: Meaning, persons: bool, cell: Cell<'t>, draft: &mut Draft<'t>) {
        let text = cell.text();
        match meaning {
            Meaning::Key => (draft.key, draft.key_place) = (text, cell.place()),
            Meaning::Number => {
                draft.number = text;
                if draft.key.is_empty() {
                    draft.key_place = cell.place();
                }
            }
            Meaning::Title | Meaning::Task => {
                draft.title = text;
                if !text.is_empty() {
                    draft.place = cell.place();
                }
            }
            Meaning::Text => draft.text = text,
            Meaning::Section => draft.section = names::clean(text),
            Meaning::Deadline if !letters::is_nothing(text) => {
                (draft.deadline, draft.deadline_place) = (text, cell.place());
            }
            _ => {
                let Some(part) = Part::of_meaning(meaning).filter(|_| meaning.names_units()) else { return };
                self.builder.units.read(text, persons, &mut self.named, &mut self.notes);
                let members = self.named.iter().map(|named| {
                    // A word in a cell can't make a supporter a lead.
                    let told = named.part.filter(|_| meaning.tells_lead());
                    let (part, own) = (told.unwrap_or(part), told.is_some());
                    Member { unit: named.unit, part, own, place: cell.place() }
                });
                draft.members.extend(members);
                for (kind, text) in self.notes.drain(..) {
                    self.builder.found(kind, cell.place(), &text);
                }
            }
        }
    }

    /// Takes the mark of a unit.
    fn mark(&mut self, cell: Cell<'_>, at: usize, members: &mut Vec<Member>, places: &mut Places) {
        // Without a chart the meanings of marks are not known.
        let Some((usage, unit)) = self.usage.zip(self.units.get(at).copied().flatten()) else { return };
        let place = cell.place();
        let member = |part| Member { unit, part, own: true, place };
        let mut say = |kind| {
            let name = &self.builder.units.get(unit).name;
            let original = format!("{name}: {}", cell.text());
            self.builder.found(kind, place, &original);
        };
        match chart::said(cell, &usage.letters) {
            Said::Nothing => {}
            Said::Part(part, text) => {
                if text {
                    say(FindingKind::TextAtMark);
                }
                members.push(member(part));
            }
            Said::Ranked(part, rank) => places.ranked.push((rank, member(part))),
            Said::Order(order) => places.orders.push((order, member(Part::Support))),
            Said::Symbol(symbol) => match usage.letters.part(symbol.encode_utf8(&mut [0; 4])) {
                Some(part) => members.push(member(part)),
                None => say(FindingKind::UnknownMark),
            },
            Said::Unknown => say(FindingKind::UnknownMark),
        }
    }

    /// Decides who leads a row of a chart.
    fn decide_chart(&mut self, draft: &mut Draft<'t>, places: Places) {
        let Places { mut orders, mut ranked } = places;
        // Numbers alone: the first leads. With a mark of the lead they tell the order of the others.
        let has_lead = draft.members.iter().any(|member| member.part == Part::Lead);
        orders.sort_by_key(|(order, _)| *order);
        for (order, member) in orders {
            let part = if order == 1 && !has_lead { Part::Lead } else { Part::Support };
            draft.members.push(Member { part, ..member });
        }
        // Those without a place come before those with one.
        ranked.sort_by_key(|(rank, _)| *rank);
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
    fn decide(&mut self, draft: &mut Draft<'t>) {
        let has_own = |part| draft.members.iter().any(|member| member.own && member.part == part);
        let supported = self.layout.has_support || has_own(Part::Support);
        if self.layout.has_lead || has_own(Part::Lead) {
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

/// The units of a row of a chart whose marks are numbers or have one.
#[derive(Default)]
struct Places {
    /// Units with their numbers.
    orders: Vec<(u32, Member)>,
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
