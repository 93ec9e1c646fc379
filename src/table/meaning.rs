//! The meaning of a column. A plain value.

use std::fmt;

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Meaning {
    /// The key of the task, as the application uses it.
    Key,
    /// The number of the row.
    Number,
    /// The task: its key where another column is the title and none is the key, else its title.
    Task,
    /// The title of the task.
    Title,
    /// A longer text about the task.
    Text,
    /// The section of the plan.
    Section,
    /// The unit that leads; further units in the cell lead jointly.
    Lead,
    /// Units that lead together with the lead.
    CoLead,
    /// Units that are responsible. Next to a column of leads they support; without one the first-listed leads.
    Responsible,
    /// Units that support.
    Support,
    /// Units that are consulted.
    Consulted,
    /// Units that are informed.
    Informed,
    /// Persons. They are [`Responsible`](Meaning::Responsible) where no column names a unit, and left out elsewhere.
    Person,
    /// The time by which the task is due.
    Deadline,
    /// One unit, which the header names; the cells are marks of its role.
    Unit,
    /// Nothing that a task takes.
    Ignore,
}

impl Meaning {
    /// Its name in lower case, as [`Columns`](super::Columns) reads it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Meaning::Key => "key",
            Meaning::Number => "number",
            Meaning::Task => "task",
            Meaning::Title => "title",
            Meaning::Text => "text",
            Meaning::Section => "section",
            Meaning::Lead => "lead",
            Meaning::CoLead => "co-lead",
            Meaning::Responsible => "responsible",
            Meaning::Support => "supporting",
            Meaning::Consulted => "consulted",
            Meaning::Informed => "informed",
            Meaning::Person => "person",
            Meaning::Deadline => "deadline",
            Meaning::Unit => "unit",
            Meaning::Ignore => "ignore",
        }
    }

    /// All meanings.
    pub(super) const ALL: [Meaning; 16] = [
        Meaning::Key,
        Meaning::Number,
        Meaning::Task,
        Meaning::Title,
        Meaning::Text,
        Meaning::Section,
        Meaning::Lead,
        Meaning::CoLead,
        Meaning::Responsible,
        Meaning::Support,
        Meaning::Consulted,
        Meaning::Informed,
        Meaning::Person,
        Meaning::Deadline,
        Meaning::Unit,
        Meaning::Ignore,
    ];

    /// Whether the cells of the column name units.
    pub(super) fn names_units(self) -> bool {
        use Meaning::{CoLead, Consulted, Informed, Lead, Responsible, Support};
        matches!(self, Lead | CoLead | Responsible | Support | Consulted | Informed)
    }

    /// Whether the column can tell the lead.
    pub(super) fn tells_lead(self) -> bool {
        matches!(self, Meaning::Lead | Meaning::Responsible)
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
