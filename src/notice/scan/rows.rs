//! Rows of tables: each is a task, its number a heading, its cells of units one clause.

use super::columns::{Column, Table, cells, is_rule, number_of};
use super::scanner::Scanner;
use crate::notice::clause::{self, Reading};
use crate::notice::finding_kind::FindingKind;
use crate::notice::heading::{Marker, marker_at};
use crate::notice::lexicon::{self, Part};
use crate::notice::members::Listed;
use crate::notice::text::{Span, contains_any};
use crate::notice::token::{Kind, within};

impl Scanner<'_> {
    /// Reads the line that begins at `at` as a header or a row; `false` when it is neither. A line without separators
    /// ends the table.
    pub(super) fn table_line(&mut self, at: usize) -> bool {
        let mut line = self.rest().iter().take_while(|t| t.kind != Kind::Newline);
        if !line.any(|t| matches!(t.kind, Kind::Tab | Kind::Pipe)) {
            self.table = None;
            return false;
        }
        let end = self.line_end();
        let line = Span::new(at, end);
        let Some(cells) = cells(self.text, self.rest(), line) else { return false };
        if let Some(table) = Table::header(self.text, line, &cells) {
            self.report_other(&table, &cells);
            self.table = Some(table);
            self.go_on(end, false);
            return true;
        }
        let Some(mut table) = self.table.take() else { return false };
        let read = if is_rule(self.text, &cells) {
            self.go_on(end, false);
            true
        } else {
            self.row(&mut table, &cells, end)
        };
        self.table = Some(table);
        read
    }

    /// Reports the cells of a header or a row that speak of responsibility, in columns that are not read.
    fn report_other(&mut self, table: &Table, cells: &[Span]) {
        for (_, cell) in table.columns_of(cells).filter(|(column, _)| *column == Column::Other) {
            if contains_any(cell.of(self.text), &lexicon::RESPONSIBILITY) {
                self.found(FindingKind::LineNotRead, cell);
            }
        }
    }

    fn row(&mut self, table: &mut Table, cells: &[Span], end: usize) -> bool {
        let Some(task) = table.task_of(cells) else { return false };
        self.scan.headers.extend(table.header.take());
        self.report_other(table, cells);
        let columns = table.columns_of(cells);
        if !columns.clone().any(|(column, _)| column.names_units()) {
            self.found(FindingKind::LeadCellEmpty, task);
            return false;
        }
        let number = columns.clone().find(|(column, _)| *column == Column::Number).map(|(_, cell)| cell);
        let marker = number.and_then(|cell| number_of(self.text, cell)).or_else(|| marker_at(self.text, task.start));
        if let Some(marker) = marker {
            let words = table.columns_of(cells).filter(|(column, _)| *column == Column::Task);
            let words = words.map(|(_, cell)| behind(marker, cell)).find(|words| !words.trim(self.text).is_empty());
            let title = words.map_or(Span::new(marker.span.end, marker.span.end), |words| self.title(words));
            self.titled(marker, title);
        }
        let task = marker.map_or(task, |marker| behind(marker, task)).trim(self.text);
        self.draft.clear();
        let mut all = Reading { labelled: true, ..Reading::default() };
        let mut clause: Option<Span> = None;
        for (column, cell) in columns {
            let Column::Units(part, listed) = column else { continue };
            clause = Some(clause.map_or(cell, |clause| Span::new(clause.start, cell.end)));
            self.cell(cell, (part, listed), &mut all);
        }
        self.report_leftover(&all);
        match clause.filter(|_| !self.draft.is_empty() && !self.only_supports(&all)) {
            Some(clause) => self.push(clause, task, &all),
            None => self.found(FindingKind::LeadCellEmpty, clause.unwrap_or(task)),
        }
        self.draft.clear();
        self.go_on(end, false);
        true
    }

    /// Adds the units or the time of a cell to those of its row.
    fn cell(&mut self, cell: Span, label: (Part, Listed), all: &mut Reading) {
        if label.0 == Part::Time {
            all.time = Some(cell);
            return;
        }
        let tokens = within(self.tokens, cell.start, cell.end);
        let reading = clause::read(self.text, &mut self.known, tokens, cell, Some(label), self.group, &mut self.draft);
        self.group += reading.groups + 1;
        all.role_words.shared |= reading.role_words.shared;
        all.time = all.time.or(reading.time);
        all.leftover.ignored.extend(reading.leftover.ignored);
        all.leftover.persons.extend(reading.leftover.persons);
    }
}

/// The words of a cell behind a number with which it begins.
fn behind(number: Marker, cell: Span) -> Span {
    if number.span.start == cell.start { Span::new(number.span.end, cell.end) } else { cell }
}
