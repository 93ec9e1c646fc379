//! The shortcut: a state in a file, from which an index opens without its rows. It may be lost or damaged.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::fs;
use std::path::{Path, PathBuf};

use responsibility_index::{Details, Index, OpenOptions};
use tempfile::TempDir;

/// An index whose log has more than 16 MiB, open: units that were renamed, merged and removed, groups, removed tasks.
fn filled() -> (TempDir, PathBuf, Index) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    let mut load = index.bulk_load();
    for n in 0..3_000 {
        load.add(&format!("plan/{n:04}"), [format!("unit {}", n % 40), format!("unit {}", (n + 7) % 40)]).unwrap();
    }
    load.commit().unwrap();
    index.batch().rename_unit("unit 3", "Transport").add_alias("Transport", "Roads").commit().unwrap();
    index.batch().set_members("Joint office", ["unit 1", "unit 2"]).commit().unwrap();
    index.batch().remove("plan/0005").remove("plan/0006").vacate("plan/0007").declare("aside").commit().unwrap();
    index.assign("plan/0006", ["unit 9"]).unwrap();
    let text = "x".repeat(200_000);
    for n in 0..90 {
        index.batch().set_details("plan/0001", Details::titled(n.to_string()).text(text.clone())).commit().unwrap();
    }
    (scratch, path, index)
}

fn export(index: &Index) -> Vec<u8> {
    let mut lines = Vec::new();
    index.export_jsonl(&mut lines).unwrap();
    lines
}

/// Everything that is asked of a handle that opened from the shortcut, against one that opened otherwise.
fn assert_same(one: &Index, other: &Index) {
    assert_eq!(export(one), export(other));
    let views = [one.view(), other.view()];
    for key in ["plan/0005", "plan/0006", "plan/0007", "aside"] {
        let histories = views
            .each_ref()
            .map(|view| view.history(key).map(|past| format!("{:?}", past.unwrap())).collect::<Vec<_>>());
        assert_eq!(histories[0], histories[1], "{key}");
    }
    let changed =
        views.each_ref().map(|view| view.changed_since(3).unwrap().map(|(key, _)| key.to_owned()).collect::<Vec<_>>());
    assert_eq!(changed[0], changed[1]);
    let before = [one, other].map(|index| export_at(index, 2));
    assert_eq!(before[0], before[1]);
}

fn export_at(index: &Index, revision: u64) -> Vec<String> {
    let view = index.view_at(revision).unwrap();
    view.tasks().tasks().map(|task| format!("{} {}", task.key(), task.standing())).collect()
}

fn shortcut(path: &Path) -> PathBuf {
    path.join("shortcut")
}

#[test]
fn a_guest_leaves_a_shortcut_and_others_open_from_it() {
    let (_scratch, path, owner) = filled();
    assert!(!shortcut(&path).exists(), "who needs none writes none");
    let first = Index::open(&path).unwrap();
    assert!(!first.following().unwrap().is_owner);
    assert!(shortcut(&path).exists());
    owner.assign("plan/0002", ["unit 5"]).unwrap();
    let written = fs::metadata(shortcut(&path)).unwrap().modified().unwrap();
    let second = Index::open(&path).unwrap();
    let reader = OpenOptions::new().read_only(true).open(&path).unwrap();
    first.fresh_view().unwrap();
    for index in [&first, &second, &reader] {
        assert_same(index, &owner);
        assert_eq!(index.stats().unwrap().troubles, [""; 0]);
        assert_eq!(index.verify().unwrap(), []);
    }
    assert_eq!(fs::metadata(shortcut(&path)).unwrap().modified().unwrap(), written, "it is new enough");
}

#[test]
fn a_damaged_shortcut_is_reported_and_is_none() {
    let (_scratch, path, owner) = filled();
    // It has nothing left to write by itself.
    owner.checkpoint().unwrap();
    drop(Index::open(&path).unwrap());
    let whole = fs::read(shortcut(&path)).unwrap();
    let mut damaged: Vec<Vec<u8>> = [0, 10, 30, 50, 82, 90, 5_000, whole.len() - 2]
        .map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            bytes
        })
        .to_vec();
    damaged.extend([
        whole[..whole.len() - 1].to_vec(),
        whole[..60].to_vec(),
        [&whole[..], b"more"].concat(),
        Vec::new(),
    ]);
    for (n, bytes) in damaged.iter().enumerate() {
        fs::write(shortcut(&path), bytes).unwrap();
        let reader = OpenOptions::new().read_only(true).open(&path).unwrap();
        assert_eq!(export(&reader), export(&owner), "damage {n}");
        let troubles = reader.stats().unwrap().troubles;
        assert!(troubles.len() == 1 && troubles[0].contains("shortcut"), "damage {n}: {troubles:?}");
        assert_eq!(fs::read(shortcut(&path)).unwrap(), *bytes, "a reader writes none");
    }
    // A guest writes it again.
    let guest = Index::open(&path).unwrap();
    assert_same(&guest, &owner);
    assert_eq!(fs::read(shortcut(&path)).unwrap(), whole);
}

#[test]
fn a_shortcut_of_another_log_is_none() {
    let (_scratch, path, owner) = filled();
    drop(Index::open(&path).unwrap());
    let (_other_scratch, other_path, other) = filled();
    fs::copy(shortcut(&path), shortcut(&other_path)).unwrap();
    other.assign("plan/0001", ["unit 8"]).unwrap();
    let guest = Index::open(&other_path).unwrap();
    assert_same(&guest, &other);
    assert_ne!(fs::read(shortcut(&path)).unwrap(), fs::read(shortcut(&other_path)).unwrap(), "it has its own");
    drop(owner);
}

#[test]
fn a_trim_behind_the_shortcut_leaves_it_without_use() {
    let (_scratch, path, owner) = filled();
    drop(Index::open(&path).unwrap());
    for n in 0..20 {
        owner.assign("plan/0003", [format!("unit {n}")]).unwrap();
    }
    owner.trim(owner.revision() - 1).unwrap();
    let guest = Index::open(&path).unwrap();
    assert_eq!(export(&guest), export(&owner));
    assert_eq!(guest.verify().unwrap(), []);
}

#[test]
fn the_owner_leaves_a_shortcut_when_the_log_has_grown_long() {
    let (_scratch, path, owner) = filled();
    owner.checkpoint().unwrap();
    assert!(shortcut(&path).exists(), "the log has 16 MiB and twice the memory of the state");
    fs::write(path.join("shortcut-left-by-a-killed-process"), b"ri-short").unwrap();
    fs::remove_file(shortcut(&path)).unwrap();
    let guest = Index::open(&path).unwrap();
    assert_same(&guest, &owner);
    assert!(!path.join("shortcut-left-by-a-killed-process").exists());
}
