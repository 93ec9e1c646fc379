//! Who holds the lock of a file, as far as the system tells. Knows nothing of what the lock is for.

use std::fs::File;

/// The id of the process that locked a file; `None` where the system does not tell, as outside Linux, or for a process of
/// another container.
pub(crate) fn holder(file: &File) -> Option<u32> {
    #[cfg(target_os = "linux")]
    {
        let inode = std::os::unix::fs::MetadataExt::ino(&file.metadata().ok()?);
        holder_of(&std::fs::read_to_string("/proc/locks").ok()?, inode)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        None
    }
}

/// Reads lines such as `1: FLOCK  ADVISORY  WRITE 1234 fe:01:5678 0 EOF`. The numbers of the device differ from those of the
/// file on some file systems, so the inode decides.
#[cfg(target_os = "linux")]
fn holder_of(locks: &str, inode: u64) -> Option<u32> {
    locks.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let is_lock = words.next() == Some("FLOCK");
        let process = words.nth(2)?.parse().ok().filter(|process| *process > 0)?;
        let found: u64 = words.next()?.rsplit(':').next()?.parse().ok()?;
        (is_lock && found == inode).then_some(process)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_lock_is_the_process_that_took_it() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(holder(&file), None);
        file.lock().unwrap();
        assert_eq!(holder(&file), cfg!(target_os = "linux").then(std::process::id));
        file.unlock().unwrap();
        assert_eq!(holder(&file), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn who_waits_for_a_lock_does_not_hold_it() {
        let locks = "1: FLOCK  ADVISORY  WRITE 42 fe:01:7 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 43 fe:01:8 0 EOF\n\
                     2: POSIX  ADVISORY  WRITE 44 fe:01:9 0 EOF\n";
        let expected = [(7, Some(42)), (8, None), (9, None), (10, None)];
        assert_eq!(expected.map(|(inode, _)| (inode, holder_of(locks, inode))), expected);
    }
}
