//! Facts other than tasks and units, as rows, bases and entries have them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{Revision, UnitId};
use crate::model::{Answer, Due, check_obligation_name};
use crate::state::{Fact, Lineage, Obligation, OwedBy, Report, ReportKey};

use super::days::{DayV1, day_of, day_row};
use super::rows::DetailsV1;

/// The facts of one bucket, by rising keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FactsV1 {
    pub(crate) facts: Vec<FactV1>,
}

/// One fact with its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FactV1 {
    Lineage { number: u32, from: Vec<UnitId>, to: Vec<UnitId>, day: Option<DayV1>, revision: Revision },
    Obligation(Box<ObligationV1>),
    Report { obligation: String, due: DayV1, unit: UnitId, answer: AnswerV1, details: Option<Box<DetailsV1>> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObligationV1 {
    name: String,
    owed_by: Vec<OwedByV1>,
    to: Option<UnitId>,
    copies: Vec<UnitId>,
    due: DueV1,
    from: Option<DayV1>,
    until: Option<DayV1>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OwedByV1 {
    LeadsBelow(String),
    MembersOf(UnitId),
    Unit(UnitId),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DueV1 {
    Yearly(Vec<(i8, i8)>),
    On(Vec<DayV1>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AnswerV1 {
    Received(DayV1),
    Excused,
    Extended(DayV1),
}

impl FactV1 {
    pub(crate) fn of(fact: &Fact) -> FactV1 {
        match fact {
            Fact::Lineage(number, lineage) => {
                let Lineage { from, to, day, revision } = lineage.clone();
                FactV1::Lineage { number: *number, from, to, day: day.map(day_row), revision }
            }
            Fact::Obligation(name, obligation) => FactV1::Obligation(Box::new(obligation_row(name, obligation))),
            Fact::Report(ReportKey { obligation, due, unit }, report) => {
                let answer = match report.answer {
                    Answer::Received(day) => AnswerV1::Received(day_row(day)),
                    Answer::Excused => AnswerV1::Excused,
                    Answer::Extended(day) => AnswerV1::Extended(day_row(day)),
                };
                let details = DetailsV1::from(&*report.details);
                let details = (!details.is_empty()).then(|| Box::new(details));
                FactV1::Report { obligation: obligation.to_string(), due: day_row(*due), unit: *unit, answer, details }
            }
        }
    }

    /// The fact, if its days are in the calendar and its name is valid.
    pub(crate) fn fact(&self) -> Result<Fact, String> {
        match self {
            FactV1::Lineage { number, from, to, day, revision } => {
                let day = day.map(day_of).transpose()?;
                Ok(Fact::Lineage(*number, Lineage { from: from.clone(), to: to.clone(), day, revision: *revision }))
            }
            FactV1::Obligation(row) => {
                check_obligation_name(&row.name).map_err(|why| why.to_string())?;
                Ok(Fact::Obligation(row.name.as_str().into(), obligation(row)?))
            }
            FactV1::Report { obligation, due, unit, answer, details } => {
                check_obligation_name(obligation).map_err(|why| why.to_string())?;
                let answer = match *answer {
                    AnswerV1::Received(day) => Answer::Received(day_of(day)?),
                    AnswerV1::Excused => Answer::Excused,
                    AnswerV1::Extended(day) => Answer::Extended(day_of(day)?),
                };
                let details = details.as_ref().map(|details| Arc::new((**details).clone().into())).unwrap_or_default();
                let key = ReportKey { obligation: obligation.as_str().into(), due: day_of(*due)?, unit: *unit };
                Ok(Fact::Report(key, Report { answer, details }))
            }
        }
    }
}

fn obligation_row(name: &str, obligation: &Obligation) -> ObligationV1 {
    let Obligation { owed_by, to, copies, due, from, until } = obligation;
    let owed_by = owed_by.iter().map(|owed_by| match owed_by {
        OwedBy::LeadsBelow(prefix) => OwedByV1::LeadsBelow(prefix.to_string()),
        OwedBy::MembersOf(unit) => OwedByV1::MembersOf(*unit),
        OwedBy::Unit(unit) => OwedByV1::Unit(*unit),
    });
    let due = match due {
        Due::Yearly(days) => DueV1::Yearly(days.clone()),
        Due::On(days) => DueV1::On(days.iter().map(|day| day_row(*day)).collect()),
    };
    ObligationV1 {
        name: name.to_owned(),
        owed_by: owed_by.collect(),
        to: *to,
        copies: copies.clone(),
        due,
        from: from.map(day_row),
        until: until.map(day_row),
    }
}

fn obligation(row: &ObligationV1) -> Result<Obligation, String> {
    let owed_by = row.owed_by.iter().map(|owed_by| match owed_by {
        OwedByV1::LeadsBelow(prefix) => OwedBy::LeadsBelow(prefix.as_str().into()),
        OwedByV1::MembersOf(unit) => OwedBy::MembersOf(*unit),
        OwedByV1::Unit(unit) => OwedBy::Unit(*unit),
    });
    let due = match &row.due {
        DueV1::Yearly(days) => Due::Yearly(days.clone()),
        DueV1::On(days) => Due::On(days.iter().map(|day| day_of(*day)).collect::<Result<_, _>>()?),
    };
    due.check().map_err(|why| why.to_string())?;
    Ok(Obligation {
        owed_by: owed_by.collect(),
        to: row.to,
        copies: row.copies.clone(),
        due,
        from: row.from.map(day_of).transpose()?,
        until: row.until.map(day_of).transpose()?,
    })
}

/// The facts of some buckets, by bucket and rising key: one pass over all facts.
pub(crate) fn by_bucket<'f>(
    facts: impl Iterator<Item = &'f Arc<Fact>>,
    wanted: impl Fn(u32) -> bool,
) -> BTreeMap<u32, FactsV1> {
    let mut buckets: BTreeMap<u32, FactsV1> = BTreeMap::new();
    for fact in facts {
        let bucket = fact.key().bucket();
        if wanted(bucket) {
            buckets.entry(bucket).or_default().facts.push(FactV1::of(fact));
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::Details;
    use crate::state::FactKey;

    #[test]
    fn facts_come_back_and_bad_ones_do_not() {
        let day = date(2018, 11, 5);
        let report = |unit, answer, details| {
            let key = ReportKey { obligation: "yearly".into(), due: day, unit };
            Fact::Report(key, Report { answer, details: Arc::new(details) })
        };
        let obligation = Obligation {
            owed_by: vec![OwedBy::LeadsBelow("plan/".into()), OwedBy::MembersOf(3), OwedBy::Unit(4)],
            to: Some(5),
            copies: vec![6],
            due: Due::yearly([(11, 30)]),
            from: Some(day),
            until: None,
        };
        let once = Obligation { due: Due::on([day]), from: None, until: Some(day), ..obligation.clone() };
        let facts = [
            Fact::Lineage(7, Lineage { from: vec![1, 2], to: vec![3], day: Some(day), revision: 9 }),
            Fact::Obligation("yearly".into(), obligation),
            Fact::Obligation("once".into(), once),
            report(1, Answer::Received(day), Details::titled("title")),
            report(2, Answer::Excused, Details::default()),
            report(3, Answer::Extended(day), Details::default()),
        ];
        for fact in facts {
            assert_eq!(FactV1::of(&fact).fact(), Ok(fact));
        }
        let (obligation, due, details) = (String::new(), (2018, 11, 5), None);
        let nameless = FactV1::Report { obligation, due, unit: 1, answer: AnswerV1::Excused, details };
        assert!(nameless.fact().is_err());
        let never = FactV1::Lineage { number: 1, from: vec![], to: vec![], day: Some((2018, 13, 1)), revision: 1 };
        assert!(never.fact().is_err());
    }

    /// Rows that were written are found again only while a key keeps its bucket.
    #[test]
    fn the_bucket_of_a_key_is_part_of_the_format() {
        let report = FactKey::Report(ReportKey { obligation: "yearly".into(), due: date(2018, 11, 30), unit: 3 });
        let keys = [FactKey::Lineage(0), FactKey::Obligation("yearly".into()), report];
        assert_eq!(keys.map(|key| key.bucket()), [639, 776, 277]);
    }
}
