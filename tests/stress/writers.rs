//! Threads that commit: pairs, coins, edits of units, bulk loads, imports.

use std::fmt::Write as _;

use responsibility_index::error::Conflict;
use responsibility_index::{Error, InputError, Role, UnitKind};

use crate::common::Numbers;
use crate::run::Run;
use crate::world::{BANK, COINS, GROUP_SIZE, POTS, SUM, number, set_pair};

/// Changes the pair of this thread; what was acknowledged is there until the next change.
pub(crate) fn pairs(run: &Run, thread: usize, numbers: &mut Numbers) {
    let key = format!("pair/{thread}/a");
    let before = run.index.lead(&key).unwrap();
    let n = numbers.below(SUM + 1);
    let mut batch = run.index.batch();
    batch = set_pair(batch, thread, n);
    let plan = batch.commit().unwrap();
    assert_eq!(plan.before().lead(&key), Some(before.as_str()), "the commit was planned on another state");
    if before != number(n) {
        run.acknowledge(plan.revision());
    }
    assert_eq!(run.index.lead(&key), Some(number(n)));
}

/// Moves a coin from one pot to another. It is refused if others were quicker.
pub(crate) fn coins(run: &Run, _: usize, numbers: &mut Numbers) {
    let coin = format!("coin{}", numbers.below(COINS));
    let view = run.index.view();
    let from = view.supported_by(&coin).unwrap().keys().next().unwrap().to_owned();
    let to = format!("pot/{}", numbers.below(POTS));
    if from == to {
        return;
    }
    let mut batch = run.index.batch();
    if numbers.one_in(3) {
        batch = batch.at_revision(view.revision());
    } else if numbers.one_in(2) {
        batch = batch.only_if(&from, view.standing(&from));
    }
    match batch.withdraw(&from, &coin).add(&to, &coin, Role::Support).commit() {
        Ok(plan) => run.acknowledge(plan.revision()),
        Err(Error::Conflict(Conflict::Revision { .. } | Conflict::Standing { .. })) => run.count("conflicts"),
        Err(Error::Edit { mistake: InputError::NotNamed { .. }, .. }) => run.count("refused moves"),
        Err(other) => panic!("{other}"),
    }
}

/// Changes the bank. One thread does.
pub(crate) fn units(run: &Run, _: usize, numbers: &mut Numbers) {
    let view = run.index.view();
    let bank = view.unit(BANK[0]).unwrap();
    let (name, kind) = (bank.name().to_owned(), bank.kind());
    let batch = run.index.batch();
    let batch = match numbers.below(3) {
        0 => batch.rename_unit(&name, BANK[usize::from(name == BANK[0])]),
        1 => batch.set_kind(&name, if kind == UnitKind::Body { UnitKind::Collective } else { UnitKind::Body }),
        _ => {
            let alias = format!("Bank {}", numbers.below(20));
            if bank.aliases().any(|other| other == alias) {
                batch.remove_alias(&name, alias)
            } else {
                batch.add_alias(&name, alias)
            }
        }
    };
    run.acknowledge(batch.commit().unwrap().revision());
}

/// A lead that a group does not have.
fn other_lead(run: &Run, group: usize, numbers: &mut Numbers) -> String {
    let before = run.index.lead(&format!("group/{group}/0"));
    let other = (0..).map(|_| format!("L{}", numbers.below(30))).find(|lead| Some(lead) != before.as_ref());
    other.unwrap()
}

/// Replaces a group by a bulk load, in any order of its tasks.
pub(crate) fn loads(run: &Run, _: usize, numbers: &mut Numbers) {
    let group = numbers.below(2);
    let lead = other_lead(run, group, numbers);
    let mut load = run.index.bulk_load();
    let from = numbers.below(GROUP_SIZE);
    for n in 0..GROUP_SIZE {
        let key = format!("group/{group}/{}", (n + from) % GROUP_SIZE);
        load.add(&key, [&lead, BANK[numbers.below(2)]]).unwrap();
        // Refused, and the load goes on without it.
        if n == from {
            load.add("never/1", [&lead, &lead]).unwrap_err();
        }
    }
    let loaded = load.commit().unwrap();
    assert_eq!(loaded.tasks, GROUP_SIZE);
    run.acknowledge(loaded.revision);
}

/// Replaces a group by an import.
pub(crate) fn imports(run: &Run, thread: usize, numbers: &mut Numbers) {
    let group = 2 + numbers.below(2);
    let lead = other_lead(run, group, numbers);
    let mut lines = String::from("{\"format\":\"responsibility-index\",\"version\":1}\n");
    for n in 0..GROUP_SIZE {
        writeln!(lines, "{{\"task\":\"group/{group}/{n}\",\"lead\":\"{lead}\",\"supporting\":[\"{}\"]}}", BANK[0])
            .unwrap();
    }
    let mut reader = std::io::BufReader::with_capacity(500, Asks { run, thread, lines: lines.as_bytes(), reads: 0 });
    run.acknowledge(run.index.import_jsonl(&mut reader).unwrap().revision);
}

/// Lines whose reader asks the index, and commits now and then.
struct Asks<'r> {
    run: &'r Run,
    thread: usize,
    lines: &'r [u8],
    reads: usize,
}

impl std::io::Read for Asks<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.reads += 1;
        if self.reads == 3 {
            commit_inside(self.run, self.thread);
        }
        assert!(self.run.index.view().unit(BANK[1]).is_ok());
        self.lines.read(bytes)
    }
}

/// A commit inside a callback: each thread has a counter of its own.
pub(crate) fn commit_inside(run: &Run, thread: usize) {
    let key = format!("inside/{thread}");
    let before = run.index.lead(&key).map_or(0, |lead| lead[1..].parse().unwrap());
    let plan = run.index.batch().assign(&key, [number((before + 1) % SUM)]).commit().unwrap();
    run.acknowledge(plan.revision());
    run.count("commits inside callbacks");
}
