//! Details in rows.

use std::sync::Arc;

use crate::id::DetailId;
use crate::model::{Details, Result};
use crate::store::Store;
use crate::view::ReadDetails;

use super::fetch::whole;
use super::format::rows::DetailsV1;
use super::format::{FormatError, Row, decode};

/// Reads details from a store.
pub(crate) struct StoredDetails(pub(crate) Arc<dyn Store>);

impl ReadDetails for StoredDetails {
    fn read(&self, id: DetailId) -> Result<Details> {
        let row = Row::Details { id };
        let payload = whole(&*self.0, row)?.ok_or_else(|| FormatError::new(row, "it is missing"))?;
        Ok(decode::<DetailsV1>(row, &payload)?.into())
    }
}
