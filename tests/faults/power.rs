//! Power failures: from what a process asked of the system, every state is made in which the disk may be found, and
//! opened. Nothing acknowledged before the failure is lost, no batch is in part, the index agrees with itself.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use crate::child;
use crate::random::{Random, seed};
use crate::trace::{self, Call};
use crate::work::{self, Acknowledged};

/// What a device writes whole or not at all.
const SECTOR: usize = 512;

/// What may be lost of what was not synced.
#[derive(Clone, Copy, Debug)]
enum Loss {
    /// Nothing: every call up to the failure counts, as when a process is killed.
    Nothing,
    /// Everything.
    Everything,
    /// Any sector and any name, each by itself.
    AnySector,
    /// Any sector; of the names the last ones.
    LastNames,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Directory,
    File(usize),
}

#[derive(Clone, Debug)]
enum NameCall {
    Put(PathBuf, Entry),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

type Names = BTreeMap<PathBuf, Entry>;

fn apply(names: &mut Names, call: &NameCall) {
    match call {
        NameCall::Put(path, entry) => drop(names.insert(path.clone(), *entry)),
        NameCall::Remove(path) => drop(names.remove(path)),
        NameCall::Rename(from, to) => {
            if let Some(entry) = names.remove(from) {
                names.insert(to.clone(), entry);
            }
        }
    }
}

fn directory_of(call: &NameCall) -> &Path {
    match call {
        NameCall::Put(path, _) | NameCall::Remove(path) | NameCall::Rename(path, _) => path.parent().unwrap(),
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
    pending: Vec<DataCall>,
}

/// A disk after some calls: what is on it for certain, and what may be.
#[derive(Default)]
struct Disk {
    root: PathBuf,
    files: Vec<File>,
    live: Names,
    durable: Names,
    pending: Vec<NameCall>,
    /// What each open file is.
    open: HashMap<u64, (PathBuf, Option<usize>)>,
}

impl Disk {
    fn call(&mut self, call: &Call) {
        match call {
            Call::Open { file, path, truncated } => self.open(*file, path, *truncated),
            Call::Write { file, at, data } => self.data(*file, DataCall::Write(*at, data.clone())),
            Call::Truncate { file, len } => self.data(*file, DataCall::Truncate(*len)),
            Call::Sync { file } => self.sync(*file),
            Call::Rename { from, to } => self.name(NameCall::Rename(from.clone(), to.clone())),
            Call::Unlink { path } => self.name(NameCall::Remove(path.clone())),
            Call::MakeDirectory { path } => self.name(NameCall::Put(path.clone(), Entry::Directory)),
            Call::Said(_) => {}
        }
    }

    fn name(&mut self, call: NameCall) {
        apply(&mut self.live, &call);
        self.pending.push(call);
    }

    fn open(&mut self, opening: u64, path: &Path, truncated: bool) {
        let path: PathBuf = path.components().collect();
        let file = match self.live.get(&path) {
            Some(Entry::File(file)) => Some(*file),
            Some(Entry::Directory) => None,
            // The directory that everything is in was there before.
            None if path == self.root => None,
            None => {
                self.files.push(File::default());
                let file = self.files.len() - 1;
                self.name(NameCall::Put(path.clone(), Entry::File(file)));
                Some(file)
            }
        };
        self.open.insert(opening, (path, file));
        if truncated {
            self.data(opening, DataCall::Truncate(0));
        }
    }

    fn data(&mut self, opening: u64, call: DataCall) {
        let file = self.open[&opening].1.expect("a file is written");
        self.files[file].pending.push(call);
    }

    fn sync(&mut self, opening: u64) {
        let (path, file) = self.open[&opening].clone();
        if let Some(file) = file {
            let File { durable, pending } = &mut self.files[file];
            pending.drain(..).for_each(|call| change(durable, &call));
            return;
        }
        let (synced, waiting): (Vec<_>, Vec<_>) = self.pending.drain(..).partition(|call| directory_of(call) == path);
        self.pending = waiting;
        synced.iter().for_each(|call| apply(&mut self.durable, call));
    }

    /// What is found after a failure now.
    fn after(&self, loss: Loss, random: &mut Random) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let mut names = self.durable.clone();
        let kept = random.index(self.pending.len() + 1);
        for (at, call) in self.pending.iter().enumerate() {
            let keep = match loss {
                Loss::Nothing => true,
                Loss::Everything => false,
                Loss::AnySector => random.one_in(2),
                Loss::LastNames => at < kept,
            };
            if keep {
                apply(&mut names, call);
            }
        }
        let content = |entry: &Entry, random: &mut Random| match entry {
            Entry::Directory => None,
            Entry::File(file) => Some(self.files[*file].after(loss, random)),
        };
        // What is in a directory that is lost is lost with it.
        let is_there = |path: &Path| {
            path.ancestors().skip(1).take_while(|above| *above != self.root).all(|above| names.contains_key(above))
        };
        let found = names.iter().filter(|(path, _)| is_there(path));
        found.map(|(path, entry)| (path.clone(), content(entry, random))).collect()
    }
}

impl File {
    fn after(&self, loss: Loss, random: &mut Random) -> Vec<u8> {
        let mut content = self.durable.clone();
        match loss {
            Loss::Everything => {}
            Loss::Nothing => self.pending.iter().for_each(|call| change(&mut content, call)),
            Loss::AnySector | Loss::LastNames => {
                let mut live = self.durable.clone();
                // Of each sector any of its contents since the last sync, and the same of the length.
                let mut sectors: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
                let mut lengths = vec![content.len()];
                for call in &self.pending {
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
            }
        }
        content
    }
}

#[derive(Debug, Default)]
struct Counts {
    states: u32,
    acknowledged: u64,
}

fn fail_power(states: u32, writers: u64, most: u64, harness: u64) -> Counts {
    let scratch = child::scratch();
    let mut random = Random::new(harness);
    let calls = trace::record(scratch.path(), writers, most);
    let root = scratch.path().join("traced");
    let mut failures: BTreeMap<usize, Vec<Loss>> = BTreeMap::new();
    for n in 0..states {
        let loss = [Loss::Nothing, Loss::Everything, Loss::AnySector, Loss::LastNames, Loss::AnySector][n as usize % 5];
        failures.entry(random.index(calls.len() + 1)).or_default().push(loss);
    }
    let mut disk = Disk { root: root.clone(), ..Disk::default() };
    let mut acknowledged: Acknowledged = vec![0; writers as usize];
    let mut counts = Counts::default();
    for at in 0..=calls.len() {
        for loss in failures.remove(&at).unwrap_or_default() {
            let state = scratch.path().join("state");
            write_state(&disk.after(loss, &mut random), &root, &state);
            check(&state.join("plan.ri"), &acknowledged, most).unwrap_or_else(|why| {
                let kept = scratch.path().join("failed");
                let _ = fs::rename(&state, &kept);
                panic!("seed {}, power fails after call {at}, {loss:?} is lost: {why}", seed())
            });
            fs::remove_dir_all(&state).unwrap();
            counts.states += 1;
            counts.acknowledged += acknowledged.iter().sum::<u64>();
        }
        match calls.get(at) {
            Some(Call::Said(line)) => work::acknowledge(&mut acknowledged, line),
            Some(call) => disk.call(call),
            None => {}
        }
    }
    counts
}

fn write_state(found: &[(PathBuf, Option<Vec<u8>>)], root: &Path, state: &Path) {
    fs::create_dir(state).unwrap();
    for (path, content) in found {
        let target = state.join(path.strip_prefix(root).unwrap());
        match content {
            None => fs::create_dir(target).unwrap(),
            Some(content) => fs::write(target, content).unwrap(),
        }
    }
}

fn check(path: &Path, acknowledged: &Acknowledged, most: u64) -> Result<(), String> {
    let index = work::options().open(path).map_err(|error| error.to_string())?;
    work::check(&index, acknowledged, most)?;
    // It goes on from there.
    index.assign("after/1", work::digits(1)).map_err(|error| error.to_string())?;
    Ok(())
}

#[test]
fn a_power_failure_loses_nothing_acknowledged() {
    let counts = fail_power(60, 1, 45, 2);
    assert!(counts.acknowledged > 0, "{counts:?}");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_power() {
    for (writers, most, harness) in [(1, 150, 3), (1, 400, 4), (2, 150, 5), (4, 100, 6), (1, 45, 7)] {
        let counts = fail_power(1_000, writers, most, harness);
        println!("{writers} writers: {counts:?}");
    }
}
