//! What a process asked of the system, as the shim wrote it down; and that each durable commit ends with a sync of the
//! log, and with nothing of the rows.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::child::{self, Job};
use crate::work::Run;

/// One call that succeeded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    /// `file` is the number of this opening.
    Open {
        file: u64,
        path: PathBuf,
        truncated: bool,
    },
    Write {
        file: u64,
        at: u64,
        data: Vec<u8>,
    },
    Truncate {
        file: u64,
        len: u64,
    },
    SyncBegins {
        file: u64,
    },
    /// It covers what was written before it began.
    SyncEnds {
        file: u64,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Unlink {
        path: PathBuf,
    },
    MakeDirectory {
        path: PathBuf,
    },
    /// Not a call: a line on standard output.
    Said(String),
}

const O_TRUNC: u64 = 0o1000;

/// A call, and the thread that made it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) thread: u64,
    pub(crate) call: Call,
}

pub(crate) fn read(trace: &Path) -> Vec<Record> {
    let bytes = fs::read(trace).unwrap();
    let mut rest = bytes.as_slice();
    let mut calls = Vec::new();
    let mut said: HashMap<u64, String> = HashMap::new();
    while let Some((kind, after)) = rest.split_first() {
        let number = |at: usize| u64::from_le_bytes(after[at..at + 8].try_into().unwrap());
        let (a, b, thread) = (number(0), number(8), number(16));
        let len = u32::from_le_bytes(after[24..28].try_into().unwrap()) as usize;
        let data = &after[28..28 + len];
        rest = &after[28 + len..];
        let path = |bytes: &[u8]| PathBuf::from(String::from_utf8(bytes.to_vec()).unwrap());
        let call = match kind {
            b'O' => Call::Open { file: a, path: path(data), truncated: b & O_TRUNC != 0 },
            b'W' => Call::Write { file: a, at: b, data: data.to_vec() },
            b'T' => Call::Truncate { file: a, len: b },
            b's' => Call::SyncBegins { file: a },
            b'S' => Call::SyncEnds { file: a },
            b'R' => {
                let (from, to) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap());
                Call::Rename { from: path(from), to: path(&to[1..]) }
            }
            b'U' => Call::Unlink { path: path(data) },
            b'M' => Call::MakeDirectory { path: path(data) },
            b'A' => {
                // Each process ends its own lines.
                let said = said.entry(a).or_default();
                said.push_str(std::str::from_utf8(data).unwrap());
                while let Some((line, more)) = said.clone().split_once('\n') {
                    calls.push(Record { thread, call: Call::Said(line.to_owned()) });
                    more.clone_into(said);
                }
                continue;
            }
            other => panic!("{other} in a trace"),
        };
        calls.push(Record { thread, call });
    }
    calls
}

/// Runs writers under the shim, in as many processes as the run says, and returns what they asked of the system. The index is
/// `traced/plan.ri`.
pub(crate) fn record(scratch: &Path, run: &Run) -> Vec<Record> {
    let (root, trace) = (scratch.join("traced"), scratch.join("trace"));
    if !root.exists() {
        fs::create_dir(&root).unwrap();
    }
    std::thread::scope(|threads| {
        for process in 0..run.processes {
            let job = Job::new("write", &root.join("plan.ri")).numbers(&run.numbers()).number(process);
            let job = job.under_shim(&root).traced(&trace);
            threads.spawn(move || {
                let ended = job.run_within(4 * child::DEADLINE);
                assert!(ended.is_ok(), "process {process}: {}", ended.why());
            });
        }
    });
    let calls = read(&trace);
    fs::remove_file(&trace).unwrap();
    calls
}

/// What happened from the word that a step is tried to the word that it is done. Places are those of the trace.
#[derive(Debug)]
struct Step {
    said: String,
    /// Of the thread itself, with the path below the index.
    calls: Vec<(Call, PathBuf)>,
    /// The last write of the thread into the log.
    wrote: Option<usize>,
    /// The end of the first sync, of any thread, that began after that.
    synced: Option<usize>,
    /// Where the mark was written, by any thread, and the revision in it.
    marks: Vec<(usize, u64)>,
}

fn steps(calls: &[Record], root: &Path) -> Vec<Step> {
    let mut names = HashMap::new();
    let mut steps = Vec::new();
    let mut step: Option<(u64, Step)> = None;
    let mut begun = HashMap::new();
    for (at, Record { thread, call }) in calls.iter().enumerate() {
        match call {
            Call::Open { file, path, .. } => {
                drop(names.insert(*file, path.strip_prefix(root).unwrap_or(path).to_owned()))
            }
            Call::Rename { from, to } => {
                let (from, to) = (from.strip_prefix(root).unwrap_or(from), to.strip_prefix(root).unwrap_or(to));
                names.values_mut().filter(|path| *path == from).for_each(|path| to.clone_into(path));
            }
            Call::SyncBegins { file } => drop(begun.insert((*thread, *file), at)),
            _ => {}
        }
        if let Call::Said(line) = call {
            if line.starts_with("try ") {
                let (said, calls) = (line.clone(), Vec::new());
                step = Some((*thread, Step { said, calls, wrote: None, synced: None, marks: Vec::new() }));
            } else if line.starts_with("done ") {
                steps.extend(step.take().map(|(_, step)| step));
            }
            continue;
        }
        let Some((writer, step)) = &mut step else { continue };
        let path = match call {
            Call::Write { file, .. }
            | Call::Truncate { file, .. }
            | Call::SyncBegins { file }
            | Call::SyncEnds { file }
            | Call::Open { file, .. } => names[file].clone(),
            _ => PathBuf::new(),
        };
        match call {
            Call::Write { .. } if is_of(&path, "log/segment-") && writer == thread => {
                (step.wrote, step.synced) = (Some(at), None);
            }
            Call::SyncEnds { file } if is_of(&path, "log/segment-") && step.wrote < Some(begun[&(*thread, *file)]) => {
                step.synced.get_or_insert(at);
            }
            Call::Write { data, .. } if is_of(&path, "log/durable") && data.len() >= 24 => {
                // After the id of the log.
                step.marks.push((at, u64::from_le_bytes(data[16..24].try_into().unwrap())));
            }
            _ => {}
        }
        if writer == thread {
            step.calls.push((call.clone(), path));
        }
    }
    steps
}

fn is_of(path: &Path, start: &str) -> bool {
    path.to_str().unwrap().starts_with(start)
}

/// A sync of the segment comes between the write of a commit and the word that it is done, and the mark moves after
/// that. The rows are written by another thread.
#[test]
fn every_durable_commit_syncs_the_log_before_the_mark_moves_and_waits_for_no_row() {
    let scratch = child::scratch();
    let run = Run { load_every: 20, ..Run::of(1, 60) };
    let calls = record(scratch.path(), &run);
    let steps = steps(&calls, &scratch.path().join("traced/plan.ri"));
    assert_eq!(steps.len(), 60);
    let mut marked = 0;
    for step in &steps {
        let Step { said, calls, wrote, synced, marks } = step;
        assert!(wrote.is_some(), "{said} wrote nothing into the log");
        // By whichever thread: that of the checkpoint may be first.
        assert!(synced > wrote, "{said} came before the sync of what was written for it: {calls:?}");
        let revision = marks.iter().map(|(_, revision)| *revision).max().unwrap_or_default();
        assert!(revision > marked, "{said} came before the mark: {calls:?}");
        let first = marks.iter().find(|(_, mark)| *mark == revision).map(|(at, _)| *at);
        assert!(first > *synced, "{said}: the mark moves before the sync ends: {step:?}");
        marked = revision;
        let is_there = |is: &dyn Fn(&Call, &Path) -> bool| calls.iter().any(|(call, path)| is(call, path));
        assert!(!is_there(&|_, path| is_of(path, "rows")), "{said} touched the rows");
        // A synced mark would double the cost of a commit.
        assert!(!is_there(&|call, path| matches!(call, Call::SyncBegins { .. }) && is_of(path, "log/durable")));
    }
    assert_eq!(marked, 60 + 60 / run.load_every);
}

/// A lazy commit is one write, and no sync but for the file of a new segment.
#[test]
fn a_lazy_commit_syncs_nothing() {
    let scratch = child::scratch();
    let run = Run { lazy: true, load_every: 1_000, ..Run::of(1, 30) };
    let calls = record(scratch.path(), &run);
    for Step { said, calls, .. } in steps(&calls, &scratch.path().join("traced/plan.ri")).iter().skip(1) {
        let count = |is: fn(&Call) -> bool| calls.iter().filter(|(call, _)| is(call)).count();
        let writes = count(|call| matches!(call, Call::Write { .. }));
        let syncs = count(|call| matches!(call, Call::SyncBegins { .. }));
        assert_eq!((writes, syncs), (1, 0), "{said}: {calls:?}");
    }
}

/// At its creation every name is synced, too: of the format, the files of the log, the directory and the one above.
#[test]
fn a_new_index_is_durable_with_all_its_names_when_it_is_opened() {
    let scratch = child::scratch();
    let calls = record(scratch.path(), &Run::of(1, 1));
    let root = scratch.path().join("traced");
    let parent = |path: &Path| path.parent().unwrap().to_owned();
    // The locks and the checkpoint may be lost.
    let may_be_lost = |path: &Path| path.ends_with("LOCK") || path.ends_with("rows.lock") || path.ends_with("rows");
    let mut names: HashMap<u64, PathBuf> = HashMap::new();
    let mut known: HashSet<PathBuf> = HashSet::from([root.clone()]);
    // Files, and directories whose names changed, since their last sync.
    let mut unsynced: HashSet<PathBuf> = HashSet::new();
    for Record { call, .. } in &calls {
        match call {
            Call::Open { file, path, .. } => {
                let path: PathBuf = path.components().collect();
                if known.insert(path.clone()) && !may_be_lost(&path) {
                    unsynced.insert(parent(&path));
                }
                names.insert(*file, path);
            }
            Call::MakeDirectory { path } => {
                known.insert(path.clone());
                unsynced.extend((!may_be_lost(path)).then(|| parent(path)));
            }
            Call::Write { file, .. } => drop(unsynced.insert(names[file].clone())),
            Call::Rename { from, to } => {
                known.insert(to.clone());
                names.values_mut().filter(|path| *path == from).for_each(|path| to.clone_into(path));
                if unsynced.remove(from) {
                    unsynced.insert(to.clone());
                }
                unsynced.insert(parent(to));
            }
            Call::SyncEnds { file } => drop(unsynced.remove(&names[file])),
            Call::Said(line) if line == "opened" => break,
            _ => {}
        }
    }
    unsynced.retain(|path| !path.starts_with(root.join("plan.ri/rows")));
    assert!(unsynced.is_empty(), "{unsynced:?}");
    for name in ["plan.ri", "plan.ri/FORMAT", "plan.ri/log", "plan.ri/log/id", "plan.ri/log/durable"] {
        assert!(known.contains(&root.join(name)), "there is no {name}: {known:?}");
    }
}

#[test]
#[ignore = "prints a trace to look at"]
fn print_trace() {
    let scratch = child::scratch();
    for (at, Record { thread, call }) in record(scratch.path(), &Run::of(1, 3)).iter().enumerate() {
        let text = format!("{call:?}");
        println!("{at} {thread} {}", text.chars().take(160).collect::<String>());
    }
}
