//! The figures of one comparison and how they relate to each other. Knows neither goals nor formats.

use crate::contender::Kind;
use crate::measure::{Machine, Samples};
use crate::row::Row;

/// The figures of a comparison, with the facts that belong to them.
pub(crate) struct Report<'r> {
    pub(crate) columns: Vec<(&'static str, Kind)>,
    pub(crate) samples: &'r Samples,
    pub(crate) machine: &'r Machine,
    /// Why no ratios are given, where none are.
    pub(crate) refusal: Option<String>,
    /// The sizes of the run: tasks, units, rounds and so on.
    pub(crate) run: Vec<(&'static str, String)>,
}

impl Report<'_> {
    /// Returns the median of a row: ours, of the best peer, of the rival, or of the first limit.
    pub(crate) fn value(&self, row: Row, kind: Kind) -> Option<f64> {
        let values = self.columns.iter().enumerate().filter(|(_, (_, of))| *of == kind);
        let mut values = values.filter_map(|(at, _)| self.samples.median(row, at));
        // The first limit has the quick hasher.
        if kind == Kind::Peer { values.reduce(f64::min) } else { values.next() }
    }

    /// Returns the median of a row in the column of that name.
    pub(crate) fn column(&self, row: Row, name: &str) -> Option<f64> {
        let at = self.columns.iter().position(|(of, _)| *of == name)?;
        self.samples.median(row, at)
    }

    /// Returns our figure divided by that of the best peer, of the rival or of the first limit.
    pub(crate) fn ratio(&self, row: Row, to: Kind) -> Option<f64> {
        let ratio = self.value(row.ours(), Kind::Ours)? / self.value(row, to)?;
        // Where both are nothing, as with commits above 5 ms, there is no ratio.
        ratio.is_finite().then_some(ratio)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::layout::digits;

    pub(crate) fn samples() -> Samples {
        let mut samples = Samples::default();
        for (contender, value) in [(0, 100e-9), (1, 2000e-9), (2, 1000e-9), (3, 150e-9), (4, 400e-9)] {
            samples.add(Row::Lead, contender, value);
        }
        samples
    }

    pub(crate) fn report<'r>(samples: &'r Samples, machine: &'r Machine) -> Report<'r> {
        let columns = vec![
            ("ours", Kind::Ours),
            ("slow", Kind::Peer),
            ("quick", Kind::Peer),
            ("maps", Kind::Limit),
            ("std maps", Kind::Limit),
        ];
        Report { columns, samples, machine, refusal: None, run: vec![("tasks", "7".to_owned())] }
    }

    #[test]
    fn ratios_are_to_the_best_peer_and_to_the_first_limit() {
        let (samples, machine) = (samples(), Machine { lines: Vec::new() });
        let report = report(&samples, &machine);
        assert_eq!(digits(report.ratio(Row::Lead, Kind::Peer).unwrap()), "0.10");
        assert_eq!(digits(report.ratio(Row::Lead, Kind::Limit).unwrap()), "0.67");
        assert_eq!(report.ratio(Row::Load, Kind::Peer), None);
    }
}
