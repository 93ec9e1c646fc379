//! Holds a view against the model: everything that can be asked, from both sides.

use std::collections::BTreeMap;

use responsibility_index::{Error, InputError, Role, TaskSet, View};

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
    for (prefix, depth) in [("", 1), ("p/", 2), ("p/1", 3)] {
        matrix(view, model, prefix, depth);
    }
}

fn tasks(view: &View, model: &Model, probes: &[&str]) {
    assert_eq!((view.len(), view.is_empty()), (model.tasks.len(), model.tasks.is_empty()));
    for key in probes.iter().copied().chain(model.tasks.keys().map(String::as_str)) {
        let expected = model.names_of(key);
        assert_eq!(view.lead(key), expected.as_ref().map(|names| names[0].as_str()), "lead of {key}");
        let supporting = expected.as_ref().map_or(&[][..], |names| &names[1..]);
        assert!(view.supporting(key).eq(supporting), "supporting of {key}: {supporting:?}");
        let units = view.assignment(key).map(|assignment| keys(assignment.units()));
        assert_eq!(units, expected, "assignment of {key}");
        let details = model.tasks.get(key).and_then(|task| task.details.clone());
        assert_eq!(view.details(key).unwrap(), details, "details of {key}");
        let roles = view.task(key).map(|task| task.units().map(|(unit, role)| (unit.name(), role)).collect::<Vec<_>>());
        assert_eq!(roles.is_some(), expected.is_some());
        for (place, (name, role)) in roles.into_iter().flatten().enumerate() {
            assert_eq!((role == Role::Lead, name), (place == 0, expected.as_ref().unwrap()[place].as_str()));
            assert_eq!(view.role(key, name).unwrap(), Some(role));
        }
    }
}

fn units(view: &View, model: &Model, probes: &[&str]) {
    assert!(view.units().map(|unit| unit.name()).eq(model.units.iter().map(|unit| unit.name.as_str())));
    for (id, unit) in model.units.iter().enumerate() {
        let seen = view.unit(&unit.name).unwrap();
        assert!(seen.aliases().eq(unit.aliases.iter().map(String::as_str)), "aliases of {unit:?}");
        assert_eq!((seen.name(), seen.kind()), (unit.name.as_str(), unit.kind));
        shared(view, model, id);
    }
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
    }
}

fn shared(view: &View, model: &Model, asked: usize) {
    let mut counts = vec![0; model.units.len()];
    for task in model.tasks.values().filter(|task| task.units.contains(&asked)) {
        task.units.iter().for_each(|unit| counts[*unit] += 1);
    }
    let mut expected: Vec<(usize, usize)> =
        counts.into_iter().enumerate().filter(|(unit, count)| *unit != asked && *count > 0).collect();
    expected.sort_by_key(|(unit, count)| (std::cmp::Reverse(*count), *unit));
    let expected: Vec<(&str, usize)> = expected.iter().map(|(unit, count)| (model.name(*unit), *count)).collect();
    let seen = view.shares_tasks_with(model.name(asked)).unwrap();
    assert_eq!(seen.iter().map(|(unit, count)| (unit.name(), *count)).collect::<Vec<_>>(), expected);
}

fn matrix(view: &View, model: &Model, prefix: &str, depth: usize) {
    let section = |key: &str| key.split('/').take(depth).collect::<Vec<_>>().join("/");
    let mut expected: BTreeMap<(usize, String), (usize, usize)> = BTreeMap::new();
    let keys = model.keys_where(|key, _| key.starts_with(prefix));
    for key in &keys {
        for (place, unit) in model.tasks[key].units.iter().enumerate() {
            let cell = expected.entry((*unit, section(key))).or_default();
            *if place == 0 { &mut cell.0 } else { &mut cell.1 } += 1;
        }
    }
    let mut sections: Vec<String> = Vec::new();
    for section in keys.iter().map(|key| section(key)) {
        if !sections.contains(&section) {
            sections.push(section);
        }
    }
    let matrix = view.matrix(prefix, depth);
    assert_eq!(matrix.sections(), sections, "sections of {prefix:?}");
    let mut units: Vec<usize> = expected.keys().map(|(unit, _)| *unit).collect();
    units.dedup();
    assert!(matrix.units().iter().eq(units.iter().map(|unit| model.name(*unit))));
    assert_eq!(matrix.cells().count(), expected.len());
    for ((unit, section), (leads, supports)) in &expected {
        let cell = matrix.cell(model.name(*unit), section);
        assert_eq!((cell.leads, cell.supports), (*leads, *supports), "{unit} in {section}");
    }
}
