//! The units of a task as rows have them: three bytes per unit, little-endian, 21 bits of number and above them 3 bits of
//! role. Knows nothing of tasks.
//!
//! Roles are numbered in their order: lead 0, co-lead 1, support 2, consulted 3, informed 4. The first unit leads and the
//! others support: another role is refused.

use std::collections::HashSet;

use crate::id::UnitId;

/// Bytes per unit.
pub(crate) const UNIT: usize = 3;
/// Bits of a number; the role is above them.
const NUMBER: u32 = 21;
const LEAD: u32 = 0;
const SUPPORT: u32 = 2;

/// Appends the units of one task, and returns how many they are.
pub(crate) fn pack(units: impl Iterator<Item = UnitId>, bytes: &mut Vec<u8>) -> usize {
    let before = bytes.len();
    let roles = std::iter::once(LEAD).chain(std::iter::repeat(SUPPORT));
    for (unit, role) in units.zip(roles) {
        let [a, b, c, _] = (unit | role << NUMBER).to_le_bytes();
        bytes.extend_from_slice(&[a, b, c]);
    }
    (bytes.len() - before) / UNIT
}

/// Replaces `units` by those of one task, given all its bytes. Returns `None` where they are cut off or have another role.
pub(crate) fn unpack(bytes: &[u8], units: &mut Vec<UnitId>) -> Option<()> {
    let (packed, rest) = bytes.as_chunks::<UNIT>();
    let roles = std::iter::once(LEAD).chain(std::iter::repeat(SUPPORT));
    // With another role a number keeps a bit above those of numbers.
    let unit = |([a, b, c], role): (&[u8; UNIT], u32)| UnitId::from_le_bytes([*a, *b, *c, 0]) ^ role << NUMBER;
    units.clear();
    units.extend(packed.iter().zip(roles).map(unit));
    (rest.is_empty() && units.iter().all(|unit| unit >> NUMBER == 0)).then_some(())
}

/// Whether a unit is in a list twice.
pub(crate) fn names_one_twice(units: &[UnitId]) -> bool {
    // Up to 16 units, looking through the list is faster than hashing.
    if units.len() <= 16 {
        return (1..units.len()).any(|at| {
            let (before, from) = units.split_at(at);
            from.first().is_some_and(|unit| before.contains(unit))
        });
    }
    let mut seen = HashSet::new();
    !units.iter().all(|unit| seen.insert(unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::MAX_UNITS;

    #[test]
    fn units_come_back_and_other_roles_or_cut_bytes_do_not() {
        let (mut bytes, mut units) = (Vec::new(), vec![9]);
        let most = MAX_UNITS as UnitId - 1;
        assert_eq!(MAX_UNITS, 1 << NUMBER);
        assert_eq!(pack([most, 0, most].into_iter(), &mut bytes), 3);
        assert_eq!(bytes, [0xFF, 0xFF, 0x1F, 0, 0, 0x40, 0xFF, 0xFF, 0x5F]);
        assert_eq!((unpack(&bytes, &mut units), units.as_slice()), (Some(()), [most, 0, most].as_slice()));
        for (at, role) in (0..3).flat_map(|at| (0..8).map(move |role| (at, role))) {
            let mut other = bytes.clone();
            other[3 * at + 2] = other[3 * at + 2] & 0x1F | role << 5;
            let right = role == if at == 0 { 0 } else { 2 };
            assert_eq!(unpack(&other, &mut units).is_some(), right, "role {role} at place {at}");
        }
        assert_eq!(unpack(&bytes[..8], &mut units), None);
        assert_eq!((unpack(&[], &mut units), units.len()), (Some(()), 0));
    }
}
