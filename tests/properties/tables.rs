//! Tables that are written, by property: what is read back is what was written, or is reported.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[path = "../common/hostile.rs"]
mod hostile;

use proptest::prelude::*;
use responsibility_index::View;
use responsibility_index::export::{Shape, TableOptions, TableReport};
use responsibility_index::table::Rows;

use hostile::{HOSTILE, KEYS, PLAIN, compare, index, tasks};

const TITLE: &str = "Line one\nand two | \"three\"";

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_names_are_read_back_without_a_loss(tasks in tasks(6, PLAIN.len())) {
        let index = index(&tasks, &PLAIN, TITLE);
        let view = index.view();
        each_table(&view, |text, report| {
            // A chart of tasks without any unit has no columns of units.
            let any = tasks.iter().any(|(_, _, units)| !units.is_empty());
            if any || text.contains("lead") {
                assert_eq!(report.losses, [], "{text}");
                compare(&view, report.losses.iter(), &report.reader().read(text).unwrap());
            }
        });
    }

    #[test]
    fn what_is_not_read_back_is_reported(
        tasks in tasks(KEYS.len(), HOSTILE.len()),
        title in prop::sample::select(vec![TITLE, "", "x", "Owner"]),
    ) {
        let index = index(&tasks, &HOSTILE, title);
        let view = index.view();
        each_table(&view, |text, report| {
            let any = tasks.iter().any(|(_, _, units)| !units.is_empty());
            if any || text.contains("supporting") {
                compare(&view, report.losses.iter(), &report.reader().read(text).unwrap());
            }
        });
    }

    #[test]
    fn a_reader_that_guesses_takes_a_usual_table(tasks in tasks(3, 7)) {
        let mut tasks = tasks;
        // Each task has a lead, so that none is vacant.
        tasks.retain(|(_, _, units)| !units.is_empty());
        if tasks.is_empty() {
            tasks.push((0, true, vec![(0, 1)]));
        }
        tasks.iter_mut().for_each(|(_, has_lead, _)| *has_lead = true);
        let index = index(&tasks, &PLAIN, TITLE);
        let view = index.view();
        let mut text = Vec::new();
        let report = view.csv("", &TableOptions::new(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        compare(&view, report.losses.iter(), &Rows::read(&text).unwrap());
    }
}
