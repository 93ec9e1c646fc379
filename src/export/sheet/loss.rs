//! What a table can't say, or says so that a reader takes it as something else. Plain values.

use std::fmt;
#[cfg(feature = "xlsx")]
use std::{collections::HashSet, mem};

use crate::view::View;

/// A fact of the index that is not read back from a table as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// The name of a unit that a reader would take as something else: several names, a name with a role, nobody. Reported
    /// for the first task only.
    Unit {
        /// The unit.
        unit: String,
        /// The first task that names it.
        task: String,
    },
    /// A task whose key a reader would take as something else.
    Task {
        /// The task.
        task: String,
    },
    /// Units of a task that are read back each by itself, but not together in one cell.
    Units {
        /// The task.
        task: String,
    },
    /// A task whose title or deadline a reader would take as something else, such as one that is too long for a cell of a
    /// spreadsheet, or has white space at its ends.
    Text {
        /// The task.
        task: String,
    },
    /// A unit that no task names. No table names it.
    Idle {
        /// The unit.
        unit: String,
    },
    /// The sheet `matrix` of a workbook, which would have more columns or cells than a table can have. It is left out; the
    /// sheet `tasks` has all tasks.
    Matrix {
        /// The number of tasks.
        tasks: usize,
        /// The number of their units.
        units: usize,
    },
    /// A loss of one sheet of a workbook only.
    InSheet {
        /// The sheet, `tasks` or `matrix`.
        sheet: &'static str,
        /// The loss.
        loss: Box<Loss>,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Unit { unit, task } => write!(f, "unit {unit:?} of task {task:?} is not read back under this name"),
            Loss::Task { task } => write!(f, "task {task:?} is not read back under this key"),
            Loss::Units { task } => write!(f, "the units of task {task:?} are not read back as they are"),
            Loss::Text { task } => write!(f, "the title or deadline of task {task:?} is not read back as it is"),
            Loss::Idle { unit } => write!(f, "unit {unit:?} is left out: no task names it"),
            Loss::Matrix { tasks, units } => write!(
                f,
                "the sheet \"matrix\" is left out: {tasks} tasks of {units} units are more than it can have; give the prefix \
                 of a section"
            ),
            Loss::InSheet { sheet, loss } => write!(f, "sheet {sheet:?}: {loss}"),
        }
    }
}

impl Loss {
    /// The units that no task names, where all tasks are asked for: a section is not asked for units of other sections.
    pub(super) fn idle(view: &View, section: &str) -> impl Iterator<Item = Loss> {
        let idle = view.idle_units().filter(move |_| section.is_empty());
        idle.map(|unit| Loss::Idle { unit: unit.name().to_owned() })
    }

    /// The losses of two sheets of the same tasks: those of both are said once, the others with their sheet.
    #[cfg(feature = "xlsx")]
    pub(super) fn of_both(first: (&'static str, Vec<Loss>), second: (&'static str, Vec<Loss>)) -> Vec<Loss> {
        let both: HashSet<_> = {
            let (of_first, of_second) = (first.1.iter().map(Loss::subject), second.1.iter().map(Loss::subject));
            let of_second: HashSet<_> = of_second.collect();
            of_first.filter(|subject| of_second.contains(subject)).map(|(kind, name)| (kind, name.to_owned())).collect()
        };
        let is_of_both = |loss: &Loss| {
            let (kind, name) = loss.subject();
            both.contains(&(kind, name.to_owned()))
        };
        let in_sheet = |sheet, loss| Loss::InSheet { sheet, loss: Box::new(loss) };
        let (first, second) = ((first.0, first.1.into_iter()), (second.0, second.1.into_iter()));
        let of_first = first.1.map(|loss| if is_of_both(&loss) { loss } else { in_sheet(first.0, loss) });
        let of_second = second.1.filter(|loss| !is_of_both(loss)).map(|loss| in_sheet(second.0, loss));
        of_first.chain(of_second).collect()
    }

    /// The kind, and the unit or task that it is about.
    #[cfg(feature = "xlsx")]
    fn subject(&self) -> (mem::Discriminant<Loss>, &str) {
        let name = match self {
            Loss::Unit { unit, .. } | Loss::Idle { unit } => unit.as_str(),
            Loss::Task { task } | Loss::Units { task } | Loss::Text { task } => task.as_str(),
            Loss::Matrix { .. } => "",
            Loss::InSheet { sheet, .. } => sheet,
        };
        (mem::discriminant(self), name)
    }
}
