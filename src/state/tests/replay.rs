//! Laws of the replay: it makes what applying one commit after the other makes, and refuses what that refuses.

use std::collections::BTreeSet;

use fastrand::Rng;

use super::super::{Change, Part, Records, Replay, Replayed, State, TaskChange, TaskImage, Tasks, Touched, Units};
use super::super::{LEAF, Member, Misfit, Record, Slot, TaskChanges, Unit, UnitChange, UnitLists, pack};
use super::{facts, led, task_changes, unit_change};
use crate::id::{TaskId, UnitId};
use crate::model::Role;

type Commits = Vec<Vec<Change>>;
type Lists = Vec<[Vec<TaskId>; Role::ALL.len()]>;

/// A change that takes the last unit out of all tasks, and one that removes it.
fn removal(state: &State) -> Vec<Change> {
    let Some((last, _)) = state.units.iter().last() else { return Vec::new() };
    let mut changes = Vec::new();
    for record in state.tasks.records().iter().filter(|record| record.members().any(|member| member.unit() == last)) {
        let before: Vec<Member> = record.members().collect();
        let after: Vec<Member> = record.members().filter(|member| member.unit() != last).collect();
        let image = |members| TaskImage { members, detail: record.detail() };
        changes.extend(pack([TaskChange {
            key: record.key(),
            was: Some(image(&before)),
            is: (!after.is_empty()).then_some(image(&after)),
            moved_from: None,
            was_changed: record.changed(),
            is_changed: state.revision + 1,
        }]));
    }
    let mut changes: Vec<Change> = changes.into_iter().map(Change::Tasks).collect();
    changes.extend(UnitChange::between(last, state.units.get(last), None).map(Change::Unit));
    changes
}

/// A state, and commits after it.
fn history(random: &mut Rng, before: usize, after: usize) -> (State, Commits) {
    let (mut state, mut checkpoint, mut commits) = (State::empty(), State::empty(), Vec::new());
    for step in 0..before + after {
        if step == before {
            checkpoint = state.clone();
        }
        let mut commit = Vec::new();
        for _ in 0..random.usize(1..4) {
            let changes = match random.u32(0..12) {
                _ if state.units.len() < 3 => unit_change(random, &state).into_iter().collect(),
                0 => removal(&state),
                1..4 => unit_change(random, &state).into_iter().collect(),
                _ => task_changes(random, &state, state.revision + 1),
            };
            changes.iter().for_each(|change| state.apply_in_place(change, &mut Touched::default()).unwrap());
            commit.extend(changes);
        }
        state.revision += 1;
        if step >= before {
            commits.push(commit);
        }
    }
    (checkpoint, commits)
}

fn one_by_one(checkpoint: &State, commits: &Commits) -> Result<(State, Touched), Misfit> {
    let (mut state, mut touched) = (checkpoint.clone(), Touched::default());
    for commit in commits {
        commit.iter().try_for_each(|change| state.apply_in_place(change, &mut touched))?;
        state.check_units(commit)?;
        state.revision += 1;
    }
    Ok((state, touched))
}

/// Units and tasks as the rows of a checkpoint give them.
fn rows(state: &State) -> (Units, Tasks) {
    let units: Vec<Slot> = state.units.slots().cloned().collect();
    let facts = state.units.register().iter().map(|fact| (**fact).clone()).collect();
    (Units::of(units, facts).unwrap(), Tasks::of(state.tasks.records().clone()))
}

fn replayed(checkpoint: &State, commits: &Commits) -> Result<(Replayed, Tasks, usize), Misfit> {
    let (units, mut tasks) = rows(checkpoint);
    let mut replay = Replay::new(units, checkpoint.revision, checkpoint.next_detail);
    for (commit, revision) in commits.iter().zip(checkpoint.revision + 1..) {
        replay.add(revision, commit)?;
    }
    let count = replay.count();
    assert_eq!(replay.count() == 0, count == 0);
    Ok((replay.put_into(&mut tasks)?, tasks, count))
}

fn lists(state: &State) -> Lists {
    let lists = UnitLists::of(state.tasks.records(), state.units.numbered());
    state.units.by_number().map(|(unit, _)| Role::ALL.map(|role| lists.ids(unit, role).to_vec())).collect()
}

fn parts(mut touched: Touched) -> BTreeSet<Part> {
    touched.parts().unwrap().iter().copied().collect()
}

/// The parts in which two states with the same numbers differ.
fn difference(from: &State, to: &State) -> BTreeSet<Part> {
    let mut differ = BTreeSet::new();
    let leaf = |records: &Records, at: usize| {
        records.iter().skip(at * LEAF).take(LEAF).map(Record::to_owned).collect::<Vec<_>>()
    };
    for at in 0..to.tasks.numbered().div_ceil(LEAF) {
        if leaf(from.tasks.records(), at) != leaf(to.tasks.records(), at) {
            differ.insert(Part::Leaf(at as u32));
        }
    }
    let (before, after) = (lists(from), lists(to));
    for unit in 0..from.units.numbered().max(to.units.numbered()) {
        if from.units.get(unit as UnitId) != to.units.get(unit as UnitId) {
            differ.insert(Part::Unit(unit as UnitId));
        }
        for (place, role) in Role::ALL.into_iter().enumerate() {
            let list = |lists: &Lists| lists.get(unit).map(|both| both[place].clone()).unwrap_or_default();
            if list(&before) != list(&after) {
                differ.insert(Part::List(unit as UnitId, role));
            }
        }
    }
    differ
}

/// Compares the replay of commits with applying them one by one. Returns whether they fit.
fn check(checkpoint: &State, commits: &Commits, what: &str) -> bool {
    let ((applied, touched_one_by_one), replayed) =
        match (one_by_one(checkpoint, commits), replayed(checkpoint, commits)) {
            (Ok(applied), Ok(replayed)) => (applied, replayed),
            (applied, replayed) => {
                let (applied, replayed) = (applied.err(), replayed.err());
                assert!(applied.is_some() && replayed.is_some(), "{what}: {applied:?}, replayed {replayed:?}");
                return false;
            }
        };
    let (Replayed { units, revision, next_detail, touched, toggles }, tasks, count) = replayed;
    let facts_of = |changes: &Vec<Change>| changes.iter().map(|change| change.tasks().count().max(1)).sum::<usize>();
    assert_eq!(count, commits.iter().map(facts_of).sum::<usize>(), "{what}");
    let mut after = lists(checkpoint);
    toggles.apply_to(&mut after);
    assert_eq!(after, lists(&applied), "{what}");
    let by_task = UnitLists::of(tasks.records(), units.numbered());
    let state = State { revision, next_detail, ..State::join(units, tasks, by_task.into_postings()) };
    assert_eq!(facts(&state), facts(&applied), "{what}");
    assert_eq!((revision, next_detail), (applied.revision, applied.next_detail), "{what}");
    let records = |state: &State| state.tasks.records().iter().map(Record::to_owned).collect::<Vec<_>>();
    assert_eq!(records(&state), records(&applied), "{what}: the same numbers");
    let touched = parts(touched);
    assert!(touched.is_superset(&difference(checkpoint, &state)), "{what}: each part that differs is touched");
    assert!(touched.is_subset(&parts(touched_one_by_one)), "{what}: nothing else is touched");
    true
}

#[test]
fn a_replay_makes_what_applying_one_commit_after_the_other_makes() {
    for seed in 0..20 {
        let mut random = Rng::with_seed(seed);
        let (before, after) = (random.usize(0..60), random.usize(0..60));
        let (checkpoint, commits) = history(&mut random, before, after);
        assert!(check(&checkpoint, &commits, &format!("seed {seed}")));
    }
}

/// Takes a change away, has one twice, swaps two, or says another revision.
fn disturbed(random: &mut Rng, commits: &Commits) -> Commits {
    let mut commits = commits.clone();
    let at = random.usize(0..commits.len());
    let other = random.usize(0..commits.len());
    let change = random.usize(0..=commits[at].len());
    match (commits[at].get(change).cloned(), random.u32(0..4)) {
        (Some(_), 0) => drop(commits[at].remove(change)),
        (Some(change), 1) => commits[other].push(change),
        (Some(Change::Tasks(tasks)), 2) => {
            let mut wrong = TaskChanges::default();
            tasks.iter().for_each(|task| wrong.push(TaskChange { was_changed: task.was_changed ^ 1, ..task }));
            commits[at][change] = Change::Tasks(wrong);
        }
        _ => commits.swap(at, other),
    }
    commits
}

#[test]
fn a_replay_refuses_what_applying_one_commit_after_the_other_refuses() {
    let (mut fitting, mut refused) = (0, 0);
    for seed in 0..12 {
        let mut random = Rng::with_seed(1_000 + seed);
        let (before, after) = (random.usize(5..40), random.usize(2..30));
        let (checkpoint, commits) = history(&mut random, before, after);
        for round in 0..12 {
            let commits = disturbed(&mut random, &commits);
            match check(&checkpoint, &commits, &format!("seed {seed}, round {round}")) {
                true => fitting += 1,
                false => refused += 1,
            }
        }
    }
    assert!(fitting > 10 && refused > 40, "{fitting} fit, {refused} are refused");
}

/// A unit can only be removed when no task names it: not one that no commit names, nor one that is named later.
#[test]
fn a_unit_that_a_task_names_is_not_removed_even_if_its_name_is_given_again() {
    let unit = |name: &str| Unit::new(name.into(), Vec::new(), Default::default());
    let create = |id, name| Change::Unit(UnitChange::between(id, None, Some(&unit(name))).unwrap());
    let remove = Change::Unit(UnitChange::between(1, Some(&unit("b")), None).unwrap());
    let (alone, both, other) = (led(&[0]), led(&[0, 1]), led(&[0, 2]));
    let image = |members| Some(TaskImage { members, detail: 0 });
    let task = |was, is, was_changed, is_changed| {
        let task = TaskChange { key: "t", was, is, was_changed, is_changed, moved_from: None };
        Change::Tasks(pack([task]).remove(0))
    };
    let (checkpoint, _) =
        one_by_one(&State::empty(), &vec![vec![create(0, "a"), create(1, "b"), task(None, image(&both), 0, 1)]])
            .unwrap();
    let again = create(2, "b");
    let leaves = task(image(&both), image(&alone), 1, 2);
    let leaves_late = task(image(&both), image(&alone), 1, 3);
    let fits = |commits: Commits| check(&checkpoint, &commits, "a removed unit");
    assert!(fits(vec![vec![leaves.clone(), remove.clone(), again.clone()]]));
    assert!(!fits(vec![vec![remove.clone(), again.clone()]]));
    assert!(!fits(vec![vec![remove.clone(), again.clone()], vec![leaves_late]]));
    let comes_back = task(image(&alone), image(&both), 2, 3);
    assert!(!fits(vec![vec![leaves.clone()], vec![comes_back.clone(), remove.clone()]]));
    let comes = task(image(&alone), image(&other), 2, 3);
    assert!(fits(vec![vec![leaves.clone(), remove.clone(), again.clone()], vec![comes.clone()]]));
    // In whatever order within one commit.
    assert!(fits(vec![vec![remove.clone(), again.clone(), leaves.clone()], vec![comes]]));
    let at_once = task(image(&both), image(&other), 1, 2);
    assert!(fits(vec![vec![remove.clone(), again.clone(), at_once]]));
    assert!(!fits(vec![vec![leaves.clone(), remove.clone(), again], vec![comes_back]]));
    assert!(!fits(vec![vec![leaves, remove, create(1, "b")]]), "a number is given once");
}

#[test]
fn commits_follow_each_other() {
    let (checkpoint, commits) = history(&mut Rng::with_seed(5), 20, 3);
    let next = checkpoint.revision + 1;
    for revision in [0, next - 1, next + 1, u64::MAX] {
        let mut replay = Replay::new(rows(&checkpoint).0, checkpoint.revision, 1);
        assert!(replay.add(revision, &commits[0]).unwrap_err().to_string().contains("does not follow"));
    }
    let mut replay = Replay::new(rows(&checkpoint).0, u64::MAX, 1);
    assert!(replay.add(0, &[]).is_err());
}
