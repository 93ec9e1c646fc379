//! The promises of [`Store`], one list, kept by every engine. A third engine is one more line in [`engines`].

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::{Changes, Fault, MemoryStore, RowsPlace, SledStore, Store, failed};
use crate::model::{EngineError, Error};

/// Takes the open store, and returns the one that another process would open in its place.
type Again = Box<dyn Fn(Box<dyn Store>) -> Box<dyn Store>>;

struct Engine {
    name: &'static str,
    open: Option<Box<dyn Store>>,
    reopen: Again,
    /// Loses what was not synced, where the engine can be made to.
    lose_power: Option<Again>,
}

impl Engine {
    fn store(&self) -> &dyn Store {
        &**self.open.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        self.open = self.open.take().map(&self.reopen);
    }
}

fn engines() -> [Engine; 2] {
    [memory(), sled()]
}

fn memory() -> Engine {
    let kept = MemoryStore::default();
    let (again, dark) = (kept.clone(), kept.clone());
    Engine {
        name: "memory",
        open: Some(Box::new(kept)),
        reopen: Box::new(move |_| Box::new(again.clone())),
        lose_power: Some(Box::new(move |_| {
            dark.lose_power();
            Box::new(dark.clone())
        })),
    }
}

fn place_in(directory: &Path) -> RowsPlace {
    let at = directory.join("lock");
    let lock = (at.clone(), File::create(at).unwrap());
    RowsPlace::new(directory.join("rows"), directory.join("aside"), lock)
}

fn sled() -> Engine {
    let directory = tempfile::tempdir().unwrap();
    let open = move || Box::new(SledStore::open(Arc::new(place_in(directory.path())), "table").unwrap());
    Engine {
        name: "sled",
        open: Some(open()),
        reopen: Box::new(move |before| {
            drop(before);
            open()
        }),
        lose_power: None,
    }
}

fn each_engine(mut promise: impl FnMut(&mut Engine)) {
    for mut engine in engines() {
        println!("engine: {}", engine.name);
        promise(&mut engine);
    }
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

fn rows(rows: &[(&str, &str)]) -> Rows {
    rows.iter().map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

fn put(some: &[(&str, &str)]) -> Changes {
    Changes { put: rows(some), delete: Vec::new() }
}

fn scan(store: &dyn Store, from: &[u8], to: &[u8]) -> Rows {
    let mut rows = Vec::new();
    let each = &mut |key: &[u8], value: &[u8]| {
        rows.push((key.to_vec(), value.to_vec()));
        Ok(())
    };
    store.scan(from, to, each).unwrap();
    rows
}

fn all(store: &dyn Store) -> Rows {
    scan(store, b"", &[0xFF; 8])
}

#[test]
fn a_new_store_is_empty() {
    each_engine(|engine| assert!(all(engine.store()).is_empty()));
}

#[test]
fn a_scan_sees_at_once_what_was_written_and_replaced() {
    each_engine(|engine| {
        engine.store().write(&put(&[("b", "2"), ("a", "1")])).unwrap();
        assert_eq!(all(engine.store()), rows(&[("a", "1"), ("b", "2")]));
        engine.store().write(&put(&[("a", "")])).unwrap();
        assert_eq!(all(engine.store()), rows(&[("a", ""), ("b", "2")]), "an empty value is a value");
    });
}

#[test]
fn a_deleted_row_is_gone_and_deleting_a_missing_one_is_no_error() {
    each_engine(|engine| {
        engine.store().write(&put(&[("a", "1"), ("b", "2")])).unwrap();
        let delete = vec![b"a".to_vec(), b"never".to_vec()];
        engine.store().write(&Changes { delete, ..put(&[("c", "3")]) }).unwrap();
        assert_eq!(all(engine.store()), rows(&[("b", "2"), ("c", "3")]));
        engine.reopen();
        assert_eq!(all(engine.store()), rows(&[("b", "2"), ("c", "3")]));
    });
}

#[test]
fn no_changes_are_written_without_an_error() {
    each_engine(|engine| {
        engine.store().write(&Changes::default()).unwrap();
        assert!(all(engine.store()).is_empty());
    });
}

#[test]
fn a_scan_takes_the_first_key_leaves_the_last_and_goes_by_bytes() {
    each_engine(|engine| {
        let keys: [&[u8]; 7] = [&[0], &[0, 0], &[1], &[1, 0xFF], &[2], &[0x7F], &[0xFF, 0xFF]];
        let put = keys.iter().rev().map(|key| (key.to_vec(), key.to_vec())).collect();
        engine.store().write(&Changes { put, ..Changes::default() }).unwrap();
        let seen =
            |from: &[u8], to: &[u8]| scan(engine.store(), from, to).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(seen(&[0], &[0xFF; 3]), keys);
        assert_eq!(seen(&[0, 0], &[2]), keys[1..4]);
        assert_eq!(seen(&[0, 0, 0], &[1, 0xFF]), keys[2..3]);
        assert!(seen(&[2], &[2]).is_empty());
        assert!(seen(&[2], &[1]).is_empty(), "a range that ends before it begins is empty");
    });
}

#[test]
fn a_scan_stops_at_the_first_error_of_its_caller_and_returns_it() {
    each_engine(|engine| {
        engine.store().write(&put(&[("a", "1"), ("b", "2"), ("c", "3")])).unwrap();
        let mut seen = 0;
        let result = engine.store().scan(b"a", b"z", &mut |_, _| {
            seen += 1;
            if seen == 2 { Err(failed("test", "enough")) } else { Ok(()) }
        });
        assert_eq!(seen, 2);
        assert!(matches!(result, Err(Error::Engine(EngineError::Failed { doing: "test", .. }))), "{result:?}");
    });
}

#[test]
fn a_scan_may_ask_the_store_for_other_rows() {
    each_engine(|engine| {
        engine.store().write(&put(&[("a", "1"), ("b", "2")])).unwrap();
        let mut seen = Vec::new();
        let asked = engine.store().scan(b"a", b"z", &mut |key, _| {
            seen.extend(scan(engine.store(), key, b"z"));
            Ok(())
        });
        asked.unwrap();
        assert_eq!(seen, rows(&[("a", "1"), ("b", "2"), ("b", "2")]));
    });
}

#[test]
fn what_was_written_is_there_after_the_store_was_closed_and_opened() {
    each_engine(|engine| {
        engine.store().write(&put(&[("a", "1")])).unwrap();
        engine.store().sync().unwrap();
        engine.store().write(&put(&[("b", "2")])).unwrap();
        engine.reopen();
        assert_eq!(all(engine.store()), rows(&[("a", "1"), ("b", "2")]));
        engine.store().write(&put(&[("a", "3")])).unwrap();
        engine.reopen();
        assert_eq!(all(engine.store()), rows(&[("a", "3"), ("b", "2")]));
    });
}

#[test]
fn power_loss_takes_what_was_not_synced_and_nothing_else() {
    let mut tried = 0;
    each_engine(|engine| {
        let Some(lose_power) = engine.lose_power.take() else { return };
        engine.store().write(&put(&[("a", "1"), ("b", "1")])).unwrap();
        engine.store().sync().unwrap();
        let delete = vec![b"b".to_vec()];
        engine.store().write(&Changes { delete, ..put(&[("a", "2"), ("c", "3")]) }).unwrap();
        engine.store().write(&put(&[("a", "4")])).unwrap();
        engine.open = engine.open.take().map(&lose_power);
        assert_eq!(all(engine.store()), rows(&[("a", "1"), ("b", "1")]));
        engine.store().write(&put(&[("a", "5")])).unwrap();
        engine.store().sync().unwrap();
        engine.open = engine.open.take().map(&lose_power);
        assert_eq!(all(engine.store()), rows(&[("a", "5"), ("b", "1")]));
        tried += 1;
    });
    assert!(tried > 0, "no engine can lose power");
}

#[test]
fn rows_of_four_kibibytes_come_back_whole() {
    each_engine(|engine| {
        let value = |n: u16| [n.to_be_bytes().to_vec(), vec![n as u8; 4080]].concat();
        let put: Rows = (0..300_u16).map(|n| (n.to_be_bytes().to_vec(), value(n))).collect();
        engine.store().write(&Changes { put: put.clone(), ..Changes::default() }).unwrap();
        engine.store().sync().unwrap();
        engine.reopen();
        assert_eq!(all(engine.store()), put);
    });
}

#[test]
fn random_writes_leave_what_a_sorted_map_has() {
    each_engine(|engine| {
        let mut map: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut state = 7_u32;
        let mut random = |end: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % end
        };
        for round in 0..60_u32 {
            let mut changes = Changes::default();
            for key in 0..random(20) {
                let key = (key * 3 + random(3)).to_be_bytes()[2..].to_vec();
                if random(3) == 0 {
                    map.remove(&key);
                    changes.delete.push(key);
                } else {
                    let value = vec![round as u8; random(200) as usize];
                    map.insert(key.clone(), value.clone());
                    changes.put.push((key, value));
                }
            }
            engine.store().write(&changes).unwrap();
            if round % 20 == 19 {
                engine.store().sync().unwrap();
                engine.reopen();
            }
            assert_eq!(all(engine.store()), map.clone().into_iter().collect::<Rows>());
        }
    });
}

/// The files of one index under the FORMAT of another would be an empty checkpoint.
#[test]
fn sled_refuses_the_files_of_another_index() {
    let directory = tempfile::tempdir().unwrap();
    let open = |table| SledStore::open(Arc::new(place_in(directory.path())), table);
    let store = open("one").unwrap();
    store.write(&put(&[("a", "1")])).unwrap();
    drop(store);
    assert!(matches!(open("other"), Err(Error::Corrupt(_))));
    assert_eq!(all(&open("one").unwrap()), rows(&[("a", "1")]));
}

#[cfg(unix)]
#[test]
fn sled_does_not_call_durable_what_has_no_file_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(Arc::new(place_in(directory.path())), "table").unwrap();
    std::fs::remove_dir_all(directory.path().join("rows")).unwrap();
    store.write(&put(&[("a", "1")])).unwrap();
    assert!(matches!(store.sync(), Err(Error::Corrupt(_))));
}

#[test]
fn the_memory_store_holds_its_caller_to_the_rules() {
    let store = MemoryStore::default();
    let twice = Changes { delete: vec![b"a".to_vec()], ..put(&[("a", "1")]) };
    let large = Changes { put: vec![(vec![1; 10], vec![0; 4087])], ..Changes::default() };
    for changes in [twice, large] {
        assert!(matches!(store.write(&changes), Err(Error::Engine(EngineError::Failed { .. }))));
        assert!(store.rows().is_empty());
    }
}

#[test]
fn a_store_that_begins_again_has_no_rows_and_takes_new_ones() {
    for mut engine in engines() {
        let store = engine.open.as_mut().unwrap();
        store.write(&put(&[("a", "1"), ("b", "2")])).unwrap();
        store.begin_again().unwrap();
        assert_eq!(all(engine.store()), Rows::new(), "{}", engine.name);
        engine.store().write(&put(&[("c", "3")])).unwrap();
        engine.store().sync().unwrap();
        engine.reopen();
        assert_eq!(all(engine.store()).len(), 1, "{}", engine.name);
    }
}

/// The directory of an index was moved, and another index was put at its path.
#[cfg(unix)]
#[test]
fn rows_are_not_set_aside_at_a_path_that_is_another_index_s() {
    let scratch = tempfile::tempdir().unwrap();
    let index = scratch.path().join("index");
    let open = || {
        std::fs::create_dir(&index).unwrap();
        SledStore::open(Arc::new(place_in(&index)), "table").unwrap()
    };
    let mut first = open();
    std::fs::rename(&index, scratch.path().join("moved")).unwrap();
    let second = open();
    second.write(&put(&[("a", "1")])).unwrap();
    assert!(first.begin_again().unwrap_err().to_string().contains("was moved"));
    assert!(matches!(first.write(&put(&[("a", "2")])), Err(Error::Corrupt(_))));
    assert_eq!(all(&second).len(), 1);
    assert!(!index.join("aside").exists());
}

#[test]
fn the_memory_store_fails_once_where_it_is_told_to() {
    for (fault, written) in [(Fault::Fail(2), false), (Fault::Unknown(2), true)] {
        let store = MemoryStore::default();
        store.inject(fault);
        store.write(&put(&[("a", "1")])).unwrap();
        assert!(store.write(&put(&[("b", "2")])).is_err());
        assert_eq!(store.rows().len() == 2, written);
        store.write(&put(&[("c", "3")])).unwrap();
    }
    let mut store = MemoryStore::default();
    store.inject(Fault::Corrupt(1));
    for _ in 0..2 {
        assert!(matches!(store.write(&put(&[("a", "1")])), Err(Error::Corrupt(_))));
    }
    store.begin_again().unwrap();
    store.write(&put(&[("a", "1")])).unwrap();
    let store = MemoryStore::default();
    store.inject(Fault::FailSync(1));
    store.write(&put(&[("a", "1")])).unwrap();
    assert!(store.sync().is_err() && store.rows().is_empty());
    store.sync().unwrap();
}
