//! Devices that fail: each call in turn gets no space, an error, a short write, or a device that may only be read.
//! Errors are typed, nothing panics, reads go on, and everything acknowledged is there when the device is mended.
//! Where only the rows fail, no commit does.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use responsibility_index::verify::Rule;
use responsibility_index::{EngineError, Error, Index};

use crate::child::{self, Job};
use crate::model;
use crate::random::seed;
use crate::work::{self, Run, Told};

const KINDS: [&str; 6] = ["full", "eio", "dead", "short", "short-full", "readonly"];
/// Of further segments, bases and entries of many frames, too.
const RUN: Run = Run { load_every: 19, fill: 3, large: 1, segment: 60, ..Run::of(1, 60) };
/// Kinds of files, and at how many of the first calls on them the device fails.
const FILES: [(&str, u64); 9] = [
    ("log/segment-", 30),
    // A segment or base before it has its name.
    ("log/spare-", 40),
    ("log/base-", 10),
    ("log/durable", 20),
    ("log/lock", 20),
    ("log/id", 4),
    ("FORMAT", 4),
    ("LOCK", 4),
    ("rows.lock", 4),
];
const ROWS: &str = "rows/";
/// Runs at once: they mostly wait.
const AT_ONCE: usize = 3;
/// Of the numbers of a child: whether files can be read all the time, and whether only the rows fail.
const READS_GO_ON: u64 = 1;
const ROWS_ONLY: u64 = 2;

/// Writes under the shim until it fails, and looks at what an index does then.
pub(crate) fn child(path: &Path, steps: u64, flags: u64) -> Result<(), String> {
    println!("ack 0 0");
    RUN.set_segment_bytes();
    let (reads_go_on, rows_only) = (flags & READS_GO_ON != 0, flags & ROWS_ONLY != 0);
    let index = match work::options().open(path) {
        Ok(index) => index,
        Err(error) if rows_only => return Err(format!("rows that fail prevent an opening: {error}")),
        Err(error) => return typed(&error, "open"),
    };
    // Whoever asks for a checkpoint waits some seconds for an engine that hangs, each time.
    let mut engine_hangs = false;
    for n in 1..=steps {
        println!("try 0 {n}");
        let load = if n.is_multiple_of(RUN.load_every) { work::load(&index, &RUN, n) } else { Ok(()) };
        match load.and_then(|()| work::step(&index, &RUN, 0, n)) {
            Ok(()) => println!("ack 0 {n}"),
            Err(error) if rows_only => return Err(format!("rows that fail prevent step {n}: {error}")),
            Err(error) => {
                typed(&error, "write")?;
                let unknown = matches!(error, Error::Engine(EngineError::Unknown { .. }));
                return after_failure(&index, n, path, reads_go_on, unknown);
            }
        }
        let asked = Instant::now();
        if n % 11 == 0
            && !engine_hangs
            && let Err(error) = index.checkpoint()
        {
            typed(&error, "checkpoint")?;
            engine_hangs = asked.elapsed() > Duration::from_secs(5);
        }
        if n % 25 == 0
            && let Err(error) = index.trim(n - 5)
        {
            typed(&error, "trim")?;
            // A trim that fails may have left the log in doubt: then it takes no more.
            if !rows_only && index.assign(work::MORE, work::digits(n)).is_err() {
                return reads(&index, path, reads_go_on, n);
            }
            index.remove(work::MORE).map_err(|error| error.to_string())?;
        }
    }
    reads(&index, path, reads_go_on, steps)
}

fn typed(error: &Error, doing: &str) -> Result<(), String> {
    match error {
        Error::Open(_) | Error::Engine(_) | Error::Corrupt(_) | Error::Log(_) => {
            println!("said while it was to {doing}: {error}");
            Ok(())
        }
        other => Err(format!("no error of the device: {other:?}")),
    }
}

/// The view is as it was, and nothing more is written unless the failure left nothing in doubt.
fn after_failure(index: &Index, n: u64, path: &Path, reads_go_on: bool, unknown: bool) -> Result<(), String> {
    model::check_view(&index.view(), &RUN, &vec![(n - 1, n - 1)], reads_go_on)?;
    reads(index, path, reads_go_on, if unknown { n } else { n - 1 })?;
    let before = index.revision();
    let again = index.assign(work::MORE, work::digits(n));
    match again {
        Err(Error::Engine(EngineError::Stopped { .. })) if index.revision() == before => Ok(()),
        Ok(_) if index.revision() == before + 1 => match index.remove(work::MORE) {
            // It is said to have failed, or it is done.
            Ok(_) | Err(Error::Engine(_) | Error::Log(_)) => Ok(()),
            Err(other) => Err(format!("no error of the device: {other:?}")),
        },
        Err(other) => typed(&other, "write again"),
        Ok(_) => Err("a commit took no revision".to_owned()),
    }
}

/// Everything that reads: view, details, export, a backup to another device, a verification. The log may have a step of
/// which the view does not know: it is said to be unknown whether it is durable.
fn reads(index: &Index, path: &Path, reads_go_on: bool, most: u64) -> Result<(), String> {
    let made = model::steps(&index.view(), 0)?;
    let of = |what: &'static str, done: Result<(), Error>| match done {
        Err(error) if reads_go_on => Err(format!("after a failed write {what} fails: {error}")),
        Err(error) => typed(&error, what),
        Ok(()) => Ok(()),
    };
    for key in ["steps", "a/1", "b/2", "a/3"] {
        of("details", index.view().details(&format!("w0/{key}")).map(drop))?;
    }
    if reads_go_on {
        model::check_view(&index.view(), &RUN, &vec![(made, made)], true)?;
    }
    of("an export", index.export_jsonl(&mut Vec::new()).map(drop))?;
    let elsewhere = path.parent().and_then(Path::parent).unwrap().join("elsewhere");
    let backup = index.backup(&elsewhere).map(drop);
    if backup.is_ok() {
        // The engine of the rows shares its threads among all indexes of a process, and they may hang.
        let copy = work::options().read_only(true).open(&elsewhere);
        let copy = copy.map_err(|error| format!("the backup: {error}"))?;
        model::check(&copy, &RUN, &vec![(made, most)]).map_err(|why| format!("the backup: {why}"))?;
    }
    of("a backup", backup)?;
    let verified = index.verify();
    let finding =
        verified.as_ref().ok().and_then(|found| found.iter().find(|found| found.rule != Rule::RowsAreReadable));
    if let Some(finding) = finding.filter(|_| reads_go_on) {
        return Err(format!("after a failed write: {finding}"));
    }
    of("a verification", verified.map(drop))
}

/// One run under the shim: the kind of fault, at which call, and on which files; on all if the text is empty.
type Fault = (&'static str, u64, &'static str);

#[derive(Debug, Default)]
struct Counts {
    runs: u32,
    /// Runs in which an error was returned.
    said: u32,
}

fn fail_calls(faults: impl Iterator<Item = Fault>) -> Counts {
    let faults = Mutex::new(faults.collect::<Vec<_>>().into_iter());
    let counts = Mutex::new((Counts::default(), Vec::new()));
    let work = || {
        while let Some(fault) = { faults.lock().unwrap().next() } {
            let done = fail_call(fault);
            let (counts, failures) = &mut *counts.lock().unwrap();
            counts.runs += 1;
            match done {
                Ok(said) => counts.said += u32::from(said),
                Err(why) => failures.push(format!("{fault:?}: {why}")),
            }
        }
    };
    std::thread::scope(|threads| (0..AT_ONCE).for_each(|_| drop(threads.spawn(work))));
    let (counts, failures) = counts.into_inner().unwrap();
    assert!(failures.is_empty(), "seed {}: {failures:#?}", seed());
    counts
}

/// Returns whether the child said an error.
fn fail_call((kind, n, files): Fault) -> Result<bool, String> {
    let scratch = child::scratch();
    let root = scratch.path().join("device");
    std::fs::create_dir(&root).unwrap();
    let path = root.join("plan.ri");
    let rows_only = files == ROWS;
    let reads_go_on = !["eio", "dead"].contains(&kind) || rows_only;
    let flags = READS_GO_ON * u64::from(reads_go_on) + ROWS_ONLY * u64::from(rows_only);
    let job = Job::new("device", &path).numbers(&[RUN.steps, flags]);
    let job = job.under_shim(&root).with_fault(format!("{kind}:{n}"));
    let job = if files.is_empty() { job } else { job.only_below(&path.join(files)) };
    let ended = job.run_within(2 * child::DEADLINE);
    if !ended.is_ok() {
        return Err(ended.why());
    }
    let mut told = Told::default();
    ended.out.lines().for_each(|line| told.take(line));
    child::check_apart(&path, &RUN, &told.after_power_failure(&RUN)).map_err(|why| format!("mended: {why}"))?;
    Ok(ended.out.contains("said while"))
}

#[test]
fn a_failing_device_is_an_error_and_loses_nothing_acknowledged() {
    let counts = fail_calls((0..24).map(|n| (KINDS[n % KINDS.len()], 1 + n as u64 * 17, "")));
    assert!(counts.said > counts.runs / 2, "{counts:?}");
}

#[test]
fn a_file_of_the_log_that_fails_is_an_error_and_loses_nothing_acknowledged() {
    let some = (0..18).map(|n| (KINDS[n % KINDS.len()], 1 + n as u64 / 3, FILES[n % FILES.len()].0));
    let counts = fail_calls(some);
    assert!(counts.said > counts.runs / 3, "{counts:?}");
}

#[test]
fn rows_that_fail_prevent_no_opening_and_no_commit() {
    let counts = fail_calls((0..12).map(|n| (KINDS[n % KINDS.len()], 1 + n as u64 * 7, ROWS)));
    assert!(counts.said > 0);
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_device() {
    let mut runs = 0;
    for (files, most) in [("", 310), (ROWS, 60)].into_iter().chain(FILES) {
        for kind in KINDS {
            let counts = fail_calls((1..=most).map(|n| (kind, n, files)));
            println!("{kind} on {files:?}: {counts:?}");
            runs += counts.runs;
        }
    }
    println!("all: {runs} runs");
    assert!(runs >= 3_000);
}
