//! Tasks and units with what all commits keep, and the check of a whole view.
//!
//! - *Pairs* `pair/W/a` and `pair/W/b`: the numbers of their leads have one sum. Each writer has its own.
//! - *Coins*: units, each of which supports exactly one of the tasks `pot/N`.
//! - *Bank*: one unit that changes its name, its kind and its aliases, and leads all pots.
//! - *Groups* `group/G/N`: all their tasks have the same lead, since a load or an import replaces a whole group.
//! - Nothing is assigned below `never/`: whatever would do so panics first.

use std::collections::BTreeMap;

use responsibility_index::error::LogError;
use responsibility_index::{Batch, Details, Error, Index, Role, UnitKind, View};

pub(crate) const PAIRS: usize = 3;
pub(crate) const SUM: usize = 100;
pub(crate) const POTS: usize = 6;
pub(crate) const COINS: usize = 20;
pub(crate) const GROUPS: usize = 4;
pub(crate) const GROUP_SIZE: usize = 60;
pub(crate) const BANK: [&str; 2] = ["Bank", "The Bank"];

pub(crate) fn number(n: usize) -> String {
    format!("n{n}")
}

/// Makes the pairs and the coins, in one commit.
pub(crate) fn create(index: &Index) {
    let mut batch = index.batch();
    batch = batch.create_unit(BANK[0], UnitKind::Body).add_alias(BANK[0], BANK[1]);
    for pot in 0..POTS {
        let coins = (0..COINS).filter(|coin| coin % POTS == pot).map(|coin| format!("coin{coin}"));
        batch = batch.assign(format!("pot/{pot}"), std::iter::once(BANK[0].to_owned()).chain(coins));
    }
    for pair in 0..PAIRS {
        batch = set_pair(batch, pair, 0);
    }
    batch.commit().unwrap();
}

/// Gives a pair other numbers, with details that say the same.
pub(crate) fn set_pair(mut batch: Batch<'_>, pair: usize, n: usize) -> Batch<'_> {
    for (side, n) in [("a", n), ("b", SUM - n)] {
        let key = format!("pair/{pair}/{side}");
        batch =
            batch.assign(&key, [number(n)]).set_details(&key, Details::titled(number(n)).text("long text ".repeat(n)));
    }
    batch
}

/// Holds a view against everything that all commits keep. Returns the number of tasks in it. Details may be gone if a
/// trim was quicker; with `details` they must be there.
pub(crate) fn check(view: &View, details: bool) -> usize {
    let at = view.revision();
    for pair in 0..PAIRS {
        let numbers = ["a", "b"].map(|side| {
            let key = format!("pair/{pair}/{side}");
            let lead = view.lead(&key).unwrap();
            match view.details(&key) {
                Ok(told) => assert_eq!(told.unwrap().title, lead, "details of {key} at revision {at}"),
                Err(Error::Log(LogError::Trimmed { .. })) if !details => {}
                Err(other) => panic!("details of {key} at revision {at}: {other}"),
            }
            lead[1..].parse::<usize>().unwrap()
        });
        assert_eq!(numbers[0] + numbers[1], SUM, "pair {pair} at revision {at}");
    }
    for coin in 0..COINS {
        let coin = format!("coin{coin}");
        let pots = view.supported_by(&coin).unwrap();
        assert_eq!(pots.len(), 1, "{coin} at revision {at} is in {:?}", pots.keys().collect::<Vec<_>>());
    }
    let coins: usize = (0..POTS).map(|pot| view.supporting(&format!("pot/{pot}")).count()).sum();
    assert_eq!(coins, COINS, "at revision {at}");
    let bank = BANK.map(|name| view.led_by(name).unwrap());
    assert!(bank[0] == bank[1] && bank[0].len() == POTS, "the bank at revision {at}");
    for group in 0..GROUPS {
        let tasks = view.under(&format!("group/{group}/"));
        assert!([0, GROUP_SIZE].contains(&tasks.len()), "group {group} at revision {at}: {}", tasks.len());
        let leads: Vec<&str> = tasks.tasks().filter_map(|task| task.lead()).collect();
        assert!(leads.iter().all(|lead| *lead == leads[0]), "group {group} at revision {at}: {leads:?}");
    }
    assert!(view.under("never/").is_empty(), "what never was committed is there at revision {at}");
    directions(view);
    view.len()
}

/// Both directions, compared over all tasks and units.
fn directions(view: &View) {
    let mut by_task: BTreeMap<(&str, Role), Vec<&str>> = BTreeMap::new();
    let all = view.tasks();
    for task in all.tasks() {
        for (unit, role) in task.units() {
            by_task.entry((unit.name(), role)).or_default().push(task.key());
        }
    }
    let mut pairs = 0;
    for unit in view.units() {
        for (role, tasks, counted) in [
            (Role::Lead, view.led_by(unit.name()).unwrap(), unit.leads()),
            (Role::Support, view.supported_by(unit.name()).unwrap(), unit.supports()),
        ] {
            let expected = by_task.get(&(unit.name(), role)).map_or(&[][..], Vec::as_slice);
            let at = view.revision();
            assert!(tasks.keys().eq(expected.iter().copied()), "{} as {role} at revision {at}", unit.name());
            assert_eq!(counted, expected.len(), "{} as {role} at revision {at}", unit.name());
            pairs += counted;
        }
    }
    assert_eq!(pairs, by_task.values().map(Vec::len).sum::<usize>());
}

/// The tasks of a view with their units, without details.
pub(crate) fn told(view: &View) -> Vec<String> {
    let told = |task: responsibility_index::view::TaskRef<'_>| {
        let units: Vec<&str> = task.units().map(|(unit, _)| unit.name()).collect();
        format!("{} {units:?}", task.key())
    };
    view.tasks().tasks().map(told).collect()
}

pub(crate) fn exported(index: &Index) -> Vec<u8> {
    let mut lines = Vec::new();
    index.export_jsonl(&mut lines).unwrap();
    lines
}
