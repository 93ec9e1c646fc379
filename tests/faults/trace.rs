//! What a process asked of the system, as the shim wrote it down; and that each durable commit ends with a sync.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::child::{self, Job};

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
    Sync {
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

pub(crate) fn read(trace: &Path) -> Vec<Call> {
    let bytes = fs::read(trace).unwrap();
    let mut rest = bytes.as_slice();
    let mut calls = Vec::new();
    let mut said = String::new();
    while let Some((kind, after)) = rest.split_first() {
        let number = |at: usize| u64::from_le_bytes(after[at..at + 8].try_into().unwrap());
        let (a, b) = (number(0), number(8));
        let len = u32::from_le_bytes(after[16..20].try_into().unwrap()) as usize;
        let data = &after[20..20 + len];
        rest = &after[20 + len..];
        let path = |bytes: &[u8]| PathBuf::from(String::from_utf8(bytes.to_vec()).unwrap());
        calls.push(match kind {
            b'O' => Call::Open { file: a, path: path(data), truncated: b & O_TRUNC != 0 },
            b'W' => Call::Write { file: a, at: b, data: data.to_vec() },
            b'T' => Call::Truncate { file: a, len: b },
            b'S' => Call::Sync { file: a },
            b'R' => {
                let (from, to) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap());
                Call::Rename { from: path(from), to: path(&to[1..]) }
            }
            b'U' => Call::Unlink { path: path(data) },
            b'M' => Call::MakeDirectory { path: path(data) },
            b'A' => {
                said.push_str(std::str::from_utf8(data).unwrap());
                while let Some((line, more)) = said.clone().split_once('\n') {
                    calls.push(Call::Said(line.to_owned()));
                    said = more.to_owned();
                }
                continue;
            }
            other => panic!("{other} in a trace"),
        });
    }
    calls
}

/// Runs writers under the shim and returns what they asked of the system.
pub(crate) fn record(scratch: &Path, writers: u64, most: u64) -> Vec<Call> {
    let (root, trace) = (scratch.join("traced"), scratch.join("trace"));
    fs::create_dir(&root).unwrap();
    let job = Job::new("write", &root.join("plan.ri")).numbers(&[writers, most, 0]);
    let ended = job.under_shim(&root).traced(&trace).run();
    assert!(ended.is_ok(), "{}", ended.why());
    read(&trace)
}

/// Between the writes of a commit to the engine's file and the word that it is done stands a sync of that file. The
/// engine's own `sync_file_range` is none.
#[test]
fn every_durable_commit_syncs_the_engines_file_before_it_returns() {
    let scratch = child::scratch();
    let calls = record(scratch.path(), 1, 60);
    let mut names = HashMap::new();
    let (mut unsynced, mut wrote_since, mut acknowledged, mut syncs) = (0, 0, 0, 0);
    for call in &calls {
        let is_db = |file: &u64| names.get(file).is_some_and(|path: &PathBuf| path.ends_with("rows/db"));
        match call {
            Call::Open { file, path, .. } => drop(names.insert(*file, path.clone())),
            Call::Write { file, .. } | Call::Truncate { file, .. } if is_db(file) => {
                unsynced += 1;
                wrote_since += 1;
            }
            Call::Sync { file } if is_db(file) => {
                unsynced = 0;
                syncs += 1;
            }
            Call::Said(line) if line.starts_with("ack") => {
                assert_eq!(unsynced, 0, "{line} came before the sync of what was written for it");
                assert!(wrote_since > 0, "{line} came without a write");
                (wrote_since, acknowledged) = (0, acknowledged + 1);
            }
            _ => {}
        }
    }
    assert!(acknowledged == 60 && syncs >= acknowledged, "{acknowledged} acknowledged, {syncs} syncs");
}

/// At its creation every name is synced, too: of the settings, the engine's file, the directory and the one above.
#[test]
fn a_new_index_is_durable_with_all_its_names_when_it_is_opened() {
    let scratch = child::scratch();
    let calls = record(scratch.path(), 1, 1);
    let mut names = HashMap::new();
    let mut synced = Vec::new();
    for call in &calls {
        match call {
            Call::Open { file, path, .. } => drop(names.insert(*file, path.clone())),
            Call::Sync { file } => synced.push(names[file].clone()),
            Call::Said(line) if line == "opened" => break,
            _ => {}
        }
    }
    let root = scratch.path().join("traced");
    for name in ["", "plan.ri", "plan.ri/DURABLE", "plan.ri/rows", "plan.ri/rows/db", "plan.ri/rows/conf"] {
        assert!(
            synced.contains(&root.join(name)) || synced.contains(&root.join(format!("{name}/"))),
            "{name}: {synced:?}"
        );
    }
}

#[test]
#[ignore = "prints a trace to look at"]
fn print_trace() {
    let scratch = child::scratch();
    for (at, call) in record(scratch.path(), 1, 3).iter().enumerate() {
        let text = format!("{call:?}");
        println!("{at} {}", text.chars().take(160).collect::<String>());
    }
}
