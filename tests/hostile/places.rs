//! An index whose directory is renamed while it is open, or whose process changes its working directory.

use std::fs;
use std::path::Path;

use crate::child::{Writing, options, say};
use crate::environment::{Extent, Home, Skipped, Tally, check_after, filled, quick, writes};
use crate::files::copy;
use crate::process::{Effect, Job};
use crate::steps::Size;

/// Opens an index by a relative path, and commits before and after the working directory changes.
pub(crate) fn child(path: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let (above, name) = (path.parent().unwrap(), path.file_name().unwrap());
    std::env::set_current_dir(above).map_err(failed)?;
    let index = options().open(name).map_err(|error| error.to_string())?;
    Writing::new(15).commit_all(&index)?;
    std::env::set_current_dir(above.join("elsewhere")).map_err(failed)?;
    Writing::new(45).commit_all(&index)?;
    index.checkpoint().map_err(|error| error.to_string())?;
    say("opened");
    Ok(())
}

fn changed_directory(tally: &mut Tally) {
    let home = Home::new();
    let other = home.directory().join("elsewhere/plan.ri");
    fs::create_dir(home.directory().join("elsewhere")).unwrap();
    let told = filled(&home.path(), 15, Size::SMALL);
    let others = filled(&other, 5, Size::SMALL);
    let ended = Job::new("chdir", &home.path()).start().knowing(&told).end();
    assert_eq!(ended.effect(false), Ok(Effect::None), "{ended:?}");
    assert_eq!(ended.told.acknowledged, 75);
    tally.take("another working directory", &ended, false, &home.path(), Size::SMALL);
    check_after("the index of the other working directory", &others, &other, Size::SMALL);
}

/// The directory, or the one above it, gets another name, and another index may take the old one.
fn renamed(tally: &mut Tally, above: bool, another: bool, writing: &Writing) {
    let home = Home::new();
    let (before, after) = (home.directory().join("before"), home.directory().join("after"));
    fs::create_dir(&before).unwrap();
    let (old, new) = if above {
        (before.join("plan.ri"), after.join("plan.ri"))
    } else {
        (before.join("a.ri"), before.join("b.ri"))
    };
    let told = filled(&old, 15, writing.size);
    let spare = home.path();
    let others = filled(&spare, 5, Size::SMALL);
    let mut process = writes(&old, writing).start().knowing(&told);
    assert!(process.wait_until(|told| told.acknowledged > 20), "{:?}", process.told);
    if above { fs::rename(&before, &after) } else { fs::rename(&old, &new) }.unwrap();
    if another {
        copy(&spare, &old);
    }
    let ended = process.end();
    let what = format!("renamed, the directory above: {above}, another in its place: {another}");
    tally.take(&what, &ended, false, &new, writing.size);
    if another {
        check_after(&format!("{what}: the other one"), &others, &old, Size::SMALL);
    } else if old.exists() {
        panic!("{what}: something was made at the old place");
    }
}

pub(crate) fn moves(extent: Extent) -> Result<Tally, Skipped> {
    let mut tally = Tally::default();
    changed_directory(&mut tally);
    let small = Writing { pace: 1, reopens: false, ..Writing::new(60) };
    // More than one file of the log has room for.
    let large = Writing { pace: 1, size: Size { text: 900_000, ..Size::SMALL }, reopens: false, ..Writing::new(120) };
    let writings: &[Writing] = if extent == Extent::Full { &[small, large] } else { &[small] };
    for writing in writings {
        for above in [false, true] {
            for another in [false, true] {
                if extent == Extent::Full || above != another {
                    renamed(&mut tally, above, another, writing);
                }
            }
        }
    }
    Ok(tally)
}

#[test]
fn an_index_that_moves_or_whose_process_does_keeps_what_it_acknowledged() {
    quick(moves);
}
