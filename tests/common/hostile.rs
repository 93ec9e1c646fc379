//! Tasks with plain and hostile names and keys for tables that are written, and what must be read back of them.

use proptest::prelude::*;
use responsibility_index::export::Loss;
use responsibility_index::table::Rows;
use responsibility_index::{Details, Index, Role, View};

/// Names and keys that a table can hold, also several in one cell.
pub(crate) const PLAIN: [&str; 12] = [
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
pub(crate) const HOSTILE: [&str; 27] = [
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
    "_x0041_",
    "<r>x</r>",
    "<r><t>y</r>",
];
pub(crate) const KEYS: [&str; 14] = [
    "plan/1/1", "plan/1/2", "plan/2", "省/1", "a b", "x|y", "=SUM(A1)", "\"q\",r", "-", "Task", "*k*", "b  c",
    "<r>k</r>", "_x000D_",
];

/// A task: which key, and its units with their roles. No unit is in it twice.
pub(crate) type Task = (usize, bool, Vec<(usize, usize)>);

pub(crate) fn tasks(keys: usize, names: usize) -> impl Strategy<Value = Vec<Task>> {
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

/// An index of these tasks, each with this title.
pub(crate) fn index(tasks: &[Task], names: &[&str], title: &str) -> Index {
    let index = Index::in_memory();
    let mut batch = index.batch();
    for (key, has_lead, units) in tasks {
        let key = KEYS[*key];
        batch = batch.declare(key);
        for (at, (unit, role)) in units.iter().enumerate() {
            let role = if at == 0 && *has_lead { Role::Lead } else { Role::ALL[*role] };
            batch = batch.add(key, names[*unit], role);
        }
        batch = batch.set_details(key, Details::titled(title).field("deadline", "2026-11-30"));
    }
    batch.commit().unwrap();
    index
}

/// Compares the tasks that are not reported, and their titles.
pub(crate) fn compare<'l>(view: &View, losses: impl Iterator<Item = &'l Loss> + Clone, rows: &Rows) {
    let lost = |wanted: &dyn Fn(&Loss) -> bool| losses.clone().any(wanted);
    for task in view.tasks().tasks() {
        let (key, standing) = (task.key(), task.standing());
        let reported = lost(&|loss| match loss {
            Loss::Task { task } | Loss::Units { task } => task == key,
            Loss::Text { .. } => false,
            Loss::Unit { unit, .. } | Loss::Idle { unit } => standing.units().any(|(name, _)| name == unit),
            _ => panic!("{loss}"),
        });
        let read: Vec<_> = rows.tasks().filter(|read| read.own_key() == key).collect();
        let standings: Vec<_> = read.iter().map(|read| read.standing()).collect();
        let shown = || losses.clone().map(Loss::to_string).collect::<Vec<_>>().join("\n");
        assert!(reported || standings == [&standing], "{key}: {standings:?} for {standing}\n{}", shown());
        let details = view.details(key).unwrap().unwrap_or_default();
        let text_is_lost = lost(&|loss| matches!(loss, Loss::Text { task } if task == key));
        let is_same = read.iter().all(|read| read.title() == details.title && read.deadline() == Some("2026-11-30"));
        assert!(reported || text_is_lost || is_same, "{key}: {read:?} for {details:?}\n{}", shown());
    }
}
