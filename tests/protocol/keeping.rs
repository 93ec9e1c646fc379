//! Checkpoints, bases and trims. As `checkpointer.rs`, `put_base` and `trim` of the library.
//!
//! A checkpoint is taken to be written at once and durable: how sled does it is another matter. So is a base under its
//! own name, since it is written and synced under another one.

use crate::model::{Give, Model, What};
use crate::rules::Rule;
use crate::state::{After, At, Handle, State, bit};

impl Model {
    pub(crate) fn keeping_steps(&self, state: &State, handle: usize, give: &mut Give<'_>) {
        let own = state.handles[handle];
        let mut after = *state;
        match own.at {
            At::Idle => {
                if self.may_checkpoint(state, handle) {
                    after.left.checkpoints -= 1;
                    after.rows = own.head;
                    give(What::Checkpoint, false, Ok(after));
                }
                if self.may_put_base(state, handle) {
                    let mut after = *state;
                    after.left.bases -= 1;
                    after.bases |= bit(own.head);
                    after.bases_in_doubt |= bit(own.head);
                    after.handles[handle].at = At::BaseSync;
                    give(What::PutBase, false, Ok(after));
                }
                if let Some(after) = self.begin_trim(state, handle) {
                    give(What::BeginTrim, false, after);
                }
            }
            At::BaseSync => {
                (after.names_in_doubt, after.bases_in_doubt) = (0, 0);
                after.handles[handle].at = At::Idle;
                after.handles[handle].base = state.newer(own.base, own.head);
                self.remove_superfluous(&mut after);
                give(What::SyncBase, false, Ok(after));
                self.fail_names(state, handle, What::SyncBase, false, give);
            }
            At::TrimSync => {
                (after.names_in_doubt, after.bases_in_doubt) = (0, 0);
                after.handles[handle].at = At::TrimRemove;
                give(What::SyncTrim, false, Ok(after));
                self.fail_names(state, handle, What::SyncTrim, true, give);
            }
            At::TrimRemove => {
                let Some(first) = State::numbers(state.names).next() else { return };
                after.names &= !bit(first);
                after.names_in_doubt |= bit(first);
                after.handles[handle].at = At::TrimRemoveSync;
                if !self.keeps(Rule::OneByOne) {
                    after = self.trim_on(after, handle);
                }
                give(What::Remove(first), false, Ok(after));
            }
            At::TrimRemoveSync => {
                (after.names_in_doubt, after.bases_in_doubt) = (0, 0);
                give(What::SyncRemoval, false, Ok(self.trim_on(after, handle)));
                self.fail_names(state, handle, What::SyncRemoval, true, give);
            }
            _ => {}
        }
    }

    fn may_checkpoint(&self, state: &State, handle: usize) -> bool {
        let head = state.handles[handle].head;
        let synced = state.revision(state.durable(handle)) >= state.revision(head)
            && self.is_there(state, self.readable(state, handle), head);
        state.left.checkpoints > 0
            && state.revision(head) > state.revision(state.rows)
            && (synced || !self.keeps(Rule::CheckpointAfterSync))
    }

    fn may_put_base(&self, state: &State, handle: usize) -> bool {
        let head = state.handles[handle].head;
        let newest = State::numbers(state.bases).map(|base| state.revision(base)).max().unwrap_or(0);
        state.left.bases > 0
            && state.revision(head) > newest
            && state.revision(state.durable(handle)) >= state.revision(head)
            && self.is_there(state, self.readable(state, handle), head)
    }

    /// A sync of the names that fails.
    fn fail_names(&self, state: &State, handle: usize, what: What, stops: bool, give: &mut Give<'_>) {
        if state.left.failed_syncs == 0 {
            return;
        }
        let mut after = *state;
        after.note_failed_sync();
        if stops {
            after.stop(handle);
        } else {
            after.handles[handle].at = At::Idle;
        }
        give(what, true, Ok(after));
    }

    /// Removes segments whose entries are all in the newest base. `None` if there is nothing to remove.
    fn begin_trim(&self, state: &State, handle: usize) -> Option<After> {
        let Handle { head, .. } = state.handles[handle];
        if state.left.trims == 0 || state.bases == 0 || state.lock != 0 && self.keeps(Rule::AppendLock) {
            return None;
        }
        self.removable(state, handle)?;
        let readable = self.readable(state, handle);
        let mut after = *state;
        if self.keeps(Rule::AppendLock) {
            after.lock = handle as u8 + 1;
        }
        let alone = state.writer == handle as u8 + 1;
        if !alone && self.keeps(Rule::HeadById) && !self.is_there(state, readable, head) {
            return Some(after.forked(handle));
        }
        if self.walk(state, readable, self.after(state, head), &mut |_| {}).head != head {
            return None;
        }
        after.left.trims -= 1;
        after.writer = handle as u8 + 1;
        after.handles[handle].at = if self.keeps(Rule::SyncBase) { At::TrimSync } else { At::TrimRemove };
        Some(Ok(after))
    }

    /// The first segment, if no entry after the newest base has a frame in it. Never the newest one.
    fn removable(&self, state: &State, handle: usize) -> Option<u8> {
        let head = state.handles[handle].head;
        let up_to = State::numbers(state.bases).map(|base| state.revision(base)).max()?;
        let first = State::numbers(state.names).next()?;
        self.valid_header(state, first, state.names)?;
        let next = self.valid_header(state, first + 1, state.names)?;
        let durable = if self.keeps(Rule::TrimBelowMark) { state.handles[handle].mark } else { head };
        let (last, _) = self.split(state.end(durable).checked_sub(1)?);
        (first < last && self.oldest(state, next) <= up_to).then_some(first)
    }

    /// The next segment, or the end of the trim.
    fn trim_on(&self, mut state: State, handle: usize) -> State {
        if self.removable(&state, handle).is_some() {
            state.handles[handle].at = At::TrimRemove;
            return state;
        }
        self.remove_superfluous(&mut state);
        state.release(handle);
        state.handles[handle].at = At::Idle;
        state
    }

    /// Removes all bases but the one with which the log begins and the newest.
    fn remove_superfluous(&self, state: &mut State) {
        let first = State::numbers(state.names).next().filter(|first| *first > 1);
        let header = first.and_then(|first| self.valid_header(state, first, state.names));
        let oldest = header.map_or(0, |header| self.oldest(state, header));
        let mut bases: Vec<u8> = State::numbers(state.bases).collect();
        bases.sort_by_key(|base| state.revision(*base));
        let begin = bases.iter().copied().find(|base| state.revision(*base) >= oldest);
        let newest = bases.last().copied();
        for base in bases.into_iter().filter(|base| Some(*base) != begin && Some(*base) != newest) {
            state.bases &= !bit(base);
            state.bases_in_doubt |= bit(base);
        }
    }
}
