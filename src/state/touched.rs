//! The parts of a state that changes touched, for whoever keeps a copy of it up to date.

use crate::id::{TaskId, UnitId};
use crate::model::Role;

use super::leaf::LEAF;

/// One part of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// All of a unit but its posting lists.
    Unit(UnitId),
    /// [`LEAF`] tasks with neighbouring numbers, from `LEAF` times this on.
    Leaf(u32),
    /// The posting list of a unit in a role.
    List(UnitId, Role),
    /// The facts of a [bucket](super::register::FactKey::bucket).
    Facts(u32),
}

impl Part {
    pub(super) fn leaf_of(task: TaskId) -> Part {
        Part::Leaf(task / LEAF as u32)
    }
}

/// A set of parts, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    everything: bool,
    /// Sorted and distinct up to `sorted`.
    parts: Vec<Part>,
    sorted: usize,
}

impl Touched {
    pub(crate) fn everything() -> Touched {
        Touched { everything: true, ..Touched::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.everything && self.parts.is_empty()
    }

    /// Adds a part. Costs a sort each time the number of parts has doubled.
    pub(super) fn add(&mut self, part: Part) {
        self.parts.push(part);
        self.sort_if_doubled();
    }

    /// Adds the parts of another set, at the same cost.
    pub(crate) fn merge(&mut self, other: Touched) {
        self.everything |= other.everything;
        self.parts.extend(other.parts);
        self.sort_if_doubled();
    }

    fn sort_if_doubled(&mut self) {
        if self.parts.len() > 2 * self.sorted.max(512) {
            self.sort();
        }
    }

    fn sort(&mut self) {
        self.parts.sort_unstable();
        self.parts.dedup();
        self.sorted = self.parts.len();
    }

    /// The parts in order, each once; `None` for all of them.
    pub(crate) fn parts(&mut self) -> Option<&[Part]> {
        self.sort();
        (!self.everything).then_some(self.parts.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_each_part_once_in_order() {
        let mut all = Touched::default();
        for round in 0..2_000 {
            let mut some = Touched::default();
            some.add(Part::Leaf(round % 7));
            some.add(Part::Unit(round % 5));
            all.merge(some);
        }
        assert!(all.parts.len() < 1_100, "{}", all.parts.len());
        let units = (0..5).map(Part::Unit);
        assert!(all.parts().unwrap().iter().copied().eq(units.chain((0..7).map(Part::Leaf))));
        all.merge(Touched::everything());
        assert_eq!(all.parts(), None);
    }
}
