//! A unit of a task together with its role, in 24 bits. Knows nothing of tasks and names.

use crate::id::{TaskId, UnitId};
use crate::model::Role;

/// Numbers of units are below this: a unit shares three bytes with its role, which takes 3 bits.
pub(crate) const MAX_UNITS: usize = 1 << NUMBER;
/// Bits of a number; the role is above them.
const NUMBER: u32 = 21;

/// A unit with its role. The order of members is that of units, then roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Member(u32);

impl Member {
    /// Bytes of a member. The width is fixed, since a varying one costs a mispredicted branch per unit.
    pub(crate) const BYTES: usize = 3;

    #[inline]
    pub(crate) fn new(unit: UnitId, role: Role) -> Member {
        debug_assert!((unit as usize) < MAX_UNITS, "unit {unit} has a number of 21 bits");
        Member(unit | (role as u32) << NUMBER)
    }

    #[inline]
    pub(crate) fn unit(self) -> UnitId {
        self.0 & ((1 << NUMBER) - 1)
    }

    #[inline]
    pub(crate) fn role(self) -> Role {
        match self.0 >> NUMBER {
            0 => Role::Lead,
            1 => Role::CoLead,
            2 => Role::Support,
            3 => Role::Consulted,
            _ => Role::Informed,
        }
    }

    #[inline]
    pub(crate) fn is_lead(self) -> bool {
        self.0 >> NUMBER == Role::Lead as u32
    }

    /// The same role of another unit.
    pub(crate) fn of_unit(self, unit: UnitId) -> Member {
        Member::new(unit, self.role())
    }

    /// One number for it together with a task.
    pub(super) fn pair_with(self, task: TaskId) -> u64 {
        u64::from(self.0) << 32 | u64::from(task)
    }

    /// Little-endian: 21 bits of number and above them 3 bits of role.
    pub(crate) fn to_bytes(self) -> [u8; Member::BYTES] {
        let [a, b, c, _] = self.0.to_le_bytes();
        [a, b, c]
    }

    /// The member of bytes that [`to_bytes`](Member::to_bytes) made.
    #[inline]
    pub(crate) fn from_trusted([a, b, c]: [u8; Member::BYTES]) -> Member {
        Member(u32::from_le_bytes([a, b, c, 0]))
    }

    /// The member of any bytes; `None` for a role that there is not.
    pub(crate) fn from_bytes(bytes: [u8; Member::BYTES]) -> Option<Member> {
        let member = Member::from_trusted(bytes);
        ((member.0 >> NUMBER) as usize <= Role::Informed.place()).then_some(member)
    }
}

/// Whether members are in the order of their roles, with at most one lead.
pub(crate) fn are_in_order(members: &[Member]) -> bool {
    members.windows(2).all(|pair| match pair {
        [a, b] => a.role() <= b.role() && !b.is_lead(),
        _ => true,
    })
}

/// Members of which the first leads and the others support.
#[cfg(test)]
pub(crate) fn led(units: &[UnitId]) -> Vec<Member> {
    let roles = std::iter::once(Role::Lead).chain(std::iter::repeat(Role::Support));
    units.iter().zip(roles).map(|(unit, role)| Member::new(*unit, role)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_from_their_bytes_and_unknown_roles_do_not() {
        for unit in [0, 1, 70_000, MAX_UNITS as UnitId - 1] {
            for role in Role::ALL {
                let member = Member::new(unit, role);
                assert_eq!((member.unit(), member.role()), (unit, role));
                assert_eq!(Member::from_bytes(member.to_bytes()), Some(member));
                assert_eq!(member.of_unit(5), Member::new(5, role));
            }
        }
        assert_eq!(Member::new(1, Role::Support).to_bytes(), [1, 0, 0x40]);
        assert!((5..8).all(|role| Member::from_bytes([0, 0, role << 5]).is_none()));
    }

    #[test]
    fn one_lead_comes_first_and_roles_do_not_fall() {
        let in_order =
            |roles: &[Role]| are_in_order(&roles.iter().map(|role| Member::new(1, *role)).collect::<Vec<_>>());
        assert!(in_order(&Role::ALL) && in_order(&[]) && in_order(&[Role::Support, Role::Support]));
        assert!(!in_order(&[Role::Lead, Role::Lead]));
        assert!(!in_order(&[Role::Support, Role::CoLead]));
    }
}
