//! What is asked: questions drawn at random, the same on every machine, and how their texts lie in memory. Knows no
//! contender.

use crate::contender::Result;
use crate::data::{Data, Numbers};

/// Texts one after the other in memory, in the order in which they are asked.
///
/// Who asks has the text at hand. Questions that point into the text of all keys would begin with a cache miss of their
/// own, the same for all, which makes every contender look like the others.
#[derive(Default)]
pub(crate) struct Texts {
    text: String,
    lengths: Vec<u32>,
}

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(all: I) -> Texts {
        let mut texts = Texts::default();
        all.into_iter().for_each(|text| texts.push(text));
        texts
    }
}

impl Texts {
    fn with_capacity(texts: usize, length: usize) -> Texts {
        Texts { text: String::with_capacity(texts * length), lengths: Vec::with_capacity(texts) }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.lengths.push(text.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.lengths.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        let mut rest = self.text.as_str();
        self.lengths.iter().map(move |length| {
            let (text, after) = rest.split_at_checked(*length as usize).unwrap_or_default();
            rest = after;
            text
        })
    }

    /// The first with the second, the third with the fourth, and so on.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut texts = self.iter();
        std::iter::from_fn(move || Some((texts.next()?, texts.next()?)))
    }

    /// Hands them out `size` at a time, as one who has several at hand would; the last time may be fewer.
    pub(crate) fn in_batches(&self, size: usize, mut each: impl FnMut(&[&str]) -> Result<()>) -> Result<()> {
        let (mut texts, mut batch) = (self.iter(), Vec::with_capacity(size));
        loop {
            batch.extend(texts.by_ref().take(size));
            if batch.is_empty() {
                return Ok(());
            }
            each(&batch)?;
            batch.clear();
        }
    }
}

/// What one round asks, the same for every contender.
pub(crate) struct Asked {
    pub(crate) tasks: Texts,
    pub(crate) unknown: Texts,
    pub(crate) busy_units: Texts,
    pub(crate) any_units: Texts,
    pub(crate) small_units: Texts,
    pub(crate) counts: Texts,
    /// Led by the first, supported by the second.
    pub(crate) pairs: Texts,
}

const LOOKUPS: usize = 100_000;
/// Long lists: a list of a busy unit is thousands of keys.
const LISTS: usize = 64;
const ANY_LISTS: usize = 1_024;
const SMALL_LISTS: usize = 4_096;
/// About as many as there are units and roles.
const COUNTS: usize = 4_096;

impl Asked {
    pub(crate) fn new(data: &Data, round: usize) -> Asked {
        let mut numbers = Numbers::new(1 + round as u64);
        let mut units = |count: usize, draw: fn(&Data, &mut Numbers) -> u16| {
            (0..count).map(|_| data.name(draw(data, &mut numbers))).collect::<Texts>()
        };
        let busy_units = units(LISTS, Data::busy_unit);
        let any_units = units(ANY_LISTS, Data::any_unit);
        let small_units = units(SMALL_LISTS, Data::small_unit);
        let counts = units(COUNTS, Data::any_unit);
        let pairs = (0..LISTS).flat_map(|_| pair(data, &mut numbers)).collect();
        // One block for each, so that what the rows of memory show does not go into the holes that others left.
        let room = || Texts::with_capacity(LOOKUPS, data.key(0).len());
        let (mut tasks, mut unknown) = (room(), room());
        for _ in 0..LOOKUPS {
            let key = data.key(numbers.below(data.len()));
            tasks.push(key);
            unknown.push(&unknown_like(key));
        }
        Asked { tasks, unknown, busy_units, any_units, small_units, counts, pairs }
    }
}

/// A key of the same form that no task has.
fn unknown_like(key: &str) -> String {
    let (section, number) = key.rsplit_once('/').unwrap_or((key, ""));
    format!("{section}/9{}", number.get(1..).unwrap_or_default())
}

fn pair<'d>(data: &'d Data, numbers: &mut Numbers) -> [&'d str; 2] {
    let leads = data.busy_unit(numbers);
    loop {
        let supports = data.busy_unit(numbers);
        if supports != leads {
            return [data.name(leads), data.name(supports)];
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_come_in_their_order_one_by_one_and_in_pairs() {
        let texts: Texts = ["a", "", "省财政厅", "bc"].into_iter().collect();
        assert_eq!(texts.len(), 4);
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "省财政厅", "bc"]);
        assert_eq!(texts.pairs().collect::<Vec<_>>(), [("a", ""), ("省财政厅", "bc")]);
    }

    #[test]
    fn batches_are_full_but_the_last_and_lose_nothing() {
        for count in [0, 1, 2, 3, 4, 5] {
            let texts: Texts = ["a", "b", "c", "d", "e"].into_iter().take(count).collect();
            let (mut sizes, mut all) = (Vec::new(), Vec::new());
            let each = |batch: &[&str]| {
                sizes.push(batch.len());
                all.extend(batch.iter().map(|text| (*text).to_owned()));
                Ok(())
            };
            texts.in_batches(2, each).unwrap();
            assert_eq!(all, texts.iter().collect::<Vec<_>>());
            assert!(sizes.iter().rev().skip(1).all(|size| *size == 2) && !sizes.contains(&0), "{sizes:?}");
        }
    }

    #[test]
    fn the_text_of_a_question_begins_where_that_of_the_last_one_ends() {
        let asked = Asked::new(&Data::new(1_000, 200).unwrap(), 0);
        let tasks: Vec<&str> = asked.tasks.iter().collect();
        assert_eq!(tasks.len(), LOOKUPS);
        assert!(tasks.windows(2).all(|two| two[0].as_bytes().as_ptr_range().end == two[1].as_ptr()));
    }

    #[test]
    fn unknown_keys_are_unknown_and_look_the_same() {
        let data = Data::new(50_000, 200).unwrap();
        let keys: HashSet<&str> = (0..data.len()).map(|task| data.key(task)).collect();
        let asked = Asked::new(&data, 0);
        assert!(asked.tasks.iter().all(|key| keys.contains(key)));
        assert!(asked.unknown.iter().all(|key| !keys.contains(key)));
        assert!(asked.unknown.iter().zip(asked.tasks.iter()).all(|(unknown, key)| unknown.len() == key.len()));
    }

    #[test]
    fn where_tasks_are_few_nobody_is_asked_of_a_unit_that_no_task_names() {
        let data = Data::new(1_000, 2_000).unwrap();
        let names: HashSet<&str> = data.tasks().flat_map(|(_, units)| units).collect();
        assert!(names.len() < 2_000);
        let asked = Asked::new(&data, 0);
        let units = [&asked.any_units, &asked.busy_units, &asked.counts, &asked.pairs];
        assert!(units.into_iter().flat_map(Texts::iter).all(|unit| names.contains(unit)));
    }

    #[test]
    fn rounds_ask_other_questions_and_a_round_the_same_each_time() {
        let data = Data::new(50_000, 200).unwrap();
        let of = |round| Asked::new(&data, round).tasks.text;
        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
    }
}
