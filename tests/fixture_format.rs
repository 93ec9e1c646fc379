//! Every released format stays readable: a small directory of each is kept and opened here, as a copy.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails loudly where something is not as it should be"
)]

#[path = "common/files.rs"]
mod files;

use std::path::{Path, PathBuf};

use files::copy;
use jiff::civil::date;
use responsibility_index::reform::Reform;
use responsibility_index::report::{Answer, Due, Obligation, Report};
use responsibility_index::{Assignment, Details, Index, Role, UnitKind};

fn fixture(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/format-{format}"))
}

/// The content of a fixture: rows of every kind, a checkpoint in the middle, a bulk load, and commits after it.
fn fill(index: &Index) {
    for n in 1..=70 {
        index.assign(&format!("fujian-2016/{n}"), ["省经信委", "省发改委"]).unwrap();
    }
    index.checkpoint().unwrap();
    let mut load = index.bulk_load();
    load.note("a bulk load", "the tests");
    for n in 1..=3 {
        let details = Details::titled(format!("loaded {n}")).text("长".repeat(3_000));
        load.add_with(&format!("loaded/{n}"), ["省科技厅", "省经信委", "省财政厅"], details).unwrap();
    }
    load.commit().unwrap();
    let every_role = Assignment::led_by("省科技厅").unwrap().and(Role::CoLead, ["省财政厅"]).unwrap();
    let every_role = every_role.and(Role::Support, ["省教育厅"]).unwrap().and(Role::Consulted, ["省审计厅"]).unwrap();
    index.assign("roles/1", every_role.and(Role::Informed, ["省委办公厅"]).unwrap()).unwrap();
    index.batch().vacate("roles/1").assign("roles/2", ["省科技厅"]).declare("roles/3").commit().unwrap();
    index.batch().create_unit("联席会议成员单位", UnitKind::Collective).commit().unwrap();
    index.batch().rename_unit("省经信委", "省工信厅").commit().unwrap();
    index.batch().add_alias("省发改委", "发改委").commit().unwrap();
    let details = Details::titled("one").source("notice", 3, 4).field("deadline", "2016-11-30");
    index.batch().create_unit("省物价局", UnitKind::Body).add_alias("省物价局", "物价局").commit().unwrap();
    index.batch().remove_unit("省物价局").commit().unwrap();
    index.batch().note("why", "who").set_details("fujian-2016/1", details).remove("fujian-2016/2").commit().unwrap();
    index.batch().set_members("联席会议成员单位", ["省科技厅", "省财政厅"]).commit().unwrap();
    let due = date(2016, 11, 30);
    let yearly = Obligation::new("yearly", Due::yearly([(11, 30)])).leads_below("roles").from(due);
    let report = Report::new("yearly", "省科技厅", due, Answer::Received(due)).details(details_of_a_report());
    index.batch().set_obligation(yearly.members_of("联席会议成员单位").to("省政府")).report(report).commit().unwrap();
    let merged = Reform::of(["省教育厅", "省审计厅"]).becomes(["省教审厅"]);
    index.batch().in_force_from(due).reform(merged).commit().unwrap();
    let split = Reform::of(["省委办公厅"]).becomes(["甲办", "乙办"]).leave_undecided();
    index.batch().reform(split).commit().unwrap();
}

fn details_of_a_report() -> Details {
    Details::titled("on time").field("link", "report.pdf")
}

#[test]
fn the_first_format_is_read_and_written_on() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("old.ri");
    copy(&fixture(1), &path);
    let index = Index::open(&path).unwrap();
    let expected = Index::in_memory();
    fill(&expected);
    let lines = |index: &Index| {
        let mut lines = Vec::new();
        index.export_jsonl(&mut lines).unwrap();
        String::from_utf8(lines).unwrap()
    };
    assert_eq!((lines(&index), index.revision()), (lines(&expected), 83));
    assert_eq!(index.verify().unwrap(), []);
    index.assign("fujian-2016/2", ["发改委", "省科技厅"]).unwrap();
    index.checkpoint().unwrap();
    drop(index);
    let again = Index::open(&path).unwrap();
    assert_eq!(again.lead("fujian-2016/2").as_deref(), Some("省发改委"));
    assert_eq!(again.verify().unwrap(), []);
}

/// Only for a new format: `cargo test --test fixture_format -- --ignored make`. A fixture that was released stays.
#[test]
#[ignore = "writes a fixture where there is none"]
fn make_the_fixture_of_the_newest_format() {
    let path = fixture(1);
    assert!(!path.exists(), "{path:?} is there already");
    fill(&Index::open(&path).unwrap());
}
