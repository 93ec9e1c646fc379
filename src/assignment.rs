//! Assignments, roles, details and notes as plain values, and their limits.

pub use crate::model::{
    Assignment, Details, MAX_ALIASES, MAX_DETAILS, MAX_MEMBERS, MAX_TASK_KEY, MAX_TEXT, MAX_UNIT_NAME,
    MAX_UNITS_OF_A_TASK, MAX_UNITS_OF_AN_OBLIGATION, NamedUnits, Note, Role, Said, Source, Standing, UnitKind,
};
