//! Reading entries from the frames of a log. Knows nothing of marks.

use super::directory::Directory;
use super::entry::{Entry, Head, Payload};
use super::reach::Index;
use super::segment::name;
use super::walk::{End, Step, Walk, read_header};
use crate::id::Revision;
use crate::model::{LogError, Result};

/// The entries after a revision, up to and with another: at least one, if there is any, and as many more as have
/// `most_bytes` of payload together.
pub(super) fn entries_after(
    directory: &Directory,
    index: &mut Index,
    after: Revision,
    up_to: Revision,
    most_bytes: usize,
) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    if after >= up_to {
        return Ok(entries);
    }
    let Some(mut walk) = start(directory, index, after)? else {
        let oldest = index.oldest().unwrap_or(up_to);
        return Err(LogError::Trimmed { asked: after, oldest }.into());
    };
    let (mut bytes, mut next) = (0, None);
    let mut first = walk.place();
    while walk.expected().revision <= up_to {
        let (frame, at) = match walk.step()? {
            Step::Frame(frame, at) => (frame, at),
            Step::End(end) => return Err(damaged(directory, &walk, end)),
        };
        if frame.revision <= after {
            continue;
        }
        if frame.part == 0 {
            first = at;
        }
        if frame.part == 0 && !entries.is_empty() && bytes >= most_bytes {
            break;
        }
        let entry = next.get_or_insert_with(|| Entry {
            revision: frame.revision,
            id: frame.id,
            previous: frame.previous,
            tag: frame.tag,
            payload: Payload::default(),
        });
        bytes += walk.payload().len();
        entry.payload.push(walk.payload().to_vec());
        if frame.last_of_entry {
            index.note(Head { revision: frame.revision, id: frame.id }, first);
            entries.extend(next.take());
        }
    }
    Ok(entries)
}

/// A walk from at or before the entry after a revision; `None` if its segment is gone.
fn start<'d>(directory: &'d Directory, index: &mut Index, after: Revision) -> Result<Option<Walk<'d>>> {
    let Some(reach) = index.find(after + 1) else { return Ok(None) };
    let Some(segment) = directory.segment(reach.end.segment)? else {
        // Another handle has trimmed the log.
        index.update(directory, index.last())?;
        return Ok(None);
    };
    // The file may have been used again since its header was read.
    let Some(header) = read_header(&segment)? else { return Ok(None) };
    Walk::new(directory, reach.end, header.salt, reach.expected).map(Some)
}

/// Frames of entries that were seen are not there any more.
fn damaged(directory: &Directory, walk: &Walk<'_>, end: End) -> crate::model::Error {
    let why = match end {
        End::Blank => "is empty",
        End::Bad(why) => why,
    };
    let place = walk.place();
    let path = directory.join(&name(place.segment));
    LogError::Damaged { revision: walk.expected().revision, path, why: format!("byte {} {why}", place.offset) }.into()
}
