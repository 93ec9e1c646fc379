//! The promises of a log, run against every implementation. Each is a function of two handles on one empty log.

use std::thread;
use std::time::{Duration, Instant};

use super::help::{Scratch, all, bytes, cut, entries, fill, head, payloads};
use super::scans::{
    a_base_is_scanned_from_its_beginning_or_from_a_tag, a_log_can_be_written_while_it_is_scanned,
    a_scan_by_tag_begins_with_the_first_piece_above_it, a_scan_by_tag_says_what_was_trimmed,
    a_scan_ends_when_it_is_told_to, a_scan_hands_out_what_a_read_returns, pieces_come_back_as_they_were_cut,
    pieces_that_are_too_long_or_none_are_refused, tags_never_fall_from_piece_to_piece,
};
use crate::commit_log::{
    Access, Adversary, Appended, Base, CommitLog, Entry, EntryId, Head, MemoryLog, Misfortune, Payload,
};
use crate::model::{EngineError, Error, LogError};

/// Runs a promise against every log.
macro_rules! promises {
    ($($promise:ident)*) => {
        mod memory {
            $(#[test] fn $promise() {
                let log = super::MemoryLog::new();
                super::$promise(&log.clone(), &log);
            })*
        }
        mod synced_files {
            $(#[test] fn $promise() {
                let scratch = super::Scratch::new();
                super::$promise(&scratch.open(super::Access::Synced), &scratch.open(super::Access::Synced));
            })*
        }
        mod lazy_files {
            $(#[test] fn $promise() {
                let scratch = super::Scratch::new();
                super::$promise(&scratch.open(super::Access::Lazy), &scratch.open(super::Access::Lazy));
            })*
        }
        mod mixed_files {
            $(#[test] fn $promise() {
                let scratch = super::Scratch::new();
                super::$promise(&scratch.open(super::Access::Lazy), &scratch.open(super::Access::Synced));
            })*
        }
        /// On one server, one after the other.
        #[cfg(feature = "etcd")]
        #[test]
        fn every_promise_is_kept_on_etcd() {
            let Some(server) = super::etcd::Server::start() else { return };
            $(if server.is_for_one_machine(stringify!($promise)) {
                let machine = super::etcd::Machine::new();
                $promise(&machine.open(&server, stringify!($promise)), &machine.open(&server, stringify!($promise)));
            })*
            $(if server.is_for_two_machines(stringify!($promise)) {
                let (one, other) = (super::etcd::Machine::new(), super::etcd::Machine::new());
                let prefix = concat!("two/", stringify!($promise));
                $promise(&one.open(&server, prefix), &other.open(&server, prefix));
            })*
        }
        mod quiet_adversary {
            $(#[test] fn $promise() {
                let log = super::MemoryLog::new();
                super::$promise(&super::Adversary::new(log.clone()), &super::Adversary::new(log));
            })*
        }
    };
}

promises! {
    an_empty_log_is_at_revision_0
    what_was_appended_is_read_as_it_was
    an_append_is_all_or_none
    an_append_after_another_one_is_behind_and_gets_what_it_missed
    an_append_on_another_past_is_forked
    two_handles_append_in_turn
    entries_that_are_no_chain_are_refused
    a_tag_never_falls
    a_read_returns_at_least_one_entry_and_stops_at_its_limit
    a_sync_returns_what_is_durable_and_shows_it_to_all
    a_wait_ends_when_an_entry_comes
    a_wait_ends_with_its_patience
    a_base_is_read_as_it_was_put
    a_base_removes_no_entry
    only_the_first_and_the_newest_base_are_kept
    a_base_of_another_past_is_refused
    a_trim_needs_a_base
    a_trim_keeps_what_is_after_it
    an_append_on_what_was_trimmed_is_behind
    large_entries_are_read_as_they_were
    pieces_come_back_as_they_were_cut
    pieces_that_are_too_long_or_none_are_refused
    tags_never_fall_from_piece_to_piece
    a_scan_hands_out_what_a_read_returns
    a_scan_ends_when_it_is_told_to
    a_log_can_be_written_while_it_is_scanned
    a_scan_by_tag_begins_with_the_first_piece_above_it
    a_scan_by_tag_says_what_was_trimmed
    a_base_is_scanned_from_its_beginning_or_from_a_tag
}

fn an_empty_log_is_at_revision_0(a: &impl CommitLog, _: &impl CommitLog) {
    assert_eq!(head(a), Head::START);
    assert_eq!(all(a, 0), []);
    assert!(a.bases().unwrap().is_empty());
    assert_eq!(a.sync().unwrap(), 0);
}

fn what_was_appended_is_read_as_it_was(a: &impl CommitLog, b: &impl CommitLog) {
    let written = entries(Head::START, &[b"one", b"", b"three"]);
    assert!(matches!(a.append(0, &written).unwrap(), Appended::Done(_)));
    assert_eq!(a.sync().unwrap(), 3);
    for log in [all(a, 0), all(b, 0)] {
        assert_eq!(log, written);
    }
    assert_eq!(all(b, 2), written[2..]);
    assert_eq!(all(b, 3), []);
}

fn an_append_is_all_or_none(a: &impl CommitLog, b: &impl CommitLog) {
    fill(a, &[b"first"]);
    let second = entries(Head::START, &[b"x", b"y"]);
    assert!(matches!(b.append(0, &second).unwrap(), Appended::Behind(_)));
    assert_eq!(payloads(&all(a, 0)), [b"first"]);
    assert_eq!(head(a).revision, 1);
}

fn an_append_after_another_one_is_behind_and_gets_what_it_missed(a: &impl CommitLog, b: &impl CommitLog) {
    fill(a, &[b"1"]);
    let planned_on = head(b);
    let missed = entries(planned_on, &[b"2", b"3"]);
    assert!(matches!(a.append(1, &missed).unwrap(), Appended::Done(_)));
    let Appended::Behind(tail) = b.append(1, &entries(planned_on, &[b"mine"])).unwrap() else { panic!("it was done") };
    assert_eq!(tail.entries, missed);
    assert_eq!(tail.head, missed[1].head());
    assert!(matches!(b.append(3, &entries(tail.head, &[b"mine"])).unwrap(), Appended::Done(_)));
    b.sync().unwrap();
    assert_eq!(payloads(&all(a, 3)), [b"mine"]);
}

fn an_append_on_another_past_is_forked(a: &impl CommitLog, _: &impl CommitLog) {
    fill(a, &[b"1", b"2"]);
    let forked = |log: &dyn CommitLog, from, previous| {
        let head = Head { revision: from, id: previous };
        let error = log.append(from, &entries(head, &[b"x"])).unwrap_err();
        assert!(matches!(error, Error::Log(LogError::Forked { revision }) if revision == from), "{error}");
    };
    forked(a, 2, EntryId::random().unwrap());
    forked(a, 7, EntryId::random().unwrap());
    assert_eq!(payloads(&all(a, 0)), [b"1", b"2"]);
}

fn two_handles_append_in_turn(a: &impl CommitLog, b: &impl CommitLog) {
    for round in 0..20_u8 {
        fill(a, &[&[round; 50]]);
        fill(b, &[&[round; 70]]);
    }
    assert_eq!(all(a, 0), all(b, 0));
    assert_eq!(all(a, 0).len(), 40);
}

fn entries_that_are_no_chain_are_refused(a: &impl CommitLog, _: &impl CommitLog) {
    let good = entries(Head::START, &[b"1", b"2"]);
    let refused = |from, entries: &[Entry]| {
        let error = a.append(from, entries).unwrap_err();
        assert!(matches!(error, Error::Bug { .. }), "{error}");
    };
    refused(0, &[]);
    refused(1, &good);
    refused(0, &[good[0].clone(), good[0].clone()]);
    refused(0, &[good[0].clone(), Entry { previous: EntryId::NONE, ..good[1].clone() }]);
    refused(0, &[Entry { id: EntryId::NONE, ..good[0].clone() }]);
    assert_eq!(head(a), Head::START);
}

fn a_tag_never_falls(a: &impl CommitLog, _: &impl CommitLog) {
    let at = |head, tag| Entry::after(head, Payload::of(tag, [1])).unwrap();
    let first = at(Head::START, 7);
    let falling = [first.clone(), at(first.head(), 6)];
    assert!(matches!(a.append(0, &falling).unwrap_err(), Error::Bug { .. }));
    a.append(0, std::slice::from_ref(&first)).unwrap();
    assert!(matches!(a.append(1, &[at(first.head(), 6)]).unwrap_err(), Error::Bug { .. }));
    assert!(matches!(a.append(1, &[at(first.head(), 7)]).unwrap(), Appended::Done(_)));
}

fn a_read_returns_at_least_one_entry_and_stops_at_its_limit(a: &impl CommitLog, _: &impl CommitLog) {
    fill(a, &[&[1; 100], &[2; 100], &[3; 100]]);
    for (most, count) in [(0, 1), (1, 1), (100, 1), (101, 2), (200, 2), (201, 3), (1_000, 3)] {
        let tail = a.read(0, most).unwrap();
        assert_eq!((tail.entries.len(), tail.head.revision), (count, 3), "{most}");
    }
}

fn a_sync_returns_what_is_durable_and_shows_it_to_all(a: &impl CommitLog, b: &impl CommitLog) {
    a.append(0, &entries(Head::START, &[b"1"])).unwrap();
    assert_eq!(a.sync().unwrap(), 1);
    assert_eq!(a.sync().unwrap(), 1);
    assert_eq!(b.read(0, usize::MAX).unwrap().entries.len(), 1);
}

fn a_wait_ends_when_an_entry_comes(a: &impl CommitLog, b: &impl CommitLog) {
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            fill(a, &[b"1"]);
        });
        let start = Instant::now();
        while b.wait(0, Duration::from_secs(20)).unwrap().revision == 0 {}
        assert!(start.elapsed() < Duration::from_secs(10));
    });
}

fn a_wait_ends_with_its_patience(a: &impl CommitLog, _: &impl CommitLog) {
    let start = Instant::now();
    assert_eq!(a.wait(0, Duration::from_millis(30)).unwrap(), Head::START);
    assert!(start.elapsed() < Duration::from_secs(10));
}

fn base(head: Head, payload: Vec<u8>) -> Base {
    Base { head, tag: head.revision, payload: cut(0, &payload) }
}

fn a_base_is_read_as_it_was_put(a: &impl CommitLog, b: &impl CommitLog) {
    let at = fill(a, &[b"1", b"2"]);
    for size in [0, 1, 3_000_000] {
        let base = base(at, vec![size as u8; size]);
        a.put_base(&base).unwrap();
        assert_eq!(b.bases().unwrap(), [2]);
        assert_eq!(b.read_base(2).unwrap(), base);
    }
}

fn a_base_removes_no_entry(a: &impl CommitLog, _: &impl CommitLog) {
    let at = fill(a, &[b"1", b"2"]);
    a.put_base(&base(at, vec![])).unwrap();
    assert_eq!(payloads(&all(a, 0)), [b"1", b"2"]);
}

fn only_the_first_and_the_newest_base_are_kept(a: &impl CommitLog, _: &impl CommitLog) {
    for revisions in [&[1][..], &[1, 2], &[1, 3], &[1, 4]] {
        let at = fill(a, &[b"x"]);
        a.put_base(&base(at, vec![])).unwrap();
        assert_eq!(a.bases().unwrap(), revisions);
    }
}

fn a_base_of_another_past_is_refused(a: &impl CommitLog, _: &impl CommitLog) {
    let at = fill(a, &[b"1"]);
    let other = Head { id: EntryId::random().unwrap(), ..at };
    assert!(matches!(a.put_base(&base(other, vec![])).unwrap_err(), Error::Log(LogError::Forked { revision: 1 })));
    let later = Head { revision: 2, ..at };
    assert!(matches!(a.put_base(&base(later, vec![])).unwrap_err(), Error::Bug { .. }));
    assert!(a.bases().unwrap().is_empty());
}

fn a_trim_needs_a_base(a: &impl CommitLog, _: &impl CommitLog) {
    let at = fill(a, &[b"1"]);
    let error = a.trim(1).unwrap_err();
    assert!(matches!(error, Error::Log(LogError::NoBase { asked: 1, newest: 0 })), "{error}");
    a.put_base(&base(at, vec![])).unwrap();
    fill(a, &[b"2"]);
    assert!(matches!(a.trim(2).unwrap_err(), Error::Log(LogError::NoBase { asked: 2, newest: 1 })));
    assert_eq!(all(a, 0).len(), 2);
}

fn a_trim_keeps_what_is_after_it(a: &impl CommitLog, b: &impl CommitLog) {
    let at = fill(a, &[&[1_u8; 100][..]; 30]);
    a.put_base(&base(at, vec![7])).unwrap();
    fill(a, &[&[2_u8; 100][..]; 3]);
    a.trim(30).unwrap();
    for log in [all(a, 30), all(b, 30)] {
        assert_eq!(log.len(), 3);
    }
    let error = a.read(0, 0).unwrap_err();
    assert!(matches!(error, Error::Log(LogError::Trimmed { asked: 0, oldest: 1..=30 })), "{error}");
    assert_eq!(bytes(&a.read_base(30).unwrap().payload), [7]);
    fill(b, &[b"after"]);
    assert_eq!(all(a, 30).len(), 4);
}

/// Once it was refused as trimmed, which stopped the handle, though its caller could have gone on from the base.
fn an_append_on_what_was_trimmed_is_behind(a: &impl CommitLog, b: &impl CommitLog) {
    let planned_on = fill(b, &[b"seen by both"]);
    let at = fill(a, &[&[1_u8; 100][..]; 30]);
    a.put_base(&base(at, vec![7])).unwrap();
    fill(a, &[b"after"]);
    a.trim(31).unwrap();
    assert_eq!(b.oldest(), a.oldest(), "it had not looked since");
    let appended = b.append(1, &entries(planned_on, &[b"mine"])).unwrap();
    assert!(matches!(&appended, Appended::Behind(tail) if tail.head.revision == 32), "{appended:?}");
    fill(b, &[b"mine"]);
    assert_eq!(payloads(&all(a, 31)), [&b"after"[..], b"mine"]);
}

fn large_entries_are_read_as_they_were(a: &impl CommitLog, b: &impl CommitLog) {
    let mut at = head(a);
    let mut written = Vec::new();
    for pieces in [&[5_000, 1][..], &[0, 20_000], &[300; 30]] {
        let mut payload = Payload::default();
        pieces.iter().for_each(|size| payload.push(0, (0..*size).map(|byte| byte as u8).collect()));
        let entry = Entry::after(at, payload).unwrap();
        at = entry.head();
        written.push(entry);
    }
    a.append(0, &written).unwrap();
    a.sync().unwrap();
    assert_eq!(all(b, 0), written);
    assert_eq!(all(b, 1), written[1..]);
}

#[test]
fn a_log_in_memory_forgets_what_was_not_synced_when_power_is_lost() {
    let log = MemoryLog::new();
    fill(&log, &[b"1"]);
    log.append(1, &entries(head(&log), &[b"2"])).unwrap();
    log.lose_power();
    assert_eq!(payloads(&all(&log, 0)), [b"1"]);
    assert_eq!(head(&log).revision, 1);
}

#[test]
fn a_log_in_memory_refuses_an_id_that_was_used() {
    let log = MemoryLog::new();
    let lost = entries(Head::START, &[b"1"]);
    log.append(0, &lost).unwrap();
    log.lose_power();
    assert!(matches!(log.append(0, &lost).unwrap_err(), Error::Bug { .. }));
}

#[test]
fn a_log_in_memory_begins_with_its_base() {
    let head = Head { revision: 5, id: EntryId::random().unwrap() };
    let log = MemoryLog::with_base(base(head, vec![1]));
    assert!(matches!(log.append(5, &entries(head, &[b"6"])).unwrap(), Appended::Done(_)));
    assert!(matches!(log.read(4, 0).unwrap_err(), Error::Log(LogError::Trimmed { asked: 4, oldest: 5 })));
}

#[test]
fn an_adversary_does_its_worst_once() {
    let inner = MemoryLog::new();
    let log = Adversary::new(inner.clone());
    let outcome = |misfortune| {
        log.add(misfortune);
        log.append(head(&inner).revision, &entries(head(&inner), &[b"x"]))
    };
    assert!(matches!(outcome(Misfortune::Refuse), Ok(Appended::Behind(_))));
    assert!(matches!(outcome(Misfortune::Fail), Err(Error::Engine(EngineError::Failed { .. }))));
    assert_eq!(head(&inner).revision, 0);
    assert!(matches!(outcome(Misfortune::LoseAnswer), Err(Error::Engine(EngineError::Unknown { revision: 1, .. }))));
    assert_eq!(head(&inner).revision, 1);
    assert!(matches!(outcome(Misfortune::ApplyLate), Err(Error::Engine(EngineError::Unknown { revision: 2, .. }))));
    assert_eq!(head(&inner).revision, 1);
    assert_eq!(log.sync().unwrap(), 2, "it was applied late");
    log.add(Misfortune::FailSync);
    assert!(matches!(log.sync(), Err(Error::Engine(EngineError::Unknown { revision: 2, .. }))));
    log.add(Misfortune::DropWake);
    assert_eq!(log.wait(0, Duration::from_millis(1)).unwrap(), Head::START);
    assert_eq!(log.wait(0, Duration::from_millis(1)).unwrap().revision, 2);
    log.add(Misfortune::RepeatWake);
    assert_eq!(log.wait(2, Duration::from_secs(60)).unwrap().revision, 2);
    log.add(Misfortune::WakeEarly);
    assert_eq!(log.wait(2, Duration::from_secs(60)).unwrap().revision, 2);
    log.put_base(&base(head(&inner), vec![])).unwrap();
    log.add(Misfortune::Trim);
    assert!(matches!(log.read(0, 0), Err(Error::Log(LogError::Trimmed { .. }))));
}
