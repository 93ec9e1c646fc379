//! The example programs answer as their usage says, and say what is wrong.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[path = "common/example.rs"]
mod example;

use std::path::Path;
use std::process::Command;

use example::example;
use responsibility_index::Index;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What an example prints for arguments, or its message.
fn run(name: &str, arguments: &str) -> Result<String, String> {
    let output = Command::new(example(name)).args(arguments.split_whitespace()).current_dir(ROOT).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[track_caller]
fn answers(name: &str, arguments: &str, expected: &[&str]) {
    let printed = run(name, arguments).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{name} {arguments}");
}

#[track_caller]
fn refuses(name: &str, arguments: &str, expected: &str) {
    let message = run(name, arguments).unwrap_err();
    assert!(message.starts_with(expected), "{name} {arguments}: {message}");
}

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
    refuses("ask", &ask("on monday lead plan/1"), "ask: \"monday\" is not a day such as 2018-11-05");
    refuses("ask", &ask("history plan/9"), "ask: there was no task \"plan/9\"");

    let printed = run("follow", &path.display().to_string()).unwrap();
    let cursor = |revision: u64| {
        let first: &str = printed.lines().next().unwrap();
        let log = first.split('"').find(|part| part.ends_with("-0")).unwrap();
        format!("{}{revision}", log.trim_end_matches('0'))
    };
    assert_eq!(printed.lines().filter(|line| line.starts_with("{\"commit\"")).count(), 3);
    let rest = run("follow", &format!("{} {} --edit plan/2 Health", path.display(), cursor(3))).unwrap();
    let lines: Vec<&str> = rest.lines().collect();
    assert!(lines.len() == 4 && lines[1].starts_with("{\"commit\":4"), "{rest}");
    refuses("follow", &format!("{} 12", path.display()), "follow: \"12\" is no cursor: there is no '-'");
    refuses("follow", &format!("{} {}", path.display(), cursor(9)), "follow: there is no revision 9");
}

#[test]
fn raci_answers_from_a_chart_and_writes_it_again() {
    let chart = std::fs::read_to_string(Path::new(ROOT).join("seeds/raci.csv")).unwrap();
    let written = run("raci", "seeds/raci.csv csv").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let copy = scratch.path().join("copy.csv");
    std::fs::write(&copy, &written).unwrap();
    let again = run("raci", &format!("{} csv", copy.display())).unwrap();
    assert_eq!((again.as_str(), written.lines().count()), (written.as_str(), chart.lines().count()));
    assert!(run("raci", "seeds/raci.csv markdown").unwrap().lines().all(|line| line.starts_with('|')));
    std::fs::write(&copy, chart.replace(",A", ",X")).unwrap();
    refuses("raci", &format!("{} idle", copy.display()), &format!("raci: {}: line 2", copy.display()));
}
