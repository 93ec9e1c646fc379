//! Lets a copy of a log go on after a base that is ahead of it: the entries between are in no log any more.
//!
//! Under the append lock: the base is made durable, then a new segment whose header follows the base, then the mark moves
//! there, then the older segments are removed, the oldest first. Another handle finds that the segment which it has read
//! is gone, and goes on with the new one, as after a trim. Whoever is killed between leaves a base that the entries do not
//! reach: then the copy is damaged, and is fetched again.

use super::base;
use super::directory::Directory;
use super::entry::{Base, random};
use super::files::failed;
use super::handle::Handle;
use super::mark::Mark;
use super::opening::DURABLE;
use super::reach::Reach;
use super::segment::{FIRST, Place, SegmentHeader};
use crate::model::{Error, LogError, Result};

impl Handle {
    /// Goes on after a base, unless the log has its entry or a newer one.
    pub(super) fn skip_to(&self, base: &Base) -> Result<()> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        loop {
            self.check_writable(inner)?;
            self.prepare(inner, 1)?;
            let held = self.lock.take()?;
            self.catch_up_held(inner, held.is_last_writer()?)?;
            if inner.reach.head.revision >= base.head.revision {
                return Ok(());
            }
            held.will_write()?;
            self.cut(inner)?;
            // Above 1, so that who has read an empty log, which has no segment, does not take it for the first one.
            let number = (inner.reach.end.segment + 1).max(2);
            if self.directory.segment(number)?.is_some() {
                // A cut has emptied it. It is never removed, so that its name is not used twice.
                let path = self.directory.path().to_owned();
                return Err(LogError::Copy { why: format!("{path:?} has a segment that is not in use") }.into());
            }
            let Some(spare) = inner.spares.pop() else { continue };
            base::write(&self.directory, base.head, base.tag, &base.payload)?;
            // Another handle may have removed the spare.
            let Some(segment) = self.directory.name_spare(spare, number)? else { continue };
            let salt = u64::from_le_bytes(random()?);
            let (revision, previous, tag_before) = (base.head.revision + 1, base.head.id, base.tag);
            let header = SegmentHeader { number, salt, revision, part: 0, tag_before, previous };
            let written = segment.file.write_at(&header.encode(), 0).and_then(|()| segment.file.sync_all());
            let written = written.map_err(|source| failed("write", &segment.path, &source));
            let skipped = written.and_then(|()| {
                self.directory.sync()?;
                let mark = Mark { head: base.head, end: Place { segment: number, offset: FIRST } };
                self.marks.write(&mark).map_err(|source| failed("write", &self.directory.join(DURABLE), &source))?;
                remove_before(&self.directory, number)?;
                inner.index.update(&self.directory, number)?;
                (inner.reach, inner.mark, inner.base) = (Reach::beginning_of(&header), Some(mark), Some(base.head));
                (inner.clean, inner.zeroed, inner.named) = (true, 0, number);
                self.remove_superfluous_bases(inner)
            });
            return skipped.map_err(|error: Error| self.stop(inner, error));
        }
    }
}

fn remove_before(directory: &Directory, number: u64) -> Result<()> {
    for older in directory.numbers()?.into_iter().filter(|older| *older < number) {
        directory.remove_segment(older)?;
        directory.sync()?;
    }
    Ok(())
}
