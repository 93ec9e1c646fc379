//! An index as JSON Lines and back: sorted, one fact a line. Knows nothing of rows.
//!
//! The first line names the format. Then come the units in the order of their names, each followed by its aliases, and
//! the tasks in the order of their keys, each followed by its details if it has any:
//!
//! ```json
//! {"format":"responsibility-index","version":1}
//! {"unit":"Finance","kind":"body"}
//! {"unit":"Finance","alias":"Treasury"}
//! {"unit":"Transport","kind":"body"}
//! {"task":"plan/1","lead":"Transport","supporting":["Finance"]}
//! {"task":"plan/1","details":{"title":"Bridges","text":"","fields":{"deadline":"2016-11-30"}}}
//! ```
//!
//! The same facts make the same bytes, so two exports can be compared line by line, and an export that was imported is
//! exported as it was. What it has not: the history, and the numbers behind the view. A
//! [backup](crate::Index::backup) has them.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use crate::assignment::{Details, Source, UnitKind};
use crate::error::{EngineError, Error, InputError, Result};
use crate::view::View;

const FORMAT: &str = "responsibility-index";
const VERSION: u32 = 1;
/// The longest line that is read, in bytes: more than the largest details take when every byte of them is escaped.
const MAX_LINE: usize = 64 << 20;

/// Any line; its fields say which.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Format(FormatLine),
    Unit(UnitLine),
    Alias(AliasLine),
    Task(TaskLine),
    Details(TaskDetailsLine),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormatLine {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitLine {
    unit: String,
    kind: Kind,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasLine {
    unit: String,
    alias: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskLine {
    task: String,
    lead: String,
    supporting: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskDetailsLine {
    task: String,
    details: DetailsLine,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Body,
    Collective,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DetailsLine {
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<SourceLine>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceLine {
    document: String,
    line: u32,
    column: u32,
}

/// Writes everything that a view has.
pub(crate) fn export(view: &View, out: &mut dyn Write) -> Result<()> {
    write(out, &Line::Format(FormatLine { format: FORMAT.to_owned(), version: VERSION }))?;
    export_units(view, out)?;
    for task in view.tasks().tasks() {
        let (key, lead) = (task.key().to_owned(), task.lead().to_owned());
        let supporting = task.supporting().map(str::to_owned).collect();
        write(out, &Line::Task(TaskLine { task: key.clone(), lead, supporting }))?;
        if let Some(details) = task.details()? {
            write(out, &Line::Details(TaskDetailsLine { task: key, details: details.into() }))?;
        }
    }
    out.flush().map_err(unwritten)
}

fn export_units(view: &View, out: &mut dyn Write) -> Result<()> {
    let mut units: Vec<_> = view.units().collect();
    units.sort_by_key(|unit| unit.name());
    for unit in units {
        let name = unit.name().to_owned();
        write(out, &Line::Unit(UnitLine { unit: name.clone(), kind: unit.kind().into() }))?;
        let mut aliases: Vec<&str> = unit.aliases().collect();
        aliases.sort_unstable();
        for alias in aliases {
            write(out, &Line::Alias(AliasLine { unit: name.clone(), alias: alias.to_owned() }))?;
        }
    }
    Ok(())
}

fn write(out: &mut dyn Write, line: &Line) -> Result<()> {
    serde_json::to_writer(&mut *out, line).map_err(|error| unwritten(error.into()))?;
    out.write_all(b"\n").map_err(unwritten)
}

fn unwritten(error: io::Error) -> Error {
    EngineError::Failed { doing: "write the export", why: error.to_string() }.into()
}

/// What one line of an import says.
pub(crate) enum Fact {
    Unit { name: String, kind: UnitKind },
    Alias { unit: String, alias: String },
    Task { task: String, units: Vec<String> },
    Details { task: String, details: Details },
}

/// Hands out what the lines say, one fact after the other. An error of `each` gets the number of its line.
pub(crate) fn import(lines: &mut dyn BufRead, each: &mut dyn FnMut(Fact) -> Result<()>) -> Result<()> {
    let mut bytes = Vec::new();
    for number in 1.. {
        let at = |why: String| Error::Input(InputError::BadLine { line: number, why });
        bytes.clear();
        let read = lines.take(MAX_LINE as u64 + 1).read_until(b'\n', &mut bytes);
        read.map_err(|error| EngineError::Failed { doing: "read the import", why: error.to_string() })?;
        if bytes.len() > MAX_LINE {
            return Err(at(format!("it is longer than {MAX_LINE} bytes")));
        }
        if bytes.is_empty() && number > 1 {
            break;
        }
        let line: Line = serde_json::from_slice(&bytes).map_err(|error| at(error.to_string()))?;
        let used = if number == 1 { check_format(&line) } else { fact(line).and_then(&mut *each) };
        used.map_err(|error| at(reason(error)))?;
    }
    Ok(())
}

fn fact(line: Line) -> Result<Fact> {
    Ok(match line {
        Line::Format(_) => return Err(bad("the format stands in the first line only")),
        Line::Unit(UnitLine { unit, kind }) => Fact::Unit { name: unit, kind: kind.into() },
        Line::Alias(AliasLine { unit, alias }) => Fact::Alias { unit, alias },
        Line::Task(TaskLine { task, lead, supporting }) => {
            Fact::Task { task, units: std::iter::once(lead).chain(supporting).collect() }
        }
        Line::Details(TaskDetailsLine { task, details }) => Fact::Details { task, details: details.into() },
    })
}

fn check_format(line: &Line) -> Result<()> {
    match line {
        Line::Format(FormatLine { format, version: VERSION }) if format == FORMAT => Ok(()),
        Line::Format(FormatLine { format, version }) if format == FORMAT => {
            Err(bad(format!("it has version {version}; this version reads {VERSION}")))
        }
        _ => Err(bad(format!("the first line is not {{\"format\":{FORMAT:?},\"version\":{VERSION}}}"))),
    }
}

/// Without its number, which who reads the lines knows.
pub(crate) fn bad(why: impl Into<String>) -> Error {
    InputError::BadLine { line: 0, why: why.into() }.into()
}

/// What is wrong, without a place that the number of the line says already.
fn reason(error: Error) -> String {
    match error {
        Error::Edit { source, .. } => source.to_string(),
        Error::Input(InputError::BadLine { why, .. }) => why,
        other => other.to_string(),
    }
}

impl From<UnitKind> for Kind {
    fn from(kind: UnitKind) -> Kind {
        match kind {
            UnitKind::Body => Kind::Body,
            UnitKind::Collective => Kind::Collective,
        }
    }
}

impl From<Kind> for UnitKind {
    fn from(kind: Kind) -> UnitKind {
        match kind {
            Kind::Body => UnitKind::Body,
            Kind::Collective => UnitKind::Collective,
        }
    }
}

impl From<Details> for DetailsLine {
    fn from(details: Details) -> DetailsLine {
        let Details { title, text, source, fields } = details;
        let source = source.map(|Source { document, line, column }| SourceLine { document, line, column });
        DetailsLine { title, text, source, fields }
    }
}

impl From<DetailsLine> for Details {
    fn from(details: DetailsLine) -> Details {
        let DetailsLine { title, text, source, fields } = details;
        let source = source.map(|SourceLine { document, line, column }| Source { document, line, column });
        Details { title, text, source, fields }
    }
}
