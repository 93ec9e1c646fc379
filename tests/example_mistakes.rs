//! What the example programs say of files and questions that are wrong, incomplete, or only read in part.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[path = "common/example.rs"]
mod example;
#[path = "common/programs.rs"]
mod programs;

use std::process::Command;

use example::example;
use programs::{answers, run};
use responsibility_index::{Details, Index, Role};

#[test]
fn owners_reads_what_it_can_and_says_where_the_rest_may_be_the_answer() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("CODEOWNERS");
    let file = path.display().to_string();
    let text = "*.toml @early\n* @core\n/src/net/tls/ @security\n/src/net/ @network\n*.rs @rust\n?ake* @build\n/src/gen/\n/docs/**/api @api\n";
    std::fs::write(&path, text).unwrap();
    let owners = |question: &str| format!("{file} {question}");
    answers("owners", &owners("of src/main.rs"), &["@core  (by *)", "note: line 5 (*.rs) is not read and may own it"]);
    answers("owners", &owners("of Cargo.toml"), &["@core  (by *)"]);
    // A later line counts for all that it fits.
    answers("owners", &owners("of src/net/tls/a.c"), &["@network  (by /src/net)"]);
    answers("owners", &owners("of Makefile"), &["@core  (by *)", "note: line 6 (?ake*) is not read and may own it"]);
    let note = "note: line 8 (/docs/**/api) is not read and may own it";
    answers("owners", &owners("of docs/en/api"), &["@core  (by *)", note]);
    let refused = run("owners", &owners("of src/gen/a.c")).unwrap_err();
    assert!(refused.ends_with("\nowners: /src/gen has no owner\n"), "{refused}");
    let output = Command::new(example("owners")).args([&file, "teams"]).output().unwrap();
    let findings = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = findings.lines().collect();
    assert!(output.status.success() && lines.len() == 5, "{findings}");
    assert_eq!(lines[0], format!("{file}:1: *.toml: a pattern is not read, only a path from the root and *"));
    assert_eq!(lines[4], format!("{file}: lines that were not read: 4; the answer is without them"));
    for (line, of, may_fit) in [
        ("[Team] @x", "a", true),
        ("^[Team] @x", "a", true),
        ("!/a @x", "b", true),
        ("docs/ @x", "src/docs/a", true),
        ("docs/ @x", "src/doc/a", false),
        ("** @x", "a/b", true),
        ("a?c @x", "abc", true),
        ("a?c @x", "ac", false),
        ("/a/*.c @x", "b/a.c", false),
    ] {
        std::fs::write(&path, format!("* @core\n{line}\n")).unwrap();
        let printed = run("owners", &owners(&format!("of {of}"))).unwrap();
        assert_eq!(printed.contains("note: line 2 ("), may_fit, "{line} {of}: {printed}");
    }
}

#[test]
fn ask_says_what_a_question_lacks_and_where_to_look() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    index.assign("plan/1", ["Roads", "Finance"]).unwrap();
    let batch = index.batch().assign("plan/2", ["Finance"]).assign("plan/3", ["Finance", "Alliance"]);
    batch.add("plan/2", "All Teams", Role::Informed).add("plan/2", "Alliance", Role::CoLead).commit().unwrap();
    drop(index);
    assert_eq!(
        run("reports", &format!("{} file yearly", path.display())),
        Err("reports: file needs OBLIGATION and UNIT and DUE and RECEIVED: reports DB file OBLIGATION UNIT DUE RECEIVED\n"
            .to_owned())
    );
    let ask = |question: &str| format!("{} {question}", path.display());
    let refuses = |question: &str, expected: &str| {
        let message = run("ask", &ask(question)).unwrap_err();
        assert_eq!(message, format!("ask: {expected}\n"), "{question}");
    };
    refuses("under ofsite", "no key begins with \"ofsite\"");
    refuses("lead", "lead needs a TASK: ask DB lead TASK");
    refuses("both Roads", "both needs A and B: ask DB both A B");
    refuses("units Roads", "units takes no \"Roads\": ask DB units");
    refuses("lead plan/1 plan/2", "lead takes no \"plan/2\": ask DB lead TASK");
    refuses("matrix plan plan", "matrix takes no \"plan\": ask DB matrix [PREFIX]");
    refuses("at 1", "at needs REVISION and QUESTION: ask DB at REVISION QUESTION");
    refuses("at 1 lead", "lead needs a TASK: ask DB lead TASK");
    refuses("at 1 log", "log can't be asked of the past");
    refuses("on 2016-11-30 stats", "stats can't be asked of the past");
    refuses("lead plan/9", "there is no task \"plan/9\"; see: ask DB under plan/");
    refuses("lead plam/9", "there is no task \"plam/9\"; see: ask DB matrix");
    refuses(
        "on 2016-11-30 lead plan/1",
        "on 2016-11-30 no commit was in force, since none has a day: reform --day gives one; for a moment see log, then ask \
         at REVISION",
    );
    answers("ask", &ask("idle"), &["units: 0"]);
    answers(
        "ask",
        &ask("units"),
        &[
            " leads supports others",
            "     2        1      0  Finance",
            "     1        0      0  Roads",
            "     0        1      1  Alliance",
            "     0        0      1  All Teams",
            "units: 4",
        ],
    );
}

#[test]
fn ask_verify_says_a_cause_once_for_all_the_places_that_it_damages() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    let batch = (1..=21).fold(index.batch(), |batch, task| {
        let key = format!("plan/{task}");
        batch.assign(&key, ["Roads"]).set_details(&key, Details::titled(format!("Title {task} here")))
    });
    batch.commit().unwrap();
    index.assign("plan/22", ["Finance"]).unwrap();
    index.checkpoint().unwrap();
    drop(index);
    let mut damaged = 0;
    for file in std::fs::read_dir(path.join("log")).unwrap() {
        let file = file.unwrap().path();
        let mut bytes = if file.is_file() { std::fs::read(&file).unwrap() } else { continue };
        if let Some(at) = bytes.windows(13).position(|bytes| bytes == b"Title 21 here") {
            bytes[at] ^= 1;
            std::fs::write(&file, bytes).unwrap();
            damaged += 1;
        }
    }
    assert_eq!(damaged, 1);
    let output = Command::new(example("ask")).arg(&path).arg("verify").output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && shown.contains("21 places: ") && shown.contains("\n  plan/7\n"), "{shown}");
    assert_eq!(shown.matches("plan.ri").count(), shown.lines().filter(|line| line.contains("plan.ri")).count());
    assert!(shown.lines().count() < 30 && !shown.contains('\\'), "{shown}");
}

#[test]
fn reform_names_the_line_of_each_fault_and_takes_a_reform_back() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    index.assign("offsite/1", ["Design", "Finance"]).unwrap();
    index.assign("offsite/2", ["Engineering"]).unwrap();
    index.assign("launch/1", ["Engineering", "Design"]).unwrap();
    drop(index);
    let (database, file) = (path.display().to_string(), scratch.path().join("reform.csv"));
    let file = file.display().to_string();
    let refuses = |text: &str, expected: &str| {
        std::fs::write(&file, text).unwrap();
        let message = run("reform", &format!("{database} {file} --apply")).unwrap_err();
        assert_eq!(message, format!("reform: {file}: {expected}\n"), "{text}");
    };
    refuses("", "it has no line of the form FROM;TO;PREFIX");
    refuses("# nothing\n\n", "it has no line of the form FROM;TO;PREFIX");
    refuses(
        "# misspelt\nFinance;Treasury\nDesign;X;ofsite/\nDesign;X;/offsite/\n",
        "line 3: no key begins with \"ofsite/\"\nline 4: no key begins with \"/offsite/\"",
    );
    refuses("Finance;X;launch/\n", "line 1: \"Finance\" has no task below \"launch/\"");
    refuses("Design;X;offsite/\n\nDesign;Y;offsite/\n", "line 3: \"Design\" has no task below \"offsite/\"");
    refuses(
        "Design;X;\n#\nDesign;Y;\n",
        "line 3: \"Design\" becomes X in line 1 already: name all results in one line, or its successor in line 3",
    );
    refuses(
        "Design;X;\nDesign;Y;offsite/\n",
        "line 2: \"Design\" becomes X in line 1 already: put line 2 before line 1, or name its successor",
    );
    refuses("Design;;\nDesign;Y;\n", "line 2: \"Design\" is abolished in line 1 already");
    refuses("\nDesign;Design;\n", "line 2: Design becomes Design: nothing would change");
    refuses(
        "# parts\nFinance;Treasury;\n\nEngineering;Platform,Product;\n",
        "line 4: unit \"Engineering\" ends, and no line says who takes over 2 of its tasks, such as launch/1, offsite/2: \
         give them away in lines before it, such as Engineering;Platform;launch/1, or add --leave-undecided",
    );
    // A name that comes back means the new unit, and a unit that is a result goes on.
    let chain = "Design;X;\nFinance;Design;\nDesign;Y;\nX,Engineering;X;\nX;Z;offsite/2\n";
    std::fs::write(&file, chain).unwrap();
    let printed = run("reform", &format!("{database} {file} --apply")).unwrap();
    assert!(printed.ends_with("revision 4; reform DB --revert 4 --apply takes it back\n"), "{printed}");
    answers("ask", &format!("{database} lead offsite/2"), &["Z"]);
    let back = run("reform", &format!("{database} --revert 4")).unwrap();
    assert!(back.contains("offsite/2\n  - Z\n  + Engineering\n"), "{back}");
    assert!(back.ends_with("nothing is changed: add --apply to take revision 4 back\n"), "{back}");
    let back = run("reform", &format!("{database} --revert 4 --apply")).unwrap();
    assert!(back.ends_with("revision 5; revision 4 is taken back\n"), "{back}");
    answers("ask", &format!("{database} lead offsite/2"), &["Engineering"]);
    let mistake = "reform: --revert needs a value; see reform --help\n".to_owned();
    assert_eq!(run("reform", &format!("{database} --revert")), Err(mistake));
}
