//! The plan of 2016 that comes with the crate as the rows of a table, in both forms, and what a table gives back of it.

use std::collections::BTreeSet;

use responsibility_index::notice::Notice;
use responsibility_index::table::Rows;

const PLAN: &str = include_str!("../../seeds/fujian-2016.txt");

/// A task of the plan: its key, its text, its lead, the others.
pub(crate) type Task = (String, String, String, Vec<String>);

pub(crate) fn plan() -> Vec<Task> {
    let notice = Notice::read(PLAN);
    let tasks = notice.tasks().map(|task| {
        let supporting = task.supporting().map(str::to_owned).collect();
        (task.key("fujian-2016"), task.text().to_owned(), task.lead().to_owned(), supporting)
    });
    tasks.collect()
}

/// The tasks that a table gives back.
pub(crate) fn tasks_of(rows: &Rows) -> Vec<Task> {
    let tasks = rows.tasks().map(|task| {
        let supporting = task.assignment().unwrap().supporting().to_vec();
        (task.own_key().to_owned(), task.title().to_owned(), task.lead().unwrap().to_owned(), supporting)
    });
    tasks.collect()
}

/// The rows of the long form, with these titles.
pub(crate) fn long(titles: [&str; 4], between: &str) -> Vec<Vec<String>> {
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    rows.extend(
        plan().into_iter().map(|(key, text, lead, supporting)| vec![key, text, lead, supporting.join(between)]),
    );
    rows
}

/// The rows of the wide form: the lead with a letter, the others in their order.
pub(crate) fn wide(lead_mark: &str, first: usize) -> Vec<Vec<String>> {
    let plan = plan();
    let units: BTreeSet<&String> = plan.iter().flat_map(|(_, _, lead, others)| others.iter().chain([lead])).collect();
    let mut rows =
        vec![["ID", "Task"].into_iter().map(str::to_owned).chain(units.iter().map(|unit| (*unit).clone())).collect()];
    for (key, text, lead, others) in &plan {
        let mut row = vec![key.clone(), text.clone()];
        row.extend(units.iter().map(|unit| {
            let order = others.iter().position(|other| other == *unit).map(|at| (at + first).to_string());
            if *unit == lead { lead_mark.to_owned() } else { order.unwrap_or_default() }
        }));
        rows.push(row);
    }
    rows
}
