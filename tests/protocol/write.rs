//! Appending: head check, cut, new segments, frames. As `append.rs` and `try_append` of the library.

use crate::model::{Access, Give, Model, What};
use crate::rules::{Property, Rule};
use crate::state::{After, At, Attempt, Handle, REFUSED, State, WRITTEN, bit};
use crate::walk::Start;

impl Model {
    pub(crate) fn write_steps(&self, state: &State, handle: usize, give: &mut Give<'_>) {
        match state.handles[handle].at {
            At::Idle => {
                for frames in 1..=2 {
                    if let Some(after) = self.begin_append(state, handle, frames) {
                        give(What::Append(frames), false, after);
                    }
                }
            }
            At::Cut(segment) => give(What::Cut(segment), false, Ok(self.cut(state, handle, segment))),
            At::CutSync(segment) => {
                give(What::SyncCut(segment), false, Ok(self.cut_synced(state, handle, segment)));
                if let Some(mut failed) = self.failed_sync(state, handle, segment) {
                    // The append is said to have failed all the same: its last frame was never written.
                    if state.handles[handle].undo {
                        failed.attempts[state.handles[handle].target as usize].told |= REFUSED;
                    }
                    give(What::SyncCut(segment), true, Ok(failed));
                }
            }
            At::Name(part) => give(What::Name(part), false, Ok(self.name(state, handle, part))),
            At::NameSync(part) => {
                let mut after = *state;
                after.names_in_doubt = 0;
                after.bases_in_doubt = 0;
                after.handles[handle].at = At::Header(part);
                give(What::SyncNewName, false, Ok(after));
                if state.left.failed_syncs > 0 {
                    let mut after = *state;
                    after.note_failed_sync();
                    after.stop(handle);
                    give(What::SyncNewName, true, Ok(after));
                }
            }
            At::Header(part) => {
                let mut after = *state;
                let attempt = state.handles[handle].target;
                let place = state.attempts[attempt as usize].place + part;
                let header = self.header_at(self.split(place).0);
                after.sectors[header].write(u16::from(attempt | part << 3));
                after.handles[handle].at = At::Frame(part);
                give(What::Header(part), false, Ok(after));
                self.no_space(state, handle, give);
            }
            At::Frame(part) => {
                give(What::Frame(part), false, self.put(state, handle, part));
                self.no_space(state, handle, give);
            }
            _ => {}
        }
    }

    /// Everything before the first write. `None` if this handle has to look at others' entries first.
    fn begin_append(&self, state: &State, handle: usize, frames: u8) -> Option<After> {
        let Handle { head, clean, mark, .. } = state.handles[handle];
        let (place, left) = (state.end(head), state.left);
        let long = frames == 2;
        let held = self.keeps(Rule::AppendLock) && state.lock != 0;
        let fits = state.revision(head) < self.entries && place + frames <= self.cells * self.segments;
        if held || !fits || left.attempts == 0 || long && left.long == 0 {
            return None;
        }
        let mut after = *state;
        if self.keeps(Rule::AppendLock) {
            after.lock = handle as u8 + 1;
        }
        let readable = self.readable(state, handle);
        let alone = state.writer == handle as u8 + 1 || !self.keeps(Rule::LastWriter);
        let end = self.after(state, head);
        let mut torn = false;
        if !alone || !self.is_last(state, readable, end) {
            if self.keeps(Rule::HeadById) && !self.is_there(state, readable, head) {
                return Some(after.forked(handle));
            }
            let stop = self.walk(state, readable, end, &mut |_| {});
            if stop.head != head || self.is_behind_trim(state, handle) {
                return None;
            }
            torn = stop.torn;
        }
        after.writer = handle as u8 + 1;
        let mut first = At::Frame(0);
        if (torn || !clean) && self.keeps(Rule::CutTail) && self.has_tail(state, readable, end) {
            let stop = self.walk(state, readable, end, &mut |_| {});
            let newest = state.newer(state.newer(mark, state.read_mark()), state.handles[handle].base);
            if self.keeps(Rule::RefuseDamage)
                && self.refuse_damage(state, readable, &stop, state.revision(newest)).is_some()
            {
                return if state.rot == 0 { Some(Err(Property::NoFalseAlarm)) } else { None };
            }
            first = At::Cut(end.segment.max(1));
        }
        after.left.attempts -= 1;
        after.left.long -= u8::from(long);
        after.made += 1;
        let durable = state.revision(state.durable(handle));
        let (revision, salts, told) = (state.revision(head) + 1, [0; 2], 0);
        let attempt = Attempt { previous: head, revision, frames, durable, place, salts, told };
        after.attempts[after.made as usize] = attempt;
        after.handles[handle].target = after.made;
        after.handles[handle].at = first;
        if first == At::Frame(0) {
            self.begin_frame(&mut after, handle, 0);
        }
        Some(Ok(after))
    }

    /// The look of a handle that has written last: its newest entry, and nothing right after it.
    fn is_last(&self, state: &State, readable: u8, end: Start) -> bool {
        let blank = end.cell == self.cells || self.frame(state, end.segment.max(1), end.cell) == 0;
        end.head != 0 && self.is_there(state, readable, end.head) && blank
    }

    /// Truncates one segment, or empties it if it is after the end.
    fn cut(&self, state: &State, handle: usize, segment: u8) -> State {
        let mut after = *state;
        let attempt = state.handles[handle].target;
        let end = self.after(state, state.attempts[attempt as usize].previous);
        if state.names & bit(segment) != 0 {
            let from = if segment == end.segment { end.cell } else { 0 };
            for cell in from..self.cells {
                if self.frame(state, segment, cell) != 0 {
                    self.put_frame(&mut after, segment, cell, 0);
                }
            }
            if segment != end.segment && self.header(state, segment) != 0 {
                after.sectors[self.header_at(segment)].write(0);
            }
            after.handles[handle].open |= bit(segment);
        }
        after.handles[handle].at = At::CutSync(segment);
        if self.keeps(Rule::SyncCut) { after } else { self.cut_synced(&after, handle, segment) }
    }

    fn cut_synced(&self, state: &State, handle: usize, segment: u8) -> State {
        let mut after = *state;
        if self.keeps(Rule::SyncCut) {
            self.sync_segment(&mut after, segment);
        }
        if let Some(next) = State::numbers(state.names).find(|number| *number > segment) {
            after.handles[handle].at = At::Cut(next);
            return after;
        }
        after.handles[handle].clean = true;
        if state.handles[handle].undo {
            self.refuse(&mut after, handle);
        } else {
            self.begin_frame(&mut after, handle, 0);
        }
        after
    }

    fn refuse(&self, state: &mut State, handle: usize) {
        let attempt = state.handles[handle].target;
        state.attempts[attempt as usize].told |= REFUSED;
        state.release(handle);
        let handle = &mut state.handles[handle];
        (handle.target, handle.undo, handle.clean, handle.at) = (0, false, false, At::Idle);
    }

    /// Whether a new segment comes first.
    fn begin_frame(&self, state: &mut State, handle: usize, part: u8) {
        let attempt = state.handles[handle].target as usize;
        let (segment, cell) = self.split(state.attempts[attempt].place + part);
        let previous = state.attempts[attempt].previous;
        // A trim may have left a log that begins with this segment.
        let salt = if part == 0 { state.salt(previous) } else { state.attempts[attempt].salts[0] };
        state.attempts[attempt].salts[part as usize] = if cell == 0 { attempt as u8 } else { salt };
        state.handles[handle].at = match (cell, state.names & bit(segment)) {
            (0, 0) => At::Name(part),
            (0, _) if self.keeps(Rule::SyncNewName) => At::NameSync(part),
            (0, _) => At::Header(part),
            _ => At::Frame(part),
        };
        if cell == 0 && state.names & bit(segment) != 0 {
            state.handles[handle].open |= bit(segment);
        }
    }

    fn name(&self, state: &State, handle: usize, part: u8) -> State {
        let mut after = *state;
        let attempt = state.handles[handle].target as usize;
        let (segment, _) = self.split(state.attempts[attempt].place + part);
        after.names |= bit(segment);
        after.names_in_doubt |= bit(segment);
        after.handles[handle].open |= bit(segment);
        after.handles[handle].proven |= bit(segment);
        after.handles[handle].at = if self.keeps(Rule::SyncNewName) { At::NameSync(part) } else { At::Header(part) };
        after
    }

    fn put(&self, state: &State, handle: usize, part: u8) -> After {
        let mut after = *state;
        let attempt = state.handles[handle].target;
        let Attempt { place, frames, salts, .. } = state.attempts[attempt as usize];
        let (segment, cell) = self.split(place + part);
        self.put_frame(&mut after, segment, cell, attempt | part << 3 | salts[part as usize] << 4);
        if part + 1 < frames {
            self.begin_frame(&mut after, handle, part + 1);
            return Ok(after);
        }
        after.release(handle);
        let own = &mut after.handles[handle];
        (own.head, own.target, own.at, own.clean) = (attempt, 0, At::Idle, true);
        if self.access[handle] == Access::Lazy { after.tell(attempt, WRITTEN) } else { Ok(after) }
    }

    /// A write finds no space: the append is undone.
    fn no_space(&self, state: &State, handle: usize, give: &mut Give<'_>) {
        if state.left.no_space == 0 {
            return;
        }
        let mut after = *state;
        after.left.no_space -= 1;
        after.handles[handle].undo = true;
        let attempt = state.handles[handle].target;
        let end = self.after(state, state.attempts[attempt as usize].previous);
        after.handles[handle].at = At::Cut(end.segment.max(1));
        give(What::NoSpace, true, Ok(after));
    }
}
