//! Tuples for other stores: each line follows the grammar of its store, ids are reversible, and nothing is lost in silence.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[path = "common/example.rs"]
mod example;

use std::collections::BTreeSet;
use std::process::{Command, Output};

use example::example;
use responsibility_index::import::Import;
use responsibility_index::notice::Notice;
use responsibility_index::{Index, Role, UnitKind};

const PLAN: &str = include_str!("../seeds/fujian-2016.txt");

/// A relation: kind and text of the object, relation, text of the unit.
type Tuple = (String, String, String, String);

fn export(arguments: &[&str]) -> Output {
    Command::new(example("export_to")).args(arguments).output().unwrap()
}

fn printed(arguments: &[&str]) -> (String, String) {
    let output = export(arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{err}");
    (out, err)
}

/// The texts of ids, by the program itself.
fn decoded(ids: &[String]) -> Vec<String> {
    let arguments: Vec<&str> = ["decode"].into_iter().chain(ids.iter().map(String::as_str)).collect();
    printed(&arguments).0.lines().map(str::to_owned).collect()
}

fn is_relation(text: &str) -> bool {
    ["lead", "co_lead", "support", "consulted", "informed", "member"].contains(&text)
}

/// Takes `type:id` apart and checks it as both stores do: the alphabet of SpiceDB is within that of OpenFGA.
fn typed(text: &str, most: usize) -> (&str, &str) {
    let (kind, id) = text.split_once(':').unwrap();
    assert!(["task", "unit"].contains(&kind) && (1..=most).contains(&id.len()), "{text}");
    assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_|-=+".contains(&b)), "{text}");
    (kind, id)
}

fn tuples(store: &str, database: &str) -> (Vec<Tuple>, String) {
    let (out, err) = printed(&[store, database]);
    let raw: Vec<[String; 4]> = match store {
        "openfga" => out
            .lines()
            .map(|line| {
                let tuple: serde_json::Value = serde_json::from_str(line).unwrap();
                assert_eq!(tuple.as_object().unwrap().len(), 3);
                let [user, relation, object] = ["user", "relation", "object"].map(|name| tuple[name].as_str().unwrap());
                assert!(object.len() <= 256 && user.len() <= 512 && is_relation(relation), "{line}");
                let ((kind, id), (unit, user)) = (typed(object, 251), typed(user, 507));
                assert_eq!(unit, "unit");
                [kind, id, relation, user].map(str::to_owned)
            })
            .collect(),
        _ => {
            let (schema, relationships) = out.split_once("relationships: |-\n").unwrap();
            assert!(schema.starts_with("schema: |-\n  definition unit {\n"), "{schema}");
            relationships
                .lines()
                .map(|line| {
                    let (object, rest) = line.strip_prefix("  ").unwrap().split_once('#').unwrap();
                    let (relation, user) = rest.split_once('@').unwrap();
                    let ((kind, id), (unit, user)) = (typed(object, 1_024), typed(user, 1_024));
                    assert!(unit == "unit" && is_relation(relation), "{line}");
                    [kind, id, relation, user].map(str::to_owned)
                })
                .collect()
        }
    };
    let objects = decoded(&raw.iter().map(|tuple| tuple[1].clone()).collect::<Vec<_>>());
    let units = decoded(&raw.iter().map(|tuple| tuple[3].clone()).collect::<Vec<_>>());
    let texts = objects.into_iter().zip(units);
    let tuples = raw.into_iter().zip(texts);
    (tuples.map(|([kind, _, relation, _], (object, unit))| (kind, object, relation, unit)).collect(), err)
}

fn database(fill: impl FnOnce(&Index)) -> (tempfile::TempDir, String) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("a.ri");
    fill(&Index::open(&path).unwrap());
    let path = path.to_str().unwrap().to_owned();
    (scratch, path)
}

#[test]
fn the_plan_of_2016_is_every_relation_of_the_index_in_both_stores() {
    let (_scratch, path) = database(|index| {
        Import::new(index, &Notice::read(PLAN), "fujian-2016").commit().unwrap();
    });
    let expected: BTreeSet<Tuple> = {
        let index = Index::open(&path).unwrap();
        let view = index.view();
        let name = |role| if role == Role::Lead { "lead" } else { "support" };
        let of_task = |task: responsibility_index::TaskRef<'_>| {
            let units = task.units().map(|(unit, role)| (unit.name().to_owned(), name(role).to_owned()));
            let key = task.key().to_owned();
            units.map(|(unit, role)| ("task".to_owned(), key.clone(), role, unit)).collect::<Vec<_>>()
        };
        view.tasks().tasks().flat_map(of_task).collect()
    };
    for store in ["openfga", "spicedb"] {
        let (tuples, err) = tuples(store, &path);
        assert_eq!(tuples.len(), expected.len());
        assert_eq!(tuples.into_iter().collect::<BTreeSet<_>>(), expected);
        assert!(err.contains(" tuples of 61 tasks. Not in them:"), "{err}");
    }
}

#[test]
fn hostile_names_keep_their_own_ids_and_long_ones_are_reported() {
    let names = ["a=b", "a=3Db", "a b", "a:b", "a#b@c", "*", "é", "甲局", "\"quoted\"", "x\\y", "A", "a"];
    let long = "长".repeat(80);
    let (_scratch, path) = database(|index| {
        let mut batch = index.batch();
        for name in names {
            batch = batch.assign(format!("t/{name}"), [name, "supporter"]);
        }
        batch = batch.assign("t/long", [long.as_str(), "supporter"]).create_unit("group", UnitKind::Collective);
        batch.set_members("group", ["A", "é"]).add_alias("A", "other name").commit().unwrap();
    });
    for store in ["openfga", "spicedb"] {
        let (tuples, err) = tuples(store, &path);
        let leads: BTreeSet<(&str, &str)> = tuples
            .iter()
            .filter(|(_, _, relation, _)| relation == "lead")
            .map(|(_, task, _, unit)| (task.strip_prefix("t/").unwrap(), unit.as_str()))
            .collect();
        let mut expected: BTreeSet<(&str, &str)> = names.iter().map(|name| (*name, *name)).collect();
        if store == "spicedb" {
            expected.insert(("long", &long));
        }
        assert_eq!(leads, expected);
        assert_eq!(err.contains("its id is too long"), store == "openfga", "{err}");
        let members: Vec<&Tuple> = tuples.iter().filter(|(.., relation, _)| relation == "member").collect();
        assert_eq!(members.len(), 2);
        assert!(err.contains("1 other names of units") && err.contains("1 collectives have members"), "{err}");
    }
}

#[test]
fn models_and_mistakes() {
    assert!(printed(&["openfga", "--model"]).0.contains("define lead: [unit]"));
    assert!(printed(&["spicedb", "--model"]).0.contains("relation lead: unit"));
    let message = |arguments: &[&str]| {
        let output = export(arguments);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(message(&[]).starts_with("export_to: usage: export_to STORE DB"));
    assert!(message(&["owl", "x.ri"]).starts_with("export_to: \"owl\" is neither openfga nor spicedb"));
    assert!(message(&["openfga", "none.ri"]).starts_with("export_to: there is no index at"));
    for id in ["=3", "=zz", "=41", "a b"] {
        assert!(message(&["decode", id]).contains("is no id of this program"), "{id}");
    }
}
