//! The units of a task as rows have them: three bytes per unit, little-endian, 21 bits of number and above them 3 bits of
//! role. Roles are numbered in their order: lead 0, co-lead 1, support 2, consulted 3, informed 4. Knows nothing of tasks.

use std::collections::HashSet;

use crate::state::Member;

/// Appends the units of one task, none where it is not known. Returns their number plus 1, or 0 for a task that is not known.
pub(super) fn pack(members: Option<impl Iterator<Item = Member>>, bytes: &mut Vec<u8>) -> u16 {
    let Some(members) = members else { return 0 };
    let before = bytes.len();
    members.for_each(|member| bytes.extend_from_slice(&member.to_bytes()));
    ((bytes.len() - before) / Member::BYTES) as u16 + 1
}

/// Replaces `members` by those of a task with this count, taken from the beginning of `bytes`. Returns whether the task is
/// known; `None` where bytes are missing or a role is unknown.
pub(super) fn take(count: u16, bytes: &mut &[u8], members: &mut Vec<Member>) -> Option<bool> {
    members.clear();
    let Some(units) = count.checked_sub(1) else { return Some(false) };
    let (own, rest) = bytes.split_at_checked(Member::BYTES * usize::from(units))?;
    *bytes = rest;
    let (packed, _) = own.as_chunks::<{ Member::BYTES }>();
    for bytes in packed {
        members.push(Member::from_bytes(*bytes)?);
    }
    Some(true)
}

/// A unit that is in a list twice, in whatever roles.
pub(crate) fn named_twice(members: &[Member]) -> Option<Member> {
    // Up to 16 units, looking through the list is faster than hashing.
    if members.len() <= 16 {
        let before = |at: usize| members.iter().take(at);
        let twice = members.iter().enumerate().find(|(at, one)| before(*at).any(|other| other.unit() == one.unit()));
        return twice.map(|(_, member)| *member);
    }
    let mut seen = HashSet::new();
    members.iter().find(|member| !seen.insert(member.unit())).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UnitId;
    use crate::model::Role;
    use crate::state::MAX_UNITS;

    #[test]
    fn units_come_back_and_unknown_roles_or_cut_bytes_do_not() {
        let most = MAX_UNITS as UnitId - 1;
        let members = [Member::new(most, Role::Lead), Member::new(0, Role::Support), Member::new(most, Role::Informed)];
        let (mut bytes, mut back) = (Vec::new(), vec![members[0]]);
        assert_eq!(pack(Some(members.into_iter()), &mut bytes), 4);
        assert_eq!(pack(None::<std::iter::Empty<Member>>, &mut bytes), 0);
        assert_eq!(bytes, [0xFF, 0xFF, 0x1F, 0, 0, 0x40, 0xFF, 0xFF, 0x9F]);
        let mut rest = bytes.as_slice();
        assert_eq!((take(4, &mut rest, &mut back), back.as_slice(), rest.len()), (Some(true), members.as_slice(), 0));
        assert_eq!((take(1, &mut rest, &mut back), back.len()), (Some(true), 0));
        assert_eq!((take(0, &mut rest, &mut back), back.len()), (Some(false), 0));
        assert_eq!(take(4, &mut &bytes[..8], &mut back), None);
        for (at, role) in (0..3).flat_map(|at| (0..8).map(move |role| (at, role))) {
            let mut other = bytes.clone();
            other[3 * at + 2] = other[3 * at + 2] & 0x1F | role << 5;
            assert_eq!(take(4, &mut other.as_slice(), &mut back).is_some(), role < 5, "role {role} at place {at}");
        }
    }

    #[test]
    fn a_unit_in_two_roles_is_named_twice() {
        let support = |units: std::ops::Range<UnitId>| units.map(|unit| Member::new(unit, Role::Support));
        for count in [3, 40] {
            let mut members: Vec<Member> = support(0..count).collect();
            assert_eq!(named_twice(&members), None);
            members.push(Member::new(1, Role::Informed));
            assert_eq!(named_twice(&members), Some(Member::new(1, Role::Informed)));
        }
    }
}
