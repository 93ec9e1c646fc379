//! The questions of a round: drawn at random, the same on every machine. Knows no contender.

use crate::data::{Data, Numbers};
use crate::texts::Texts;

/// The questions of one round, the same for every contender.
pub(crate) struct Asked {
    pub(crate) tasks: Texts,
    pub(crate) unknown: Texts,
    pub(crate) busy_units: Texts,
    pub(crate) any_units: Texts,
    pub(crate) small_units: Texts,
    pub(crate) counts: Texts,
    /// Of each pair the first unit leads and the second supports.
    pub(crate) pairs: Texts,
}

const LOOKUPS: usize = 100_000;
/// The list of a busy unit has thousands of keys.
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
        // One block for each, so that the figures of memory do not depend on holes that earlier texts left.
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

/// Makes a key of the same form that no task has.
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
    use crate::data::Keys;
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_text_of_a_question_begins_where_that_of_the_last_one_ends() {
        let asked = Asked::new(&Data::new(1_000, 200, Keys::Short).unwrap(), 0);
        let tasks: Vec<&str> = asked.tasks.iter().collect();
        assert_eq!(tasks.len(), LOOKUPS);
        assert!(tasks.windows(2).all(|two| two[0].as_bytes().as_ptr_range().end == two[1].as_ptr()));
    }

    #[test]
    fn unknown_keys_are_unknown_and_look_the_same() {
        let data = Data::new(50_000, 200, Keys::Short).unwrap();
        let keys: HashSet<&str> = (0..data.len()).map(|task| data.key(task)).collect();
        let asked = Asked::new(&data, 0);
        assert!(asked.tasks.iter().all(|key| keys.contains(key)));
        assert!(asked.unknown.iter().all(|key| !keys.contains(key)));
        assert!(asked.unknown.iter().zip(asked.tasks.iter()).all(|(unknown, key)| unknown.len() == key.len()));
    }

    #[test]
    fn where_tasks_are_few_nobody_is_asked_of_a_unit_that_no_task_names() {
        let data = Data::new(1_000, 2_000, Keys::Short).unwrap();
        let names: HashSet<&str> = data.tasks().flat_map(|(_, units)| units).collect();
        assert!(names.len() < 2_000);
        let asked = Asked::new(&data, 0);
        let units = [&asked.any_units, &asked.busy_units, &asked.counts, &asked.pairs];
        assert!(units.into_iter().flat_map(Texts::iter).all(|unit| names.contains(unit)));
    }

    #[test]
    fn rounds_ask_other_questions_and_a_round_the_same_each_time() {
        let data = Data::new(50_000, 200, Keys::Short).unwrap();
        let of = |round| Asked::new(&data, round).tasks.iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
    }
}
