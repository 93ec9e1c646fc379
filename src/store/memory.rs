//! A store in memory that is stricter than one on disk: it checks that its caller keeps the rules of a commit, and can
//! be told to fail (fault injection). Knows nothing of files.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Changes, EachRow, Outcome, Store, failed};
use crate::id::Revision;
use crate::model::{EngineError, Error, Result};

/// A failure to inject into a [`MemoryStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The n-th commit from now, counted from 1, is refused as if another writer had been first.
    Refuse(u32),
    /// The n-th commit from now fails with nothing written.
    Fail(u32),
    /// The n-th commit from now is written, but returns
    /// [`EngineError::Unknown`](crate::error::EngineError::Unknown).
    Unknown(u32),
    /// The n-th sync from now fails, and the commits since the last sync are lost.
    FailSync(u32),
}

/// Rows in memory. They live as long as the store: an index that is closed and opened again over the same store finds
/// them.
///
/// ```
/// use std::sync::Arc;
/// use responsibility_index::{OpenOptions, store::{Fault, MemoryStore}};
///
/// let store = Arc::new(MemoryStore::new());
/// let index = OpenOptions::new().open_store(store.clone())?;
/// index.assign("plan/1", ["Transport"])?;
///
/// store.inject(Fault::Fail(1));
/// assert!(index.assign("plan/2", ["Finance"]).is_err());
/// assert_eq!(index.lead("plan/2"), None);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Debug, Default)]
struct State {
    rows: Rows,
    /// The value before each change since the last sync, the oldest change first: undone when power is lost.
    unsynced: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// The newest revision committed; `None` before the first commit and after a loss of power.
    newest: Option<Revision>,
    durable: Revision,
    fault: Option<Fault>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// Arms one fault, which goes off once. It replaces a fault that was armed before.
    pub fn inject(&self, fault: Fault) {
        self.state().fault = Some(fault);
    }

    /// Loses the commits since the last sync, as a power failure does.
    pub fn lose_power(&self) {
        self.state().lose_unsynced();
    }

    /// Replaces or removes one row, to test that damage is noticed.
    pub fn tamper(&self, key: &[u8], value: Option<Vec<u8>>) {
        let mut state = self.state();
        match value {
            Some(value) => drop(state.rows.insert(key.to_vec(), value)),
            None => drop(state.rows.remove(key)),
        }
    }

    /// Every row, in key order.
    #[must_use]
    pub fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.state().rows.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts down the armed fault if it `concerns` this call, and returns it when it goes off.
    fn goes_off(&mut self, concerns: impl Fn(Fault) -> bool) -> Option<Fault> {
        let fault = self.fault.filter(|fault| concerns(*fault))?;
        let (left, again): (u32, fn(u32) -> Fault) = match fault {
            Fault::Refuse(n) => (n, Fault::Refuse),
            Fault::Fail(n) => (n, Fault::Fail),
            Fault::Unknown(n) => (n, Fault::Unknown),
            Fault::FailSync(n) => (n, Fault::FailSync),
        };
        self.fault = (left > 1).then(|| again(left - 1));
        (left <= 1).then_some(fault)
    }

    fn check(&self, changes: &Changes) -> Result<()> {
        let mut keys: Vec<&[u8]> =
            changes.put.iter().map(|(key, _)| &**key).chain(changes.delete.iter().map(|key| &**key)).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(failed("commit", "a key is in the commit twice"));
        }
        if changes.put.iter().any(|(key, value)| key.len() + value.len() > 4096) {
            return Err(failed("commit", "a row is larger than 4 KiB"));
        }
        Ok(())
    }

    fn lose_unsynced(&mut self) {
        while let Some((key, before)) = self.unsynced.pop() {
            match before {
                Some(value) => drop(self.rows.insert(key, value)),
                None => drop(self.rows.remove(&key)),
            }
        }
        self.newest = None;
    }

    fn write(&mut self, changes: &Changes) {
        for key in &changes.delete {
            let before = self.rows.remove(key);
            self.unsynced.push((key.clone(), before));
        }
        for (key, value) in &changes.put {
            let before = self.rows.insert(key.clone(), value.clone());
            self.unsynced.push((key.clone(), before));
        }
        if let Some(step) = changes.step {
            self.newest = Some(step.to);
        }
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.state().rows.get(key).cloned())
    }

    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()> {
        // Copied, so that `each` may call the store.
        let rows: Vec<_> = match from < to {
            true => self
                .state()
                .rows
                .range(from.to_vec()..to.to_vec())
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            false => Vec::new(),
        };
        rows.iter().try_for_each(|(key, value)| each(key, value))
    }

    fn commit(&self, changes: &Changes) -> Result<Outcome> {
        let mut state = self.state();
        state.check(changes)?;
        if let (Some(step), Some(newest)) = (changes.step, state.newest)
            && step.from != newest
        {
            return Ok(Outcome::Refused);
        }
        match state.goes_off(|fault| !matches!(fault, Fault::FailSync(_))) {
            Some(Fault::Refuse(_)) => Ok(Outcome::Refused),
            Some(Fault::Unknown(_)) => {
                state.write(changes);
                let revision = changes.step.map(|step| step.to).or(state.newest).unwrap_or(state.durable);
                Err(Error::Engine(EngineError::Unknown { revision, why: "as injected".into() }))
            }
            Some(_) => Err(failed("commit", "as injected")),
            None => {
                state.write(changes);
                Ok(Outcome::Done)
            }
        }
    }

    fn sync(&self, newest: Revision) -> Result<()> {
        let mut state = self.state();
        if state.goes_off(|fault| matches!(fault, Fault::FailSync(_))).is_some() {
            state.lose_unsynced();
            return Err(failed("sync", "as injected"));
        }
        state.unsynced.clear();
        state.durable = newest;
        Ok(())
    }

    fn newest_durable(&self) -> Result<Revision> {
        Ok(self.state().durable)
    }

    fn bytes_on_disk(&self) -> Result<u64> {
        Ok(0)
    }
}
