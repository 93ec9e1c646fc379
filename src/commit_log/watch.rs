//! Waits until something changes in a directory. Knows nothing of what is in it.
//!
//! On Linux the system tells (inotify): a wait takes no time of the processor. Elsewhere, and where the system has no watch
//! left, a wait ends after a while, which grows while nothing is found: then who waits looks in vain.
//!
//! A watch can be *narrow*: on one file of the directory, so that whoever writes the others does not wake who waits. Then a
//! wait ends after some ms, so that the others are looked at, too. A narrow watch of which nothing is told becomes wide again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// The first and the longest wait in ms where the system does not tell of changes. A look takes about 5 us: half a percent of a
/// core at first, and then next to nothing.
const FIRST_WAIT: u64 = 1;
const LONGEST_WAIT: u64 = 50;
/// The longest wait of a narrow watch, and after how many of them without news it becomes wide: a second.
const NARROW_WAIT: Duration = Duration::from_millis(10);
const NARROW_WAITS: u64 = 100;

/// Watches a directory from its creation on: a change between two waits ends the next one at once.
pub(super) struct Watch {
    told: Option<told::Told>,
    directory: PathBuf,
    /// The file of a narrow watch; `None` for one that is always wide.
    file: Option<PathBuf>,
    is_narrow: AtomicBool,
    /// Waits of a narrow watch since it was told of anything.
    in_vain: AtomicU64,
    /// The next wait where the system does not tell, in ms.
    wait: AtomicU64,
}

impl Watch {
    /// A wide one. It can be narrowed to a file of the directory.
    pub(super) fn new(directory: &Path, file: Option<&Path>) -> Watch {
        Watch {
            told: told::Told::new(directory),
            directory: directory.to_owned(),
            file: file.map(Path::to_owned),
            is_narrow: AtomicBool::new(false),
            in_vain: AtomicU64::new(0),
            wait: AtomicU64::new(FIRST_WAIT),
        }
    }

    /// Waits for a change, or so long; a narrow one some ms at most. It may end without a change. Returns whether the system
    /// told of any. For one thread at a time: it takes the news from others.
    pub(super) fn wait(&self, patience: Duration) -> bool {
        let is_narrow = self.is_narrow.load(Ordering::Relaxed);
        let patience = if is_narrow { patience.min(NARROW_WAIT) } else { patience };
        let Some(Ok(is_told)) = self.told.as_ref().map(|told| told.wait(patience)) else {
            let wait = self.wait.load(Ordering::Relaxed);
            thread::sleep(Duration::from_millis(wait).min(patience));
            self.wait.store(LONGEST_WAIT.min(wait * 2), Ordering::Relaxed);
            return false;
        };
        if is_told {
            self.in_vain.store(0, Ordering::Relaxed);
        } else if is_narrow && self.in_vain.fetch_add(1, Ordering::Relaxed) >= NARROW_WAITS {
            self.widen();
        }
        is_told
    }

    /// From now on only the file is watched. Who waits looks for news before the next wait.
    pub(super) fn narrow(&self) {
        if let (Some(told), Some(file)) = (&self.told, &self.file)
            && !self.is_narrow.load(Ordering::Relaxed)
            && told.watch_instead(file)
        {
            self.in_vain.store(0, Ordering::Relaxed);
            self.is_narrow.store(true, Ordering::Relaxed);
        }
    }

    /// From now on the whole directory is watched again. Returns whether that is a change: then who waits looks for news
    /// before the next wait.
    pub(super) fn widen(&self) -> bool {
        let Some(told) = self.told.as_ref().filter(|_| self.is_narrow.load(Ordering::Relaxed)) else { return false };
        if told.watch_instead(&self.directory) {
            self.is_narrow.store(false, Ordering::Relaxed);
            return true;
        }
        false
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
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init, remove_watch};

    fn changes() -> WatchFlags {
        let inside = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO;
        inside | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF
    }

    /// Changes of which the system tells.
    pub(super) struct Told {
        queue: OwnedFd,
        /// The number of the watch that there is.
        watch: Mutex<i32>,
    }

    impl Told {
        /// `None` where the system has no watch left.
        pub(super) fn new(directory: &Path) -> Option<Told> {
            let queue = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            let watch = Mutex::new(add_watch(&queue, directory, changes()).ok()?);
            Some(Told { queue, watch })
        }

        /// Whether there was any change.
        pub(super) fn wait(&self, patience: Duration) -> io::Result<bool> {
            let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
            let is_told = match poll(&mut [PollFd::new(&self.queue, PollFlags::IN)], Some(&patience)) {
                Ok(ready) => ready > 0,
                Err(rustix::io::Errno::INTR) => false,
                Err(error) => return Err(error.into()),
            };
            self.take_all();
            Ok(is_told)
        }

        /// What changed does not matter: whoever waits looks for itself.
        fn take_all(&self) {
            let mut events = [0; 4096];
            while let Ok(1..) = rustix::io::read(&self.queue, &mut events) {}
        }

        /// Watches another file or directory instead. Returns whether it does; it may be gone.
        pub(super) fn watch_instead(&self, path: &Path) -> bool {
            let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(next) = add_watch(&self.queue, path, changes()) else { return false };
            // It may have ended already, with the directory. Its end is an event, which is none for who waits.
            let _ = remove_watch(&self.queue, std::mem::replace(&mut *watch, next));
            self.take_all();
            true
        }

        /// The end of a watch is an event, too.
        pub(super) fn wake(&self) {
            let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            // It may have ended already, with the directory.
            let _ = remove_watch(&self.queue, *watch);
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

        pub(super) fn wait(&self, _: Duration) -> io::Result<bool> {
            match *self {}
        }

        pub(super) fn watch_instead(&self, _: &Path) -> bool {
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
        let watch = Watch::new(scratch.path(), None);
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
        let (watch, start) = (Watch::new(scratch.path(), None), Instant::now());
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
        assert!(!Watch::new(scratch.path(), None).wait(Duration::from_millis(20)));
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    /// Of a system that tells nothing, nothing is asked here.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_narrow_watch_tells_of_its_file_alone_until_it_is_wide_again() {
        let scratch = tempfile::tempdir().unwrap();
        let [file, other] = ["file", "other"].map(|name| scratch.path().join(name));
        [&file, &other].into_iter().for_each(|file| fs::write(file, b"1").unwrap());
        let watch = Watch::new(scratch.path(), Some(&file));
        let told_of = |file: &Path| {
            fs::write(file, b"2").unwrap();
            watch.wait(Duration::ZERO)
        };
        assert!(told_of(&file) && told_of(&other));
        watch.narrow();
        assert!(told_of(&file) && !told_of(&other));
        assert!(watch.widen() && !watch.widen());
        assert!(told_of(&file) && told_of(&other));
        watch.narrow();
        (0..=NARROW_WAITS).for_each(|_| assert!(!watch.wait(Duration::ZERO)));
        assert!(told_of(&other), "nothing was told for long, and the watch is still narrow");
        // Nothing wakes who waits but the end of the watch.
        watch.narrow();
        watch.wake();
        assert!(watch.wait(Duration::ZERO));
    }
}
