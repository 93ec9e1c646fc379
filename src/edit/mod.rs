//! Decides what edits change: a state and edits in, changes or an error out. Neither encodes nor reads the disk.

mod details;
mod draft;
mod edits;
mod effect;
mod facts;
mod members;
mod methods;
mod moves;
mod plan;
mod reform;
mod reform_planner;
mod revert;
mod unit_planner;

pub(crate) use self::details::StoredDetails;
pub use self::edits::Edits;
pub(crate) use self::edits::{DetailsPart, Edit};
pub use self::effect::{Effect, TaskChange, UnitChange};
pub(crate) use self::effect::{fact_changes, task_changes, unit_changes};
pub(crate) use self::facts::Event;
pub(crate) use self::methods::edit_methods;
pub(crate) use self::plan::{Rules, plan};
pub use self::reform::{Reform, Tasks};
pub(crate) use self::unit_planner::{UnitPlanner, bug};
