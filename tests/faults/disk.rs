//! A disk after some calls: what is on it for certain, and what may be. A sync covers what was written before it began;
//! of everything else any part may be lost.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::random::Random;
use crate::trace::{Call, Record};

/// What a device writes whole or not at all.
const SECTOR: usize = 512;
/// The directory that everything is in. It was there before.
const ROOT: usize = 0;

/// What is lost of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Loss {
    /// Nothing: every call up to the failure counts, as when a process is killed.
    Nothing,
    Everything,
    /// Any sector and any name, each by itself.
    AnySector,
    /// Any sector; of the names the last ones.
    LastNames,
    /// Of each file, and of the names, the last calls, all, or none.
    AnyFile,
    /// One call: a write, a truncation or a name.
    One(u64),
    /// All calls but one.
    AllBut(u64),
    /// All calls up to one; later ones are kept.
    UpTo(u64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Directory(usize),
    File(usize),
}

/// A name in a directory.
type Place = (usize, String);
type Names = BTreeMap<Place, Entry>;

#[derive(Clone, Debug)]
enum NameCall {
    Put(Place, Entry),
    Remove(Place),
    Rename(Place, Place, Entry),
}

impl NameCall {
    fn apply(&self, names: &mut Names) {
        match self {
            NameCall::Put(place, entry) => drop(names.insert(place.clone(), *entry)),
            NameCall::Remove(place) => drop(names.remove(place)),
            NameCall::Rename(from, to, entry) => {
                names.remove(from);
                names.insert(to.clone(), *entry);
            }
        }
    }

    fn directory(&self) -> usize {
        match self {
            NameCall::Put(place, _) | NameCall::Remove(place) | NameCall::Rename(place, ..) => place.0,
        }
    }
}

#[derive(Clone, Debug)]
enum DataCall {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

fn change(content: &mut Vec<u8>, call: &DataCall) {
    match call {
        DataCall::Write(at, data) => {
            let at = *at as usize;
            content.resize(content.len().max(at + data.len()), 0);
            content[at..at + data.len()].copy_from_slice(data);
        }
        DataCall::Truncate(len) => content.resize(*len as usize, 0),
    }
}

#[derive(Clone, Default)]
struct File {
    durable: Vec<u8>,
    /// Each with the number of its call.
    pending: Vec<(u64, DataCall)>,
}

/// Files with their content, and directories.
pub(crate) type Found = Vec<(PathBuf, Option<Vec<u8>>)>;

pub(crate) struct Disk {
    root: PathBuf,
    files: Vec<File>,
    directories: usize,
    live: Names,
    durable: Names,
    pending: Vec<(u64, NameCall)>,
    /// What each open file is.
    open: HashMap<u64, Entry>,
    /// The first call that a sync does not cover, by its thread and file.
    syncs: HashMap<(u64, u64), u64>,
    calls: u64,
}

impl Disk {
    /// A disk with all that is below a directory, durable.
    pub(crate) fn of(root: &Path, found: &Found) -> Disk {
        let (files, directories, calls) = (Vec::new(), 1, 0);
        let (live, durable, pending, open, syncs) = Default::default();
        let mut disk = Disk { root: root.to_owned(), files, directories, live, durable, pending, open, syncs, calls };
        for (path, content) in found {
            let place = disk.place(&root.join(path));
            let entry = match content {
                None => disk.new_directory(),
                Some(content) => disk.new_file(content.clone()),
            };
            disk.live.insert(place, entry);
        }
        disk.durable = disk.live.clone();
        disk
    }

    fn new_directory(&mut self) -> Entry {
        self.directories += 1;
        Entry::Directory(self.directories - 1)
    }

    fn new_file(&mut self, durable: Vec<u8>) -> Entry {
        self.files.push(File { durable, pending: Vec::new() });
        Entry::File(self.files.len() - 1)
    }

    /// Where a path is.
    fn place(&self, path: &Path) -> Place {
        let below = path.strip_prefix(&self.root).unwrap();
        let mut names = below.components().filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_str().unwrap().to_owned()),
            _ => None,
        });
        let mut place = (ROOT, names.next().unwrap_or_default());
        for name in names {
            let Some(Entry::Directory(directory)) = self.live.get(&place) else {
                panic!("{path:?} is in no directory")
            };
            place = (*directory, name);
        }
        place
    }

    pub(crate) fn call(&mut self, Record { thread, call }: &Record) {
        self.calls += 1;
        match call {
            Call::Open { file, path, truncated } => self.open(*file, path, *truncated),
            Call::Write { file, at, data } => self.data(*file, DataCall::Write(*at, data.clone())),
            Call::Truncate { file, len } => self.data(*file, DataCall::Truncate(*len)),
            Call::SyncBegins { file } => drop(self.syncs.insert((*thread, *file), self.calls)),
            Call::SyncEnds { file } => {
                let begin = self.syncs.remove(&(*thread, *file)).expect("a sync has begun");
                self.sync(*file, begin);
            }
            Call::Rename { from, to } => {
                let (from, to) = (self.place(from), self.place(to));
                assert_eq!(from.0, to.0, "a rename to another directory is not modelled");
                let entry = self.live[&from];
                self.name(NameCall::Rename(from, to, entry));
            }
            Call::Unlink { path } => self.name(NameCall::Remove(self.place(path))),
            Call::MakeDirectory { path } => {
                let (place, entry) = (self.place(path), self.new_directory());
                self.name(NameCall::Put(place, entry));
            }
            Call::Said(_) => {}
        }
    }

    fn name(&mut self, call: NameCall) {
        call.apply(&mut self.live);
        self.pending.push((self.calls, call));
    }

    fn open(&mut self, opening: u64, path: &Path, truncated: bool) {
        let place = self.place(path);
        let entry = match self.live.get(&place) {
            Some(entry) => *entry,
            None if place == (ROOT, String::new()) => Entry::Directory(ROOT),
            None => {
                let entry = self.new_file(Vec::new());
                self.name(NameCall::Put(place, entry));
                entry
            }
        };
        self.open.insert(opening, entry);
        if truncated {
            self.data(opening, DataCall::Truncate(0));
        }
    }

    fn data(&mut self, opening: u64, call: DataCall) {
        let Entry::File(file) = self.open[&opening] else { panic!("a directory is written") };
        self.files[file].pending.push((self.calls, call));
    }

    /// Everything that was there before the sync began is on disk.
    fn sync(&mut self, opening: u64, begin: u64) {
        match self.open[&opening] {
            Entry::File(file) => {
                let File { durable, pending } = &mut self.files[file];
                let covered = pending.iter().take_while(|(number, _)| *number < begin).count();
                pending.drain(..covered).for_each(|(_, call)| change(durable, &call));
            }
            Entry::Directory(directory) => {
                let is_covered = |(number, call): &(u64, NameCall)| *number < begin && call.directory() == directory;
                let (covered, waiting): (Vec<_>, Vec<_>) = self.pending.drain(..).partition(is_covered);
                self.pending = waiting;
                covered.iter().for_each(|(_, call)| call.apply(&mut self.durable));
            }
        }
    }

    /// The numbers of all calls that may be lost.
    pub(crate) fn may_be_lost(&self) -> Vec<u64> {
        let data = self.files.iter().flat_map(|file| &file.pending).map(|(number, _)| *number);
        let mut numbers: Vec<u64> = data.chain(self.pending.iter().map(|(number, _)| *number)).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Whether a file of this kind has a name, or had one, that may be lost.
    pub(crate) fn is_naming(&self, kind: &str) -> bool {
        self.pending.iter().any(|(_, call)| match call {
            NameCall::Put((_, name), _) | NameCall::Remove((_, name)) => name.starts_with(kind),
            NameCall::Rename((_, from), (_, to), _) => from.starts_with(kind) || to.starts_with(kind),
        })
    }

    /// What is found after a failure now.
    pub(crate) fn after(&self, loss: Loss, random: &mut Random) -> Found {
        let mut names = self.durable.clone();
        let kept = random.index(self.pending.len() + 1);
        for (at, (number, call)) in self.pending.iter().enumerate() {
            let keep = match loss {
                Loss::AnySector => random.one_in(2),
                Loss::LastNames | Loss::AnyFile => at < kept,
                _ => loss.keeps(*number),
            };
            if keep {
                call.apply(&mut names);
            }
        }
        let mut found = Found::new();
        self.collect(&names, ROOT, Path::new(""), &mut found, &mut |file| self.files[file].after(loss, random));
        found
    }

    /// What is in a directory that is lost is lost with it.
    fn collect(
        &self,
        names: &Names,
        directory: usize,
        path: &Path,
        found: &mut Found,
        content: &mut dyn FnMut(usize) -> Vec<u8>,
    ) {
        let inside = names.range((directory, String::new())..(directory + 1, String::new()));
        for ((_, name), entry) in inside {
            let path = path.join(name);
            match entry {
                Entry::File(file) => found.push((path, Some(content(*file)))),
                Entry::Directory(below) => {
                    found.push((path.clone(), None));
                    self.collect(names, *below, &path, found, content);
                }
            }
        }
    }
}

impl Loss {
    fn keeps(self, call: u64) -> bool {
        match self {
            Loss::Nothing | Loss::AnySector | Loss::LastNames | Loss::AnyFile => true,
            Loss::Everything => false,
            Loss::One(lost) => call != lost,
            Loss::AllBut(kept) => call == kept,
            Loss::UpTo(last) => call > last,
        }
    }
}

impl File {
    fn after(&self, loss: Loss, random: &mut Random) -> Vec<u8> {
        if matches!(loss, Loss::AnySector | Loss::LastNames) {
            return self.any_sectors(random);
        }
        let mut content = self.durable.clone();
        let first = match (loss, random.below(3)) {
            (Loss::AnyFile, 0) => 0,
            (Loss::AnyFile, 1) => random.index(self.pending.len() + 1),
            _ => self.pending.len(),
        };
        let kept = self.pending.iter().take(first).filter(|(number, _)| loss.keeps(*number));
        kept.for_each(|(_, call)| change(&mut content, call));
        content
    }

    /// Of each sector any of its contents since the last sync, and the same of the length.
    fn any_sectors(&self, random: &mut Random) -> Vec<u8> {
        let (mut content, mut live) = (self.durable.clone(), self.durable.clone());
        let mut sectors: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
        let mut lengths = vec![content.len()];
        for (_, call) in &self.pending {
            change(&mut live, call);
            lengths.push(live.len());
            if let DataCall::Write(at, data) = call {
                let (first, last) = (*at as usize / SECTOR, (*at as usize + data.len().max(1) - 1) / SECTOR);
                for sector in first..=last {
                    let end = live.len().min((sector + 1) * SECTOR);
                    sectors.entry(sector).or_default().push(live[sector * SECTOR..end].to_vec());
                }
            }
        }
        let length = *random.pick(&lengths);
        // Sometimes nearly all is lost and sometimes nearly nothing.
        let odds = 1 + random.below(8);
        for (sector, versions) in sectors {
            let version = random.index(versions.len());
            if random.below(9) < odds {
                change(&mut content, &DataCall::Write((sector * SECTOR) as u64, versions[version].clone()));
            }
        }
        content.resize(length, 0);
        content
    }
}

/// Everything below a directory, directories first.
pub(crate) fn found_below(root: &Path) -> Found {
    let mut found = Found::new();
    list(root, root, &mut found);
    found
}

fn list(root: &Path, at: &Path, found: &mut Found) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let below = path.strip_prefix(root).unwrap().to_owned();
        if path.is_dir() {
            found.push((below, None));
            list(root, &path, found);
        } else {
            found.push((below, Some(fs::read(&path).unwrap())));
        }
    }
}

/// Writes what was found into a new directory.
pub(crate) fn write(found: &Found, root: &Path) {
    fs::create_dir(root).unwrap();
    for (path, content) in found {
        match content {
            None => fs::create_dir(root.join(path)).unwrap(),
            Some(content) => fs::write(root.join(path), content).unwrap(),
        }
    }
}
