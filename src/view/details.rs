//! Details, read from the store when they are asked for.

use crate::assignment::Details;
use crate::error::{Corrupt, Result};
use crate::format::rows::DetailsV1;
use crate::format::{FormatError, Parts, Row, decode};
use crate::id::DetailId;
use crate::store::Store;

/// Reads one value of details. A row, once written, never changes, so this needs no snapshot.
pub(super) fn read(store: &dyn Store, id: DetailId) -> Result<Details> {
    let row = Row::Details { id };
    let mut parts = Parts::default();
    for part in 0..=u16::MAX {
        let key = row.part(part);
        let value = store.get(&key)?.ok_or_else(|| FormatError::new(row, format!("part {part} is missing")))?;
        if let Some((_, payload)) = parts.add(&key, &value)? {
            return Ok(decode::<DetailsV1>(row, payload)?.into());
        }
    }
    Err(Corrupt::Row { key: row.to_string(), why: "it has no end".into() }.into())
}
