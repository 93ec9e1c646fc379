//! Decides what edits change: a state and edits in, changes or an error out. Neither encodes nor reads the disk.

mod details;
mod edits;
mod plan;
mod unit_planner;

pub(crate) use self::details::SameDetails;
pub use self::edits::Edits;
pub(crate) use self::edits::{Edit, edit_methods};
pub use self::plan::{Plan, TaskChange, UnitChange};
pub(crate) use self::plan::{Rules, plan};
pub(crate) use self::unit_planner::{UnitPlanner, bug};
