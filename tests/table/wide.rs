//! Charts of tasks and units.

use responsibility_index::Role;
use responsibility_index::table::{Columns, Letters, Meaning, Reader, Rows};

use crate::{finds, lines, reads, reads_with, titles};

#[test]
fn letters_give_roles() {
    let text = "Activity,Top Mgmt,ISO,IT Lead\nMaintain risk register,I,A,R\nRun review,A/R,R,C\nAudit,C,\"A,R\",ri\n";
    reads(
        text,
        &[
            "Maintain risk register: ISO with IT Lead; informed: Top Mgmt",
            "Run review: Top Mgmt with ISO; consulted: IT Lead",
            "Audit: ISO; consulted: Top Mgmt",
        ],
    );
    finds(text, &["4:15: unknown mark: the unit gets no role by it [IT Lead: ri]"]);
}

#[test]
fn the_chart_that_comes_with_the_crate_is_read() {
    let rows = Rows::read(include_str!("../../seeds/raci.csv")).unwrap();
    let keys: Vec<_> = rows.tasks().map(|task| task.own_key()).collect();
    assert_eq!(keys.len(), 6);
    assert_eq!(keys.first(), Some(&"release/1/plan"));
    assert_eq!(rows.task(1).unwrap().standing().to_string(), "Design with Engineering; informed: Programme office");
    assert!(rows.task(0).unwrap().in_role(Role::Informed).eq(["Support desk"]));
    assert_eq!((rows.task(5).unwrap().lead(), titles(&rows)), (None, vec!["none accountable"]));
}

#[test]
fn rasci_and_daci_have_letters_of_their_own() {
    reads("Task,X1,X2,X3\nPlan,S,R,A\nBuild,A,S,I\n", &["Plan: X3 with X2, X1", "Build: X1 with X2; informed: X3"]);
    let text = "Decision,PM,CTO,Sales,Ops\nPrice,D,A,C,I\nName,D,A,C,C\n";
    reads(
        text,
        &["Price: PM; co-lead: CTO; consulted: Sales; informed: Ops", "Name: PM; co-lead: CTO; consulted: Sales, Ops"],
    );
    finds(text, &["1:1: chart of drivers and approvers: D leads, A leads jointly"]);
    let reader = Reader::new().letters(Letters::daci());
    reads_with(&reader, "Decision,PM,CTO\nPrice,A,D\n", &["Price: CTO; co-lead: PM"]);
}

#[test]
fn two_accountable_units_and_none_are_findings_with_row_and_column() {
    let text = "Task,X,Y,Z\nPlan,A,A,R\nBuild,R,C,R\nTest,A,,\n";
    reads(text, &["Plan: X; co-lead: Y with Z", "Build: vacant; support: X; support: Z; consulted: Y", "Test: X"]);
    finds(
        text,
        &[
            "2:1: two accountable: X leads, jointly with Y [Plan | A | A | R]",
            "3:1: none accountable: the task is vacant; its 3 other units are kept and do not lead [Build | R | C | R]",
        ],
    );
}

#[test]
fn without_any_accountable_unit_the_only_responsible_one_leads() {
    let text = "Task,X,Y,Z\nPlan,R,C,I\nBuild,,R,I\nTest,R,R,\n";
    reads(
        text,
        &["Plan: X; consulted: Y; informed: Z", "Build: Y; informed: Z", "Test: vacant; support: X; support: Y"],
    );
    finds(text, &["1:1: chart without accountable units: no unit is accountable", "4:1: none accountable"]);
}

#[test]
fn unknown_marks_are_findings_and_give_no_role() {
    let text = "Task,X,Y\nPlan,A,Q\nBuild,R,A\n";
    reads(text, &["Plan: X", "Build: Y with X"]);
    finds(text, &["2:8: unknown mark: the unit gets no role by it [Y: Q]"]);
}

#[test]
fn symbols_mean_what_the_legend_says() {
    let text = "| 要素 | 总经理 | 质量部 | 生产部 |\n|---|---|---|---|\n| 文件控制 | ☆ | ★ | ○ |\n| 采购 | ○ | ☆ | ★ |\n\n注：★ 主责 ☆ 领导 ○ 配合\n";
    // Two marks of leads: the first column leads, the other leads jointly.
    reads(text, &["文件控制: 总经理; co-lead: 质量部 with 生产部", "采购: 质量部; co-lead: 生产部 with 总经理"]);
    let text = "要素,总经理,质量部,生产部\n文件控制,,★,○\n采购,○,,★\n注：★主责部门；○相关部门,,,\n";
    reads(text, &["文件控制: 质量部 with 生产部", "采购: 生产部 with 总经理"]);
    finds(text, &["4:1: legend: it explains 2 marks"]);
    // A legend can turn the usual order around.
    reads(
        "要素,甲部,乙部\n采购,●,○\n销售,○,●\n“○”为主责部门，“●”为协办部门,,\n",
        &["采购: 乙部 with 甲部", "销售: 甲部 with 乙部"],
    );
}

#[test]
fn without_a_legend_the_strongest_mark_leads() {
    let text = "要素,总经理,质量部,生产部\n文件控制,○,★,○\n采购,☆,★,\n";
    reads(text, &["文件控制: 质量部 with 总经理, 生产部", "采购: 质量部 with 总经理"]);
    finds(text, &["1:1: marks without a legend: ★ is taken for the lead, the other marks for support [要素"]);
    let one = Reader::new().letters(Letters::new().mark("○", Role::Consulted).mark("☆", Role::Informed));
    let rows = one.read(text).unwrap();
    assert_eq!(lines(&rows), ["文件控制: 质量部; consulted: 总经理, 生产部", "采购: 质量部; informed: 总经理"]);
    let found: Vec<String> = rows.findings().map(|finding| finding.to_string()).collect();
    assert_eq!(found, ["1:1: marks without a legend: ★ is taken for the lead [要素 | 总经理 | 质量部 | 生产部]"]);
    reads("要素,甲部,乙部\n采购,■,□\n销售,□,■\n", &["采购: 甲部 with 乙部", "销售: 乙部 with 甲部"]);
    reads("Task,X,Y\nPlan,√,\nBuild,,√\n", &["Plan: X", "Build: Y"]);
}

#[test]
fn a_legend_of_letters_is_read_too() {
    let text = "Tasks of the project\n\n| Task | X | Y |\n| --- | --- | --- |\n| Plan | L | P |\n| Build | P | L |\n\nL = Lead, P = Participating\n";
    reads(text, &["Plan: X with Y", "Build: Y with X"]);
    finds(text, &["8:1: legend: it explains 2 marks"]);
}

#[test]
fn numbers_are_an_order() {
    let text = "Task,X,Y,Z\nPlan,2,1,3\nBuild,1,,2\n";
    reads(text, &["Plan: Y with X, Z", "Build: X with Z"]);
    finds(text, &[]);
    reads("Task,X,Y,Z\nPlan,1,L,2\nBuild,L,,1\n", &["Plan: Y with X, Z", "Build: X with Z"]);
    // Other numbers are no marks.
    assert!(Rows::read("Item,Cost,Weight\nSteel,20,31\nWood,17,5\n").is_err());
}

#[test]
fn words_are_marks() {
    reads("任务,甲部,乙部\n修路,牵头,配合\n架桥,配合,牵头\n", &["修路: 甲部 with 乙部", "架桥: 乙部 with 甲部"]);
    reads(
        "Task,X,Y\nPlan,Accountable,Responsible\nBuild,Informed,Accountable\n",
        &["Plan: X with Y", "Build: Y; informed: X"],
    );
}

#[test]
fn a_unit_can_have_the_name_of_a_role() {
    reads(
        "Task,Product Owner,Team Lead,Support\nPlan,A,R,I\nBuild,C,A,R\n",
        &[
            "Plan: Product Owner with Team Lead; informed: Support",
            "Build: Team Lead with Support; consulted: Product Owner",
        ],
    );
    // Units that are called like letters.
    reads("task,lead,supporting\na/1,A,B;C\na/2,B,A\n", &[": A with B, C", ": B with A"]);
}

#[test]
fn other_columns_of_a_chart_keep_their_meaning() {
    let text =
        "No,Phase,Activity,X,Y,Due,Status,Notes\n1,Start,Plan,A,R,2026-05-31,G,soon\n2,,Build,R,A,2026-06-30,R,\n";
    reads(text, &["Plan: X with Y", "Build: Y with X"]);
    let rows = Rows::read(text).unwrap();
    let task = rows.task(1).unwrap();
    assert_eq!((task.own_key(), task.section(), task.deadline()), ("2", "Start", Some("2026-06-30")));
    finds(text, &["1:27: column not read: no task takes it; cells with text: 2 [Status]", "1:34: column not read"]);
}

#[test]
fn a_title_row_and_a_row_of_groups_are_above_the_units() {
    let text = "<table><tr><th>Task<th colspan=2>Board<th>Staff<tr><th><th>X<th>Y<th>Z<tr><td>Plan<td>A<td>R<td>C\
                <tr><td>Build<td>I<td>A<td>R</table>";
    reads(text, &["Plan: X with Y; consulted: Z", "Build: Y with Z; informed: X"]);
    let text = "Responsibilities of 2026,,\nTask,X,Y\nPlan,A,R\nPhase two,,\nBuild,R,A\n";
    reads(text, &["Plan: X with Y", "Build: Y with X"]);
    finds(text, &["1:1: not read", "4:1: section: the section of the rows below [Phase two]"]);
    assert_eq!(Rows::read(text).unwrap().task(1).unwrap().section(), "Phase two");
}

#[test]
fn a_unit_without_a_mark_is_a_unit_and_a_finding() {
    let text = "Task,X,Y,Legal\nPlan,A,R,\nBuild,R,A,\n";
    finds(text, &["1:10: unit without a task: no row has a mark of it; an import does not create it [Legal]"]);
    let rows = Rows::read(text).unwrap();
    assert!(rows.units().map(|(unit, _)| unit).eq(["X", "Y", "Legal"]));
}

#[test]
fn the_caller_tells_units_and_letters() {
    let text = "Process,Sales,Legal\nContracts,P,V\n";
    let letters = Letters::new().mark("p", Role::Lead).mark("V", Role::Consulted);
    reads_with(&Reader::new().letters(letters.clone()), text, &["Contracts: Sales; consulted: Legal"]);
    let columns = Columns::new().header("Sales", Meaning::Unit);
    let rows = Reader::new().letters(letters).columns(columns).read(text).unwrap();
    assert_eq!(lines(&rows), ["Contracts: Sales; consulted: Legal"]);
}

#[test]
fn text_at_a_mark_is_left_out_and_reported() {
    let text = "Task,X,Y\nPlan,A*,R (deputy)\nBuild,R,A\n";
    reads(text, &["Plan: X with Y", "Build: Y with X"]);
    finds(
        text,
        &["2:6: text at a mark", "2:9: text at a mark: the mark is read; the text is left out [Y: R (deputy)]"],
    );
}
