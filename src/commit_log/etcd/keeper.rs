//! Replacing the beginning of a shared log by a base: by one machine at a time, which holds the key `keeper` under a lease.
//!
//! Each transaction of the keeper compares that key with a random id of its own. A machine that was stopped for longer than
//! the lease lasts has lost it, and its next transaction does nothing. Only a keeper writes `base` and `oldest`. It first
//! removes parts of bases that nothing names, which keepers have left that were killed; then it puts the parts of the new
//! base, names it, and removes the appends before it, in transactions of bounded size.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::shared_log::SharedLog;
use super::values::{self, PART, Parts, Stored, StoredBase};
use super::wire::{self, Answer};
use crate::commit_log::entry::{Base, EntryId, Head};
use crate::id::Revision;
use crate::model::{EngineError, LogError, Result};

/// How long a keeper that is killed keeps others from it. Making a base of ten million tasks takes some ten seconds.
const LEASE: Duration = Duration::from_secs(60);
/// How many revisions a removal has at most: a large one keeps the servers from others.
const REMOVED_AT_ONCE: u64 = 10_000;

/// The right to replace the beginning of a log. It ends when this is dropped, or when the lease does.
pub(super) struct Keeper<'l> {
    log: &'l SharedLog,
    lease: String,
    id: EntryId,
    renewed: Instant,
}

impl SharedLog {
    /// Becomes the keeper; `None` if another machine is.
    pub(super) fn keeper(&self) -> Result<Option<Keeper<'_>>> {
        let (id, renewed) = (EntryId::random()?, Instant::now());
        let granted = self.call("/v3/lease/grant", &json!({ "TTL": LEASE.as_secs().to_string() }))?;
        let lease = granted.get("ID").and_then(Value::as_str).map(str::to_owned);
        let why = || EngineError::Failed { doing: "ask etcd", why: format!("it grants no lease: {granted}") };
        let keeper = Keeper { log: self, lease: lease.ok_or_else(why)?, id, renewed };
        let key = self.keys.keeper();
        let put = [wire::put_under(&key, &id.bytes(), &keeper.lease)];
        // A put without an answer may have been done.
        let is_keeper = self.with_this(vec![wire::is_absent(&key)], &put, self.patience)?.succeeded
            || self.with_this(vec![keeper.condition()], &[], self.patience)?.succeeded;
        Ok(is_keeper.then_some(keeper))
    }

    /// The keeper, for a call that needs it.
    pub(super) fn some_keeper(&self) -> Result<Keeper<'_>> {
        let start = Instant::now();
        Ok(self.keeper()?.ok_or_else(|| self.other_keeper(start.elapsed()))?)
    }

    fn other_keeper(&self, waited: Duration) -> LogError {
        LogError::Busy { path: PathBuf::from(self.keys.keeper()), waited, process: None }
    }
}

impl Keeper<'_> {
    fn condition(&self) -> Value {
        wire::is(&self.log.keys.keeper(), &self.id.bytes())
    }

    /// Does something if this is still the keeper.
    fn fenced(&mut self, success: &[Value]) -> Result<Answer> {
        if self.renewed.elapsed() > LEASE / 4 {
            let now = Instant::now();
            self.log.call("/v3/lease/keepalive", &json!({ "ID": self.lease }))?;
            self.renewed = now;
        }
        let answer = self.log.with_this(vec![self.condition()], success, self.log.patience)?;
        if answer.succeeded { Ok(answer) } else { Err(self.log.other_keeper(Duration::ZERO).into()) }
    }

    /// The base that the log has.
    pub(super) fn base(&self) -> Result<Option<StoredBase>> {
        self.log.stored_base()
    }

    /// Puts a base in place of an older one. One that is newer stays: it serves all who would need this one.
    pub(super) fn put_base(&mut self, base: &Base) -> Result<()> {
        let before = self.base()?;
        self.remove_unnamed(before.as_ref())?;
        if before.as_ref().is_some_and(|before| before.head.revision > base.head.revision) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        values::encode_payload(&base.payload, &mut bytes);
        let parts = Parts::of_base(base.head.revision, EntryId::random()?, &bytes);
        for (number, part) in (0..).zip(bytes.chunks(PART)) {
            self.fenced(&[wire::put(&self.log.keys.part(&parts.path, number), part)])?;
        }
        let new = StoredBase { head: base.head, tag: base.tag, parts };
        self.fenced(&[wire::put(&self.log.keys.base(), &new.encode())])?;
        self.remove_unnamed(Some(&new))
    }

    /// Removes the parts of bases but of the one that is named.
    fn remove_unnamed(&mut self, named: Option<&StoredBase>) -> Result<()> {
        let (first, end) = (self.log.keys.parts_from(Parts::BASES), self.log.keys.part_end(Parts::BASES_END));
        let removals = match named {
            None => vec![wire::remove(&first, &end)],
            Some(StoredBase { parts, .. }) => {
                let (own, after) = (self.log.keys.part(&parts.path, 0), self.log.keys.part_end(&parts.path));
                vec![wire::remove(&first, &own), wire::remove(&after, &end)]
            }
        };
        self.fenced(&removals).map(drop)
    }

    /// Removes entries up to a revision, which must be at or below the base: those who need them begin with it.
    pub(super) fn trim(&mut self, up_to: Head) -> Result<()> {
        let newest = self.base()?.map_or(0, |base| base.head.revision);
        if newest < up_to.revision {
            return Err(LogError::NoBase { asked: up_to.revision, newest }.into());
        }
        let key = self.log.keys.oldest();
        let oldest = self.fenced(&[wire::get(&key)])?.value(0).as_deref().and_then(values::read_head);
        if oldest.is_none_or(|oldest| oldest.revision < up_to.revision) {
            self.fenced(&[wire::put(&key, &values::head(up_to))])?;
        }
        // Whatever is left after a failure is removed by the next trim.
        let first = wire::range(&self.log.keys.log(0), &self.log.keys.log(up_to.revision + 1), 1);
        let first = self.fenced(&[first])?.value(0);
        let mut from = first.as_deref().and_then(Stored::decode).map_or(up_to.revision, |first| first.first() - 1);
        while from < up_to.revision {
            let end = (from + REMOVED_AT_ONCE).min(up_to.revision);
            self.fenced(&[wire::remove(&self.log.keys.log(from + 1), &self.log.keys.log(end + 1))])?;
            from = end;
        }
        let (first, end) = (Parts::path(0), Parts::path(up_to.revision + 1));
        self.fenced(&[wire::remove(&self.log.keys.parts_from(&first), &self.log.keys.parts_from(&end))]).map(drop)
    }

    /// The entry of a revision.
    pub(super) fn head_at(&mut self, revision: Revision) -> Result<Option<Head>> {
        let range = wire::range(&self.log.keys.log(revision), &self.log.keys.log_end(), 1);
        let stored = self.fenced(&[range])?.value(0).as_deref().and_then(Stored::decode);
        Ok(stored.and_then(|stored| stored.last()))
    }
}

impl Drop for Keeper<'_> {
    fn drop(&mut self) {
        // It removes the key. Where nobody answers, the lease ends by itself.
        let body = json!({ "ID": self.lease });
        drop(self.log.client.call("/v3/lease/revoke", &body, Duration::ZERO));
    }
}
