//! Laws of states: however a sequence of changes is cut into slices, applying them gives the same facts, and undoing them
//! gives the facts before.

mod replay;

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;

use super::member::led;
use super::{Change, Member, Record, State, TaskChange, TaskImage, Touched, Unit, UnitChange, pack};
use crate::id::{DetailId, Revision, UnitId};
use crate::model::{Role, UnitKind};

/// All facts of a state, without task numbers.
#[derive(Debug, PartialEq)]
struct Facts {
    units: Vec<(UnitId, Unit)>,
    /// Units, details, and the revision of the last change.
    tasks: BTreeMap<String, (Vec<Member>, DetailId, Revision)>,
}

fn facts(state: &State) -> Facts {
    assert_eq!(state.disagreements(), []);
    let records = state.tasks.records().iter().filter(|record| record.is_known());
    let task = |record: Record<'_>| (record.members().collect(), record.detail(), record.changed());
    let tasks = records.map(|record| (record.key().to_owned(), task(record)));
    let facts =
        Facts { units: state.units.iter().map(|(id, unit)| (id, unit.clone())).collect(), tasks: tasks.collect() };
    assert_eq!((facts.tasks.len(), facts.units.len()), (state.tasks.known(), state.units.len()));
    let vacant = records_without_lead(&facts);
    assert_eq!((vacant, vacant as u64), (state.tasks.vacant(), state.tasks.vacant_ids().len()));
    for (id, unit) in state.units.iter() {
        assert!(unit.names().all(|name| state.units.find(name) == Some(id)));
    }
    for key in facts.tasks.keys() {
        assert_eq!(state.tasks.known_record(key).map(|record| record.key()), Some(key.as_str()));
    }
    facts
}

fn records_without_lead(facts: &Facts) -> usize {
    facts.tasks.values().filter(|(members, ..)| members.iter().all(|member| !member.is_lead())).count()
}

fn unit_change(random: &mut Rng, state: &State) -> Option<Change> {
    let mut units: Vec<UnitId> = state.units.iter().map(|(id, _)| id).collect();
    units.push(state.units.numbered() as UnitId);
    let unit = units[random.usize(0..units.len())];
    let was = state.units.get(unit);
    let mut is = was.cloned().unwrap_or_default();
    let aliases = Arc::make_mut(&mut is.aliases);
    let fresh: Arc<str> = format!("name {}", random.u32(0..400)).into();
    match random.u32(0..4) {
        _ if was.is_none() => is.name = fresh,
        0 => aliases.push(fresh),
        1 if !aliases.is_empty() => drop(aliases.remove(random.usize(0..aliases.len()))),
        2 => aliases.push(std::mem::replace(&mut is.name, fresh)),
        _ => is.kind = if is.kind == UnitKind::Body { UnitKind::Collective } else { UnitKind::Body },
    }
    let taken = is.names().any(|name| state.units.find(name).is_some_and(|owner| owner != unit));
    let twice = is.names().any(|name| is.names().filter(|other| *other == name).count() > 1);
    UnitChange::between(unit, was, Some(&is)).filter(|_| !taken && !twice).map(Change::Unit)
}

/// Some units in any roles, mostly with a lead and supporting units.
fn members(random: &mut Rng, state: &State) -> Vec<Member> {
    let mut units: Vec<UnitId> = state.units.iter().map(|(id, _)| id).collect();
    random.shuffle(&mut units);
    units.truncate(random.usize(0..6));
    let mut members = led(&units);
    if random.u32(0..3) == 0 {
        let roles = &Role::ALL[1..];
        members.iter_mut().skip(random.usize(0..2)).for_each(|member| {
            *member = Member::new(member.unit(), roles[random.usize(0..roles.len())]);
        });
        members.sort_by_key(|member| member.role());
    }
    members
}

/// Changes of one task or of many, so that both ways of applying them are taken.
fn task_changes(random: &mut Rng, state: &State, is_changed: Revision) -> Vec<Change> {
    let count = if random.u32(0..20) == 0 { random.usize(10..300) } else { 1 };
    let mut tasks: BTreeMap<String, Option<(Vec<Member>, u64)>> = BTreeMap::new();
    for _ in 0..count {
        let image = (random.u32(0..6) > 0).then(|| (members(random, state), random.u64(0..3)));
        tasks.insert(format!("plan/{}", random.u32(0..500)), image);
    }
    let mut changes = Vec::new();
    for (key, image) in &tasks {
        let record = state.tasks.known_record(key);
        let before: Vec<Member> = record.into_iter().flat_map(|record| record.members()).collect();
        let was = record.map(|record| TaskImage { members: &before, detail: record.detail() });
        let is = image.as_ref().map(|(members, detail)| TaskImage { members, detail: *detail });
        let was_changed = state.tasks.changed(key);
        changes.extend(pack([TaskChange { key, was, is, was_changed, is_changed, moved_from: None }]));
    }
    let all: Vec<TaskChange<'_>> = changes.iter().flat_map(|tasks| tasks.iter()).collect();
    pack(all).into_iter().map(Change::Tasks).collect()
}

/// A history of changes, and the facts after each.
fn history(random: &mut Rng, length: usize) -> (Vec<Change>, Vec<Facts>, State) {
    let (mut state, mut changes, mut after) = (State::empty(), Vec::new(), Vec::new());
    while changes.len() < length {
        let new = if state.units.len() < 3 || random.u32(0..4) == 0 {
            unit_change(random, &state).into_iter().collect()
        } else {
            task_changes(random, &state, state.revision + 1)
        };
        state.revision += 1;
        for change in new {
            state.apply_in_place(&change, &mut Touched::default()).unwrap();
            after.push(facts(&state));
            changes.push(change);
        }
    }
    (changes, after, state)
}

fn slices<'c>(random: &mut Rng, changes: &'c [Change]) -> Vec<&'c [Change]> {
    let (mut slices, mut rest) = (Vec::new(), changes);
    while !rest.is_empty() {
        let (slice, more) = rest.split_at(random.usize(1..=rest.len().min(40)));
        slices.push(slice);
        rest = more;
    }
    slices
}

#[test]
fn any_slices_of_a_history_make_the_same_states_forwards_and_backwards() {
    let mut rebuilt = 0;
    for seed in 0..12 {
        let mut random = Rng::with_seed(seed);
        let (changes, after, one_by_one) = history(&mut random, 150);
        for _ in 0..3 {
            let (mut state, mut done) = (State::empty(), 0);
            let slices = slices(&mut random, &changes);
            for slice in &slices {
                let (next, mut touched) = state.apply(slice).unwrap();
                done += slice.len();
                rebuilt += usize::from(touched.parts().is_none());
                assert_eq!(facts(&next), after[done - 1], "seed {seed}, after {done} changes");
                state = next;
            }
            assert_eq!(state.diff(&one_by_one), [], "seed {seed}");
            for slice in slices.iter().rev() {
                state = state.undo(slice).unwrap();
                done -= slice.len();
                let before = done.checked_sub(1).map_or(facts(&State::empty()), |last| facts_of(&after[last]));
                assert_eq!(facts(&state), before, "seed {seed}, before {done} changes");
            }
        }
        assert_eq!(facts(&one_by_one.rebuild(&[]).unwrap().0), after[after.len() - 1], "seed {seed}");
    }
    assert!(rebuilt > 10, "many changes at once were applied {rebuilt} times");
}

fn facts_of(facts: &Facts) -> Facts {
    Facts { units: facts.units.clone(), tasks: facts.tasks.clone() }
}

#[test]
fn a_state_shares_nothing_that_a_later_change_could_alter() {
    let mut random = Rng::with_seed(7);
    let (changes, after, _) = history(&mut random, 120);
    let mut states = vec![State::empty()];
    for change in &changes {
        let (next, _) = states[states.len() - 1].apply(std::slice::from_ref(change)).unwrap();
        states.push(next);
    }
    assert!(states.iter().skip(1).zip(&after).all(|(state, after)| facts(state) == *after));
}

/// Changes that remove all tasks but one.
fn removed_but_one(state: &State, key: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    for record in state.tasks.records().iter().filter(|record| record.is_known() && record.key() != key) {
        let members: Vec<Member> = record.members().collect();
        let was = Some(TaskImage { members: &members, detail: record.detail() });
        let (was_changed, is_changed) = (record.changed(), 500);
        let change = TaskChange { key: record.key(), was, is: None, was_changed, is_changed, moved_from: None };
        changes.extend(pack([change]).into_iter().map(Change::Tasks));
    }
    changes
}

#[test]
fn a_change_that_does_not_fit_is_refused_by_either_way_of_applying() {
    let mut random = Rng::with_seed(3);
    let (_, _, state) = history(&mut random, 100);
    let key = facts(&state).tasks.keys().next().unwrap().clone();
    let lists = [led(&[0]), led(&[1]), led(&[0, 1, 2, 3]), led(&[2]), led(&[999_999])];
    let image = |at: usize| Some(TaskImage { members: &lists[at], detail: 0 });
    let change =
        |key, at| TaskChange { key, was: None, is: image(at), was_changed: 0, is_changed: 500, moved_from: None };
    let packed = |tasks: &[TaskChange<'_>]| -> Vec<Change> {
        pack(tasks.iter().copied()).into_iter().map(Change::Tasks).collect()
    };
    let record = state.tasks.known_record(&key).unwrap();
    let members: Vec<Member> = record.members().collect();
    let was = Some(TaskImage { members: &members, detail: record.detail() });
    let right = TaskChange { was, was_changed: record.changed(), ..change(&key, 0) };
    let next = TaskChange { was: right.is, was_changed: 500, is_changed: 501, ..change(&key, 1) };
    for fitting in [packed(&[right]), packed(&[right, next])] {
        assert!(state.apply(&fitting).is_ok() && state.rebuild(&fitting).is_ok());
    }
    for wrong in [
        packed(&[TaskChange { was: None, ..right }]),
        packed(&[TaskChange { was: image(2), ..right }]),
        packed(&[TaskChange { was_changed: record.changed() + 1, ..right }]),
    ] {
        for misfit in [state.apply(&wrong).err(), state.rebuild(&wrong).err()] {
            assert!(misfit.unwrap().to_string().contains("is not what it was"));
        }
    }
    for broken in [TaskChange { was_changed: 499, ..next }, TaskChange { was: image(3), ..next }] {
        let broken = packed(&[right, broken]);
        assert!(state.apply(&broken).is_err() && state.rebuild(&broken).is_err());
    }
    let unknown = packed(&[change("new", 4)]);
    for misfit in [state.apply(&unknown).err(), state.rebuild(&unknown).err()] {
        assert!(misfit.unwrap().to_string().contains("unit 999999, which does not exist"));
    }
    // Each role of the last unit keeps it.
    let last = state.units.numbered() as UnitId - 1;
    let gone = Change::Unit(UnitChange::between(last, state.units.get(last), None).unwrap());
    let (empty, _) = state.apply(&removed_but_one(&state, &key)).unwrap();
    for role in Role::ALL {
        let record = empty.tasks.known_record(&key).unwrap();
        let (was, is) = ([Member::new(last, role)], record.members().collect::<Vec<_>>());
        let image = |members| Some(TaskImage { members, detail: record.detail() });
        let change = TaskChange { was: image(&is), is: image(&was), was_changed: record.changed(), ..right };
        let (named, _) = empty.apply(&packed(&[change])).unwrap();
        assert!(named.apply(std::slice::from_ref(&gone)).is_err(), "{role}");
        assert!(named.rebuild(std::slice::from_ref(&gone)).is_err(), "{role}");
    }
}
