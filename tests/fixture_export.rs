//! An index leaves this crate and comes back: as JSON Lines, and as a backup.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly where something is not as it should be"
)]

use std::sync::atomic::{AtomicBool, Ordering};

use responsibility_index::assignment::MAX_UNITS_OF_A_TASK;
use responsibility_index::error::OpenError;
use responsibility_index::{Assignment, Details, Error, Index, InputError, Role, UnitKind};

fn sample() -> Index {
    let index = Index::in_memory();
    index.batch().create_unit("联席会议成员单位", UnitKind::Collective).commit().unwrap();
    for n in [1, 10, 2, 9] {
        index.assign(&format!("fujian-2016/{n}"), ["省经信委", "省发改委", "省\"科技\\厅"]).unwrap();
    }
    index.batch().add_alias("省经信委", "省工信厅").commit().unwrap();
    index.batch().add_alias("省经信委", "a\u{202e}b").commit().unwrap();
    let details = Details::titled("tab\there").text("\u{1}\n\u{2028}").source("notice", 3, 4).field("deadline", "2016");
    index.batch().set_details("fujian-2016/2", details).commit().unwrap();
    index.remove("fujian-2016/9").unwrap();
    let every_role = Assignment::led_by("省经信委").unwrap().and(Role::CoLead, ["省发改委"]).unwrap();
    let every_role = every_role.and(Role::Consulted, ["省\"科技\\厅"]).unwrap();
    index.assign("roles/1", every_role.and(Role::Informed, ["联席会议成员单位"]).unwrap()).unwrap();
    index.assign("roles/2", ["省经信委", "省发改委"]).unwrap();
    index.batch().vacate("roles/2").declare("roles/3").commit().unwrap();
    index
}

fn lines(index: &Index) -> String {
    let mut out = Vec::new();
    index.export_jsonl(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn import(lines: &str) -> Result<Index, Error> {
    let index = Index::in_memory();
    index.import_jsonl(&mut lines.as_bytes())?;
    Ok(index)
}

#[test]
fn an_export_is_sorted_with_one_fact_a_line() {
    let exported = lines(&sample());
    let expected = [
        r#"{"format":"responsibility-index","version":1}"#,
        r#"{"unit":"省\"科技\\厅","kind":"body"}"#,
        r#"{"unit":"省发改委","kind":"body"}"#,
        r#"{"unit":"省经信委","kind":"body"}"#,
        "{\"unit\":\"省经信委\",\"alias\":\"a\u{202e}b\"}",
        r#"{"unit":"省经信委","alias":"省工信厅"}"#,
        r#"{"unit":"联席会议成员单位","kind":"collective"}"#,
        r#"{"task":"fujian-2016/1","lead":"省经信委","supporting":["省发改委","省\"科技\\厅"]}"#,
        r#"{"task":"fujian-2016/2","lead":"省经信委","supporting":["省发改委","省\"科技\\厅"]}"#,
        "{\"task\":\"fujian-2016/2\",\"details\":{\"title\":\"tab\\there\",\"text\":\"\\u0001\\n\u{2028}\",\"source\":{\"document\":\"notice\",\"line\":3,\"column\":4},\"fields\":{\"deadline\":\"2016\"}}}",
        r#"{"task":"fujian-2016/10","lead":"省经信委","supporting":["省发改委","省\"科技\\厅"]}"#,
        r#"{"task":"roles/1","lead":"省经信委","co-leads":["省发改委"],"consulted":["省\"科技\\厅"],"informed":["联席会议成员单位"]}"#,
        r#"{"task":"roles/2","lead":null,"supporting":["省发改委"]}"#,
        r#"{"task":"roles/3","lead":null}"#,
    ];
    assert_eq!(exported.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_round_trip_is_the_same_byte_for_byte() {
    let exported = lines(&sample());
    let back = import(&exported).unwrap();
    assert_eq!(lines(&back), exported);
    assert_eq!((back.revision(), back.verify().unwrap()), (1, vec![]));
    back.import_jsonl(&mut exported.as_bytes()).unwrap();
    assert_eq!(lines(&back), exported, "what is there already stays");
    let empty = lines(&Index::in_memory());
    assert_eq!(lines(&import(&empty).unwrap()), empty);
    let only_units: String = exported.lines().take(7).map(|line| format!("{line}\n")).collect();
    assert_eq!(lines(&import(&only_units).unwrap()), only_units);
}

#[test]
fn a_line_that_can_not_be_used_is_named_and_nothing_is_imported() {
    let exported = lines(&sample());
    let good: Vec<&str> = exported.lines().collect();
    let bad = [
        (1, "{}"),
        (1, r#"{"format":"responsibility-index","version":2}"#),
        (2, "not json"),
        (2, r#"{"unit":"x","kind":"committee"}"#),
        (2, r#"{"unit":"x","kind":"body","more":1}"#),
        (5, r#"{"unit":"nobody","alias":"x"}"#),
        (6, r#"{"unit":"省经信委","alias":"省发改委"}"#),
        (8, r#"{"task":"t","lead":"a","supporting":["a"]}"#),
        (8, r#"{"task":" t","lead":"a","supporting":[]}"#),
        (10, r#"{"task":"fujian-2016/1","details":{"title":"of another"}}"#),
        (11, r#"{"format":"responsibility-index","version":1}"#),
    ];
    for (line, text) in bad {
        let mut some = good.clone();
        some[line - 1] = text;
        let index = Index::in_memory();
        let error = index.import_jsonl(&mut some.join("\n").as_bytes()).unwrap_err();
        assert!(matches!(&error, Error::Input(InputError::BadLine { line: at, .. }) if *at == line), "{text}: {error}");
        assert_eq!((index.revision(), index.view().units().count()), (0, 0));
    }
    let twice = format!("{exported}{}\n", good[7]);
    assert!(import(&twice).is_err(), "a task twice");
    assert!(import("").is_err());
    let deep = format!("{}\n{}", good[0], "[".repeat(1_000_000));
    assert!(import(&deep).is_err());
}

/// A missing or misspelt field said only "data did not match any variant of untagged enum Line".
#[test]
fn a_line_says_which_field_is_missing_unknown_or_doubled() {
    let exported = lines(&sample());
    let many = format!(r#"{{"task":"t","lead":"a","supporting":[{}"b"]}}"#, "\"a\",".repeat(MAX_UNITS_OF_A_TASK));
    let long = format!(r#"{{"{}":1}}"#, "x\u{202e}".repeat(100_000));
    let cases = [
        (r#"{"task":"t","supporting":[]}"#, "a task needs a lead, which is null for a vacant task"),
        (r#"{"task":"t","lead":"a","informed":["b","a"]}"#, "unit \"a\" is named twice"),
        (r#"{"task":"t","lead":null,"co-leads":["b"],"consulted":["b"]}"#, "unit \"b\" is named twice"),
        (r#"{"unit":"x"}"#, "a unit needs a kind, \"body\" or \"collective\""),
        (r#"{"alias":"x"}"#, "an alias needs a unit"),
        (r#"{"details":{}}"#, "a line of details needs a task"),
        (r#"{"task":x}"#, "line 2: it is not JSON: expected value, at byte 9"),
        (r#"{"task":"t""#, "line 2: it is not JSON: EOF while parsing an object, at byte 11"),
        ("{}", "it has neither a unit nor a task"),
        (r#"{"lead":"x"}"#, "it has neither a unit nor a task"),
        (r#"{"unit":"x","kind":"body","lead":"y"}"#, "a unit has no field `lead`"),
        (r#"{"task":"t","lead":"a","supporting":[],"version":1}"#, "a task has no field `version`"),
        (r#"{"task":"t","lead":["a"]}"#, "invalid type: sequence, expected a string, at byte 19"),
        (r#"{"task":"t","lead":"a","lead":"b","supporting":[]}"#, "duplicate field `lead`, at byte 29"),
        (r#"{"unit":"x","kind":"body","more":1}"#, "unknown field `more`"),
        (r#"{"unit":"x","kind":"committee"}"#, "unknown variant `committee`, expected `body` or `collective`"),
        (r#"{"task":"t","details":{"titel":"x"}}"#, "unknown field `titel`, expected one of `title`"),
        (r#"{"task":"t","details":{"fields":{"a":"1","a":"2"}}}"#, "duplicate field \"a\" of the details"),
        (r#"{"task":"t","details":{"title":"x"}}"#, "the details of task \"t\" do not follow the line of the task"),
        (r#"["t","a",[]]"#, "it is not a JSON object"),
        ("", "it is not a JSON object"),
        (&many, "a task has at most 4096 units"),
        (&long, "unknown field `x\\u{202e}x"),
    ];
    for (text, expected) in cases {
        let some = format!("{}\n{text}\n{{}}", exported.lines().next().unwrap());
        let message = import(&some).unwrap_err().to_string();
        assert!(message.starts_with("line 2: ") && message.contains(expected), "{message}");
        assert!(message.len() < 300 && !message.contains('\u{202e}'), "{} bytes: {message}", message.len());
    }
    let first =
        [("{}", "the first line is not"), (r#"{"format":"responsibility-index"}"#, "the first line needs a version")];
    for (text, expected) in first {
        let message = import(text).unwrap_err().to_string();
        assert!(message.starts_with("line 1: ") && message.contains(expected), "{message}");
    }
}

#[test]
fn details_given_twice_for_one_task_are_refused() {
    let exported = lines(&sample());
    let details = exported.lines().find(|line| line.contains("\"details\"")).unwrap();
    let twice = exported.replace(details, &format!("{details}\n{details}"));
    assert!(import(&twice).unwrap_err().to_string().contains("do not follow the line of the task"));
}

#[test]
fn plain_values_are_serialized_as_in_an_export() {
    let details = Details::titled("one").source("notice", 3, 4).field("deadline", "2016");
    let text = serde_json::to_string(&details).unwrap();
    assert!(lines_of(&details).contains(&text), "{text}");
    assert_eq!(serde_json::from_str::<Details>(&text).unwrap(), details);
    assert_eq!(serde_json::to_string(&[UnitKind::Body, UnitKind::Collective]).unwrap(), r#"["body","collective"]"#);
    assert_eq!(serde_json::to_string(&[Role::Lead, Role::Support]).unwrap(), r#"["lead","support"]"#);
    assert_eq!(serde_json::from_str::<Role>("\"support\"").unwrap(), Role::Support);
    // A text of any length takes no more memory than details may.
    let fields: String = (0..600_000).map(|n| format!("\"{n}\":\"\",")).collect();
    let error = serde_json::from_str::<Details>(&format!("{{\"fields\":{{{fields}\"\":\"\"}}}}")).unwrap_err();
    assert!(error.to_string().contains("the details have more than 8388608 bytes"), "{error}");
}

/// An export with these details of one task.
fn lines_of(details: &Details) -> String {
    let index = Index::in_memory();
    index.assign("t/1", ["A"]).unwrap();
    index.batch().set_details("t/1", details.clone()).commit().unwrap();
    lines(&index)
}

#[test]
fn a_backup_is_a_whole_index_with_its_history() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("copy.ri");
    let index = sample();
    assert_eq!(index.backup(&path).unwrap(), index.revision());
    let copy = Index::open(&path).unwrap();
    assert_eq!((lines(&copy), copy.revision()), (lines(&index), index.revision()));
    assert_eq!(copy.verify().unwrap(), [], "the log is in it, too");
    assert!(matches!(index.backup(&path), Err(Error::Open(OpenError::Exists { .. }))));
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing else is left behind");
}

#[test]
fn a_backup_is_of_one_revision_while_others_commit() {
    let scratch = tempfile::tempdir().unwrap();
    let index = Index::open(scratch.path().join("plan.ri")).unwrap();
    let mut load = index.bulk_load();
    (0..5_000).for_each(|n| load.add(&format!("plan/{n}"), ["Transport"]).unwrap());
    load.commit().unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                // Both or neither, in every revision.
                let units = [format!("unit {}", n % 10), "Finance".to_owned()];
                index.batch().assign("a", units.clone()).assign("b", units).commit().unwrap();
            }
        });
        for n in 0..4 {
            let path = scratch.path().join(format!("copy-{n}.ri"));
            let revision = index.backup(&path).unwrap();
            let copy = Index::open(&path).unwrap();
            assert_eq!((copy.revision(), copy.verify().unwrap()), (revision, vec![]));
            assert_eq!(copy.view().assignment("a"), copy.view().assignment("b"));
        }
        stop.store(true, Ordering::Relaxed);
    });
}
