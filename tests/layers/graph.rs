//! The graph of files: an arrow for each `use` line and each path, to the file that defines the name. A re-export of a
//! name from below gives no arrow by itself; a file that takes the name through it has an arrow to the defining file.
//! Not followed: code in `macro_rules!`, `super` in an inline module, methods.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::source::{Source, blank, item_length, leading_word, line_at, words};

/// A name that a file takes or re-exports.
struct Use {
    /// The path from the root of the crate.
    path: Vec<String>,
    /// The name in this file.
    alias: String,
    public: bool,
    line: usize,
}

struct File {
    path: String,
    module: Vec<String>,
    uses: Vec<Use>,
    /// Paths in code with their lines, from the root of the crate.
    inline: Vec<(Vec<String>, usize)>,
    /// The code without `use` lines and declarations of modules.
    rest: String,
}

pub(crate) struct Graph {
    files: Vec<File>,
    by_module: BTreeMap<Vec<String>, usize>,
    /// For each file the files that it uses, with the first line that does.
    arrows: Vec<BTreeMap<usize, usize>>,
}

impl Graph {
    pub(crate) fn new(sources: &[Source]) -> Graph {
        let by_module: BTreeMap<_, _> = sources.iter().map(Source::module).zip(0..).collect();
        let files = sources.iter().map(|source| File::read(source, &by_module)).collect();
        let mut graph = Graph { files, by_module, arrows: Vec::new() };
        graph.arrows = (0..sources.len()).map(|file| graph.arrows_of(file)).collect();
        graph
    }

    /// Every path that a file names, from the root of the crate, with its line.
    pub(crate) fn named(&self, file: usize) -> impl Iterator<Item = (&[String], usize)> {
        let File { uses, inline, .. } = &self.files[file];
        let uses = uses.iter().map(|used| (used.path.as_slice(), used.line));
        uses.chain(inline.iter().map(|(path, line)| (path.as_slice(), *line)))
    }

    /// Cycles such as `a.rs:3 -> b.rs:7 -> a.rs`, short ones first: for each file that is in any, at least one.
    pub(crate) fn cycles(&self) -> Vec<String> {
        let mut cycles: Vec<Vec<usize>> = (0..self.files.len()).filter_map(|file| self.shortest_cycle(file)).collect();
        cycles.sort_by_key(Vec::len);
        let mut shown = BTreeSet::new();
        cycles.retain(|cycle| {
            let fresh = cycle.iter().any(|file| !shown.contains(file));
            shown.extend(cycle.iter().copied());
            fresh
        });
        cycles.iter().map(|cycle| self.written(cycle)).collect()
    }

    fn written(&self, cycle: &[usize]) -> String {
        let mut text = String::new();
        for (from, to) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
            text.push_str(&format!("{}:{} -> ", self.files[*from].path, self.arrows[*from][to]));
        }
        text + &self.files[cycle[0]].path
    }

    fn shortest_cycle(&self, start: usize) -> Option<Vec<usize>> {
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut waiting = VecDeque::from([start]);
        while let Some(file) = waiting.pop_front() {
            if self.arrows[file].contains_key(&start) {
                let mut cycle = vec![file];
                while cycle[0] != start {
                    cycle.insert(0, before[&cycle[0]]);
                }
                return Some(cycle);
            }
            for next in self.arrows[file].keys().filter(|next| **next != start) {
                if !before.contains_key(next) {
                    before.insert(*next, file);
                    waiting.push_back(*next);
                }
            }
        }
        None
    }

    fn arrows_of(&self, from: usize) -> BTreeMap<usize, usize> {
        let file = &self.files[from];
        let mut arrows = BTreeMap::new();
        let mut add = |path: &[String], line: usize, re_export: bool| {
            if let Some(to) = self.defined_in(path, 0).filter(|to| *to != from)
                && !(re_export && self.files[to].module.starts_with(&file.module))
            {
                let first = arrows.entry(to).or_insert(line);
                *first = line.min(*first);
            }
        };
        for used in &file.uses {
            add(&used.path, used.line, used.public && !file.mentions(&used.alias));
        }
        file.inline.iter().for_each(|(path, line)| add(path, *line, false));
        arrows
    }

    /// Finds the file that defines the last name of a path, through re-exports; `None` for a module.
    fn defined_in(&self, path: &[String], re_exports: usize) -> Option<usize> {
        let mut file = self.by_module.get(&Vec::new()).copied();
        for at in 0..path.len() {
            let (here, after) = path.split_at(at + 1);
            let next = self.by_module.get(here);
            if next.is_none() || after.is_empty() {
                let through = |used: &&Use| used.alias == path[at] && used.path != here;
                let mut uses = file.iter().flat_map(|file| &self.files[*file].uses);
                if let Some(used) = uses.find(through).filter(|_| re_exports < 16) {
                    return self.defined_in(&[&used.path, after].concat(), re_exports + 1);
                }
            }
            if next.is_none() {
                return file;
            }
            file = next.copied();
        }
        None
    }
}

impl File {
    /// Whether the code has a word that is neither a method, a field nor the end of a path.
    fn mentions(&self, name: &str) -> bool {
        words(&self.rest).any(|(at, word)| word == name && !self.rest[..at].ends_with(['.', ':']))
    }

    fn read(source: &Source, by_module: &BTreeMap<Vec<String>, usize>) -> File {
        let (module, mut rest, mut uses) = (source.module(), without_macros(&source.bare), Vec::new());
        let text = rest.clone();
        for (at, _) in words(&text).filter(|(_, word)| *word == "use") {
            // `use<'a>` in a type is no `use` line.
            let Some(length) = text[at..].find(';').filter(|_| !text[at + 3..].starts_with('<')) else { continue };
            let before = text[..at].rfind([';', '{', '}', ']']).map_or(0, |end| end + 1);
            let tree = text[at + 3..at + length].split_whitespace().collect::<Vec<_>>().join(" ");
            let (public, line) = (text[before..at].trim_start().starts_with("pub"), line_at(&text, at));
            for (path, alias) in leaves(&tree) {
                let path = from_root(&path, &module, by_module);
                uses.extend(path.map(|path| Use { path, alias, public, line }));
            }
            rest.replace_range(at..at + length, &blank(&text[at..at + length]));
        }
        for (at, _) in words(&text).filter(|(_, word)| *word == "mod") {
            let name = leading_word(&text[at + 4..]);
            if text[at + 4 + name.len()..].starts_with(';') {
                rest.replace_range(at..at + 4 + name.len(), &blank(&text[at..at + 4 + name.len()]));
            }
        }
        let mut inline = Vec::new();
        for (at, path) in paths(&rest) {
            let taken = uses.iter().find(|used| used.alias == path[0]);
            let path = match taken {
                Some(used) => Some([&used.path, &path[1..]].concat()),
                None => from_root(&path, &module, by_module),
            };
            inline.extend(path.map(|path| (path, line_at(&rest, at))));
        }
        File { path: source.path.clone(), module, uses, inline, rest }
    }
}

fn without_macros(bare: &str) -> String {
    let mut text = bare.to_owned();
    for (at, _) in bare.match_indices("macro_rules!") {
        let open = bare[at..].find('{').map_or(bare.len(), |brace| at + brace);
        let end = open + item_length(&bare[open..]);
        text.replace_range(at..end, &blank(&bare[at..end]));
    }
    text
}

/// The paths of a `use` line, nested groups included, each with the name that it gets.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let head = segments(head);
        let mut depth = 0;
        let parts = group.trim_end().trim_end_matches('}').split(|letter| {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            letter == ',' && depth == 0
        });
        let inner = parts.flat_map(leaves);
        return inner.map(|(path, alias)| ([head.as_slice(), &path].concat(), alias)).map(named_self).collect();
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
    let path = segments(path);
    let Some(last) = path.last() else { return Vec::new() };
    let alias = alias.map_or_else(|| last.clone(), str::to_owned);
    vec![(path, alias)]
}

/// `a::{self}` names `a`.
fn named_self((mut path, mut alias): (Vec<String>, String)) -> (Vec<String>, String) {
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
        if alias == "self" {
            alias.clone_from(&path[path.len() - 1]);
        }
    }
    (path, alias)
}

fn segments(path: &str) -> Vec<String> {
    words(path).map(|(_, word)| word.to_owned()).collect()
}

/// Paths of at least two names in code, with the byte at which each begins.
fn paths(text: &str) -> impl Iterator<Item = (usize, Vec<String>)> {
    words(text).filter(|(at, _)| !text[..*at].ends_with("::")).filter_map(|(at, first)| {
        let (mut path, mut end) = (vec![first.to_owned()], at + first.len());
        while let Some(next) = text[end..].strip_prefix("::").map(leading_word).filter(|next| !next.is_empty()) {
            path.push(next.to_owned());
            end += 2 + next.len();
        }
        (path.len() > 1).then_some((at, path))
    })
}

/// Turns a path as written in a module into one from the root of the crate; `None` if it leads into another crate.
fn from_root(path: &[String], module: &[String], by_module: &BTreeMap<Vec<String>, usize>) -> Option<Vec<String>> {
    let above = path.iter().take_while(|name| *name == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => {
            let above = path[1..].iter().take_while(|name| *name == "super").count();
            Some([&module[..module.len().checked_sub(above)?], &path[1 + above..]].concat())
        }
        "super" => Some([&module[..module.len().checked_sub(above)?], &path[above..]].concat()),
        child => {
            let child = [module, &[child.to_owned()]].concat();
            by_module.contains_key(&child).then(|| [module, path].concat())
        }
    }
}
