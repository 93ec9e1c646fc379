//! Holds a view against the model: everything that can be asked, from both sides.

use std::collections::BTreeMap;

use responsibility_index::{Error, InputError, Role, Standing, TaskRef, TaskSet, View};

use super::keys;
use super::model::{Model, ModelTask, letters};

/// Panics at the first difference. `probes` are keys and names to be asked for whether or not they are there.
pub(crate) fn assert_same(view: &View, model: &Model, probes: &[&str]) {
    assert_eq!(view.revision(), model.revision, "revision");
    tasks(view, model, probes);
    units(view, model, probes);
    // Sets are many: each time some of the keys are looked for in them.
    let from = model.revision as usize % (probes.len() - 3);
    let probes = &probes[from..from + 4];
    sets(view, model, probes);
    for prefix in ["", "p/", "p/1", "p/1/", "p/1/1", "p/10", "q", "\u{7701}/"] {
        let expected = model.keys_where(|key, _| key.starts_with(prefix));
        assert_set(&view.under(prefix), &expected, probes, &format!("under {prefix:?}"));
    }
    assert_set(&view.tasks(), &model.keys_where(|_, _| true), probes, "all tasks");
    for (prefix, depth) in [("", 1), ("p/", 1), ("p/1", 2)] {
        matrix(view, model, prefix, depth);
    }
}

fn tasks(view: &View, model: &Model, probes: &[&str]) {
    assert_eq!((view.len(), view.is_empty()), (model.tasks.len(), model.tasks.is_empty()));
    for key in probes.iter().copied().chain(model.tasks.keys().map(String::as_str)) {
        let expected = model.names_of(key);
        let in_role = |role: Role| {
            let named = expected.iter().flatten().filter(move |(_, other)| *other == role);
            named.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(view.lead(key), in_role(Role::Lead).first().copied(), "lead of {key}");
        assert!(view.supporting(key).eq(in_role(Role::Support)), "supporting of {key}");
        let named =
            |standing: Standing| standing.units().map(|(name, role)| (name.to_owned(), role)).collect::<Vec<_>>();
        assert_eq!(view.standing(key).map(named), expected, "standing of {key}");
        assert_eq!(
            view.assignment(key).map(|a| named(a.into())),
            expected.clone().filter(|_| view.lead(key).is_some())
        );
        let details = model.tasks.get(key).and_then(|task| task.details.clone());
        assert_eq!(view.details(key).unwrap(), details, "details of {key}");
        let Some(task) = view.task(key) else { continue };
        assert_eq!(task.lead(), view.lead(key));
        assert!(task.co_leads().eq(in_role(Role::CoLead)) && task.supporting().len() == in_role(Role::Support).len());
        assert!(task.consulted().eq(in_role(Role::Consulted)) && task.informed().eq(in_role(Role::Informed)));
        assert!(task.units().map(|(unit, role)| (unit.name().to_owned(), role)).eq(expected.clone().unwrap()));
        for (name, role) in expected.iter().flatten() {
            assert_eq!(view.role(key, name).unwrap(), Some(*role));
        }
    }
    let leads: Vec<Option<&str>> = probes.iter().map(|key| view.lead(key)).collect();
    assert_eq!(view.leads(probes), leads);
    let told = |task: Option<TaskRef<'_>>| task.map(|task| format!("{task:?}"));
    assert!(view.tasks_for(probes).into_iter().map(told).eq(probes.iter().map(|key| told(view.task(key)))));
    assert!(view.assignments_for(probes).into_iter().eq(probes.iter().map(|key| view.assignment(key))));
    let vacant = |_: &str, task: &ModelTask| task.units.iter().all(|(_, role)| *role != Role::Lead);
    assert_set(&view.vacant(), &model.keys_where(vacant), &probes[..4], "vacant");
}

fn units(view: &View, model: &Model, probes: &[&str]) {
    assert!(view.units().map(|unit| unit.name()).eq(model.units.iter().map(|unit| unit.name.as_str())));
    for (id, unit) in model.units.iter().enumerate() {
        let seen = view.unit(&unit.name).unwrap();
        assert!(seen.aliases().eq(unit.aliases.iter().map(String::as_str)), "aliases of {unit:?}");
        assert_eq!((seen.name(), seen.kind()), (unit.name.as_str(), unit.kind));
        shared(view, model, id);
    }
    let idle = (0..model.units.len()).filter(|unit| model.tasks.values().all(|task| model.role(task, *unit).is_none()));
    assert!(view.idle_units().map(|unit| unit.name()).eq(idle.map(|unit| model.name(unit))));
    // Looking for names like an unknown one takes long, so some are asked for each time.
    let unknown = probes.iter().skip(model.revision as usize % 7).step_by(7).filter(|name| model.find(name).is_none());
    for name in unknown {
        let error = view.led_by(name).unwrap_err();
        assert!(matches!(&error, Error::Input(InputError::UnknownUnit { name: told, .. }) if told == name));
        assert!(view.role("p/1", name).is_err());
    }
}

fn sets(view: &View, model: &Model, probes: &[&str]) {
    for (id, unit) in model.units.iter().enumerate() {
        let seen = view.unit(&unit.name).unwrap();
        let in_role = |role| move |_: &str, task: &ModelTask| model.role(task, id) == Some(role);
        let (leads, supports) = (model.keys_where(in_role(Role::Lead)), model.keys_where(in_role(Role::Support)));
        assert_eq!((seen.leads(), seen.supports()), (leads.len(), supports.len()), "counts of {unit:?}");
        for name in std::iter::once(&unit.name).chain(&unit.aliases) {
            assert_set(&view.led_by(name).unwrap(), &leads, probes, &format!("led by {name}"));
            assert_set(&view.supported_by(name).unwrap(), &supports, probes, &format!("supported by {name}"));
        }
        for role in Role::ALL {
            let expected = model.keys_where(in_role(role));
            assert_eq!(seen.count(role), expected.len(), "{role} of {unit:?}");
            assert_set(&view.tasks_of(&unit.name, [role]).unwrap(), &expected, probes, &format!("{role} of {unit:?}"));
        }
        let two = [Role::CoLead, Role::Informed];
        let expected = model.keys_where(|_, task| model.role(task, id).is_some_and(|role| two.contains(&role)));
        assert_set(&view.tasks_of(&unit.name, two).unwrap(), &expected, probes, &format!("{two:?} of {unit:?}"));
        let involved = model.keys_where(|_, task| model.role(task, id).is_some());
        assert_set(&view.involving(&unit.name).unwrap(), &involved, probes, &format!("involving {unit:?}"));
    }
}

/// A set against the keys it is to have, by every way of looking at it.
pub(crate) fn assert_set(set: &TaskSet, expected: &[String], probes: &[&str], what: &str) {
    assert_eq!(keys(set.keys()), expected, "{what}");
    assert_eq!((set.len(), set.is_empty()), (expected.len(), expected.is_empty()), "{what}");
    assert!(set.tasks().map(|task| task.key()).eq(set.keys()), "{what}");
    for probe in probes {
        assert_eq!(set.contains(probe), expected.iter().any(|key| key == probe), "{what}: contains {probe:?}");
    }
    if let Some(after) = probes.first().filter(|_| !expected.is_empty()) {
        let after_this = letters(after);
        let rest: Vec<&String> = expected.iter().filter(|key| letters(key) > after_this).collect();
        assert!(set.keys_after(after).eq(rest), "{what}: after {after:?}");
        let before: Vec<&String> = expected.iter().rev().filter(|key| letters(key) < after_this).collect();
        assert!(set.keys_before(after).eq(before), "{what}: before {after:?}");
    }
}

fn shared(view: &View, model: &Model, asked: usize) {
    let mut counts = vec![0; model.units.len()];
    for task in model.tasks.values().filter(|task| model.role(task, asked).is_some()) {
        task.units.iter().for_each(|(unit, _)| counts[*unit] += 1);
    }
    let mut expected: Vec<(usize, usize)> =
        counts.into_iter().enumerate().filter(|(unit, count)| *unit != asked && *count > 0).collect();
    expected.sort_by_key(|(unit, count)| (std::cmp::Reverse(*count), *unit));
    let expected: Vec<(&str, usize)> = expected.iter().map(|(unit, count)| (model.name(*unit), *count)).collect();
    let seen = view.shares_tasks_with(model.name(asked)).unwrap();
    assert_eq!(seen.iter().map(|(unit, count)| (unit.name(), *count)).collect::<Vec<_>>(), expected);
}

fn matrix(view: &View, model: &Model, prefix: &str, depth: usize) {
    let base = prefix.matches('/').count();
    let section = |key: &str| key.split('/').take(base + depth).collect::<Vec<_>>().join("/");
    let mut expected: BTreeMap<(usize, String), [usize; Role::ALL.len()]> = BTreeMap::new();
    let keys = model.keys_where(|key, _| key.starts_with(prefix));
    for key in &keys {
        for (unit, role) in &model.tasks[key].units {
            expected.entry((*unit, section(key))).or_default()[*role as usize] += 1;
        }
    }
    let mut sections: Vec<String> = Vec::new();
    for section in keys.iter().map(|key| section(key)) {
        if !sections.contains(&section) {
            sections.push(section);
        }
    }
    let sum = |passes: &dyn Fn(usize, &str) -> bool| {
        let cells = expected.iter().filter(|((unit, section), _)| passes(*unit, section));
        cells
            .fold([0; Role::ALL.len()], |sum, (_, cell)| Role::ALL.map(|role| sum[role as usize] + cell[role as usize]))
    };
    let matrix = view.matrix(prefix, depth);
    assert_eq!(Role::ALL.map(|role| matrix.total().count(role)), sum(&|_, _| true));
    for section in &sections {
        let seen = matrix.of_section(section);
        assert_eq!(Role::ALL.map(|role| seen.count(role)), sum(&|_, other| other == section));
    }
    for unit in 0..model.units.len() {
        let seen = matrix.of_unit(model.name(unit));
        assert_eq!(Role::ALL.map(|role| seen.count(role)), sum(&|other, _| other == unit));
    }
    assert_eq!(matrix.sections(), sections, "sections of {prefix:?}");
    let mut units: Vec<usize> = expected.keys().map(|(unit, _)| *unit).collect();
    units.dedup();
    assert!(matrix.units().iter().eq(units.iter().map(|unit| model.name(*unit))));
    assert_eq!(matrix.cells().count(), expected.len());
    for ((unit, section), counts) in &expected {
        let cell = matrix.cell(model.name(*unit), section);
        let seen = [cell.leads, cell.co_leads, cell.supports, cell.consulted, cell.informed];
        assert_eq!(seen, *counts, "{unit} in {section}");
    }
}
