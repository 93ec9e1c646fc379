//! The report of a comparison as text, as Markdown and as JSON.

use crate::contender::Kind;
use crate::goals;
use crate::layout::{align, digits, pipes};
use crate::report::Report;
use crate::row::Row;

/// What our figures are divided by, with the heads of the columns.
const RATIOS: [(&str, Kind); 3] =
    [("to best peer", Kind::Peer), ("to maps + journal", Kind::Rival), ("to limit", Kind::Limit)];

/// The ratios to those that take part.
fn ratios(report: &Report<'_>) -> impl Iterator<Item = &'static (&'static str, Kind)> {
    let takes_part = |kind: Kind| report.columns.iter().any(|(_, of)| *of == kind);
    RATIOS.iter().filter(move |(_, kind)| report.refusal.is_none() && takes_part(*kind))
}

pub(crate) fn text(report: &Report<'_>) -> String {
    let mut text = String::new();
    facts(report).for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
    text.push('\n');
    align(&mut text, &[head(report)].into_iter().chain(rows(report)).collect::<Vec<_>>());
    if let Some(refusal) = &report.refusal {
        text.push_str(&format!("\n{refusal}\n"));
    }
    let goals = goals::lines(report);
    if !goals.is_empty() {
        text.push('\n');
        align(&mut text, &goals);
    }
    text
}

pub(crate) fn markdown(report: &Report<'_>) -> String {
    let mut text = String::new();
    let facts: Vec<String> = facts(report).map(|(name, value)| format!("{name}: {value}")).collect();
    text.push_str(&format!("{}.\n\n", facts.join("; ")));
    pipes(&mut text, head(report), rows(report));
    if let Some(refusal) = &report.refusal {
        text.push_str(&format!("\n{refusal}\n"));
    }
    let mut goals = goals::lines(report).into_iter();
    if let Some(head) = goals.next() {
        text.push('\n');
        pipes(&mut text, head, goals);
    }
    text
}

/// Formats the report as JSON, in seconds and bytes.
pub(crate) fn json(report: &Report<'_>) -> String {
    let facts: Vec<String> = facts(report).map(|(name, value)| format!("{name:?}: {value:?}")).collect();
    let rows: Vec<String> = Row::ALL
        .iter()
        .map(|(row, label, _)| {
            let columns = report.columns.iter().enumerate();
            let values = columns.filter_map(|(at, (name, _))| Some((name, report.samples.median(*row, at)?)));
            let values: Vec<String> = values.map(|(name, value)| format!("{name:?}: {value:e}")).collect();
            format!("    {label:?}: {{{}}}", values.join(", "))
        })
        .collect();
    format!("{{\n  {},\n  \"rows\": {{\n{}\n  }}\n}}", facts.join(",\n  "), rows.join(",\n"))
}

fn rows(report: &Report<'_>) -> impl Iterator<Item = Vec<String>> {
    let measured = Row::ALL
        .iter()
        .filter(|(row, ..)| report.columns.iter().enumerate().any(|(at, _)| report.samples.median(*row, at).is_some()));
    measured.map(|(row, label, unit)| {
        let (sign, scale) = unit.scale();
        let figure = |value: Option<f64>| value.map_or_else(String::new, |value| digits(value * scale));
        let mut cells = vec![if sign.is_empty() { (*label).to_owned() } else { format!("{label}, {sign}") }];
        cells.extend((0..report.columns.len()).map(|at| figure(report.samples.median(*row, at))));
        cells.extend(ratios(report).map(|(_, to)| report.ratio(*row, *to).map_or_else(String::new, digits)));
        cells
    })
}

fn head(report: &Report<'_>) -> Vec<String> {
    let names = report.columns.iter().map(|(name, _)| *name);
    [""].into_iter().chain(names).chain(ratios(report).map(|(head, _)| *head)).map(str::to_owned).collect()
}

fn facts<'r>(report: &'r Report<'_>) -> impl Iterator<Item = &'r (&'static str, String)> {
    report.run.iter().chain(&report.machine.lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Machine;
    use crate::report::tests::{report, samples};

    #[test]
    fn the_markdown_has_a_line_for_each_row_that_was_measured() {
        let (samples, machine) = (samples(), Machine { lines: Vec::new() });
        let text = markdown(&report(&samples, &machine));
        assert!(text.contains("| lead of a task, ns | 100 | 2000 | 1000 | 150 | 400 | 0.10 | 0.67 |"), "{text}");
        assert!(!text.contains("bulk load, durable, ms") && !text.contains("journal"), "{text}");
    }

    #[test]
    fn a_noisy_run_has_its_times_and_the_reason_and_neither_ratios_nor_goals() {
        let (samples, machine) = (samples(), Machine { lines: Vec::new() });
        let report = Report { refusal: Some("No ratios: noise.".to_owned()), ..report(&samples, &machine) };
        let text = markdown(&report);
        assert!(text.contains("| lead of a task, ns | 100 | 2000 | 1000 | 150 | 400 |\n"), "{text}");
        assert!(
            text.contains("No ratios: noise.") && !text.contains("to best peer") && !text.contains("goal"),
            "{text}"
        );
    }
}
