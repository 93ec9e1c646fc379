//! Between versions and rows: a fold brings the rows of both directions up to a version, an opening makes the version
//! again. Knows nothing of batches or of who waits for what.

mod read;
mod write;

pub(crate) use self::read::{Damage, Rows, open, read_rows, replay};
pub(crate) use self::write::{fold, remove_leftovers, write_generation, write_rows};
