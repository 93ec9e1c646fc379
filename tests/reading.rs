//! Reading: every question of a view, and the single ones of an index.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use common::keys;
use responsibility_index::{Assignment, Details, Index, Role, View};

/// Two sections; Finance has a part in all but one.
fn view() -> View {
    index().view()
}

fn index() -> Index {
    let index = Index::in_memory();
    let mut batch = index.batch();
    batch = batch.assign("plan/1/1", ["Transport", "Finance", "Police"]);
    batch = batch.assign("plan/1/2", ["Finance", "Transport"]);
    batch = batch.assign("plan/1/10", ["Transport", "Police"]);
    batch = batch.assign("plan/2/1", ["Police", "Finance"]);
    batch = batch.assign("other", ["Finance"]);
    batch = batch.set_details("plan/2/1", Details::titled("Patrols"));
    batch.commit().unwrap();
    index
}

#[test]
fn a_task_is_asked_for_its_lead_its_supporting_units_and_roles() {
    let view = view();
    assert_eq!(view.lead("plan/1/1"), Some("Transport"));
    assert!(view.supporting("plan/1/1").eq(["Finance", "Police"]));
    assert_eq!(view.assignment("plan/1/1"), Assignment::new(["Transport", "Finance", "Police"]).ok());
    let role = |unit| view.role("plan/1/10", unit).unwrap();
    assert_eq!((role("Transport"), role("Police"), role("Finance")), (Some(Role::Lead), Some(Role::Support), None));
    let task = view.task("plan/1/1").unwrap();
    assert_eq!((task.key(), task.lead(), task.supporting().len()), ("plan/1/1", Some("Transport"), 2));
    let roles: Vec<_> = task.units().map(|(unit, role)| (unit.name(), role)).collect();
    assert_eq!(roles, [("Transport", Role::Lead), ("Finance", Role::Support), ("Police", Role::Support)]);
    assert_eq!(format!("{task:?}"), "plan/1/1: Transport with Finance, Police");
}

#[test]
fn a_task_that_is_not_there_is_none_and_no_error() {
    let view = view();
    for key in ["plan/1/3", "plan/1", "plan/1/1/", "", "PLAN/1/1", "a\tb"] {
        assert!(view.task(key).is_none() && view.lead(key).is_none() && view.assignment(key).is_none());
        assert_eq!((view.supporting(key).count(), view.details(key).unwrap()), (0, None));
        assert_eq!(view.role(key, "Finance").unwrap(), None);
    }
}

#[test]
fn a_unit_is_asked_for_the_tasks_it_leads_supports_and_is_involved_in() {
    let view = view();
    let asked = |unit| {
        let (led, supported, involved) = (view.led_by(unit), view.supported_by(unit), view.involving(unit));
        (keys(&led.unwrap()), keys(&supported.unwrap()), keys(&involved.unwrap()))
    };
    assert_eq!(
        asked("Finance"),
        (
            keys(["other", "plan/1/2"]),
            keys(["plan/1/1", "plan/2/1"]),
            keys(["other", "plan/1/1", "plan/1/2", "plan/2/1"])
        )
    );
    assert_eq!(asked("Transport").0, ["plan/1/1", "plan/1/10"]);
    let unit = view.unit("Police").unwrap();
    assert_eq!((unit.leads(), unit.supports()), (1, 2));
    assert_eq!(format!("{unit:?}"), "Police (leads 1, supports 2)");
}

#[test]
fn questions_meet_in_sets() {
    let view = view();
    let both = view.led_by("Transport").unwrap() & view.supported_by("Finance").unwrap();
    assert_eq!(keys(&both), ["plan/1/1"]);
    let alone = view.tasks() - view.involving("Police").unwrap() - view.involving("Transport").unwrap();
    assert_eq!(keys(&alone), ["other"]);
    let here = view.under("plan/1/") & view.involving("Police").unwrap();
    assert_eq!(keys(&here), ["plan/1/1", "plan/1/10"]);
}

#[test]
fn tasks_under_a_prefix_are_those_whose_keys_begin_with_it() {
    let view = view();
    let under = |prefix: &str| keys(&view.under(prefix));
    assert_eq!(under("plan/1/"), ["plan/1/1", "plan/1/2", "plan/1/10"]);
    assert_eq!(under("plan/1/1"), ["plan/1/1", "plan/1/10"], "a prefix is a prefix, also inside a number");
    assert_eq!(under("p"), under("plan/"));
    assert_eq!((under("").len(), under("plan/3"), under("plan/1/1/")), (5, vec![], vec![]));
}

#[test]
fn tasks_are_listed_as_a_reader_counts() {
    let view = view();
    assert_eq!(keys(&view.tasks()), ["other", "plan/1/1", "plan/1/2", "plan/1/10", "plan/2/1"]);
    assert_eq!(keys(view.tasks().keys_after("plan/1/1").take(2)), ["plan/1/2", "plan/1/10"]);
    assert_eq!((view.len(), view.is_empty()), (5, false));
    let mut through_loop = Vec::new();
    let section = view.under("plan/2");
    for task in &section {
        through_loop.push(task);
    }
    assert_eq!(through_loop, ["plan/2/1"]);
}

#[test]
fn units_that_share_tasks_come_with_counts_the_most_first() {
    let view = view();
    let shared = |unit| {
        let shared = view.shares_tasks_with(unit).unwrap();
        shared.into_iter().map(|(unit, count)| (unit.name(), count)).collect::<Vec<_>>()
    };
    assert_eq!(shared("Finance"), [("Transport", 2), ("Police", 2)], "of equals, the one that came in first");
    assert_eq!(shared("Transport"), [("Finance", 2), ("Police", 2)]);
}

#[test]
fn the_matrix_counts_each_unit_in_each_section_by_role() {
    let matrix = view().matrix("plan/", 1);
    assert_eq!(
        (matrix.sections(), matrix.units()),
        (&keys(["plan/1", "plan/2"])[..], &keys(["Transport", "Finance", "Police"])[..])
    );
    let cell = |unit, section| (matrix.cell(unit, section).leads, matrix.cell(unit, section).supports);
    assert_eq!((cell("Transport", "plan/1"), cell("Transport", "plan/2")), ((2, 1), (0, 0)));
    assert_eq!((cell("Finance", "plan/1"), cell("Finance", "plan/2")), ((1, 1), (0, 1)));
    assert_eq!((cell("Police", "plan/1"), cell("Police", "plan/2")), ((0, 2), (1, 0)));
    assert_eq!((cell("Nobody", "plan/1"), cell("Police", "plan/9")), ((0, 0), (0, 0)));
    let cells: Vec<_> =
        matrix.cells().map(|(unit, section, cell)| (unit, section, cell.leads + cell.supports)).collect();
    let expected = [
        ("Transport", "plan/1", 3),
        ("Finance", "plan/1", 2),
        ("Finance", "plan/2", 1),
        ("Police", "plan/1", 2),
        ("Police", "plan/2", 1),
    ];
    assert_eq!(cells, expected);
}

/// A key between those of a section in key order split the section in two, and a cell told of one half.
#[test]
fn a_section_is_one_also_when_a_key_of_another_stands_between_its_own() {
    let index = Index::in_memory();
    for key in ["p/1", "p/1-a", "p/1/1", "p/1/2"] {
        index.assign(key, ["A"]).unwrap();
    }
    let matrix = index.view().matrix("p/", 1);
    assert_eq!(matrix.sections(), ["p/1", "p/1-a"]);
    assert_eq!((matrix.cell("A", "p/1").leads, matrix.cell("A", "p/1-a").leads), (3, 1));
}

#[test]
fn a_matrix_of_any_depth_counts_every_task_once() {
    let view = view();
    for depth in [0, 1, 2, 3, 9] {
        let matrix = view.matrix("", depth);
        let leads: usize = matrix.cells().map(|(_, _, cell)| cell.leads).sum();
        assert_eq!(leads, view.len(), "depth {depth}");
    }
    assert_eq!(view.matrix("absent", 1).cells().count(), 0);
}

#[test]
fn an_empty_index_answers_everything() {
    let view = Index::in_memory().view();
    assert_eq!((view.revision(), view.len(), view.is_empty(), view.units().count()), (0, 0, true, 0));
    assert!(view.tasks().is_empty() && view.under("").is_empty() && view.tasks().keys().next().is_none());
    assert!(view.matrix("", 1).sections().is_empty());
    let error = view.led_by("A").unwrap_err().to_string();
    assert_eq!(error, "no unit is called \"A\"");
}

#[test]
fn the_index_answers_single_questions_as_its_newest_view_does() {
    let index = index();
    let view = index.view();
    assert_eq!(index.lead("plan/1/1").as_deref(), view.lead("plan/1/1"));
    assert!(index.supporting("plan/1/1").iter().map(String::as_str).eq(view.supporting("plan/1/1")));
    assert_eq!(index.view().assignment("other"), view.assignment("other"));
    assert_eq!(index.view().role("plan/1/1", "Police").unwrap(), Some(Role::Support));
    assert_eq!(index.view().led_by("Police").unwrap(), view.led_by("Police").unwrap());
    assert_eq!(index.view().supported_by("Police").unwrap(), view.supported_by("Police").unwrap());
    assert_eq!(index.view().involving("Police").unwrap(), view.involving("Police").unwrap());
    assert_eq!(index.view().under("plan/"), view.under("plan/"));
    assert_eq!(index.view().details("plan/2/1").unwrap(), Some(Details::titled("Patrols")));
    index.remove("other").unwrap();
    assert_eq!((index.lead("other"), view.lead("other")), (None, Some("Finance")));
    assert_eq!((index.revision(), view.revision()), (2, 1));
}

#[test]
fn suggestions_find_names_without_their_jurisdiction_and_with_a_slip() {
    let index = Index::in_memory();
    let (reform, finance) = ("\u{7701}\u{53D1}\u{6539}\u{59D4}", "\u{7701}\u{8D22}\u{653F}\u{5385}");
    index
        .batch()
        .assign("t", [reform, finance, "Transport Commission"])
        .add_alias(finance, "Treasury")
        .commit()
        .unwrap();
    let asked = |name: &str| index.view().led_by(name).unwrap_err().to_string();
    assert_eq!(asked(&reform["\u{7701}".len()..]), format!("no unit is called {:?}; is it {reform:?}?", &reform[3..]));
    assert!(asked("Tresury").ends_with("is it \"Treasury\"?"), "aliases are suggested, too");
    assert!(asked("transport comission").ends_with("is it \"Transport Commission\"?"));
    assert_eq!(asked("zzz"), "no unit is called \"zzz\"");
}

#[test]
fn keys_and_names_of_any_length_and_script_are_told_apart() {
    let index = Index::in_memory();
    // Around the lengths at which keys are kept and compared in different ways.
    let lengths = [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 54, 55, 56, 200, 512];
    let key = |length: usize, last: char| format!("{}{last}", "k".repeat(length - 1));
    for length in lengths {
        index.assign(&key(length, 'a'), [format!("unit {length}")]).unwrap();
    }
    let view = index.view();
    for length in lengths {
        assert_eq!(view.lead(&key(length, 'a')), Some(format!("unit {length}").as_str()));
        assert_eq!(view.lead(&key(length, 'b')), None);
        for (place, _) in key(length, 'a').char_indices() {
            let mut other = key(length, 'a').into_bytes();
            other[place] = b'X';
            assert_eq!(view.lead(std::str::from_utf8(&other).unwrap()), None, "{length} bytes, differing at {place}");
        }
    }
}

#[test]
fn leads_of_many_tasks_are_those_of_each_whatever_the_order() {
    let index = Index::in_memory();
    for n in 0..3_000 {
        let unit = format!("unit {}", n % 7);
        index.assign(&format!("plan/{n}{}", "x".repeat(n % 40)), [unit.as_str()]).unwrap();
    }
    index.remove("plan/0").unwrap();
    let view = index.view();
    let asked: Vec<String> =
        (0..7_000).map(|n| n * 31 % 3_500).map(|n: usize| format!("plan/{n}{}", "x".repeat(n % 40))).collect();
    let one_by_one: Vec<Option<&str>> = asked.iter().map(|key| view.lead(key)).collect();
    assert_eq!(view.leads(&asked), one_by_one);
    assert_eq!(one_by_one.iter().flatten().count(), 5_998);
    assert_eq!(view.leads::<&str>(&[]), []);
}
