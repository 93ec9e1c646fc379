//! Making entries durable: writing again, syncing, moving the mark; and what a handle shows. As `sync.rs`, `mark.rs`
//! and `begin_sync` to `end_sync` of the library.

use crate::model::{Access, Give, Model, What};
use crate::rules::Rule;
use crate::state::{After, At, BAD, DURABLE, Handle, SLOTS, State, WRITTEN, bit};
use crate::walk::Start;

impl Model {
    pub(crate) fn sync_steps(&self, state: &State, handle: usize, give: &mut Give<'_>) {
        let own = state.handles[handle];
        match own.at {
            At::Idle => {
                if state.revision(own.head) > state.revision(state.durable(handle))
                    && let Some(after) = self.begin_sync(state, handle)
                {
                    give(What::BeginSync, false, after);
                }
                if let Some(after) = self.look(state, handle) {
                    give(What::Look, false, after);
                }
            }
            At::OpenSync => {
                if let Some(after) = self.begin_sync(state, handle) {
                    give(What::BeginSync, false, after);
                }
            }
            At::Sync(segment) => {
                if own.failed & bit(segment) == 0 {
                    let mut after = *state;
                    self.sync_segment(&mut after, segment);
                    self.after_segment(&mut after, handle, segment);
                    give(What::Sync(segment), false, Ok(after));
                }
                if let Some(after) = self.failed_sync(state, handle, segment) {
                    give(What::Sync(segment), true, Ok(after));
                }
            }
            At::SyncNames => {
                let mut after = *state;
                (after.names_in_doubt, after.bases_in_doubt) = (0, 0);
                after.handles[handle].at = At::MoveMark;
                give(What::SyncNames, false, Ok(after));
                if state.left.failed_syncs > 0 {
                    let mut after = *state;
                    after.note_failed_sync();
                    after.stop(handle);
                    give(What::SyncNames, true, Ok(after));
                }
            }
            At::MoveMark if state.lock == 0 || !self.keeps(Rule::AppendLock) => {
                give(What::MoveMark, false, self.move_mark(state, handle));
            }
            _ => {}
        }
    }

    /// The first half of a sync. `None` while another handle has the lock that is needed.
    fn begin_sync(&self, state: &State, handle: usize) -> Option<After> {
        let mut after = *state;
        let readable = self.readable(state, handle);
        after.handles[handle].mark = state.newer(state.handles[handle].mark, state.read_mark());
        let Handle { head, mark, .. } = after.handles[handle];
        if state.revision(head) <= state.revision(after.durable(handle)) {
            if !self.is_there(state, readable, head) {
                return Some(after.forked(handle));
            }
            return Some(self.synced(after, handle));
        }
        let from = self.first_segment(state, mark, readable);
        let mut target = head;
        let (last, _) = self.split(state.end(head) - 1);
        let unproven = (from..=last).any(|segment| after.handles[handle].proven & bit(segment) == 0);
        if unproven && self.keeps(Rule::WriteAgain) {
            if state.lock != 0 && self.keeps(Rule::AppendLock) {
                return None;
            }
            if self.keeps(Rule::HeadById) && !self.is_there(state, readable, head) {
                return Some(after.forked(handle));
            }
            let stop = self.walk(state, readable, self.after(state, head), &mut |_| {});
            target = stop.head;
            after.handles[handle].head = target;
            if !self.write_again(&mut after, handle, from, target) {
                return Some(after.forked(handle));
            }
        }
        let own = &mut after.handles[handle];
        own.target = target;
        let (last, _) = self.split(state.end(target) - 1);
        let first = if self.keeps(Rule::SyncAllSegments) { from } else { last };
        own.open |= (first..=last).fold(0, |all, segment| all | bit(segment)) & state.names;
        own.at = At::Sync(first);
        if !self.keeps(Rule::SyncBeforeMark) {
            own.at = At::MoveMark;
        }
        Some(Ok(after))
    }

    /// The segment of the mark, or the first one after it if a trim has removed it.
    fn first_segment(&self, state: &State, mark: u8, readable: u8) -> u8 {
        let (names, from) = match mark {
            0 => (state.names, 1),
            mark => (readable, self.split(state.end(mark) - 1).0),
        };
        State::numbers(names).find(|number| *number >= from).unwrap_or(from)
    }

    /// Checks the entries above the mark and writes them again. False if the target is not there.
    fn write_again(&self, state: &mut State, handle: usize, from: u8, target: u8) -> bool {
        let Handle { mark, proven, .. } = state.handles[handle];
        let readable = self.readable(state, handle);
        let there = mark != 0 && self.split(state.end(mark) - 1).0 == from;
        let start = if there && self.valid_header(state, from, readable).is_some() {
            self.after(state, mark)
        } else if from > 1 {
            match self.valid_header(state, from, readable) {
                Some(header) => self.beginning_of(state, from, header),
                None => return false,
            }
        } else {
            Start { head: 0, segment: 0, cell: 0, salt: 0, part: 0 }
        };
        if self.walk(state, readable, start, &mut |_| {}).head != target {
            return false;
        }
        let (last, _) = self.split(state.end(target) - 1);
        for segment in (from..=last).filter(|segment| proven & bit(*segment) == 0) {
            for sector in self.sectors_of(segment).filter(|sector| *sector < SLOTS) {
                let now = state.sectors[sector].now();
                if now != 0 {
                    state.sectors[sector].write(now);
                }
            }
            state.handles[handle].proven |= bit(segment);
        }
        true
    }

    pub(crate) fn sync_segment(&self, state: &mut State, segment: u8) {
        for sector in self.sectors_of(segment) {
            state.sectors[sector].sync();
        }
    }

    fn after_segment(&self, state: &mut State, handle: usize, segment: u8) {
        let Handle { target, named, .. } = state.handles[handle];
        let (last, _) = self.split(state.end(target) - 1);
        state.handles[handle].at = if segment < last {
            At::Sync(segment + 1)
        } else if named < last && self.keeps(Rule::SyncNames) {
            At::SyncNames
        } else {
            At::MoveMark
        };
    }

    /// A sync of a segment that fails; `None` if there is nothing to fail.
    pub(crate) fn failed_sync(&self, state: &State, handle: usize, segment: u8) -> Option<State> {
        let mut after = *state;
        let told = state.handles[handle].failed & bit(segment) != 0;
        let dirty = self.sectors_of(segment).any(|sector| state.sectors[sector].is_dirty());
        if !told {
            if state.left.failed_syncs == 0 || !dirty {
                return None;
            }
            after.note_failed_sync();
            for sector in self.sectors_of(segment) {
                after.sectors[sector].fail();
            }
            let other = &mut after.handles[1 - handle];
            other.failed |= other.open & bit(segment);
        }
        after.handles[handle].failed &= !bit(segment);
        if self.keeps(Rule::FailedSyncStops) {
            after.stop(handle);
        } else if state.handles[handle].opening {
            after.handles[handle].at = At::OpenSync;
        } else {
            after.release(handle);
            (after.handles[handle].at, after.handles[handle].target) = (At::Idle, 0);
        }
        Some(after)
    }

    fn move_mark(&self, state: &State, handle: usize) -> After {
        let mut after = *state;
        let Handle { target, mark, .. } = state.handles[handle];
        if self.keeps(Rule::TargetById) && !self.is_there(state, self.readable(state, handle), target) {
            return after.forked(handle);
        }
        let valid = |slot: usize| Some(state.sectors[SLOTS + slot].now() as u8).filter(|mark| ![0, BAD].contains(mark));
        let revisions = [0, 1].map(|slot| valid(slot).map_or(0, |mark| state.revision(mark)));
        let older = if self.keeps(Rule::TwoSlots) { usize::from(revisions[1] < revisions[0]) } else { 0 };
        if !self.keeps(Rule::MarkNeverBack) || revisions.iter().all(|other| *other < state.revision(target)) {
            after.sectors[SLOTS + older].write(u16::from(target));
        }
        let (last, _) = self.split(state.end(target) - 1);
        let own = &mut after.handles[handle];
        own.named = own.named.max(last);
        own.mark = state.newer(mark, target);
        own.target = 0;
        let after = after.tell(target, DURABLE)?;
        self.synced(after, handle)
    }

    /// The end of a sync.
    fn synced(&self, mut state: State, handle: usize) -> After {
        if state.handles[handle].opening {
            state.handles[handle].at = At::OpenSyncMark;
            return Ok(state);
        }
        state.handles[handle].at = At::Idle;
        self.show(state, handle)
    }

    /// Shows what a handle of its kind shows.
    pub(crate) fn show(&self, state: State, handle: usize) -> After {
        let (head, durable) = (state.handles[handle].head, state.durable(handle));
        match self.access[handle] {
            Access::Lazy => state.tell(head, WRITTEN),
            Access::Synced if self.keeps(Rule::ShowUpToMark) => state.tell(durable, DURABLE),
            Access::Synced => state.tell(head, DURABLE),
        }
    }

    /// Reads the mark and what others have appended. `None` if there is nothing new.
    fn look(&self, state: &State, handle: usize) -> Option<After> {
        let mut after = *state;
        let own = state.handles[handle];
        if self.access[handle] == Access::Synced {
            after.handles[handle].mark = state.newer(own.mark, state.read_mark());
        }
        let mut readable = self.readable(state, handle);
        let mut head = self.walk(state, readable, self.after(state, own.head), &mut |_| {}).head;
        if head == own.head && self.is_behind_trim(state, handle) {
            let first = State::numbers(state.names).next()?;
            let header = self.valid_header(state, first, state.names)?;
            if !self.is_there(state, readable, own.head) {
                return Some(after.forked(handle));
            }
            readable = state.names;
            head = self.walk(state, readable, self.beginning_of(state, first, header), &mut |_| {}).head;
        }
        after.handles[handle].head = head;
        if head != 0 {
            let (last, _) = self.split(state.end(head) - 1);
            after.handles[handle].open |= state.names & ((bit(last) - 1) | bit(last));
        }
        let new = after.handles[handle] != own;
        new.then(|| self.show(after, handle))
    }

    /// Whether the segment of the newest entry of a handle was removed.
    pub(crate) fn is_behind_trim(&self, state: &State, handle: usize) -> bool {
        let end = self.after(state, state.handles[handle].head);
        state.names != 0 && state.names & bit(end.segment.max(1)) == 0
    }
}
