//! Cost against size: operations that must not become slower with the square of a size, or with the size of the index.
//!
//! `cargo bench --bench costs` takes about a minute. Each line is one operation at rising sizes, with the factor from
//! the size before: where the size grows tenfold, a linear cost grows tenfold and a square hundredfold. The index is in
//! memory and no checkpoints are written, so that neither device nor engine hides the work.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first thing that goes wrong")]

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{Index, OpenOptions, UnitKind};

const ROUNDS: usize = 101;

/// An index without checkpoints, which its commits would write now and then.
fn empty() -> Index {
    OpenOptions::new().checkpoint_after(usize::MAX).in_memory()
}

/// The median time of a call, which gets the number of its round.
fn median(rounds: usize, mut call: impl FnMut(usize)) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|round| {
            let start = Instant::now();
            call(round);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(rounds / 2).copied().unwrap()
}

/// Prints one operation at rising sizes.
fn row(operation: &str, sizes: &[usize], mut measure: impl FnMut(usize) -> Duration) {
    print!("{operation:<52}");
    let mut before: Option<Duration> = None;
    for size in sizes {
        let time = measure(*size);
        let factor =
            before.map_or(String::new(), |before| format!(" (x{:.1})", time.as_secs_f64() / before.as_secs_f64()));
        print!("  {size}: {time:.1?}{factor}");
        before = Some(time);
    }
    println!();
}

/// An index with so many units, each leading one task.
fn with_units(units: usize) -> Index {
    let index = empty();
    let mut load = index.load();
    (0..units).for_each(|n| load.add(&format!("task/{n}"), [format!("unit {n}")]).unwrap());
    load.commit().unwrap();
    index
}

/// An index with one unit that has so many aliases.
fn with_aliases(aliases: usize) -> Index {
    let index = empty();
    index.batch().create_unit("unit", UnitKind::Body).commit().unwrap();
    let mut batch = index.batch();
    for n in 0..aliases {
        batch = batch.add_alias("unit", format!("alias {n}"));
    }
    batch.commit().unwrap();
    index
}

/// An index with so many tasks, each key before all keys that came before it, led by one unit.
fn with_late_keys(keys: usize) -> Index {
    let index = empty();
    let mut batch = index.batch();
    for n in (0..keys).rev() {
        batch = batch.assign(format!("task/{n}"), ["unit"]);
        if batch.len() == 1_000 {
            batch.commit().unwrap();
            batch = index.batch();
        }
    }
    batch.commit().unwrap();
    index
}

fn main() {
    let aliases = [10, 100, 1_000];
    row("one alias, by aliases of the unit", &aliases, |size| {
        let index = with_aliases(size);
        median(ROUNDS, |n| match n % 2 {
            0 => drop(index.batch().add_alias("unit", "another").commit().unwrap()),
            _ => drop(index.batch().remove_alias("unit", "another").commit().unwrap()),
        })
    });
    row("one rename, by aliases of the unit", &aliases, |size| {
        let index = with_aliases(size);
        median(ROUNDS.min(1_024 - size), |n| {
            index.batch().rename_unit("alias 3", format!("name {n}")).commit().unwrap();
        })
    });
    row("one kind, by aliases of the unit", &aliases, |size| {
        let index = with_aliases(size);
        let kinds = [UnitKind::Collective, UnitKind::Body];
        median(ROUNDS, |n| {
            kinds.get(n % 2).map(|kind| index.batch().set_kind("unit", *kind).commit()).unwrap().unwrap();
        })
    });

    let units = [4_000, 40_000, 400_000];
    row("one alias, by units of the index", &units, |size| {
        let index = with_units(size);
        median(ROUNDS, |n| {
            index.batch().add_alias(format!("unit {}", n * size / ROUNDS), format!("alias {n}")).commit().unwrap();
        })
    });
    row("one rename, by units of the index", &units, |size| {
        let index = with_units(size);
        median(ROUNDS, |n| {
            index.batch().rename_unit(format!("unit {}", n * size / ROUNDS), format!("name {n}")).commit().unwrap();
        })
    });
    row("one reassignment, by units of the index", &units, |size| {
        let index = with_units(size);
        median(ROUNDS, |n| {
            let (task, unit) = (n * size / ROUNDS, n * 7_919 % size);
            index.batch().set_lead(format!("task/{task}"), format!("unit {unit}"), None).commit().unwrap();
        })
    });
    row("a batch of new units, per unit", &units, |size| {
        let index = empty();
        let mut batch = index.batch();
        for n in 0..size {
            batch = batch.create_unit(format!("unit {n}"), UnitKind::Body);
        }
        median(1, |_| drop(batch.commit().unwrap())) / size as u32
    });

    let units = [2_000, 20_000, 200_000];
    for (name, length) in [("an unknown name of 250 bytes", 250), ("an unknown name of 8 bytes", 8)] {
        row(&format!("{name}, by units of the index"), &units, |size| {
            let index = with_units(size);
            let unknown = "unit".repeat(length / 4);
            median(5, |_| drop(black_box(index.view().led_by(&unknown).unwrap_err())))
        });
    }
    row("another commit while unknown names are refused", &units, |size| {
        let index = with_units(size);
        thread::scope(|scope| {
            let asked = "unit".repeat(12);
            let (send, receive) = std::sync::mpsc::channel::<()>();
            let refused = &index;
            scope.spawn(move || {
                while receive.try_recv().is_err_and(|error| error == std::sync::mpsc::TryRecvError::Empty) {
                    drop(black_box(refused.batch().add_alias(&asked, "alias").commit().unwrap_err()));
                }
            });
            let time = median(ROUNDS, |n| {
                index.batch().set_lead("task/1", format!("unit {}", n % 2 + 1), None).commit().unwrap();
            });
            drop(send);
            time
        })
    });

    let keys = [1_000, 10_000, 100_000];
    row("all pages of 100 over late keys", &keys, |size| {
        let index = with_late_keys(size);
        let set = index.view().led_by("unit").unwrap();
        median(1, |_| {
            let (mut last, mut seen) = (String::new(), 0);
            loop {
                let page: Vec<&str> = set.keys_after(&last).take(100).collect();
                seen += page.len();
                match page.last() {
                    Some(key) => last = (*key).to_owned(),
                    None => break,
                }
            }
            assert_eq!(seen, size);
        })
    });
}
