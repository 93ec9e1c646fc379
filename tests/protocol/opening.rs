//! Opening: rows, mark, end of the log, and what each finding means. As `end.rs` and `persist/open.rs` of the library.
//! Here is also what every opening must find.

use crate::model::{Access, Give, Model, What};
use crate::rules::{Property, Rule};
use crate::state::{After, At, BAD, DURABLE, Handle, REFUSED, State, WRITTEN, bit};
use crate::walk::{End, Refusal, Start};

/// What an opening has found in the log.
struct Found {
    head: u8,
    /// Where it began to read: frames before are not looked at.
    known: Option<u8>,
    reported: bool,
}

impl Model {
    pub(crate) fn opening_steps(&self, state: &State, handle: usize, give: &mut Give<'_>) {
        let mut after = *state;
        let own = &mut after.handles[handle];
        match own.at {
            At::Closed => {
                own.known = if self.keeps(Rule::RowsBeforeEnd) { state.rows } else { 0 };
                own.opening = true;
                own.at = At::OpenMark;
                if !self.keeps(Rule::MarkBeforeEnd) {
                    own.head = self.walk(state, state.names, self.after(state, 0), &mut |_| {}).head;
                }
                give(What::OpenRows, false, Ok(after));
            }
            At::OpenMark => {
                own.mark = state.read_mark();
                own.settled = state.settled;
                own.at = At::OpenEnd;
                let behind = state.revision(own.mark) > state.revision(own.head);
                if !self.keeps(Rule::MarkBeforeEnd) && behind {
                    give(What::ReadMark, false, Err(Property::NoFalseAlarm));
                } else {
                    give(What::ReadMark, false, Ok(after));
                }
            }
            At::OpenEnd if state.lock == 0 || !self.keeps(Rule::AppendLock) => {
                if let Some(after) = self.open(state, handle) {
                    give(What::FindEnd, false, after);
                }
            }
            At::OpenSyncMark => {
                let behind = state.revision(state.rows) > state.revision(own.known);
                if !self.keeps(Rule::RowsBeforeEnd) && behind {
                    give(What::OpenRows, false, Err(Property::NoFalseAlarm));
                }
                if self.keeps(Rule::SyncMark) {
                    after.sectors[crate::state::SLOTS].sync();
                    after.sectors[crate::state::SLOTS + 1].sync();
                }
                after.settled = state.revision(state.read_mark());
                let own = &mut after.handles[handle];
                (own.opening, own.known, own.settled, own.at) = (false, 0, 0, At::Idle);
                give(What::SyncMark, false, self.show(after, handle));
            }
            _ => {}
        }
    }

    /// Finds the end of the log. `None` if it is refused for good reason, or something is lost that nothing tells of.
    fn open(&self, state: &State, handle: usize) -> Option<After> {
        match self.find_end(state, handle) {
            Err(_) if state.rot == 0 => Some(Err(Property::NoFalseAlarm)),
            Err(_) if self.rows_must_do(state, handle) => Some(Err(Property::RowsCarryDamage)),
            Err(_) => None,
            Ok(found) => match self.check(state, handle, &found) {
                Ok(true) => Some(Ok(self.opened(state, handle, &found))),
                Ok(false) => None,
                Err(property) => Some(Err(property)),
            },
        }
    }

    fn find_end(&self, state: &State, handle: usize) -> Result<Found, Refusal> {
        let Handle { mark, known, .. } = state.handles[handle];
        let readable = state.names;
        let bases: Vec<u8> = State::numbers(state.bases).collect();
        let known = if self.keeps(Rule::KnownEntry) { known } else { 0 };
        let heads: Vec<u8> = bases.iter().copied().chain([mark, known]).filter(|head| *head != 0).collect();
        let (start, begun, reported) = match self.start_after(state, known)? {
            Some((start, reported)) => (start, Some(known), reported),
            None => (self.beginning(state, &bases)?, None, false),
        };
        let differs =
            |head: u8| heads.iter().any(|known| state.revision(*known) == state.revision(head) && *known != head);
        let mut forked = differs(start.head);
        let stop = self.walk(state, readable, start, &mut |head| forked |= differs(head));
        if forked {
            return Err(Refusal::Forked);
        }
        let durable = heads.iter().map(|head| state.revision(*head)).max().unwrap_or(0);
        if let Some(refusal) = self.refuse_damage(state, readable, &stop, durable) {
            return Err(refusal);
        }
        Ok(Found { head: stop.head, known: begun, reported })
    }

    /// Where to go on after the entry of the rows; `None` if nothing is in its place.
    fn start_after(&self, state: &State, known: u8) -> Result<Option<(Start, bool)>, Refusal> {
        if known == 0 {
            return Ok(None);
        }
        let (segment, cell) = self.split(state.end(known) - 1);
        let salt = state.salt(known);
        if self.valid_header(state, segment, state.names).is_none_or(|header| header & 7 != salt) {
            return Ok(None);
        }
        let start = Start { head: known, segment, cell: cell + 1, salt, part: 0 };
        match self.frame(state, segment, cell) {
            0 => Ok(None),
            frame if frame != BAD && frame >> 4 == salt => {
                if frame & 7 == known {
                    Ok(Some((start, false)))
                } else {
                    Err(Refusal::Forked)
                }
            }
            _ => {
                let stop = self.walk(state, state.names, start, &mut |_| {});
                let follows = (stop.segment, stop.cell) != (segment, cell + 1) || stop.end == End::Blank;
                if follows { Ok(Some((start, true))) } else { Err(Refusal::Damaged) }
            }
        }
    }

    /// Before the first entry that is there.
    fn beginning(&self, state: &State, bases: &[u8]) -> Result<Start, Refusal> {
        let first = State::numbers(state.names).next().filter(|first| *first > 1);
        let Some(first) = first else { return Ok(Start { head: 0, segment: 0, cell: 0, salt: 0, part: 0 }) };
        let header = self.valid_header(state, first, state.names).ok_or(Refusal::Damaged)?;
        let newest = bases.iter().map(|base| state.revision(*base)).max().unwrap_or(0);
        if newest < self.oldest(state, header) {
            return Err(Refusal::Damaged);
        }
        Ok(self.beginning_of(state, first, header))
    }

    /// The revision after which all entries are in a segment with this header or later.
    pub(crate) fn oldest(&self, state: &State, header: u8) -> u8 {
        state.revision(header & 7) - u8::from(header >> 3 & 1 == 0)
    }

    /// Whether all damage is before the last frame of the entry of the rows.
    fn rows_must_do(&self, state: &State, handle: usize) -> bool {
        let known = state.handles[handle].known;
        if known == 0 {
            return false;
        }
        let (segment, cell) = self.split(state.end(known) - 1);
        let rot = state.rot as usize - 1;
        rot < self.sector_of(segment, cell) && rot != self.header_at(segment)
    }

    /// Goes on with what was found.
    fn opened(&self, state: &State, handle: usize, found: &Found) -> State {
        let mut after = *state;
        let Handle { mark, known, .. } = state.handles[handle];
        let from_rows = if found.known.is_some() { known } else { 0 };
        let base = State::numbers(state.bases).fold(0, |newest, base| state.newer(newest, base));
        let synced = self.access[handle] == Access::Synced;
        let own = &mut after.handles[handle];
        own.head = found.head;
        own.known = if self.keeps(Rule::RowsBeforeEnd) { 0 } else { found.head };
        own.mark = state.newer(mark, from_rows);
        own.base = base;
        own.open = state.names;
        own.at = if synced { At::OpenSync } else { At::OpenSyncMark };
        after
    }

    /// Holds what an opening recovers against what everybody was told. False if durable entries are lost and nothing
    /// that is left tells that they were durable.
    fn check(&self, state: &State, handle: usize, found: &Found) -> Result<bool, Property> {
        let told =
            |wanted: u8| (1..=state.made).filter(move |attempt| state.attempts[*attempt as usize].told & wanted != 0);
        if told(REFUSED).any(|attempt| state.is_before(attempt, found.head)) {
            return Err(Property::NothingRefused);
        }
        let mut missing = told(DURABLE).filter(|attempt| !state.is_before(*attempt, found.head));
        if let Some(lost) = missing.next() {
            let oldest = missing.map(|other| state.revision(other)).min().unwrap_or(u8::MAX);
            let oldest = oldest.min(state.revision(lost));
            return match state.rot {
                0 => Err(Property::DurableIsKept),
                _ if found.reported || self.told_durable(state, handle) < oldest => Ok(false),
                _ => Err(Property::RotIsReported),
            };
        }
        if state.rot == 0 && told(WRITTEN).any(|attempt| !state.is_before(attempt, found.head)) {
            return Err(Property::LazyIsKept);
        }
        if state.rot == 0 && !self.is_whole_log(state, found.head) {
            return Err(Property::NothingTorn);
        }
        Ok(true)
    }

    /// Whether every frame of the entries that were recovered is there, but for those of removed segments.
    fn is_whole_log(&self, state: &State, mut head: u8) -> bool {
        while head != 0 {
            let attempt = state.attempts[head as usize];
            for place in attempt.place..attempt.place + attempt.frames {
                let (segment, cell) = self.split(place);
                let frame = self.frame(state, segment, cell);
                if state.names & bit(segment) != 0 && (frame == BAD || frame & 7 != head) {
                    return false;
                }
            }
            head = attempt.previous;
        }
        true
    }
}
