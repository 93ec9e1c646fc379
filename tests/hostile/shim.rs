//! Answers for the system, by LD_PRELOAD, where the standard library offers no way to make it hostile. Compiled by the
//! tests with plain `rustc`; no part of the crate.
//!
//! `SHIM_CLOCK` is `at:step`: the clock of the day says the second `at` when it is first read, and `step` seconds more at
//! each further reading. Removing the directory `/shim/fork` forks: both processes go on after it.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn fork() -> c_int;
}

/// The clocks of the day: the exact and the coarse one.
const OF_THE_DAY: [c_int; 2] = [0, 5];

#[repr(C)]
pub struct Time {
    seconds: i64,
    nanoseconds: i64,
}

/// The function of this name that would have been called without us.
fn real<F: Copy>(name: &CStr) -> F {
    let next = -1_isize as *mut c_void;
    let found = unsafe { dlsym(next, name.as_ptr()) };
    assert!(!found.is_null() && size_of::<F>() == size_of::<*mut c_void>());
    unsafe { std::mem::transmute_copy(&found) }
}

/// The second at which the clock begins, and its step.
fn clock() -> Option<(i64, i64)> {
    static CLOCK: OnceLock<Option<(i64, i64)>> = OnceLock::new();
    *CLOCK.get_or_init(|| {
        let clock = std::env::var("SHIM_CLOCK").ok()?;
        let (at, step) = clock.split_once(':').unwrap();
        Some((at.parse().unwrap(), step.parse().unwrap()))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(id: c_int, time: *mut Time) -> c_int {
    static READINGS: AtomicI64 = AtomicI64::new(0);
    match clock() {
        Some((at, step)) if OF_THE_DAY.contains(&id) => {
            let seconds = at + step * READINGS.fetch_add(1, Ordering::Relaxed);
            unsafe { *time = Time { seconds, nanoseconds: 0 } };
            0
        }
        _ => {
            let read: unsafe extern "C" fn(c_int, *mut Time) -> c_int = real(c"clock_gettime");
            unsafe { read(id, time) }
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmdir(path: *const c_char) -> c_int {
    if unsafe { CStr::from_ptr(path) } == c"/shim/fork" {
        return unsafe { fork() }.min(0);
    }
    let remove: unsafe extern "C" fn(*const c_char) -> c_int = real(c"rmdir");
    unsafe { remove(path) }
}
