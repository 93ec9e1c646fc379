//! Pressure on the processors (PSI): the share of time in which some task of the machine was ready and had to wait. It
//! tells a quiet run from one during which others used the machine. Knows no contender.

use std::fs;
use std::time::Instant;

/// The share above which a run is too noisy for ratios. A quiet run is not at nothing, since contenders have threads of
/// their own that share the cores with the one that is timed.
const NOISY: f64 = 0.20;

const FILE: &str = "/proc/pressure/cpu";

/// One look at the file.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    at: Instant,
    /// Percent over the last ten seconds.
    avg10: f64,
    /// Seconds waited since the machine was started.
    waited: f64,
}

/// None where the system has no such file.
pub(crate) fn look() -> Option<Look> {
    let (avg10, waited) = parse(&fs::read_to_string(FILE).ok()?)?;
    Some(Look { at: Instant::now(), avg10, waited })
}

/// The figures of the line `some`: the mean over ten seconds, and the total as seconds.
fn parse(text: &str) -> Option<(f64, f64)> {
    let line = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let field = |name: &str| -> Option<f64> {
        line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?.parse().ok()
    };
    Some((field("avg10")?, field("total")? / 1e6))
}

/// Seconds waited, and seconds that passed meanwhile.
#[derive(Clone, Copy, Default)]
struct Waited {
    waited: f64,
    passed: f64,
}

impl Waited {
    fn since(before: Option<Look>) -> Option<Waited> {
        let (before, now) = before.zip(look())?;
        Some(Waited { waited: now.waited - before.waited, passed: (now.at - before.at).as_secs_f64() })
    }

    fn less(self, other: Waited) -> Waited {
        Waited { waited: self.waited - other.waited, passed: self.passed - other.passed }
    }

    fn share(self) -> f64 {
        if self.passed > 0.0 { (self.waited / self.passed).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// The pressure over the rounds of a run.
pub(crate) struct Pressure {
    before: Option<Look>,
    /// Rounds in their order, each with its phase.
    rounds: Vec<(&'static str, Waited)>,
    left_out: Waited,
}

impl Pressure {
    pub(crate) fn new() -> Pressure {
        Pressure { before: look(), rounds: Vec::new(), left_out: Waited::default() }
    }

    /// Adds a round that has just ended.
    pub(crate) fn add(&mut self, phase: &'static str, begin: Option<Look>) {
        let left_out = std::mem::take(&mut self.left_out);
        self.rounds.extend(Waited::since(begin).map(|waited| (phase, waited.less(left_out))));
    }

    /// Leaves out a part of the present round in which threads of this program itself wait for each other's cores.
    pub(crate) fn leave_out(&mut self, begin: Option<Look>) {
        if let Some(Waited { waited, passed }) = Waited::since(begin) {
            self.left_out.waited += waited;
            self.left_out.passed += passed;
        }
    }

    /// The share over all rounds; none where the system does not tell.
    fn share(&self) -> Option<f64> {
        let all = self.rounds.iter().fold(Waited::default(), |all, (_, round)| Waited {
            waited: all.waited + round.waited,
            passed: all.passed + round.passed,
        });
        (!self.rounds.is_empty()).then(|| all.share())
    }

    /// What a report says of the pressure.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let Some(share) = self.share() else { return vec![("pressure", "unknown".to_owned())] };
        let avg10 = |look: Option<Look>| look.map_or_else(|| "unknown".to_owned(), |look| format!("{:.1}", look.avg10));
        let run =
            format!("{:.1} % of the run; avg10 {} before, {} after", 100.0 * share, avg10(self.before), avg10(look()));
        vec![("pressure, some", run), ("pressure of each round, %", self.by_phase())]
    }

    fn by_phase(&self) -> String {
        let same = |one: &(&str, Waited), other: &(&str, Waited)| one.0 == other.0;
        let phase = |rounds: &[(&str, Waited)]| {
            let shares: Vec<String> = rounds.iter().map(|(_, round)| format!("{:.0}", 100.0 * round.share())).collect();
            format!("{} {}", rounds.first().map_or("", |(phase, _)| phase), shares.join(" "))
        };
        self.rounds.chunk_by(same).map(phase).collect::<Vec<_>>().join(", ")
    }

    /// Why a report gives no ratios, where it gives none.
    pub(crate) fn refusal(&self) -> Option<String> {
        let share = self.share().filter(|share| *share > NOISY)?;
        Some(format!(
            "No ratios: some task had to wait for a processor for {:.0} % of the run, and above {:.0} % ratios are \
             those of the noise. Repeat the run on a quiet machine, or print them with --noisy.",
            100.0 * share,
            100.0 * NOISY
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rounds: &[(&'static str, f64, f64)]) -> Pressure {
        let rounds = rounds.iter().map(|(phase, waited, passed)| (*phase, Waited { waited: *waited, passed: *passed }));
        Pressure { before: None, rounds: rounds.collect(), left_out: Waited::default() }
    }

    #[test]
    fn the_line_some_is_read() {
        let text =
            "some avg10=9.20 avg60=10.26 avg300=12.95 total=18634314808\nfull avg10=0.00 avg60=0 avg300=0 total=0\n";
        assert_eq!(parse(text), Some((9.2, 18_634.314_808)));
        assert_eq!(parse("full avg10=0.00 total=0\n"), None);
        assert_eq!(parse("some avg10=many total=0\n"), None);
    }

    #[test]
    fn a_run_is_refused_by_its_whole_share_and_not_by_one_round() {
        assert_eq!(of(&[("load", 3.0, 10.0), ("reads", 0.0, 10.0)]).refusal(), None);
        let refusal = of(&[("load", 6.0, 10.0), ("reads", 0.0, 10.0)]).refusal().unwrap();
        assert!(refusal.contains("30 % of the run") && refusal.contains("--noisy"), "{refusal}");
    }

    #[test]
    fn rounds_are_listed_by_phase() {
        assert_eq!(
            of(&[("load", 3.0, 10.0), ("load", 0.0, 0.0), ("reads", 0.5, 10.0)]).by_phase(),
            "load 30 0, reads 5"
        );
    }

    #[test]
    fn where_the_system_does_not_tell_the_report_says_so_and_gives_ratios() {
        assert_eq!(of(&[]).facts(), [("pressure", "unknown".to_owned())]);
        assert_eq!(of(&[]).refusal(), None);
    }
}
