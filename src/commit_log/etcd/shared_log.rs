//! The log under a prefix of etcd: its transactions. Holds no state but the id of the log; knows nothing of the copy here.
//!
//! Every transaction compares `format` and `id`, or a head, which is of one log and one format: so nothing is read from, or
//! written to, another log. Values that are
//! too large for one request are put in parts first, under an id that is new; the transaction then names them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::client::{Client, Failure};
use super::options::Etcd;
use super::values::{self, FORMAT, MOST_HERE, PART, Parts, Stored, StoredBase};
use super::wire::{self, Answer, Keys};
use crate::commit_log::entry::{Base, Entry, EntryId, Head};
use crate::id::Revision;
use crate::model::{EngineError, Error, LogError, Result};

const TRANSACTION: &str = "/v3/kv/txn";
/// How many appends come with a refusal, or are asked for at first: 16 have at most 4 MiB.
pub(super) const FEW: usize = 16;
/// How many parts are asked for at once.
const PARTS_AT_ONCE: usize = 4;
/// About how many bytes a small commit takes.
const COMMIT_BYTES: u64 = 300;

/// The log under a prefix.
pub(crate) struct SharedLog {
    pub(super) client: Client,
    pub(super) keys: Keys,
    pub(super) patience: Duration,
    /// The size of the tail after which it is replaced by a base.
    pub(super) trim_after: Option<u64>,
    /// The oldest revision, as last read, and the bytes of appends that came since.
    oldest: AtomicU64,
    tail_bytes: AtomicU64,
    id: OnceLock<EntryId>,
}

/// What is after a revision.
pub(super) struct After {
    pub(super) head: Head,
    /// The revision after which all entries are there.
    pub(super) oldest: Revision,
    pub(super) appends: Vec<Stored>,
    /// Whether there are more.
    pub(super) more: bool,
    /// The revision of the servers.
    pub(super) at: u64,
}

/// How an append ended.
pub(super) enum Written {
    Done,
    Behind(After),
}

impl SharedLog {
    pub(crate) fn new(etcd: &Etcd) -> Result<SharedLog> {
        let (client, keys) = (Client::new(etcd)?, Keys::new(&etcd.prefix));
        let (oldest, tail_bytes) = Default::default();
        let (patience, trim_after) = (etcd.patience, etcd.trim_after);
        Ok(SharedLog { client, keys, patience, trim_after, oldest, tail_bytes, id: OnceLock::new() })
    }

    /// Says which log is meant: that of the copy here.
    pub(super) fn expect(&self, id: EntryId) -> Result<()> {
        let known = *self.id.get_or_init(|| id);
        if known == id { Ok(()) } else { Err(self.other_log(id, &known.bytes())) }
    }

    fn id(&self) -> Result<EntryId> {
        self.id.get().copied().ok_or_else(|| Error::Bug { what: "the id of the shared log is not known".to_owned() })
    }

    /// Finds the log under the prefix, or creates an empty one.
    pub(super) fn find(&self, create: bool) -> Result<EntryId> {
        let new = EntryId::random()?;
        let keys = [self.keys.format(), self.keys.id(), self.keys.head()];
        let gets: Vec<Value> = keys.iter().map(|key| wire::get(key)).collect();
        // A full database refuses what might write.
        let mut answer = self.ask(&wire::transaction(&[], &gets, &[]))?;
        let mut found = self.checked_id(answer.value(0), answer.value(1));
        if create && matches!(found, Err(Error::Log(LogError::NoSharedLog { .. }))) {
            let values = [FORMAT.to_vec(), new.bytes().to_vec(), values::newest(Head::START, new)];
            let puts: Vec<Value> = keys.iter().zip(&values).map(|(key, value)| wire::put(key, value)).collect();
            let absent: Vec<Value> = keys.iter().map(|key| wire::is_absent(key)).collect();
            let mut answer = self.ask(&wire::transaction(&absent, &puts, &gets))?;
            found = if answer.succeeded { Ok(new) } else { self.checked_id(answer.value(0), answer.value(1)) };
        }
        let id = found?;
        self.expect(id)?;
        Ok(id)
    }

    /// The id of the log, if it has the format that this version knows.
    fn checked_id(&self, format: Option<Vec<u8>>, id: Option<Vec<u8>>) -> Result<EntryId> {
        let missing = || LogError::NoSharedLog { prefix: self.keys.prefix().to_owned() };
        let format = format.ok_or_else(missing)?;
        if format != FORMAT {
            let found = String::from_utf8_lossy(&format).into_owned();
            return Err(LogError::OtherFormat { prefix: self.keys.prefix().to_owned(), found }.into());
        }
        let id = id.ok_or_else(missing)?;
        <[u8; 16]>::try_from(id).map(EntryId::from_bytes).map_err(|_| self.damaged(0, "the id of the log"))
    }

    fn other_log(&self, expected: EntryId, found: &[u8; 16]) -> Error {
        let (expected, found) = (format!("{expected:?}"), format!("{:?}", EntryId::from_bytes(*found)));
        LogError::OtherLog { path: PathBuf::from(self.keys.prefix()), expected, found }.into()
    }

    fn damaged(&self, revision: Revision, what: &str) -> Error {
        let path = Path::new(self.keys.prefix()).to_owned();
        LogError::Damaged { revision, path, why: format!("{what} can't be read") }.into()
    }

    fn ask(&self, body: &Value) -> Result<Answer> {
        self.ask_for(body, self.patience)
    }

    fn ask_for(&self, body: &Value, patience: Duration) -> Result<Answer> {
        let answer = self.client.call(TRANSACTION, body, patience);
        Answer::of(&answer.map_err(|failure| self.client.error(failure))?.value, body)
    }

    /// That it is this log.
    fn is_this(&self) -> Result<Vec<Value>> {
        let id = self.id()?;
        Ok(vec![wire::is(&self.keys.format(), FORMAT), wire::is(&self.keys.id(), &id.bytes())])
    }

    /// Does something if it is this log.
    pub(super) fn with_this(&self, conditions: Vec<Value>, success: &[Value], patience: Duration) -> Result<Answer> {
        let compare = [self.is_this()?, conditions].concat();
        let failure = [wire::get(&self.keys.format()), wire::get(&self.keys.id())];
        let mut answer = self.ask_for(&wire::transaction(&compare, success, &failure), patience)?;
        if !answer.succeeded {
            self.refuse_other(&mut answer)?;
        }
        Ok(answer)
    }

    /// Refuses the answer of another log: its first values are format and id.
    fn refuse_other(&self, answer: &mut Answer) -> Result<()> {
        let found = self.checked_id(answer.value(0), answer.value(1))?;
        let expected = self.id()?;
        if found == expected { Ok(()) } else { Err(self.other_log(expected, &found.bytes())) }
    }

    fn gets_after(&self, after: Revision, limit: usize) -> [Value; 3] {
        let log = wire::range(&self.keys.log(after.saturating_add(1)), &self.keys.log_end(), limit);
        [wire::get(&self.keys.head()), wire::get(&self.keys.oldest()), log]
    }

    /// What is after a revision, as far as it was acknowledged before the call, at most so many appends.
    pub(super) fn after(&self, revision: Revision, limit: usize, patience: Duration) -> Result<After> {
        let mut answer = self.with_this(Vec::new(), &self.gets_after(revision, limit), patience)?;
        self.read_after(&mut answer, 0)
    }

    fn read_after(&self, answer: &mut Answer, first: usize) -> Result<After> {
        let head = answer.value(first).ok_or_else(|| self.damaged(0, "the head of the log"))?;
        let head = values::read_newest(&head, self.id()?).ok_or_else(|| self.damaged(0, "the head of the log"))?;
        let oldest = match answer.value(first + 1) {
            Some(value) => values::read_head(&value).ok_or_else(|| self.damaged(0, "the oldest revision"))?.revision,
            None => 0,
        };
        if self.oldest.fetch_max(oldest, Ordering::Relaxed) < oldest {
            self.tail_bytes.store(0, Ordering::Relaxed);
        }
        let found = answer.take(first + 2);
        self.count_bytes(found.values.iter().map(Vec::len).sum());
        let decode = |value: &Vec<u8>| Stored::decode(value).ok_or_else(|| self.damaged(head.revision, "an append"));
        let appends = found.values.iter().map(decode).collect::<Result<_>>()?;
        Ok(After { head, oldest, appends, more: found.more, at: answer.at })
    }

    /// Appends entries, if `from` is the head. Sends the same transaction until it has an answer, or for so long: only the
    /// comparison of the head keeps one that has no answer from being done later. The head compares equal in this log
    /// alone, and with this format alone.
    ///
    /// With `contested`, what follows `from` comes along with a refusal; otherwise it is asked for then. A transaction that
    /// asks for more takes a tenth longer.
    pub(super) fn append(
        &self,
        from: Head,
        entries: &[Entry],
        (contested, patience): (bool, Duration),
    ) -> Result<Written> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(Written::Done) };
        let log = self.id()?;
        let bytes = values::encode(entries);
        let parts = if bytes.len() > MOST_HERE { Some(Parts::of_append(last.head(), &bytes)) } else { None };
        let value = match &parts {
            None => values::here(&bytes),
            Some(parts) => {
                self.put_parts(parts, &bytes, patience)?;
                values::apart(first.revision, last.id, parts)
            }
        };
        let compare = [wire::is(&self.keys.head(), &values::newest(from, log))];
        let head = wire::put(&self.keys.head(), &values::newest(last.head(), log));
        let success = [wire::put(&self.keys.log(last.revision), &value), head];
        let which = [wire::get(&self.keys.format()), wire::get(&self.keys.id())];
        let failure = if contested { [&which[..], &self.gets_after(from.revision, FEW)].concat() } else { Vec::new() };
        let request = wire::transaction(&compare, &success, &failure);
        // It may be done, now or later.
        let unknown = |why: String| -> Error { EngineError::Unknown { revision: last.revision, id: None, why }.into() };
        let answer = match self.client.call(TRANSACTION, &request, patience) {
            Ok(answer) => answer,
            Err(Failure::NoAnswer(why) | Failure::Full { why, is_repeated: true }) => return Err(unknown(why)),
            Err(failure @ Failure::Full { .. }) => {
                let after = self.after(from.revision, 1, patience);
                let after = after.map_err(|error| unknown(error.to_string()))?;
                let is_done = after.appends.first().is_some_and(|append| append.is(last.id));
                return if is_done { Ok(Written::Done) } else { Err(self.client.error(failure)) };
            }
            Err(failure) => return Err(self.client.error(failure)),
        };
        let is_repeated = answer.is_repeated;
        let mut answer = Answer::of(&answer.value, &request).map_err(|error| unknown(error.to_string()))?;
        if answer.succeeded {
            return Ok(Written::Done);
        }
        let after = if contested {
            self.refuse_other(&mut answer)?;
            self.read_after(&mut answer, 2)?
        } else {
            // An earlier attempt may have been done.
            self.after(from.revision, FEW, patience).map_err(|error| match error {
                Error::Engine(why @ EngineError::Unreachable { .. }) => unknown(why.to_string()),
                other => other,
            })?
        };
        if after.appends.first().is_some_and(|append| append.is(last.id)) {
            // An earlier attempt was done.
            return Ok(Written::Done);
        }
        if is_repeated && after.oldest >= last.revision {
            return Err(unknown("no answer came before the entries were trimmed".to_owned()));
        }
        if let Some(parts) = parts {
            self.remove_parts(&parts);
        }
        Ok(Written::Behind(after))
    }

    fn count_bytes(&self, bytes: usize) {
        self.tail_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Asks something that is not a transaction.
    pub(super) fn call(&self, path: &str, body: &Value) -> Result<Value> {
        let answered = self.client.call(path, body, self.patience).map_err(|failure| self.client.error(failure))?;
        Ok(answered.value)
    }

    /// The entries of an append.
    pub(super) fn entries(&self, append: Stored) -> Result<Vec<Entry>> {
        match append {
            Stored::Here(entries) => Ok(entries),
            Stored::Apart { first, parts, .. } => {
                self.count_bytes(parts.bytes as usize);
                let bytes = self.parts(&parts)?;
                let bytes = bytes.ok_or_else(|| self.damaged(first, "a large append"))?;
                values::entries(&bytes).ok_or_else(|| self.damaged(first, "a large append"))
            }
        }
    }

    fn put_parts(&self, parts: &Parts, bytes: &[u8], patience: Duration) -> Result<()> {
        for (number, part) in (0..).zip(bytes.chunks(PART)) {
            let put = [wire::put(&self.keys.part(&parts.path, number), part)];
            self.with_this(Vec::new(), &put, patience)?;
        }
        Ok(())
    }

    /// What was put in parts; `None` if it is not whole.
    fn parts(&self, parts: &Parts) -> Result<Option<Vec<u8>>> {
        let (mut bytes, mut number) = (Vec::new(), 0);
        while number < parts.count {
            let range =
                wire::range(&self.keys.part(&parts.path, number), &self.keys.part_end(&parts.path), PARTS_AT_ONCE);
            let found = self.with_this(Vec::new(), &[range], self.patience)?.take(0).values;
            if found.is_empty() {
                return Ok(None);
            }
            number += found.len() as u32;
            bytes.extend(found.into_iter().flatten());
        }
        Ok(Some(bytes).filter(|bytes| parts.are(bytes)))
    }

    /// Removes parts that nothing names. Those that are left take space until the next trim.
    fn remove_parts(&self, parts: &Parts) {
        let remove = [wire::remove(&self.keys.part(&parts.path, 0), &self.keys.part_end(&parts.path))];
        let _ = self.with_this(Vec::new(), &remove, self.patience);
    }

    pub(super) fn stored_base(&self) -> Result<Option<StoredBase>> {
        let mut answer = self.with_this(Vec::new(), &[wire::get(&self.keys.base())], self.patience)?;
        let Some(value) = answer.value(0) else { return Ok(None) };
        StoredBase::decode(&value).map(Some).ok_or_else(|| self.damaged(0, "the name of the base"))
    }

    /// The newest base, if there is one.
    pub(super) fn base(&self) -> Result<Option<Base>> {
        let mut stored = self.stored_base()?;
        while let Some(StoredBase { head, tag, parts }) = &stored {
            let payload = self.parts(parts)?.and_then(|bytes| values::payload(&bytes));
            if let Some(payload) = payload {
                return Ok(Some(Base { head: *head, tag: *tag, payload }));
            }
            // Another machine may have replaced it meanwhile.
            let now = self.stored_base()?;
            if now == stored {
                return Err(self.damaged(head.revision, "the base"));
            }
            stored = now;
        }
        Ok(None)
    }

    /// Puts a base in place of an older one, unless another machine is about to do so.
    pub(super) fn put_base(&self, base: &Base) -> Result<()> {
        self.some_keeper()?.put_base(base)
    }

    /// Removes entries up to a revision, which must be at or below the base.
    pub(super) fn trim(&self, up_to: Head) -> Result<()> {
        self.some_keeper()?.trim(up_to)
    }

    /// The bytes after the oldest revision, about, and the commits.
    pub(super) fn tail(&self, head: Revision) -> (u64, u64) {
        let commits = head.saturating_sub(self.oldest.load(Ordering::Relaxed));
        (self.tail_bytes.load(Ordering::Relaxed).max(commits * COMMIT_BYTES), commits)
    }

    /// Hands out the entries of appends as they come, from a revision of the servers on, until `each` says that it is
    /// enough. They may be repeated, and some may be missing.
    pub(super) fn watch(&self, start: u64, each: &mut dyn FnMut(Vec<Stored>) -> bool) -> Result<()> {
        let body = wire::watch(&self.keys.log(0), &self.keys.log_end(), start);
        let watched = self.client.watch(&body, &mut |news| {
            let Some(values) = wire::news(news) else { return false };
            self.count_bytes(values.iter().map(Vec::len).sum());
            let appends: Option<Vec<Stored>> = values.iter().map(|value| Stored::decode(value)).collect();
            appends.is_some_and(&mut *each)
        });
        watched.map_err(|failure| self.client.error(failure))
    }
}
