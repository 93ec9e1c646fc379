//! The type of a file system. Knows nothing of an index.

use std::path::Path;

use crate::model::OpenError;

/// Refuses a directory on a file system that several machines share: their locks, and what each of them remembers of a
/// file, do not keep the promises of the log.
pub(super) fn refuse_network(path: &Path) -> Result<(), OpenError> {
    match file_system(path).and_then(network) {
        Some(kind) => Err(OpenError::NetworkFileSystem { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

/// The number of a file system's type; `None` where the system does not tell.
#[cfg(target_os = "linux")]
fn file_system(path: &Path) -> Option<u64> {
    let found = rustix::fs::statfs(path).ok()?;
    // The numbers have 32 bits, and on some machines the field is signed.
    Some(u64::from(found.f_type as u32))
}

#[cfg(not(target_os = "linux"))]
fn file_system(_: &Path) -> Option<u64> {
    None
}

/// The name of a file system that several machines share, by the number of its type (`statfs(2)` of Linux).
fn network(kind: u64) -> Option<&'static str> {
    Some(match kind {
        0x6969 => "NFS",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
        0x564c => "NCP",
        0x7375_7245 => "Coda",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x00c3_6400 => "Ceph",
        0x0bd0_0bd0 => "Lustre",
        0x0116_1970 => "GFS2",
        0x7461_636f => "OCFS2",
        0x1983_0326 => "BeeGFS",
        0x4750_4653 => "GPFS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_a_network_are_refused_by_name() {
        assert_eq!(network(0x6969), Some("NFS"));
        assert_eq!(network(0xff53_4d42), Some("SMB"));
        for local in [0xef53, 0x9123_683e, 0x5846_5342, 0x0102_1994, 0x794c_7630, 0x6573_5546] {
            assert_eq!(network(local), None, "{local:x}");
        }
        assert!(refuse_network(&std::env::temp_dir()).is_ok());
    }
}
