//! What stores of keys and values have in common: a record of units for each task, rows from unit and role to keys, and
//! how questions are answered from these. Knows none of the stores.

use crate::contender::{Dictionary, Read, Role};
use crate::data::Data;
use crate::result::Result;

/// The first bytes of the rows that lead from a unit to its tasks; they sort by unit, then role.
pub(crate) type Prefix = [u8; 3];

pub(crate) fn prefix(unit: u16, role: Role) -> Prefix {
    let [high, low] = unit.to_be_bytes();
    [high, low, role as u8]
}

/// What is left to be filled when the records are: the names of the units and, for each unit and role, its tasks by
/// number. Tasks are numbered in the order of their keys.
pub(crate) struct Interned {
    pub(crate) dictionary: Dictionary,
    /// The place in the data of each number.
    places: Vec<u32>,
    by_unit: Vec<[Vec<u32>; 2]>,
}

impl Interned {
    /// Hands out each task's key and record, in key order.
    pub(crate) fn records(data: &Data, mut each: impl FnMut(&str, &[u8]) -> Result<()>) -> Result<Interned> {
        let places = data.key_order();
        let mut interned = Interned { dictionary: Dictionary::default(), places: Vec::new(), by_unit: Vec::new() };
        let mut record = Vec::new();
        for (number, place) in (0..).zip(&places) {
            record.clear();
            for (at, name) in data.units_of(*place as usize).enumerate() {
                let unit = interned.dictionary.add(name);
                record.extend(unit.to_le_bytes());
                interned.add(unit, if at == 0 { Role::Lead } else { Role::Support }, number);
            }
            each(data.key(*place as usize), &record)?;
        }
        Ok(Interned { places, ..interned })
    }

    fn add(&mut self, unit: u16, role: Role, task: u32) {
        self.by_unit.resize_with(self.dictionary.names().len(), Default::default);
        if let Some([leads, supports]) = self.by_unit.get_mut(usize::from(unit)) {
            if role == Role::Lead { leads.push(task) } else { supports.push(task) }
        }
    }

    /// The keys of the tasks in the order of their numbers.
    pub(crate) fn keys<'d>(&self, data: &'d Data) -> impl Iterator<Item = &'d str> {
        self.places.iter().map(|place| data.key(*place as usize))
    }

    /// How many tasks each unit leads and supports, in the order of the units' numbers.
    pub(crate) fn counts(&self) -> impl Iterator<Item = [u32; 2]> {
        self.by_unit.iter().map(|lists| lists.each_ref().map(|list| list.len() as u32))
    }

    /// Hands out the numbers of the tasks of each unit and role, ascending, in the order of the prefixes' bytes.
    pub(crate) fn lists(&self, mut each: impl FnMut(Prefix, &[u32]) -> Result<()>) -> Result<()> {
        for (unit, lists) in (0..).zip(&self.by_unit) {
            for (role, list) in [Role::Lead, Role::Support].into_iter().zip(lists) {
                each(prefix(unit, role), list)?;
            }
        }
        Ok(())
    }

    /// Hands out the rows from unit and role to keys, in the order of their bytes.
    pub(crate) fn rows(&self, data: &Data, mut each: impl FnMut(Prefix, &str) -> Result<()>) -> Result<()> {
        self.lists(|prefix, list| {
            list.iter().try_for_each(|task| {
                let place = self.places.get(*task as usize).ok_or("a task without a place")?;
                each(prefix, data.key(*place as usize))
            })
        })
    }
}

/// The units of a record: two bytes for each, the lead first.
pub(crate) fn units(record: &[u8]) -> impl Iterator<Item = u16> {
    record.chunks_exact(2).filter_map(|bytes| bytes.first_chunk()).map(|bytes| u16::from_le_bytes(*bytes))
}

/// A task with another lead.
pub(crate) struct Reassigned {
    pub(crate) record: Vec<u8>,
    /// Where the key leaves.
    pub(crate) old: Prefix,
    /// Where the key joins.
    pub(crate) new: Prefix,
}

/// What is to be written when a task gets another lead.
///
/// # Errors
/// A record of no units, or a unit that is not known.
pub(crate) fn reassigned(record: &[u8], dictionary: &Dictionary, unit: &str) -> Result<Reassigned> {
    let (mut record, new) = (record.to_vec(), dictionary.number(unit)?);
    let lead = record.first_chunk_mut().ok_or("the task is not assigned")?;
    let old = u16::from_le_bytes(std::mem::replace(lead, new.to_le_bytes()));
    Ok(Reassigned { record, old: prefix(old, Role::Lead), new: prefix(new, Role::Lead) })
}

/// A snapshot of a store of keys and values.
pub(crate) trait Snapshot {
    fn dictionary(&self) -> &Dictionary;
    /// What is made of the record of a task; of no bytes where the task is not there.
    fn record<T>(&self, task: &str, make: impl FnOnce(&[u8]) -> T) -> Result<T>;
    /// The keys of the rows that begin so, in order.
    fn keys(&self, prefix: Prefix) -> Result<impl Iterator<Item = Result<impl AsRef<str>>>>;
    fn count(&self, prefix: Prefix) -> Result<u64>;
    fn renew(&mut self) -> Result<()>;
}

fn keys<S: Snapshot>(of: &S, unit: &str, role: Role) -> Result<impl Iterator<Item = Result<impl AsRef<str>>>> {
    of.keys(prefix(of.dictionary().number(unit)?, role))
}

impl<S: Snapshot> Read for S {
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        let lead = self.record(task, |record| units(record).next())?;
        Ok(lead.map(|unit| self.dictionary().name(unit)))
    }

    fn units(&mut self, task: &str, mut each: impl FnMut(&str)) -> Result<()> {
        self.record(task, |record| units(record).for_each(|unit| each(self.dictionary().name(unit))))
    }

    fn led_by(&mut self, unit: &str, mut each: impl FnMut(&str)) -> Result<()> {
        for key in keys(self, unit, Role::Lead)? {
            each(key?.as_ref());
        }
        Ok(())
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        Snapshot::count(self, prefix(self.dictionary().number(unit)?, role))
    }

    fn shared(&mut self, leads: &str, supports: &str, each: impl FnMut(&str)) -> Result<()> {
        merge(keys(self, leads, Role::Lead)?, keys(self, supports, Role::Support)?, each)
    }

    fn refresh(&mut self) -> Result<()> {
        self.renew()
    }
}

/// Walks two lists in key order and hands out what is in both. It leaves when either list ends.
fn merge<A: AsRef<str>, B: AsRef<str>>(
    mut a: impl Iterator<Item = Result<A>>,
    mut b: impl Iterator<Item = Result<B>>,
    mut each: impl FnMut(&str),
) -> Result<()> {
    let (mut left, mut right) = (a.next().transpose()?, b.next().transpose()?);
    while let (Some(one), Some(other)) = (&left, &right) {
        match one.as_ref().cmp(other.as_ref()) {
            std::cmp::Ordering::Less => left = a.next().transpose()?,
            std::cmp::Ordering::Greater => right = b.next().transpose()?,
            std::cmp::Ordering::Equal => {
                each(one.as_ref());
                (left, right) = (a.next().transpose()?, b.next().transpose()?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Keys;

    #[test]
    fn rows_come_in_the_order_of_their_bytes_and_say_what_the_records_say() {
        let data = Data::new(2_000, 300, Keys::Short).unwrap();
        check_rows(&data);
        check_rows(&data.in_no_order());
    }

    fn check_rows(data: &Data) {
        let (mut by_task, mut by_unit) = (Vec::new(), Vec::new());
        let record = |key: &str, record: &[u8]| {
            let roles = [Role::Lead].into_iter().chain(std::iter::repeat(Role::Support));
            by_task.extend(units(record).zip(roles).map(|(unit, role)| (prefix(unit, role), key.to_owned())));
            Ok(())
        };
        let interned = Interned::records(data, record).unwrap();
        let row = |prefix: Prefix, key: &str| {
            by_unit.push((prefix, key.to_owned()));
            Ok(())
        };
        interned.rows(data, row).unwrap();
        by_task.sort();
        assert_eq!((by_unit.len(), &by_unit), (data.pairs(), &by_task));
    }

    #[test]
    fn another_lead_takes_the_place_of_the_first_and_the_others_stay() {
        let dictionary = Dictionary::from_iter(["a", "b", "c"]);
        let change = reassigned(&[0, 0, 1, 0], &dictionary, "c").unwrap();
        assert_eq!(units(&change.record).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((change.old, change.new), (prefix(0, Role::Lead), prefix(2, Role::Lead)));
        assert!(reassigned(&[], &dictionary, "c").is_err() && reassigned(&[0, 0], &dictionary, "d").is_err());
    }

    #[test]
    fn merging_hands_out_what_is_in_both_lists() {
        let list = |keys: &'static [&str]| keys.iter().map(|key| Ok(*key));
        let mut both = Vec::new();
        merge(list(&["a", "c", "d", "f"]), list(&["b", "c", "f", "g"]), |key| both.push(key.to_owned())).unwrap();
        assert_eq!(both, ["c", "f"]);
    }
}
