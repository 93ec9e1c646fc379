//! What goes wrong: kills, power failures, bytes that a failed sync has lost, rot, rows that are lost.

use crate::disk::Sector;
use crate::model::{Give, Model, What};
use crate::state::{After, At, BAD, Handle, SECTORS, SLOTS, State, bit};

/// What may turn out differently when the power fails.
enum Doubt {
    Sector(usize, Vec<u16>),
    Name(u8),
    Base(u8),
}

impl Model {
    pub(crate) fn kill_steps(&self, state: &State, handle: usize, give: &mut Give<'_>) {
        let at = state.handles[handle].at;
        if at == At::Closed || at != At::Stopped && state.left.kills == 0 {
            return;
        }
        let mut after = *state;
        after.left.kills -= u8::from(at != At::Stopped);
        after.release(handle);
        if after.writer == handle as u8 + 1 {
            after.writer = 0;
        }
        after.handles[handle] = Handle::default();
        give(What::Kill, false, Ok(after));
        if let At::Frame(part) = at
            && self.halves
        {
            let place = state.attempts[state.handles[handle].target as usize].place + part;
            let (segment, cell) = self.split(place);
            self.put_frame(&mut after, segment, cell, BAD);
            give(What::KillIn, false, Ok(after));
        }
    }

    pub(crate) fn fault_steps(&self, state: &State, give: &mut dyn FnMut(What, After)) {
        if state.left.powers > 0 {
            self.power_failures(state, give);
        }
        for (number, sector) in (0..).zip(state.sectors) {
            if !sector.is_dirty() {
                for bytes in sector.others() {
                    let mut after = *state;
                    after.sectors[number as usize].settle(bytes);
                    give(What::Evict(number, bytes), Ok(after));
                }
            }
        }
        let quiet = state.handles.iter().all(|handle| [At::Closed, At::Idle].contains(&handle.at));
        if state.left.rots > 0 && quiet {
            for (number, _) in (0..).zip(state.sectors).filter(|(_, sector)| is_at_rest(*sector)) {
                let mut after = *state;
                after.left.rots -= 1;
                after.rot = number + 1;
                let both = self.shared && (number as usize) < SLOTS && number % 2 == 1;
                let bad = if both { u16::from(BAD) << 8 | u16::from(BAD) } else { u16::from(BAD) };
                let mut rotten = Sector::default();
                rotten.settle(bad);
                after.sectors[number as usize] = rotten;
                after.forget_written();
                give(What::Rot(number), Ok(after));
            }
        }
        if state.left.lost_rows > 0 && state.rows != 0 {
            let mut after = *state;
            after.left.lost_rows -= 1;
            after.rows = 0;
            give(What::LoseRows, Ok(after));
        }
    }

    /// Every way in which a power failure can leave the disk.
    fn power_failures(&self, state: &State, give: &mut dyn FnMut(What, After)) {
        let mut after = *state;
        after.left.powers -= 1;
        after.handles = Default::default();
        (after.lock, after.writer, after.sync_failed) = (0, 0, false);
        after.forget_written();
        let mut doubts = Vec::new();
        for number in 0..SECTORS {
            let sector = state.sectors[number];
            let mut all: Vec<u16> = sector.others().chain([sector.now()]).collect();
            if all.len() > 1 {
                let header = (1..=self.segments).any(|segment| self.header_at(segment) == number);
                if self.halves && !self.shared && !header {
                    all.push(u16::from(BAD));
                    all.sort_unstable();
                }
                all.dedup();
                doubts.push(Doubt::Sector(number, all));
            }
            after.sectors[number].settle(sector.now());
        }
        doubts.extend(State::numbers(state.names_in_doubt).map(Doubt::Name));
        doubts.extend(State::numbers(state.bases_in_doubt).map(Doubt::Base));
        (after.names_in_doubt, after.bases_in_doubt) = (0, 0);
        let mut outcome = 0;
        self.settle(after, &doubts, &mut |after| {
            give(What::Power(outcome), Ok(after));
            outcome += 1;
        });
    }

    fn settle(&self, state: State, doubts: &[Doubt], give: &mut dyn FnMut(State)) {
        let Some((doubt, rest)) = doubts.split_first() else {
            return give(state);
        };
        match doubt {
            Doubt::Sector(number, all) => {
                for bytes in all {
                    let mut after = state;
                    after.sectors[*number].settle(*bytes);
                    self.settle(after, rest, give);
                }
            }
            Doubt::Name(segment) => {
                let (mut with, mut without) = (state, state);
                with.names |= bit(*segment);
                self.settle(with, rest, give);
                without.names &= !bit(*segment);
                for sector in self.sectors_of(*segment) {
                    without.sectors[sector].settle(0);
                }
                self.settle(without, rest, give);
            }
            Doubt::Base(base) => {
                let (mut with, mut without) = (state, state);
                with.bases |= bit(*base);
                self.settle(with, rest, give);
                without.bases &= !bit(*base);
                self.settle(without, rest, give);
            }
        }
    }
}

/// Whether bytes are on disk and nothing else is to replace them.
fn is_at_rest(sector: Sector) -> bool {
    sector.now() != 0 && !sector.is_dirty() && !sector.in_doubt()
}
