//! Creating a log, and the files that say which log it is and how far it is durable.
//!
//! The file `id` is written last, so a directory without it is an unfinished creation, which holds no entries: a log is
//! created anew over it. It names the log and where the log begins.

use std::io::ErrorKind;

use super::base;
use super::directory::Directory;
use super::entry::{Base, EntryId, Head, bug, check_pieces};
use super::files::{Files, failed};
use super::frame::Fields;
use super::mark::MarkFile;
use crate::model::{LogError, Result};

pub(super) const ID: &str = "id";
pub(super) const LOCK: &str = "lock";
pub(super) const DURABLE: &str = "durable";
const MAGIC: [u8; 8] = *b"ri-logid";

/// The content of the file `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The id of the log: new for each history.
    pub(super) log: EntryId,
    /// What the first entry follows.
    pub(super) begin: Head,
    /// The tag of the last piece before that of the first entry.
    pub(super) tag: u64,
}

impl Identity {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.log.bytes());
        bytes.extend(self.begin.revision.to_le_bytes());
        bytes.extend(self.begin.id.bytes());
        bytes.extend(self.tag.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Identity> {
        let mut fields = Fields(bytes.get(MAGIC.len()..)?);
        let log = fields.id()?;
        let begin = Head { revision: fields.u64()?, id: fields.id()? };
        let identity = Identity { log, begin, tag: fields.u64()? };
        (bytes == identity.encode()).then_some(identity)
    }

    pub(super) fn read(directory: &Directory) -> Result<Identity> {
        let path = directory.join(ID);
        let missing = || LogError::Missing { path: directory.path().to_owned() };
        let file = directory.open_to_read(ID)?.ok_or_else(missing)?;
        let mut bytes = vec![0; Identity::decode_length() + 1];
        let filled = file.read_at(&mut bytes, 0).map_err(|source| failed("read", &path, &source))?;
        bytes.truncate(filled);
        let damaged = || LogError::Damaged { revision: 0, path, why: "it does not name a log".to_owned() };
        Ok(Identity::decode(&bytes).ok_or_else(damaged)?)
    }

    fn decode_length() -> usize {
        MAGIC.len() + 16 + 8 + 16 + 8 + 4
    }
}

/// Creates a log in a directory that does not exist, is empty, or holds an unfinished creation.
pub(super) fn create(directory: &Directory, files: &dyn Files, id: EntryId, begin: Option<&Base>) -> Result<()> {
    let path = directory.path();
    match files.create_directory(path) {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => return Err(failed("create", path, &source)),
        _ => {}
    }
    let names = directory.names()?;
    if names.iter().any(|name| name == ID) || !directory.numbers()?.is_empty() {
        return Err(LogError::Exists { path: path.to_owned() }.into());
    }
    for (name, length) in [(LOCK, 0), (DURABLE, MarkFile::BYTES)] {
        directory.remove(name)?;
        directory.create(name, length)?;
    }
    if let Some(base) = begin {
        if base.head.revision == 0 {
            return Err(bug("a base at revision 0 is the empty log"));
        }
        check_pieces(&base.payload, 0, "the base")?;
        base::write(directory, base.head, base.tag, &base.payload)?;
    }
    let (begin, tag) = begin.map_or((Head::START, 0), |base| (base.head, base.tag));
    let identity = Identity { log: id, begin, tag };
    directory.write_aside(ID, &mut |file| {
        file.write_at(&identity.encode(), 0).map_err(|source| failed("write", &directory.join(ID), &source))
    })?;
    let above = path.parent().unwrap_or(path);
    files.sync_directory(above).map_err(|source| failed("sync", above, &source))
}

/// The file of the mark. One that is missing is created where the handle may write: it has no mark then.
pub(super) fn open_mark(directory: &Directory, writable: bool, log: EntryId) -> Result<MarkFile> {
    let file = match directory.open(DURABLE)? {
        None if writable => {
            let file = directory.create(DURABLE, MarkFile::BYTES)?;
            directory.sync()?;
            Some(file)
        }
        file => file,
    };
    Ok(MarkFile::new(file, log))
}
