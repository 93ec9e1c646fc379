//! An index as relation tuples for the authorisation stores OpenFGA and SpiceDB: `export_to openfga|spicedb DB > FILE`.
//! What these stores can't say is reported on the standard error.
//!
//! Both get the same relations: `task T#lead@unit U`, also `co_lead`, `support`, `consulted`, `informed`, and
//! `unit G#member@unit U` for the members of collectives. The models derive `any_lead` and `any_support`: the unit itself or
//! a member, also of nested collectives.
//!
//! # Ids
//! Keys and names become ids of one alphabet that both stores take: letters and digits of ASCII, `/`, `_`, `-`, `|` and `+`
//! stay; any other byte of the UTF-8 text is `=` and its two hexadecimal digits. The encoding is reversible, so two names
//! never share an id.

mod common;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use common::{Out, Outcome, mistake};
use responsibility_index::{Role, View};

const USAGE: &str = "\
usage: export_to STORE DB [--prefix PREFIX] > FILE
       export_to STORE --model
       export_to decode ID...

Writes the relations of an index as tuples for another store: export_to spicedb plan.ri > relations.yaml

stores
  openfga   JSON Lines of tuples, for: fga tuple write --file FILE.jsonl; load the model before
  spicedb   YAML with schema and relationships, for: zed import FILE

  --prefix PREFIX  only the tasks of a section
  --model          the relation model alone
  decode           the keys and names of ids";

const OPENFGA_MODEL: &str = "\
model
  schema 1.1

type unit
  relations
    define member: [unit]
    define any_member: member or any_member from member

type task
  relations
    define lead: [unit]
    define co_lead: [unit]
    define support: [unit]
    define consulted: [unit]
    define informed: [unit]
    define any_lead: lead or any_member from lead
    define any_support: support or any_member from support
";

const SPICEDB_SCHEMA: &str = "\
definition unit {
  relation member: unit
  permission any_member = member + member->any_member
}

definition task {
  relation lead: unit
  relation co_lead: unit
  relation support: unit
  relation consulted: unit
  relation informed: unit
  permission any_lead = lead + lead->any_member
  permission any_support = support + support->any_member
}
";

#[derive(Clone, Copy, PartialEq)]
enum Store {
    OpenFga,
    SpiceDb,
}

impl Store {
    fn named(name: &str) -> Outcome<Store> {
        match name {
            "openfga" => Ok(Store::OpenFga),
            "spicedb" => Ok(Store::SpiceDb),
            other => Err(mistake(format!("{other:?} is neither openfga nor spicedb"))),
        }
    }

    fn model(self) -> &'static str {
        match self {
            Store::OpenFga => OPENFGA_MODEL,
            Store::SpiceDb => SPICEDB_SCHEMA,
        }
    }

    /// The most bytes of an id. OpenFGA counts 256 for an object with its type, `task:` or `unit:`, before it.
    fn longest_id(self) -> usize {
        match self {
            Store::OpenFga => 256 - "task:".len(),
            Store::SpiceDb => 1_024,
        }
    }
}

fn main() -> ExitCode {
    common::main(USAGE, run)
}

fn run(arguments: &[&str], out: &mut Out) -> Outcome {
    let (store, database, prefix) = match arguments {
        ["decode", ids @ ..] if !ids.is_empty() => {
            for id in ids {
                writeln!(out, "{}", decoded(id).ok_or_else(|| format!("{id:?} is no id of this program"))?)?;
            }
            return Ok(());
        }
        [store, "--model"] => return Ok(write!(out, "{}", Store::named(store)?.model())?),
        [store, database] => (Store::named(store)?, database, ""),
        [store, database, "--prefix", prefix] => (Store::named(store)?, database, *prefix),
        ["decode"] => return Err(mistake("ID is missing")),
        [] => return Err(mistake("STORE is missing")),
        [store] => return Err(Store::named(store).err().unwrap_or_else(|| mistake("DB is missing"))),
        [_, _, "--prefix"] => return Err(mistake("--prefix needs a value")),
        [_, _, _, _, other, ..] | [_, _, other, ..] => return Err(common::unknown(other)),
    };
    let view = common::open(database)?.view();
    let mut export = Export { store, out, tuples: 0, left_out: Vec::new() };
    export.all(&view, prefix)?;
    let (tuples, left_out) = (export.tuples, export.left_out);
    out.flush()?;
    report(&view, prefix, tuples, &left_out)
}

struct Export<'w, W> {
    store: Store,
    out: &'w mut W,
    tuples: usize,
    /// Keys and names whose ids are too long.
    left_out: Vec<String>,
}

impl<W: Write> Export<'_, W> {
    fn all(&mut self, view: &View, prefix: &str) -> Outcome {
        if self.store == Store::SpiceDb {
            writeln!(self.out, "schema: |-")?;
            for line in SPICEDB_SCHEMA.lines() {
                writeln!(self.out, "{}{line}", if line.is_empty() { "" } else { "  " })?;
            }
            writeln!(self.out, "relationships: |-")?;
        }
        for task in view.section(prefix)?.tasks() {
            for (unit, role) in task.units() {
                self.tuple(("task", task.key()), relation(role), unit.name())?;
            }
        }
        for collective in view.units() {
            for member in collective.members() {
                self.tuple(("unit", collective.name()), "member", member.name())?;
            }
        }
        Ok(())
    }

    fn tuple(&mut self, (kind, object): (&str, &str), relation: &str, unit: &str) -> io::Result<()> {
        let ids = [object, unit].map(|text| (text, encoded(text)));
        let too_long = ids.iter().filter(|(_, id)| id.len() > self.store.longest_id());
        let before = self.left_out.len();
        self.left_out.extend(too_long.map(|(text, _)| (*text).to_owned()));
        if self.left_out.len() > before {
            return Ok(());
        }
        self.tuples += 1;
        let [(_, object), (_, unit)] = &ids;
        match self.store {
            Store::OpenFga => writeln!(
                self.out,
                "{{\"user\":\"unit:{unit}\",\"relation\":\"{relation}\",\"object\":\"{kind}:{object}\"}}"
            ),
            Store::SpiceDb => writeln!(self.out, "  {kind}:{object}#{relation}@unit:{unit}"),
        }
    }
}

fn relation(role: Role) -> &'static str {
    match role {
        Role::Lead => "lead",
        Role::CoLead => "co_lead",
        Role::Consulted => "consulted",
        Role::Informed => "informed",
        // Further roles would be kinds of support.
        _ => "support",
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/_-|+".contains(&byte)
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("={byte:02X}") };
    text.bytes().map(one).collect()
}

/// The text of an id; `None` for one that [`encoded`] does not make.
fn decoded(id: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), id.as_bytes());
    loop {
        match *rest {
            [] => break,
            [b'=', high, low, ref behind @ ..] => {
                let digits = [high, low];
                let byte = u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?;
                bytes.push(byte);
                rest = behind;
            }
            [byte, ref behind @ ..] => {
                bytes.push(byte);
                rest = behind;
            }
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (encoded(&text) == id).then_some(text)
}

/// Says what the tuples leave out.
fn report(view: &View, prefix: &str, tuples: usize, left_out: &[String]) -> Outcome {
    let tasks = view.section(prefix)?;
    let mut err = BufWriter::new(io::stderr().lock());
    writeln!(err, "{tuples} tuples of {} tasks. Not in them:", tasks.len())?;
    let ordered = tasks.tasks().filter(|task| {
        let mut roles: Vec<Role> = task.units().map(|(_, role)| role).collect();
        let units = roles.len();
        roles.dedup();
        roles.len() < units
    });
    let without_units = tasks.tasks().filter(|task| task.units().next().is_none()).count();
    let aliases: usize = view.units().map(|unit| unit.aliases().count()).sum();
    let collectives = view.units().filter(|unit| unit.members().next().is_some()).count();
    writeln!(err, "  that a task has one lead: the stores take any number")?;
    for (count, what) in [
        (ordered.count(), "tasks have several units in a role, whose order is lost"),
        (without_units, "tasks have no unit"),
        (view.idle_units().count(), "units have no task"),
        (aliases, "other names of units"),
        (collectives, "collectives have members: a member that a task names itself counts as a member, too"),
    ] {
        if count > 0 {
            writeln!(err, "  {count} {what}")?;
        }
    }
    writeln!(err, "  titles, texts and fields of tasks, kinds of units, obligations, reports, the past")?;
    for text in left_out {
        writeln!(err, "  its id is too long, so its tuple is left out: {text}")?;
    }
    Ok(err.flush()?)
}
