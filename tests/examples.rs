//! The example programs answer as their usage says, and say what is wrong.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[path = "common/example.rs"]
mod example;
#[path = "common/programs.rs"]
mod programs;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use example::example;
use programs::{ROOT, answers, refuses, run};
use responsibility_index::Index;

#[test]
fn owners_finds_who_owns_a_path_also_after_a_merger() {
    let owners = |question: &str| format!("seeds/codeowners.txt {question}");
    answers("owners", &owners("of /src/net/tls/handshake.rs"), &["@security  (by /src/net/tls)", "@network"]);
    answers("owners", &owners("of /src/net/http.rs"), &["@network  (by /src/net)"]);
    answers("owners", &owners("of /Makefile"), &["@core  (by *)"]);
    answers("owners", &owners("vacant"), &["/src/generated"]);
    answers("owners", &owners("by @core"), &["leads     *", "supports  /docs"]);
    let merged = owners("--merge @network @security by @network");
    answers("owners", &merged, &["leads     /src/net", "leads     /src/net/tls"]);
    refuses("owners", &owners("of /src/generated/api.rs"), "owners: /src/generated has no owner");
    refuses("owners", &owners("by @cor"), "owners: no unit is called \"@cor\"; is it \"@core\"?");
    refuses("owners", "none.txt vacant", "owners: none.txt: ");
    refuses("owners", &owners("who"), "owners: \"who\" is not a question");
}

#[test]
fn ask_answers_for_the_past_and_follow_goes_on_from_a_cursor() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    let day = jiff::civil::date(2016, 3, 28);
    index.batch().note("plan", "registry").in_force_from(day).assign("plan/1", ["Roads", "Finance"]).commit().unwrap();
    index.batch().note("reform", "").rename_unit("Roads", "Transport").commit().unwrap();
    index.batch().set_lead("plan/1", "Police", None).commit().unwrap();
    let times: Vec<String> =
        index.commits(..).unwrap().map(|commit| format!("{:.0}", commit.unwrap().time())).collect();
    drop(index);
    let ask = |question: &str| format!("{} {question}", path.display());
    let [first, second, third] = &times[..] else { panic!("{times:?}") };
    let day = "in force 2016-03-28";
    answers(
        "ask",
        &ask("history plan/1"),
        &[
            &format!("     3  {third}  {day}  Police with Finance"),
            &format!("     1  {first}  {day}  plan (by registry)  Roads with Finance"),
            "commits: 2",
        ],
    );
    answers(
        "ask",
        &ask("log"),
        &[
            &format!("     3  {third}  {day}  tasks: 1, units: 1"),
            &format!("     2  {second}  {day}  reform  tasks: 0, units: 1"),
            &format!("     1  {first}  {day}  plan (by registry)  tasks: 1, units: 2"),
        ],
    );
    answers("ask", &ask("at 1 lead plan/1"), &["Roads"]);
    answers("ask", &ask("on 2016-04-01 lead plan/1"), &["Police"]);
    refuses("ask", &ask("at 4 lead plan/1"), "ask: there is no revision 4: the newest is 3");
    refuses(
        "ask",
        &ask("at 1 led-by Transport"),
        "ask: no unit is called \"Transport\" at revision 1; unit \"Roads\" is",
    );
    refuses(
        "ask",
        &ask("on 2015-01-01 lead plan/1"),
        "ask: on 2015-01-01 no commit was in force: the first day is 2016-03-28",
    );
    refuses("ask", &ask("on monday lead plan/1"), "ask: \"monday\" is not a day such as 2016-11-30");
    refuses("ask", &ask("history plan/9"), "ask: there was no task \"plan/9\"");

    let printed = run("follow", &path.display().to_string()).unwrap();
    let cursor = |revision: u64| {
        let first: &str = printed.lines().next().unwrap();
        let log = first.split('"').find(|part| part.ends_with("-0")).unwrap();
        format!("{}{revision}", log.trim_end_matches('0'))
    };
    assert_eq!(printed.lines().filter(|line| line.starts_with("{\"commit\"")).count(), 3);
    let rest = run("follow", &format!("{} --after {} --edit plan/2 Health", path.display(), cursor(3))).unwrap();
    let lines: Vec<&str> = rest.lines().collect();
    assert!(lines.len() == 4 && lines[1].starts_with("{\"commit\":4"), "{rest}");
    refuses("follow", &format!("{} --after 12", path.display()), "follow: \"12\" is no cursor: there is no '-'");
    refuses("follow", &format!("{} --after {}", path.display(), cursor(9)), "follow: there is no revision 9");
    refuses("follow", &format!("{} --before 9", path.display()), "follow: \"--before\" is not an option");
}

#[test]
fn ask_answers_beside_a_process_that_writes_and_follow_shows_what_it_commits() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    index.assign("plan/1", ["Roads", "Finance"]).unwrap();
    answers("ask", &format!("{} lead plan/1", path.display()), &["Roads"]);
    let mut follow = Command::new(example("follow"));
    let mut follow = follow.arg(&path).arg("--wait").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    let mut next_commit = || lines.find(|line| line.starts_with("{\"commit\"")).unwrap();
    assert!(next_commit().starts_with("{\"commit\":1,"));
    index.assign("plan/1", ["Transport"]).unwrap();
    assert!(next_commit().starts_with("{\"commit\":2,"));
    // Another process commits, and this one has it, too.
    run("follow", &format!("{} --edit plan/2 Health", path.display())).unwrap();
    assert!(next_commit().starts_with("{\"commit\":3,"));
    assert_eq!(index.fresh_view().unwrap().lead("plan/2"), Some("Health"));
    follow.kill().unwrap();
    follow.wait().unwrap();
}

#[test]
fn import_notice_reads_pages_in_other_encodings_and_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = scratch.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let page =
        "<html><meta charset=gb2312>\n<p>1.修路。（责任单位：市<b>交通</b>局、<br/>市财政局&nbsp;&nosuch;）</p></html>";
    let page = file("page.html", &encoding_rs::GB18030.encode(page).0);
    let printed = run("import_notice", &page).unwrap();
    let lines: Vec<&str> = printed.lines().take(6).collect();
    assert_eq!(lines[0], "read as a web page in GB18030");
    assert!(lines[1].starts_with("2:42: unknown character reference: "), "{printed}");
    assert!(printed.contains("      leads: 市交通局\n      support: 市财政局"), "{printed}");
    let plain = file("plain.txt", &encoding_rs::GB18030.encode("1.修路。（责任单位：市交通局）\n").0);
    assert!(run("import_notice", &plain).unwrap().starts_with("read as plain text in GB18030\n\n1  修路\n"));
    let table = file("table.txt", b"task,lead\n1,Roads\n");
    let refused = run("import_notice", &table).unwrap_err();
    assert!(refused.ends_with("names a responsible unit; for a table use import_table\n"), "{refused}");
    let pdf = file("plan.pdf", b"%PDF-1.7");
    refuses(
        "import_notice",
        &pdf,
        &format!("import_notice: {pdf} is a PDF file, not text: make text of it with pdftotext"),
    );
}

#[test]
fn reform_shows_what_it_changes_and_reports_tell_who_is_missing() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    index.assign("plan/1", ["Roads", "Railways", "Finance"]).unwrap();
    index.assign("plan/2", ["Finance", "Roads"]).unwrap();
    drop(index);
    let file = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let database = path.display();
    let merger = file("merger.csv", "# two become one\nRoads, Railways; Transport;\nFinance; Treasury\n");
    let expected = [
        "Roads, Railways -> Transport",
        "Finance -> Treasury",
        "plan/1 (places lost)",
        "  - Roads with Railways, Finance",
        "  + Transport with Treasury",
        "plan/2",
        "  - Finance with Roads",
        "  + Treasury with Transport",
        "units: 4, tasks: 2, of these with places lost: 1, undecided: 0",
    ];
    let dry = "nothing is changed: add --apply to carry it out";
    answers("reform", &format!("{database} {merger}"), &[&expected[..], &[dry]].concat());
    let obligations = file(
        "yearly.jsonl",
        "{\"name\":\"yearly\",\"owed_by\":[{\"leads-below\":\"plan\"}],\"due\":{\"yearly\":[[11,30]]},\"from\":\"2016-03-28\"}\n",
    );
    let reports = |command: &str| format!("{database} {command}");
    answers("reports", &reports(&format!("set {obligations}")), &["yearly  units that owe: 2"]);
    answers(
        "reports",
        &reports("file yearly Roads 2016-11-30 2016-11-28"),
        &["yearly  2016-11-30  Roads  received 2016-11-28"],
    );
    let note = "note: Railways does not owe \"yearly\" for 2016-11-30; see: reports DB owed yearly 2016-11-30";
    answers(
        "reports",
        &reports("file yearly Railways 2016-11-30 2016-12-02"),
        &["yearly  2016-11-30  Railways  received 2016-12-02", note],
    );
    let done = "revision 6; reform DB --revert 6 --apply takes it back";
    let apply = format!("{database} {merger} --day 2016-11-30 --apply");
    answers("reform", &apply, &[&expected[..], &[done]].concat());
    answers(
        "reports",
        &reports("owed yearly 2016-11-30"),
        &["Treasury  leads 1  missing", "Transport  leads 1  missing; from before: Roads, Railways"],
    );
    answers(
        "reports",
        &reports("extend yearly Transport 2016-11-30 2016-12-15"),
        &["yearly  2016-11-30  Transport  missing, until 2016-12-15"],
    );
    answers("reports", &reports("overdue 2016-12-01"), &["2016-11-30  yearly  Treasury"]);
    answers("reports", &reports("excuse yearly Treasury 2016-11-30"), &["yearly  2016-11-30  Treasury  excused"]);
    answers("reports", &reports("overdue 2016-12-16"), &["2016-12-15  yearly  Transport"]);
    answers("reports", &reports("next 2016-12-01"), &["2017-11-30  yearly"]);
    for (line, expected) in [
        ("obligation", "line 2 is not JSON: expected value, at byte 1"),
        ("{\"name\":\"x\"}", "line 2 is no obligation: missing field"),
    ] {
        let bad = file("bad.jsonl", &format!("\n{line}\n"));
        refuses("reports", &reports(&format!("set {bad}")), &format!("reports: {bad}: {expected}"));
    }
    let due = "reports: obligation \"yearly\" is not due on 2016-11-29; the nearest due day is 2016-11-30";
    refuses("reports", &reports("file yearly Treasury 2016-11-29 2016-11-28"), due);
    refuses("reports", &reports("owed yearly 2016-11-31"), "reports: \"2016-11-31\" is not a day such as 2016-11-30");
    refuses(
        "reports",
        &reports("owed early 2016-11-30"),
        "reports: there is no obligation \"early\"; is it \"yearly\"?",
    );
    let bad = file("bad.csv", "Roads\n;X;\na;b;c;d\n");
    let message = run("reform", &format!("{database} {bad}")).unwrap_err();
    let lines = "line 1: it is not FROM;TO;PREFIX\nline 2: it names no unit before the reform\nline 3: it is not FROM;TO;PREFIX\n";
    assert!(message.ends_with(lines), "all bad lines at once: {message}");
    let unknown = file("unknown.csv", "Rods;X;\nRailways;Y;\nHealth;Z;\n");
    let message = run("reform", &format!("{database} {unknown} --apply")).unwrap_err();
    assert!(message.contains("line 1: no unit is called \"Rods\"") && message.contains("line 3: no unit"), "{message}");
    assert_eq!(Index::open(&path).unwrap().revision(), 8, "nothing of it is applied");
}

#[test]
fn matrix_writes_a_page_and_tables_and_ask_shows_it_in_the_terminal() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    index.assign("plan/1/1", ["Roads", "Finance"]).unwrap();
    index.assign("plan/1/2", ["Finance", "Roads", "A; B"]).unwrap();
    index.assign("plan/2/1", ["Finance"]).unwrap();
    index.assign("plan/2/2", ["Finance"]).unwrap();
    drop(index);
    let database = path.display();
    let page = run("matrix", &format!("{database} --title Plan --depth 1")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<h1>Plan</h1>"), "{page}");
    let expected = ["task,title,deadline,Roads,Finance,A; B", "plan/1/1,,,L,1,", "plan/1/2,,,1,L,2"];
    answers("matrix", &format!("{database} --prefix plan/1 --csv wide"), &expected);
    let markdown = run("matrix", &format!("{database} --markdown")).unwrap();
    assert!(markdown.contains("| plan/1/2 | Finance | Roads; A; B |  |  |"), "{markdown}");
    let pages = scratch.path().join("pages");
    run("matrix", &format!("{database} --pages {}", pages.display())).unwrap();
    assert!(pages.join("index.html").exists() && pages.join("section-2.html").exists());
    let output = Command::new(example("matrix")).arg(&path).arg("--xlsx").output().unwrap();
    // The program may have been built with the feature before.
    let is_refused = output.stderr.starts_with(b"matrix: built without the feature xlsx: cargo run");
    assert!(is_refused || output.stdout.starts_with(b"PK"), "{output:?}");
    refuses("matrix", &format!("{database} --csv tall"), "matrix: \"tall\" is neither long nor wide");
    refuses("matrix", &format!("{database} --prefix plan/9"), "matrix: there is no task at or below \"plan/9\"");
    let expected = [
        "     1  plan/1",
        "     2  plan/2",
        "",
        "     1     2     all",
        "   1+1   2+0     3+1  Finance",
        "   1+1     .     1+1  Roads",
        "   0+1     .     0+1  A; B",
        "   2+3   2+0     4+3  all",
    ];
    answers("ask", &format!("{database} matrix"), &expected);
    refuses("ask", &format!("{database} matrix plans"), "ask: there is no task below \"plans/\"");
}

#[test]
fn import_table_answers_from_a_chart_and_writes_it_again() {
    let ask = |question: &str| format!("seeds/raci.csv --ask {question}");
    let task = ["lead       Design", "support    Engineering", "informed   Programme office"];
    answers("import_table", &ask("task release/1/screens"), &task);
    answers(
        "import_table",
        &ask("unit Legal"),
        &["lead       release/1/terms", "consulted  release/1/plan", "consulted  release/2/announce"],
    );
    answers("import_table", &ask("vacant"), &["release/2/on-call"]);
    assert!(run("import_table", &ask("load")).unwrap().contains("Design  lead 1, support 2, consulted 1\n"));
    let written = run("import_table", &ask("csv")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let copy = scratch.path().join("copy.csv");
    std::fs::write(&copy, &written).unwrap();
    let again = run("import_table", &format!("{} --ask csv", copy.display())).unwrap();
    let chart = scratch.path().join("chart.csv");
    std::fs::write(&chart, "task,due,Design,Build,Legal\nplan it,May,A,R,\nbuild it,,R,A,\n").unwrap();
    let of_chart = |question: &str| format!("{} --ask {question}", chart.display());
    answers("import_table", &of_chart("idle"), &["Legal"]);
    let loads = ["Design  lead 1, support 1", "Build  lead 1, support 1", "Legal  no task"];
    answers("import_table", &of_chart("load"), &loads);
    let table = ["task,title,deadline,Design,Build", "1,plan it,May,L,1", "2,build it,,1,L"];
    answers("import_table", &of_chart("csv"), &table);
    assert_eq!((again.as_str(), written.lines().count()), (written.as_str(), 7));
    assert!(run("import_table", &ask("markdown")).unwrap().lines().all(|line| line.starts_with('|')));
    assert!(
        run("import_table", &ask("task release/9"))
            .unwrap_err()
            .contains("import_table: there is no task \"release/9\"")
    );
    assert!(
        run("import_table", &ask("unit Desing"))
            .unwrap_err()
            .contains("import_table: no unit is called \"Desing\"; is it \"Design\"?")
    );
    assert!(run("import_table", &ask("who")).unwrap_err().contains("import_table: \"who\" is not a question"));
}

#[test]
fn the_plan_in_english_is_read_with_all_its_roles() {
    let ask = |question: &str| run("import_table", &format!("seeds/harbour-plan.csv --ask {question}")).unwrap();
    let oil = "lead       Fire Brigade\nco-lead    Works\nsupport    Tugs\nconsulted  Nature Trust\ninformed   Town Council\n";
    assert_eq!(ask("task 3.2"), oil);
    assert_eq!((ask("vacant").as_str(), ask("unit Pilots").lines().count()), ("3.3\n", 3));
    let shown = run("import_table", "seeds/harbour-plan.csv").unwrap();
    assert!(shown.ends_with("11 tasks, 1 of them without a lead, 15 units\n"), "{shown}");
    assert!(shown.contains("findings (1)\n  10:33: no lead"), "{shown}");
}

/// All programs but `quickstart`, which takes no arguments, and `shared`, which needs a feature.
const PROGRAMS: [&str; 9] =
    ["ask", "export_to", "follow", "import_notice", "import_table", "matrix", "owners", "reform", "reports"];

#[test]
fn every_program_shows_its_usage_with_an_example() {
    for name in PROGRAMS {
        let usage = run(name, "--help").unwrap();
        assert_eq!((run(name, "-h"), run(name, "x --help")), (Ok(usage.clone()), Ok(usage.clone())));
        assert!(usage.starts_with(&format!("usage: {name} ")), "{usage}");
        let (_, description) = usage.split_once("\n\n").unwrap();
        let first = description.lines().next().unwrap();
        assert!(first.starts_with(char::is_uppercase) && first.contains(&format!(": {name} ")), "{usage}");
        assert_eq!(run(name, ""), Err(format!("{name}: {usage}")));
    }
}

#[test]
fn mistakes_are_named_in_one_line_with_the_way_on() {
    for (name, arguments, message) in [
        ("ask", "none.ri", "QUESTION is missing"),
        ("ask", "none.ri who", "\"who\" is not a question"),
        ("export_to", "openfga", "DB is missing"),
        ("export_to", "owl", "\"owl\" is neither openfga nor spicedb"),
        ("export_to", "decode", "ID is missing"),
        ("export_to", "openfga none.ri --prefix", "--prefix needs a value"),
        ("export_to", "openfga none.ri --prefix p q", "\"q\" is not an option"),
        ("export_to", "openfga none.ri --bogus", "\"--bogus\" is not an option"),
        ("follow", "none.ri --after", "--after needs a value"),
        ("follow", "none.ri --edit plan/1", "--edit needs a task and its lead"),
        ("follow", "none.ri --bogus", "\"--bogus\" is not an option"),
        ("import_notice", "--json", "FILE is missing"),
        ("import_notice", "a.txt b.txt", "one file at a time, so not b.txt"),
        ("import_notice", "a.txt --bogus", "\"--bogus\" is not an option"),
        ("import_table", "a.csv b.csv", "one file at a time, so not b.csv"),
        ("import_table", "a.csv --db", "--db needs a value"),
        ("import_table", "a.csv --db --dry-run", "--db needs a value, not --dry-run"),
        ("import_table", "seeds/raci.csv --ask", "QUESTION is missing"),
        ("matrix", "none.ri --csv tall", "\"tall\" is neither long nor wide"),
        ("matrix", "none.ri other.ri", "\"other.ri\" is not an option"),
        ("matrix", "none.ri --csv wide --markdown", "--markdown can't be with --csv: one form at a time"),
        ("matrix", "none.ri --csv wide --csv long", "--csv can't be with --csv: one form at a time"),
        ("owners", "seeds/codeowners.txt", "QUESTION is missing"),
        ("owners", "seeds/codeowners.txt --merge @core", "--merge needs two teams"),
        ("reform", "none.ri", "DB or FILE is missing"),
        ("reform", "none.ri none.csv --bogus", "\"--bogus\" is not an option"),
        ("reports", "none.ri", "COMMAND is missing"),
        ("reports", "none.ri who", "\"who\" is not a command"),
    ] {
        assert_eq!(run(name, arguments), Err(format!("{name}: {message}; see {name} --help\n")), "{name} {arguments}");
    }
    for (name, arguments, message) in [
        ("import_notice", "none.txt", "none.txt: No such file or directory (os error 2)\n"),
        ("import_table", "none.csv", "none.csv: No such file or directory (os error 2)\n"),
        ("import_table", "a.csv --year soon", "--year: \"soon\" is not a year\n"),
        ("import_table", "a.csv --header top", "--header: \"top\" is not the number of a row\n"),
        ("matrix", "none.ri --depth two", "\"two\" is not a number of parts from 1 on\n"),
        ("matrix", "none.ri --depth 0", "--depth: \"0\" is not a number of parts from 1 on\n"),
        ("owners", "none.txt teams", "none.txt: No such file or directory (os error 2)\n"),
        ("reform", "none.ri none.csv --day monday", "--day: \"monday\" is not a day such as 2016-11-30\n"),
    ] {
        let printed = run(name, arguments).unwrap_err();
        assert!(
            printed.starts_with(&format!("{name}: ")) && printed.ends_with(message),
            "{name} {arguments}: {printed}"
        );
    }
    for (name, arguments) in [
        ("ask", "none.ri units"),
        ("export_to", "openfga none.ri"),
        ("follow", "none.ri"),
        ("matrix", "none.ri"),
        ("reform", "none.ri seeds/fujian-2018-reform.csv"),
        ("reports", "none.ri list"),
    ] {
        let message = run(name, arguments).unwrap_err();
        let (start, end) = (format!("{name}: there is no index at "), "; import_table FILE --db none.ri makes one\n");
        assert!(message.starts_with(&start) && message.ends_with(end), "{message}");
    }
}

#[test]
fn programs_end_without_a_message_when_nobody_reads_their_output() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    Index::open(&path).unwrap().assign("plan/1", ["Roads"]).unwrap();
    for (name, question) in [("ask", "units"), ("follow", "--wait"), ("matrix", "--bom")] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(example(name)).arg(&path).arg(question).stdout(writer).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), message.as_str()), (Some(1), ""), "{name}");
    }
}

#[test]
fn import_notice_shows_findings_on_standard_error_and_ends_when_nobody_reads_them() {
    let notice = || {
        let mut command = Command::new(example("import_notice"));
        command.args(["seeds/fujian-2016.txt", "--json"]).current_dir(ROOT);
        command
    };
    let output = notice().output().unwrap();
    let findings = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && findings.starts_with("3:15: rule: "), "{findings}");
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 61);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = notice().stdout(std::process::Stdio::null()).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(1));
}
