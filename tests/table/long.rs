//! Columns of roles.

use responsibility_index::Role;
use responsibility_index::table::{Basis, Columns, Meaning, Reader, Rows, TableError};

use crate::{finds, lines, reads, reads_with, titles};

#[test]
fn columns_name_the_units_of_each_role() {
    let text = "Task,Lead,Co-lead,Supporting,Consulted,Informed,Due\n\
                Repair the bridge,Transport,Works,Finance; Police,Health,Press / Board,2026-05-31\n";
    reads(
        text,
        &[
            "Repair the bridge: Transport; co-lead: Works with Finance, Police; consulted: Health; informed: Press, Board",
        ],
    );
    finds(text, &[]);
    let rows = Rows::read(text).unwrap();
    let task = rows.task(0).unwrap();
    assert_eq!((task.lead(), task.deadline(), task.basis()), (Some("Transport"), Some("2026-05-31"), Basis::Explicit));
    assert!(task.in_role(Role::Support).eq(["Finance", "Police"]));
    assert_eq!(rows.units().len(), 7);
}

#[test]
fn headers_in_chinese_name_the_same_roles() {
    reads("序号,任务,牵头单位,配合单位\n1,修路,市交通局,市财政局\n", &["修路: 市交通局 with 市财政局"]);
    reads(
        "序号\t任务\t市级牵头单位\t县级责任单位\n1\t修路\t市交通局\t各县区政府\n",
        &["修路: 市交通局 with 各县区政府"],
    );
    reads("序号\t任务\t牵头单位\t配合单位（部门）\n1\t修路\t市交通局\t市财政局\n", &["修路: 市交通局 with 市财政局"]);
    reads("序號,任務,主辦單位,協辦單位\n1,修路,市交通局,市財政局\n", &["修路: 市交通局 with 市財政局"]);
    for header in ["责任部门（单位）", "责任单位（责任人）", "责任单位及责任人", "整改责任单位"]
    {
        reads(&format!("序号,任务,{header}\n1,修路,市交通局\n"), &["修路: 市交通局"]);
    }
}

#[test]
fn rows_of_separated_text_and_of_markdown_are_those_of_a_notice() {
    let text =
        "| 序号 | 任务 | 责任单位 | 完成时限 |\n|---|---|---|---|\n| 1 | 修路 | 市交通局<br>市财政局 | 6月底 |\n";
    reads(text, &["修路: 市交通局 with 市财政局"]);
    let quoted = "序号\t任务\t责任单位\n1\t修路\t\"市交通局\n市财政局\"\n2\t架桥\t市水利局\n";
    reads(quoted, &["修路: 市交通局 with 市财政局", "架桥: 市水利局"]);
}

#[test]
fn responsible_units_support_beside_a_lead_column() {
    reads(
        "Task,Responsible,Accountable,Consulted,Informed\nRoads,Works,Transport,Legal,Board\n",
        &["Roads: Transport with Works; consulted: Legal; informed: Board"],
    );
    reads(
        "Task,R,A,C,I\nRoads,Works,Transport,Legal,Board\n",
        &["Roads: Transport with Works; consulted: Legal; informed: Board"],
    );
}

#[test]
fn responsible_units_lead_jointly_beside_supporters_and_by_convention_alone() {
    let text = "Task,Responsible Agency,Contributing Entities\nRoads,Transport; Works,Finance\n";
    reads(text, &["Roads: Transport; co-lead: Works with Finance"]);
    finds(text, &["2:7: joint leads: Transport leads, jointly with Works"]);
    let text = "Task,Responsible agency\nRoads,Transport; Works\nBridges,Works\n";
    reads(text, &["Roads: Transport with Works", "Bridges: Works"]);
    finds(text, &["2:7: lead by convention: Transport, listed first, leads"]);
    let rows = Rows::read(text).unwrap();
    assert_eq!(rows.tasks().map(|task| task.basis()).collect::<Vec<_>>(), [Basis::Convention, Basis::Explicit]);
}

/// A reader of another kind once made the supporter of a merged cell the lead.
#[test]
fn a_supporter_is_never_promoted_to_an_empty_lead_cell() {
    let text = "序号\t任务\t牵头单位\t配合单位\n1\t修路\t市交通局\t市财政局\n2\t架桥\t\t市公安局\n";
    reads(text, &["修路: 市交通局 with 市财政局", "架桥: vacant; support: 市公安局"]);
    finds(text, &["3:6: no lead: the task is vacant; its other unit is kept and does not lead [2 | 架桥 | 市公安局]"]);
    for empty in ["-", "n/a", "—", "无", "TBD"] {
        let rows = Rows::read(&format!("Task,Lead,Supporting\nRoads,{empty},Finance\n")).unwrap();
        assert_eq!(
            (rows.task(0).unwrap().lead(), lines(&rows)),
            (None, vec!["Roads: vacant; support: Finance".to_owned()])
        );
        assert!(titles(&rows).contains(&"no lead"));
    }
    assert_eq!(Rows::read("Task,Lead\nRoads,TBD\n").map(|rows| titles(&rows)), Ok(vec!["unit to be named", "no lead"]));
}

#[test]
fn the_copy_of_a_merged_lead_cell_is_the_lead() {
    let text = "<table><tr><th>Task<th>Lead<th>Support<tr><td>Roads<td rowspan=2>Transport<td>Finance\
                <tr><td>Bridges<td>Police</table>";
    reads(text, &["Roads: Transport with Finance", "Bridges: Transport with Police"]);
    finds(text, &[]);
}

#[test]
fn rows_whose_task_and_lead_are_copies_are_one_task() {
    let text = "<table><tr><th>Task<th>Lead<th>Support<tr><td rowspan=2>Roads<td rowspan=2>Transport<td>Finance\
                <tr><td>Police</table>";
    reads(text, &["Roads: Transport with Finance, Police"]);
    assert_eq!(Rows::read(text).map(|rows| titles(&rows)), Ok(vec!["merged rows"]));
}

#[test]
fn a_cell_can_say_who_leads() {
    let header = "任务,责任单位\n";
    reads(
        &format!("{header}修路,\"市交通局牵头，市财政局、市公安局配合\"\n"),
        &["修路: 市交通局 with 市财政局, 市公安局"],
    );
    reads(&format!("{header}修路,市财政局、市交通局（牵头）\n"), &["修路: 市交通局 with 市财政局"]);
    reads("Task,Responsible\nRoads,\"Finance, Transport (lead)\"\n", &["Roads: Transport with Finance"]);
    reads("Task,Responsible\nRoads,Lead: Transport; Support: Finance\n", &["Roads: Transport with Finance"]);
    // Not out of a column of supporters.
    reads("Task,Lead,Support\nRoads,,Finance (lead)\n", &["Roads: vacant; support: Finance"]);
}

#[test]
fn several_leads_lead_jointly() {
    let text = "Task,Lead\nRoads,Transport; Works\n";
    reads(text, &["Roads: Transport; co-lead: Works"]);
    finds(text, &["2:7: joint leads: Transport leads, jointly with Works [Roads | Transport; Works]"]);
}

#[test]
fn keys_titles_numbers_and_sections_have_their_columns() {
    let text = "task,lead,supporting,title,deadline\nplan/1/1,Transport,Finance;Police,Bridges,2026-11-30\n";
    let rows = Rows::read(text).unwrap();
    let task = rows.task(0).unwrap();
    assert_eq!((task.own_key(), task.title(), task.has_key()), ("plan/1/1", "Bridges", true));
    assert_eq!((task.key("plan").as_ref(), task.key("").as_ref()), ("plan/1/1", "plan/1/1"));
    assert_eq!(task.key("other").as_ref(), "other/plan/1/1");
    let rows = Rows::read("No.,Phase,Action,Owner\n1,Start,Hire,HR\n2,,Train,IT\n3,End,Close,HR\n").unwrap();
    let seen: Vec<_> = rows.tasks().map(|task| (task.own_key(), task.section(), task.title())).collect();
    assert_eq!(seen, [("1", "Start", "Hire"), ("2", "Start", "Train"), ("3", "End", "Close")]);
    let rows = Rows::read("task,owner\na/1,X\na/2,Y\n").unwrap();
    assert_eq!(rows.tasks().map(|task| task.own_key()).collect::<Vec<_>>(), ["a/1", "a/2"]);
}

#[test]
fn keys_are_distinct_whatever_the_table_says() {
    let rows = Rows::read("ID,Task,Owner\nx,Roads,A\nx,Bridges,B\nx/2,Rails,C\nx,Ships,D\n").unwrap();
    assert_eq!(rows.tasks().map(|task| task.own_key()).collect::<Vec<_>>(), ["x", "x/2", "x/2/2", "x/3"]);
    assert_eq!(titles(&rows), ["key repeated", "key repeated", "key repeated"]);
    // A row without a number goes on with that above.
    let rows = Rows::read("序号,任务,责任单位\n1,修路,市交通局\n,架桥,市水利局\n2,种树,市林业局\n").unwrap();
    assert_eq!(rows.tasks().map(|task| task.own_key()).collect::<Vec<_>>(), ["1", "1/2", "2"]);
    assert!(titles(&rows).is_empty());
}

#[test]
fn a_row_with_one_cell_names_the_section_of_the_rows_below() {
    let text = "序号,任务,责任单位\n一、交通,,\n1,修路,市交通局\n二、水利,,\n2,架桥,市水利局\n";
    let rows = Rows::read(text).unwrap();
    assert_eq!(rows.tasks().map(|task| task.section()).collect::<Vec<_>>(), ["一、交通", "二、水利"]);
    assert_eq!(titles(&rows), ["section", "section"]);
    let merged = "<table><tr><td>Task<td>Lead<tr><td colspan=2>Roads<tr><td>Repair<td>Works</table>";
    assert_eq!(Rows::read(merged).unwrap().task(0).unwrap().section(), "Roads");
}

#[test]
fn groups_of_tasks_are_sections() {
    let text = "<table><tr><th>重点任务<th>具体措施<th>责任单位<tr><td rowspan=2>交通<td>修路<td>市交通局<tr><td>架桥<td>市水利局</table>";
    let rows = Rows::read(text).unwrap();
    assert_eq!(lines(&rows), ["修路: 市交通局", "架桥: 市水利局"]);
    assert!(rows.tasks().all(|task| task.section() == "交通"));
    let rows = Rows::read("Goal,Action,Lead\nSafe roads,Repair,Works\nSafe roads,Light,Power\n").unwrap();
    assert_eq!(rows.task(1).map(|task| (task.section(), task.title())), Some(("Safe roads", "Light")));
}

#[test]
fn a_header_can_have_two_rows() {
    let text = "<table><tr><th rowspan=2>序号<th rowspan=2>任务<th colspan=2>责任单位<tr><th>牵头单位<th>配合单位\
                <tr><td>1<td>修路<td>市交通局<td>市财政局</table>";
    reads(text, &["修路: 市交通局 with 市财政局"]);
    reads("序号,任务,责任单位,\n,,牵头单位,配合单位\n1,修路,市交通局,市财政局\n", &["修路: 市交通局 with 市财政局"]);
}

#[test]
fn a_header_again_is_no_task_and_another_header_begins_another_table() {
    let text = "Task,Owner\nRoads,A\nTask,Owner\nBridges,B\n";
    reads(text, &["Roads: A", "Bridges: B"]);
    finds(text, &["3:1: header repeated"]);
    reads("Task,Owner\nRoads,A\n\nOwner,Task\nB,Bridges\n", &["Roads: A", "Bridges: B"]);
}

#[test]
fn a_task_that_speaks_of_leads_is_no_header() {
    reads(
        "Task,Owner\nAppoint a project lead,HR\nFind partners,Sales\n",
        &["Appoint a project lead: HR", "Find partners: Sales"],
    );
}

#[test]
fn titles_on_the_left_are_one_task() {
    let text = "任务\t修路\n责任单位\t市交通局\n完成时限\t6月底\n";
    reads(text, &["修路: 市交通局"]);
    assert_eq!(Rows::read(text).unwrap().task(0).unwrap().deadline(), Some("6月底"));
    let rows = Rows::read("责任单位\t市交通局\n完成时限\t6月底\n").unwrap();
    assert_eq!(lines(&rows), [": 市交通局"]);
    assert_eq!(titles(&rows), ["titles on the left", "row without a task"]);
}

#[test]
fn persons_are_left_out_beside_units_and_are_units_alone() {
    let text = "任务,责任单位,责任人\n修路,市交通局,张三\n";
    reads(text, &["修路: 市交通局"]);
    finds(
        text,
        &["1:9: column of persons: other columns name the units; persons are left out; cells with text: 1 [责任人]"],
    );
    reads("任务,责任人\n修路,张三\n", &["修路: 张三"]);
    reads("Action item,Assigned to,Due\nCall,Ann,May\n", &["Call: Ann"]);
    let text = "任务,责任单位（责任人）\n修路,市交通局（张三）\n";
    reads(text, &["修路: 市交通局"]);
    finds(text, &["2:4: persons at a unit: left out [张三]"]);
}

#[test]
fn a_department_leads_where_no_column_says_more() {
    let text = "Service,Department\nMail,IT\n";
    reads(text, &["Mail: IT"]);
    finds(text, &["1:9: column taken for the lead"]);
    reads("Service,Department,Owner\nMail,IT,Ann\n", &["Mail: Ann"]);
}

#[test]
fn columns_are_mapped_by_header_or_number() {
    let text = "What,Who,Helpers\nRoads,Transport,Finance\n";
    let mapped = Columns::new().header("who", Meaning::Lead).header("HELPERS", Meaning::Support);
    reads_with(&Reader::new().columns(mapped), text, &["Roads: Transport with Finance"]);
    let numbered: Columns = "lead=3,supporting=2".parse().unwrap();
    reads_with(&Reader::new().columns(numbered), text, &["Roads: Finance with Transport"]);
    let without = Columns::new().number(1, Meaning::Title).number(2, Meaning::Lead).header_at(0);
    reads_with(
        &Reader::new().columns(without),
        "Roads,Transport\nBridges,Works\n",
        &["Roads: Transport", "Bridges: Works"],
    );
    // Two columns of leads are told apart by the caller.
    let two = "Task,Owner,Lead\nRoads,A,B\n";
    assert!(matches!(Rows::read(two), Err(TableError::TwoHeaders { line: 1, meaning: Meaning::Lead, .. })));
    let mapped = Columns::new().header("Owner", Meaning::Ignore);
    reads_with(&Reader::new().columns(mapped), two, &["Roads: B"]);
}

#[test]
fn a_mapping_that_fits_nothing_is_an_error() {
    let reader = Reader::new().columns(Columns::new().header("Boss", Meaning::Lead));
    let error = reader.read("Task,Owner\nRoads,A\n").map(|rows| lines(&rows)).unwrap_err();
    let expected = r#"no table has the header "Boss", which is mapped to lead; the headers are "Task", "Owner""#;
    assert_eq!(error.to_string(), expected);
    let wide = (0..30).map(|at| format!("h{at}")).collect::<Vec<_>>().join(",");
    let error = reader.read(&format!("{wide}\n{wide}\n")).map(|rows| lines(&rows)).unwrap_err().to_string();
    assert!(error.ends_with(r#""h23" and 6 more"#), "{error}");
    for wrong in ["lead", "lead=", "lead=0", ""] {
        assert!(matches!(wrong.parse::<Columns>(), Err(TableError::NoMapping { .. })), "{wrong}");
    }
    let wrong = "lead=2,suporting=Helps".parse::<Columns>().unwrap_err().to_string();
    let expected =
        r#""suporting" in "suporting=Helps" is no meaning of a column; the meanings are key, number, task, title"#;
    assert!(wrong.starts_with(expected) && wrong.ends_with("unit, ignore"), "{wrong}");
}

#[test]
fn columns_and_rows_that_no_table_has_are_errors_of_the_caller() {
    let text = "What,Who,Helpers\nRoads,Transport,Finance,more\n";
    let error = |columns: Columns| Reader::new().columns(columns).read(text).map(|rows| lines(&rows)).unwrap_err();
    let numbered = |mapping: &str| error(mapping.parse().unwrap()).to_string();
    let expected = "column 99 is mapped to supporting, and no table has more than 3 columns";
    assert_eq!(numbered("lead=2,supporting=99"), expected);
    // Neither does a wrong number of the lead end as a table without one.
    assert!(numbered("lead=4").starts_with("column 4 is mapped to lead"), "{}", numbered("lead=4"));
    let row = error(Columns::new().number(2, Meaning::Lead).header_at(99)).to_string();
    assert_eq!(row, "the header is said to be row 99, and no table has more than 2 rows");
    // Another table can be shorter.
    let two = "| x | y |\n|---|---|\n| Task | Owner |\n| Roads | A |\n\n| x | y |\n|---|---|\n";
    let rows = Reader::new().columns(Columns::new().header_at(2)).read(two).unwrap();
    assert_eq!(lines(&rows), ["Roads: A"]);
}

#[test]
fn chinese_names_of_a_cell_share_what_is_spoken_once() {
    let text = "任务,牵头单位,配合单位\n修路,省交通厅,省财政厅、公安厅、省委宣传部\n架桥,省水利厅、发展改革委,教育厅\n";
    reads(
        text,
        &["修路: 省交通厅 with 省财政厅, 省公安厅, 省委宣传部", "架桥: 省水利厅; co-lead: 省发展改革委 with 教育厅"],
    );
    reads("Task,Lead,Support\nRoads,Transport,Finance; Police\n", &["Roads: Transport with Finance, Police"]);
}

#[test]
fn a_deadline_is_a_day_where_its_cell_is_one() {
    let text = "Task,Owner,Due\nA,X,2026-11-30\nB,X,2026/3/1\nC,X,2026年底前\nD,X,Q3\nE,X,2026-13-01\n";
    let rows = Rows::read(text).unwrap();
    let days = rows.tasks().map(|task| task.due().and_then(|due| due.day(2026)).map(|day| day.to_string()));
    let expected = ["2026-11-30", "2026-03-01", "2026-12-31"].map(str::to_owned).map(Some);
    assert_eq!(days.collect::<Vec<_>>(), [&expected[..], &[None, None]].concat());
}

#[test]
fn units_that_are_called_like_letters_make_no_chart_of_a_list() {
    let text = "task,lead,supporting,informed,due\na,Finance,,Press; Board,2026-11-30\nb,Finance,,R&D,2026-11-30\nc,Transport,R&D,,2026-11-30\n";
    reads_with(
        &Reader::new(),
        text,
        &["a: Finance; informed: Press, Board", "b: Finance; informed: R&D", "c: Transport with R&D"],
    );
    // The row before them is the first one below the header.
    let text = "task,lead,co-leads,supporting,due\na,Finance,Transport,,2026-11-30\nb,Transport,R&D,,2026-11-30\nc,Transport,,R&D,2026-11-30\n";
    reads_with(
        &Reader::new(),
        text,
        &["a: Finance; co-lead: Transport", "b: Transport; co-lead: R&D", "c: Transport with R&D"],
    );
}
