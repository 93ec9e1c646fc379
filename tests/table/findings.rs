//! Nothing is dropped in silence: every row, cell or header that belongs to no task is a finding.

use responsibility_index::UnitKind;
use responsibility_index::table::Rows;

use crate::{finds, reads, titles};

#[test]
fn ragged_rows_are_findings() {
    let text = "Task,Owner,Support\nRoads,A\nBridges,B,C,D\n";
    reads(text, &["Roads: A", "Bridges: B with C"]);
    finds(
        text,
        &[
            "2:1: ragged row: the header has 3 cells, the row 2; cells are taken from the left [Roads | A]",
            "3:1: ragged row: the header has 3 cells, the row 4",
            "3:13: cell without a header: no header is over it; left out [D]",
        ],
    );
}

#[test]
fn columns_without_a_meaning_are_findings_with_their_cells() {
    let text = "Task,Colour,Owner,\nRoads,red,A,\nBridges,,B,x\n";
    finds(
        text,
        &[
            "1:6: column not read: no task takes it; cells with text: 1 [Colour]",
            "1:19: column not read: no task takes it; cells with text: 1",
        ],
    );
}

#[test]
fn two_headers_of_one_meaning_are_findings() {
    let text = "Task,Owner,Supporting,Partners,Due,Deadline\nRoads,A,B,C,2026-05-31,June\n";
    reads(text, &["Roads: A with B, C"]);
    finds(
        text,
        &[
            "1:23: two headers of one meaning: another column means supporting, too; the units of both are taken, in order [Partners]",
            "1:36: two headers of one meaning: another column means deadline, too; this one is not read [Deadline]",
        ],
    );
}

#[test]
fn rows_before_the_header_and_remarks_below_are_findings() {
    let text = "Plan of May,,\n,,\nTask,Owner,Due\nRoads,A,2026-05-31\nNote: dates may change,,\n";
    reads(text, &["Roads: A"]);
    finds(
        text,
        &[
            "1:1: not read: it belongs to no task [Plan of May]",
            "5:1: not read: it belongs to no task [Note: dates may change]",
        ],
    );
}

#[test]
fn a_section_without_a_task_is_a_finding() {
    let text = "Task,Owner\nRoads,\nBridges,\nRepair,A\nThe end,\n";
    reads(text, &["Repair: A"]);
    finds(
        text,
        &[
            "2:1: section: the section of the rows below [Roads]",
            "2:1: section without a task: no task follows before the next section or the end [Roads]",
            "3:1: section",
            "5:1: section",
            "5:1: section without a task",
        ],
    );
}

#[test]
fn a_table_without_a_lead_column_is_a_finding_beside_others() {
    let text = "| Name | Colour |\n|---|---|\n| Sky | blue |\n\n| Task | Owner |\n|---|---|\n| Roads | A |\n";
    reads(text, &["Roads: A"]);
    finds(
        text,
        &["1:3: no lead column: no header names a lead or responsible unit; 2 rows are not read [Name | Colour]"],
    );
}

#[test]
fn a_row_without_a_task_is_kept_and_reported() {
    let text = "Task,Owner,Support\n,A,B\n";
    reads(text, &[": A with B"]);
    finds(text, &["2:1: row without a task: kept as a task without a title [A | B]"]);
}

#[test]
fn a_unit_twice_keeps_its_strongest_role() {
    let text = "Task,Support,Owner\nRoads,A; B; B,A\n";
    reads(text, &["Roads: A with B"]);
    finds(text, &["2:7: unit named twice: kept once, as lead [A]", "2:7: unit named twice: kept once, as support [B]"]);
}

#[test]
fn names_that_no_unit_can_have_are_left_out_and_reported() {
    let long = "x".repeat(300);
    let text = format!("Task,Owner,Support\nRoads,{long},B\n");
    let rows = Rows::read(&text).unwrap();
    assert_eq!(rows.task(0).unwrap().standing().to_string(), "vacant; support: B");
    assert_eq!(titles(&rows), ["not the name of a unit", "no lead"]);
    finds(
        &text,
        &[
            &format!(
                "2:7: not the name of a unit: the unit name \"{}\"... has 300 bytes; at most 256 are allowed; left out [x",
                "x".repeat(32)
            ),
            "2:7: no lead",
        ],
    );
    let control = "Task,Owner,Support\nRoads,A,B\u{1}C\n";
    let expected =
        r#"2:9: not the name of a unit: the unit name "B\u{1}C" has the control character U+0001 at byte 1; left out"#;
    finds(control, &[expected]);
}

#[test]
fn a_key_that_no_task_can_have_is_a_finding_and_the_task_gets_another() {
    let long = "k".repeat(600);
    let text = format!("ID,Task,Owner\na,Roads,A\n{long},Bridges,B\nb\u{1}c,Schools,C\n");
    let rows = Rows::read(&text).unwrap();
    assert!(rows.tasks().map(|task| task.own_key()).eq(["a", "2", "3"]));
    finds(
        &text,
        &[
            &format!(
                "3:1: key not taken: the task key \"{}\"... has 600 bytes; at most 512 are allowed; this task gets 2 [kkk",
                "k".repeat(32)
            ),
            r#"4:1: key not taken: the task key "b\u{1}c" has the control character U+0001 at byte 1; this task gets 3 [b c]"#,
        ],
    );
    let number = format!("No.,Task,Owner\n{long},Roads,A\n");
    finds(&number, &["2:1: key not taken: the task key"]);
}

#[test]
fn deadlines_without_a_day_are_told_once_per_form() {
    let text = "Task,Owner,Due\nRoads,A,2027-02-15\nBridges,A,15.02.2027\nSchools,A,1.3.2027\nTunnels,A,tomorrow\n\
                Parks,A,长期\nPools,A,12月31日前\nPiers,A,N/A\nDocks,A,April 2027\nShips,A,May 2027\n";
    finds(
        text,
        &[
            "3:11: deadline without a day: kept as text; cells of this form: 2 [15.02.2027]",
            "5:11: deadline without a day: kept as text; cells of this form: 1 [tomorrow]",
            "9:9: deadline without a day: kept as text; cells of this form: 2 [April 2027]",
        ],
    );
}

#[test]
fn a_header_without_a_row_is_a_finding() {
    finds("Task,Owner\n", &["1:1: no row: nothing is below the header [Task | Owner]"]);
    finds("| Task | Owner |\n|---|---|\n", &["1:3: no row"]);
    assert!(Rows::read("Name,Colour\n").is_err());
}

#[test]
fn characters_that_turn_the_direction_of_writing_are_not_shown_in_findings() {
    let turned = "Roads\u{202E}sdaoR\u{2066}x\u{200F}";
    let text = format!("Task,Owner\n{turned},\nBridges,A\n");
    let shown = Rows::read(&text).unwrap().findings().map(|finding| finding.to_string()).collect::<String>();
    assert!(shown.contains("[Roads sdaoR x ]"), "{shown:?}");
    finds(
        "Task,Owner\nRoads,A\u{202E}x; B\u{2067}y\n",
        &["2:7: joint leads: A x leads, jointly with B y [Roads | A x; B y]"],
    );
}

#[test]
fn others_and_collectives_are_told() {
    let text = "任务,牵头单位,配合单位\n修路,市交通局,市财政局、市公安局等\n架桥,市水利局,各县区政府\n";
    reads(text, &["修路: 市交通局 with 市财政局, 市公安局", "架桥: 市水利局 with 各县区政府"]);
    finds(
        text,
        &[
            "2:9: and others: the others are not named; left out [市公安局等]",
            "3:9: collective: a group of bodies; kept as one unit [各县区政府]",
        ],
    );
    let rows = Rows::read(text).unwrap();
    assert_eq!(rows.units().last(), Some(("各县区政府", UnitKind::Collective)));
}

#[test]
fn each_finding_has_its_place_kind_and_original() {
    let rows = Rows::read("Task,Owner\nRoads,TBD\n").unwrap();
    let finding = rows.findings().next().unwrap();
    assert_eq!((finding.line(), finding.column(), finding.original()), (2, 7, "TBD"));
    assert_eq!(finding.to_string(), "2:7: unit to be named: no unit is taken from it [TBD]");
    assert_eq!(format!("{finding:?}"), format!("Finding({:?})", finding.to_string()));
}
