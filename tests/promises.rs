//! The promises of `store::Store`, one list, kept by every engine.
//!
//! A third engine is one more line in [`engines`].

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use responsibility_index::Error;
use responsibility_index::error::EngineError;
use responsibility_index::store::{Changes, Fault, MemoryStore, Outcome, SledStore, Step, Store};

/// Takes the open store and gives the one that stands in its place.
type Again = Box<dyn Fn(Option<Arc<dyn Store>>) -> Arc<dyn Store>>;

/// One engine under test.
struct Engine {
    name: &'static str,
    store: Option<Arc<dyn Store>>,
    /// Closes it and opens it again, as another process would.
    reopen: Again,
    /// Loses what was not synced, where the engine can be made to, and opens it again.
    lose_power: Option<Again>,
}

impl Engine {
    fn store(&self) -> &dyn Store {
        &**self.store.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        let open = self.store.take();
        self.store = Some((self.reopen)(open));
    }

    /// Whether the engine could be made to.
    fn lose_power(&mut self) -> bool {
        let Some(lose) = &self.lose_power else { return false };
        let open = self.store.take();
        self.store = Some(lose(open));
        true
    }
}

fn engines() -> Vec<Engine> {
    vec![memory(), sled(false), sled(true)]
}

fn memory() -> Engine {
    let kept = Arc::new(MemoryStore::new());
    let (again, dark) = (Arc::clone(&kept), Arc::clone(&kept));
    Engine {
        name: "memory",
        store: Some(kept),
        reopen: Box::new(move |_| Arc::clone(&again) as _),
        lose_power: Some(Box::new(move |_| {
            dark.lose_power();
            Arc::clone(&dark) as _
        })),
    }
}

fn sled(lazy: bool) -> Engine {
    let directory = tempfile::tempdir().unwrap();
    let open = move |create| Arc::new(SledStore::open(directory.path().join("store"), create, lazy).unwrap());
    Engine {
        name: if lazy { "sled, lazy" } else { "sled" },
        store: Some(open(true)),
        reopen: Box::new(move |before| {
            drop(before);
            open(false)
        }),
        lose_power: None,
    }
}

/// Runs a promise against every engine, and says which one broke it.
fn each_engine(mut promise: impl FnMut(&mut Engine)) {
    for mut engine in engines() {
        println!("engine: {}", engine.name);
        promise(&mut engine);
    }
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

fn put(rows: &[(&str, &str)]) -> Changes {
    let owned = |(key, value): &(&str, &str)| (key.as_bytes().to_vec(), value.as_bytes().to_vec());
    Changes { step: None, put: rows.iter().map(owned).collect(), delete: Vec::new() }
}

fn step(from: u64, to: u64, rows: &[(&str, &str)]) -> Changes {
    Changes { step: Some(Step { from, to }), ..put(rows) }
}

fn done(store: &dyn Store, changes: &Changes) {
    assert_eq!(store.commit(changes).unwrap(), Outcome::Done);
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

fn rows(rows: &[(&str, &str)]) -> Rows {
    put(rows).put
}

#[test]
fn a_new_store_is_empty_and_knows_of_no_durable_revision() {
    each_engine(|engine| {
        assert!(all(engine.store()).is_empty());
        assert_eq!(engine.store().get(b"a").unwrap(), None);
        assert_eq!(engine.store().newest_durable().unwrap(), 0);
    });
}

#[test]
fn what_a_commit_wrote_is_seen_at_once_by_get_and_scan() {
    each_engine(|engine| {
        let store = engine.store();
        done(store, &put(&[("b", "2"), ("a", "1")]));
        assert_eq!(store.get(b"a").unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(all(store), rows(&[("a", "1"), ("b", "2")]));
        done(store, &put(&[("a", "3")]));
        assert_eq!(store.get(b"a").unwrap().as_deref(), Some(&b"3"[..]));
    });
}

#[test]
fn a_deleted_row_is_gone_and_deleting_one_that_is_not_there_is_no_error() {
    each_engine(|engine| {
        let store = engine.store();
        done(store, &put(&[("a", "1"), ("b", "2")]));
        let delete = Changes { delete: vec![b"a".to_vec(), b"never".to_vec()], ..put(&[("c", "3")]) };
        done(store, &delete);
        assert_eq!(store.get(b"a").unwrap(), None);
        assert_eq!(all(store), rows(&[("b", "2"), ("c", "3")]));
        engine.reopen();
        assert_eq!(all(engine.store()), rows(&[("b", "2"), ("c", "3")]));
    });
}

#[test]
fn an_empty_value_is_a_value() {
    each_engine(|engine| {
        done(engine.store(), &put(&[("a", "")]));
        engine.reopen();
        assert_eq!(engine.store().get(b"a").unwrap().as_deref(), Some(&b""[..]));
        assert_eq!(all(engine.store()), rows(&[("a", "")]));
    });
}

#[test]
fn a_scan_takes_the_first_key_leaves_the_last_and_goes_by_bytes() {
    each_engine(|engine| {
        let store = engine.store();
        let keys: [&[u8]; 7] = [&[0], &[0, 0], &[1], &[1, 0xFF], &[2], &[0x7F], &[0xFF, 0xFF]];
        let put = keys.iter().rev().map(|key| (key.to_vec(), key.to_vec())).collect();
        done(store, &Changes { put, ..Changes::default() });
        let seen = |from: &[u8], to: &[u8]| scan(store, from, to).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(seen(&[0], &[0xFF; 3]), keys);
        assert_eq!(seen(&[0, 0], &[2]), keys[1..4]);
        assert_eq!(seen(&[0, 0, 0], &[1, 0xFF]), keys[2..3]);
        assert!(seen(&[2], &[2]).is_empty());
        assert!(seen(&[2], &[1]).is_empty(), "a range that ends before it begins is empty");
    });
}

#[test]
fn a_scan_stops_at_the_first_error_of_the_one_who_asked_and_hands_it_back() {
    each_engine(|engine| {
        let store = engine.store();
        done(store, &put(&[("a", "1"), ("b", "2"), ("c", "3")]));
        let mut seen = 0;
        let mine = EngineError::Failed { doing: "test", why: "enough".into() };
        let result = store.scan(b"a", b"z", &mut |_, _| {
            seen += 1;
            if seen == 2 { Err(mine.clone().into()) } else { Ok(()) }
        });
        assert_eq!(seen, 2);
        assert!(matches!(result, Err(Error::Engine(error)) if error == mine));
    });
}

#[test]
fn a_scan_may_ask_the_store_for_other_rows() {
    each_engine(|engine| {
        let store = engine.store();
        done(store, &put(&[("a", "1"), ("b", "2")]));
        let mut seen = Vec::new();
        let asked = store.scan(b"a", b"z", &mut |key, _| {
            seen.push(store.get(key)?.unwrap());
            Ok(())
        });
        asked.unwrap();
        assert_eq!(seen, [b"1", b"2"]);
    });
}

#[test]
fn a_commit_planned_on_an_older_revision_is_refused_and_writes_nothing() {
    each_engine(|engine| {
        let store = engine.store();
        done(store, &step(0, 1, &[("a", "1")]));
        done(store, &step(1, 2, &[("b", "2")]));
        assert_eq!(store.commit(&step(1, 2, &[("a", "x"), ("c", "3")])).unwrap(), Outcome::Refused);
        assert_eq!(all(store), rows(&[("a", "1"), ("b", "2")]));
        done(store, &step(2, 3, &[("c", "3")]));
    });
}

#[test]
fn rows_that_belong_to_no_revision_are_never_refused() {
    each_engine(|engine| {
        let store = engine.store();
        done(store, &step(0, 1, &[("a", "1")]));
        done(store, &put(&[("f", "fold")]));
        done(store, &step(1, 2, &[("b", "2")]));
        assert_eq!(all(store).len(), 3);
    });
}

#[test]
fn an_empty_commit_is_done() {
    each_engine(|engine| {
        done(engine.store(), &Changes::default());
        assert!(all(engine.store()).is_empty());
    });
}

#[test]
fn what_was_synced_is_there_after_reopening_with_the_revision_it_was_told() {
    each_engine(|engine| {
        done(engine.store(), &step(0, 1, &[("a", "1")]));
        done(engine.store(), &step(1, 2, &[("b", "2")]));
        engine.store().sync(2).unwrap();
        assert_eq!(engine.store().newest_durable().unwrap(), 2);
        engine.reopen();
        assert_eq!(engine.store().newest_durable().unwrap(), 2);
        assert_eq!(all(engine.store()), rows(&[("a", "1"), ("b", "2")]));
    });
}

#[test]
fn what_was_committed_is_there_after_closing_in_good_order() {
    each_engine(|engine| {
        done(engine.store(), &step(0, 1, &[("a", "1")]));
        engine.store().sync(1).unwrap();
        done(engine.store(), &step(1, 2, &[("b", "2")]));
        engine.reopen();
        assert_eq!(all(engine.store()), rows(&[("a", "1"), ("b", "2")]));
        assert_eq!(engine.store().newest_durable().unwrap(), 1, "nobody said that 2 was durable");
    });
}

#[test]
fn a_store_that_was_opened_again_goes_on_from_where_it_was() {
    each_engine(|engine| {
        done(engine.store(), &step(0, 1, &[("a", "1")]));
        engine.store().sync(1).unwrap();
        engine.reopen();
        done(engine.store(), &step(1, 2, &[("a", "2")]));
        assert_eq!(engine.store().commit(&step(1, 2, &[("a", "3")])).unwrap(), Outcome::Refused);
        assert_eq!(all(engine.store()), rows(&[("a", "2")]));
    });
}

#[test]
fn a_durable_revision_can_be_set_back_by_who_accepts_a_loss() {
    each_engine(|engine| {
        engine.store().sync(7).unwrap();
        engine.store().sync(3).unwrap();
        engine.reopen();
        assert_eq!(engine.store().newest_durable().unwrap(), 3);
    });
}

#[test]
fn power_loss_takes_what_was_not_synced_and_nothing_else() {
    let mut tried = 0;
    each_engine(|engine| {
        let delete = Changes { delete: vec![b"b".to_vec()], ..step(1, 2, &[("a", "2"), ("c", "3")]) };
        done(engine.store(), &step(0, 1, &[("a", "1"), ("b", "1")]));
        engine.store().sync(1).unwrap();
        done(engine.store(), &delete);
        done(engine.store(), &step(2, 3, &[("a", "4")]));
        if engine.lose_power() {
            tried += 1;
            assert_eq!(all(engine.store()), rows(&[("a", "1"), ("b", "1")]));
            assert_eq!(engine.store().newest_durable().unwrap(), 1);
            // What is left can be built on.
            done(engine.store(), &step(1, 2, &[("a", "5")]));
            engine.store().sync(2).unwrap();
            engine.lose_power();
            assert_eq!(all(engine.store()), rows(&[("a", "5"), ("b", "1")]));
        }
    });
    assert!(tried > 0, "no engine can lose power");
}

#[test]
fn rows_of_four_kibibytes_come_back_whole() {
    each_engine(|engine| {
        let value = |n: u16| [n.to_be_bytes().to_vec(), vec![n as u8; 4080]].concat();
        let put = (0..300_u16).map(|n| (n.to_be_bytes().to_vec(), value(n))).collect();
        done(engine.store(), &Changes { put, ..Changes::default() });
        engine.store().sync(0).unwrap();
        engine.reopen();
        for n in (0..300_u16).step_by(7) {
            assert_eq!(engine.store().get(&n.to_be_bytes()).unwrap(), Some(value(n)));
        }
        assert_eq!(all(engine.store()).len(), 300);
    });
}

#[test]
fn get_scan_and_sync_work_from_other_threads_while_commits_go_on() {
    each_engine(|engine| {
        let store = engine.store();
        done(store, &put(&[("fixed", "row")]));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for n in 0..40 {
                        assert_eq!(store.get(b"fixed").unwrap().as_deref(), Some(&b"row"[..]));
                        assert_eq!(scan(store, b"fixed", b"fixee").len(), 1);
                        if n % 10 == 0 {
                            store.sync(0).unwrap();
                        }
                    }
                });
            }
            for n in 0..100 {
                done(store, &step(n, n + 1, &[("moving", &n.to_string())]));
            }
        });
        assert_eq!(store.get(b"moving").unwrap().as_deref(), Some(&b"99"[..]));
    });
}

#[test]
fn random_commits_leave_what_a_sorted_map_has() {
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
            done(engine.store(), &changes);
            if round % 20 == 19 {
                engine.store().sync(0).unwrap();
                engine.reopen();
            }
            assert_eq!(all(engine.store()), map.clone().into_iter().collect::<Rows>());
        }
    });
}

#[test]
fn the_memory_store_holds_its_caller_to_the_rules() {
    let store = MemoryStore::new();
    let twice = Changes { delete: vec![b"a".to_vec()], ..put(&[("a", "1")]) };
    let large = Changes { put: vec![(vec![1; 10], vec![0; 4087])], ..Changes::default() };
    for changes in [twice, large] {
        assert!(matches!(store.commit(&changes), Err(Error::Engine(EngineError::Failed { .. }))));
        assert!(store.rows().is_empty());
    }
}

#[test]
fn an_engine_that_has_a_disk_says_how_much_of_it_it_takes() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path(), true, false).unwrap();
    done(&store, &put(&[("a", "1")]));
    store.sync(0).unwrap();
    assert!(store.bytes_on_disk().unwrap() > 0);
}

/// A checkpoint that ended so was said to leave revision 0 in doubt.
#[test]
fn an_unknown_end_of_rows_of_no_revision_leaves_the_newest_revision_in_doubt() {
    let store = MemoryStore::new();
    done(&store, &step(0, 1, &[("a", "1")]));
    done(&store, &step(1, 2, &[("b", "2")]));
    for lost in [false, true] {
        if lost {
            store.sync(2).unwrap();
            store.lose_power();
        }
        store.inject(Fault::Unknown(1));
        let error = store.commit(&put(&[("c", "3")])).unwrap_err();
        assert!(matches!(error, Error::Engine(EngineError::Unknown { revision: 2, .. })), "{error}");
    }
}
