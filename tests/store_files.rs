//! The files of the module `store` use each other in one direction: without a cycle, each can be read and changed with
//! only those in view that it uses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first failure")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Uses = BTreeMap<String, BTreeSet<String>>;

/// Which file uses which, by `super::` before the tests of the file.
fn uses() -> Uses {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let texts: BTreeMap<String, String> = files.map(|path| (named(&path), fs::read_to_string(path).unwrap())).collect();
    let used = |text: &str| {
        let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
        let names = code.split("super::").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
        names.filter(|name| texts.contains_key(*name)).map(str::to_owned).collect()
    };
    texts.iter().map(|(name, text)| (name.clone(), used(text))).collect()
}

/// What is left when files that use no other are taken away again and again: those in a cycle, or above one.
fn cycles(mut uses: Uses) -> BTreeSet<String> {
    while let Some(lowest) = uses.iter().find(|(_, used)| used.is_empty()).map(|(name, _)| name.clone()) {
        uses.remove(&lowest);
        for used in uses.values_mut() {
            used.remove(&lowest);
        }
    }
    uses.into_keys().collect()
}

/// The file of the mark used helpers that the file of the directory had, which itself uses the mark.
#[test]
fn no_two_files_of_the_store_use_each_other() {
    let uses = uses();
    assert!(uses.len() > 5 && uses["sled"].contains("directory"), "{uses:?}");
    assert_eq!(cycles(uses), BTreeSet::new());
}

#[test]
fn a_cycle_is_found() {
    let uses = [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["b"]), ("d", vec![])];
    let owned = uses.map(|(name, used)| (name.to_owned(), used.into_iter().map(str::to_owned).collect()));
    assert_eq!(cycles(owned.into_iter().collect()), ["a", "b", "c"].map(str::to_owned).into());
}
