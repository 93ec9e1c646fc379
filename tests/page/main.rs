//! The index as an HTML page: its cells against the index, its texts, its limits, and how a browser shows it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod browser;
mod cells;
mod chromium;
mod html;
mod large;
mod plans;

use responsibility_index::Index;
use responsibility_index::export::{PageOptions, PageReport};
use responsibility_index::import::Import;
use responsibility_index::notice::Notice;

/// The plan that comes with the crate: 61 tasks, 24 units.
fn seed() -> Index {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/fujian-2016.txt")).unwrap();
    let notice = Notice::read(&text);
    let index = Index::in_memory();
    Import::new(&index, &notice, "fujian-2016").commit().unwrap();
    index
}

/// A page of an index, and the report.
fn page(index: &Index, prefix: &str, options: &PageOptions) -> (String, PageReport) {
    let mut page = Vec::new();
    let report = index.view().page(prefix, options, &mut page).unwrap();
    assert_eq!(report.bytes, page.len() as u64);
    (String::from_utf8(page).unwrap(), report)
}
