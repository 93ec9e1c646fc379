//! Guards the layers: which module may use which, that no files use each other in a circle, and where an engine, an
//! encoding, a frozen row or text outside ASCII may occur. Reads the sources as text. `cases` shows that each rule
//! catches a breach of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod cases;
mod graph;
mod rules;
mod source;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use graph::Graph;
use rules::{
    Layer, Place, broken_layers, crates_out_of_place, foreign_letters, foreign_types, glob_imports, longer_than,
    names_crate, rows_outside, without_header,
};
use source::{Source, read_all};

/// Each module with those it may use, which are above it in this table.
const LAYERS: &[Layer] = &[
    ("id", &[]),
    ("order", &[]),
    ("varint", &[]),
    ("text", &[]),
    ("threads", &[]),
    ("locks", &[]),
    ("file_id", &[]),
    ("cookbook", &[]),
    ("design", &[]),
    ("format", &[]),
    ("speed", &[]),
    ("promises", &[]),
    ("processes", &[]),
    ("shared", &[]),
    ("model", &["id"]),
    ("assignment", &["model"]),
    ("error", &["model"]),
    ("commit_log", &["file_id", "id", "locks", "model"]),
    ("store", &["file_id", "id", "locks", "model"]),
    ("document", &["model", "text"]),
    ("notice", &["document", "model", "order", "text"]),
    ("table", &["model", "notice", "order", "text"]),
    ("state", &["id", "model", "order", "threads", "varint"]),
    ("view", &["id", "model", "order", "state"]),
    ("edit", &["id", "model", "order", "state", "view"]),
    ("verify", &["id", "model"]),
    ("persist", &["commit_log", "id", "model", "order", "state", "store", "threads", "varint", "verify", "view"]),
    ("reform", &["edit"]),
    ("report", &["id", "model", "state", "view"]),
    ("export", &["edit", "id", "model", "state", "table", "text", "view"]),
    ("history", &["commit_log", "edit", "id", "model", "persist", "state", "view"]),
    (
        "index",
        &[
            "commit_log",
            "edit",
            "export",
            "history",
            "id",
            "model",
            "order",
            "persist",
            "state",
            "store",
            "threads",
            "verify",
            "view",
        ],
    ),
    ("import", &["document", "edit", "export", "id", "index", "model", "notice", "table", "text", "view"]),
    (
        "testing",
        &[
            "assignment",
            "commit_log",
            "document",
            "edit",
            "error",
            "export",
            "history",
            "id",
            "import",
            "index",
            "locks",
            "model",
            "notice",
            "order",
            "persist",
            "reform",
            "report",
            "state",
            "store",
            "table",
            "threads",
            "varint",
            "verify",
            "view",
        ],
    ),
];

/// Each engine and encoding with the only places that may name it.
const CRATES: &[Place] = &[
    ("base64", &["commit_log/etcd/wire.rs"]),
    ("sled", &["store/sled.rs"]),
    ("bincode", &["persist/"]),
    ("getrandom", &["commit_log/entry.rs"]),
    ("log", &["import/plan.rs", "index/"]),
    ("rustix", &["commit_log/watch.rs", "store/file_system.rs"]),
    ("ureq", &["commit_log/etcd/client.rs", "commit_log/etcd/tls.rs"]),
    ("roaring", &["state/", "view/"]),
    ("arc_swap", &["history/"]),
    ("encoding_rs", &["document/encoding.rs"]),
    ("html5gum", &["document/tokens.rs", "table/html.rs"]),
    ("calamine", &["table/xlsx.rs"]),
    ("rust_xlsxwriter", &["export/sheet/workbook.rs"]),
    ("zip", &["table/xlsx.rs"]),
];

/// The only folder that knows the frozen structs of rows.
const ROWS: &str = "persist/";
/// The only places for text of documents: folders, or files and their folders.
const LEXICON: &[&str] = &["notice/lexicon", "table/lexicon"];
const MOST_LINES: usize = 500;

fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> =
        LazyLock::new(|| read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    assert!(SOURCES.len() > 30, "only {} sources were found", SOURCES.len());
    &SOURCES
}

fn assert_none(broken: Vec<String>) {
    assert!(broken.is_empty(), "{} breaches:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn modules_use_only_those_that_the_table_allows() {
    assert_none(broken_layers(sources(), LAYERS));
}

#[test]
fn the_table_has_no_cycle() {
    let mut above = BTreeSet::new();
    for (module, uses) in LAYERS {
        for used in *uses {
            assert!(above.contains(used), "{module} uses {used}, which is not above it");
        }
        above.insert(module);
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    assert_none(Graph::new(sources()).cycles());
}

#[test]
fn no_files_of_the_peer_benchmark_use_each_other_in_a_circle() {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/src");
    // The published package does not contain it.
    if peers.exists() {
        assert_none(Graph::new(&read_all(&peers)).cycles());
    }
}

#[test]
fn each_engine_and_encoding_is_named_in_its_own_place_only() {
    assert_none(crates_out_of_place(sources(), CRATES));
}

#[test]
fn each_engine_and_encoding_is_named_in_its_own_place_at_all() {
    // Otherwise the rule before would hold because there is nothing to find.
    let sources = sources();
    for (name, places) in CRATES {
        let there = sources.iter().filter(|source| places.iter().any(|place| source.path.starts_with(place)));
        assert!(there.flat_map(Source::lines).any(|(_, line)| names_crate(line, name)), "{name} is named nowhere");
    }
}

#[test]
fn frozen_rows_are_named_by_the_module_that_stores_them_only() {
    assert_none(rows_outside(sources(), ROWS));
}

#[test]
fn no_public_signature_names_a_type_of_an_engine_or_encoding() {
    assert_none(foreign_types(sources()));
}

#[test]
fn letters_outside_ascii_are_in_the_lexicon_only() {
    assert_none(foreign_letters(sources(), LEXICON));
}

#[test]
fn every_file_opens_with_a_header() {
    assert_none(without_header(sources()));
}

#[test]
fn no_file_is_too_long() {
    assert_none(longer_than(sources(), MOST_LINES));
}

#[test]
fn nothing_is_imported_by_a_glob() {
    assert_none(glob_imports(sources()));
}
