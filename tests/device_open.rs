//! What opening a directory on disk does: who may read it, what is refused, and what lost commits look like.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly where something is not as it should be"
)]

use std::fs;
use std::path::{Path, PathBuf};

use responsibility_index::error::OpenError;
use responsibility_index::{Durability, Error, Index, InputError, OpenOptions};

struct Scratch {
    directory: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Scratch {
        Scratch { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("plan.ri")
    }
}

fn filled(path: &Path, tasks: u32) -> Index {
    let index = Index::open(path).unwrap();
    for n in 1..=tasks {
        index.assign(&format!("plan/{n}"), ["Transport", "Finance"]).unwrap();
    }
    index
}

fn contents(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(contents(&entry.path()));
        } else {
            found.push((entry.path(), fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn an_index_is_not_repaired_while_it_is_open() {
    let scratch = Scratch::new();
    let index = filled(&scratch.path(), 1);
    let refused = OpenOptions::new().repair(scratch.path()).unwrap_err();
    assert!(matches!(refused, Error::Open(OpenError::InUse { .. })), "{refused}");
    drop(index);
    assert_eq!(OpenOptions::new().repair(scratch.path()).unwrap().0.revision(), 1);
}

#[test]
fn lazy_commits_are_durable_after_a_flush() {
    let scratch = Scratch::new();
    let index = OpenOptions::new().durability(Durability::Lazy).open(scratch.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    index.flush().unwrap();
    index.assign("plan/2", ["Transport"]).unwrap();
    drop(index);
    assert_eq!(Index::open(scratch.path()).unwrap().revision(), 2);
}

#[test]
fn a_name_of_any_length_is_refused_at_once() {
    let index = Index::in_memory();
    index.assign("plan/1", ["Transport"]).unwrap();
    let refused = index.view().led_by(&"x".repeat(50 << 20)).unwrap_err();
    assert!(matches!(refused, Error::Input(InputError::TooLong { .. })));
    assert!(refused.to_string().len() < 200);
}

#[test]
fn an_unfinished_snapshot_of_the_engine_is_removed() {
    let scratch = Scratch::new();
    drop(filled(&scratch.path(), 3));
    let left = scratch.path().join("rows/snap.00000000000000FF.generating");
    fs::write(&left, "half").unwrap();
    assert_eq!(Index::open(scratch.path()).unwrap().revision(), 3);
    assert!(!left.exists());
}

#[test]
fn a_newer_or_unknown_format_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    drop(filled(&scratch.path(), 1));
    let format = scratch.path().join("FORMAT");
    let known = fs::read_to_string(&format).unwrap();
    fs::write(&format, known.replace("version 1", "version 7")).unwrap();
    let before = contents(&scratch.path());
    let refused = Index::open(scratch.path()).unwrap_err();
    assert!(matches!(refused, Error::Open(OpenError::Newer { found: 7, supported: 1, .. })), "{refused}");
    for bad in ["", "something\u{202e} else\n", "responsibility-index\nengine sled-1.0\nversion 1\n"] {
        fs::write(&format, bad).unwrap();
        let refused = Index::open(scratch.path()).unwrap_err();
        assert!(matches!(refused, Error::Open(OpenError::UnknownFormat { .. })), "{refused}");
        assert!(!refused.to_string().contains('\u{202e}'), "{refused}");
    }
    fs::write(&format, known.replace("version 1", "version 7")).unwrap();
    assert!(contents(&scratch.path()) == before);
    let other = scratch.directory.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("notes.txt"), "mine").unwrap();
    assert!(matches!(Index::open(&other), Err(Error::Open(OpenError::Foreign { .. }))));
    assert!(matches!(Index::open(other.join("notes.txt")), Err(Error::Open(OpenError::NotADirectory { .. }))));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn only_the_owner_may_look_into_an_index() {
        let scratch = Scratch::new();
        drop(filled(&scratch.path(), 3));
        drop(Index::open(scratch.path()).unwrap());
        let mut looked_at = 0;
        let mut waiting = vec![scratch.path()];
        while let Some(path) = waiting.pop() {
            let found = fs::metadata(&path).unwrap();
            let expected = if found.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(found.permissions().mode() & 0o777, expected, "{path:?}");
            looked_at += 1;
            if found.is_dir() {
                waiting.extend(fs::read_dir(path).unwrap().flatten().map(|entry| entry.path()));
            }
        }
        assert!(looked_at > 6);
    }

    #[test]
    fn a_link_in_place_of_the_index_or_its_files_is_not_followed() {
        let scratch = Scratch::new();
        drop(filled(&scratch.path(), 3));
        let link = scratch.directory.path().join("link");
        symlink(scratch.path(), &link).unwrap();
        assert!(matches!(Index::open(&link), Err(Error::Open(OpenError::Symlink { .. }))));
        let elsewhere = scratch.directory.path().join("elsewhere");
        for name in ["FORMAT", "LOCK", "log", "log/id", "log/durable"] {
            let file = scratch.path().join(name);
            fs::rename(&file, &elsewhere).unwrap();
            symlink(&elsewhere, &file).unwrap();
            for options in [OpenOptions::new(), OpenOptions::new().read_only(true)] {
                let refused = options.open(scratch.path()).unwrap_err();
                assert!(matches!(refused, Error::Open(OpenError::Symlink { .. })), "{name}: {refused}");
            }
            fs::remove_file(&file).unwrap();
            fs::rename(&elsewhere, &file).unwrap();
        }
        assert_eq!(Index::open(scratch.path()).unwrap().revision(), 3);
    }

    /// Makes something that is no regular file.
    fn make(kind: &str, path: &Path) {
        match kind {
            "a named pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            "a socket" => drop(UnixListener::bind(path).unwrap()),
            "a directory" => fs::create_dir(path).unwrap(),
            "a regular file" => fs::write(path, "text").unwrap(),
            other => panic!("can't make {other}"),
        }
    }

    type Way = fn(&Path) -> Result<(), Error>;

    /// Opens in each way. One that waits for ever fails the test and not more.
    fn refusals(path: &Path) -> Vec<Error> {
        let ways: [Way; 3] = [
            |path| Index::open(path).map(drop),
            |path| OpenOptions::new().read_only(true).open(path).map(drop),
            |path| OpenOptions::new().repair(path).map(drop),
        ];
        let refusal = |way: Way| {
            let (send, receive) = mpsc::channel();
            let path = path.to_owned();
            thread::spawn(move || send.send(way(&path)).unwrap());
            receive.recv_timeout(Duration::from_secs(10)).expect("the opening does not end").unwrap_err()
        };
        ways.into_iter().map(refusal).collect()
    }

    /// With a named pipe in place of FORMAT, LOCK or the mark, opening waited for ever for the pipe's other end.
    #[test]
    fn whatever_is_no_regular_file_is_refused_at_once_in_place_of_any_file() {
        let scratch = Scratch::new();
        drop(filled(&scratch.path(), 3));
        let elsewhere = scratch.directory.path().join("elsewhere");
        let files = ["FORMAT", "FORMAT.new", "LOCK", "log/id", "log/lock", "log/durable", "log/other"];
        let special = files.map(|name| (name, ["a named pipe", "a socket", "a directory"], "a regular file"));
        let other = ["log"].map(|name| (name, ["a named pipe", "a socket", "a regular file"], "a directory"));
        for (name, kinds, belongs) in special.into_iter().chain(other) {
            let file = scratch.path().join(name);
            let there = file.exists();
            if there {
                fs::rename(&file, &elsewhere).unwrap();
            }
            for kind in kinds {
                make(kind, &file);
                for error in refusals(&scratch.path()) {
                    let Error::Open(OpenError::WrongKind { path, found, expected }) = &error else {
                        panic!("{name}, {kind}: {error}");
                    };
                    assert_eq!((path, *found, *expected), (&file, kind, belongs));
                    assert!(error.to_string().contains(name) && error.to_string().contains(kind), "{error}");
                }
                if kind == "a directory" { fs::remove_dir(&file).unwrap() } else { fs::remove_file(&file).unwrap() }
            }
            if there {
                fs::rename(&elsewhere, &file).unwrap();
            }
        }
        assert_eq!(Index::open(scratch.path()).unwrap().revision(), 3);
    }

    /// Opening rows that are a pipe could wait for ever.
    #[test]
    fn whatever_is_no_regular_file_in_place_of_rows_is_set_aside_at_once() {
        let kinds =
            ["a named pipe", "a socket", "a directory"].map(|kind| (["rows/db", "rows/conf", "rows/other"], kind));
        let places = kinds.into_iter().flat_map(|(names, kind)| names.map(|name| (name, kind)));
        let whole = ["a named pipe", "a socket", "a regular file"].map(|kind| ("rows", kind));
        for (name, kind) in places.chain(whole) {
            let scratch = Scratch::new();
            drop(filled(&scratch.path(), 3));
            let file = scratch.path().join(name);
            if file.is_dir() {
                fs::remove_dir_all(&file).unwrap();
            } else if file.exists() {
                fs::remove_file(&file).unwrap();
            }
            make(kind, &file);
            let (send, receive) = mpsc::channel();
            let path = scratch.path();
            thread::spawn(move || send.send(Index::open(path)).unwrap());
            let index = receive.recv_timeout(Duration::from_secs(10)).expect("the opening does not end").unwrap();
            assert_eq!((index.revision(), index.view().led_by("Transport").unwrap().len()), (3, 3), "{name}, {kind}");
            let troubles = index.stats().unwrap().troubles;
            assert!(troubles.iter().any(|trouble| trouble.contains(kind)), "{name}, {kind}: {troubles:?}");
            assert!(scratch.path().join("rows-set-aside").symlink_metadata().is_ok());
            assert_eq!(index.verify().unwrap(), []);
        }
    }

    #[test]
    fn a_pipe_in_a_directory_that_was_never_an_index_is_refused_at_once() {
        let scratch = Scratch::new();
        for name in ["FORMAT.new", "LOCK"] {
            fs::create_dir(scratch.path()).unwrap();
            make("a named pipe", &scratch.path().join(name));
            for error in refusals(&scratch.path()) {
                assert!(matches!(error, Error::Open(OpenError::WrongKind { .. })), "{name}: {error}");
            }
            fs::remove_dir_all(scratch.path()).unwrap();
        }
    }
}
