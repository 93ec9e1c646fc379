//! Numbers of tasks to keys in a table of LMDB, 32 keys to a row, so that a list of numbers needs few look-ups. Knows
//! neither units nor records.

use heed::byteorder::NativeEndian;
use heed::types::{Bytes, U32};
use heed::{Database, IntegerComparator, PutFlags, RoTxn, RwTxn};
use roaring::RoaringBitmap;

use crate::result::Result;

/// Keys of a row. Rows of 32 keys of 39 bytes each still fit into a page of LMDB thrice.
const KEYS: u32 = 32;
/// Of a list with a key in this many rows or fewer, rows are walked; of a thinner one, each is looked up.
const WALKED: u64 = 8;

/// The number of the first key by `KEYS`, to a row.
pub(crate) type Table<'e> = Database<'e, U32<NativeEndian>, Bytes, IntegerComparator>;

#[derive(Clone, Copy)]
pub(crate) struct KeyBlocks<'e>(pub(crate) Table<'e>);

/// How many keys there are, where each ends in the text, and the text.
struct Block<'b> {
    ends: &'b [[u8; 2]],
    text: &'b [u8],
}

impl<'b> Block<'b> {
    fn of(row: &'b [u8]) -> Result<Block<'b>> {
        let (count, rest) = row.split_first().ok_or("an empty row of keys")?;
        let (ends, text) = rest.split_at_checked(2 * usize::from(*count)).ok_or("a row of keys is cut off")?;
        Ok(Block { ends: ends.as_chunks().0, text })
    }

    fn key(&self, number: u32) -> Result<&'b str> {
        let at = (number % KEYS) as usize;
        let end = |at: usize| self.ends.get(at).map(|end| usize::from(u16::from_le_bytes(*end)));
        let begin = at.checked_sub(1).map_or(Some(0), end);
        let key = begin.zip(end(at)).and_then(|(begin, end)| self.text.get(begin..end));
        Ok(std::str::from_utf8(key.ok_or("a task without a key")?)?)
    }
}

impl KeyBlocks<'_> {
    /// Hands out the keys of some numbers.
    pub(crate) fn each(self, txn: &RoTxn<'_>, numbers: &RoaringBitmap, each: impl FnMut(&str)) -> Result<()> {
        let (Some(first), Some(last)) = (numbers.min(), numbers.max()) else { return Ok(()) };
        let rows = u64::from(last / KEYS - first / KEYS + 1);
        if rows <= WALKED * numbers.len() {
            self.walk(txn, numbers, first / KEYS..=last / KEYS, each)
        } else {
            self.look_up(txn, numbers, each)
        }
    }

    fn walk(
        self,
        txn: &RoTxn<'_>,
        numbers: &RoaringBitmap,
        rows: std::ops::RangeInclusive<u32>,
        mut each: impl FnMut(&str),
    ) -> Result<()> {
        let mut numbers = numbers.iter().peekable();
        for row in self.0.range(txn, &rows)? {
            let (at, row) = row?;
            let block = Block::of(row)?;
            while let Some(number) = numbers.next_if(|number| number / KEYS == at) {
                each(block.key(number)?);
            }
        }
        if numbers.next().is_some() { Err("a task without a key".into()) } else { Ok(()) }
    }

    fn look_up(self, txn: &RoTxn<'_>, numbers: &RoaringBitmap, mut each: impl FnMut(&str)) -> Result<()> {
        let mut found: Option<(u32, Block<'_>)> = None;
        for number in numbers {
            let at = number / KEYS;
            let block = match found.take() {
                Some((of, block)) if of == at => block,
                _ => Block::of(self.0.get(txn, &at)?.ok_or("a task without a key")?)?,
            };
            each(block.key(number)?);
            found = Some((at, block));
        }
        Ok(())
    }

    /// Fills an empty table with the keys of all tasks, in the order of their numbers.
    pub(crate) fn fill<'k>(self, txn: &mut RwTxn<'_>, keys: impl Iterator<Item = &'k str>) -> Result<()> {
        let (mut ends, mut text, mut row) = (Vec::new(), String::new(), Vec::new());
        let mut keys = keys.peekable();
        for at in 0.. {
            for key in keys.by_ref().take(KEYS as usize) {
                text.push_str(key);
                ends.extend(u16::try_from(text.len())?.to_le_bytes());
            }
            if ends.is_empty() {
                break;
            }
            row.push((ends.len() / 2) as u8);
            row.extend(&ends);
            row.extend(text.as_bytes());
            self.0.put_with_flags(txn, PutFlags::APPEND, &at, &row)?;
            ends.clear();
            text.clear();
            row.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use heed::CommitOrAbort;

    use super::*;
    use crate::contender::Durability;
    use crate::lmdb;

    #[test]
    fn dense_and_thin_lists_find_their_keys_and_a_number_without_one_is_an_error() {
        let scratch = tempfile::tempdir().unwrap();
        let env = lmdb::open(scratch.path(), Durability::Lazy).unwrap();
        let table = env.create_databases_and_commit(env.write_txn().unwrap(), |opener, write| {
            let options = opener.database_options().key_comparator::<IntegerComparator>();
            let table: Result<Table<'_>, _> = options.types::<U32<NativeEndian>, Bytes>().name("keys").create(write);
            table.map(CommitOrAbort::<_, ()>::Commit)
        });
        let blocks = KeyBlocks(table.unwrap().commit().unwrap());
        let keys: Vec<String> = (0..5_003).map(|number| format!("key {number}")).collect();
        let mut write = env.write_txn().unwrap();
        blocks.fill(&mut write, keys.iter().map(String::as_str)).unwrap();
        for step in [1, 2, 31, 32, 33, 255, 256, 300, 5_002] {
            let numbers: RoaringBitmap = (0..5_003).step_by(step).collect();
            let mut found = Vec::new();
            blocks.each(&write, &numbers, |key: &str| found.push(key.to_owned())).unwrap();
            assert!(found.iter().eq(keys.iter().step_by(step)), "{step}");
        }
        for number in [5_003, 5_024, 70_000] {
            assert!(blocks.each(&write, &RoaringBitmap::from_iter([number]), |_| {}).is_err(), "{number}");
        }
    }
}
