//! Between versions and rows: a fold brings the rows of both directions up to a version, an opening makes the version
//! again. Knows nothing of batches or of who waits for what.

mod read;
mod salvage;
mod survey;
mod write;

pub(crate) use self::read::{Damage, check_nothing_is_lost, open, replay};
pub(crate) use self::salvage::{Salvaged, salvage};
pub(crate) use self::survey::{Bad, Logged, Survey, read_log, survey};
pub(crate) use self::write::{fold, remove_leftovers, write_generation, write_rows};
