//! Shared by the integration tests: repeatable random numbers, places for an index, and the model to compare it with.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

pub(crate) mod compare;
pub(crate) mod history;
pub(crate) mod model;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use responsibility_index::testing::MemoryHome;
use responsibility_index::{Error, Index, InputError, OpenOptions, Result};

/// Random numbers that are the same again for the same seed.
#[derive(Clone)]
pub(crate) struct Numbers(fastrand::Rng);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Numbers {
        Numbers(fastrand::Rng::with_seed(seed))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end)
    }

    /// True once in `times` on average.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

/// The place of an index that survives its closing.
pub(crate) enum Home {
    Memory(MemoryHome),
    Disk(tempfile::TempDir),
}

impl Home {
    pub(crate) fn memory() -> Home {
        Home::Memory(MemoryHome::new())
    }

    pub(crate) fn disk() -> Home {
        Home::Disk(tempfile::tempdir().unwrap())
    }

    pub(crate) fn open(&self, options: &OpenOptions) -> Result<Index> {
        match self {
            Home::Memory(home) => home.open(options),
            Home::Disk(directory) => options.open(directory.path().join("index")),
        }
    }
}

/// Keys of a set, list or page as owned strings.
pub(crate) fn keys<'k>(keys: impl IntoIterator<Item = &'k str>) -> Vec<String> {
    keys.into_iter().map(str::to_owned).collect()
}

/// Everything below a directory: for each path, the bytes of a file, or `None` for a directory.
pub(crate) fn listing(path: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    list_into(path, path, &mut found);
    found
}

fn list_into(root: &Path, at: &Path, found: &mut BTreeMap<String, Option<Vec<u8>>>) {
    let name = at.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    if at.is_dir() {
        found.insert(name, None);
        for entry in fs::read_dir(at).unwrap() {
            list_into(root, &entry.unwrap().path(), found);
        }
    } else if at.exists() {
        found.insert(name, Some(fs::read(at).unwrap()));
    }
}

/// The input error inside an error, and the position of its edit, 0 when it has none.
pub(crate) fn input_error(error: Error) -> (usize, InputError) {
    match error {
        Error::Input(source) => (0, source),
        Error::Edit { position, mistake, .. } => (position, mistake),
        other => panic!("not an input error: {other:?}"),
    }
}
