//! Compares a view with the log, and both directions of the view. Changes nothing.

use crate::commit_log::CommitLog;
use crate::model::{Corrupt, Error, LogError, Result};
use crate::state::{Change, State};
use crate::verify::{Disagreement, Rule};
use crate::view::View;

use super::base::{details_of, each_details};
use super::rebuild::state_at;

/// Lists everything in which a view and its log disagree. Reads the whole log.
pub(crate) fn verify(log: &dyn CommitLog, view: &View) -> Result<Vec<Disagreement>> {
    let mut findings = Findings::default();
    findings.directions(view.state());
    for damage in log.check()? {
        findings.log(&damage);
    }
    findings.states(log, view)?;
    findings.details(log, view)?;
    Ok(findings.list)
}

#[derive(Default)]
struct Findings {
    list: Vec<Disagreement>,
}

impl Findings {
    fn add(&mut self, rule: Rule, key: impl ToString, what: impl ToString) {
        self.list.push(Disagreement { rule, key: key.to_string(), what: what.to_string() });
    }

    fn log(&mut self, damage: &LogError) {
        let rule = if matches!(damage, LogError::Lost { .. }) { Rule::NothingIsLost } else { Rule::LogIsWhole };
        let key = match damage {
            LogError::Damaged { revision, .. } => super::commit::name(*revision),
            _ => "log".to_owned(),
        };
        if !self.list.iter().any(|found| found.rule == rule && found.key == key) {
            self.add(rule, key, damage);
        }
    }

    /// Compares both directions of the view.
    fn directions(&mut self, state: &State) {
        for (unit, role, how) in state.disagreements() {
            let what = format!("the view has other tasks of it as {role} than its tasks make: {how}");
            self.add(Rule::ViewAgrees, state.units.name(unit), what);
        }
    }

    /// Compares the view with the state that the log makes.
    fn states(&mut self, log: &dyn CommitLog, view: &View) -> Result<()> {
        let rebuilt = match state_at(log, view.revision()) {
            Ok((rebuilt, _)) => rebuilt,
            Err(error) => return self.unreadable(error),
        };
        if rebuilt.revision != view.revision() {
            let what = format!("it gives revision {} at most, the view has {}", rebuilt.revision, view.revision());
            self.add(Rule::LogIsWhole, "log", what);
            return Ok(());
        }
        let state = view.state();
        for change in rebuilt.diff(state) {
            for task in change.tasks() {
                let what = "the view has another assignment, or other details, than the log makes";
                self.add(Rule::ViewAgrees, task.key, what);
            }
            match change {
                Change::Unit(unit) => {
                    let either = rebuilt.units.get(unit.unit).or_else(|| state.units.get(unit.unit));
                    let key = either.map_or_else(|| format!("unit {}", unit.unit), |unit| unit.name.to_string());
                    self.add(Rule::ViewAgrees, key, "the view has another unit than the log makes");
                }
                Change::Fact(fact) => {
                    self.add(Rule::ViewAgrees, &fact.key, "the view has another fact than the log makes");
                }
                Change::Tasks(_) => {}
            }
        }
        Ok(())
    }

    /// Looks for the details of all tasks.
    fn details(&mut self, log: &dyn CommitLog, view: &View) -> Result<()> {
        let mut missing = details_of(view.state());
        let read = each_details(log, &mut |id, _| {
            missing.remove(&id);
            Ok(())
        });
        if let Err(error) = read {
            self.unreadable(error)?;
        }
        if missing.is_empty() {
            return Ok(());
        }
        for task in view.tasks().tasks().filter(|task| missing.contains(&task.record().detail())) {
            // Where the log is damaged before them they may still be found.
            match task.details() {
                Ok(_) => {}
                Err(why @ (Error::Corrupt(_) | Error::Log(_))) => self.add(Rule::DetailsAreThere, task.key(), why),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Notes what can't be read; other errors are returned.
    fn unreadable(&mut self, error: Error) -> Result<()> {
        match error {
            Error::Corrupt(Corrupt::Row { key, why }) => {
                if !self.list.iter().any(|found| found.key == key) {
                    self.add(Rule::LogIsWhole, key, why);
                }
                Ok(())
            }
            Error::Log(damage) => {
                self.log(&damage);
                Ok(())
            }
            other => Err(other),
        }
    }
}
