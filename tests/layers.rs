//! Holds the layers: which module may use which, where an engine or an encoding may be named, where text that is not
//! ASCII may stand. Reads the sources; each rule is also shown to catch what breaks it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the ones it may use: only such as stand above it in this table, so that there is no cycle.
const LAYERS: &[(&str, &[&str])] = &[
    ("id", &[]),
    ("order", &[]),
    ("varint", &[]),
    ("threads", &[]),
    ("assignment", &["error"]),
    ("error", &["assignment", "id"]),
    ("store", &["error", "id"]),
    ("format", &["assignment", "error", "id", "varint"]),
    ("notice", &["assignment", "error", "order"]),
    ("view", &["assignment", "error", "format", "id", "order", "store", "threads", "varint"]),
    ("edit", &["assignment", "error", "format", "id", "order", "view"]),
    ("fold", &["assignment", "edit", "error", "format", "id", "order", "store", "threads", "view"]),
    ("verify", &["assignment", "edit", "error", "fold", "format", "id", "store", "view"]),
    ("backup", &["error", "fold", "format", "store", "view"]),
    ("export", &["assignment", "error", "view"]),
    (
        "index",
        &[
            "assignment",
            "backup",
            "edit",
            "error",
            "export",
            "fold",
            "format",
            "id",
            "order",
            "store",
            "threads",
            "verify",
            "view",
        ],
    ),
    // What goes in and out as text stands on the index, which knows nothing of it.
    ("import", &["assignment", "edit", "error", "id", "index", "notice", "view"]),
    ("promises", &[]),
    ("fuzzing", &["assignment", "error", "fold", "format", "index", "store", "verify"]),
];

/// One layer, the plain values: an assignment says what is wrong with its names, a conflict holds assignments.
const TOGETHER: (&str, &str) = ("assignment", "error");

/// A crate, and the only places that may name it.
const NAMED_IN: &[(&str, &[&str])] = &[
    ("sled", &["store/sled.rs"]),
    ("bincode", &["format/"]),
    ("roaring", &["view/"]),
    ("arc_swap", &["index/shared.rs"]),
];

/// The one file for text of documents.
const LEXICON: &str = "notice/lexicon.rs";

struct Source {
    /// Below `src`, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.trim_end_matches(".rs")
    }

    /// Lines of code with their numbers: no comments, nothing of the tests at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines =
            self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]" && !line.starts_with("mod tests"));
        (1..)
            .zip(lines)
            .map(|(number, line)| (number, without_comment(line)))
            .filter(|(_, line)| !line.trim().is_empty())
    }
}

/// What stands before a comment; a `//` inside a literal stays.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        match letter {
            '"' if !escaped => quoted = !quoted,
            '/' if !quoted && line[at..].starts_with("//") => return &line[..at],
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    line
}

fn sources() -> Vec<Source> {
    fn gather(root: &Path, at: &Path, found: &mut Vec<Source>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                gather(root, &path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    gather(&root, &root, &mut found);
    found
}

/// The modules of the crate that a file names by `crate::`, in `use` lines, paths and macros alike.
fn used_modules(source: &Source) -> BTreeSet<(String, usize)> {
    let mut used = BTreeSet::new();
    for (number, line) in source.code() {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(group) => group.split([',', '}']).map(str::trim).collect(),
                None => vec![rest],
            };
            for name in names {
                let name: String =
                    name.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                if !name.is_empty() {
                    used.insert((name, number));
                }
            }
        }
    }
    used
}

/// Every use that the table does not allow.
fn broken_layers(sources: &[Source]) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| source.path != "lib.rs") {
        let module = source.module();
        let Some(may_use) = allowed.get(module) else {
            broken.push(format!("{}: the module is not in the table", source.path));
            continue;
        };
        for (used, line) in used_modules(source) {
            if used != module && !may_use.contains(&used.as_str()) {
                broken.push(format!("{}:{line}: {module} may not use {used}", source.path));
            }
        }
    }
    broken
}

/// Every crate named where it may not be.
fn names_out_of_place(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        for (name, places) in NAMED_IN {
            if places.iter().any(|place| source.path.starts_with(place)) {
                continue;
            }
            for (number, line) in source.code().filter(|(_, line)| names_crate(line, name)) {
                broken.push(format!("{}:{number}: {name} is named in {line:?}", source.path));
            }
        }
    }
    broken
}

/// Whether a line has `name::` or `use name`, where the name is a crate and not a module of ours.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].trim_end();
        let after = &line[at + name.len()..];
        let own = before.ends_with("self::") || before.ends_with("super::") || before.ends_with("crate::");
        let part = line[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        !own && !part && (after.starts_with("::") || (before.ends_with("use") && after.starts_with([';', ' '])))
    })
}

/// Signatures and fields that anybody can see and that name a type of another crate. Derives are not seen.
fn leaked_types(sources: &[Source]) -> Vec<String> {
    let foreign = ["sled::", "bincode::", "roaring::", "RoaringBitmap", "arc_swap::", "ArcSwap", "foldhash::"];
    let mut broken = Vec::new();
    for source in sources {
        for (number, item) in public_items(source) {
            // Our own module for an engine has its name.
            let item = item.replace("self::sled::", "");
            if let Some(name) = foreign.iter().find(|name| item.contains(**name)) {
                broken.push(format!("{}:{number}: {name} in {item:?}", source.path));
            }
        }
    }
    broken
}

/// From each `pub` to where its signature ends, and each line that implements a trait.
fn public_items(source: &Source) -> Vec<(usize, String)> {
    let mut items: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in source.code() {
        let line = line.trim();
        let begins = line.starts_with("pub ") || line.starts_with("impl") || line.starts_with("type ");
        if begins && !open {
            items.push((number, String::new()));
            open = true;
        }
        if let Some((_, item)) = items.last_mut().filter(|_| open) {
            item.push_str(line);
            item.push(' ');
            open = !line.ends_with(['{', ';', ',', '}'])
                || line.ends_with("(,")
                || item.matches('(').count() > item.matches(')').count();
        }
    }
    items
}

/// Letters outside ASCII in code that is neither the lexicon nor a test.
fn foreign_letters(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| source.path != LEXICON) {
        // Names that searches should find are documentation.
        for (number, line) in source.code().filter(|(_, line)| !line.trim().starts_with("#[doc(alias")) {
            if !line.is_ascii() {
                broken.push(format!("{}:{number}: {line:?}", source.path));
            }
        }
    }
    broken
}

fn without_opening(sources: &[Source]) -> Vec<String> {
    sources.iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path.clone()).collect()
}

fn glob_imports(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            let line = line.trim();
            if (line.starts_with("use ") || line.starts_with("pub use ")) && line.contains("::*") {
                broken.push(format!("{}:{number}: {line}", source.path));
            }
        }
    }
    broken
}

#[test]
fn arrows_point_down() {
    let sources = sources();
    assert!(sources.len() > 30, "the sources are not where they were: {}", sources.len());
    assert_eq!(broken_layers(&sources), Vec::<String>::new());
}

#[test]
fn the_table_of_layers_has_no_cycle() {
    let mut above = BTreeSet::new();
    for (module, uses) in LAYERS {
        for used in uses.iter().filter(|used| (*module, **used) != TOGETHER) {
            assert!(above.contains(used), "{module} uses {used}, which does not stand above it");
        }
        above.insert(module);
    }
}

#[test]
fn each_engine_and_encoding_is_named_in_its_own_place_only() {
    assert_eq!(names_out_of_place(&sources()), Vec::<String>::new());
}

#[test]
fn no_type_of_an_engine_or_encoding_is_public() {
    assert_eq!(leaked_types(&sources()), Vec::<String>::new());
}

#[test]
fn letters_outside_ascii_stand_in_the_lexicon_only() {
    assert_eq!(foreign_letters(&sources()), Vec::<String>::new());
}

#[test]
fn every_file_opens_by_saying_what_it_owns() {
    assert_eq!(without_opening(&sources()), Vec::<String>::new());
}

#[test]
fn nothing_of_the_crate_is_imported_by_a_glob() {
    assert_eq!(glob_imports(&sources()), Vec::<String>::new());
}

#[test]
fn the_engines_are_named_at_all() {
    // Else the rules above hold for want of anything to look at.
    let sources = sources();
    for (name, places) in NAMED_IN {
        let there = sources.iter().filter(|source| places.iter().any(|place| source.path.starts_with(place)));
        assert!(there.flat_map(Source::code).any(|(_, line)| names_crate(line, name)), "{name} is named nowhere");
    }
}

#[test]
fn each_rule_catches_what_breaks_it() {
    let caught =
        |found: Vec<String>, what: &str| assert!(found.len() == 1 && found[0].contains(what), "{what}: {found:?}");
    let at = |path: &str, line: &str| [Source::new(path, &format!("//! About.\n{line}\n"))];
    caught(broken_layers(&at("view/set.rs", "use crate::index::Index;")), "view may not use index");
    caught(broken_layers(&at("view/set.rs", "use crate::{id::TaskId, edit::Batch};")), "view may not use edit");
    caught(broken_layers(&at("store/x.rs", "fn f() -> crate::format::Row {")), "store may not use format");
    caught(broken_layers(&at("fresh.rs", "")), "not in the table");
    caught(names_out_of_place(&at("index/open.rs", "    let db = sled::open(path)?;")), "sled");
    caught(names_out_of_place(&at("fold/read.rs", "use bincode::config;")), "bincode");
    caught(leaked_types(&at("store/sled.rs", "pub fn rows(&self) -> &sled::Db {")), "sled::");
    caught(leaked_types(&at("view/set.rs", "pub struct A {\n    pub ids: RoaringBitmap,\n}")), "RoaringBitmap");
    caught(leaked_types(&at("store/sled.rs", "impl From<sled::Error> for Error {")), "sled::");
    caught(foreign_letters(&at("edit/plan.rs", "let comma = \"\u{3001}\";")), "plan.rs:2");
    caught(glob_imports(&at("edit/plan.rs", "use crate::view::*;")), "view::*");
    caught(without_opening(&[Source::new("edit/plan.rs", "use crate::view::View;")]), "plan.rs");
    let clean = "// sled::Db\nlet a = \"//\"; // \u{3001}\n#[cfg(test)]\nuse super::*;\nlet b = \"\u{3001}\";";
    let clean = at("edit/plan.rs", clean);
    assert!(
        [names_out_of_place, foreign_letters, glob_imports, leaked_types].iter().all(|rule| rule(&clean).is_empty())
    );
}
