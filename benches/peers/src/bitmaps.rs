//! Tasks of each unit and role as roaring bitmaps in a table of LMDB. A small bitmap is one row; a larger one is cut
//! into a row for each 65,536 numbers, so that a commit writes 8 KiB of it at most. Beside either is the count.
//! Knows neither keys nor names.

use heed::types::Bytes;
use heed::{Database, PutFlags, RoTxn, RwTxn};
use roaring::RoaringBitmap;

use crate::key_value::Prefix;
use crate::result::Result;

/// Bytes of a bitmap above which it is cut: some four rows of this size fit into a page of LMDB.
const WHOLE: usize = 1_024;

/// Unit and role, to the count in four bytes and the bitmap, or no more than the count where the bitmap is cut. Unit,
/// role and the high half of the numbers, to a piece of a bitmap that is cut.
#[derive(Clone, Copy)]
pub(crate) struct Bitmaps<'e>(pub(crate) Database<'e, Bytes, Bytes>);

/// A row of a whole bitmap, or of one that is cut.
enum Row {
    Whole(RoaringBitmap),
    Cut(u32),
}

impl Row {
    /// What there is where no row is: no tasks.
    fn of(row: Option<&[u8]>) -> Result<Row> {
        let Some(row) = row else { return Ok(Row::Whole(RoaringBitmap::new())) };
        let (count, bitmap) = row.split_first_chunk().ok_or("a row without a count")?;
        Ok(if bitmap.is_empty() { Row::Cut(u32::from_le_bytes(*count)) } else { Row::Whole(read(bitmap)?) })
    }
}

/// What the store has written is not checked again, as the other contenders do not.
fn read(bitmap: &[u8]) -> Result<RoaringBitmap> {
    Ok(RoaringBitmap::deserialize_unchecked_from(bitmap)?)
}

/// The key of the piece that a number belongs to. It sorts behind the row of the count.
fn piece_key(prefix: Prefix, number: u32) -> [u8; 5] {
    let ([unit, more, role], [high, low, ..]) = (prefix, number.to_be_bytes());
    [unit, more, role, high, low]
}

impl Bitmaps<'_> {
    pub(crate) fn count(self, txn: &RoTxn<'_>, prefix: Prefix) -> Result<u32> {
        let Some(row) = self.0.get(txn, &prefix)? else { return Ok(0) };
        Ok(u32::from_le_bytes(*row.first_chunk().ok_or("a row without a count")?))
    }

    pub(crate) fn get(self, txn: &RoTxn<'_>, prefix: Prefix) -> Result<RoaringBitmap> {
        let mut whole = match Row::of(self.0.get(txn, &prefix)?)? {
            Row::Whole(bitmap) => return Ok(bitmap),
            Row::Cut(_) => RoaringBitmap::new(),
        };
        for row in self.0.prefix_iter(txn, &prefix)?.skip(1) {
            // Pieces have no number in common, so each is moved behind those before it.
            whole |= read(row?.1)?;
        }
        Ok(whole)
    }

    /// Adds the list of a unit and role, ascending, behind all rows of the table.
    pub(crate) fn append(self, txn: &mut RwTxn<'_>, prefix: Prefix, numbers: &[u32]) -> Result<()> {
        let bitmap = RoaringBitmap::from_sorted_iter(numbers.iter().copied())?;
        self.put_whole(txn, prefix, &bitmap, PutFlags::APPEND)
    }

    pub(crate) fn insert(self, txn: &mut RwTxn<'_>, prefix: Prefix, number: u32) -> Result<()> {
        self.change(txn, prefix, number, |bitmap| bitmap.insert(number), |count| count + 1)
    }

    pub(crate) fn remove(self, txn: &mut RwTxn<'_>, prefix: Prefix, number: u32) -> Result<()> {
        self.change(txn, prefix, number, |bitmap| bitmap.remove(number), |count| count - 1)
    }

    fn change(
        self,
        txn: &mut RwTxn<'_>,
        prefix: Prefix,
        number: u32,
        change: impl FnOnce(&mut RoaringBitmap) -> bool,
        counted: impl FnOnce(u32) -> u32,
    ) -> Result<()> {
        let row = Row::of(self.0.get(txn, &prefix)?)?;
        let key = piece_key(prefix, number);
        let mut bitmap = match &row {
            Row::Whole(bitmap) => bitmap.clone(),
            Row::Cut(_) => self.0.get(txn, &key)?.map_or_else(|| Ok(RoaringBitmap::new()), read)?,
        };
        if !change(&mut bitmap) {
            return Err("a bitmap and a record differ".into());
        }
        match row {
            Row::Whole(_) => self.put_whole(txn, prefix, &bitmap, PutFlags::empty()),
            Row::Cut(count) => {
                self.0.put(txn, &prefix, &counted(count).to_le_bytes())?;
                self.put(txn, &key, &[], &bitmap, PutFlags::empty())
            }
        }
    }

    /// Writes a bitmap that is not cut so far. One that was cut stays so, however small it becomes.
    fn put_whole(self, txn: &mut RwTxn<'_>, prefix: Prefix, bitmap: &RoaringBitmap, flags: PutFlags) -> Result<()> {
        let count = (bitmap.len() as u32).to_le_bytes();
        if bitmap.serialized_size() <= WHOLE {
            return self.put(txn, &prefix, &count, bitmap, flags);
        }
        self.0.put_with_flags(txn, flags, &prefix, &count)?;
        let mut rest = bitmap.clone();
        while let Some(number) = rest.min() {
            let piece = number & 0xFFFF_0000..=number | 0xFFFF;
            let numbers = RoaringBitmap::from_sorted_iter(rest.range(piece.clone()))?;
            self.put(txn, &piece_key(prefix, number), &[], &numbers, flags)?;
            rest.remove_range(piece);
        }
        Ok(())
    }

    fn put(self, txn: &mut RwTxn<'_>, key: &[u8], count: &[u8], bitmap: &RoaringBitmap, flags: PutFlags) -> Result<()> {
        let mut row = Vec::with_capacity(count.len() + bitmap.serialized_size());
        row.extend(count);
        bitmap.serialize_into(&mut row)?;
        Ok(self.0.put_with_flags(txn, flags, key, &row)?)
    }
}

#[cfg(test)]
mod tests {
    use heed::CommitOrAbort;

    use super::*;
    use crate::contender::{Durability, Role};
    use crate::key_value::prefix;
    use crate::lmdb;

    /// Lists that are empty, small, and large enough to be cut, dense and thin; the next unit's follow each.
    const LISTS: [(u32, usize); 5] = [(0, 1), (100, 1_000), (70_000, 2), (200_000, 1), (9_000, 40)];

    #[test]
    fn bitmaps_and_counts_stay_those_of_a_set_through_changes_that_cut_them() {
        let scratch = tempfile::tempdir().unwrap();
        let env = lmdb::open(scratch.path(), Durability::Lazy).unwrap();
        let table = env.create_databases_and_commit(env.write_txn().unwrap(), |opener, write| {
            opener
                .database_options()
                .types::<Bytes, Bytes>()
                .name("bitmaps")
                .create(write)
                .map(CommitOrAbort::<_, ()>::Commit)
        });
        let bitmaps = Bitmaps(table.unwrap().commit().unwrap());
        let mut write = env.write_txn().unwrap();
        let mut expected = Vec::new();
        for (unit, (count, step)) in (0..).zip(LISTS) {
            let numbers: Vec<u32> = (0..200_000).step_by(step).take(count as usize).collect();
            bitmaps.append(&mut write, prefix(unit, Role::Lead), &numbers).unwrap();
            expected.push(numbers.into_iter().collect::<RoaringBitmap>());
        }
        for number in (1..200_000).step_by(99) {
            for (unit, expected) in (0..).zip(&mut expected) {
                let prefix = prefix(unit, Role::Lead);
                if expected.remove(number) {
                    bitmaps.remove(&mut write, prefix, number).unwrap();
                } else {
                    expected.insert(number);
                    bitmaps.insert(&mut write, prefix, number).unwrap();
                }
            }
        }
        for (unit, expected) in (0..).zip(&expected) {
            let prefix = prefix(unit, Role::Lead);
            assert_eq!(&bitmaps.get(&write, prefix).unwrap(), expected);
            assert_eq!(u64::from(bitmaps.count(&write, prefix).unwrap()), expected.len());
            assert!(matches!(Row::of(bitmaps.0.get(&write, &prefix).unwrap()).unwrap(), Row::Cut(_)));
        }
        let first = expected[0].min().unwrap();
        assert!(bitmaps.insert(&mut write, prefix(0, Role::Lead), first).is_err());
        assert_eq!(bitmaps.count(&write, prefix(7, Role::Support)).unwrap(), 0);
    }
}
