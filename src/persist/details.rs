//! Details in the log: in the entry that set them, or in the base with which the log begins.

use std::collections::BTreeSet;
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
        let mut found = None;
        self.read_run(&[id], &mut |_, details| found = Some(details))?;
        found.ok_or_else(|| not_in_the_log(id))
    }

    /// Reads the log from the first of neighbours to the last, once.
    fn details_of(&self, ids: &[DetailId], each: &mut dyn FnMut(DetailId, Details)) -> Result<()> {
        ids.chunk_by(|a, b| b.saturating_sub(*a) <= NEIGHBOURS).try_for_each(|run| self.read_run(run, each))
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

/// Details with numbers so far from each other are read in one pass: with some hundred bytes each, what is between them
/// takes no longer to pass than to look for the next.
const NEIGHBOURS: DetailId = 256;

impl LogReader {
    /// Reads details with rising numbers, in the log or in its base, from the first to the last.
    fn read_run(&self, ids: &[DetailId], each: &mut dyn FnMut(DetailId, Details)) -> Result<()> {
        let mut search = Search::new(ids, each);
        while let Some(first) = search.first_left() {
            match self.0.scan_tag(first, &mut |piece| search.look(piece.part == 0, piece.tag, piece.bytes)) {
                Ok(()) => {}
                // A trim may remove the entry between finding it and reading it.
                Err(Error::Log(LogError::TagTrimmed { .. } | LogError::Trimmed { .. })) => {
                    self.read_from_base(first, &mut search)?;
                }
                Err(other) => return Err(other),
            }
            // The base has the first ones of a run, and the log the others.
            if search.first_left() == Some(first) {
                return Err(not_in_the_log(first));
            }
            search.restart();
        }
        Ok(())
    }

    /// Reads what the base has of a search, the first details that are left at least.
    fn read_from_base(&self, first: DetailId, search: &mut Search<'_>) -> Result<()> {
        loop {
            let Some(begin) = self.first_base()? else { return Ok(()) };
            search.restart();
            match self.0.scan_base_tag(begin, first, &mut |tag, bytes| search.look(false, tag, bytes)) {
                Ok(_) if search.first_left() != Some(first) => return Ok(()),
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

fn not_in_the_log(id: DetailId) -> Error {
    FormatError::new(name(id), "they are not in the log").into()
}

/// Looks through pieces for details.
struct Search<'s> {
    /// The numbers that are left, in rising order.
    left: BTreeSet<DetailId>,
    /// The last number that was looked for.
    last: DetailId,
    reader: DetailsReader,
    each: &'s mut dyn FnMut(DetailId, Details),
}

impl<'s> Search<'s> {
    fn new(ids: &[DetailId], each: &'s mut dyn FnMut(DetailId, Details)) -> Search<'s> {
        let last = ids.last().copied().unwrap_or(0);
        Search { left: ids.iter().copied().collect(), last, reader: DetailsReader::new(name(last)), each }
    }

    fn first_left(&self) -> Option<DetailId> {
        self.left.first().copied()
    }

    /// Begins with other pieces.
    fn restart(&mut self) {
        self.reader = DetailsReader::new(name(self.last));
    }

    fn look(&mut self, first: bool, tag: u64, piece: &[u8]) -> Result<ControlFlow<()>> {
        let Search { left, last, reader, each } = self;
        reader.add(first, piece, &mut |number, bytes| {
            if left.remove(&number) {
                each(number, decoded(number, bytes)?);
            }
            Ok(())
        })?;
        // Later pieces have later details, except the further parts of the same ones.
        let done = left.is_empty() || (tag > last.saturating_add(1) && !reader.is_open());
        Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

fn decoded(id: DetailId, bytes: &[u8]) -> Result<Details> {
    let (details, used): (DetailsV1, usize) = decode_bytes(bytes).map_err(|why| FormatError::new(name(id), why))?;
    if used != bytes.len() {
        return Err(FormatError::new(name(id), "bytes are left over").into());
    }
    Ok(details.into())
}
