//! One trial, as all its phases share it: options, data, contenders, their directories, and the samples and the pressure so far.
//! Knows no phase.

use std::path::{Path, PathBuf};

use crate::contender::{Contender, Durability, Kind, Store, Tally};
use crate::data::Data;
use crate::measure::Samples;
use crate::options::Options;
use crate::pressure::Pressure;
use crate::result::Result;
use crate::row::Row;

/// The contenders on the same data, with their measured samples.
pub(crate) struct Trial<'r> {
    pub(crate) options: &'r Options,
    pub(crate) data: &'r Data,
    pub(crate) contenders: &'r [Box<dyn Contender>],
    pub(crate) scratch: &'r Path,
    pub(crate) samples: Samples,
    pub(crate) pressure: Pressure,
}

/// The open contenders, in the order of the columns.
pub(crate) type Stores = Vec<Option<Box<dyn Store>>>;

impl Trial<'_> {
    /// The directory of a contender.
    pub(crate) fn place(&self, contender: usize) -> PathBuf {
        self.scratch.join(contender.to_string())
    }

    pub(crate) fn is_on_disk(&self, contender: usize) -> bool {
        self.contenders.get(contender).is_some_and(|contender| contender.kind() != Kind::Limit)
    }

    /// Whether two processes can have a contender open.
    pub(crate) fn is_shared(&self, contender: usize) -> bool {
        self.contenders.get(contender).is_some_and(|contender| contender.is_shared())
    }

    pub(crate) fn contender(&self, at: usize) -> Result<&dyn Contender> {
        Ok(self.contenders.get(at).ok_or("no such contender")?.as_ref())
    }

    /// Reports progress on the error stream.
    pub(crate) fn say(&self, phase: &str, round: usize, contender: usize) {
        let name = self.contenders.get(contender).map_or("", |contender| contender.name());
        eprintln!("{phase}, round {} of {}: {name}", round + 1, self.options.rounds);
    }

    /// Adds how many commits of a long run took above 5 ms, and how long the longest took.
    pub(crate) fn add_long_ones(&mut self, contender: usize, times: &[f64]) {
        self.samples.add(Row::LazySlow, contender, times.iter().filter(|time| **time > 0.005).count() as f64);
        self.samples.add(Row::LazyLongest, contender, times.iter().copied().fold(0.0, f64::max));
    }

    /// Opens every contender that keeps its data on disk and is not yet open.
    pub(crate) fn open(&self, mut stores: Stores, durability: Durability) -> Result<Stores> {
        stores.resize_with(self.contenders.len(), || None);
        for (at, store) in stores.iter_mut().enumerate() {
            if store.is_none() && self.is_on_disk(at) {
                *store = Some(self.contender(at)?.open(&self.place(at), durability)?);
            }
        }
        Ok(stores)
    }

    /// Compares the answers of two contenders.
    ///
    /// # Errors
    /// They differ; the error names both.
    pub(crate) fn agree(&self, series: &str, one: (usize, Tally), other: (usize, Tally)) -> Result<()> {
        if one.1 == other.1 {
            return Ok(());
        }
        let (a, b) = (self.contender(one.0)?.name(), self.contender(other.0)?.name());
        Err(format!("{series}: {a} says {:?}, {b} says {:?}", one.1, other.1).into())
    }
}
