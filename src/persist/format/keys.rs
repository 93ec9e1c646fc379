//! The keys of rows, as bytes and back. Knows nothing of values.

use std::fmt;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::Role;

/// The bytes of one key.
pub(crate) type Key = Vec<u8>;

/// Names one logical row: all parts of it share everything but the part number at the end of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Row {
    Header,
    Log { revision: Revision },
    Unit { generation: u32, unit: UnitId },
    Block { generation: u32, block: u32 },
    Posting { generation: u32, unit: UnitId, role: Role },
    Details { id: DetailId },
}

impl Row {
    fn prefix(&self) -> Key {
        let mut key = Vec::with_capacity(16);
        match *self {
            Row::Header => key.push(b'h'),
            Row::Log { revision } => tagged(&mut key, b'l', &[&revision.to_be_bytes()]),
            Row::Unit { generation, unit } => {
                tagged(&mut key, b'u', &[&generation.to_be_bytes(), &unit.to_be_bytes()]);
            }
            Row::Block { generation, block } => {
                tagged(&mut key, b't', &[&generation.to_be_bytes(), &block.to_be_bytes()]);
            }
            Row::Posting { generation, unit, role } => {
                let role = match role {
                    Role::Lead => 0,
                    Role::Support => 1,
                };
                tagged(&mut key, b'p', &[&generation.to_be_bytes(), &unit.to_be_bytes(), &[role]]);
            }
            Row::Details { id } => tagged(&mut key, b'd', &[&id.to_be_bytes()]),
        }
        key
    }

    /// The key of one part.
    pub(crate) fn part(&self, part: u16) -> Key {
        let mut key = self.prefix();
        key.extend_from_slice(&part.to_be_bytes());
        key
    }

    /// The keys from this row's first part up to, but without, the end of its parts.
    pub(crate) fn range(&self) -> (Key, Key) {
        (self.part(0), [self.prefix(), vec![0xFF; 3]].concat())
    }

    /// Reads a key back: the row, and which part of it.
    pub(crate) fn parse(key: &[u8]) -> Option<(Row, u16)> {
        let (prefix, part) = key.split_at_checked(key.len().checked_sub(2)?)?;
        let (tag, numbers) = prefix.split_first()?;
        let row = match (tag, numbers.len()) {
            (b'h', 0) => Row::Header,
            (b'l', 8) => Row::Log { revision: u64::from_be_bytes(numbers.try_into().ok()?) },
            (b'u', 8) => Row::Unit { generation: number(numbers, 0)?, unit: number(numbers, 4)? },
            (b't', 8) => Row::Block { generation: number(numbers, 0)?, block: number(numbers, 4)? },
            (b'p', 9) => {
                let role = match numbers.get(8)? {
                    0 => Role::Lead,
                    1 => Role::Support,
                    _ => return None,
                };
                Row::Posting { generation: number(numbers, 0)?, unit: number(numbers, 4)?, role }
            }
            (b'd', 8) => Row::Details { id: u64::from_be_bytes(numbers.try_into().ok()?) },
            _ => return None,
        };
        Some((row, u16::from_be_bytes(part.try_into().ok()?)))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Row::Header => f.write_str("header"),
            Row::Log { revision } => write!(f, "log {revision}"),
            Row::Unit { generation, unit } => write!(f, "unit {unit} (generation {generation})"),
            Row::Block { generation, block } => write!(f, "task block {block} (generation {generation})"),
            Row::Posting { generation, unit, role } => {
                write!(f, "posting {role} of unit {unit} (generation {generation})")
            }
            Row::Details { id } => write!(f, "details {id}"),
        }
    }
}

fn tagged(key: &mut Key, tag: u8, numbers: &[&[u8]]) {
    key.push(tag);
    numbers.iter().for_each(|number| key.extend_from_slice(number));
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The keys of every row with this tag.
pub(crate) fn all_with(tag: u8) -> (Key, Key) {
    (vec![tag], vec![tag + 1])
}

/// The keys of one generation's rows with this tag: `u`, `t` or `p`.
pub(crate) fn generation_range(tag: u8, generation: u32) -> (Key, Key) {
    let mut from = vec![tag];
    from.extend_from_slice(&generation.to_be_bytes());
    let mut to = vec![tag];
    to.extend_from_slice(&generation.saturating_add(1).to_be_bytes());
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_written() {
        let rows = [
            Row::Header,
            Row::Log { revision: u64::MAX },
            Row::Unit { generation: 1, unit: 2 },
            Row::Block { generation: 3, block: u32::MAX },
            Row::Posting { generation: 4, unit: 5, role: Role::Lead },
            Row::Posting { generation: 4, unit: 5, role: Role::Support },
            Row::Details { id: 6 },
        ];
        for row in rows {
            assert_eq!(Row::parse(&row.part(513)), Some((row, 513)));
            let (from, to) = row.range();
            assert!(from <= row.part(0) && row.part(u16::MAX) < to);
        }
        for bad in [&b""[..], b"h", b"x\0\0", b"l\0\0", b"p\0\0\0\0\0\0\0\0\x02\0\0"] {
            assert_eq!(Row::parse(bad), None, "{bad:?}");
        }
    }
}
