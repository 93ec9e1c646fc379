//! Shims as libraries for `LD_PRELOAD`, each made once for each state of its source.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The library of a source, which is named from the root of the crate.
pub(crate) fn compiled(source: &str) -> PathBuf {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let mut hasher = DefaultHasher::new();
    std::fs::read(&source).unwrap().hash(&mut hasher);
    let shim = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shim-{:016x}.so", hasher.finish()));
    if !shim.exists() {
        // Another test process may be at it, too.
        let own = shim.with_extension(std::process::id().to_string());
        compile(&source, &own);
        std::fs::rename(own, &shim).unwrap();
    }
    shim
}

fn compile(source: &Path, target: &Path) {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let compiled = Command::new(rustc)
        .args(["--edition", "2024", "--crate-name", "shim", "--crate-type", "cdylib", "-O", "-C", "panic=abort", "-o"])
        .args([target, source])
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
}
