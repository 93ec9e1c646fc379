//! The rows of a table of tasks, and what a reader would not take back.
//!
//! Input: tasks in key order. Output: a header and a row for each task. Each cell of names is read again as a table is
//! read, and so are keys and texts, so that no loss is silent. Cost: one pass over the tasks; in a wide table a cell for each task and unit.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::id::UnitId;
use crate::model::{Result, Role};
use crate::table::{Meaning, TEXTS_OF_WIDE, is_header, keeps_text, names_in, reads_as_legend, text_in};
use crate::view::{TaskRef, UnitRef, View};

use super::cells::Sink;
use super::loss::Loss;
use super::options::{Shape, TableOptions};

/// Numbers without a letter that readers take as an order.
const LAST_NUMBER: usize = 99;
/// Tasks whose details are read together: a bulk load has some thousands in each piece of the log.
const AT_ONCE: usize = 4_096;

/// Writes tables of some tasks.
pub(super) struct TableWriter<'p, 'v, S> {
    view: &'v View,
    tasks: &'p [TaskRef<'v>],
    options: &'p TableOptions,
    cells: &'p mut S,
    losses: Vec<Loss>,
    /// Units that are reported.
    reported: HashSet<UnitId>,
    /// The meanings of the columns.
    meanings: Vec<Meaning>,
    /// Whether a row of a chart is read as a header: the rows below have other units then.
    other_header: bool,
}

impl<'p, 'v, S: Sink> TableWriter<'p, 'v, S> {
    pub(super) fn new(view: &'v View, tasks: &'p [TaskRef<'v>], options: &'p TableOptions, cells: &'p mut S) -> Self {
        let (losses, reported, meanings) = (Vec::new(), HashSet::new(), Vec::new());
        TableWriter { view, tasks, options, cells, losses, reported, meanings, other_header: false }
    }

    /// Writes all rows. Returns the meanings of the columns and the losses.
    pub(super) fn write(mut self) -> Result<(Vec<Meaning>, Vec<Loss>)> {
        match self.options.shape {
            Shape::Long => self.long()?,
            Shape::Wide => self.wide()?,
        }
        Ok((self.meanings, self.losses))
    }

    /// The titles and deadlines of some tasks.
    fn details(&self, tasks: &[TaskRef<'_>]) -> Result<Vec<(String, String)>> {
        let mut texts = vec![Default::default(); tasks.len()];
        if self.options.details {
            #[expect(clippy::indexing_slicing, reason = "the places are those of the tasks")]
            self.view.details_of(tasks, &mut |place, mut details| {
                // A task can be without a deadline.
                texts[place] = (details.title, details.fields.remove("deadline").unwrap_or_default());
            })?;
        }
        Ok(texts)
    }

    fn long(&mut self) -> Result<()> {
        let mut used: HashSet<Role> = [Role::Lead, Role::Support].into();
        used.extend(self.tasks.iter().flat_map(|task| task.record().members()).map(|member| member.role()));
        let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| used.contains(role)).collect();
        let titles = roles.iter().map(|role| match role {
            Role::Lead => ("lead", Meaning::Lead),
            Role::CoLead => ("co-leads", Meaning::CoLead),
            Role::Support => ("supporting", Meaning::Support),
            Role::Consulted => ("consulted", Meaning::Consulted),
            Role::Informed => ("informed", Meaning::Informed),
        });
        let columns: Vec<(&str, Meaning)> = [("task", Meaning::Key)]
            .into_iter()
            .chain(titles)
            .chain([("title", Meaning::Title), ("deadline", Meaning::Deadline)])
            .collect();
        self.meanings = columns.iter().map(|(_, meaning)| *meaning).collect();
        self.cells.row(&columns.iter().map(|(title, _)| Cow::Borrowed(*title)).collect::<Vec<_>>())?;
        for tasks in self.tasks.chunks(AT_ONCE) {
            for (task, (title, deadline)) in tasks.iter().zip(self.details(tasks)?) {
                let mut row = vec![Cow::Borrowed(task.key())];
                for role in &roles {
                    let units = task.units().filter(|(_, of)| of == role).map(|(unit, _)| unit);
                    row.push(self.names(*task, &units.collect::<Vec<_>>()));
                }
                self.check_texts(*task, &title, &deadline);
                row.extend([Cow::Owned(title), Cow::Owned(deadline)]);
                self.check_key(*task, &row);
                self.cells.row(&row)?;
            }
        }
        Ok(())
    }

    /// A cell of units. Reports those that a reader would not take as they are.
    fn names(&mut self, task: TaskRef<'_>, units: &[UnitRef<'v>]) -> Cow<'v, str> {
        let cell = match units {
            [] => return Cow::Borrowed(""),
            [unit] => Cow::Borrowed(unit.name()),
            several => Cow::Owned(several.iter().map(UnitRef::name).collect::<Vec<_>>().join("; ")),
        };
        if self.reads_as(&cell, units.iter().map(UnitRef::name)) {
            return cell;
        }
        let task = task.key();
        let mut any = false;
        for unit in units {
            let name = unit.name();
            let lost = !self.reads_as(name, std::iter::once(name));
            any |= lost;
            if lost && self.reported.insert(unit.id) {
                self.losses.push(Loss::Unit { unit: name.to_owned(), task: task.to_owned() });
            }
        }
        if !any {
            self.losses.push(Loss::Units { task: task.to_owned() });
        }
        cell
    }

    fn reads_as<'n>(&self, cell: &str, names: impl Iterator<Item = &'n str>) -> bool {
        let read = names_in(&self.cells.as_read(cell));
        read.is_some_and(|read| names.eq(read.iter().map(String::as_str)))
    }

    fn check_key(&mut self, task: TaskRef<'_>, row: &[Cow<'_, str>]) {
        let read = self.cells.as_read(task.key());
        let alone = row.iter().skip(1).all(|cell| cell.is_empty());
        let is_wide = self.options.shape == Shape::Wide;
        let is_header = is_header(&row.iter().map(|cell| &**cell).collect::<Vec<_>>());
        let lost = self.other_header
            || read != task.key()
            || !keeps_text(&read)
            || is_header
            || alone && is_wide && reads_as_legend(&read);
        self.other_header |= is_header && is_wide;
        if lost {
            self.losses.push(Loss::Task { task: task.key().to_owned() });
        }
    }

    fn check_texts(&mut self, task: TaskRef<'_>, title: &str, deadline: &str) {
        let lost = |meaning, text| text_in(meaning, &self.cells.as_read(text)) != text;
        if lost(Meaning::Title, title) || lost(Meaning::Deadline, deadline) {
            self.losses.push(Loss::Text { task: task.key().to_owned() });
        }
    }

    fn wide(&mut self) -> Result<()> {
        let mut places: HashMap<UnitId, usize> = HashMap::new();
        let mut units: Vec<(UnitRef<'v>, TaskRef<'v>)> = Vec::new();
        for task in self.tasks {
            for (unit, _) in task.units() {
                places.entry(unit.id).or_insert_with(|| {
                    units.push((unit, *task));
                    units.len() - 1
                });
            }
        }
        for (unit, task) in &units {
            let read = self.cells.as_read(unit.name());
            if read != unit.name() || !keeps_text(&read) {
                let (unit, task) = (unit.name().to_owned(), task.key().to_owned());
                self.losses.push(Loss::Unit { unit, task });
            }
        }
        self.meanings = TEXTS_OF_WIDE.iter().map(|(_, meaning)| *meaning).collect();
        self.meanings.extend(units.iter().map(|_| Meaning::Unit));
        let header = TEXTS_OF_WIDE.iter().map(|(title, _)| *title).chain(units.iter().map(|(unit, _)| unit.name()));
        self.cells.row(&header.map(Cow::Borrowed).collect::<Vec<_>>())?;
        for tasks in self.tasks.chunks(AT_ONCE) {
            for (task, (title, deadline)) in tasks.iter().zip(self.details(tasks)?) {
                self.check_texts(*task, &title, &deadline);
                let mut row = vec![Cow::Borrowed(task.key()), Cow::Owned(title), Cow::Owned(deadline)];
                let first = row.len();
                row.resize(first + units.len(), Cow::Borrowed(""));
                for (place, mark) in marks(*task, &places) {
                    if let Some(cell) = row.get_mut(first + place) {
                        *cell = mark;
                    }
                }
                self.check_key(*task, &row);
                self.cells.row(&row)?;
            }
        }
        Ok(())
    }
}

/// The number of units that some tasks name.
#[cfg(feature = "xlsx")]
pub(super) fn units_of(tasks: &[TaskRef<'_>]) -> usize {
    tasks.iter().flat_map(|task| task.record().members()).map(|member| member.unit()).collect::<HashSet<_>>().len()
}

/// The marks of a task, each with the place of its unit among the columns.
fn marks(task: TaskRef<'_>, places: &HashMap<UnitId, usize>) -> Vec<(usize, Cow<'static, str>)> {
    let mut marks = Vec::new();
    for role in Role::ALL {
        let units = task.units().filter(|(_, of)| *of == role);
        let at: Vec<usize> = units.filter_map(|(unit, _)| places.get(&unit.id).copied()).collect();
        let in_order = at.is_sorted();
        let has_lead = task.lead().is_some();
        marks.extend((1..).zip(at).map(|(rank, place): (usize, usize)| {
            let mark = match role {
                Role::Lead => Cow::Borrowed("L"),
                Role::CoLead => Cow::Owned(format!("L{}", rank + 1)),
                Role::Support if has_lead && rank <= LAST_NUMBER => Cow::Owned(rank.to_string()),
                Role::Support => Cow::Owned(format!("S{rank}")),
                Role::Consulted if in_order => Cow::Borrowed("C"),
                Role::Consulted => Cow::Owned(format!("C{rank}")),
                Role::Informed if in_order => Cow::Borrowed("I"),
                Role::Informed => Cow::Owned(format!("I{rank}")),
            };
            (place, mark)
        }));
    }
    marks
}
