//! Cases for the rules and the graph: small texts with one breach each, and texts that only look like one.

use crate::graph::Graph;
use crate::rules::{
    Layer, broken_layers, crates_out_of_place, foreign_letters, foreign_types, glob_imports, longer_than, rows_outside,
    without_header,
};
use crate::source::{Source, blank_test_files};
use crate::{CRATES, LEXICON, ROWS, assert_none};

fn files(files: &[(&str, &str)]) -> Vec<Source> {
    let mut sources: Vec<Source> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
    blank_test_files(&mut sources);
    sources
}

fn cycles(texts: &[(&str, &str)]) -> Vec<String> {
    Graph::new(&files(texts)).cycles()
}

#[test]
fn each_rule_catches_what_breaks_it() {
    let layers: &[Layer] = &[("id", &[]), ("state", &["id"]), ("view", &["id", "state"])];
    let caught =
        |found: Vec<String>, part: &str| assert!(found.len() == 1 && found[0].contains(part), "{part}: {found:?}");
    let at = |path: &str, line: &str| files(&[(path, &format!("//! About.\n{line}\n"))]);
    caught(
        broken_layers(&at("view/set.rs", "use crate::index::Index;"), layers),
        "view/set.rs:2: view may not use index",
    );
    caught(broken_layers(&at("view/set.rs", "use crate::{id::TaskId, edit::{Batch}};"), layers), "may not use edit");
    caught(broken_layers(&at("view/set.rs", "use super::super::edit::Batch;"), layers), "may not use edit");
    caught(broken_layers(&at("state/x.rs", "fn f() -> crate::view::Row {"), layers), "state may not use view");
    caught(broken_layers(&at("fresh.rs", ""), layers), "not in the table");
    caught(crates_out_of_place(&at("index/open.rs", "    let db = sled::open(path)?;"), CRATES), "sled");
    caught(crates_out_of_place(&at("state/read.rs", "use bincode::config;"), CRATES), "bincode");
    caught(rows_outside(&at("state/read.rs", "fn f(header: &HeaderV12) {}"), ROWS), "HeaderV12");
    caught(foreign_types(&at("store/sled.rs", "pub fn rows(&self) -> &sled::Db {")), "sled::");
    caught(foreign_types(&at("view/set.rs", "pub struct A {\n    pub ids: RoaringBitmap,\n}")), "RoaringBitmap");
    caught(foreign_types(&at("store/sled.rs", "impl From<sled::Error> for Error {")), "sled::");
    caught(foreign_letters(&at("edit/plan.rs", "let comma = \"\u{3001}\";"), LEXICON), "plan.rs:2");
    caught(glob_imports(&at("edit/plan.rs", "use crate::view::*;")), "view::*");
    caught(glob_imports(&at("edit/plan.rs", "pub(crate) use crate::view::*;")), "view::*");
    caught(without_header(&files(&[("edit/plan.rs", "use crate::view::View;")])), "plan.rs");
    caught(longer_than(&at("edit/plan.rs", "//\n//"), 2), "edit/plan.rs: 3 lines");
    let after_test = "#[cfg(test)]\nfn f() {\n    g();\n}\nuse sled::Db;";
    caught(crates_out_of_place(&at("edit/plan.rs", after_test), CRATES), "edit/plan.rs:6: sled");
    caught(cycles(&[("a.rs", "use crate::b::B;"), ("b.rs", "\nuse crate::a::A;")]), "a.rs:1 -> b.rs:2 -> a.rs");
}

#[test]
fn comments_literals_and_similar_names_are_no_breach() {
    let text = "// sled::Db \u{3001} HeaderV1\n/* use crate::view::*; /* nested */ sled::Db */\nlet a = \"//\"; // \u{3001}\n\
                let b = r#\"use sled::Db;\" \"#; fn f<'a>(a: &'a str) {} let c = ['\"', '\\''];\n\
                let d = Version1 + V1 + lowerV1 + self::sled::Db;\n";
    let clean = files(&[("edit/plan.rs", text)]);
    assert_none(crates_out_of_place(&clean, &[("view", &[])]));
    assert_none(rows_outside(&clean, ROWS));
    assert_none(foreign_letters(&clean, LEXICON));
    assert_none(glob_imports(&clean));
    assert_none(foreign_types(&clean));
    let names_b =
        "/// [`crate::b::B`]\nconst B: &str = \"crate::b::B\";\nmacro_rules! b {\n    () => { $crate::b::B };\n}";
    assert_none(cycles(&[("a.rs", names_b), ("b.rs", "use crate::a::A;")]));
}

#[test]
fn only_the_item_after_a_test_attribute_is_no_code() {
    for item in [
        "#[cfg(test)]\nuse sled::{Db, Tree};",
        "#[cfg(test)]\npub(crate) fn f() -> [u8; 2] {\n    if a { sled::open() } else { b }\n}",
        "#[cfg(test)]\n#[allow(dead_code)]\nmod tests {\n    use sled::Db;\n}",
        "#[cfg(test)]\nconst A: A = A { db: sled::A };",
        "struct B {\n    #[cfg(test)]\n    db: Map<u8, sled::Db>,\n}",
        "fn g() {\n    #[cfg(test)]\n    sled::open();\n}",
        "struct C {\n    #[cfg(test)]\n    db: sled::Db\n}",
    ] {
        let unguarded = files(&[("edit/plan.rs", item)]);
        assert_none(crates_out_of_place(&unguarded, CRATES));
        let followed = format!("{item}\nuse sled::Db;");
        let line = followed.lines().count();
        let guarded = crates_out_of_place(&files(&[("edit/plan.rs", &followed)]), CRATES);
        assert_eq!(guarded, [format!("edit/plan.rs:{line}: sled in \"use sled::Db;\"")], "{item}");
    }
    let feature = files(&[("edit/plan.rs", "#[cfg(any(test, feature = \"testing\"))]\nuse sled::Db;")]);
    assert_eq!(crates_out_of_place(&feature, CRATES).len(), 1);
    let declared = files(&[("a/mod.rs", "#[cfg(test)]\nmod tests;"), ("a/tests.rs", "use sled::Db;")]);
    assert_none(crates_out_of_place(&declared, CRATES));
}

#[test]
fn a_path_leads_to_the_file_that_defines_the_name() {
    let root = ("lib.rs", "mod a;\nmod b;\npub use a::{Leaf, View};");
    let facade = "mod leaf;\nmod view;\npub(crate) use self::leaf::{Leaf, rake as gather};\npub use view::View;";
    let cycles = |leaf: &str, view: &str, other: &str| {
        let children = [("a/leaf.rs", leaf), ("a/view.rs", view), ("b.rs", other)];
        cycles(&[[root, ("a/mod.rs", facade)].as_slice(), &children].concat())
    };
    for use_of_leaf in [
        "use crate::a::Leaf;",
        "use crate::Leaf;",
        "use super::Leaf;",
        "use super::{\n    leaf::{self, Twig},\n};",
        "use super::leaf;\nfn f(leaf: &leaf::Leaf) {}",
        "fn f() { super::gather() }",
        "fn f() { crate::a::Leaf::new() }",
        "fn f() { self::super::leaf::rake() }",
        "use super::super::a::Leaf;",
        "use crate::a;\nfn f() -> a::Leaf {}",
    ] {
        let line = if use_of_leaf.contains("\nfn") { 2 } else { 1 };
        let circle = format!("a/leaf.rs:1 -> a/view.rs:{line} -> a/leaf.rs");
        assert_eq!(cycles("use super::view::View;", use_of_leaf, ""), [circle], "{use_of_leaf}");
    }
    assert_eq!(cycles("use crate::b::B;", "", "use crate::a::gather;"), ["a/leaf.rs:1 -> b.rs:1 -> a/leaf.rs"]);
    assert_none(cycles("", "use super::Leaf;", "use crate::a::{Leaf, View};"));
    assert_none(cycles("use crate::b::B;", "", "use crate::a::View;"));
}

#[test]
fn a_folder_that_defines_and_uses_what_its_children_use_is_a_circle() {
    let child = ("view/set.rs", "use super::View;");
    let uses = ("view/mod.rs", "mod set;\npub use self::set::TaskSet;\nstruct View;\nfn led_by() -> TaskSet {}");
    let only = ("view/mod.rs", "mod set;\npub use self::set::{TaskSet, set};\nstruct View;\nfn f() { a.set(b::set) }");
    let bare = ("view/mod.rs", "mod set;\nstruct View(set::TaskSet);");
    assert_eq!(cycles(&[("lib.rs", ""), uses, child]), ["view/mod.rs:2 -> view/set.rs:1 -> view/mod.rs"]);
    assert_eq!(cycles(&[("lib.rs", ""), bare, child]), ["view/mod.rs:2 -> view/set.rs:1 -> view/mod.rs"]);
    assert_none(cycles(&[("lib.rs", ""), only, child]));
}
