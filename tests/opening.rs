//! Opening: each kind of directory that is no index, or can't be opened, has its own error, and nothing in it is
//! touched.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{keys, listing};
use responsibility_index::error::OpenError;
use responsibility_index::{Error, Index, OpenOptions, UnknownUnits};
use tempfile::TempDir;

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Why a directory can't be opened; and nothing in it is touched by trying.
fn refusal(options: &OpenOptions, path: &Path) -> OpenError {
    let before = listing(path);
    let error = options.open(path).unwrap_err();
    assert_eq!(listing(path), before, "{error}");
    let message = error.to_string();
    assert!(message.contains(path.file_name().unwrap().to_str().unwrap()), "{message:?} doesn't name the path");
    match error {
        Error::Open(error) => error,
        other => panic!("not about opening: {other:?}"),
    }
}

fn refused(path: &Path) -> OpenError {
    refusal(&OpenOptions::new(), path)
}

#[test]
fn a_directory_that_is_not_there_is_created_unless_it_may_not() {
    let parent = directory();
    let path = parent.path().join("deep/down/index");
    let error = refusal(&OpenOptions::new().create(false), &path);
    assert!(matches!(error, OpenError::NotFound { path: told } if told == path));
    assert!(!parent.path().join("deep").exists());
    Index::open(&path).unwrap().assign("t/1", ["A"]).unwrap();
    let index = OpenOptions::new().create(false).open(&path).unwrap();
    assert_eq!(index.lead("t/1").as_deref(), Some("A"));
}

#[test]
fn an_empty_directory_becomes_an_index_unless_it_may_not() {
    let empty = directory();
    let error = refusal(&OpenOptions::new().create(false), empty.path());
    assert!(matches!(error, OpenError::NotFound { .. }), "{error:?}");
    let index = Index::open(empty.path()).unwrap();
    assert_eq!((index.revision(), index.view().len()), (0, 0));
}

#[test]
fn a_file_is_not_an_index() {
    let parent = directory();
    let path = parent.path().join("plan.txt");
    fs::write(&path, "a plan").unwrap();
    let error = refused(&path);
    assert!(matches!(&error, OpenError::NotADirectory { path: told } if *told == path), "{error:?}");
    assert!(error.to_string().contains("is a file"));
}

#[test]
fn a_directory_of_something_else_is_named_by_what_is_in_it() {
    let parent = directory();
    let path = parent.path().join("photos");
    fs::create_dir_all(path.join("2016")).unwrap();
    fs::write(path.join("2016/a.png"), [1, 2, 3]).unwrap();
    for options in [OpenOptions::new(), OpenOptions::new().create(false)] {
        let error = refusal(&options, &path);
        assert!(matches!(&error, OpenError::Foreign { found, .. } if found == "2016"), "{error:?}");
    }
}

/// The engine opens any directory of its own as its own.
#[test]
fn a_directory_of_the_engine_alone_is_something_else() {
    let parent = directory();
    drop(Index::open(parent.path().join("index")).unwrap());
    let error = refused(&parent.path().join("index/rows"));
    assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
}

/// An index with one task, closed.
fn small_index(parent: &TempDir) -> std::path::PathBuf {
    let path = parent.path().join("index");
    Index::open(&path).unwrap().assign("t/1", ["A", "B"]).unwrap();
    path
}

#[test]
fn a_newer_format_says_which_and_up_to_which_this_version_reads() {
    let parent = directory();
    let path = small_index(&parent);
    let format = fs::read_to_string(path.join("FORMAT")).unwrap();
    let newer = format.replace("version 1", "version 7");
    assert_ne!(format, newer);
    fs::write(path.join("FORMAT"), &newer).unwrap();
    let error = refused(&path);
    assert!(matches!(error, OpenError::Newer { found: 7, supported: 1, .. }), "{error:?}");
    // Also when a newer version changed the engine or added lines.
    fs::write(path.join("FORMAT"), newer.replace("sled-0.34", "other-2") + "more\n").unwrap();
    assert!(matches!(refused(&path), OpenError::Newer { found: 7, .. }));
    fs::write(path.join("FORMAT"), format).unwrap();
    assert_eq!(Index::open(&path).unwrap().lead("t/1").as_deref(), Some("A"));
}

#[test]
fn a_format_that_is_not_known_says_how_it_begins() {
    let parent = directory();
    let path = small_index(&parent);
    let format = fs::read_to_string(path.join("FORMAT")).unwrap();
    let other_engine = format.replace("sled-0.34", "sled-1.0");
    let no_version = format.replace("version 1", "");
    let long = "x".repeat(100_000);
    for unknown in ["", "PNG", other_engine.as_str(), no_version.as_str(), long.as_str(), "\0\0\0"] {
        fs::write(path.join("FORMAT"), unknown).unwrap();
        match refused(&path) {
            OpenError::UnknownFormat { found, .. } => {
                assert!(found.len() <= 400 && unknown.starts_with(&found), "{found:?}");
            }
            other => panic!("{unknown:?}: {other:?}"),
        }
    }
    fs::write(path.join("FORMAT"), [0xFF, 0xFE, 0x00]).unwrap();
    assert!(matches!(refused(&path), OpenError::UnknownFormat { .. }));
}

#[test]
fn a_directory_is_released_with_the_last_handle_on_it() {
    let parent = directory();
    let path = parent.path().join("index");
    let index = Index::open(&path).unwrap();
    index.assign("t/1", ["A"]).unwrap();
    let (clone, view) = (index.clone(), index.view());
    let is_in_use = |result: Result<_, Error>| match result {
        Err(Error::Open(OpenError::InUse { path: told, .. })) => told == path,
        Err(other) => panic!("{other}"),
        Ok(_) => false,
    };
    assert!(is_in_use(OpenOptions::new().repair(&path)));
    drop(index);
    assert!(is_in_use(OpenOptions::new().repair(&path)));
    // Nothing is wrong with the one that has it.
    clone.assign("t/2", ["A"]).unwrap();
    drop(clone);
    let (index, _) = OpenOptions::new().repair(&path).unwrap();
    assert_eq!(keys(&index.view().led_by("A").unwrap()), ["t/1", "t/2"]);
    assert_eq!(view.len(), 1);
}

#[test]
fn opening_and_closing_in_quick_turns_works() {
    let parent = directory();
    let path = parent.path().join("index");
    for n in 0..8 {
        let index = Index::open(&path).unwrap();
        assert_eq!(index.view().len(), n);
        index.assign(&format!("t/{n}"), ["A"]).unwrap();
    }
}

const CHILD: &str = "INDEX_OPENED_BY_A_CHILD";

/// Runs in a process of its own, started by the tests below: opens the index, says how that went, waits.
#[test]
#[ignore = "part of other tests"]
fn child_that_opens_an_index() {
    let Ok(path) = std::env::var(CHILD) else { return };
    match Index::open(path) {
        Ok(_index) => {
            println!("child: opened");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).unwrap();
        }
        Err(error) => println!("child: {error:?}"),
    }
}

fn child(path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child_that_opens_an_index", "--ignored", "--nocapture"]).env(CHILD, path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// What a child that was started says of its opening.
fn told(child: &mut std::process::Child) -> String {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let mut told = lines.map(|line| line.unwrap()).filter_map(|line| {
        let at = line.find("child: ")?;
        Some(line[at + "child: ".len()..].to_owned())
    });
    told.next().unwrap()
}

/// Rows of another layout would be called damaged if they were read.
#[test]
fn a_directory_with_rows_of_an_older_layout_is_refused_by_name_and_left_alone() {
    let parent = directory();
    let path = small_index(&parent);
    let format = fs::read_to_string(path.join("FORMAT")).unwrap();
    for older in [
        "sled-0.34",
        "sled-0.34 rows-2",
        "sled-0.34 log-1",
        "sled-0.34 log-2",
        "sled-0.34 log-3",
        "sled-0.34 log-4",
        "sled-0.34 log-5",
    ] {
        let older = format.replace("engine sled-0.34 log-6\n", &format!("engine {older}\n"));
        assert_ne!(older, format);
        fs::write(path.join("FORMAT"), older).unwrap();
        is_refused_as_older_and_left_alone(&path);
    }
}

fn is_refused_as_older_and_left_alone(path: &Path) {
    let files = listing(path);
    for options in
        [OpenOptions::new(), OpenOptions::new().read_only(true), OpenOptions::new().accept_lost_commits(true)]
    {
        let error = options.open(path).unwrap_err();
        assert!(matches!(&error, Error::Open(OpenError::Older { path: told }) if *told == path), "{error:?}");
        assert!(error.to_string().contains("export it with the version that wrote it"), "{error}");
    }
    assert!(OpenOptions::new().repair(path).is_err());
    assert_eq!(listing(path), files);
}

#[test]
fn a_directory_that_another_process_has_open_is_opened_and_not_repaired() {
    let parent = directory();
    let path = small_index(&parent);
    let mut holder = child(&path).spawn().unwrap();
    assert_eq!(told(&mut holder), "opened");
    let index = Index::open(&path).unwrap();
    assert_eq!(index.lead("t/1").as_deref(), Some("A"));
    drop(index);
    match OpenOptions::new().repair(&path).unwrap_err() {
        Error::Open(OpenError::InUse { process, .. }) => {
            assert_eq!(process, cfg!(target_os = "linux").then_some(holder.id()));
        }
        other => panic!("{other}"),
    }
    holder.stdin.take().unwrap().write_all(b"done\n").unwrap();
    assert!(holder.wait().unwrap().success());
    assert_eq!(OpenOptions::new().repair(&path).unwrap().0.lead("t/1").as_deref(), Some("A"));
}

#[test]
fn a_directory_is_free_again_when_the_process_that_had_it_was_killed() {
    let parent = directory();
    let path = small_index(&parent);
    let mut holder = child(&path).spawn().unwrap();
    assert_eq!(told(&mut holder), "opened");
    holder.kill().unwrap();
    holder.wait().unwrap();
    let index = Index::open(&path).unwrap();
    assert_eq!(index.lead("t/1").as_deref(), Some("A"));
    assert_eq!(index.verify().unwrap(), []);
}

/// Permissions don't hold root back, so the opening is tried by a child that is nobody.
#[cfg(unix)]
#[test]
fn a_directory_that_may_not_be_written_is_an_error_of_the_system() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let parent = directory();
    let path = small_index(&parent);
    let allow = |at: &Path, mode: u32| fs::set_permissions(at, fs::Permissions::from_mode(mode)).unwrap();
    allow(parent.path(), 0o755);
    let files = listing(&path);
    for (name, content) in &files {
        allow(&path.join(name), if content.is_some() { 0o444 } else { 0o555 });
    }
    let nobody = child(&path).uid(65_534).spawn().or_else(|_| child(&path).spawn());
    let mut nobody = nobody.unwrap();
    let said = told(&mut nobody);
    drop(nobody.stdin.take());
    nobody.wait().unwrap();
    for (name, content) in &files {
        allow(&path.join(name), if content.is_some() { 0o644 } else { 0o755 });
    }
    if said == "opened" {
        println!("skipped: this user can't give up being allowed everything");
        return;
    }
    assert!(said.contains("Open(Io") && said.contains("PermissionDenied"), "{said}");
    assert_eq!(listing(&path), files);
    assert_eq!(Index::open(&path).unwrap().lead("t/1").as_deref(), Some("A"));
}

/// Commits into a file without a name are gone with the process.
#[cfg(unix)]
#[test]
fn a_directory_that_is_gone_while_open_takes_no_more_commits() {
    let parent = directory();
    let path = small_index(&parent);
    let index = Index::open(&path).unwrap();
    fs::remove_dir_all(&path).unwrap();
    let error = index.assign("t/2", ["A"]).expect_err("nothing can be durable in a directory that is gone");
    assert!(matches!(error, Error::Engine(_)), "{error:?}");
    assert_eq!((index.lead("t/1").as_deref(), index.lead("t/2")), (Some("A"), None), "reads go on");
    assert!(index.assign("t/3", ["A"]).is_err());
}

#[test]
fn units_that_are_not_known_are_created_or_rejected_as_the_options_say() {
    let parent = directory();
    let path = small_index(&parent);
    let strict = OpenOptions::new().unknown_units(UnknownUnits::Reject).open(&path).unwrap();
    assert!(strict.assign("t/2", ["A", "New"]).is_err());
    assert!(strict.view().unit("New").is_err());
    strict.assign("t/2", ["B", "A"]).unwrap();
    drop(strict);
    Index::open(&path).unwrap().assign("t/3", ["New"]).unwrap();
}

/// After a power failure inside a first checkpoint the engine had lost a row, and lost others that were written to it later.
#[test]
fn rows_of_a_first_checkpoint_that_was_not_finished_are_set_aside() {
    let parent = directory();
    let path = small_index(&parent);
    let before = keys(&Index::open(&path).unwrap().view().tasks());
    let engine = sled::Config::new().path(path.join("rows")).open().unwrap();
    let mut removed = 0;
    for name in engine.tree_names() {
        let tree = engine.open_tree(name).unwrap();
        for row in tree.scan_prefix(b"h") {
            removed += usize::from(tree.remove(row.unwrap().0).unwrap().is_some());
        }
    }
    assert_eq!(removed, 1);
    engine.flush().unwrap();
    drop(engine);
    let index = Index::open(&path).unwrap();
    assert_eq!((keys(&index.view().tasks()), index.verify().unwrap()), (before, vec![]));
    assert!(path.join("rows-set-aside").is_dir());
}
