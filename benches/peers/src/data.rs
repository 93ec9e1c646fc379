//! The tasks, their units and their changes, which every contender is given: the same numbers on every machine. Knows no
//! contender.

use std::fmt::Write;

use crate::result::Result;

/// Of each hundred tasks, how many have one unit, two, three, and so on: 3.5 in the mean.
const UNITS_OF_100_TASKS: [usize; 8] = [10, 20, 25, 20, 12, 8, 3, 2];
/// Units beside the Zipf ones that lead `LED_BY_SMALL` tasks each and support none.
const SMALL_UNITS: usize = 16;
const LED_BY_SMALL: usize = 20;
/// How a plan is divided: chapters of sections of tasks.
const CHAPTERS: usize = 8;
const SECTIONS: usize = 5;
const TASKS: usize = 250;
/// Codes of provinces, in order, so that keys are made in the order of their bytes.
const PROVINCES: [&str; 31] = [
    "ah", "bj", "cq", "fj", "gd", "gs", "gx", "gz", "ha", "hb", "he", "hi", "hl", "hn", "jl", "js", "jx", "ln", "nm",
    "nx", "qh", "sc", "sd", "sh", "sn", "sx", "tj", "xj", "xz", "yn", "zj",
];
const YEARS: std::ops::Range<usize> = 1986..2036;
const SEED_OF_NO_ORDER: u64 = 7_000;

/// A small generator of the same numbers on every machine.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// From 0 up to but without 1.
    fn fraction(&mut self) -> f64 {
        self.next() as f64 / (1_u64 << 53) as f64
    }
}

/// The shape of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Such as `fj-2016/1/3/0042`: 16 bytes.
    Short,
    /// Such as `provincial-action-plan/fj-2016/1/3/0042`: 39 bytes, with a beginning that all have.
    Long,
}

impl Keys {
    /// The word for it on a command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Keys::Short => "short",
            Keys::Long => "long",
        }
    }

    /// # Errors
    /// A word that is neither.
    pub(crate) fn of(word: &str) -> Result<Keys> {
        let all = [Keys::Short, Keys::Long];
        let found = all.into_iter().find(|keys| keys.word() == word);
        found.ok_or_else(|| format!("{word:?} is no kind of keys: short or long").into())
    }
}

/// Tasks with their units, the lead first; in key order, except after [`Data::in_no_order`].
pub(crate) struct Data {
    shape: Keys,
    keys: String,
    key_ends: Vec<u32>,
    units: Vec<u16>,
    unit_ends: Vec<u32>,
    names: Vec<String>,
    /// For each unit of the Zipf ones, the chance that one drawn is this one or one before it.
    chances: Vec<f64>,
    /// For each unit whether a task names it; where tasks are few, not all are.
    named: Vec<bool>,
}

impl Data {
    /// # Errors
    /// Numbers of tasks or units that the layout has no room for.
    pub(crate) fn new(tasks: usize, units: usize, shape: Keys) -> Result<Data> {
        let most = PROVINCES.len() * YEARS.len() * CHAPTERS * SECTIONS * TASKS;
        if !(SMALL_UNITS * LED_BY_SMALL..=most).contains(&tasks) {
            return Err(format!("--tasks must be from {} to {most}", SMALL_UNITS * LED_BY_SMALL).into());
        }
        if !(4 * SMALL_UNITS..=usize::from(u16::MAX)).contains(&units) {
            return Err(format!("--units must be from {} to {}", 4 * SMALL_UNITS, u16::MAX).into());
        }
        let names: Vec<String> = (0..units).map(|unit| format!("department-{unit:05}")).collect();
        let chances = zipf(units - SMALL_UNITS);
        let (keys, key_ends, units, unit_ends) = Default::default();
        let named = vec![false; names.len()];
        let mut data = Data { shape, keys, key_ends, units, unit_ends, names, chances, named };
        data.fill(tasks);
        Ok(data)
    }

    fn fill(&mut self, tasks: usize) {
        let mut numbers = Numbers::new(2016);
        // Small units lead every so-manyth task.
        let every = tasks / (SMALL_UNITS * LED_BY_SMALL);
        for task in 0..tasks {
            write_key(&mut self.keys, task, self.shape);
            self.key_ends.push(self.keys.len() as u32);
            let small = (task % every == 0).then_some(task / every).filter(|turn| *turn < SMALL_UNITS * LED_BY_SMALL);
            let first = self.units.len();
            let wanted = first + how_many(&mut numbers);
            self.units.extend(small.map(|turn| (self.chances.len() + turn % SMALL_UNITS) as u16));
            while self.units.len() < wanted {
                let unit = self.zipf_unit(&mut numbers);
                if self.units.get(first..).is_some_and(|units| !units.contains(&unit)) {
                    self.units.push(unit);
                }
            }
            self.unit_ends.push(self.units.len() as u32);
        }
        for unit in &self.units {
            if let Some(named) = self.named.get_mut(usize::from(*unit)) {
                *named = true;
            }
        }
    }

    fn zipf_unit(&self, numbers: &mut Numbers) -> u16 {
        let drawn = numbers.fraction();
        self.chances.partition_point(|chance| *chance <= drawn).min(self.chances.len() - 1) as u16
    }

    /// Draws until a unit comes that some task names.
    fn named_unit(&self, mut draw: impl FnMut() -> u16) -> u16 {
        loop {
            let unit = draw();
            if self.named.get(usize::from(unit)).is_some_and(|named| *named) {
                return unit;
            }
        }
    }

    /// Drawn by Zipf's law.
    pub(crate) fn busy_unit(&self, numbers: &mut Numbers) -> u16 {
        self.named_unit(|| self.zipf_unit(numbers))
    }

    /// Drawn with the same chance for each but the small ones.
    pub(crate) fn any_unit(&self, numbers: &mut Numbers) -> u16 {
        self.named_unit(|| numbers.below(self.chances.len()) as u16)
    }

    /// One of those that lead few tasks.
    pub(crate) fn small_unit(&self, numbers: &mut Numbers) -> u16 {
        (self.chances.len() + numbers.below(SMALL_UNITS)) as u16
    }

    pub(crate) fn len(&self) -> usize {
        self.key_ends.len()
    }

    pub(crate) fn units(&self) -> usize {
        self.names.len()
    }

    /// Pairs of a task and a unit.
    pub(crate) fn pairs(&self) -> usize {
        self.units.len()
    }

    fn range(ends: &[u32], at: usize) -> std::ops::Range<usize> {
        let end = |at: usize| ends.get(at).map_or(0, |end| *end as usize);
        at.checked_sub(1).map_or(0, end)..end(at)
    }

    pub(crate) fn key(&self, task: usize) -> &str {
        self.keys.get(Data::range(&self.key_ends, task)).unwrap_or_default()
    }

    fn numbers_of(&self, task: usize) -> &[u16] {
        self.units.get(Data::range(&self.unit_ends, task)).unwrap_or_default()
    }

    pub(crate) fn name(&self, unit: u16) -> &str {
        self.names.get(usize::from(unit)).map_or("", String::as_str)
    }

    /// The names of a task's units, the lead first.
    pub(crate) fn units_of(&self, task: usize) -> impl ExactSizeIterator<Item = &str> {
        self.numbers_of(task).iter().map(|unit| self.name(*unit))
    }

    /// The places of the tasks in the order of their keys, found as an expert would: by the sixteen bytes behind what all
    /// keys begin with, which lie side by side; the texts are looked at only where those are the same. A sort that finds
    /// them in order already takes one look at each.
    pub(crate) fn key_order(&self) -> Vec<u32> {
        let shared = (1..self.len()).fold(self.key(0).len(), |shared, task| {
            let pairs = self.key(0).bytes().zip(self.key(task).bytes()).take(shared);
            pairs.take_while(|(one, other)| one == other).count()
        });
        let place = |place: u32| (sixteen_bytes(self.key(place as usize), shared), place);
        let mut places: Vec<(u128, u32)> = (0..self.len() as u32).map(place).collect();
        places.sort_unstable_by(|(bytes, one), (other_bytes, other)| {
            bytes.cmp(other_bytes).then_with(|| self.key(*one as usize).cmp(self.key(*other as usize)))
        });
        places.into_iter().map(|(_, place)| place).collect()
    }

    /// The same tasks in an order drawn at random.
    pub(crate) fn in_no_order(&self) -> Data {
        let mut places: Vec<usize> = (0..self.len()).collect();
        let mut numbers = Numbers::new(SEED_OF_NO_ORDER);
        (1..places.len()).rev().for_each(|last| places.swap(last, numbers.below(last + 1)));
        let (names, chances, named) = (self.names.clone(), self.chances.clone(), self.named.clone());
        let (keys, key_ends, units, unit_ends) = Default::default();
        let mut data = Data { shape: self.shape, keys, key_ends, units, unit_ends, names, chances, named };
        for place in places {
            data.keys.push_str(self.key(place));
            data.key_ends.push(data.keys.len() as u32);
            data.units.extend(self.numbers_of(place));
            data.unit_ends.push(data.units.len() as u32);
        }
        data
    }

    pub(crate) fn shape(&self) -> Keys {
        self.shape
    }

    /// All tasks in the order in which a contender is given them: by key, except after [`Data::in_no_order`].
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&str, impl ExactSizeIterator<Item = &str>)> {
        (0..self.len()).map(|task| (self.key(task), self.units_of(task)))
    }
}

/// Bytes of a key as a number that sorts as they do, with zeroes behind the end.
fn sixteen_bytes(key: &str, from: usize) -> u128 {
    let bytes = key.as_bytes().get(from..).unwrap_or_default();
    let mut sixteen = [0; 16];
    sixteen.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
    u128::from_be_bytes(sixteen)
}

fn zipf(units: usize) -> Vec<f64> {
    let whole: f64 = (1..=units).map(|rank| 1.0 / rank as f64).sum();
    let mut so_far = 0.0;
    let chance = |rank: usize| {
        so_far += 1.0 / (rank as f64 * whole);
        so_far
    };
    (1..=units).map(chance).collect()
}

fn how_many(numbers: &mut Numbers) -> usize {
    let mut drawn = numbers.below(100);
    for (units, tasks) in (1..).zip(UNITS_OF_100_TASKS) {
        match drawn.checked_sub(tasks) {
            Some(left) => drawn = left,
            None => return units,
        }
    }
    UNITS_OF_100_TASKS.len()
}

fn write_key(keys: &mut String, task: usize, shape: Keys) {
    if shape == Keys::Long {
        keys.push_str("provincial-action-plan/");
    }
    let (section, number) = (task / TASKS, task % TASKS + 1);
    let (chapter, section) = (section / SECTIONS, section % SECTIONS + 1);
    let (plan, chapter) = (chapter / CHAPTERS, chapter % CHAPTERS + 1);
    let (province, year) = (plan / YEARS.len(), YEARS.start + plan % YEARS.len());
    let province = PROVINCES.get(province).copied().unwrap_or_default();
    // Writing to a string does not fail.
    let _ = write!(keys, "{province}-{year}/{chapter}/{section}/{number:04}");
}

/// Gives a task another lead. The new one is no unit that the task was loaded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reassignment<'d> {
    pub(crate) task: &'d str,
    pub(crate) lead: &'d str,
    /// The lead that the task was loaded with.
    pub(crate) loaded: &'d str,
}

/// Reassignments of tasks drawn at random. Of `of` streams, that with number `stream` has tasks that no other has, so
/// that streams may run in any order and end the same.
pub(crate) fn reassignments(data: &Data, seed: u64, count: usize, stream: usize, of: usize) -> Vec<Reassignment<'_>> {
    let mut numbers = Numbers::new(1_000_003 * (seed + 1) + stream as u64);
    let mut next = || {
        let task = numbers.below(data.len() / of) * of + stream;
        loop {
            let lead = data.busy_unit(&mut numbers);
            if !data.numbers_of(task).contains(&lead) {
                let loaded = data.units_of(task).next().unwrap_or_default();
                return Reassignment { task: data.key(task), lead: data.name(lead), loaded };
            }
        }
    };
    (0..count).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Data {
        Data::new(50_000, 200, Keys::Short).unwrap()
    }

    #[test]
    fn keys_are_unique_and_in_the_order_of_their_bytes() {
        let data = data();
        assert!((1..data.len()).all(|task| data.key(task - 1) < data.key(task)));
        assert_eq!(data.key(0), "ah-1986/1/1/0001");
    }

    #[test]
    fn tasks_have_one_to_eight_units_three_and_a_half_in_the_mean_and_none_twice() {
        let data = data();
        let mean = data.pairs() as f64 / data.len() as f64;
        assert!((3.45..3.55).contains(&mean), "{mean}");
        for task in 0..data.len() {
            let mut units: Vec<&str> = data.units_of(task).collect();
            assert!((1..=8).contains(&units.len()));
            units.sort_unstable();
            assert!(units.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }

    #[test]
    fn the_busiest_unit_leads_twice_as_much_as_the_second_and_small_units_lead_twenty() {
        let data = data();
        let mut leads = vec![0; data.units()];
        (0..data.len()).for_each(|task| leads[usize::from(data.numbers_of(task)[0])] += 1);
        let ratio = f64::from(leads[0]) / f64::from(leads[1]);
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
        assert!(leads[200 - SMALL_UNITS..].iter().all(|led| *led == 20), "{leads:?}");
    }

    #[test]
    fn where_tasks_are_few_no_task_is_given_to_a_unit_that_none_names() {
        let data = Data::new(1_000, 2_000, Keys::Short).unwrap();
        let names: std::collections::HashSet<&str> = data.tasks().flat_map(|(_, units)| units).collect();
        assert!(names.len() < 2_000);
        assert!(reassignments(&data, 1, 1_000, 0, 1).iter().all(|change| names.contains(change.lead)));
    }

    #[test]
    fn in_no_order_the_same_tasks_have_the_same_units_and_are_put_in_order_again() {
        for keys in [Keys::Short, Keys::Long] {
            check_no_order(&Data::new(50_000, 200, keys).unwrap());
        }
    }

    fn check_no_order(data: &Data) {
        let mixed = data.in_no_order();
        assert!((1..mixed.len()).filter(|place| mixed.key(place - 1) > mixed.key(*place)).count() > mixed.len() / 3);
        let task = |data: &Data, place: u32| {
            let units: Vec<String> = data.units_of(place as usize).map(str::to_owned).collect();
            (data.key(place as usize).to_owned(), units)
        };
        let sorted = mixed.key_order().into_iter().map(|place| task(&mixed, place));
        assert!(sorted.eq((0..data.len() as u32).map(|place| task(data, place))));
    }

    #[test]
    fn streams_of_reassignments_share_no_task_and_name_no_unit_that_the_task_has() {
        let data = data();
        let number = |key: &str| (0..data.len()).find(|task| data.key(*task) == key).unwrap();
        for stream in 0..8 {
            for change in reassignments(&data, 3, 20, stream, 8) {
                let task = number(change.task);
                assert_eq!(task % 8, stream);
                assert!(data.units_of(task).all(|unit| unit != change.lead));
            }
        }
    }
}
