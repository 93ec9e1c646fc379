//! The example programs, built.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A built example. Cargo builds all of them with the tests, unless one test is asked for alone.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    if !built.exists() {
        let build = ["build", "--example", name];
        let root = env!("CARGO_MANIFEST_DIR");
        assert!(Command::new(env!("CARGO")).args(build).current_dir(root).status().unwrap().success());
    }
    built
}
