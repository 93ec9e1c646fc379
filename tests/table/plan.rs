//! The plan of 2016 that comes with the crate, as tables in each format and form: the same assignments each time.

use std::collections::BTreeSet;

use responsibility_index::notice::Notice;
use responsibility_index::table::{Format, Rows};

const PLAN: &str = include_str!("../../seeds/fujian-2016.txt");

/// A task of the plan: its key, its text, its lead, the others.
type Task = (String, String, String, Vec<String>);

fn plan() -> Vec<Task> {
    let notice = Notice::read(PLAN);
    let tasks = notice.tasks().map(|task| {
        let supporting = task.supporting().map(str::to_owned).collect();
        (task.key("fujian-2016"), task.text().to_owned(), task.lead().to_owned(), supporting)
    });
    tasks.collect()
}

/// What a table gives back.
fn read_back(text: &str) -> Vec<Task> {
    let rows = Rows::read(text).unwrap();
    let findings: Vec<String> = rows.findings().map(|finding| finding.to_string()).collect();
    let vacant = rows.tasks().filter(|task| task.lead().is_none()).count();
    assert_eq!(vacant, 0, "{findings:#?}");
    let tasks = rows.tasks().map(|task| {
        let supporting = task.assignment().unwrap().supporting().to_vec();
        (task.own_key().to_owned(), task.title().to_owned(), task.lead().unwrap().to_owned(), supporting)
    });
    tasks.collect()
}

/// The rows of the long form, with these titles.
fn long(titles: [&str; 4], between: &str) -> Vec<Vec<String>> {
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    rows.extend(
        plan().into_iter().map(|(key, text, lead, supporting)| vec![key, text, lead, supporting.join(between)]),
    );
    rows
}

/// The rows of the wide form: the lead with a letter, the others in their order.
fn wide(lead_mark: &str, first: usize) -> Vec<Vec<String>> {
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

fn separated(rows: &[Vec<String>], separator: &str) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(separator) + "\n").collect()
}

fn markdown(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| format!("| {} |\n", row.join(" | ").replace('\n', "<br>"));
    let mut text = String::from("# Plan\n\n");
    for (at, row) in rows.iter().enumerate() {
        text.push_str(&line(row));
        if at == 0 {
            text.push_str(&line(&vec!["---".to_owned(); row.len()]));
        }
    }
    text
}

fn html(rows: &[Vec<String>]) -> String {
    let escaped = |cell: &String| cell.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
    let row = |row: &Vec<String>| row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect::<String>();
    let rows: String = rows.iter().map(|cells| format!("<tr>{}</tr>\n", row(cells))).collect();
    format!("<!DOCTYPE html><title>Plan</title><table>\n{rows}</table>")
}

#[test]
fn every_format_and_form_gives_the_same_assignments() {
    let expected = plan();
    assert_eq!(expected.len(), 61);
    let long = [
        long(["ID", "Task", "Lead", "Supporting"], "; "),
        long(["ID", "Task", "Lead", "Supporting"], "\n"),
        long(["ID", "任务", "牵头单位", "配合单位"], "、"),
    ];
    let wide = [wide("L", 1), wide("1", 2)];
    for rows in long.iter().chain(&wide) {
        for text in [separated(rows, ","), separated(rows, "\t"), separated(rows, ";"), markdown(rows), html(rows)] {
            let start: String = text.chars().take(300).collect();
            assert_eq!(read_back(&text), expected, "{:?}: {start}", Format::of(&text));
        }
    }
}

#[test]
fn letters_give_the_same_leads_and_supporters() {
    let as_letters = |mut rows: Vec<Vec<String>>, lead: &str, support: &str| {
        for cell in rows.iter_mut().skip(1).flat_map(|row| row.iter_mut().skip(2)).filter(|cell| !cell.is_empty()) {
            *cell = if cell == "L" { lead.to_owned() } else { support.to_owned() };
        }
        rows
    };
    let sorted = |mut tasks: Vec<Task>| {
        tasks.iter_mut().for_each(|(.., others)| others.sort());
        tasks
    };
    for (lead, support) in [("A", "R"), ("A/R", "S"), ("★", "○"), ("●", "☆"), ("牵头", "配合")] {
        let rows = as_letters(wide("L", 1), lead, support);
        for text in [separated(&rows, ","), markdown(&rows), html(&rows)] {
            assert_eq!(sorted(read_back(&text)), sorted(plan()), "{lead} {support}");
        }
    }
}
