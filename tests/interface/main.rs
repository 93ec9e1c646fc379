//! The public interface is what `tests/interface/listing.txt` says: a change of it is seen, and is a decision about the
//! version. `RI_WRITE_INTERFACE=1 cargo test --test interface` writes the file again.
//!
//! Everything in `src` that is `pub` can be reached from outside: the lint `unreachable_pub` holds that. So the sources, as
//! rustfmt writes them, tell the interface. Listed are items with their signatures, fields, and variants.

#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that goes wrong")]

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" && name != "testing" {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// What of a source is public, a line each.
fn public(source: &str) -> Vec<String> {
    let (mut listed, mut of, mut lines) = (Vec::new(), String::new(), source.lines());
    while let Some(line) = lines.next() {
        if line == "mod tests {" {
            break;
        }
        let depth = line.len() - line.trim_start().len();
        let text = line.trim_start();
        if depth == 0 && !text.is_empty() && !text.starts_with("//") {
            // The block to which what is indented belongs.
            of = text.trim_end_matches('{').trim_end().to_owned();
        }
        let variant = depth == 4 && of.starts_with("pub enum ") && text.starts_with(char::is_uppercase);
        if variant {
            let name = text.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            listed.push(format!("{of} :: {name}"));
        }
        if !text.starts_with("pub ") {
            continue;
        }
        // A signature ends with its body or a semicolon.
        let mut item = text.to_owned();
        let is_whole = |item: &str| match item.starts_with("pub use ") {
            true => item.ends_with(';'),
            false => item.ends_with(['{', ';', '}', ',']) && item.matches('(').count() == item.matches(')').count(),
        };
        while !is_whole(&item) {
            item.push(' ');
            item.push_str(lines.next().unwrap().trim());
        }
        let item = item.trim_end_matches(['{', ';', ',']).trim_end();
        listed.push(if depth == 0 { item.to_owned() } else { format!("{of} :: {item}") });
    }
    listed
}

fn interface() -> String {
    let mut files = Vec::new();
    sources(&Path::new(ROOT).join("src"), &mut files);
    files.sort();
    let mut listing = String::new();
    for file in files {
        let listed = public(&fs::read_to_string(&file).unwrap());
        if !listed.is_empty() {
            let name = file.strip_prefix(Path::new(ROOT).join("src")).unwrap().to_string_lossy().replace('\\', "/");
            listing.push_str(&format!("# {name}\n{}\n\n", listed.join("\n")));
        }
    }
    listing
}

#[test]
fn the_public_interface_is_the_one_that_is_listed() {
    let (path, now) = (Path::new(ROOT).join("tests/interface/listing.txt"), interface());
    if std::env::var_os("RI_WRITE_INTERFACE").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let listed = fs::read_to_string(&path).unwrap();
    let only = |of: &str, other: &str| -> Vec<String> {
        of.lines().filter(|line| !other.lines().any(|known| known == *line)).map(str::to_owned).collect()
    };
    let (new, gone) = (only(&now, &listed), only(&listed, &now));
    assert!(listed == now, "the interface differs from tests/interface/listing.txt\nnew: {new:#?}\ngone: {gone:#?}");
}

#[test]
fn items_fields_and_variants_are_listed() {
    let source = "\
pub use a::{
    B, C,
};
pub struct S<'a> {
    /// Doc.
    pub field: u8,
    hidden: u8,
}
pub enum E {
    One,
    Two { of: u8 },
}
impl S<'_> {
    pub fn long(
        &self,
        more: u8,
    ) -> u8 {
        pub_no();
    }
    pub(crate) fn no(&self) {}
}
mod tests {
    pub fn no() {}
}
";
    let listed = [
        "pub use a::{ B, C, }",
        "pub struct S<'a>",
        "pub struct S<'a> :: pub field: u8",
        "pub enum E",
        "pub enum E :: One",
        "pub enum E :: Two",
        "impl S<'_> :: pub fn long( &self, more: u8, ) -> u8",
    ];
    assert_eq!(public(source), listed);
}
