//! Random histories: steps made from a seed, carried out on an index and on the model, compared after each step, and
//! shortened when they fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

use responsibility_index::error::Conflict;
use responsibility_index::testing;
use responsibility_index::{
    Assignment, Batch, Details, Durability, Error, Index, InputError, OpenOptions, Result, Role, Standing, UnitKind,
    UnitRef, UnknownUnits, View,
};

use super::compare::assert_same;
use super::model::{Model, ModelUnit, Named, Op, led};
use super::{Home, Numbers};

/// What can be asked for: few keys and names, so that edits meet; keys out of order, some that begin others.
pub(crate) const KEYS: &[&str] = &[
    "p/1",
    "p/1-a",
    "p/1/1",
    "p/1/2",
    "p/1/10",
    "p/2",
    "p/2/1",
    "p/02",
    "p/10",
    "p/10/1",
    "q/1",
    "q/9",
    "q",
    "r/3/2/1",
    "\u{7701}/2",
    "\u{7701}/10",
    "a key with spaces, and more of it than one cache line has room for, so that it is kept elsewhere",
];
pub(crate) const NAMES: &[&str] =
    &["A", "B", "C", "D", "E", "F", "Finance", "Transport", "\u{7701}\u{53D1}\u{6539}\u{59D4}", "a", "aa", "x y"];
const ALIASES: &[&str] = &["also A", "also B", "\u{53D1}\u{6539}\u{59D4}", "a longer name", "G", "H"];
const BAD: &[&str] = &["", " ", "a\tb", "\u{3000}x", "line\nbreak", "nul\0"];

pub(crate) type Loaded = (String, Vec<String>, Option<Details>);

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// One edit through the method of the index that makes it.
    Call(Op),
    Batch(Vec<Op>),
    /// A plan that is not carried out.
    DryRun(Vec<Op>),
    Load(Vec<Loaded>),
    Checkpoint,
    Compact,
    Reopen,
    Repair,
    /// Keeps a view, to be compared again at the end.
    Hold,
}

/// How a history is carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) disk: bool,
    pub(crate) reject_unknown: bool,
    pub(crate) checkpoint_after: usize,
    pub(crate) durability: Durability,
    /// Ask everything after every so many steps.
    pub(crate) compare_every: usize,
}

impl Setting {
    pub(crate) fn of(seed: u64, disk: bool) -> Setting {
        let mut numbers = Numbers::new(seed ^ 0xA5A5);
        Setting {
            disk,
            reject_unknown: numbers.one_in(4),
            checkpoint_after: *numbers.pick(&[1, 3, 10, 50_000]),
            durability: if numbers.one_in(4) { Durability::Synced } else { Durability::Lazy },
            compare_every: 1,
        }
    }

    fn options(&self) -> OpenOptions {
        let unknown = if self.reject_unknown { UnknownUnits::Reject } else { UnknownUnits::Create };
        OpenOptions::new().unknown_units(unknown).checkpoint_after(self.checkpoint_after).durability(self.durability)
    }
}

pub(crate) fn steps(seed: u64, count: usize) -> Vec<Step> {
    let mut numbers = Numbers::new(seed);
    (0..count).map(|_| step(&mut numbers)).collect()
}

fn step(numbers: &mut Numbers) -> Step {
    match numbers.below(40) {
        0..16 => Step::Call(op(numbers)),
        16..30 => Step::Batch(ops(numbers)),
        30..32 => Step::DryRun(ops(numbers)),
        32..34 => Step::Load((0..numbers.below(12)).map(|_| loaded(numbers)).collect()),
        34 => Step::Compact,
        35 => Step::Checkpoint,
        36 | 37 => Step::Reopen,
        38 => Step::Repair,
        _ => Step::Hold,
    }
}

fn ops(numbers: &mut Numbers) -> Vec<Op> {
    (0..numbers.below(7)).map(|_| op(numbers)).collect()
}

fn op(numbers: &mut Numbers) -> Op {
    let (task, unit) = (key(numbers), name(numbers));
    // Most names are soon those of units: some are kept for aliases.
    let other = if numbers.one_in(3) { name(numbers) } else { (*numbers.pick(ALIASES)).to_owned() };
    match numbers.below(46) {
        0..9 => Op::Assign(task, names(numbers)),
        9..13 => Op::AssignRoles(task, named(numbers)),
        13 | 14 => Op::SetLead(task, unit, numbers.one_in(2).then(|| role(numbers))),
        15 => Op::Promote(task),
        16 => Op::Vacate(task),
        17 | 18 => Op::Add(task, unit, role(numbers)),
        19 => Op::SetRole(task, unit, role(numbers)),
        20 => Op::MoveTo(task, unit, numbers.below(4)),
        21 => Op::Withdraw(task, unit),
        22 => Op::Declare(task),
        23 | 24 => Op::Remove(task),
        25 => Op::Expect(task, numbers.one_in(2).then(|| led(&[(*numbers.pick(NAMES)).to_owned()]))),
        26..28 => Op::ExpectCurrent(task),
        28..31 => Op::SetDetails(task, details(numbers)),
        31..33 => Op::CreateUnit(unit, kind(numbers)),
        33..35 => Op::AddAlias(unit, other),
        35 => Op::RemoveAlias(unit, other),
        36..38 => Op::Rename(unit, other),
        38 | 39 => Op::SetKind(unit, kind(numbers)),
        40 | 41 => Op::RemoveUnit(unit),
        42 => Op::SetTitle(task, format!("title {}", numbers.below(3))),
        43 | 44 => Op::SetField(task, field(numbers), value(numbers)),
        _ => Op::ExpectField(task, field(numbers), value(numbers)),
    }
}

fn loaded(numbers: &mut Numbers) -> Loaded {
    (key(numbers), names(numbers), details(numbers))
}

fn key(numbers: &mut Numbers) -> String {
    if numbers.one_in(60) { (*numbers.pick(BAD)).to_owned() } else { (*numbers.pick(KEYS)).to_owned() }
}

fn name(numbers: &mut Numbers) -> String {
    if numbers.one_in(60) { (*numbers.pick(BAD)).to_owned() } else { (*numbers.pick(NAMES)).to_owned() }
}

/// Mostly distinct names, seldom none.
fn names(numbers: &mut Numbers) -> Vec<String> {
    let wanted = if numbers.one_in(40) { 0 } else { 1 + numbers.below(5) };
    let names = (0..wanted).map(|_| name(numbers)).collect();
    if numbers.one_in(6) { names } else { distinct(names) }
}

fn role(numbers: &mut Numbers) -> Role {
    *numbers.pick(&Role::ALL)
}

/// Valid and distinct names with one lead and any other roles, in their order.
fn named(numbers: &mut Numbers) -> Named {
    let names = distinct((0..1 + numbers.below(6)).map(|_| (*numbers.pick(NAMES)).to_owned()).collect());
    let mut named: Named = names.into_iter().map(|name| (name, *numbers.pick(&Role::ALL[1..]))).collect();
    named[0].1 = Role::Lead;
    named.sort_by_key(|(_, role)| *role);
    named
}

fn distinct(mut names: Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    names
}

fn kind(numbers: &mut Numbers) -> UnitKind {
    if numbers.one_in(2) { UnitKind::Body } else { UnitKind::Collective }
}

fn field(numbers: &mut Numbers) -> String {
    (*numbers.pick(&["deadline", "clause"])).to_owned()
}

fn value(numbers: &mut Numbers) -> Option<String> {
    numbers.one_in(2).then(|| format!("2016-11-{}", 29 + numbers.below(2)))
}

fn details(numbers: &mut Numbers) -> Option<Details> {
    let title = format!("title {}", numbers.below(3));
    match numbers.below(6) {
        0 | 1 => None,
        2 => Some(Details::default()),
        3 => Some(Details::titled(title).source("notice", 3, 1).field("deadline", "2016-11-30")),
        4 => Some(Details::titled(title).text("long text ".repeat(900))),
        _ => Some(Details::titled(title)),
    }
}

/// Carries out a history that failed ever shorter, as long as it fails, and panics with what is left.
pub(crate) fn check(seed: u64, count: usize, setting: Setting) {
    let mut steps = steps(seed, count);
    let fails = |steps: &[Step]| catch_unwind(AssertUnwindSafe(|| run(steps, setting))).is_err();
    if !fails(&steps) {
        return;
    }
    let mut size = steps.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut shorter = steps.clone();
            shorter.drain(at..(at + size).min(steps.len()));
            if fails(&shorter) { steps = shorter } else { at += size }
        }
        size /= 2;
    }
    println!("seed {seed}, {setting:?}, shortened to {} steps:", steps.len());
    steps.iter().for_each(|step| println!("  {step:?}"));
    run(&steps, setting);
    panic!("seed {seed}: it failed, but not when run again");
}

pub(crate) fn run(steps: &[Step], setting: Setting) {
    let mut history = History::new(setting);
    for (place, step) in (1..).zip(steps) {
        history.take(step);
        history.keep();
        if place % setting.compare_every == 0 || place == steps.len() {
            history.compare();
        }
    }
    history.compare_held();
    history.walk_back();
    history.rebuild();
    history.revert();
}

/// One index and its model.
struct History {
    setting: Setting,
    home: Home,
    index: Option<Index>,
    model: Model,
    held: Vec<(View, Model)>,
    /// Each commit with the export before it, the oldest first.
    past: Vec<(testing::Commit, Vec<u8>)>,
    /// The export of the newest revision.
    export: Vec<u8>,
}

impl History {
    fn new(setting: Setting) -> History {
        let home = if setting.disk { Home::disk() } else { Home::memory() };
        let index = home.open(&setting.options()).unwrap();
        let (export, commits) = (exported(&index.view()), testing::commits(&index));
        assert!(commits.is_empty());
        let model = Model::new(!setting.reject_unknown);
        History { setting, home, index: Some(index), model, held: Vec::new(), past: Vec::new(), export }
    }

    fn index(&self) -> &Index {
        self.index.as_ref().unwrap()
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Call(op) => self.call(op),
            Step::Batch(ops) => self.batch(ops),
            Step::DryRun(ops) => self.dry_run(ops),
            Step::Load(tasks) => self.load(tasks),
            Step::Checkpoint => self.index().checkpoint().unwrap(),
            Step::Compact => self.index().compact().unwrap(),
            Step::Reopen => self.reopen(),
            Step::Repair => {
                self.index().repair().unwrap();
            }
            Step::Hold => self.held.push((self.index().view(), self.model.clone())),
        }
    }

    fn reopen(&mut self) {
        self.index = None;
        self.index = Some(self.home.open(&self.setting.options()).unwrap());
        assert!(testing::commits(self.index()).is_empty());
        assert_eq!(String::from_utf8_lossy(&exported(&self.index().view())), String::from_utf8_lossy(&self.export));
    }

    /// Keeps the commits of the last step.
    fn keep(&mut self) {
        let commits = testing::commits(self.index());
        assert!(commits.len() <= 1, "a step makes one commit at most");
        for commit in commits {
            let after = exported(&self.index().view());
            self.past.push((commit, std::mem::replace(&mut self.export, after)));
        }
    }

    /// Undoes every commit, the newest first, and does them again: each export is the one taken then, byte for byte. The
    /// difference between two neighbouring states leads from one to the other.
    fn walk_back(&self) {
        let mut view = self.index().view();
        let mut after = &self.export;
        for (commit, before) in self.past.iter().rev() {
            let older = testing::undo(&view, commit).unwrap();
            assert_eq!(String::from_utf8_lossy(&exported(&older)), String::from_utf8_lossy(before));
            assert_eq!(older.revision() + 1, view.revision());
            let newer = testing::redo(&older, commit).unwrap();
            assert_eq!(String::from_utf8_lossy(&exported(&newer)), String::from_utf8_lossy(after));
            testing::check_difference(&older, &newer, commit).unwrap();
            testing::check_difference(&older, &view, commit).unwrap();
            (view, after) = (older, before);
        }
        assert_eq!((view.revision(), view.units().count()), (0, 0));
    }

    /// Makes the state at each revision again, from the log alone and from the newest state: its export is the one taken then,
    /// byte for byte. The histories of tasks and the commits have the same facts, with the names of then. Of a long history
    /// some forty revisions.
    fn rebuild(&self) {
        let index = self.index();
        let exports: Vec<&Vec<u8>> = self.past.iter().map(|(_, before)| before).chain([&self.export]).collect();
        assert_eq!(exports.len() as u64, index.revision() + 1);
        let every = 1 + exports.len() / 40;
        let some = exports.iter().enumerate().skip(exports.len() % every).step_by(every);
        for (revision, export) in some {
            let view = testing::view_at(index, revision as u64).unwrap();
            assert_eq!(view.revision(), revision as u64);
            assert_eq!(String::from_utf8_lossy(&exported(&view)), String::from_utf8_lossy(export));
            let view = index.view_at(revision as u64).unwrap();
            assert_eq!(view.revision(), revision as u64);
            assert_eq!(String::from_utf8_lossy(&exported(&view)), String::from_utf8_lossy(export));
            self.compare_past(&view);
        }
    }

    fn compare_past(&self, view: &View) {
        let (index, revision) = (self.index(), view.revision());
        for key in KEYS {
            let history = index.view().history(key);
            let pasts = history.map(|past| past.unwrap()).skip_while(|past| past.revision > revision);
            let past = pasts.into_iter().next();
            assert_eq!(past.as_ref().is_some_and(|past| past.standing.is_some()), view.standing(key).is_some());
            if let Some(past) = past {
                // A rename after the commit that changed the task changes no task.
                let then = index.view_at(past.revision).unwrap();
                assert_eq!(past.standing, then.standing(key), "{key} at {revision}");
                assert!(past.stamp.is_some() && view.task(key).is_none_or(|task| task.changed() == past.revision));
            }
            assert!(view.history(key).map(|past| past.unwrap().revision).is_sorted_by(|a, b| a > b));
        }
        if revision == 0 {
            return;
        }
        let before = index.view_at(revision - 1).unwrap();
        let mut commits = index.commits(revision..=revision).unwrap();
        let commit = commits.next().unwrap().unwrap();
        assert!(commits.next().is_none() && commit.revision() == revision);
        assert!(commit.tasks().count() > 0 || !commit.units().is_empty());
        for change in commit.tasks() {
            let what = format!("{:?} in {revision}", change.key);
            assert_eq!(
                (change.before, change.after),
                (before.standing(change.key), view.standing(change.key)),
                "{what}"
            );
        }
        let changed = |view: &View| commit.tasks().map(|task| view.details(task.key).unwrap()).collect::<Vec<_>>();
        let differ = changed(&before).into_iter().zip(changed(view)).map(|(before, after)| before != after);
        assert!(differ.zip(commit.tasks()).all(|(differ, task)| task.details || !differ));
        let diff: Vec<_> =
            view.diff(&before).tasks().map(|task| (task.key.to_owned(), task.before, task.after)).collect();
        assert!(commit.tasks().map(|task| (task.key.to_owned(), task.before, task.after)).eq(diff));
    }

    /// Reverts the newest commit: the export is the one before it, byte for byte.
    fn revert(&self) {
        let index = self.index();
        let Some(newest) = index.commits(..).unwrap().next_back() else { return };
        let newest = newest.unwrap();
        let done = index.batch().revert(newest.revision()).commit();
        let Some((_, before)) = self.past.last() else { return };
        match (done, newest.loaded()) {
            (Err(Error::Input(InputError::LoadReverted { .. })), Some(_)) => {}
            (Ok(_), None) => {
                assert_eq!(String::from_utf8_lossy(&exported(&index.view())), String::from_utf8_lossy(before));
            }
            (done, loaded) => panic!("{done:?} for {loaded:?}"),
        }
    }

    fn compare_held(&mut self) {
        self.held.drain(..).for_each(|(view, model)| assert_same(&view, &model, &KEYS[..4]));
    }

    fn compare(&self) {
        let probes: Vec<&str> = KEYS.iter().chain(NAMES).copied().chain(["absent", ""]).collect();
        assert_same(&self.index().view(), &self.model, &probes);
        assert_eq!(self.index().verify().unwrap(), []);
        let stats = self.index().stats().unwrap();
        let pairs: usize = self.model.tasks.values().map(|task| task.units.len()).sum();
        assert_eq!((stats.revision, stats.tasks), (self.model.revision, self.model.tasks.len()));
        assert_eq!((stats.units, stats.pairs), (self.model.units.len(), pairs as u64));
        assert_eq!((stats.troubles, stats.changes_since_checkpoint, stats.horizon), (vec![], 0, 0), "after verify");
    }

    /// The edits with expectations filled in, as far as they are accepted, and what the model says of them.
    fn settle(&self, ops: &[Op]) -> Vec<Op> {
        let mut model = self.model.clone();
        let mut going = true;
        let mut settled = Vec::new();
        for op in ops {
            let op = match op {
                Op::ExpectCurrent(task) => Op::Expect(task.clone(), model.names_of(task)),
                other => other.clone(),
            };
            going = going && model.edit(&op).is_ok();
            settled.push(op);
        }
        settled
    }

    fn batch(&mut self, ops: &[Op]) {
        let ops = self.settle(ops);
        let before = self.model.clone();
        let expected = self.model.commit(&ops);
        let done = in_batch(self.index(), &ops).note("why", "who").commit();
        assert_refused(&done.as_ref().map(drop), expected, ops.len());
        if let Ok(plan) = done {
            assert_eq!(plan.revision(), self.model.revision);
            assert_eq!(plan.is_empty(), before.revision == self.model.revision);
            self.assert_plan(&plan, &before, &self.model);
        }
    }

    fn dry_run(&self, ops: &[Op]) {
        let ops = self.settle(ops);
        let mut after = self.model.clone();
        let expected = after.commit(&ops);
        let planned = in_batch(self.index(), &ops).plan();
        assert_refused(&planned.as_ref().map(drop), expected, ops.len());
        if let Ok(plan) = planned {
            self.assert_plan(&plan, &self.model, &after);
        }
    }

    fn assert_plan(&self, plan: &responsibility_index::Effect, before: &Model, after: &Model) {
        let task = |model: &Model, key: &String| model.tasks.get(key).map(|task| model.by_number(task));
        let mut changed: Vec<&String> = before.tasks.keys().chain(after.tasks.keys()).collect();
        changed.sort_by(|a, b| super::model::natural(a, b));
        changed.dedup();
        changed.retain(|key| task(before, key) != task(after, key));
        let told: Vec<_> = plan.tasks().collect();
        assert!(told.iter().map(|change| change.key).eq(changed.iter().map(|key| key.as_str())), "{told:?}");
        for change in told {
            // Names are those of the view that each side belongs to.
            let names = |standing: &Option<Standing>| standing.as_ref().map(named_of);
            assert_eq!(names(&change.before), before.names_of(change.key));
            assert_eq!(names(&change.after), after.names_of(change.key));
        }
        assert_eq!(plan.before().revision(), before.revision);
        let with = |units: &[ModelUnit], number| units.iter().find(|unit| unit.number == number).cloned();
        let numbers = 0..after.next_number;
        let pairs = numbers.map(|number| (with(&before.units, number), with(&after.units, number)));
        let expected: Vec<_> = pairs.filter(|(before, after)| before != after).map(facts_of).collect();
        let facts = |unit: Option<UnitRef<'_>>| {
            unit.map(|unit| (unit.name().to_owned(), unit.aliases().map(str::to_owned).collect(), unit.kind()))
        };
        let told: Vec<_> = plan.units().map(|change| (facts(change.before), facts(change.after))).collect();
        assert_eq!(told, expected);
    }

    fn load(&mut self, tasks: &[Loaded]) {
        let (refused, twice) = self.model.load(tasks);
        let index = self.index.as_ref().unwrap();
        let mut load = index.bulk_load();
        let mut reasons = Vec::new();
        for (task, names, details) in tasks {
            let added = match details {
                Some(details) => load.add_with(task, names, details.clone()),
                None => load.add(task, names),
            };
            reasons.extend(added.err().map(|error| reason(&error)));
        }
        assert_eq!(reasons, refused);
        let expected = twice.map_or(Ok(()), |refusal| Err((1, refusal)));
        assert_refused(&load.commit().as_ref().map(drop), expected, 1);
    }

    fn call(&mut self, op: &Op) {
        let op = self.settle(std::slice::from_ref(op)).remove(0);
        let before = self.model.clone();
        let expected = self.model.commit(std::slice::from_ref(&op));
        let index = self.index.as_ref().unwrap();
        let stood = |task: &str| before.names_of(task);
        let told = |result: Result<Option<Standing>>, task: &str| {
            result.map(|was| assert_eq!(was.as_ref().map(named_of), stood(task)))
        };
        let done = match &op {
            Op::Assign(task, names) => told(index.assign(task, names), task),
            Op::AssignRoles(task, named) => told(index.assign(task, assignment_of(named)), task),
            Op::Remove(task) => told(index.remove(task), task),
            other => in_batch(index, std::slice::from_ref(other)).commit().map(drop),
        };
        assert_refused(&done.as_ref().map(drop), expected, 1);
    }
}

type UnitFacts = Option<(String, Vec<String>, UnitKind)>;

fn facts_of((before, after): (Option<ModelUnit>, Option<ModelUnit>)) -> (UnitFacts, UnitFacts) {
    let facts = |unit: Option<ModelUnit>| unit.map(|unit| (unit.name, unit.aliases, unit.kind));
    (facts(before), facts(after))
}

fn exported(view: &View) -> Vec<u8> {
    let mut lines = Vec::new();
    testing::export(view, &mut lines).unwrap();
    lines
}

fn named_of(standing: &Standing) -> Named {
    standing.units().map(|(name, role)| (name.to_owned(), role)).collect()
}

fn assignment_of(named: &Named) -> Assignment {
    standing_of(named.clone()).into_assignment().unwrap()
}

fn standing_of(mut named: Named) -> Standing {
    if named.first().is_none_or(|(_, role)| *role != Role::Lead) {
        return Standing::Vacant(named);
    }
    let mut assignment = Assignment::led_by(named.remove(0).0).unwrap();
    for (name, role) in named {
        assignment = assignment.and(role, [name]).unwrap();
    }
    Standing::Assigned(assignment)
}

/// The edits in a batch.
pub(crate) fn in_batch<'i>(index: &'i Index, ops: &[Op]) -> Batch<'i> {
    let mut batch = index.batch();
    for op in ops {
        batch = match op.clone() {
            Op::Assign(task, names) => batch.assign(task, names),
            Op::AssignRoles(task, named) => batch.assign(task, assignment_of(&named)),
            Op::SetLead(task, unit, former) => batch.set_lead(task, unit, former),
            Op::Promote(task) => batch.promote(task),
            Op::Vacate(task) => batch.vacate(task),
            Op::Add(task, unit, role) => batch.add(task, unit, role),
            Op::SetRole(task, unit, role) => batch.set_role(task, unit, role),
            Op::MoveTo(task, unit, place) => batch.move_to(task, unit, place),
            Op::Withdraw(task, unit) => batch.withdraw(task, unit),
            Op::Declare(task) => batch.declare(task),
            Op::Remove(task) => batch.remove(task),
            Op::Expect(task, named) => batch.only_if(task, named.map(standing_of)),
            Op::ExpectCurrent(_) => panic!("expectations are filled in before"),
            Op::SetDetails(task, details) => batch.set_details(task, details),
            Op::SetTitle(task, title) => batch.set_title(task, title),
            Op::SetField(task, field, Some(value)) => batch.set_field(task, field, value),
            Op::SetField(task, field, None) => batch.unset_field(task, field),
            Op::ExpectField(task, field, value) => batch.only_if_field(task, field, value.as_deref()),
            Op::CreateUnit(name, kind) => batch.create_unit(name, kind),
            Op::AddAlias(unit, alias) => batch.add_alias(unit, alias),
            Op::RemoveAlias(unit, alias) => batch.remove_alias(unit, alias),
            Op::Rename(unit, name) => batch.rename_unit(unit, name),
            Op::SetKind(unit, kind) => batch.set_kind(unit, kind),
            Op::RemoveUnit(unit) => batch.remove_unit(unit),
        };
    }
    batch
}

/// The name of the variant that tells what was wrong.
pub(crate) fn reason(error: &Error) -> String {
    let told = match error {
        Error::Input(source) | Error::Edit { mistake: source, .. } => format!("{source:?}"),
        Error::Conflict(Conflict::Standing { .. }) => "Standing".to_owned(),
        Error::Conflict(Conflict::Field { .. }) => "Field".to_owned(),
        other => panic!("an unexpected error: {other:?}"),
    };
    told.split([' ', '{']).next().unwrap().to_owned()
}

fn assert_refused(done: &Result<(), &Error>, expected: Result<(), (usize, &str)>, edits: usize) {
    match (done, expected) {
        (Ok(()), Ok(())) => {}
        (Err(error), Err((place, refusal))) => {
            assert_eq!(reason(error), refusal, "{error}");
            if let Error::Edit { position, .. } = error {
                assert_eq!(*position, place, "{error}");
            } else {
                assert!(edits == 1 || matches!(error, Error::Conflict(_)), "{error:?} has no position");
            }
        }
        (done, expected) => panic!("{done:?} instead of {expected:?}"),
    }
}
