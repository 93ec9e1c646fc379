//! Waits until something changes in a directory. Knows nothing of what is in it.
//!
//! On Linux the system tells (inotify): a wait takes no time of the processor. Elsewhere, and where the system has no watch
//! left, a wait ends after a while, which grows while nothing is found: then who waits looks in vain.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// The first and the longest wait in ms where the system does not tell of changes. A look takes about 5 us: half a percent of a
/// core at first, and then next to nothing.
const FIRST_WAIT: u64 = 1;
const LONGEST_WAIT: u64 = 50;

/// Watches a directory from its creation on: a change between two waits ends the next one at once.
pub(super) struct Watch {
    told: Option<told::Told>,
    /// The next wait where the system does not tell, in ms.
    wait: AtomicU64,
}

impl Watch {
    pub(super) fn new(directory: &Path) -> Watch {
        Watch { told: told::Told::new(directory), wait: AtomicU64::new(FIRST_WAIT) }
    }

    /// Waits for a change, or so long. It may end without one. For one thread at a time: it takes the news from others.
    pub(super) fn wait(&self, patience: Duration) {
        let is_told = self.told.as_ref().is_some_and(|told| told.wait(patience).is_ok());
        if !is_told {
            let wait = self.wait.load(Ordering::Relaxed);
            thread::sleep(Duration::from_millis(wait).min(patience));
            self.wait.store(LONGEST_WAIT.min(wait * 2), Ordering::Relaxed);
        }
    }

    /// Says that a wait was not in vain.
    pub(super) fn found(&self) {
        self.wait.store(FIRST_WAIT, Ordering::Relaxed);
    }

    /// Ends the wait of another thread.
    pub(super) fn wake(&self) {
        if let Some(told) = &self.told {
            told.wake();
        }
    }
}

#[cfg(target_os = "linux")]
mod told {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init, remove_watch};

    /// Changes of which the system tells.
    pub(super) struct Told {
        queue: OwnedFd,
        watch: i32,
    }

    impl Told {
        /// `None` where the system has no watch left.
        pub(super) fn new(directory: &Path) -> Option<Told> {
            let queue = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            let changes = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE_SELF;
            let watch = add_watch(&queue, directory, changes | WatchFlags::MOVE_SELF | WatchFlags::ONLYDIR).ok()?;
            Some(Told { queue, watch })
        }

        pub(super) fn wait(&self, patience: Duration) -> io::Result<()> {
            let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&self.queue, PollFlags::IN)], Some(&patience)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            // What changed does not matter: whoever waits looks for itself.
            let mut events = [0; 4096];
            while let Ok(1..) = rustix::io::read(&self.queue, &mut events) {}
            Ok(())
        }

        /// The end of a watch is an event, too.
        pub(super) fn wake(&self) {
            // It may have ended already, with the directory.
            let _ = remove_watch(&self.queue, self.watch);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod told {
    use std::io;
    use std::path::Path;
    use std::time::Duration;

    /// No system of which this crate knows how it tells.
    pub(super) enum Told {}

    impl Told {
        pub(super) fn new(_: &Path) -> Option<Told> {
            None
        }

        pub(super) fn wait(&self, _: Duration) -> io::Result<()> {
            match *self {}
        }

        pub(super) fn wake(&self) {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use std::{fs, thread};

    #[test]
    fn a_wait_ends_soon_after_a_file_is_written() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("file");
        fs::write(&file, b"1").unwrap();
        let watch = Watch::new(scratch.path());
        watch.found();
        fs::write(&file, b"2").unwrap();
        let start = Instant::now();
        watch.wait(Duration::from_secs(60));
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(20));
                fs::write(&file, b"3").unwrap();
            });
            watch.wait(Duration::from_secs(60));
        });
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_wait_ends_when_it_is_told_to() {
        let scratch = tempfile::tempdir().unwrap();
        let (watch, start) = (Watch::new(scratch.path()), Instant::now());
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(20));
                watch.wake();
            });
            watch.wait(Duration::from_secs(60));
        });
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_wait_without_a_change_ends_with_its_patience() {
        let scratch = tempfile::tempdir().unwrap();
        let start = Instant::now();
        Watch::new(scratch.path()).wait(Duration::from_millis(20));
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
