//! Names in a notice that reforms have changed since it was written.

/// A name in a clause that is no unit of its own in the index, since a reform.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reformed {
    /// The name is that of a unit which the clause names before: it counts once, at its first place.
    Merged {
        /// The task.
        task: String,
        /// The name as written.
        written: String,
        /// The unit.
        unit: String,
    },
    /// The unit has ended. A task that the index has keeps its units; in a new task the name is left out.
    Ended {
        /// The task.
        task: String,
        /// The name as written.
        written: String,
        /// The units that took its place.
        successors: Vec<String>,
        /// Whether the task keeps the units that it has.
        kept: bool,
    },
}

impl std::fmt::Display for Reformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reformed::Merged { task, written, unit } => {
                write!(f, "{task}: {written} is {unit}, which is named before; kept once, at its first place")
            }
            Reformed::Ended { task, written, successors, kept } => {
                let successors = if successors.is_empty() { "nobody".to_owned() } else { successors.join(", ") };
                let done = if *kept { "the task keeps the units that it has" } else { "left out" };
                write!(f, "{task}: {written} has ended, followed by {successors}; {done}")
            }
        }
    }
}
