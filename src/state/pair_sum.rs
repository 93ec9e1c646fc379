//! A sum over the pairs of a task and a unit, which tells whether both directions have the same pairs without comparing
//! them. Knows nothing of where the pairs come from.

use crate::id::TaskId;

use super::member::Member;

/// A sum over pairs of a task and a member, in whatever order.
///
/// Equal sets have equal sums. Sets that differ, not made to deceive, have equal ones in one case of 2^64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PairSum {
    pub(crate) pairs: u64,
    sum: u64,
}

impl PairSum {
    #[inline]
    pub(crate) fn add(&mut self, member: Member, task: TaskId) {
        self.pairs += 1;
        self.sum = self.sum.wrapping_add(mixed(member.pair_with(task)));
    }

    /// Adds other pairs.
    pub(crate) fn merge(&mut self, other: PairSum) {
        self.pairs += other.pairs;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

/// A number each bit of which depends on all bits of another one: a step of SplitMix64 (Steele, Lea and Flood, 2014).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ number >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ number >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ number >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    fn sum(pairs: &[(Member, TaskId)]) -> PairSum {
        let mut sum = PairSum::default();
        pairs.iter().for_each(|(member, task)| sum.add(*member, *task));
        sum
    }

    #[test]
    fn sums_are_equal_just_for_the_same_pairs() {
        let pairs: Vec<(Member, TaskId)> = (0..40)
            .flat_map(|task| (0..4).map(move |unit| (Member::new(unit, Role::ALL[unit as usize % 3]), task)))
            .collect();
        let all = sum(&pairs);
        let mut reversed = pairs.clone();
        reversed.reverse();
        assert_eq!(sum(&reversed), all);
        for at in 0..pairs.len() {
            let (member, task) = pairs[at];
            let others = [
                (Member::new(member.unit() + 1, member.role()), task),
                (Member::new(member.unit(), Role::Informed), task),
                (member, task + 1),
                (member, task ^ 1 << 31),
            ];
            for other in others {
                let mut changed = pairs.clone();
                changed[at] = other;
                assert_ne!(sum(&changed), all, "{other:?} for {:?}", pairs[at]);
            }
        }
        let mut crossed = pairs.clone();
        (crossed[0].1, crossed[5].1) = (pairs[5].1, pairs[0].1);
        assert_ne!(sum(&crossed), all, "two units change their tasks");
    }
}
