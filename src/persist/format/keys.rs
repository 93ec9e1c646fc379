//! The keys of rows, as bytes and back. Knows nothing of values.

use std::fmt;

/// The bytes of one key.
pub(crate) type Key = Vec<u8>;

/// Names one logical row: all parts of it share everything but the part number at the end of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Row {
    Header,
    /// A block of tasks.
    Block {
        generation: u64,
        block: u32,
    },
    /// Posting lists from a list on: those of unit 0 in its roles, those of unit 1, and so on.
    Postings {
        generation: u64,
        first: u32,
    },
    /// Units from a number on.
    Units {
        generation: u64,
        first: u32,
    },
    /// The facts of a bucket.
    Facts {
        generation: u64,
        bucket: u32,
    },
}

impl Row {
    fn prefix(&self) -> Key {
        let (tag, numbers) = match *self {
            Row::Header => return vec![b'h'],
            Row::Block { generation, block } => (b't', (generation, block)),
            Row::Postings { generation, first } => (b'p', (generation, first)),
            Row::Units { generation, first } => (b'u', (generation, first)),
            Row::Facts { generation, bucket } => (b'x', (generation, bucket)),
        };
        let mut key = Vec::with_capacity(16);
        key.push(tag);
        key.extend_from_slice(&numbers.0.to_be_bytes());
        key.extend_from_slice(&numbers.1.to_be_bytes());
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
        let (prefix, part) = key.split_last_chunk::<2>()?;
        let (tag, numbers) = prefix.split_first()?;
        let row = if numbers.is_empty() {
            (*tag == b'h').then_some(Row::Header)?
        } else {
            let (generation, number) = numbers.split_first_chunk::<8>()?;
            let (generation, number) = (u64::from_be_bytes(*generation), u32::from_be_bytes(number.try_into().ok()?));
            match tag {
                b't' => Row::Block { generation, block: number },
                b'p' => Row::Postings { generation, first: number },
                b'u' => Row::Units { generation, first: number },
                b'x' => Row::Facts { generation, bucket: number },
                _ => return None,
            }
        };
        Some((row, u16::from_be_bytes(*part)))
    }

    /// The generation of the row; the header belongs to none.
    pub(crate) fn generation(&self) -> Option<u64> {
        match *self {
            Row::Header => None,
            Row::Block { generation, .. }
            | Row::Postings { generation, .. }
            | Row::Units { generation, .. }
            | Row::Facts { generation, .. } => Some(generation),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Row::Header => f.write_str("header"),
            Row::Block { block, .. } => write!(f, "task block {block}"),
            Row::Postings { first, .. } => write!(f, "postings from list {first} on"),
            Row::Units { first, .. } => write!(f, "units from {first} on"),
            Row::Facts { bucket, .. } => write!(f, "facts {bucket}"),
        }
    }
}

/// The keys of one generation's rows with this tag: `p`, `t`, `u` or `x`.
pub(crate) fn generation_range(tag: u8, generation: u64) -> (Key, Key) {
    let from = [&[tag][..], &generation.to_be_bytes()].concat();
    let to = match generation.checked_add(1) {
        Some(next) => [&[tag][..], &next.to_be_bytes()].concat(),
        None => vec![tag + 1],
    };
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_written() {
        let rows = [
            Row::Header,
            Row::Block { generation: 3, block: u32::MAX },
            Row::Postings { generation: u64::MAX, first: 5 },
            Row::Units { generation: 1, first: 2 },
            Row::Facts { generation: 1, bucket: 1_023 },
        ];
        for row in rows {
            assert_eq!(Row::parse(&row.part(513)), Some((row, 513)));
            let (from, to) = row.range();
            assert!(from <= row.part(0) && row.part(u16::MAX) < to);
        }
        for bad in [&b""[..], b"h", b"y\0\0", b"h\0\0\0", b"p\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0"] {
            assert_eq!(Row::parse(bad), None, "{bad:?}");
        }
    }
}
