//! A state of the model: the disk, the handles, and what somebody was told.
//!
//! An *attempt* is an append of one entry in one or two frames. It is named by a number, which plays the part of its
//! random id and, if it begins a segment, of that segment's salt. A frame is one byte: attempt, part, salt; a header is
//! the attempt and part of the first frame. Places are counted over all segments from 0; segments are counted from 1.

use crate::disk::Sector;
use crate::rules::Property;

pub(crate) const SECTORS: usize = 12;
pub(crate) const SLOTS: usize = 10;
pub(crate) const ATTEMPTS: usize = 7;
/// Bytes that are no frame and no header.
pub(crate) const BAD: u8 = 0xff;

/// How often each of these may still happen.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) attempts: u8,
    /// Attempts of two frames.
    pub(crate) long: u8,
    pub(crate) kills: u8,
    pub(crate) powers: u8,
    pub(crate) failed_syncs: u8,
    pub(crate) no_space: u8,
    pub(crate) rots: u8,
    pub(crate) checkpoints: u8,
    pub(crate) lost_rows: u8,
    pub(crate) bases: u8,
    pub(crate) trims: u8,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The attempt before; 0 for the beginning of the log.
    pub(crate) previous: u8,
    pub(crate) revision: u8,
    pub(crate) frames: u8,
    /// The revision that its writer knew to be durable.
    pub(crate) durable: u8,
    /// Of its first frame.
    pub(crate) place: u8,
    pub(crate) salts: [u8; 2],
    pub(crate) told: u8,
}

/// What somebody was told of an attempt.
pub(crate) const DURABLE: u8 = 1;
pub(crate) const WRITTEN: u8 = 2;
pub(crate) const REFUSED: u8 = 4;

/// Where a handle is in what it does.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum At {
    #[default]
    Closed,
    /// The rows were read; then the mark is.
    OpenMark,
    OpenEnd,
    OpenSync,
    OpenSyncMark,
    Idle,
    Cut(u8),
    CutSync(u8),
    Name(u8),
    NameSync(u8),
    Header(u8),
    Frame(u8),
    Sync(u8),
    SyncNames,
    MoveMark,
    BaseSync,
    TrimSync,
    TrimRemove,
    TrimRemoveSync,
    Stopped,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Handle {
    pub(crate) at: At,
    /// The newest entry that was read.
    pub(crate) head: u8,
    /// As last read or written; never older.
    pub(crate) mark: u8,
    /// The newest base at the opening, or put since.
    pub(crate) base: u8,
    /// The entry of the rows, while opening.
    pub(crate) known: u8,
    /// What was settled when an opening read the mark.
    pub(crate) settled: u8,
    /// Of a sync, or the attempt of an append.
    pub(crate) target: u8,
    /// Segments that are open, those with no bytes in doubt, those of which a sync has failed since.
    pub(crate) open: u8,
    pub(crate) proven: u8,
    pub(crate) failed: u8,
    /// The newest segment whose name was synced.
    pub(crate) named: u8,
    pub(crate) clean: bool,
    pub(crate) opening: bool,
    /// Whether a cut undoes an append.
    pub(crate) undo: bool,
}

/// The next state, or the property that a step breaks.
pub(crate) type After = Result<State, Property>;

#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) sectors: [Sector; SECTORS],
    pub(crate) attempts: [Attempt; ATTEMPTS],
    pub(crate) handles: [Handle; 2],
    pub(crate) made: u8,
    /// Names of segments and of bases, a bit each, and those that may be otherwise on disk.
    pub(crate) names: u8,
    pub(crate) names_in_doubt: u8,
    pub(crate) bases: u8,
    pub(crate) bases_in_doubt: u8,
    /// The entry of the checkpoint; 0 for none.
    pub(crate) rows: u8,
    /// Who holds the append lock, and whose number is in it, from 1 on.
    pub(crate) lock: u8,
    pub(crate) writer: u8,
    pub(crate) left: Left,
    /// The revision of the mark when an opening last synced it.
    pub(crate) settled: u8,
    /// The sector that has rotted, from 1 on.
    pub(crate) rot: u8,
    pub(crate) sync_failed: bool,
}

pub(crate) fn bit(number: u8) -> u8 {
    1 << number
}

impl State {
    pub(crate) fn revision(&self, attempt: u8) -> u8 {
        self.attempts[attempt as usize].revision
    }

    /// The place after the last frame of an attempt.
    pub(crate) fn end(&self, attempt: u8) -> u8 {
        self.attempts[attempt as usize].place + self.attempts[attempt as usize].frames
    }

    /// The salt of the segment of its last frame.
    pub(crate) fn salt(&self, attempt: u8) -> u8 {
        let attempt = &self.attempts[attempt as usize];
        attempt.salts[usize::from(attempt.frames == 2)]
    }

    pub(crate) fn newer(&self, a: u8, b: u8) -> u8 {
        if self.revision(b) > self.revision(a) { b } else { a }
    }

    /// Whether the second attempt is the first, or was built on it.
    pub(crate) fn is_before(&self, first: u8, mut second: u8) -> bool {
        while self.revision(second) > self.revision(first) {
            second = self.attempts[second as usize].previous;
        }
        first == second
    }

    /// The newest entry that a handle knows to be durable.
    pub(crate) fn durable(&self, handle: usize) -> u8 {
        self.newer(self.handles[handle].mark, self.handles[handle].base)
    }

    pub(crate) fn read_mark(&self) -> u8 {
        let [a, b] = [0, 1].map(|slot| self.sectors[SLOTS + slot].now() as u8);
        let valid = |mark: u8| if mark == BAD { 0 } else { mark };
        self.newer(valid(a), valid(b))
    }

    pub(crate) fn numbers(names: u8) -> impl DoubleEndedIterator<Item = u8> {
        (0..8).filter(move |number| names & bit(*number) != 0)
    }

    /// Notes that an entry, and all before it, was acknowledged or shown.
    pub(crate) fn tell(mut self, attempt: u8, told: u8) -> After {
        if told == WRITTEN && (self.sync_failed || self.rot != 0) {
            // Nothing is promised of what is not durable.
            return Ok(self);
        }
        for other in 1..=self.made {
            let claimed = self.attempts[other as usize].told & (DURABLE | WRITTEN) != 0;
            if claimed && !self.is_before(other, attempt) && !self.is_before(attempt, other) {
                return Err(Property::OneHistory);
            }
        }
        let mut at = attempt;
        while at != 0 {
            self.attempts[at as usize].told |= told;
            at = self.attempts[at as usize].previous;
        }
        Ok(self)
    }

    /// Notes that a sync has failed: what was only written is promised no more.
    pub(crate) fn note_failed_sync(&mut self) {
        self.left.failed_syncs -= 1;
        self.sync_failed = true;
        self.forget_written();
    }

    /// What was only written is promised no more.
    pub(crate) fn forget_written(&mut self) {
        for attempt in &mut self.attempts {
            attempt.told &= DURABLE | REFUSED;
        }
    }

    /// Stops a handle since its newest entry is gone. Right only after a failed sync or damage.
    pub(crate) fn forked(mut self, handle: usize) -> After {
        if !self.sync_failed && self.rot == 0 {
            return Err(Property::NoFalseAlarm);
        }
        self.stop(handle);
        Ok(self)
    }

    pub(crate) fn stop(&mut self, handle: usize) {
        self.release(handle);
        let Handle { open, .. } = self.handles[handle];
        self.handles[handle] = Handle { at: At::Stopped, open, ..Handle::default() };
    }

    pub(crate) fn release(&mut self, handle: usize) {
        if self.lock == handle as u8 + 1 {
            self.lock = 0;
        }
    }

    /// A hash of everything.
    pub(crate) fn key(&self) -> u64 {
        let mut hash = 0;
        let mut add = |word: u64| {
            hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 29;
        };
        for sector in self.sectors {
            let [low, high] = sector.words();
            add(low ^ high.rotate_left(17).wrapping_mul(0xd6e8_feb8_6659_fd93));
        }
        for at in 1..=self.made as usize {
            let Attempt { previous, revision, frames, durable, place, salts, told } = self.attempts[at];
            add(u64::from_le_bytes([previous, revision, frames, durable, place, salts[0], salts[1], told]));
        }
        for Handle {
            at,
            head,
            mark,
            base,
            known,
            target,
            open,
            proven,
            failed,
            named,
            clean,
            opening,
            undo,
            settled,
        } in self.handles
        {
            let at = at.number();
            let flags = u8::from(clean) | u8::from(opening) << 1 | u8::from(undo) << 2;
            add(u64::from_le_bytes([at[0], at[1], head, mark, base, known, target, open]));
            add(u64::from_le_bytes([proven, failed, named, flags, settled, 0, 0, 0]));
        }
        let Left { attempts, long, kills, powers, failed_syncs, no_space, rots, checkpoints, lost_rows, bases, trims } =
            self.left;
        add(u64::from_le_bytes([self.made, self.names, self.names_in_doubt, self.bases, self.bases_in_doubt, 1, 0, 0]));
        add(u64::from_le_bytes([
            self.rows,
            self.lock,
            self.writer,
            self.rot,
            self.sync_failed.into(),
            2,
            self.settled,
            0,
        ]));
        add(u64::from_le_bytes([attempts, long, kills, powers, failed_syncs, no_space, rots, checkpoints]));
        add(u64::from_le_bytes([lost_rows, bases, trims, 0, 0, 0, 0, 0]));
        hash
    }
}

impl At {
    fn number(self) -> [u8; 2] {
        match self {
            At::Closed => [0, 0],
            At::OpenMark => [1, 0],
            At::OpenEnd => [2, 0],
            At::OpenSync => [3, 0],
            At::OpenSyncMark => [4, 0],
            At::Idle => [5, 0],
            At::Cut(segment) => [6, segment],
            At::CutSync(segment) => [7, segment],
            At::Name(part) => [8, part],
            At::NameSync(part) => [9, part],
            At::Header(part) => [10, part],
            At::Frame(part) => [11, part],
            At::Sync(segment) => [12, segment],
            At::SyncNames => [13, 0],
            At::MoveMark => [14, 0],
            At::BaseSync => [15, 0],
            At::TrimSync => [16, 0],
            At::TrimRemove => [17, 0],
            At::TrimRemoveSync => [18, 0],
            At::Stopped => [19, 0],
        }
    }
}
