//! Events of the crate `log`: they come, and none above the level debug has a key or a name.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::sync::Mutex;

use log::{Level, LevelFilter, Log, Metadata, Record};
use responsibility_index::import::Import;
use responsibility_index::table::Rows;
use responsibility_index::{Index, OpenOptions};

struct Kept(Mutex<Vec<(Level, String)>>);

impl Log for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.target().starts_with("responsibility_index") {
            self.0.lock().unwrap().push((record.level(), record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

static KEPT: Kept = Kept(Mutex::new(Vec::new()));

#[test]
fn events_come_and_none_above_debug_has_a_key_or_a_name() {
    log::set_logger(&KEPT).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("one.ri");
    let index = Index::open(&path).unwrap();
    let rows = Rows::read("Task,Owner\nzebra,Xylophone\n").unwrap();
    Import::new(&index, &rows, "quagga").commit().unwrap();
    index.checkpoint().unwrap();
    drop(index);
    drop(OpenOptions::new().repair(&path).unwrap());

    let events = KEPT.0.lock().unwrap().clone();
    let has = |level: Level, start: &str| events.iter().any(|(of, text)| *of == level && text.starts_with(start));
    assert!(has(Level::Info, "an index was opened: revision 0, 0 tasks, 0 units"), "{events:?}");
    assert!(has(Level::Info, "an index was opened: revision 1, 1 tasks, 1 units"), "{events:?}");
    assert!(has(Level::Info, "a document was imported: 1 tasks, 1 added, 0 refused"), "{events:?}");
    assert!(has(Level::Debug, "a checkpoint of revision 1 was written"), "{events:?}");
    assert!(has(Level::Info, "an index was repaired: 0 findings mended, 0 left"), "{events:?}");
    for (level, text) in events.iter().filter(|(level, _)| *level < Level::Debug) {
        assert!(!["zebra", "Xylophone", "quagga"].iter().any(|word| text.contains(word)), "{level}: {text}");
    }
}
