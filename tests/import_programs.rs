//! The programs that import documents: what they print, the second time too, and what they say about mistakes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[path = "common/example.rs"]
mod example;

use std::path::{Path, PathBuf};
use std::process::Command;

use example::example;
use responsibility_index::Index;

/// A directory with files, in which programs run.
struct Desk(tempfile::TempDir);

/// Standard output and standard error of a program that succeeded, or its standard error.
type Printed = Result<(String, String), String>;

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn run(&self, name: &str, arguments: &str) -> Printed {
        let mut command = Command::new(example(name));
        let output = command.args(arguments.split_whitespace()).current_dir(&self.0).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, errors) = (text(output.stdout), text(output.stderr));
        if output.status.success() { Ok((out, errors)) } else { Err(errors) }
    }

    /// The last lines that a program prints, from the one that begins so.
    #[track_caller]
    fn ends(&self, name: &str, arguments: &str, expected: &[&str]) {
        let (out, _) = self.run(name, arguments).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines.ends_with(expected), "{name} {arguments}\n{out}");
    }

    #[track_caller]
    fn refuses(&self, name: &str, arguments: &str, expected: &str) {
        let message = self.run(name, arguments).unwrap_err();
        assert!(message.starts_with(expected), "{name} {arguments}: {message}");
    }
}

fn open(path: &Path) -> Index {
    Index::open(path).unwrap()
}

const PLAN: &str = "ID,Phase,Task,Lead,Support,Due\n\
                    roads,Build,Repair the roads,Transport,Finance; Police,2026-11-30\n\
                    bridges,Build,Build the bridges,,Water,\n";

#[test]
fn a_table_is_shown_and_given_as_json_with_findings_apart() {
    let desk = Desk::new();
    desk.write("plan.csv", PLAN);
    desk.ends(
        "import_table",
        "plan.csv",
        &[
            "roads  Repair the roads",
            "    lead: Transport",
            "    support: Finance, Police",
            "    by: 2026-11-30",
            "bridges  Build the bridges",
            "    lead: nobody",
            "    support: Water",
            "",
            "columns: ID=key, Phase=section, Task=title, Lead=lead, Support=supporting, Due=deadline",
            "",
            "findings (1)",
            "  3:33: no lead: the task is vacant; its other unit is kept and does not lead [bridges | Build | Build the bridges | Water]",
            "",
            "2 tasks, 1 of them without a lead, 4 units",
        ],
    );
    let (out, errors) = desk.run("import_table", "plan.csv --json").unwrap();
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = serde_json::json!({
        "task": "roads", "title": "Repair the roads", "lead": "Transport", "co_leads": [], "supporting": ["Finance", "Police"],
        "consulted": [], "informed": [], "deadline": "2026-11-30", "line": 2, "column": 13,
    });
    assert_eq!(lines[0], expected);
    assert_eq!((lines.len(), &lines[1]["lead"]), (2, &serde_json::Value::Null));
    assert!(errors.starts_with("columns: ID=key, ") && errors.contains("\n3:33: no lead"), "{errors}");
}

#[test]
fn columns_and_marks_can_be_mapped() {
    let desk = Desk::new();
    desk.write("odd.csv", "What,Desk,Helpers\nRoads,Transport,Finance\n");
    desk.refuses("import_table", "odd.csv", "import_table: odd.csv: line 1: no column names a lead");
    let (out, _) = desk.run("import_table", "odd.csv --map lead=2,supporting=Helpers --header 1 --json").unwrap();
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&line["lead"], &line["supporting"][0]), (&"Transport".into(), &"Finance".into()));
    desk.refuses("import_table", "odd.csv --map leader=2", "import_table: \"leader\" in \"leader=2\" is no meaning");
    desk.refuses("import_table", "odd.csv --marks P=boss", "import_table: \"boss\" is no role; the roles are lead");
    desk.write("chart.csv", "Process,Sales,Legal\nContracts,P,V\n");
    let (out, _) = desk.run("import_table", "chart.csv --marks P=lead,V=consulted --json").unwrap();
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&line["lead"], &line["consulted"][0]), (&"Sales".into(), &"Legal".into()));
}

#[test]
fn a_table_comes_into_an_index_and_its_refused_rows_into_a_table() {
    let desk = Desk::new();
    desk.write("plan.csv", PLAN);
    let added = "changed: 2 added, 0 moved, 0 with other units, 0 with another text or place, 0 as before; revision 1";
    desk.ends("import_table", "plan.csv --db a.ri", &["2 tasks, 1 of them without a lead, 4 units", added]);
    desk.ends("import_table", "plan.csv --db a.ri", &["nothing changes: 2 tasks are as they were, at revision 1"]);
    desk.write(
        "next.csv",
        "ID,Task,Lead,Support\nroads,Repair the roads,Transprot,Finance\nbridges,Build,Police,Water\n",
    );
    let known = "next.csv --db a.ri --prefix plan --known-units";
    desk.refuses(
        "import_table",
        known,
        "import_table: next.csv: 1 of 2 tasks are refused\n  2:7: plan/roads: no unit is called \"Transprot\"; is it \"Transport\"?",
    );
    let (out, _) = desk.run("import_table", &format!("{known} --refused refused.csv --dry-run")).unwrap();
    assert!(out.contains("would change: 0 added, 0 moved, 1 with other units"), "{out}");
    let (out, _) = desk.run("import_table", &format!("{known} --refused refused.csv")).unwrap();
    assert!(out.contains("plan/roads: no unit is called \"Transprot\"; is it \"Transport\"?; left out"), "{out}");
    let index = open(&desk.path("a.ri"));
    assert_eq!(
        (index.lead("plan/bridges").as_deref(), index.lead("plan/roads").as_deref()),
        (Some("Police"), Some("Transport"))
    );
    drop(index);
    let mended = std::fs::read_to_string(desk.path("refused.csv")).unwrap().replace("Transprot", "Transport");
    desk.write("refused.csv", &mended);
    desk.run("import_table", "refused.csv --db a.ri --prefix plan --known-units").unwrap();
    let index = open(&desk.path("a.ri"));
    assert_eq!(index.view().task("plan/roads").unwrap().standing().to_string(), "Transport with Finance");
}

#[test]
fn an_error_comes_last_behind_what_is_shown() {
    let desk = Desk::new();
    desk.write("plan.csv", PLAN);
    // Both streams in one file, as a terminal shows them.
    let file = std::fs::File::create(desk.path("all.txt")).unwrap();
    let mut command = Command::new(example("import_table"));
    command.args(["plan.csv", "--db", "a.ri", "--known-units"]).current_dir(&desk.0);
    command.stdout(file.try_clone().unwrap()).stderr(file);
    assert!(!command.status().unwrap().success());
    let all = std::fs::read_to_string(desk.path("all.txt")).unwrap();
    let (shown, message) = all.split_once("import_table: plan.csv: 2 of 2 tasks are refused\n").unwrap();
    assert!(
        shown.starts_with("plan/roads  Repair the roads\n") && message.contains("no unit is called \"Transport\""),
        "{all}"
    );
}

#[test]
fn a_notice_that_comes_again_moves_tasks_and_shows_conflicts() {
    let desk = Desk::new();
    let (roads, schools) = ("修好道路。（责任单位：市交通局）", "办好学校。（责任单位：市教育局）");
    desk.write("p.txt", &format!("1.{roads}\n2.{schools}\n"));
    desk.run("import_notice", "p.txt --db a.ri").unwrap();
    open(&desk.path("a.ri")).batch().set_lead("p/2/1", "市公安局", None).commit().unwrap();
    desk.write(
        "p.txt",
        &format!("1.架好桥梁。（责任单位：市水利局）\n2.{roads}\n3.办好学校。（责任单位：市民政局）\n"),
    );
    desk.ends(
        "import_notice",
        "p.txt --db a.ri",
        &[
            "changed: 1 added, 2 moved, 0 with other units, 0 with another text or place, 0 as before; revision 3",
            "  p/1/1 -> p/2/1: moved",
            "  p/2/1 -> p/3/1: moved",
            "  p/3/1: units: the document has \"市民政局\", the index \"市公安局\"; the index keeps its own",
        ],
    );
    assert_eq!(open(&desk.path("a.ri")).lead("p/3/1").as_deref(), Some("市公安局"));
    desk.run("import_notice", "p.txt --db a.ri --take p/3/1").unwrap();
    assert_eq!(open(&desk.path("a.ri")).lead("p/3/1").as_deref(), Some("市民政局"));
    desk.refuses(
        "import_notice",
        "p.txt --take p/3/1",
        "import_notice: --dry-run, --remove-gone, --take and --except need --db",
    );
}

#[test]
fn mistakes_are_named() {
    let desk = Desk::new();
    desk.write("empty.csv", "");
    desk.write("prose.txt", "A sentence about nothing.\n");
    desk.refuses("import_table", "", "import_table: usage: import_table FILE");
    desk.refuses("import_table", "--json", "import_table: FILE is missing; see import_table --help");
    desk.refuses("import_table", "none.csv", "import_table: none.csv: No such file");
    desk.refuses("import_table", "empty.csv", "import_table: empty.csv is empty");
    desk.refuses("import_table", "prose.txt", "import_table: prose.txt: no table: ");
    desk.refuses("import_table", "prose.txt --refused x.csv", "import_table: --dry-run, --known-units, --refused");
    desk.refuses("import_table", "prose.txt --year soon", "import_table: --year: \"soon\" is not a year");
    desk.refuses("import_table", "prose.txt --year 27", "import_table: --year: \"27\" is not a year from 1000 to 9999");
    if !cfg!(feature = "xlsx") {
        desk.write("plan.xlsx", "PK\u{3}\u{4}xl/workbook.xml");
        let expected =
            "import_table: plan.xlsx is a spreadsheet (.xlsx): build with --features xlsx, or save it as CSV";
        desk.refuses("import_table", "plan.xlsx", expected);
    }
}

#[test]
fn it_is_told_how_the_columns_are_read_and_that_rows_are_numbered() {
    let desk = Desk::new();
    desk.write("numbered.csv", "What,Owner,Helps,Due\nRoads,A,B,2026-11-30\nBridges,A,,\n");
    let columns = "columns: What=title, Owner=lead, Due=deadline; not read: Helps";
    let numbered = "no column has keys: tasks are numbered by row; --map key=HEADER names one";
    let (out, _) = desk.run("import_table", "numbered.csv").unwrap();
    assert!(out.contains(&format!("\n\n{columns}\n{numbered}\n\nfindings (1)\n")), "{out}");
    let (_, errors) = desk.run("import_table", "numbered.csv --json").unwrap();
    assert!(errors.starts_with(&format!("{columns}\n{numbered}\n")), "{errors}");
    let (out, _) = desk.run("import_table", "numbered.csv --map key=What").unwrap();
    assert!(out.contains("columns: What=key, Owner=lead, Due=deadline") && !out.contains(numbered), "{out}");
    desk.write("chart.csv", "No.,Task,X,Y,Z\n1,Roads,A,R,C\n");
    let (out, _) = desk.run("import_table", "chart.csv").unwrap();
    assert!(out.contains("columns: No.=number, Task=title; 3 columns of units\n") && !out.contains(numbered), "{out}");
}

#[test]
fn an_index_that_does_not_open_is_told_before_anything_is_shown() {
    let desk = Desk::new();
    desk.write("plan.csv", PLAN);
    desk.write("none.ri", "no index\n");
    let mut command = Command::new(example("import_table"));
    let output = command.args(["plan.csv", "--db", "none.ri"]).current_dir(&desk.0).output().unwrap();
    assert!(!output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("import_table: "));
}
