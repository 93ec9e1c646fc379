//! Details in the log: in the entry that set them, or in the base with which the log begins.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::commit_log::CommitLog;
use crate::id::{DetailId, Revision};
use crate::model::{Details, Error, LogError, Result};
use crate::state::Change;
use crate::view::{ReadLog, TaskAt};

use super::base::DetailsReader;
use super::format::FormatError;
use super::format::frame::decode_bytes;
use super::format::rows::DetailsV1;
use super::past::{changes_of, horizon, task_at};

/// Reads details and the past from a log.
pub(crate) struct LogReader(pub(crate) Arc<dyn CommitLog>);

impl ReadLog for LogReader {
    /// Reads about 64 KiB, or the details themselves if they are larger.
    fn details(&self, id: DetailId) -> Result<Details> {
        let mut search = Search::new(id);
        match self.0.scan_tag(id, &mut |piece| search.look(piece.part == 0, piece.tag, piece.bytes)) {
            Ok(()) => {}
            // A trim may remove the entry between finding it and reading it.
            Err(Error::Log(LogError::TagTrimmed { .. } | LogError::Trimmed { .. })) => {
                self.read_from_base(&mut search)?
            }
            Err(other) => return Err(other),
        }
        let bytes = search.found.ok_or_else(|| FormatError::new(name(id), "they are not in the log"))?;
        let (details, used): (DetailsV1, usize) =
            decode_bytes(&bytes).map_err(|why| FormatError::new(name(id), why))?;
        if used != bytes.len() {
            return Err(FormatError::new(name(id), "bytes are left over").into());
        }
        Ok(details.into())
    }

    fn task_at(&self, revision: Revision, key: &str) -> Result<TaskAt> {
        task_at(&*self.0, revision, key)
    }

    fn changes(&self, revision: Revision) -> Result<Option<Vec<Change>>> {
        changes_of(&*self.0, revision)
    }

    fn horizon(&self) -> Result<Revision> {
        horizon(&*self.0)
    }
}

impl LogReader {
    fn read_from_base(&self, search: &mut Search) -> Result<()> {
        loop {
            let Some(begin) = self.first_base()? else { return Ok(()) };
            *search = Search::new(search.id);
            match self.0.scan_base_tag(begin, search.id, &mut |tag, bytes| search.look(false, tag, bytes)) {
                Ok(_) if search.found.is_some() => return Ok(()),
                // A base has the details that a task had then: these were replaced before.
                Ok(_) => return Err(LogError::Trimmed { asked: begin.saturating_sub(1), oldest: begin }.into()),
                // A trim has removed it meanwhile: the base that replaced it has the details, if any task still has them.
                Err(_) if self.first_base()?.is_some_and(|base| base > begin) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The base with which the log begins. A trim that was interrupted leaves older ones.
    fn first_base(&self) -> Result<Option<Revision>> {
        let oldest = self.0.oldest();
        Ok(self.0.bases()?.into_iter().find(|base| *base >= oldest))
    }
}

fn name(id: DetailId) -> String {
    format!("details {id}")
}

/// Looks through pieces for details.
struct Search {
    id: DetailId,
    reader: DetailsReader,
    found: Option<Vec<u8>>,
}

impl Search {
    fn new(id: DetailId) -> Search {
        Search { id, reader: DetailsReader::new(name(id)), found: None }
    }

    fn look(&mut self, first: bool, tag: u64, piece: &[u8]) -> Result<ControlFlow<()>> {
        let Search { id, reader, found } = self;
        reader.add(first, piece, &mut |number, bytes| {
            if number == *id {
                *found = Some(bytes.to_vec());
            }
            Ok(())
        })?;
        // Later pieces have later details, except the further parts of the same ones.
        let done = found.is_some() || (tag > id.saturating_add(1) && !reader.is_open());
        Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
