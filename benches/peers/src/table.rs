//! The rows of the comparison and how they are printed: as text, as Markdown, as JSON.

use crate::contender::Kind;
use crate::goals;
use crate::measure::{Machine, Samples};

/// What is measured. Lower is better in every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    Load,
    Lead,
    Leads,
    Units,
    Unknown,
    LedByBusy,
    LedByAny,
    LedBySmall,
    Count,
    SharedCount,
    Shared,
    FreshIdle,
    FreshUnderSynced,
    FreshUnderLazy,
    Synced,
    SyncedByEight,
    Lazy,
    LazyLong,
    OpenClean,
    OpenKilled,
    Replay,
    DiskLoaded,
    DiskEdited,
    ResidentOwn,
    ResidentAll,
}

#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Megabytes,
    Bytes,
}

impl Unit {
    /// Its sign, and by what seconds or bytes are multiplied.
    pub(crate) fn scale(self) -> (&'static str, f64) {
        match self {
            Unit::Nanoseconds => ("ns", 1e9),
            Unit::Microseconds => ("us", 1e6),
            Unit::Milliseconds => ("ms", 1e3),
            Unit::Megabytes => ("MB", 1e-6),
            Unit::Bytes => ("bytes", 1.0),
        }
    }
}

impl Row {
    pub(crate) const ALL: [(Row, &'static str, Unit); 25] = [
        (Row::Load, "bulk load, durable", Unit::Milliseconds),
        (Row::Lead, "lead of a task", Unit::Nanoseconds),
        (Row::Leads, "lead, 64 asked at once, each", Unit::Nanoseconds),
        (Row::Units, "all units of a task", Unit::Nanoseconds),
        (Row::Unknown, "a task that is not there", Unit::Nanoseconds),
        (Row::LedByBusy, "led by a unit drawn by Zipf, a key", Unit::Nanoseconds),
        (Row::LedByAny, "led by any unit, a key", Unit::Nanoseconds),
        (Row::LedBySmall, "led by a unit of 20 tasks, the whole", Unit::Nanoseconds),
        (Row::Count, "how many a unit leads or supports", Unit::Nanoseconds),
        (Row::SharedCount, "led by A and supported by B, count", Unit::Microseconds),
        (Row::Shared, "the same, a key", Unit::Nanoseconds),
        (Row::FreshIdle, "lead from a new snapshot, p50", Unit::Nanoseconds),
        (Row::FreshUnderSynced, "the same beside a durable writer, p50", Unit::Nanoseconds),
        (Row::FreshUnderLazy, "the same beside a lazy writer, p50", Unit::Nanoseconds),
        (Row::Synced, "reassign, durable, p50", Unit::Microseconds),
        (Row::SyncedByEight, "reassign, durable, 8 threads, each", Unit::Microseconds),
        (Row::Lazy, "reassign, lazy", Unit::Microseconds),
        (Row::LazyLong, "the same, a long run at once", Unit::Microseconds),
        (Row::OpenClean, "open, clean", Unit::Milliseconds),
        (Row::OpenKilled, "open, killed while writing", Unit::Milliseconds),
        (Row::Replay, "replay, an edit", Unit::Microseconds),
        (Row::DiskLoaded, "on disk after the load", Unit::Megabytes),
        (Row::DiskEdited, "on disk after the long run", Unit::Megabytes),
        (Row::ResidentOwn, "own memory, a task", Unit::Bytes),
        (Row::ResidentAll, "and mapped pages, a task", Unit::Bytes),
    ];
}

/// Everything a run has to tell.
pub(crate) struct Report<'r> {
    pub(crate) columns: Vec<(&'static str, Kind)>,
    pub(crate) samples: &'r Samples,
    pub(crate) machine: &'r Machine,
    /// How many tasks, units, rounds and so on.
    pub(crate) run: Vec<(&'static str, String)>,
}

impl Report<'_> {
    pub(crate) fn value(&self, row: Row, kind: Kind) -> Option<f64> {
        let values = self.columns.iter().enumerate().filter(|(_, (_, of))| *of == kind);
        let mut values = values.filter_map(|(at, _)| self.samples.median(row, at));
        // The first limit is the one with the quick hasher; of the peers the best is taken.
        if kind == Kind::Peer { values.reduce(f64::min) } else { values.next() }
    }

    pub(crate) fn column(&self, row: Row, name: &str) -> Option<f64> {
        let at = self.columns.iter().position(|(of, _)| *of == name)?;
        self.samples.median(row, at)
    }

    pub(crate) fn ratio(&self, row: Row, to: Kind) -> Option<f64> {
        Some(self.value(row, Kind::Ours)? / self.value(row, to)?)
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        let measured = Row::ALL
            .iter()
            .filter(|(row, ..)| self.columns.iter().enumerate().any(|(at, _)| self.samples.median(*row, at).is_some()));
        measured.map(|(row, label, unit)| {
            let (sign, scale) = unit.scale();
            let figure = |value: Option<f64>| value.map_or_else(String::new, |value| digits(value * scale));
            let mut cells = vec![format!("{label}, {sign}")];
            cells.extend((0..self.columns.len()).map(|at| figure(self.samples.median(*row, at))));
            for to in [Kind::Peer, Kind::Limit] {
                cells.push(self.ratio(*row, to).map_or_else(String::new, digits));
            }
            cells
        })
    }

    fn head(&self) -> Vec<String> {
        let names = self.columns.iter().map(|(name, _)| *name);
        [""].into_iter().chain(names).chain(["to best peer", "to limit"]).map(str::to_owned).collect()
    }

    fn facts(&self) -> impl Iterator<Item = &(&'static str, String)> {
        self.run.iter().chain(&self.machine.lines)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.facts().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
        text.push('\n');
        align(&mut text, &[self.head()].into_iter().chain(self.rows()).collect::<Vec<_>>());
        let goals = goals::lines(self);
        if !goals.is_empty() {
            text.push('\n');
            align(&mut text, &goals);
        }
        text
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let facts: Vec<String> = self.facts().map(|(name, value)| format!("{name}: {value}")).collect();
        text.push_str(&format!("{}.\n\n", facts.join("; ")));
        pipes(&mut text, self.head(), self.rows());
        let mut goals = goals::lines(self).into_iter();
        if let Some(head) = goals.next() {
            text.push('\n');
            pipes(&mut text, head, goals);
        }
        text
    }

    /// Seconds and bytes, not scaled.
    pub(crate) fn json(&self) -> String {
        let facts: Vec<String> = self.facts().map(|(name, value)| format!("{name:?}: {value:?}")).collect();
        let rows: Vec<String> = Row::ALL
            .iter()
            .map(|(row, label, _)| {
                let columns = self.columns.iter().enumerate();
                let values = columns.filter_map(|(at, (name, _))| Some((name, self.samples.median(*row, at)?)));
                let values: Vec<String> = values.map(|(name, value)| format!("{name:?}: {value:e}")).collect();
                format!("    {label:?}: {{{}}}", values.join(", "))
            })
            .collect();
        format!("{{\n  {},\n  \"rows\": {{\n{}\n  }}\n}}", facts.join(",\n  "), rows.join(",\n"))
    }
}

/// Three digits that say something.
pub(crate) fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 99.5 => format!("{value:.0}"),
        size if size >= 9.95 => format!("{value:.1}"),
        size if size >= 0.0995 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// Columns of the same width; the first to the left, the others to the right.
pub(crate) fn align(text: &mut String, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
    for row in rows {
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            text.push_str(&if at == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") });
        }
        text.push('\n');
    }
}

pub(crate) fn pipes(text: &mut String, head: Vec<String>, rows: impl Iterator<Item = Vec<String>>) {
    text.push_str(&format!("| {} |\n| --- |{}\n", head.join(" | "), " ---: |".repeat(head.len().saturating_sub(1))));
    rows.for_each(|row| text.push_str(&format!("| {} |\n", row.join(" | "))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Samples {
        let mut samples = Samples::default();
        for (contender, value) in [(0, 100e-9), (1, 2000e-9), (2, 1000e-9), (3, 150e-9), (4, 400e-9)] {
            samples.add(Row::Lead, contender, value);
        }
        samples
    }

    fn report<'r>(samples: &'r Samples, machine: &'r Machine) -> Report<'r> {
        let columns = vec![
            ("ours", Kind::Ours),
            ("slow", Kind::Peer),
            ("quick", Kind::Peer),
            ("maps", Kind::Limit),
            ("std maps", Kind::Limit),
        ];
        Report { columns, samples, machine, run: vec![("tasks", "7".to_owned())] }
    }

    #[test]
    fn ratios_are_to_the_best_peer_and_to_the_first_limit() {
        let (samples, machine) = (samples(), Machine { lines: Vec::new() });
        let report = report(&samples, &machine);
        assert_eq!(digits(report.ratio(Row::Lead, Kind::Peer).unwrap()), "0.10");
        assert_eq!(digits(report.ratio(Row::Lead, Kind::Limit).unwrap()), "0.67");
        assert_eq!(report.ratio(Row::Load, Kind::Peer), None);
    }

    #[test]
    fn the_markdown_has_a_line_for_each_row_that_was_measured() {
        let (samples, machine) = (samples(), Machine { lines: Vec::new() });
        let text = report(&samples, &machine).markdown();
        assert!(text.contains("| lead of a task, ns | 100 | 2000 | 1000 | 150 | 400 | 0.10 | 0.67 |"), "{text}");
        assert!(!text.contains("bulk load, durable, ms"), "{text}");
    }

    #[test]
    fn figures_have_about_three_digits() {
        assert_eq!([123_456.0, 99.6, 12.34, 0.1234, 0.0056].map(digits), ["123456", "100", "12.3", "0.12", "0.0056"]);
    }

    #[test]
    fn every_row_is_listed_once_and_in_order() {
        assert!(Row::ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
