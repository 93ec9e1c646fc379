//! Tables that are written, by property: what is read back is what was written, or is reported.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use proptest::prelude::*;
use responsibility_index::export::{Loss, Shape, TableOptions, TableReport};
use responsibility_index::table::Rows;
use responsibility_index::{Details, Index, Role, Standing, View};

/// Names and keys that a table can hold, also several in one cell.
const PLAIN: [&str; 12] = [
    "Transport",
    "Finance",
    "Public Security",
    "省发改委",
    "省财政厅（基建处）",
    "R&D",
    "Team 7",
    "O'Neill",
    "\"Quoted\" team",
    "沿海各市",
    "Health | Care",
    "a_b*c",
];
/// Names that are something else in a cell, for one reader or another.
const HOSTILE: [&str; 24] = [
    "A; B",
    "甲、乙",
    "Roads, Rails",
    "TBD",
    "-",
    "N/A",
    "1. First",
    "Owner",
    "L",
    "1",
    "X  Y",
    "省 厅",
    "A (lead)",
    "甲局牵头",
    "*starred*",
    "_under_",
    "=1+1",
    "@core",
    "+86",
    "<br>",
    "&amp;",
    "[link](x)",
    "Lead: A",
    "open (bracket",
];
const KEYS: [&str; 12] =
    ["plan/1/1", "plan/1/2", "plan/2", "省/1", "a b", "x|y", "=SUM(A1)", "\"q\",r", "-", "Task", "*k*", "b  c"];

/// A task: which key, and its units with their roles. No unit is in it twice.
type Task = (usize, bool, Vec<(usize, usize)>);

fn tasks(keys: usize, names: usize) -> impl Strategy<Value = Vec<Task>> {
    let units = prop::collection::btree_map(0..names, 1..Role::ALL.len(), 0..6);
    let units = units.prop_map(|units| units.into_iter().collect::<Vec<_>>()).prop_shuffle();
    let keys = prop::sample::subsequence((0..keys).collect::<Vec<_>>(), 1..=keys);
    keys.prop_flat_map(move |keys| {
        let rest = prop::collection::vec((any::<bool>(), units.clone()), keys.len());
        rest.prop_map(move |rest| {
            keys.iter().zip(rest).map(|(key, (has_lead, units))| (*key, has_lead, units)).collect()
        })
    })
}

fn index(tasks: &[Task], names: &[&str]) -> Index {
    let index = Index::in_memory();
    let mut batch = index.batch();
    for (key, has_lead, units) in tasks {
        let key = KEYS[*key];
        batch = batch.declare(key);
        for (at, (unit, role)) in units.iter().enumerate() {
            let role = if at == 0 && *has_lead { Role::Lead } else { Role::ALL[*role] };
            batch = batch.add(key, names[*unit], role);
        }
        batch =
            batch.set_details(key, Details::titled("Line one\nand two | \"three\"").field("deadline", "2026-11-30"));
    }
    batch.commit().unwrap();
    index
}

/// Writes a table in each format and shape, and passes each with its report.
fn each_table(view: &View, mut check: impl FnMut(&str, &TableReport)) {
    for shape in [Shape::Long, Shape::Wide] {
        for special in [false, true] {
            let options = TableOptions::new().shape(shape).byte_order_mark(special).guard_formulas(special);
            let mut csv = Vec::new();
            let report = view.csv("", &options, &mut csv).unwrap();
            check(std::str::from_utf8(&csv).unwrap(), &report);
        }
        let mut markdown = Vec::new();
        let report = view.markdown("", &TableOptions::new().shape(shape), &mut markdown).unwrap();
        check(std::str::from_utf8(&markdown).unwrap(), &report);
    }
}

/// Compares the tasks that are not reported.
fn compare(view: &View, text: &str, report: &TableReport, rows: &Rows) {
    let lost = |wanted: &dyn Fn(&Loss) -> bool| report.losses.iter().any(wanted);
    for task in view.tasks().tasks() {
        let (key, standing) = (task.key(), task.standing());
        let reported = lost(&|loss| match loss {
            Loss::Task { task } | Loss::Units { task } => task == key,
            Loss::Unit { unit, .. } | Loss::Idle { unit } => standing.units().any(|(name, _)| name == unit),
            _ => panic!("{loss}"),
        });
        let read: Vec<&Standing> =
            rows.tasks().filter(|read| read.own_key() == key).map(|read| read.standing()).collect();
        assert!(reported || read == [&standing], "{key}: {read:?} for {standing}\n{text}\n{:?}", report.losses);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_names_are_read_back_without_a_loss(tasks in tasks(6, PLAIN.len())) {
        let index = index(&tasks, &PLAIN);
        let view = index.view();
        each_table(&view, |text, report| {
            // A chart of tasks without any unit has no columns of units.
            let any = tasks.iter().any(|(_, _, units)| !units.is_empty());
            if any || text.contains("lead") {
                assert_eq!(report.losses, [], "{text}");
                compare(&view, text, report, &report.reader().read(text).unwrap());
            }
        });
    }

    #[test]
    fn what_is_not_read_back_is_reported(tasks in tasks(KEYS.len(), HOSTILE.len())) {
        let index = index(&tasks, &HOSTILE);
        let view = index.view();
        each_table(&view, |text, report| {
            let any = tasks.iter().any(|(_, _, units)| !units.is_empty());
            if any || text.contains("supporting") {
                compare(&view, text, report, &report.reader().read(text).unwrap());
            }
        });
    }

    #[test]
    fn a_reader_that_guesses_takes_a_usual_table(tasks in tasks(3, 7)) {
        let mut tasks = tasks;
        // Each task has a lead and a second unit: a chart has marks to be told by.
        tasks.retain(|(_, _, units)| units.len() > 1);
        prop_assume!(!tasks.is_empty());
        tasks.iter_mut().for_each(|(_, has_lead, _)| *has_lead = true);
        let index = index(&tasks, &PLAIN);
        let view = index.view();
        let mut text = Vec::new();
        let report = view.csv("", &TableOptions::new(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        compare(&view, &text, &report, &Rows::read(&text).unwrap());
    }
}
