//! Keeping an index: checkpoints, verification, repair, backups, trims, sizes.

use std::path::Path;
use std::time::Duration;

use crate::id::Revision;
use crate::model::{EngineError, InputError, Result};
use crate::persist::{backup, put_base, verify};
use crate::store::bytes_below;
use crate::verify::{Disagreement, Repair, Rule};

use super::shared::Shared;

/// The size of an index, and how its checkpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The number of commits so far.
    pub revision: Revision,
    /// The oldest revision that the log can go back to: 0, or that of the last trim.
    pub horizon: Revision,
    /// Assigned tasks.
    pub tasks: usize,
    /// Units.
    pub units: usize,
    /// Pairs of a task and a unit.
    pub pairs: u64,
    /// The revision of the checkpoint: 0 before the first one, and in memory.
    pub checkpoint: Revision,
    /// The time since it was written, if this handle has written it.
    pub checkpoint_age: Option<Duration>,
    /// Changes in the log after the checkpoint.
    pub changes_since_checkpoint: usize,
    /// What is wrong and does not prevent work: rows that were made again or can't be used, a checkpoint that failed.
    pub troubles: Vec<String>,
    /// Tasks that came out of key order. A bulk load, also an empty one, sorts them in.
    pub out_of_order: usize,
    /// Bytes on disk, of the log and of the checkpoint.
    pub bytes_on_disk: u64,
    /// Bytes of memory that the newest view takes, about.
    pub bytes_in_memory: usize,
}

impl Shared {
    pub(super) fn checkpoint(&self) -> Result<()> {
        self.check_writable()?;
        match &self.checkpointer {
            Some(checkpointer) => checkpointer.checkpoint(),
            None if self.directory.is_none() => Ok(()),
            None => {
                let why = format!("the rows can't be used: {}", self.troubles.join("; "));
                Err(EngineError::Failed { doing: "write a checkpoint", why }.into())
            }
        }
    }

    pub(super) fn verify(&self) -> Result<Vec<Disagreement>> {
        self.check_process()?;
        let mut found = verify(&*self.log, &self.view())?;
        match &self.checkpointer {
            Some(checkpointer) => match checkpointer.compare() {
                Ok(rows) => found.extend(rows),
                Err(why) => found.push(rows_finding(why)),
            },
            // A reader has no rows, and an index in memory has none.
            None if self.settings.read_only || self.directory.is_none() => {}
            None => found.extend(self.troubles.iter().map(rows_finding)),
        }
        Ok(found)
    }

    pub(super) fn repair(&self) -> Result<Repair> {
        self.check_writable()?;
        let found = self.verify()?;
        self.repaired(Vec::new(), found)
    }

    /// Writes the rows again if any of them is wrong; reports what was found and what is left.
    pub(super) fn repaired(&self, troubles: Vec<String>, found: Vec<Disagreement>) -> Result<Repair> {
        let mut found: Vec<Disagreement> = troubles.iter().map(rows_finding).chain(found).collect();
        if let Some(checkpointer) = self.checkpointer.as_ref().filter(|_| !found.is_empty()) {
            checkpointer.write_again()?;
        }
        let lost = if found.is_empty() { Vec::new() } else { self.verify()? };
        found.retain(|finding| !lost.contains(finding));
        Ok(Repair { restored: found, lost })
    }

    pub(super) fn backup(&self, path: &Path) -> Result<Revision> {
        self.check_process()?;
        backup(&*self.log, path)
    }

    pub(super) fn horizon(&self) -> Result<Revision> {
        let begin = self.log.oldest();
        let bases = if begin > 0 { self.log.bases()? } else { Vec::new() };
        Ok(bases.into_iter().find(|base| *base >= begin).unwrap_or(begin))
    }

    pub(super) fn trim(&self, up_to: Revision) -> Result<()> {
        self.check_writable()?;
        let newest = self.view().revision();
        if up_to > newest {
            return Err(InputError::NoSuchRevision { asked: up_to, newest }.into());
        }
        if up_to <= self.horizon()? {
            return Ok(());
        }
        put_base(&*self.log, up_to)?;
        self.log.trim(up_to)
    }

    pub(super) fn stats(&self) -> Result<Stats> {
        let view = self.view();
        let state = view.state();
        let report = self.checkpointer.as_ref().map(|checkpointer| checkpointer.report()).unwrap_or_default();
        let bytes_on_disk = match &self.directory {
            Some(directory) => bytes_below(directory.path())?,
            None => 0,
        };
        Ok(Stats {
            revision: state.revision,
            horizon: self.horizon()?,
            tasks: state.tasks.assigned(),
            units: state.units.len(),
            pairs: state.units.pairs(),
            checkpoint: report.checkpoint,
            checkpoint_age: report.written.map(|written| written.elapsed()),
            changes_since_checkpoint: self.checkpointer.as_ref().map_or(0, |checkpointer| checkpointer.changes()),
            troubles: self.troubles.iter().cloned().chain(report.trouble).collect(),
            out_of_order: state.tasks.out_of_order(),
            bytes_on_disk,
            bytes_in_memory: state.tasks.bytes() + state.units.bytes(),
        })
    }
}

fn rows_finding(what: impl ToString) -> Disagreement {
    Disagreement { rule: Rule::RowsAreReadable, key: "rows".to_owned(), what: what.to_string() }
}
