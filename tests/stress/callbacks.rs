//! Each callback by itself: what a caller's iterator, reader or writer may do to the index that called it, and what is
//! left when it panics.

use std::io::{self, BufReader, Read, Write};
use std::time::Duration;

use responsibility_index::{Index, OpenOptions, Result};

use crate::common::Home;
use crate::panics::{LINES, LinesThenPanic, PanicsAfter, panics_as_meant, units_then_panic};
use crate::run::in_time;
use crate::world::exported;

/// Runs a test on an index in memory and on one on disk, which is opened again at the end and is as it was.
fn on_each_home(test: impl Fn(&Index)) {
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        index.assign("t/1", ["A", "B"]).unwrap();
        in_time(Duration::from_secs(60), &|| "a callback waits for its own caller".to_owned(), || test(&index));
        assert_eq!(index.verify().unwrap(), []);
        let (revision, lines) = (index.revision(), exported(&index));
        drop(index);
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!((index.revision(), exported(&index)), (revision, lines));
    }
}

#[test]
fn an_iterator_that_panics_leaves_nothing_of_its_call_and_all_others_go_on() {
    on_each_home(|index| {
        let before = exported(index);
        for units in 0..3 {
            assert!(panics_as_meant(|| drop(index.assign("t/1", units_then_panic(units)))));
            assert!(panics_as_meant(|| drop(index.assign_if("t/2", None, units_then_panic(units)))));
        }
        assert_eq!((index.revision(), exported(index)), (1, before));
        index.assign("t/2", ["A"]).unwrap();
        assert_eq!(index.revision(), 2);
    });
}

#[test]
fn a_batch_is_as_it_was_before_the_edit_whose_iterator_panicked() {
    on_each_home(|index| {
        let before = index.batch().assign("t/2", ["B"]);
        let batch = before.clone();
        assert!(panics_as_meant(|| drop(batch.assign("t/3", units_then_panic(1)))));
        let batch = before.set_lead("t/2", "C", None);
        assert_eq!(batch.len(), 2);
        batch.commit().unwrap();
        assert_eq!((index.lead("t/2").as_deref(), index.lead("t/3")), (Some("C"), None));
        assert!(index.view().unit("never0").is_err());
    });
}

#[test]
fn a_load_goes_on_without_the_task_whose_iterator_panicked() {
    on_each_home(|index| {
        let mut load = index.bulk_load();
        load.add("t/2", ["A", "New"]).unwrap();
        for units in 0..3 {
            assert!(panics_as_meant(|| drop(load.add("t/3", units_then_panic(units)))));
        }
        load.add("t/4", ["New", "A"]).unwrap();
        assert_eq!(load.commit().unwrap().tasks, 2);
        let view = index.view();
        assert_eq!((view.len(), view.lead("t/3"), view.lead("t/4")), (3, None, Some("New")));
        assert!(view.unit("never0").is_err(), "a unit of the task that was not loaded");
    });
}

#[test]
fn an_import_whose_reader_panics_leaves_nothing() {
    on_each_home(|index| {
        assert!(panics_as_meant(|| drop(index.import_jsonl(&mut BufReader::with_capacity(60, LinesThenPanic(LINES))))));
        assert!(index.view().unit("never").is_err());
        index.import_jsonl(&mut &*LINES).unwrap();
        assert_eq!((index.revision(), index.lead("never/1").as_deref()), (2, Some("never")));
    });
}

#[test]
fn an_export_whose_writer_panics_disturbs_nobody() {
    on_each_home(|index| {
        for writes in 0..10 {
            assert!(panics_as_meant(|| drop(index.export_jsonl(&mut PanicsAfter(writes)))));
            index.assign("t/1", [format!("U{writes}")]).unwrap();
        }
        assert_eq!(index.revision(), 11);
    });
}

#[test]
fn iterators_may_ask_and_change_the_index_that_they_are_given_to() {
    on_each_home(|index| {
        let units = ["A", "B", "C"].into_iter().inspect(|unit| {
            assert_eq!(index.lead("t/1").as_deref(), Some("A"));
            index.assign(&format!("inside/{unit}"), [*unit]).unwrap();
            index.checkpoint().unwrap();
        });
        index.assign("t/2", units).unwrap();
        assert_eq!((index.revision(), index.supporting("t/2").len()), (5, 2));

        let mut load = index.bulk_load();
        let units = ["A", "D"].into_iter().inspect(|unit| {
            index
                .batch()
                .rename_unit("A", "Alpha")
                .commit()
                .or_else(|_| index.batch().rename_unit("Alpha", "A").commit())
                .unwrap();
            index.batch().remove(format!("inside/{unit}")).commit().unwrap();
        });
        load.add("t/3", units).unwrap();
        load.commit().unwrap();
        assert_eq!(index.lead("t/3"), Some(index.view().unit("Alpha").unwrap().name().to_owned()));
    });
}

/// Does something to the index at each call.
struct Calls<'i, I, F> {
    index: &'i Index,
    calls: usize,
    inner: I,
    act: F,
}

impl<I, F: FnMut(&Index, usize) -> Result<()>> Calls<'_, I, F> {
    fn act(&mut self) -> io::Result<()> {
        self.calls += 1;
        (self.act)(self.index, self.calls).map_err(io::Error::other)
    }
}

impl<I: Write, F: FnMut(&Index, usize) -> Result<()>> Write for Calls<'_, I, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.act()?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.act()
    }
}

impl<I: Read, F: FnMut(&Index, usize) -> Result<()>> Read for Calls<'_, I, F> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.act()?;
        self.inner.read(bytes)
    }
}

/// Everything that changes an index or waits for something.
fn change(index: &Index, call: usize) -> Result<()> {
    match call % 8 {
        0 => index.assign("t/1", [format!("U{call}")]).map(drop),
        1 => {
            let mut load = index.bulk_load();
            load.add("inside/load", [format!("U{call}")])?;
            load.commit().map(drop)
        }
        2 => index.checkpoint(),
        3 => index.trim(index.revision()),
        4 => index.verify().map(|found| assert_eq!(found, [])),
        5 => index.export_jsonl(&mut io::sink()).map(drop),
        6 => index.flush(),
        _ => index.import_jsonl(&mut &*LINES).map(drop),
    }
}

#[test]
fn a_writer_may_change_the_index_that_is_exported_to_it() {
    on_each_home(|index| {
        let mut out = Calls { index, calls: 0, inner: Vec::new(), act: change };
        let (before, revision) = (exported(index), index.revision());
        assert_eq!(index.export_jsonl(&mut out).unwrap(), revision);
        assert!(out.calls > 20 && index.revision() > revision);
        assert!(out.inner == before, "the export is of the view with which it began");
    });
}

#[test]
fn a_reader_may_change_the_index_that_imports_from_it() {
    on_each_home(|index| {
        let inner: &[u8] = b"{\"format\":\"responsibility-index\",\"version\":1}\n\
            {\"task\":\"t/1\",\"lead\":\"Imported\",\"supporting\":[\"A\"]}\n";
        // A byte at a time.
        let lines = Calls { index, calls: 0, inner, act: change };
        let loaded = index.import_jsonl(&mut BufReader::with_capacity(1, lines)).unwrap();
        assert_eq!((loaded.tasks, loaded.revision), (1, index.revision()));
        assert_eq!(index.lead("t/1").as_deref(), Some("Imported"));
    });
}
