//! The plan of 2016 that comes with the crate, as tables in each format and form: the same assignments each time.

use responsibility_index::table::{Format, Rows};

#[path = "../common/plan.rs"]
mod rows;

use rows::{Task, long, plan, tasks_of, wide};

/// What a table gives back.
fn read_back(text: &str) -> Vec<Task> {
    let rows = Rows::read(text).unwrap();
    let findings: Vec<String> = rows.findings().map(|finding| finding.to_string()).collect();
    let vacant = rows.tasks().filter(|task| task.lead().is_none()).count();
    assert_eq!(vacant, 0, "{findings:#?}");
    tasks_of(&rows)
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
