//! Threads whose iterators, writers and readers panic in the middle. Nothing is half done, and the index goes on.

use std::io::{self, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::common::Numbers;
use crate::run::Run;
use crate::writers::commit_inside;

/// Panics without a message on standard error.
pub(crate) fn panic_as_meant() -> ! {
    resume_unwind(Box::new("as meant"))
}

/// Whether `act` panicked as meant.
pub(crate) fn panics_as_meant(act: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(()) => false,
        Err(payload) if payload.downcast_ref() == Some(&"as meant") => true,
        Err(other) => resume_unwind(other),
    }
}

/// Names of units, and then a panic.
pub(crate) fn units_then_panic(units: usize) -> impl Iterator<Item = String> {
    (0..units + 1).map(move |n| if n < units { format!("never{n}") } else { panic_as_meant() })
}

/// Takes so many writes, and then panics.
pub(crate) struct PanicsAfter(pub(crate) usize);

impl Write for PanicsAfter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(1) {
            Some(left) => self.0 = left,
            None => panic_as_meant(),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines of an import, and then a panic.
pub(crate) struct LinesThenPanic(pub(crate) &'static [u8]);

impl Read for LinesThenPanic {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { panic_as_meant() } else { self.0.read(bytes) }
    }
}

pub(crate) const LINES: &[u8] = b"{\"format\":\"responsibility-index\",\"version\":1}\n\
    {\"unit\":\"never\",\"kind\":\"body\"}\n{\"task\":\"never/1\",\"lead\":\"never\",\"supporting\":[]}\n";

pub(crate) fn panics(run: &Run, thread: usize, numbers: &mut Numbers) {
    let index = &run.index;
    let units = numbers.below(4);
    let panicked = match numbers.below(6) {
        0 => panics_as_meant(|| drop(index.assign("never/1", units_then_panic(units)))),
        1 => {
            let (batch, copy) = (index.batch(), index.batch());
            let panicked = panics_as_meant(|| drop(batch.assign("never/1", units_then_panic(units)).commit()));
            assert!(copy.is_empty());
            panicked
        }
        2 => {
            let mut load = index.bulk_load();
            load.add("never/2", ["never"]).unwrap();
            panics_as_meant(|| drop(load.add("never/1", units_then_panic(units))))
        }
        3 => panics_as_meant(|| drop(index.export_jsonl(&mut PanicsAfter(numbers.below(50))))),
        4 => panics_as_meant(|| drop(index.import_jsonl(&mut BufReader::with_capacity(60, LinesThenPanic(LINES))))),
        _ => panics_as_meant(|| drop(index.assign_if("never/1", None, units_then_panic(units)))),
    };
    assert!(panicked);
    assert!(index.view().unit("never").is_err() && index.view().unit("never0").is_err());
    commit_inside(run, thread);
}
