//! The 2016 plan and its reform with exact numbers, and the rules of reforms one by one.

use jiff::civil::date;
use responsibility_index::import::{Import, Reformed};
use responsibility_index::notice::Notice;
use responsibility_index::reform::{Reform, Tasks};
use responsibility_index::report::{Due, Obligation};
use responsibility_index::{Conflict, Error, Index, InputError, Role, UnitKind, UnitRef, UnknownUnits};

use crate::common::{input_error, keys};
use crate::exported;

const SEED: &str = include_str!("../../seeds/fujian-2016.txt");

/// The plan of 2016 in an index, as the example program reads it.
pub(crate) fn plan_of_2016() -> Index {
    let index = Index::in_memory();
    let notice = Notice::read(SEED);
    Import::new(&index, &notice, "fujian-2016").commit().unwrap();
    index.batch().in_force_from(date(2016, 3, 28)).add_alias("省发改委", "发改委").commit().unwrap();
    index
}

fn renames() -> [(&'static str, &'static str); 5] {
    [
        ("省经信委", "省工信厅"),
        ("省卫计委", "省卫健委"),
        ("省农业厅", "省农业农村厅"),
        ("省文化厅", "省文旅厅"),
        ("省海洋渔业厅", "省海洋与渔业局"),
    ]
}

#[test]
fn the_reform_of_2018_touches_7_of_61_tasks_and_can_be_taken_back() {
    let index = plan_of_2016();
    let before = exported(&index.view());
    let renamed =
        renames().iter().fold(index.batch(), |batch, (from, to)| batch.reform(Reform::of([*from]).becomes([*to])));
    let plan = renamed.plan().unwrap();
    assert_eq!((plan.tasks().count(), plan.units().count(), plan.facts().count()), (0, 5, 0));
    let reform = renamed
        .note("机构改革 2018", "省委编办")
        .in_force_from(date(2018, 11, 5))
        .reform(Reform::of(["省国税局", "省地税局"]).becomes(["省税务局"]))
        .reform(Reform::of(["省质监局", "省工商局", "省食品药品监管局"]).becomes(["省市场监管局"]));
    let plan = reform.plan().unwrap();
    assert_eq!((plan.after().len(), plan.tasks().count()), (61, 7));
    let collapsed: Vec<&str> = plan.collapsed().map(|task| task.key).collect();
    assert_eq!(collapsed, ["fujian-2016/2/3/2", "fujian-2016/2/4/1"]);
    assert!(plan.undecided().is_empty());
    let done = plan.clone().commit().unwrap();
    assert!(plan.tasks().eq(done.tasks()) && plan.facts().eq(done.facts()));

    let view = index.view();
    let units = ["省财政厅", "省税务局", "省发改委", "省工信厅"];
    assert_eq!(view.lead("fujian-2016/2/4/1"), Some("省科技厅"));
    assert!(view.supporting("fujian-2016/2/4/1").eq(units));
    assert_eq!(view.lead("fujian-2016/1/2/4/2"), Some("省市场监管局"));
    assert_eq!(view.unit("省质监局").unwrap().name(), "省市场监管局");
    let market = view.unit("省市场监管局").unwrap();
    let before_it: Vec<&str> = market.predecessors().map(|unit| unit.name()).collect();
    assert_eq!(before_it, ["省质监局", "省工商局", "省食品药品监管局"]);
    let quality = market.predecessors().next().unwrap();
    assert_eq!(quality.ended().and_then(|ended| ended.day), Some(date(2018, 11, 5)));
    assert_eq!(quality.successors().map(|unit| unit.name()).collect::<Vec<_>>(), ["省市场监管局"]);

    // The day before has the names of then; names of today are found from there through lineage.
    let then = index.view_on(date(2018, 11, 4)).unwrap();
    assert_eq!(then.lead("fujian-2016/1/2/4/2"), Some("省质监局"));
    assert_eq!(then.led_by("省经信委").unwrap().len(), 23);
    let error = then.led_by("省工信厅").unwrap_err().to_string();
    assert!(error.contains("unit \"省经信委\" is called so from revision"), "{error}");
    let moved = then.led_by("省质监局").unwrap() & view.led_by("省市场监管局").unwrap();
    assert_eq!(keys(moved.keys()), ["fujian-2016/1/2/4/2"]);

    // An older notice is still understood. Two names that have become one count once.
    let notice = Notice::read(SEED);
    let again = Import::new(&index, &notice, "fujian-2016").plan().unwrap();
    assert_eq!(again.reassigned().count(), 0);
    let merged: Vec<String> = again.reformed().iter().map(ToString::to_string).collect();
    assert_eq!(merged.len(), 2, "{merged:?}");
    assert!(merged[0].starts_with("fujian-2016/2/3/2: 省地税局 is 省税务局"), "{merged:?}");

    let revision = index.revision();
    index.batch().revert(revision).commit().unwrap();
    assert_eq!(exported(&index.view()), before, "byte for byte");
}

#[test]
fn the_science_department_is_not_its_own_supporter() {
    let index = plan_of_2016();
    let collective = "其他省创新发展厅际联席会议成员单位";
    let members = ["省科技厅", "省发改委", "省经信委", "省财政厅"];
    index.batch().set_members(collective, members).commit().unwrap();
    let view = index.view();
    let task = view.task("fujian-2016/2/8/1").unwrap();
    let bodies: Vec<(&str, Role)> = task.bodies().iter().map(|body| (body.unit.name(), body.role)).collect();
    let support = |unit| (unit, Role::Support);
    assert_eq!(bodies, [("省科技厅", Role::Lead), support("省发改委"), support("省经信委"), support("省财政厅")]);
    assert!(!view.all_supported_by("省科技厅").unwrap().contains(task.key()));
    assert!(view.all_supported_by("省财政厅").unwrap().contains(task.key()));
    assert!(!view.supported_by("省财政厅").unwrap().contains(task.key()));
    let groups: Vec<&str> = view.groups_of("省财政厅").unwrap().iter().map(|unit| unit.name()).collect();
    assert_eq!(groups, [collective]);
}

fn small() -> Index {
    let index = Index::in_memory();
    let assign = index.batch().assign("p/1", ["A", "B", "C"]).assign("p/2", ["B", "A"]).assign("q/1", ["C", "A"]);
    assign.commit().unwrap();
    index
}

#[track_caller]
fn refused(index: &Index, reform: Reform) -> InputError {
    let before = exported(&index.view());
    let error = input_error(index.batch().reform(reform).commit().unwrap_err()).1;
    assert_eq!(exported(&index.view()), before, "nothing is changed");
    error
}

#[test]
fn a_split_and_a_merger_give_the_same_assignments_again() {
    let index = small();
    let assignments = || ["p/1", "p/2", "q/1"].map(|key| index.view().assignment(key));
    let before = assignments();
    let split = Reform::of(["A"]).becomes(["A1", "A2"]).give("p", ["A1"]).rest("A2");
    index.batch().reform(split).commit().unwrap();
    assert_eq!(index.lead("p/1").as_deref(), Some("A1"));
    assert!(index.view().unit("A").unwrap().ended().is_some(), "its name stays with it");
    index.batch().reform(Reform::of(["A1", "A2"]).becomes(["A"])).commit().unwrap();
    assert_eq!(assignments(), before);
    let view = index.view();
    let new = view.unit("A").unwrap();
    assert!(new.ended().is_none(), "a name that came back");
    let ancestors: Vec<&str> = new.ancestors().iter().map(|unit| unit.name()).collect();
    assert_eq!(ancestors, ["A1", "A2", "A"], "the first A is another unit");
    assert_eq!(view.reforms().count(), 2);
}

#[test]
fn disjoint_mergers_of_a_batch_commute() {
    let assignments = |reforms: [Reform; 2]| {
        let index = small();
        index.assign("p/3", ["D", "C", "B", "A"]).unwrap();
        reforms.into_iter().fold(index.batch(), |batch, reform| batch.reform(reform)).commit().unwrap();
        ["p/1", "p/2", "p/3", "q/1"].map(|key| index.view().assignment(key))
    };
    let (one, other) = (Reform::of(["A", "B"]).becomes(["AB"]), Reform::of(["C", "D"]).becomes(["CD"]));
    assert_eq!(assignments([one.clone(), other.clone()]), assignments([other, one]));
}

#[test]
fn a_unit_that_is_abolished_keeps_what_it_leads_until_somebody_decides() {
    let index = small();
    let abolished = || Reform::of(["A"]).drop_support();
    match refused(&index, abolished()) {
        InputError::Undecided { unit, tasks: 1, first } => {
            assert_eq!((unit.as_str(), &first[..]), ("A", &["p/1".into()][..]))
        }
        other => panic!("{other}"),
    }
    index.batch().in_force_from(date(2018, 11, 5)).reform(abolished().leave_undecided()).commit().unwrap();
    let view = index.view();
    assert_eq!(keys(view.undecided().keys()), ["p/1"]);
    assert_eq!((view.lead("p/1"), view.supporting("p/2").count()), (Some("A"), 0));
    assert!(view.idle_units().all(|unit| unit.name() != "A"));
    let error = index.assign("p/9", ["A"]).unwrap_err().to_string();
    assert_eq!(error, "unit \"A\" has ended on 2018-11-05");
    let edits = [
        index.batch().set_lead("p/2", "A", None),
        index.batch().add("p/2", "A", Role::Support),
        index.batch().add_member("G", "A"),
        index.batch().create_unit("A", UnitKind::Body),
        index.batch().reform(Reform::of(["A"]).becomes(["B"])),
    ];
    for edit in edits {
        assert!(matches!(input_error(edit.commit().unwrap_err()).1, InputError::UnitEnded { .. }));
    }
    let mut load = index.bulk_load();
    assert!(matches!(input_error(load.add("p/9", ["A"]).unwrap_err()).1, InputError::UnitEnded { .. }));
    index.batch().set_lead("p/1", "B", None).commit().unwrap();
    assert!(index.view().undecided().is_empty());
    index.batch().reopen_unit("A").assign("p/9", ["A"]).commit().unwrap();
    assert_eq!(index.lead("p/9").as_deref(), Some("A"));
    assert!(matches!(input_error(index.batch().reopen_unit("A").commit().unwrap_err()).1, InputError::NotEnded { .. }));
}

/// A load resolves names when tasks are added; the commit that ends a unit may come before the load's own.
#[test]
fn a_load_does_not_assign_a_unit_that_ended_since_it_began() {
    let index = small();
    let mut load = index.bulk_load();
    load.add("p/9", ["A", "B"]).unwrap();
    index.batch().reform(Reform::of(["A"]).becomes(["X", "Y"]).rest("X")).commit().unwrap();
    let error = load.commit().unwrap_err();
    assert_eq!(error.to_string(), "unit \"A\" has ended; its successors are \"X\" and \"Y\"");
    assert_eq!(index.view().standing("p/9"), None);
}

#[test]
fn reforms_that_can_not_be_are_refused_with_what_does_not_fit() {
    let index = small();
    index.batch().add_alias("A", "old A").create_unit("G", UnitKind::Collective).commit().unwrap();
    let many: Vec<String> = (0..4_096).map(|n| format!("unit {n}")).collect();
    let becomes = |sources: &[&str], results: &[&str]| Reform::of(sources.to_vec()).becomes(results.to_vec());
    for (reform, expected) in [
        (becomes(&["Z"], &["X"]), "no unit is called \"Z\""),
        (becomes(&["A", "B", "old A"], &["X"]), "unit \"A\" is named twice (the second time as \"old A\")"),
        (becomes(&["A", "B"], &["X", "C", "X"]), "unit \"X\" is named twice"),
        (becomes(&["A", "G"], &["X"]), "a reform of A, G: bodies and collectives are mixed"),
        (becomes(&["A", "B"], &["G"]), "a reform of A, B: bodies and collectives are mixed"),
        (becomes(&["A", "B"], &["B", "A"]), "a reform of A, B: its sources and its results are the same units"),
        (becomes(&[], &["X"]), "a reform of : no unit is named"),
        (becomes(&["A", "B"], &["X\t"]), "the unit name \"X\\t\" has the control character U+0009 at byte 1"),
        (becomes(&["A"], &["X", "Y"]).give("p//", ["X"]), "the prefix \"p//\" ends with more than one slash"),
        (becomes(&["A"], &["X", "Y"]).give("p", ["A"]), "a reform of A: a rule gives tasks to a unit that ends"),
        (becomes(&["A"], &["X", "Y"]).give("p", many), "task \"p/1\" names 4098 units; at most 4096 are allowed"),
        (
            becomes(&["A"], &["X", "Y"]).give("p", ["X"]),
            "unit \"A\" ends, and no rule says who takes over 1 of its tasks",
        ),
    ] {
        let message = refused(&index, reform).to_string();
        assert!(message.starts_with(expected), "{message}");
    }
    // The reform is one edit of a batch: its position is said.
    let batch = index.batch().assign("p/9", ["B"]).reform(becomes(&["Z"], &["X"]));
    assert!(batch.commit().unwrap_err().to_string().starts_with("edit 2: no unit is called \"Z\""));
}

#[test]
fn names_may_be_taken_from_units_that_ended_and_have_no_task() {
    let index = small();
    index.batch().reform(Reform::of(["A"]).becomes(["A1", "A2"]).give("p", ["A1"]).leave_undecided()).commit().unwrap();
    let back = || Reform::of(["A1", "A2"]).becomes(["A"]);
    match refused(&index, back()) {
        InputError::UnitInUse { unit, task } => assert_eq!((unit.as_str(), task.as_str()), ("A", "q/1")),
        other => panic!("{other}"),
    }
    let decided = index.revision() + 1;
    index.batch().withdraw("q/1", "A").commit().unwrap();
    index.batch().reform(back()).commit().unwrap();
    // Taking back what took the task from the first A would give it to a unit that has no name any more.
    let refused = index.batch().revert(decided).commit();
    assert!(matches!(refused, Err(Error::Conflict(Conflict::ChangedSince { .. }))), "{refused:?}");
}

#[test]
fn rules_go_by_section_by_list_and_by_set_and_the_first_one_counts() {
    let index = small();
    index.assign("p/10", ["A"]).unwrap();
    let led = index.view().led_by("A").unwrap();
    let reform = Reform::of(["A"])
        .becomes(["X", "Y", "Z"])
        .give("p/1", ["X", "Y"])
        .give(["p/2"].into_iter().collect::<Tasks>(), ["Y"])
        .give(&led, ["Z"])
        .rest("X");
    index.batch().reform(reform).commit().unwrap();
    let view = index.view();
    let units = |key: &str| view.standing(key).unwrap().to_string();
    assert_eq!(units("p/1"), "X with Y, B, C", "of several at the place of a lead the first leads");
    assert_eq!(units("p/2"), "B with Y");
    assert_eq!(units("p/10"), "Z", "p/10 is not below p/1");
    assert_eq!(units("q/1"), "C with X");
}

#[test]
fn members_are_kept_in_order_and_a_cycle_is_refused_with_its_path() {
    let index = Index::in_memory();
    index
        .batch()
        .set_members("G", ["H", "A"])
        .set_kind("H", UnitKind::Collective)
        .set_members("H", ["B", "A"])
        .commit()
        .unwrap();
    index.batch().create_unit("I", UnitKind::Collective).add_member("H", "I").commit().unwrap();
    let members =
        |unit: &str| index.view().unit(unit).unwrap().members().map(|unit| unit.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (members("G"), members("H")),
        (vec!["H".to_owned(), "A".to_owned()], vec!["B".into(), "A".into(), "I".into()])
    );
    let view = index.view();
    let bodies: Vec<&str> = view.unit("G").unwrap().bodies().iter().map(|unit| unit.name()).collect();
    assert_eq!(bodies, ["B", "A", "I"], "a collective without members is its own body");
    let error = |batch: responsibility_index::Batch<'_>| batch.commit().unwrap_err().to_string();
    assert_eq!(error(index.batch().add_member("I", "G")), "a collective can't be a member of itself: I > G > H > I");
    assert_eq!(error(index.batch().add_member("I", "I")), "a collective can't be a member of itself: I > I");
    assert_eq!(error(index.batch().add_member("A", "B")), "unit \"A\" is a body: only a collective has members");
    assert_eq!(error(index.batch().set_members("G", ["A", "A"])), "unit \"A\" is named twice");
    assert_eq!(error(index.batch().remove_member("G", "B")), "unit \"B\" is not a member of \"G\"");
    assert_eq!(error(index.batch().set_kind("G", UnitKind::Body)), "collective \"G\" has 2 members: a body has none");
    assert_eq!(error(index.batch().remove_unit("B")), "unit \"B\" can't be removed: collective \"H\" names it");
    index.batch().remove_unit("G").commit().unwrap();
    assert_eq!(index.view().groups_of("A").unwrap().len(), 1, "a collective that is removed has no members");
    let strict = responsibility_index::OpenOptions::new().unknown_units(UnknownUnits::Reject).in_memory();
    assert!(strict.batch().set_members("G", ["A"]).commit().is_err());
}

#[test]
fn a_notice_from_before_a_split_leaves_ended_units_out_and_says_so() {
    // "1. Roads. Repair them. (Responsible: the city's transport bureau, finance bureau)"
    let text = "1.道路。修好道路。（责任单位：市交通局、财政局）";
    let index = Index::in_memory();
    index.assign("other/1", ["市交通局"]).unwrap();
    let split = Reform::of(["市交通局"]).becomes(["市公路局", "市铁路局"]).rest("市公路局");
    index.batch().reform(split).commit().unwrap();
    let notice = Notice::read(text);
    let import = || Import::new(&index, &notice, "new").commit().unwrap();
    let done = import();
    assert!(matches!(done.reformed(), [Reformed::Ended { kept: false, successors, .. }] if successors.len() == 2));
    let message = done.reformed()[0].to_string();
    assert_eq!(message, "new/1/1: 市交通局 has ended, followed by 市公路局, 市铁路局; left out");
    assert_eq!(
        index.view().standing("new/1/1").unwrap().to_string(),
        "vacant; support: 市财政局",
        "nobody is promoted"
    );
    // Somebody decides; the next import of the same notice leaves that alone.
    index.batch().add("new/1/1", "市公路局", Role::Lead).commit().unwrap();
    let again = import();
    assert!(matches!(again.reformed(), [Reformed::Ended { kept: true, .. }]));
    assert_eq!(index.lead("new/1/1").as_deref(), Some("市公路局"));
}

#[test]
fn a_merger_of_collectives_gathers_their_members_and_a_split_lets_all_results_owe() {
    let index = Index::in_memory();
    index.batch().set_members("G", ["A", "B"]).set_members("H", ["C", "B"]).assign("t", ["G"]).commit().unwrap();
    index.batch().reform(Reform::of(["G", "H"]).becomes(["K"])).commit().unwrap();
    let view = index.view();
    let names = |units: Vec<UnitRef<'_>>| units.iter().map(|unit| unit.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(view.task("t").unwrap().bodies().iter().map(|body| body.unit).collect()), ["A", "B", "C"]);
    assert_eq!(names(view.groups_of("A").unwrap()), ["K"], "collectives that ended have no members");
    // Into the collective above it.
    index.batch().set_members("P", ["K", "D"]).commit().unwrap();
    index.batch().reform(Reform::of(["K"]).becomes(["P"])).commit().unwrap();
    assert_eq!(names(index.view().unit("P").unwrap().members().collect()), ["D", "A", "B", "C"]);
    index.batch().reform(Reform::of(["P"]).rest("New")).commit().unwrap();
    assert_eq!(index.view().unit("New").unwrap().kind(), UnitKind::Collective, "of the kind of the unit before it");
}

#[test]
fn units_can_change_names_in_one_batch_and_a_former_name_comes_back() {
    let index = small();
    let swapped = index.batch().reform(Reform::of(["A"]).becomes(["tmp"])).reform(Reform::of(["B"]).becomes(["A"]));
    swapped.reform(Reform::of(["tmp"]).becomes(["B"])).commit().unwrap();
    let view = index.view();
    assert_eq!((view.lead("p/1"), view.lead("p/2")), (Some("B"), Some("A")));
    assert_eq!((view.reforms().count(), view.units().count()), (0, 3));
    // A name that is an alias and never was a name of the unit means the unit.
    index.batch().add_alias("C", "Sea").reform(Reform::of(["B"]).becomes(["Sea"])).commit().unwrap();
    assert_eq!(index.lead("p/1").as_deref(), Some("C"));
}

#[test]
fn names_of_an_ended_unit_that_something_needs_are_not_taken() {
    let index = small();
    let obligation = Obligation::new("o", Due::on([date(2020, 1, 1)])).to("A");
    index.batch().set_obligation(obligation).commit().unwrap();
    index.batch().reform(Reform::of(["A"]).becomes(["X", "Y"]).rest("X")).commit().unwrap();
    let value = index.view().obligation("o").unwrap().value();
    index.batch().set_obligation(value).commit().unwrap();
    match refused(&index, Reform::of(["C"]).becomes(["A"])) {
        InputError::UnitNamed { unit, by, .. } => assert_eq!((unit.as_str(), by.as_str()), ("A", "obligation \"o\"")),
        other => panic!("{other}"),
    }
}

/// Each of ten thousand additions wrote all members before and after it.
#[test]
fn members_that_are_added_one_by_one_take_room_for_one_each() {
    let index = Index::in_memory();
    let batch = (0..3_000).fold(index.batch(), |batch, n| batch.add_member("G", format!("unit {n}")));
    batch.commit().unwrap();
    assert_eq!(index.view().unit("G").unwrap().members().count(), 3_000);
    let commit = index.commits(..).unwrap().next().unwrap().unwrap();
    let mut lines = Vec::new();
    commit.write_lines(&mut lines).unwrap();
    assert!(lines.len() < 1_000_000, "{}", lines.len());
    let many: Vec<String> = (0..16_385).map(|n| format!("unit {n}")).collect();
    let error = index.batch().set_members("G", many).commit().unwrap_err().to_string();
    assert_eq!(error, "collective \"G\" names 16385 units; at most 16384 are allowed");
}
