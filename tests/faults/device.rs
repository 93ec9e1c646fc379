//! Devices that fail: each call in turn gets no space, an error, a short write, or a device that may only be read.
//! Errors are typed, nothing panics, reads go on, and everything acknowledged is there when the device is mended.

use std::path::Path;

use responsibility_index::{EngineError, Error, Index};

use crate::child::{self, Job};
use crate::random::seed;
use crate::work::{self, Acknowledged};

const KINDS: [&str; 6] = ["full", "eio", "dead", "short", "short-full", "readonly"];

/// Writes under the shim until it fails, and looks at what an index does then.
pub(crate) fn child(path: &Path, most: u64) -> Result<(), String> {
    println!("ack 0 0");
    let index = match work::options().open(path) {
        Ok(index) => index,
        Err(error) => return typed(&error, "open"),
    };
    for n in 1..=most {
        match work::step(&index, 0, n) {
            Ok(()) => println!("ack 0 {n}"),
            Err(error) => {
                typed(&error, "write")?;
                return after_failure(&index, n);
            }
        }
        if n % 11 == 0
            && let Err(error) = index.checkpoint()
        {
            typed(&error, "checkpoint")?;
            return after_failure(&index, n + 1);
        }
    }
    Ok(())
}

fn typed(error: &Error, doing: &str) -> Result<(), String> {
    match error {
        Error::Open(_) | Error::Engine(_) | Error::Corrupt(_) => {
            println!("said while it was to {doing}: {error}");
            Ok(())
        }
        other => Err(format!("no error of the device: {other:?}")),
    }
}

/// The view is as it was, and nothing more is written unless the failure left nothing in doubt.
fn after_failure(index: &Index, n: u64) -> Result<(), String> {
    let made = work::steps(index, 0)?;
    if made + 1 != n {
        return Err(format!("the view has {made} steps after step {n} failed"));
    }
    work::check_view(index, &vec![made], 0)?;
    let before = index.revision();
    let again = index.assign("more", work::digits(n));
    match again {
        Err(Error::Engine(EngineError::Stopped { .. })) if index.revision() == before => Ok(()),
        Ok(_) if index.revision() == before + 1 => Ok(()),
        Err(other) => typed(&other, "write again"),
        Ok(_) => Err("a commit took no revision".to_owned()),
    }
}

fn fail_calls(runs: impl Iterator<Item = (&'static str, u64)>) -> (u32, u32) {
    let (mut count, mut failed) = (0, 0);
    for (kind, n) in runs {
        let scratch = child::scratch();
        let path = scratch.path().join("plan.ri");
        let fault = format!("{kind}:{n}");
        let ended = Job::new("device", &path).number(120).under_shim(scratch.path()).with_fault(fault).run();
        let blame = |why: String| panic!("seed {}, {kind} at call {n}: {why}", seed());
        if !ended.is_ok() {
            blame(ended.why());
        }
        let mut acknowledged = Acknowledged::new();
        ended.out.lines().for_each(|line| work::acknowledge(&mut acknowledged, line));
        child::check_apart(&path, &acknowledged, 1).unwrap_or_else(blame);
        count += 1;
        failed += u32::from(ended.out.contains("said while"));
    }
    (count, failed)
}

#[test]
fn a_failing_device_is_an_error_and_loses_nothing_acknowledged() {
    let some = (0..24).map(|n| (KINDS[n % KINDS.len()], 1 + n as u64 * 17));
    let (runs, failed) = fail_calls(some);
    assert!(failed > runs / 2, "{failed} of {runs} runs met their fault");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_device() {
    for kind in KINDS {
        let (runs, failed) = fail_calls((1..=500).map(|n| (kind, n)));
        println!("{kind}: {runs} runs, {failed} met their fault and said so");
    }
}
