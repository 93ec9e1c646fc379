//! Becoming the owner of an index's rows, after another process was. Knows nothing of when.

use std::sync::Arc;

use crate::commit_log::EntryId;
use crate::id::Revision;
use crate::model::{Error, LogError, Result};
use crate::store::{Directory, RowsLock, RowsPlace, SledStore};

use super::rows::Rows;

/// The rows of an index that another process may have open.
pub(crate) struct TakeOver {
    lock: RowsLock,
    /// The identity of the index.
    identity: String,
    log: EntryId,
}

/// Rows that are this process's from now on.
pub(crate) struct TakenRows {
    pub(crate) rows: Rows,
    /// The revision of their checkpoint; 0 if there is none.
    pub(crate) checkpoint: Revision,
    /// Why the rows that were there can't be used, if they can't.
    pub(crate) trouble: Option<String>,
}

impl TakeOver {
    pub(super) fn new(directory: &Directory, log: EntryId) -> TakeOver {
        TakeOver { lock: directory.rows_lock(), identity: directory.identity().to_owned(), log }
    }

    /// Opens the rows. `None` if another process has them. Rows that can't be used are set aside. What is written next are all
    /// rows.
    pub(crate) fn open(&self) -> Result<Option<TakenRows>> {
        let Some(place) = self.lock.take()?.map(Arc::new) else { return Ok(None) };
        match self.rows(&place) {
            Err(Error::Corrupt(why)) => {
                place.set_aside()?;
                let (rows, checkpoint) = self.rows(&place)?;
                Ok(Some(TakenRows { rows, checkpoint, trouble: Some(why.to_string()) }))
            }
            opened => opened.map(|(rows, checkpoint)| Some(TakenRows { rows, checkpoint, trouble: None })),
        }
    }

    fn rows(&self, place: &Arc<RowsPlace>) -> Result<(Rows, Revision)> {
        let rows = Rows::new(Box::new(SledStore::open(Arc::clone(place), &self.identity)?));
        let checkpoint = rows.checkpoint_of(self.log)?;
        Ok((rows, checkpoint))
    }

    /// The error for who needs the rows while another process has them.
    pub(crate) fn busy(&self) -> LogError {
        self.lock.busy()
    }
}
