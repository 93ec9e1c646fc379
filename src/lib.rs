//! An embedded index of who is responsible for what.

pub mod assignment;
mod backup;
pub mod edit;
pub mod error;
pub mod export;
mod fold;
mod format;
mod id;
pub mod index;
pub mod notice;
mod order;
pub mod store;
mod varint;
pub mod verify;
pub mod view;

pub use assignment::{Assignment, Details, Note, Role, Source, UnitKind};
pub use edit::{Batch, Plan};
pub use error::{EngineError, Error, InputError, Result};
pub use id::Revision;
pub use index::{Durability, Index, OpenOptions, UnknownUnits};
pub use order::compare_keys;
pub use view::{TaskSet, View};
