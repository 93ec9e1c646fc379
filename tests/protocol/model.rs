//! The model: what may happen in it, its steps, and where frames and headers are.

use crate::explorer::{Each, System};
use crate::rules::{Property, Rule, Without};
use crate::state::{After, Left, State};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Synced,
    Lazy,
}

/// What is explored.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    pub(crate) without: Without,
    /// The only property that is asked for; paths that break another one end there.
    pub(crate) asks: Option<Property>,
    pub(crate) access: [Access; 2],
    /// Whether there is a second process.
    pub(crate) both: bool,
    pub(crate) segments: u8,
    /// Frames per segment.
    pub(crate) cells: u8,
    /// Whether the frames of a segment are in one sector.
    pub(crate) shared: bool,
    /// Whether a frame may be in part on disk.
    pub(crate) halves: bool,
    /// The newest revision.
    pub(crate) entries: u8,
    /// How often each of these may happen.
    pub(crate) most: Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    OpenRows,
    ReadMark,
    FindEnd,
    Look,
    Append(u8),
    Cut(u8),
    SyncCut(u8),
    Name(u8),
    SyncNewName,
    Header(u8),
    Frame(u8),
    NoSpace,
    BeginSync,
    Sync(u8),
    SyncNames,
    MoveMark,
    SyncMark,
    Checkpoint,
    PutBase,
    SyncBase,
    BeginTrim,
    SyncTrim,
    Remove(u8),
    SyncRemoval,
    Kill,
    /// In the middle of a frame.
    KillIn,
    Power(u16),
    Evict(u8, u16),
    Rot(u8),
    LoseRows,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) handle: u8,
    pub(crate) what: What,
    pub(crate) failed: bool,
}

impl System for Model {
    type State = State;
    type Step = Step;
    type Property = Property;

    fn initial(&self) -> State {
        State {
            sectors: Default::default(),
            attempts: Default::default(),
            handles: Default::default(),
            made: 0,
            names: 0,
            names_in_doubt: 0,
            bases: 0,
            bases_in_doubt: 0,
            rows: 0,
            lock: 0,
            writer: 0,
            left: self.most,
            settled: 0,
            rot: 0,
            sync_failed: false,
        }
    }

    fn key(&self, state: &State) -> u64 {
        let mut state = *state;
        if self.access[0] == self.access[1] && state.handles[0] > state.handles[1] {
            let other = |number: u8| [0, 2, 1][number as usize];
            state.handles.swap(0, 1);
            (state.lock, state.writer) = (other(state.lock), other(state.writer));
        }
        state.key()
    }

    fn steps(&self, state: &State, each: &mut Each<'_, Self>) {
        let mut each = |step, after: After| {
            let ends = after.as_ref().err().is_some_and(|broken| self.asks.is_some_and(|asked| asked != *broken));
            if !ends {
                each(step, after);
            }
        };
        for handle in 0..1 + usize::from(self.both) {
            let mut give = |what, failed, after: After| each(Step { handle: handle as u8 + 1, what, failed }, after);
            self.opening_steps(state, handle, &mut give);
            self.write_steps(state, handle, &mut give);
            self.sync_steps(state, handle, &mut give);
            self.keeping_steps(state, handle, &mut give);
            self.kill_steps(state, handle, &mut give);
        }
        self.fault_steps(state, &mut |what, after| each(Step { handle: 0, what, failed: false }, after));
    }
}

/// Takes a step of one handle, whether it fails, and the state after it.
pub(crate) type Give<'g> = dyn FnMut(What, bool, After) + 'g;

impl Model {
    /// Whether a rule is kept.
    pub(crate) fn keeps(&self, rule: Rule) -> bool {
        !self.without.has(rule)
    }

    pub(crate) fn header_at(&self, segment: u8) -> usize {
        let sectors = if self.shared { 2 } else { 1 + self.cells };
        ((segment - 1) * sectors) as usize
    }

    pub(crate) fn sector_of(&self, segment: u8, cell: u8) -> usize {
        self.header_at(segment) + 1 + if self.shared { 0 } else { cell as usize }
    }

    /// The sectors of a segment.
    pub(crate) fn sectors_of(&self, segment: u8) -> std::ops::Range<usize> {
        self.header_at(segment)..self.sector_of(segment, self.cells - 1) + 1
    }

    pub(crate) fn header(&self, state: &State, segment: u8) -> u8 {
        state.sectors[self.header_at(segment)].now() as u8
    }

    pub(crate) fn frame(&self, state: &State, segment: u8, cell: u8) -> u8 {
        let bytes = state.sectors[self.sector_of(segment, cell)].now();
        if self.shared && cell > 0 { (bytes >> 8) as u8 } else { bytes as u8 }
    }

    pub(crate) fn put_frame(&self, state: &mut State, segment: u8, cell: u8, frame: u8) {
        let sector = &mut state.sectors[self.sector_of(segment, cell)];
        let (now, frame) = (sector.now(), u16::from(frame));
        sector.write(match (self.shared, cell) {
            (true, 0) => now & 0xff00 | frame,
            (true, _) => now & 0xff | frame << 8,
            (false, _) => frame,
        });
    }

    /// The segments that a handle can read.
    pub(crate) fn readable(&self, state: &State, handle: usize) -> u8 {
        state.names | state.handles[handle].open
    }

    /// Segment and cell of a place.
    pub(crate) fn split(&self, place: u8) -> (u8, u8) {
        (place / self.cells + 1, place % self.cells)
    }
}
