//! The rules for single files and lines. Each returns one line for each breach.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::source::{Source, words};

/// A module and the modules that it may use.
pub(crate) type Layer = (&'static str, &'static [&'static str]);
/// A name and the only files and folders in which it may occur.
pub(crate) type Place = (&'static str, &'static [&'static str]);

/// Finds the first use in each file of each module that the table does not allow. The root may use everything.
pub(crate) fn broken_layers(sources: &[Source], layers: &[Layer]) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = layers.iter().copied().collect();
    let graph = Graph::new(sources);
    let mut broken = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        let module = source.module();
        let Some(module) = module.first() else { continue };
        let Some(may_use) = allowed.get(module.as_str()) else {
            broken.push(format!("{}: the module is not in the table", source.path));
            continue;
        };
        let mut first_lines = BTreeMap::new();
        for (path, line) in graph.named(file) {
            let first = path.first().map(|used| first_lines.entry(used).or_insert(line));
            first.into_iter().for_each(|first| *first = line.min(*first));
        }
        first_lines.retain(|used, _| *used != module && !may_use.contains(&used.as_str()));
        let uses =
            first_lines.iter().map(|(used, line)| format!("{}:{line}: {module} may not use {used}", source.path));
        broken.extend(uses);
    }
    broken
}

/// Finds every crate that is named outside its places.
pub(crate) fn crates_out_of_place(sources: &[Source], places: &[Place]) -> Vec<String> {
    let outside = |source: &Source, (_, places): &Place| !places.iter().any(|place| source.path.starts_with(place));
    let mut broken = Vec::new();
    for source in sources {
        for (name, _) in places.iter().filter(|place| outside(source, place)) {
            let lines = source.lines().filter(|(_, line)| names_crate(line, name));
            broken.extend(lines.map(|(number, line)| format!("{}:{number}: {name} in {line:?}", source.path)));
        }
    }
    broken
}

/// Whether a line has `name::` or `use name`, where the name is a crate and not a module of ours.
pub(crate) fn names_crate(line: &str, name: &str) -> bool {
    words(line).filter(|(_, word)| *word == name).any(|(at, _)| {
        let (before, after) = (line[..at].trim_end(), &line[at + name.len()..]);
        let own = ["self::", "super::", "crate::"].iter().any(|prefix| before.ends_with(prefix));
        !own && (after.starts_with("::") || (before.ends_with("use") && after.starts_with([';', ' '])))
    })
}

/// Finds names of frozen row structs, such as `HeaderV1`, outside a folder.
pub(crate) fn rows_outside(sources: &[Source], folder: &str) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| !source.path.starts_with(folder)) {
        for (number, line) in source.lines() {
            let rows = words(line).filter(|(_, word)| is_row(word));
            broken.extend(rows.map(|(_, row)| format!("{}:{number}: {row}", source.path)));
        }
    }
    broken
}

/// Letters that begin with a capital and end with `V`, then a number.
fn is_row(word: &str) -> bool {
    let name = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    name.len() < word.len()
        && name.strip_suffix('V').is_some_and(|name| name.starts_with(|letter: char| letter.is_ascii_uppercase()))
        && name.chars().all(|letter| letter.is_ascii_alphabetic())
}

/// Finds public signatures, fields and trait implementations that name a type of another crate. Derives are not seen.
pub(crate) fn foreign_types(sources: &[Source]) -> Vec<String> {
    let foreign = [
        "sled::",
        "bincode::",
        "roaring::",
        "RoaringBitmap",
        "arc_swap::",
        "ArcSwap",
        "foldhash::",
        "encoding_rs::",
        "html5gum::",
        "calamine::",
        "rust_xlsxwriter::",
    ];
    let mut broken = Vec::new();
    for source in sources {
        for (number, item) in public_items(source) {
            // The module of ours that uses an engine has its name.
            let item = item.replace("self::sled::", "");
            if let Some(name) = foreign.iter().find(|name| item.contains(**name)) {
                broken.push(format!("{}:{number}: {name} in {item:?}", source.path));
            }
        }
    }
    broken
}

/// Each `pub` and each `impl` up to the end of its signature.
fn public_items(source: &Source) -> Vec<(usize, String)> {
    let mut items: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in source.lines() {
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

/// Finds letters outside ASCII in code, except in the lexicon. Names for searches are documentation.
pub(crate) fn foreign_letters(sources: &[Source], lexicon: &[&str]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| !lexicon.iter().any(|place| source.path.starts_with(place))) {
        let lines = source.lines().filter(|(_, line)| !line.is_ascii() && !line.trim().starts_with("#[doc(alias"));
        broken.extend(lines.map(|(number, line)| format!("{}:{number}: {line:?}", source.path)));
    }
    broken
}

/// Finds files that do not open with a header.
pub(crate) fn without_header(sources: &[Source]) -> Vec<String> {
    sources.iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path.clone()).collect()
}

/// Finds files of more lines than allowed.
pub(crate) fn longer_than(sources: &[Source], most: usize) -> Vec<String> {
    let lengths = sources.iter().map(|source| (&source.path, source.text.lines().count()));
    lengths.filter(|(_, lines)| *lines > most).map(|(path, lines)| format!("{path}: {lines} lines")).collect()
}

/// Finds imports by a glob.
pub(crate) fn glob_imports(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        let globs = source
            .lines()
            .map(|(number, line)| (number, line.trim()))
            .filter(|(_, line)| (line.starts_with("use ") || line.starts_with("pub")) && line.contains("::*"));
        broken.extend(globs.map(|(number, line)| format!("{}:{number}: {line}", source.path)));
    }
    broken
}
