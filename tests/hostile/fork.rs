//! A process that forks while an index is open, or after one was. The shim forks, since the standard library can't.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use responsibility_index::error::LogError;
use responsibility_index::{Error, Index};

use crate::child::{Writing, options, say, typed};
use crate::environment::{Extent, Home, Skipped, Tally, filled, quick};
use crate::process::{DEADLINE, Effect, Job};
use crate::steps::{self, Size};

/// The name by which the shim is asked to fork.
const FORK: &str = "/shim/fork";
/// What the process has before it forks.
const OPEN: u64 = 0;
const CLOSED: u64 = 1;
const NOTHING: u64 = 2;

/// Forks; true in the child.
fn fork() -> bool {
    let parent = std::process::id();
    fs::remove_dir(FORK).expect("the shim forks");
    std::process::id() != parent
}

/// The process that forks. Its child uses the index that its parent opened, or another one.
pub(crate) fn child(path: &Path, has: u64) -> Result<(), String> {
    let (done, other) = (path.with_file_name("done"), path.with_file_name("other.ri"));
    let failed = |error: Error| error.to_string();
    let mut index = if has == NOTHING { None } else { Some(options().open(path).map_err(failed)?) };
    if let Some(index) = &index {
        Writing::new(15).commit_all(index)?;
        index.checkpoint().map_err(failed)?;
    }
    if has == CLOSED {
        index = None;
    }
    if fork() {
        let lived = match index {
            Some(index) => inherited(index, path),
            None => elsewhere(&other),
        };
        let text = lived.map_or_else(|why| format!("failed: {why}"), |()| "lived".to_owned());
        // Complete when it has its name.
        let unfinished = done.with_extension("new");
        let told = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, &done));
        std::process::exit(i32::from(told.is_err()));
    }
    let began = Instant::now();
    while !done.exists() {
        if began.elapsed() > DEADLINE {
            return Err("the child of the fork did not end in time".to_owned());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let told = fs::read_to_string(&done).map_err(|error| error.to_string())?;
    say(&format!("the child of the fork ended after {:.1} s", began.elapsed().as_secs_f64()));
    if told != "lived" {
        return Err(format!("the child of the fork {told}"));
    }
    // The parent is whole.
    let index = index.map_or_else(|| options().open(path), Ok).map_err(failed)?;
    Writing::new(15).commit_all(&index)?;
    index.checkpoint().map_err(failed)?;
    steps::verify(&index, false).map_err(|trouble| trouble.to_string())
}

/// The child with the handle of its parent: it reads, and its commits are refused.
fn inherited(index: Index, path: &Path) -> Result<(), String> {
    let at = index.revision();
    steps::check_view(&index, at..=at, Size::SMALL).map_err(|trouble| format!("reads otherwise: {trouble}"))?;
    let refused = |what: &str, result: Result<(), Error>| match result {
        Err(Error::Log(LogError::OtherProcess { .. })) => Ok(()),
        other => Err(format!("{what} through a handle of the parent: {other:?}")),
    };
    refused("commits", index.assign("task/1", ["A"]).map(drop))?;
    refused("loads", index.bulk_load().commit().map(drop))?;
    refused("trims", index.trim(at))?;
    refused("syncs", index.flush())?;
    refused("writes a checkpoint", index.checkpoint())?;
    drop(index);
    // It is another process, which may open the index as any other: its parent keeps the rows.
    let index = options().open(path).map_err(|error| format!("can't open what its parent has open: {error}"))?;
    let following = index.following().map_err(|error| error.to_string())?;
    if following.revision >= at && !following.is_owner {
        Ok(())
    } else {
        Err(format!("opens otherwise: {following:?}"))
    }
}

/// The child with an index that nobody else has.
fn elsewhere(other: &Path) -> Result<(), String> {
    let index = match options().open(other) {
        Ok(index) => index,
        Err(error) => return typed("open in a child of a fork", &error),
    };
    Writing::new(15).commit_all(&index)?;
    steps::check_view(&index, 15..=15, Size::SMALL).map_err(|trouble| trouble.to_string())?;
    drop(index);
    Ok(())
}

pub(crate) fn forks(extent: Extent) -> Result<Tally, Skipped> {
    let mut tally = Tally::default();
    let states: &[u64] = if extent == Extent::Full { &[OPEN, CLOSED, NOTHING] } else { &[OPEN, NOTHING] };
    for has in states {
        let home = Home::new();
        let told = filled(&home.path(), 15, Size::SMALL);
        let job = Job::new("fork", &home.path()).number(*has).under_shim();
        let ended = job.within(2 * DEADLINE).start().knowing(&told).end();
        assert_eq!(ended.effect(false), Ok(Effect::None), "{ended:?}");
        let other = home.directory().join("other.ri");
        if *has != OPEN {
            let ended = Job::new("check", &other).number(15).number(15).size(Size::SMALL).run();
            assert_eq!(ended.effect(false), Ok(Effect::None), "{ended:?}");
            tally.count(Effect::None);
        }
        if let Some(note) = ended.told.lines.iter().find(|line| line.starts_with("the child of")) {
            tally.note(note.clone());
        }
        tally.take("a fork", &ended, false, &home.path(), Size::SMALL);
    }
    Ok(tally)
}

#[test]
fn a_child_of_a_fork_reads_on_and_is_refused_every_write() {
    quick(forks);
}
