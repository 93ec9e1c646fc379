//! What the integration tests share: a repeatable generator, places to keep an index, the model it is held against.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

pub(crate) mod compare;
pub(crate) mod history;
pub(crate) mod model;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use responsibility_index::store::MemoryStore;
use responsibility_index::{Error, Index, InputError, OpenOptions, Result};

/// A small generator of the same numbers on every machine.
#[derive(Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Numbers {
        Numbers(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

/// Where an index is kept while it is closed.
pub(crate) enum Home {
    Memory(Arc<MemoryStore>),
    Disk(tempfile::TempDir),
}

impl Home {
    pub(crate) fn memory() -> Home {
        Home::Memory(Arc::new(MemoryStore::new()))
    }

    pub(crate) fn disk() -> Home {
        Home::Disk(tempfile::tempdir().unwrap())
    }

    pub(crate) fn open(&self, options: &OpenOptions) -> Result<Index> {
        match self {
            Home::Memory(store) => options.open_store(Arc::clone(store) as _),
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
        Error::Edit { position, source } => (position, source),
        other => panic!("not an input error: {other:?}"),
    }
}
