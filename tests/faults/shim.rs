//! Stands between a process and the system, by LD_PRELOAD: writes down every call that changes files below a
//! directory, and lets the n-th one fail. Compiled by the tests with plain `rustc`; no part of the crate.
//!
//! `SHIM_ROOT` is the directory. `SHIM_TRACE` is where calls are written down, each with its thread, and with what is
//! printed on standard output between them. Several processes may have one trace: then each call and its record are made
//! under a lock of the trace, so that the records are in the order of the calls. A sync is written down when it begins and when it ends, and takes
//! `SHIM_SYNC` microseconds longer than it needs, so that other threads write meanwhile. `SHIM_FAULT` is `kind:n`:
//! `full` (no space from the n-th call on that needs some), `eio` (the n-th call fails), `dead` (all fail from the n-th
//! on), `short` (the n-th write writes half), `short-full` (the n-th write writes half and no space is left from there
//! on), `readonly` (nothing may be changed from the n-th call on). Only calls on files below `SHIM_ONLY` are counted and
//! fail, if it is set.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn __errno_location() -> *mut c_int;
    fn lseek64(fd: c_int, offset: i64, whence: c_int) -> i64;
    fn gettid() -> c_int;
    fn getpid() -> c_int;
    fn flock(fd: c_int, operation: c_int) -> c_int;
    fn kill(process: c_int, signal: c_int) -> c_int;
}

const EIO: c_int = 5;
const ENOSPC: c_int = 28;
const EROFS: c_int = 30;
const O_WRONLY_OR_RDWR: c_int = 3;
const O_CREAT: c_int = 0o100;
const O_TRUNC: c_int = 0o1000;
const O_APPEND: c_int = 0o2000;
const SIGKILL: c_int = 9;
const SEEK_CUR: c_int = 1;
const AT_FDCWD: c_int = -100;
const LOCK_EX: c_int = 2;
const LOCK_UN: c_int = 8;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Full,
    Eio,
    Dead,
    Short,
    ShortFull,
    ReadOnly,
    Kill,
    KillHalf,
}

/// What a call does, as far as faults care.
#[derive(Clone, Copy, PartialEq)]
enum Call {
    Read,
    Open { writes: bool },
    Write,
    Sync,
    Names,
}

struct State {
    root: Vec<u8>,
    only: Vec<u8>,
    trace: Option<c_int>,
    sync_takes: std::time::Duration,
    fault: Option<(Kind, u64)>,
    calls: u64,
    /// The open files below the root.
    files: Vec<Option<File>>,
    /// The number of the newest opening; those of two processes differ.
    opened: u64,
}

/// The state, while no other thread, and no other process with the same trace, makes a call.
struct Locked(MutexGuard<'static, State>);

impl Deref for Locked {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.0
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        if let Some(trace) = self.0.trace {
            unsafe { flock(trace, LOCK_UN) };
        }
    }
}

#[derive(Clone)]
struct File {
    /// Of this opening.
    number: u64,
    path: Vec<u8>,
}

fn state() -> Locked {
    static STATE: OnceLock<Mutex<State>> = OnceLock::new();
    let state = STATE.get_or_init(|| {
        let variable = |name: &str| std::env::var(name).ok();
        let trace = variable("SHIM_TRACE").map(|path| {
            let path = std::ffi::CString::new(path).unwrap();
            let open: unsafe extern "C" fn(*const c_char, c_int, c_int) -> c_int = real(c"open64");
            unsafe { open(path.as_ptr(), 1 | O_CREAT | O_APPEND, 0o600) }
        });
        let fault = variable("SHIM_FAULT").map(|fault| {
            let (kind, n) = fault.split_once(':').unwrap();
            let kind = match kind {
                "full" => Kind::Full,
                "eio" => Kind::Eio,
                "dead" => Kind::Dead,
                "short" => Kind::Short,
                "short-full" => Kind::ShortFull,
                "readonly" => Kind::ReadOnly,
                "kill" => Kind::Kill,
                "kill-half" => Kind::KillHalf,
                other => panic!("no fault is called {other}"),
            };
            (kind, n.parse().unwrap())
        });
        let root = variable("SHIM_ROOT").unwrap_or_default().into_bytes();
        let only = variable("SHIM_ONLY").unwrap_or_default().into_bytes();
        let sync_takes = variable("SHIM_SYNC").map_or(0, |micros| micros.parse().unwrap());
        let sync_takes = std::time::Duration::from_micros(sync_takes);
        let opened = u64::from(unsafe { getpid() }.unsigned_abs()) << 32;
        Mutex::new(State { root, only, trace, sync_takes, fault, calls: 0, files: Vec::new(), opened })
    });
    let state = state.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(trace) = state.trace {
        // A signal may interrupt it.
        while unsafe { flock(trace, LOCK_EX) } != 0 {}
    }
    Locked(state)
}

/// The function of this name that would have been called without us.
fn real<F: Copy>(name: &CStr) -> F {
    let next = -1_isize as *mut c_void;
    let found = unsafe { dlsym(next, name.as_ptr()) };
    assert!(!found.is_null() && size_of::<F>() == size_of::<*mut c_void>());
    unsafe { std::mem::transmute_copy(&found) }
}

/// What becomes of one call.
enum Fate {
    Real,
    Fails(c_int),
    Half,
    /// Half, and then nothing more.
    LastHalf,
}

/// Ends the process as `kill -9` does.
fn die() -> ! {
    unsafe { kill(getpid(), SIGKILL) };
    loop {
        std::thread::park();
    }
}

impl State {
    fn is_ours(&self, path: &[u8]) -> bool {
        !self.root.is_empty() && path.starts_with(&self.root)
    }

    fn file(&self, fd: c_int) -> Option<File> {
        self.files.get(usize::try_from(fd).ok()?)?.clone()
    }

    /// Takes note of a file that was opened; `None` for one that is not ours.
    fn opened(&mut self, fd: c_int, path: Option<&[u8]>) -> Option<u64> {
        let at = usize::try_from(fd).ok()?;
        let len = self.files.len();
        self.files.resize(len.max(at + 1), None);
        self.opened += u64::from(path.is_some());
        let number = self.opened;
        self.files[at] = path.map(|path| File { number, path: path.to_vec() });
        path.map(|_| number)
    }

    fn fate(&mut self, path: &[u8], call: Call) -> Fate {
        if !path.starts_with(&self.only) {
            return Fate::Real;
        }
        self.calls += 1;
        let Some((kind, n)) = self.fault else { return Fate::Real };
        let (now, reached) = (self.calls == n, self.calls >= n);
        let writes = matches!(call, Call::Write | Call::Names | Call::Open { writes: true });
        match kind {
            Kind::Full if reached && (writes || call == Call::Sync) => Fate::Fails(ENOSPC),
            Kind::ReadOnly if reached && (writes || call == Call::Sync) => Fate::Fails(EROFS),
            Kind::Eio if now => Fate::Fails(EIO),
            Kind::Dead if reached => Fate::Fails(EIO),
            Kind::Kill if now => die(),
            Kind::KillHalf if now && call == Call::Write => Fate::LastHalf,
            Kind::Short | Kind::ShortFull if now && call == Call::Write => Fate::Half,
            // The n-th call is no write: the next one is meant.
            Kind::Short | Kind::ShortFull | Kind::KillHalf if now => {
                self.fault = Some((kind, n + 1));
                Fate::Real
            }
            Kind::ShortFull if reached && writes => Fate::Fails(ENOSPC),
            _ => Fate::Real,
        }
    }

    fn note(&self, kind: u8, a: u64, b: u64, data: &[u8]) {
        let Some(trace) = self.trace else { return };
        let mut record = vec![kind];
        record.extend_from_slice(&a.to_le_bytes());
        record.extend_from_slice(&b.to_le_bytes());
        record.extend_from_slice(&(unsafe { gettid() } as u64).to_le_bytes());
        record.extend_from_slice(&(data.len() as u32).to_le_bytes());
        record.extend_from_slice(data);
        let write: unsafe extern "C" fn(c_int, *const u8, usize) -> isize = real(c"write");
        let mut rest = record.as_slice();
        while !rest.is_empty() {
            let written = unsafe { write(trace, rest.as_ptr(), rest.len()) };
            assert!(written > 0, "the trace can't be written");
            rest = &rest[written as usize..];
        }
    }
}

fn fail(errno: c_int) -> c_int {
    unsafe { *__errno_location() = errno };
    -1
}

unsafe fn bytes<'p>(path: *const c_char) -> &'p [u8] {
    unsafe { CStr::from_ptr(path) }.to_bytes()
}

/// The path that a call means: relative ones are below an open directory.
fn absolute(state: &State, directory: c_int, path: &[u8]) -> Vec<u8> {
    match state.file(directory) {
        Some(above) if path.first() != Some(&b'/') => [above.path.as_slice(), path].join(&b'/'),
        _ => path.to_vec(),
    }
}

unsafe fn do_open(directory: c_int, path: *const c_char, flags: c_int, open: impl FnOnce() -> c_int) -> c_int {
    let mut state = state();
    let text = absolute(&state, directory, unsafe { bytes(path) });
    if !state.is_ours(&text) {
        let fd = open();
        state.opened(fd, None);
        return fd;
    }
    let writes = flags & (O_WRONLY_OR_RDWR | O_CREAT | O_TRUNC) != 0;
    if let Fate::Fails(errno) = state.fate(&text, Call::Open { writes }) {
        return fail(errno);
    }
    let fd = open();
    if let Some(number) = state.opened(fd, Some(&text)) {
        state.note(b'O', number, flags as u64, &text);
    }
    fd
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    let open: unsafe extern "C" fn(*const c_char, c_int, c_int) -> c_int = real(c"open");
    unsafe { do_open(AT_FDCWD, path, flags, || open(path, flags, mode)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    let open: unsafe extern "C" fn(*const c_char, c_int, c_int) -> c_int = real(c"open64");
    unsafe { do_open(AT_FDCWD, path, flags, || open(path, flags, mode)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn openat64(directory: c_int, path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    let open: unsafe extern "C" fn(c_int, *const c_char, c_int, c_int) -> c_int = real(c"openat64");
    unsafe { do_open(directory, path, flags, || open(directory, path, flags, mode)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn close(fd: c_int) -> c_int {
    let close: unsafe extern "C" fn(c_int) -> c_int = real(c"close");
    let mut state = state();
    if let Some(file) = usize::try_from(fd).ok().and_then(|fd| state.files.get_mut(fd)) {
        *file = None;
    }
    unsafe { close(fd) }
}

unsafe fn do_write(fd: c_int, data: *const u8, len: usize, at: Option<i64>) -> isize {
    let mut state = state();
    let write = |len: usize| match at {
        None => {
            let write: unsafe extern "C" fn(c_int, *const u8, usize) -> isize = real(c"write");
            unsafe { write(fd, data, len) }
        }
        Some(at) => {
            let write: unsafe extern "C" fn(c_int, *const u8, usize, i64) -> isize = real(c"pwrite64");
            unsafe { write(fd, data, len, at) }
        }
    };
    let all = |len: usize| unsafe { std::slice::from_raw_parts(data, len) };
    let Some(file) = state.file(fd) else {
        if fd == 1 {
            state.note(b'A', unsafe { getpid() } as u64, 0, all(len));
        }
        return write(len);
    };
    let fate = state.fate(&file.path, Call::Write);
    let len = match fate {
        Fate::Real => len,
        Fate::Fails(errno) => return fail(errno) as isize,
        Fate::Half | Fate::LastHalf => len.div_ceil(2),
    };
    let place = at.unwrap_or_else(|| unsafe { lseek64(fd, 0, SEEK_CUR) });
    let written = write(len);
    if matches!(fate, Fate::LastHalf) {
        die();
    }
    if let Ok(written) = usize::try_from(written) {
        state.note(b'W', file.number, place as u64, all(written));
    }
    written
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, data: *const u8, len: usize) -> isize {
    unsafe { do_write(fd, data, len, None) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(fd: c_int, data: *const u8, len: usize, at: i64) -> isize {
    unsafe { do_write(fd, data, len, Some(at)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(fd: c_int, data: *const u8, len: usize, at: i64) -> isize {
    unsafe { do_write(fd, data, len, Some(at)) }
}

/// A call on an open file: what it is, and what to write down when it succeeds.
unsafe fn on_file(fd: c_int, call: Call, note: Option<(u8, u64)>, run: impl FnOnce() -> isize) -> isize {
    let mut state = state();
    let Some(file) = state.file(fd) else { return run() };
    if let Fate::Fails(errno) = state.fate(&file.path, call) {
        return fail(errno) as isize;
    }
    let result = run();
    if let (Some((kind, b)), true) = (note, result >= 0) {
        state.note(kind, file.number, b, &[]);
    }
    result
}

/// A sync: others write while it runs, which it need not cover.
unsafe fn do_sync(fd: c_int, run: impl FnOnce() -> c_int) -> c_int {
    let (file, takes) = {
        let mut state = state();
        let Some(file) = state.file(fd) else { return run() };
        if let Fate::Fails(errno) = state.fate(&file.path, Call::Sync) {
            return fail(errno);
        }
        state.note(b's', file.number, 0, &[]);
        (file, state.sync_takes)
    };
    let result = run();
    if !takes.is_zero() {
        std::thread::sleep(takes);
    }
    if result == 0 {
        state().note(b'S', file.number, 0, &[]);
    }
    result
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(fd: c_int, into: *mut u8, len: usize) -> isize {
    let read: unsafe extern "C" fn(c_int, *mut u8, usize) -> isize = real(c"read");
    unsafe { on_file(fd, Call::Read, None, || read(fd, into, len)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pread64(fd: c_int, into: *mut u8, len: usize, at: i64) -> isize {
    let read: unsafe extern "C" fn(c_int, *mut u8, usize, i64) -> isize = real(c"pread64");
    unsafe { on_file(fd, Call::Read, None, || read(fd, into, len, at)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, len: i64) -> c_int {
    let truncate: unsafe extern "C" fn(c_int, i64) -> c_int = real(c"ftruncate64");
    unsafe { on_file(fd, Call::Write, Some((b'T', len as u64)), || truncate(fd, len) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    let sync: unsafe extern "C" fn(c_int) -> c_int = real(c"fsync");
    unsafe { do_sync(fd, || sync(fd)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    let sync: unsafe extern "C" fn(c_int) -> c_int = real(c"fdatasync");
    unsafe { do_sync(fd, || sync(fd)) }
}

/// Asks the system to begin writing, and is no sync.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_file_range(fd: c_int, at: i64, len: i64, flags: u32) -> c_int {
    let sync: unsafe extern "C" fn(c_int, i64, i64, u32) -> c_int = real(c"sync_file_range");
    unsafe { on_file(fd, Call::Sync, None, || sync(fd, at, len, flags) as isize) as c_int }
}

/// A call that changes names in directories.
unsafe fn on_name(path: &[u8], note: (u8, &[u8]), run: impl FnOnce() -> c_int) -> c_int {
    let mut state = state();
    if !state.is_ours(path) {
        return run();
    }
    if let Fate::Fails(errno) = state.fate(path, Call::Names) {
        return fail(errno);
    }
    let result = run();
    if result == 0 {
        state.note(note.0, 0, 0, note.1);
    }
    result
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let rename: unsafe extern "C" fn(*const c_char, *const c_char) -> c_int = real(c"rename");
    let (before, after) = unsafe { (bytes(from), bytes(to)) };
    unsafe { on_name(before, (b'R', &[before, after].join(&0)), || rename(from, to)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    let unlink: unsafe extern "C" fn(*const c_char) -> c_int = real(c"unlink");
    let name = unsafe { bytes(path) };
    unsafe { on_name(name, (b'U', name), || unlink(path)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlinkat(directory: c_int, path: *const c_char, flags: c_int) -> c_int {
    let unlink: unsafe extern "C" fn(c_int, *const c_char, c_int) -> c_int = real(c"unlinkat");
    let name = absolute(&state(), directory, unsafe { bytes(path) });
    unsafe { on_name(&name, (b'U', &name), || unlink(directory, path, flags)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmdir(path: *const c_char) -> c_int {
    let remove: unsafe extern "C" fn(*const c_char) -> c_int = real(c"rmdir");
    let name = unsafe { bytes(path) };
    unsafe { on_name(name, (b'U', name), || remove(path)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdir(path: *const c_char, mode: c_int) -> c_int {
    let mkdir: unsafe extern "C" fn(*const c_char, c_int) -> c_int = real(c"mkdir");
    let name = unsafe { bytes(path) };
    unsafe { on_name(name, (b'M', name), || mkdir(path, mode)) }
}
