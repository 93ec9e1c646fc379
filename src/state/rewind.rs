//! The state before some of the newest commits, made by taking them back.
//!
//! Cost: per task that they changed 3 us, and 1 us per posting list that differs, or a copy of one that differs much. It shares with the newer state what the commits did not change.

use super::replay::{Replay, Replayed};
use super::{Misfit, State, new_numbering};

impl State {
    /// The state before the commits that a replay backwards has collected. It has the same task numbers, unless a key comes
    /// back whose number was forgotten.
    pub(crate) fn rewound(&self, commits: Replay) -> Result<State, Misfit> {
        let mut tasks = self.tasks.clone();
        let Replayed { mut units, revision, toggles, .. } = commits.put_into(&mut tasks)?;
        // Units that the commits created have gone with their lists.
        let numbered = units.numbered();
        for (unit, role, sorted) in toggles.tasks().filter(|(unit, ..)| (*unit as usize) < numbered) {
            units.toggle_all(unit, role, &tasks, &sorted);
        }
        let has_numbers = tasks.numbered() == self.tasks.numbered();
        let numbering = if has_numbers { self.numbering } else { new_numbering() };
        Ok(State { numbering, revision, tasks, units, ..self.clone() })
    }
}
