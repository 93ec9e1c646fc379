//! A store in memory for tests, which can be told to fail. Knows nothing of files.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Changes, EachRow, Store, failed};
use crate::model::{Corrupt, Result};

/// A failure of a `MemoryStore`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The n-th write from now, counted from 1, fails with nothing written.
    Fail(u32),
    /// The n-th write from now is done and fails.
    Unknown(u32),
    /// The n-th sync from now fails, and what was written since the last one is lost.
    FailSync(u32),
    /// The n-th write from now and each after it can't use the rows, until they are set aside.
    Corrupt(u32),
}

/// Rows in memory. A clone has the same rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryStore {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The value before each change since the last sync, the oldest change first: undone when power is lost.
    unsynced: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    fault: Option<Fault>,
}

impl MemoryStore {
    /// Arms one fault, which goes off once. It replaces a fault that was armed before.
    pub(crate) fn inject(&self, fault: Fault) {
        self.state().fault = Some(fault);
    }

    /// Loses what was written since the last sync, as a power failure does.
    pub(crate) fn lose_power(&self) {
        self.state().lose_unsynced();
    }

    /// Other rows, with what was written before the last sync.
    pub(crate) fn copy_of_synced(&self) -> MemoryStore {
        let state = self.state();
        let (rows, unsynced) = (state.rows.clone(), state.unsynced.clone());
        let mut copy = State { rows, unsynced, fault: None };
        copy.lose_unsynced();
        MemoryStore { state: Arc::new(Mutex::new(copy)) }
    }

    /// Replaces or removes one row.
    pub(crate) fn tamper(&self, key: &[u8], value: Option<Vec<u8>>) {
        let mut state = self.state();
        match value {
            Some(value) => drop(state.rows.insert(key.to_vec(), value)),
            None => drop(state.rows.remove(key)),
        }
    }

    /// Removes all rows.
    pub(crate) fn clear(&self) {
        self.state().rows.clear();
    }

    /// Every row, in key order.
    pub(crate) fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
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
            Fault::Fail(n) => (n, Fault::Fail),
            Fault::Unknown(n) => (n, Fault::Unknown),
            Fault::FailSync(n) => (n, Fault::FailSync),
            Fault::Corrupt(n) => (n, Fault::Corrupt),
        };
        let goes_off = left <= 1;
        if !goes_off {
            self.fault = Some(again(left - 1));
        } else if !matches!(fault, Fault::Corrupt(_)) {
            self.fault = None;
        }
        goes_off.then_some(fault)
    }

    /// Refuses what the engines on disk could not take.
    fn check(&self, changes: &Changes) -> Result<()> {
        let put = changes.put.iter().map(|(key, _)| &**key);
        let mut keys: Vec<&[u8]> = put.chain(changes.delete.iter().map(|key| &**key)).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(failed("write", "a key is written twice"));
        }
        if changes.put.iter().any(|(key, value)| key.len() + value.len() > 4096) {
            return Err(failed("write", "a row is larger than 4 KiB"));
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
    }
}

impl Store for MemoryStore {
    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        // Copied, so that `each` may call the store.
        let copied = |(key, value): (&Vec<u8>, &Vec<u8>)| (key.clone(), value.clone());
        let rows: Vec<_> = self.state().rows.range(from.to_vec()..to.to_vec()).map(copied).collect();
        rows.iter().try_for_each(|(key, value)| each(key, value))
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        let mut state = self.state();
        state.check(changes)?;
        match state.goes_off(|fault| !matches!(fault, Fault::FailSync(_))) {
            None => {
                state.write(changes);
                Ok(())
            }
            Some(Fault::Corrupt(_)) => Err(Corrupt::Engine { why: "as injected".to_owned() }.into()),
            Some(fault) => {
                if matches!(fault, Fault::Unknown(_)) {
                    state.write(changes);
                }
                Err(failed("write", "as injected"))
            }
        }
    }

    fn sync(&self) -> Result<()> {
        let mut state = self.state();
        if state.goes_off(|fault| matches!(fault, Fault::FailSync(_))).is_some() {
            state.lose_unsynced();
            return Err(failed("sync", "as injected"));
        }
        state.unsynced.clear();
        Ok(())
    }

    fn begin_again(&mut self) -> Result<()> {
        *self.state() = State::default();
        Ok(())
    }
}
