//! Who owes a report and whose is missing: against a model that looks at every task, and on the plan of 2016.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use responsibility_index::notice::Notice;
use responsibility_index::reform::Reform;
use responsibility_index::report::{Answer, Due, Obligation, OwedBy, Report, Why};
use responsibility_index::{Index, InputError, Role, UnitKind, View};

use crate::common::{Numbers, input_error};
use crate::exported;
use crate::rules::plan_of_2016;

const NAME: &str = "fujian-2016/yearly";
const DUE: Date = date(2016, 11, 30);

/// The obligation that the plan of 2016 states.
fn yearly() -> Obligation {
    let lines = include_str!("../../seeds/fujian-2016-yearly.jsonl");
    serde_json::from_str(lines.lines().next().unwrap()).unwrap()
}

fn received(unit: &str, due: Date, day: Date) -> Report {
    Report::new(NAME, unit, due, Answer::Received(day))
}

fn missing(view: &View, due: Date) -> Vec<String> {
    let owed = view.owed(NAME, due).unwrap();
    owed.iter().filter(|owed| owed.is_missing()).map(|owed| owed.unit.name().to_owned()).collect()
}

#[test]
fn fourteen_units_that_lead_owe_the_report_of_2016_and_the_cities_once_they_are_known() {
    let index = plan_of_2016();
    index.batch().set_obligation(yearly()).commit().unwrap();
    let view = index.view();
    let owed = view.owed(NAME, DUE).unwrap();
    let leads: Vec<_> = owed.iter().filter(|owed| matches!(owed.why, Why::Leads(_))).collect();
    assert_eq!((leads.len(), owed.len()), (14, 16));
    assert!(leads.iter().any(|owed| owed.unit.name() == "省科技厅" && owed.why == Why::Leads(15)));
    let cities = owed.iter().find(|owed| owed.unit.name() == "各设区市人民政府").unwrap();
    assert!(matches!(cities.why, Why::MemberOf(_)), "a collective without members is its own body");

    index.batch().set_members("各设区市人民政府", ["福州市", "厦门市", "莆田市"]).commit().unwrap();
    let view = index.view();
    assert_eq!(view.owed(NAME, DUE).unwrap().len(), 18);
    assert_eq!(view.obligation(NAME).unwrap().value(), yearly());
    assert_eq!(view.next_due(DUE), [(NAME, date(2017, 11, 30))]);
    assert_eq!(missing(&view, DUE).len(), 18);
    assert!(view.overdue(DUE).is_empty(), "the due day itself is in time");
    assert_eq!(view.overdue(date(2016, 12, 1)).len(), 18);
    assert_eq!(view.overdue(date(2017, 12, 1)).len(), 36);

    index
        .batch()
        .report(received("省科技厅", DUE, date(2016, 11, 30)))
        .report(received("省教育厅", DUE, date(2016, 12, 5)))
        .report(Report::new(NAME, "省科协", DUE, Answer::Excused))
        .report(Report::new(NAME, "福州市", DUE, Answer::Extended(date(2016, 12, 15))))
        .report(received("省国资委", DUE, date(2016, 11, 1)))
        .commit()
        .unwrap();
    let view = index.view();
    let owed = view.owed(NAME, DUE).unwrap();
    let late: Vec<&str> = owed.iter().filter(|owed| owed.is_late()).map(|owed| owed.unit.name()).collect();
    assert_eq!(late, ["省教育厅"]);
    assert_eq!(missing(&view, DUE).len(), 15);
    assert_eq!(view.overdue(date(2016, 12, 15)).len(), 14, "one has time until that day");
    assert_eq!(view.overdue(date(2016, 12, 16)).len(), 15);
    let unasked = view.unasked(NAME, DUE).unwrap();
    assert_eq!(unasked.iter().map(|report| report.unit.as_str()).collect::<Vec<_>>(), ["省国资委"]);
    assert_eq!(view.reports_of("省教育厅").unwrap(), [received("省教育厅", DUE, date(2016, 12, 5))]);
    assert_eq!(view.reports().count(), 5);
    index.batch().withdraw_report(NAME, "省教育厅", DUE).commit().unwrap();
    assert!(missing(&index.view(), DUE).contains(&"省教育厅".to_owned()));
}

#[test]
fn a_merger_in_mid_year_moves_the_debt_and_shows_what_came_before() {
    let index = plan_of_2016();
    index.batch().set_obligation(yearly()).commit().unwrap();
    let due = date(2018, 11, 30);
    let filed = received("省质监局", due, date(2018, 6, 1));
    index.batch().report(filed.clone()).commit().unwrap();
    let market = Reform::of(["省质监局", "省工商局", "省食品药品监管局"]).becomes(["省市场监管局"]);
    index
        .batch()
        .in_force_from(date(2018, 11, 5))
        .reform(market)
        .reform(Reform::of(["省科技厅"]).becomes(["省科学技术厅"]))
        .commit()
        .unwrap();
    index.batch().report(received("省科学技术厅", due, date(2018, 11, 29))).commit().unwrap();
    let now = index.view();
    let owed = now.owed(NAME, due).unwrap();
    let of = |name: &str| owed.iter().find(|owed| owed.unit.name() == name);
    assert!(of("省质监局").is_none());
    let successor = of("省市场监管局").unwrap();
    assert!(successor.is_missing() && successor.report.is_none());
    assert_eq!(successor.earlier, std::slice::from_ref(&filed));
    assert!(!of("省科学技术厅").unwrap().is_missing(), "a unit that is renamed is the same unit");

    // Before the reform, and on its day.
    for (day, debtor) in [(date(2017, 11, 30), "省质监局"), (date(2018, 11, 5), "省市场监管局")] {
        let then = index.view_on(day).unwrap().with_reports_of(&now);
        let owed = then.owed(NAME, due).unwrap();
        let owed = owed.iter().find(|owed| owed.unit.name() == debtor).unwrap();
        let expected = if debtor == "省质监局" { (Some(&filed), 0) } else { (None, 1) };
        assert_eq!((owed.report.as_ref(), owed.earlier.len()), expected);
    }
}

#[test]
fn recipients_and_named_debtors_go_to_their_successors() {
    let index = Index::in_memory();
    index.batch().set_members("Cities", ["Fuzhou"]).assign("plan/1", ["A"]).commit().unwrap();
    let obligation =
        Obligation::new("o", Due::on([DUE])).units(["A", "B"]).members_of("Cities").to("A").copy("B").copy("C");
    index.batch().set_obligation(obligation).commit().unwrap();
    let value = |index: &Index| index.view().obligation("o").unwrap().value();
    index.batch().reform(Reform::of(["A", "B"]).becomes(["AB"])).commit().unwrap();
    let unit = |name: &str| OwedBy::Unit(name.to_owned());
    let cities = || OwedBy::MembersOf("Cities".to_owned());
    let now = value(&index);
    assert_eq!(
        (now.owed_by, now.to.as_deref(), now.copies),
        (vec![unit("AB"), cities()], Some("AB"), vec!["AB".into(), "C".into()])
    );
    index.batch().reform(Reform::of(["AB"]).becomes(["X", "Y"]).rest("X")).commit().unwrap();
    let now = value(&index);
    assert_eq!(now.owed_by, [unit("X"), unit("Y"), cities()]);
    assert_eq!(now.to.as_deref(), Some("AB"), "with two results nobody knows which one gets the reports");
    index.batch().reform(Reform::of(["X"])).commit().unwrap_err();
    index.batch().reform(Reform::of(["Y"])).commit().unwrap();
    assert_eq!(value(&index).owed_by, [unit("X"), cities()], "a unit that is abolished owes nothing");
    assert!(index.batch().remove_unit("C").commit().unwrap_err().to_string().contains("obligation \"o\" names it"));
}

#[test]
fn a_split_collective_owes_through_all_results_and_a_named_supporter_not_as_a_lead() {
    let index = Index::in_memory();
    let obligation = Obligation::new("o", Due::on([DUE])).members_of("G").leads_below("p");
    index.batch().set_members("G", ["A", "B"]).set_obligation(obligation).commit().unwrap();
    index.assign("p/1", ["G", "A"]).unwrap();
    let why = |unit: &str| {
        let view = index.view();
        let owed = view.owed("o", DUE).unwrap();
        owed.iter().find(|owed| owed.unit.name() == unit).map(|owed| rank(owed.why))
    };
    assert_eq!((why("A"), why("B")), (Some(2), Some(1)), "A supports by name, so it owes as a member only");
    index.batch().reform(Reform::of(["G"]).becomes(["K", "L"]).rest("K")).commit().unwrap();
    index.batch().set_members("K", ["A"]).set_members("L", ["C"]).commit().unwrap();
    assert_eq!((why("A"), why("B"), why("C")), (Some(2), None, Some(2)));
}

#[test]
fn reports_of_units_and_obligations_that_are_gone_can_be_withdrawn() {
    let index = Index::in_memory();
    let obligation = || Obligation::new("o", Due::on([DUE])).units(["A", "B"]);
    let report = |unit: &str| Report::new("o", unit, DUE, Answer::Excused);
    index.batch().set_obligation(obligation()).report(report("A")).report(report("B")).commit().unwrap();
    let older = index.view();
    index.batch().create_unit("X", UnitKind::Body).reform(Reform::of(["A"]).becomes(["X"])).commit().unwrap();
    assert_eq!(index.view().reports_of("A").unwrap(), [report("A")]);
    index.batch().withdraw_report("o", "A", DUE).remove_obligation("o").commit().unwrap();
    index.batch().withdraw_report("o", "B", DUE).remove_unit("B").commit().unwrap();
    assert_eq!(index.view().reports().count(), 0);
    // Reports of units that a view does not have are left out of it.
    let composed = index.view().with_reports_of(&older);
    assert_eq!(composed.reports().map(|report| report.unit).collect::<Vec<_>>(), ["A"]);
    assert_eq!(exported(&composed).lines().filter(|line| line.starts_with("{\"report\"")).count(), 1);
}

#[test]
fn bad_obligations_and_reports_are_refused_with_the_value() {
    let index = Index::in_memory();
    index
        .batch()
        .assign("plan/1", ["A"])
        .set_obligation(Obligation::new("o", Due::yearly([(11, 30)])).from(date(2016, 1, 1)).until(date(2018, 1, 1)))
        .commit()
        .unwrap();
    let message = |batch: responsibility_index::Batch<'_>| {
        let before = exported(&index.view());
        let error = batch.commit().unwrap_err();
        assert_eq!(exported(&index.view()), before);
        error.to_string()
    };
    let set = |obligation: Obligation| message(index.batch().set_obligation(obligation));
    let first = date(2016, 1, 1);
    assert_eq!(
        set(Obligation::new("p", Due::yearly([(11, 30)]))),
        "obligation \"p\" is due every year: it needs a first day"
    );
    assert_eq!(set(Obligation::new("p", Due::yearly([(13, 1)])).from(first)), "there is no day 1 of month 13");
    assert_eq!(set(Obligation::new("p", Due::yearly([(11, 32)])).from(first)), "there is no day 32 of month 11");
    assert_eq!(set(Obligation::new("p", Due::on([]))), "the list of due days is empty");
    assert_eq!(set(Obligation::new("", Due::on([first]))), "the name of an obligation is empty");
    let backwards = Obligation::new("p", Due::on([first])).from(first).until(date(2015, 1, 1));
    assert_eq!(set(backwards), "obligation \"p\" ends on 2015-01-01, before its first day 2016-01-01");
    assert_eq!(
        set(Obligation::new("p", Due::on([first])).leads_below("p//")),
        "the prefix \"p//\" ends with more than one slash"
    );
    let body = Obligation::new("p", Due::on([first])).members_of("A");
    assert_eq!(set(body), "unit \"A\" is a body: only a collective has members");

    let report = |name: &str, unit: &str, due: Date| {
        message(index.batch().report(Report::new(name, unit, due, Answer::Excused)))
    };
    assert_eq!(
        report("o", "A", date(2017, 11, 29)),
        "obligation \"o\" is not due on 2017-11-29; the nearest due day is 2017-11-30"
    );
    assert_eq!(
        report("o", "A", date(2018, 11, 30)),
        "obligation \"o\" is not due on 2018-11-30; the nearest due day is 2017-11-30"
    );
    assert_eq!(report("oo", "A", DUE), "there is no obligation \"oo\"");
    assert_eq!(report("o", "Z", DUE), "no unit is called \"Z\"");
    let gone = message(index.batch().withdraw_report("o", "A", DUE));
    assert_eq!(gone, "unit \"A\" has no report on obligation \"o\" for 2016-11-30");
    assert_eq!(message(index.batch().remove_obligation("oo")), "there is no obligation \"oo\"");
    let error = input_error(index.view().owed("ö", DUE).unwrap_err()).1;
    assert!(matches!(error, InputError::UnknownObligation { .. }));
    // Nobody owes it: that is allowed, and visible.
    assert_eq!(index.view().owed("o", DUE).unwrap(), []);
    index.batch().remove_obligation("o").commit().unwrap();
    assert_eq!(index.view().obligations().count(), 0);
}

#[test]
fn the_sentence_of_a_notice_becomes_an_obligation_when_it_is_asked_to() {
    let text = "各设区市人民政府、平潭综合实验区管委会和省直各牵头单位要根据本任务分工，认真研究制定具体实施办法。并于每年的11月底前将\
                贯彻落实情况向省政府报告，同时抄送省创新发展厅际联席会议办公室。";
    let notice = Notice::read(text);
    let report = notice.yearly_reports().next().unwrap();
    assert_eq!(report.obligation(NAME, "fujian-2016", date(2016, 3, 28)).due, Due::yearly([(11, 30)]));
    let mut found = report.obligation(NAME, "fujian-2016", date(2016, 3, 28));
    let rules: BTreeSet<String> = found.owed_by.iter().map(|owed_by| format!("{owed_by:?}")).collect();
    assert_eq!(rules, yearly().owed_by.iter().map(|owed_by| format!("{owed_by:?}")).collect());
    found.owed_by = yearly().owed_by;
    assert_eq!(found, yearly());
    assert_eq!(
        notice.findings().filter(|finding| finding.to_string().contains("due on 11-30 of every year")).count(),
        1
    );
}

const UNITS: &[&str] = &["A", "B", "C", "D", "G", "H"];
const TASKS: &[&str] = &["p/1", "p/1/1", "p/2", "q/1", "q/2"];

/// Random tasks, collectives, obligations, reports: every answer is computed again from all tasks.
#[test]
fn who_owes_agrees_with_a_model_that_looks_at_every_task() {
    for seed in 0..40 {
        let mut numbers = Numbers::new(seed);
        let index = Index::in_memory();
        let groups = index.batch().set_members("H", ["C", "D"]).set_kind("H", UnitKind::Collective);
        groups.set_members("G", ["H", "B"]).create_unit("A", UnitKind::Body).commit().unwrap();
        let (mut obligations, mut reports) = (BTreeMap::new(), BTreeMap::new());
        for _ in 0..40 {
            let unit = *numbers.pick(UNITS);
            let batch = match numbers.below(6) {
                0..3 => {
                    let mut units: Vec<&str> = (0..1 + numbers.below(3)).map(|_| *numbers.pick(UNITS)).collect();
                    let mut seen = BTreeSet::new();
                    units.retain(|unit| seen.insert(*unit));
                    index.batch().assign(*numbers.pick(TASKS), units)
                }
                3 => {
                    let obligation = obligation(&mut numbers);
                    obligations.insert(obligation.name.clone(), obligation.clone());
                    index.batch().set_obligation(obligation)
                }
                _ => {
                    let Some(obligation) = obligations.values().nth(numbers.below(obligations.len().max(1))) else {
                        continue;
                    };
                    let days: Vec<Date> = days(obligation).collect();
                    if days.is_empty() {
                        continue;
                    }
                    let due = *numbers.pick(&days);
                    let day = date(2016 + numbers.below(4) as i16, 1 + numbers.below(12) as i8, 15);
                    let answer = *numbers.pick(&[Answer::Received(day), Answer::Excused, Answer::Extended(day)]);
                    reports.insert((obligation.name.clone(), due, unit), answer);
                    index.batch().report(Report::new(&obligation.name, unit, due, answer))
                }
            };
            batch.commit().unwrap();
        }
        let view = index.view();
        for on in [date(2016, 1, 1), date(2017, 6, 1), date(2020, 1, 1)] {
            let mut overdue = BTreeSet::new();
            for obligation in obligations.values() {
                let debtors = debtors(&view, obligation);
                for due in days(obligation) {
                    let owed = view.owed(&obligation.name, due).unwrap();
                    let found: BTreeMap<&str, u8> =
                        owed.iter().map(|owed| (owed.unit.name(), rank(owed.why))).collect();
                    assert_eq!(found, debtors, "seed {seed}: {obligation:?}");
                    let answers = owed.iter().map(|owed| owed.report.as_ref().map(|report| report.answer));
                    let expected =
                        owed.iter().map(|owed| reports.get(&(obligation.name.clone(), due, owed.unit.name())).copied());
                    assert!(answers.eq(expected));
                    let asked = reports.keys().filter(|(name, day, _)| (name, *day) == (&obligation.name, due));
                    let unasked = asked.filter(|(.., unit)| !debtors.contains_key(unit)).count();
                    assert_eq!(view.unasked(&obligation.name, due).unwrap().len(), unasked);
                    for unit in debtors.keys() {
                        let answer = reports.get(&(obligation.name.clone(), due, *unit));
                        let open = match answer {
                            Some(Answer::Received(_) | Answer::Excused) => false,
                            Some(Answer::Extended(until)) => due < on && *until < on,
                            _ => due < on,
                        };
                        if open {
                            overdue.insert((obligation.name.clone(), due, *unit));
                        }
                    }
                }
            }
            let found = view.overdue(on);
            let found: BTreeSet<_> =
                found.iter().map(|owed| (owed.obligation.to_owned(), owed.due, owed.unit.name())).collect();
            assert_eq!(found, overdue, "seed {seed}, {on}");
        }
        let copy = Index::in_memory();
        copy.import_jsonl(exported(&view).as_bytes()).unwrap();
        assert_eq!(exported(&copy.view()), exported(&view));
    }
}

fn obligation(numbers: &mut Numbers) -> Obligation {
    let due = match numbers.below(2) {
        0 => Due::yearly([(11, 31), (2, 30)]),
        _ => Due::on([date(2016, 6, 30), date(2018, 2, 28)]),
    };
    let mut obligation = Obligation::new(*numbers.pick(&["o", "oo", "p"]), due).from(date(2016, 3, 1));
    if numbers.one_in(2) {
        obligation = obligation.until(date(2018, 11, 30));
    }
    for _ in 0..numbers.below(4) {
        obligation = match numbers.below(3) {
            0 => obligation.leads_below(*numbers.pick(&["p", "p/1/", "q", "q/2", "none"])),
            1 => obligation.members_of(*numbers.pick(&["G", "H"])),
            _ => obligation.units([*numbers.pick(UNITS)]),
        };
    }
    obligation
}

/// The due days up to the end of 2019.
fn days(obligation: &Obligation) -> impl Iterator<Item = Date> + use<> {
    let (from, until) = (obligation.from.unwrap(), obligation.until.unwrap_or(date(2019, 12, 31)));
    let all: Vec<Date> = match &obligation.due {
        Due::Yearly(_) => {
            (2016..2020).flat_map(|year| [date(year, 2, 1).last_of_month(), date(year, 11, 30)]).collect()
        }
        Due::On(days) => days.clone(),
        _ => panic!("another kind of due days"),
    };
    all.into_iter().filter(move |day| (from..=until).contains(day))
}

fn rank(why: Why<'_>) -> u8 {
    match why {
        Why::Named => 0,
        Why::Leads(_) => 1,
        _ => 2,
    }
}

/// Who owes, and the first reason.
fn debtors<'v>(view: &'v View, obligation: &Obligation) -> BTreeMap<&'v str, u8> {
    let mut debtors: BTreeMap<&str, u8> = BTreeMap::new();
    let mut add = |unit: &'v str, rank: u8| {
        let before = debtors.entry(unit).or_insert(rank);
        *before = rank.min(*before);
    };
    let bodies = |unit: &'v str| -> Vec<&'v str> {
        match unit {
            "G" => vec!["C", "D", "B"],
            "H" => vec!["C", "D"],
            other => vec![other],
        }
    };
    for owed_by in &obligation.owed_by {
        match owed_by {
            OwedBy::Unit(unit) => add(UNITS.iter().find(|other| *other == unit).unwrap(), 0),
            OwedBy::MembersOf(unit) => {
                let unit = UNITS.iter().find(|other| *other == unit).unwrap();
                bodies(unit).into_iter().for_each(|body| add(body, 2));
            }
            OwedBy::LeadsBelow(prefix) => {
                let section = prefix.trim_end_matches('/');
                for key in TASKS.iter().filter(|key| **key == section || key.starts_with(&format!("{section}/"))) {
                    let units = view.task(key).into_iter().flat_map(|task| task.units());
                    let named: Vec<(&str, Role)> = units.map(|(unit, role)| (unit.name(), role)).collect();
                    let lead = named.iter().filter(|(_, role)| *role == Role::Lead).map(|(unit, _)| *unit);
                    for lead in lead {
                        let others =
                            bodies(lead).into_iter().filter(|body| !named.iter().any(|(unit, _)| unit == body));
                        let is_body = bodies(lead) == [lead];
                        others.chain(is_body.then_some(lead)).for_each(|body| add(body, 1));
                    }
                }
            }
            other => panic!("another rule: {other:?}"),
        }
    }
    debtors
}
