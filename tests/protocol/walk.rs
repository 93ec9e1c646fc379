//! Reading the log: walking over its frames, and what its end means. As `walk.rs` and `reach.rs` of the library.

use crate::model::Model;
use crate::rules::Rule;
use crate::state::{BAD, State, bit};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Blank,
    Bad,
}

/// Where a walk begins: after an entry, or at the beginning of a segment.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) head: u8,
    pub(crate) segment: u8,
    pub(crate) cell: u8,
    pub(crate) salt: u8,
    /// The first frame that is expected, and of which attempt, if that is known.
    pub(crate) part: u8,
}

/// Where and why a walk ended.
#[derive(Clone, Copy)]
pub(crate) struct Stop {
    /// The newest entry that is whole.
    pub(crate) head: u8,
    pub(crate) end: End,
    pub(crate) segment: u8,
    pub(crate) cell: u8,
    pub(crate) salt: u8,
    /// Whether anything is right after the end of the log.
    pub(crate) torn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Damaged,
    Lost,
    Forked,
}

struct Expected {
    revision: u8,
    part: u8,
    previous: u8,
    /// 0 if it is not known.
    id: u8,
}

impl Model {
    /// After the last frame of an entry.
    pub(crate) fn after(&self, state: &State, head: u8) -> Start {
        if head == 0 {
            return Start { head, segment: 0, cell: 0, salt: 0, part: 0 };
        }
        let (segment, cell) = self.split(state.end(head) - 1);
        Start { head, segment, cell: cell + 1, salt: state.salt(head), part: 0 }
    }

    /// The beginning of a segment with this header.
    pub(crate) fn beginning_of(&self, state: &State, segment: u8, header: u8) -> Start {
        let (attempt, part) = (header & 7, header >> 3 & 1);
        Start { head: state.attempts[attempt as usize].previous, segment, cell: 0, salt: attempt, part }
    }

    /// A header that is whole.
    pub(crate) fn valid_header(&self, state: &State, segment: u8, readable: u8) -> Option<u8> {
        if segment == 0 || segment > self.segments || readable & bit(segment) == 0 {
            return None;
        }
        Some(self.header(state, segment)).filter(|header| ![0, BAD].contains(header))
    }

    /// Walks over whole appends, and hands out each.
    pub(crate) fn walk(&self, state: &State, readable: u8, start: Start, seen: &mut dyn FnMut(u8)) -> Stop {
        let Start { mut head, mut segment, mut cell, mut salt, part } = start;
        let mut expected = Expected { revision: state.revision(head) + 1, part, previous: head, id: 0 };
        let mut between = false;
        loop {
            let end = match self.read(state, readable, segment, cell) {
                0 => End::Blank,
                frame if self.is_whole(frame, salt) && self.fits(state, &expected, frame) => {
                    let (attempt, part) = (frame & 7, frame >> 3 & 1);
                    let last = part + 1 == state.attempts[attempt as usize].frames;
                    cell += 1;
                    between = true;
                    if last || !self.keeps(Rule::LastFrame) {
                        head = attempt;
                        between = false;
                        seen(attempt);
                    }
                    expected = if last {
                        Expected { revision: state.revision(attempt) + 1, part: 0, previous: attempt, id: 0 }
                    } else {
                        Expected { part: part + 1, id: attempt, ..expected }
                    };
                    continue;
                }
                _ => End::Bad,
            };
            match self.valid_header(state, segment + 1, readable) {
                Some(header) if self.begins(state, &expected, header) => {
                    (segment, cell, salt) = (segment + 1, 0, header & 7);
                    between = true;
                }
                _ => {
                    let torn = between || end == End::Bad;
                    return Stop { head, end, segment, cell, salt, torn };
                }
            }
        }
    }

    /// What is in a cell; nothing where there is no file or no room.
    fn read(&self, state: &State, readable: u8, segment: u8, cell: u8) -> u8 {
        let there = segment > 0 && segment <= self.segments && cell < self.cells && readable & bit(segment) != 0;
        if there { self.frame(state, segment, cell) } else { 0 }
    }

    fn is_whole(&self, frame: u8, salt: u8) -> bool {
        frame != BAD && frame != 0 && (frame >> 4 == salt || !self.keeps(Rule::FreshSalt))
    }

    fn fits(&self, state: &State, expected: &Expected, frame: u8) -> bool {
        let (attempt, part) = (frame & 7, frame >> 3 & 1);
        let previous = state.attempts[attempt as usize].previous;
        state.revision(attempt) == expected.revision
            && part == expected.part
            && (previous == expected.previous || !self.keeps(Rule::ChainById))
            && (expected.id == 0 || expected.id == attempt || !self.keeps(Rule::ChainById))
    }

    fn begins(&self, state: &State, expected: &Expected, header: u8) -> bool {
        let (attempt, part) = (header & 7, header >> 3 & 1);
        let previous = state.attempts[attempt as usize].previous;
        let chains = state.revision(attempt) == expected.revision
            && part == expected.part
            && (previous == expected.previous || !self.keeps(Rule::ChainById));
        chains || !self.keeps(Rule::HeaderChains)
    }

    /// Whether the last frame of the newest entry that a handle knows is in its place, by id.
    pub(crate) fn is_there(&self, state: &State, readable: u8, head: u8) -> bool {
        if head == 0 {
            return true;
        }
        let (segment, cell) = self.split(state.end(head) - 1);
        let frame = self.read(state, readable, segment, cell);
        frame != BAD && frame & 7 == head && readable & bit(segment) != 0
    }

    fn has_bytes(&self, state: &State, segment: u8, from: u8) -> bool {
        (from..self.cells).any(|cell| self.frame(state, segment, cell) != 0)
    }

    fn in_use(&self, state: &State, segment: u8) -> bool {
        self.header(state, segment) != 0 || self.has_bytes(state, segment, 0)
    }

    /// Whether anything but zeroes follows the end of the log.
    pub(crate) fn has_tail(&self, state: &State, readable: u8, end: Start) -> bool {
        let later = State::numbers(state.names).any(|number| number > end.segment && self.in_use(state, number));
        let here = end.segment > 0 && readable & bit(end.segment) != 0;
        later || here && self.has_bytes(state, end.segment, end.cell)
    }

    /// Whether what follows the end of the log is damage.
    pub(crate) fn refuse_damage(&self, state: &State, readable: u8, stop: &Stop, durable: u8) -> Option<Refusal> {
        let revision = state.revision(stop.head) + 1;
        let later: Vec<u8> =
            State::numbers(state.names).filter(|n| *n > stop.segment && self.in_use(state, *n)).collect();
        if revision <= durable {
            let lost = stop.end == End::Blank && later.is_empty();
            return Some(if lost { Refusal::Lost } else { Refusal::Damaged });
        }
        let says = |segment: u8, salt: u8, from: u8| {
            let there = segment > 0 && readable & bit(segment) != 0;
            there && (from..self.cells).any(|cell| self.durable_in(state, segment, salt, cell) >= revision)
        };
        let witness = says(stop.segment, stop.salt, stop.cell)
            || later.iter().any(|number| {
                self.valid_header(state, *number, readable).is_some_and(|header| says(*number, header & 7, 0))
            });
        witness.then_some(Refusal::Damaged)
    }

    /// The durable revision that a frame tells.
    fn durable_in(&self, state: &State, segment: u8, salt: u8, cell: u8) -> u8 {
        let frame = self.frame(state, segment, cell);
        if !self.is_whole(frame, salt) || !self.keeps(Rule::FramesTellDurable) {
            return 0;
        }
        state.attempts[(frame & 7) as usize].durable
    }

    /// The newest revision that something whole tells an opening to have been durable, were all rules kept.
    pub(crate) fn told_durable(&self, state: &State, handle: usize) -> u8 {
        let frames = State::numbers(state.names).flat_map(|segment| {
            let salt = self.valid_header(state, segment, state.names).map(|header| header & 7);
            let frames = (0..self.cells).map(move |cell| self.frame(state, segment, cell));
            frames.filter(move |frame| ![0, BAD].contains(frame) && Some(*frame >> 4) == salt)
        });
        let told = frames.map(|frame| state.attempts[(frame & 7) as usize].durable).max().unwrap_or(0);
        let bases = State::numbers(state.bases).map(|base| state.revision(base)).max().unwrap_or(0);
        let own = state.handles[handle];
        told.max(bases).max(state.revision(own.mark)).max(state.revision(own.known)).max(own.settled)
    }
}
