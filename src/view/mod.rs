//! Questions about one state: a view answers from memory and changes nothing. Knows neither rows nor how states change.

mod details;
mod lineage;
mod matrix;
mod members;
mod questions;
mod reached;
mod snapshot;
mod suggest;
mod task_ref;
mod task_set;
mod unit_ref;
mod walk;

pub use self::lineage::Ended;
pub(crate) use self::lineage::{fact_with, obligation_with, report_with};
pub use self::matrix::{Cell, Matrix};
pub use self::members::{Body, Through};
pub(crate) use self::reached::reached;
pub use self::snapshot::View;
pub(crate) use self::snapshot::{ReadLog, Snapshot, TaskAt};
pub(crate) use self::suggest::{suggest, unknown, unknown_obligation, with_suggestions};
pub use self::task_ref::{InRole, TaskRef};
pub use self::task_set::TaskSet;
pub use self::unit_ref::UnitRef;
pub use self::walk::{Keys, TaskRefs};
