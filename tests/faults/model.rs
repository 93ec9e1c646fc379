//! What an index must be after so many steps of each writer, in every answer: the tasks and their details, both
//! directions, the units, and the same at revisions before the newest.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::date;
use responsibility_index::{Details, Index, View, testing};

use crate::work::{self, Bounds, MOVE, REFORM, RENAME, Run, SLOTS, UNASSIGN};

/// How many revisions before the newest one are looked at, at most.
const PAST: u64 = 3;
/// Units with more tasks are only counted.
const COMPARED: usize = 64;

/// How many steps a writer has made.
pub(crate) fn steps(view: &View, writer: u64) -> Result<u64, String> {
    number_of(view, &format!("w{writer}/steps"))
}

/// The number that a task is assigned to, 0 if it is not.
fn number_of(view: &View, task: &str) -> Result<u64, String> {
    let Some(task) = view.task(task) else { return Ok(0) };
    number(task.lead().into_iter().chain(task.supporting()))
}

fn number<'u>(units: impl Iterator<Item = &'u str>) -> Result<u64, String> {
    let mut number = 0;
    for (place, unit) in units.enumerate() {
        let digit = unit.strip_prefix(&format!("place {place} is ")).and_then(|digit| digit.parse::<u64>().ok());
        number += digit.ok_or_else(|| format!("{unit} is no digit"))? * 10_u64.pow(place as u32);
    }
    Ok(number)
}

/// The number of the load that a view has, 0 for none.
fn load_of(view: &View) -> Result<u64, String> {
    let Some(task) = view.task("loaded/0") else { return Ok(0) };
    let number = task
        .lead()
        .and_then(|lead| lead.strip_prefix("load "))
        .and_then(|lead| lead.strip_suffix(" part 0")?.parse().ok());
    number.ok_or_else(|| format!("{:?} is no part of a load", task.lead()))
}

/// Holds an index against what must be there: so many steps of each writer, no batch in part, and nothing that
/// disagrees. Returns how many steps there are.
pub(crate) fn check(index: &Index, run: &Run, bounds: &Bounds) -> Result<Vec<u64>, String> {
    let made = check_view(&index.view(), run, bounds, true)?;
    match index.verify().map_err(|error| format!("verify: {error}"))?.first() {
        Some(finding) => Err(finding.to_string()),
        None => Ok(made),
    }
}

/// Holds one of the revisions before the newest one, which the log alone gives, against what it must have been.
pub(crate) fn check_past(index: &Index, run: &Run, made: &[u64]) -> Result<(), String> {
    let newest = index.view().revision();
    let back = 1 + newest % PAST;
    let oldest = index.stats().map_err(|error| error.to_string())?.horizon.max(1);
    let Some(revision) = newest.checked_sub(back).filter(|revision| *revision >= oldest) else { return Ok(()) };
    let failed = |why: String| format!("revision {revision} of {newest}: {why}");
    let past = testing::view_at(index, revision).map_err(|error| failed(error.to_string()))?;
    // Each revision is a step or a load.
    let bounds: Bounds = made.iter().map(|made| (made.saturating_sub(back), *made)).collect();
    let then = check_view(&past, run, &bounds, false).map_err(failed)?;
    let steps = made.iter().sum::<u64>() - then.iter().sum::<u64>();
    let first = made.first().map_or(0, |made| made + 1);
    let near_a_load = (first.saturating_sub(back)..=first).any(|n| n > 0 && n.is_multiple_of(run.load_every));
    let loads = if near_a_load { back } else { 0 };
    if steps > back || steps + loads < back {
        return Err(failed(format!("{then:?} steps were made, {made:?} at the newest")));
    }
    Ok(())
}

/// What a task must be.
struct Expected {
    units: Vec<String>,
    details: Option<Details>,
}

/// The same but for what a verification tells; without details where they may be lost.
pub(crate) fn check_view(view: &View, run: &Run, bounds: &Bounds, with_details: bool) -> Result<Vec<u64>, String> {
    let mut made = Vec::new();
    for (writer, (least, most)) in (0..).zip(bounds) {
        let n = steps(view, writer)?;
        if !(*least..=*most).contains(&n) {
            return Err(format!("writer {writer} made {n} steps instead of {least} to {most}"));
        }
        made.push(n);
    }
    let mut expected = BTreeMap::new();
    for (writer, n) in (0..).zip(&made).filter(|(_, n)| **n > 0) {
        expect(&mut expected, run, writer, *n);
        check_clerk(view, writer, *n / RENAME)?;
        check_organisation(view, writer, *n)?;
    }
    let reforms: u64 = made.iter().map(|n| n / REFORM).sum();
    if view.reforms().count() as u64 != reforms {
        return Err(format!("there are {} reforms instead of {reforms}", view.reforms().count()));
    }
    expect_loads(&mut expected, run, view, made.first().copied().unwrap_or_default())?;
    // Tried after a failure: it may be unknown whether it is durable, or whether its removal is.
    if let Some(more) = view.assignment(work::MORE) {
        let units = more.units().map(|(unit, _)| unit.to_owned()).collect();
        number(more.units().map(|(unit, _)| unit))?;
        expected.insert(work::MORE.to_owned(), Expected { units, details: None });
    }
    check_tasks(view, &expected, with_details)?;
    check_units(view, &expected)?;
    Ok(made)
}

/// The tasks of a writer after its first `made` steps.
fn expect(expected: &mut BTreeMap<String, Expected>, run: &Run, writer: u64, made: u64) {
    let mut put = |key: String, units, details| expected.insert(key, Expected { units, details });
    put(format!("w{writer}/steps"), work::digits(made), Some(work::details(run, made)));
    put(format!("w{writer}/clerk"), vec![work::clerk(writer, made / RENAME)], None);
    put(work::file(writer, made / MOVE), vec![work::keeper(writer)], Some(work::small_details(1)));
    for n in (1..=made).rev().take(SLOTS as usize).filter(|n| !n.is_multiple_of(UNASSIGN)) {
        for half in ["a", "b"] {
            put(format!("w{writer}/{half}/{}", n % SLOTS), work::digits(n), Some(work::small_details(n)));
        }
    }
}

fn check_clerk(view: &View, writer: u64, renames: u64) -> Result<(), String> {
    let unit = view.unit(&work::clerk(writer, renames)).map_err(|error| error.to_string())?;
    let aliases: Vec<&str> = unit.aliases().collect();
    let former: Vec<String> = renames.checked_sub(1).map(|before| work::clerk(writer, before)).into_iter().collect();
    if unit.name() != work::clerk(writer, renames) || aliases != former || unit.kind() != work::kind(renames) {
        return Err(format!("after {renames} renames there is {unit:?}, {:?}, with {aliases:?}", unit.kind()));
    }
    Ok(())
}

fn check_organisation(view: &View, writer: u64, n: u64) -> Result<(), String> {
    let failed = |error: responsibility_index::Error| format!("writer {writer} after {n} steps: {error}");
    let panel = view.unit(&work::panel(writer)).map_err(failed)?;
    let members: Vec<&str> = panel.members().map(|member| member.name()).collect();
    let (due, report) = (date(2016, 11, 30), work::report(writer, n));
    let owed = view.owed(&work::obligation(writer), due).map_err(failed)?;
    // A panel has members, but is asked by name.
    let reports: Vec<_> = owed.iter().map(|owed| (owed.unit.name(), owed.report.clone())).collect();
    if members != work::members(writer, n) || reports != [(panel.name(), Some(report.clone()))] {
        return Err(format!("after {n} steps the panel has {members:?}, and {reports:?} came instead of {report:?}"));
    }
    let desk = view.unit(&work::desk(writer, 0)).map_err(failed)?;
    let ancestors = desk.ancestors().len() as u64;
    if desk.name() != work::desk(writer, n / REFORM) || ancestors != n / REFORM * 2 {
        return Err(format!("after {n} steps there is {desk:?} with {ancestors} ancestors"));
    }
    Ok(())
}

/// The loaded tasks. A load comes before the step of its number, so it may be there without it.
fn expect_loads(expected: &mut BTreeMap<String, Expected>, run: &Run, view: &View, made: u64) -> Result<(), String> {
    if run.writers == 0 {
        return Ok(());
    }
    let before = made / run.load_every * run.load_every;
    let mut may = vec![if before == 0 { 0 } else { run.load_number(before, run.loads) }];
    if (made + 1).is_multiple_of(run.load_every) {
        may.extend((1..=run.loads).map(|load| run.load_number(made + 1, load)));
    }
    let found = load_of(view)?;
    if !may.contains(&found) {
        return Err(format!("after {made} steps load {found} is there instead of one of {may:?}"));
    }
    let tasks = if found == 0 { 0 } else { run.loaded };
    let of = |task: u64| (format!("loaded/{task}"), Expected { units: work::loaded_units(found, task), details: None });
    expected.extend((0..tasks).map(of));
    Ok(())
}

fn check_tasks(view: &View, expected: &BTreeMap<String, Expected>, with_details: bool) -> Result<(), String> {
    for (key, Expected { units, details }) in expected {
        let task = view.task(key).ok_or_else(|| format!("{key} is not assigned"))?;
        if !task.lead().into_iter().chain(task.supporting()).eq(units) {
            return Err(format!("{task:?} instead of {units:?}"));
        }
        if with_details && !key.starts_with("loaded") {
            let found = task.details().map_err(|error| format!("details of {key}: {error}"))?;
            if found != *details {
                let title = |details: &Option<Details>| details.as_ref().map(|details| details.title.clone());
                return Err(format!("the details of {key} are {:?} instead of {:?}", title(&found), title(details)));
            }
        }
    }
    if view.len() != expected.len() {
        return Err(format!("there are {} tasks instead of {}", view.len(), expected.len()));
    }
    Ok(())
}

/// The other direction: the tasks of each unit, in each role.
fn check_units(view: &View, expected: &BTreeMap<String, Expected>) -> Result<(), String> {
    let mut of_units: HashMap<&str, [Vec<&str>; 2]> = HashMap::new();
    for (key, Expected { units, .. }) in expected {
        for (place, unit) in units.iter().enumerate() {
            of_units.entry(unit).or_default()[place.min(1)].push(key);
        }
    }
    for unit in view.units().filter(|unit| unit.ended().is_none()) {
        let name = unit.name();
        let of_unit = of_units.remove(name).unwrap_or_default();
        let found = [view.led_by(name), view.supported_by(name)];
        for ((expected, found), role) in of_unit.into_iter().zip(found).zip(["leads", "supports"]) {
            let found = found.map_err(|error| error.to_string())?;
            let compared = expected.len() <= COMPARED;
            if found.len() != expected.len() || (compared && expected.iter().any(|key| !found.contains(key))) {
                return Err(format!("{unit:?} {role} {} tasks instead of {}", found.len(), expected.len()));
            }
        }
    }
    of_units.keys().next().map_or(Ok(()), |unit| Err(format!("there is no unit {unit:?}")))
}
