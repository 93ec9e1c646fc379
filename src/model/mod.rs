//! The plain values of the domain, their limits, and all errors. No I/O.

mod assignment;
mod commit_id;
mod details;
mod due;
mod error;
mod excerpt;
mod input_error;
mod limits;
mod log_error;
mod messages;
mod obligation;
mod role;
mod same_name;
mod stamp;

pub use self::assignment::{Assignment, NamedUnits, Standing};
pub use self::commit_id::CommitId;
pub use self::details::{Details, Note, Said, Source};
pub use self::due::Due;
pub use self::error::{Conflict, Corrupt, EngineError, Error, OpenError, Result};
pub(crate) use self::excerpt::{Excerpt, OneLine};
pub use self::input_error::InputError;
pub use self::limits::{
    MAX_ALIASES, MAX_DETAILS, MAX_MEMBERS, MAX_TASK_KEY, MAX_TEXT, MAX_UNIT_NAME, MAX_UNITS_OF_A_TASK,
    MAX_UNITS_OF_AN_OBLIGATION,
};
pub(crate) use self::limits::{check_obligation_name, check_task_key, check_text, check_unit_name, section_name};
pub use self::log_error::LogError;
pub use self::messages::OtherTime;
pub use self::obligation::{Answer, Fact, FactChange, Lineage, Obligation, OwedBy, Report};
pub use self::role::{Role, UnitKind};
pub(crate) use self::same_name::{are_same, folded};
#[cfg(any(test, feature = "testing"))]
pub(crate) use self::stamp::TEST_CLOCK;
pub(crate) use self::stamp::{Stamp, clock};
