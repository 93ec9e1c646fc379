//! An index as JSON Lines, and back: the lines, their format and its errors. The head of the module describes them.

use std::fmt::{self, Write as _};
use std::io::{self, BufRead, Read, Write};

use jiff::civil::Date;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::model::{Details, Error, InputError, MAX_UNITS_OF_A_TASK, Result, Role, Standing, UnitKind, check_task_key};
use crate::view::{TaskRef, View};

use super::organisation::{Label, Labels, ObligationLine, OrganisationLine, ReformLine, ReportLine};

const FORMAT: &str = "responsibility-index";
const VERSION: u32 = 1;
/// How many tasks' details are read at once: those that are neighbours in the log in one pass.
const AT_ONCE: usize = 256;
/// The longest line that is read, in bytes: more than the largest details take when every byte of them is escaped.
const MAX_LINE: usize = 64 << 20;
/// The most bytes of an error about JSON: it may quote text of the line, which may be as long as the line.
const MAX_REASON: usize = 200;

/// A line as it is written.
#[derive(Serialize)]
#[serde(untagged)]
enum Line<'v> {
    Format {
        format: &'v str,
        version: u32,
    },
    Unit {
        unit: &'v str,
        kind: UnitKind,
    },
    Alias {
        unit: &'v str,
        alias: &'v str,
    },
    Task {
        task: &'v str,
        #[serde(flatten)]
        standing: Standing,
    },
    Details {
        task: &'v str,
        details: &'v Details,
    },
    Organisation(OrganisationLine),
}

/// Writes everything that a view has.
pub(crate) fn export(view: &View, out: &mut dyn Write) -> Result<()> {
    write(out, &Line::Format { format: FORMAT, version: VERSION })?;
    export_units(view, out)?;
    let labels = Labels::of(view);
    let organisation = |out: &mut dyn Write, lines: Vec<OrganisationLine>| {
        lines.into_iter().try_for_each(|line| write(out, &Line::Organisation(line)))
    };
    organisation(out, labels.first_lines())?;
    let all = view.tasks();
    let mut tasks = all.tasks();
    loop {
        let some: Vec<TaskRef<'_>> = tasks.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        let mut details = vec![None; some.len()];
        #[expect(clippy::indexing_slicing, reason = "the places are those of the tasks")]
        view.details_of(&some, &mut |place, found| details[place] = Some(found))?;
        for (task, details) in some.into_iter().zip(details) {
            write(out, &Line::Task { task: task.key(), standing: task.standing() })?;
            if let Some(details) = &details {
                write(out, &Line::Details { task: task.key(), details })?;
            }
        }
    }
    organisation(out, labels.last_lines())?;
    out.flush().map_err(unwritten)
}

fn export_units(view: &View, out: &mut dyn Write) -> Result<()> {
    let mut units: Vec<_> = view.units().filter(|unit| unit.has_names()).collect();
    units.sort_by_key(|unit| unit.name());
    for unit in units {
        write(out, &Line::Unit { unit: unit.name(), kind: unit.kind() })?;
        let mut aliases: Vec<&str> = unit.aliases().collect();
        aliases.sort_unstable();
        aliases.into_iter().try_for_each(|alias| write(out, &Line::Alias { unit: unit.name(), alias }))?;
    }
    Ok(())
}

fn write(out: &mut dyn Write, line: &Line<'_>) -> Result<()> {
    serde_json::to_writer(&mut *out, line).map_err(|error| unwritten(error.into()))?;
    out.write_all(b"\n").map_err(unwritten)
}

fn unwritten(error: io::Error) -> Error {
    Error::Io { doing: "write the export", cause: error }
}

/// The content of one line of an import.
pub(crate) enum Fact {
    Unit {
        name: String,
        kind: UnitKind,
    },
    Alias {
        unit: String,
        alias: String,
    },
    Task {
        task: String,
        standing: Standing,
    },
    /// Details of the task in the line before.
    Details {
        details: Details,
    },
    Organisation(OrganisationLine),
}

/// Reads lines and passes their facts to `each`, in order. An error of `each` gets the number of its line.
///
/// Memory is bounded by the longest line, whatever is in it: lists and details end at their limits while they are read.
pub(crate) fn import(lines: &mut dyn BufRead, each: &mut dyn FnMut(Fact) -> Result<()>) -> Result<()> {
    let mut bytes = Vec::new();
    let mut before = None;
    for number in 1.. {
        bytes.clear();
        let read = lines.take(MAX_LINE as u64 + 1).read_until(b'\n', &mut bytes);
        read.map_err(|cause| Error::Io { doing: "read the import", cause })?;
        if bytes.is_empty() && number > 1 {
            break;
        }
        let used = match number {
            1 => parse(&bytes).and_then(check_format),
            _ => parse(&bytes).and_then(|line| fact(line, &mut before)).and_then(|fact| each(fact).map_err(reason)),
        };
        used.map_err(|why| InputError::BadLine { line: number, why })?;
    }
    Ok(())
}

/// Any line as it is read: the fields that it has tell which one it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the fields of a unit or a task")]
struct AnyLine {
    #[serde(default, deserialize_with = "present")]
    format: Option<String>,
    #[serde(default, deserialize_with = "present")]
    version: Option<u32>,
    #[serde(default, deserialize_with = "present")]
    unit: Option<String>,
    #[serde(default, deserialize_with = "present")]
    kind: Option<UnitKind>,
    #[serde(default, deserialize_with = "present")]
    alias: Option<String>,
    #[serde(default, deserialize_with = "present")]
    task: Option<String>,
    /// `Some(None)` for `null`: a vacant task.
    #[serde(default, deserialize_with = "present")]
    lead: Option<Option<String>>,
    #[serde(default, rename = "co-leads", deserialize_with = "present")]
    co_leads: Option<Names>,
    #[serde(default, deserialize_with = "present")]
    supporting: Option<Names>,
    #[serde(default, deserialize_with = "present")]
    consulted: Option<Names>,
    #[serde(default, deserialize_with = "present")]
    informed: Option<Names>,
    #[serde(default, deserialize_with = "present")]
    details: Option<Details>,
    #[serde(default, deserialize_with = "present")]
    ended: Option<String>,
    #[serde(default, deserialize_with = "present")]
    number: Option<u32>,
    /// `Some(None)` for `null`: no day is known.
    #[serde(default, deserialize_with = "present")]
    day: Option<Option<Date>>,
    #[serde(default, deserialize_with = "present")]
    collective: Option<Label>,
    #[serde(default, deserialize_with = "present")]
    members: Option<Vec<Label>>,
    #[serde(default, deserialize_with = "present")]
    end: Option<Option<Date>>,
    #[serde(default, deserialize_with = "present")]
    reform: Option<ReformLine>,
    #[serde(default, deserialize_with = "present")]
    obligation: Option<ObligationLine>,
    #[serde(default, deserialize_with = "present")]
    report: Option<ReportLine>,
}

/// Reads a field that is there. Without this `null` would count as a field that is missing.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// The units of one task in one role.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(list: D) -> Result<Names, D::Error> {
        list.deserialize_seq(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of units")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut units = Vec::new();
        while let Some(unit) = list.next_element()? {
            if units.len() == MAX_UNITS_OF_A_TASK {
                return Err(A::Error::custom(format_args!("a task has at most {MAX_UNITS_OF_A_TASK} units")));
            }
            units.push(unit);
        }
        Ok(Names(units))
    }
}

/// A kind of line.
struct Kind {
    name: &'static str,
    /// The field that distinguishes this kind from those after it in the list.
    field: &'static str,
    /// The other fields that are required, and the same in words.
    needs: &'static [(&'static str, &'static str)],
    /// Fields that may be there.
    may: &'static [&'static str],
}

const KINDS: [Kind; 11] = [
    Kind { name: "the first line", field: "format", needs: &[("version", "a version")], may: &[] },
    Kind {
        name: "a unit that gave its names away",
        field: "ended",
        needs: &[("number", "a number"), ("kind", "a kind, \"body\" or \"collective\""), ("day", "a day, or null")],
        may: &[],
    },
    Kind { name: "a line of members", field: "members", needs: &[("collective", "a collective")], may: &[] },
    Kind { name: "the end of a unit", field: "end", needs: &[("unit", "a unit")], may: &[] },
    Kind { name: "a reform", field: "reform", needs: &[], may: &[] },
    Kind { name: "an obligation", field: "obligation", needs: &[], may: &[] },
    Kind { name: "a report", field: "report", needs: &[], may: &[] },
    Kind { name: "an alias", field: "alias", needs: &[("unit", "a unit")], may: &[] },
    Kind { name: "a unit", field: "unit", needs: &[("kind", "a kind, \"body\" or \"collective\"")], may: &[] },
    Kind { name: "a line of details", field: "details", needs: &[("task", "a task")], may: &[] },
    Kind {
        name: "a task",
        field: "task",
        needs: &[("lead", "a lead, which is null for a vacant task")],
        may: &["co-leads", "supporting", "consulted", "informed"],
    },
];

impl AnyLine {
    /// The names of the fields that the line has.
    fn fields(&self) -> impl Iterator<Item = &'static str> {
        let fields = [
            ("format", self.format.is_some()),
            ("version", self.version.is_some()),
            ("unit", self.unit.is_some()),
            ("kind", self.kind.is_some()),
            ("alias", self.alias.is_some()),
            ("task", self.task.is_some()),
            ("lead", self.lead.is_some()),
            ("co-leads", self.co_leads.is_some()),
            ("supporting", self.supporting.is_some()),
            ("consulted", self.consulted.is_some()),
            ("informed", self.informed.is_some()),
            ("details", self.details.is_some()),
            ("ended", self.ended.is_some()),
            ("number", self.number.is_some()),
            ("day", self.day.is_some()),
            ("collective", self.collective.is_some()),
            ("members", self.members.is_some()),
            ("end", self.end.is_some()),
            ("reform", self.reform.is_some()),
            ("obligation", self.obligation.is_some()),
            ("report", self.report.is_some()),
        ];
        fields.into_iter().filter_map(|(name, there)| there.then_some(name))
    }

    /// Says which field is missing, or is not one of this kind of line.
    fn check_fields(&self) -> Result<(), String> {
        let has = |wanted: &str| self.fields().any(|field| field == wanted);
        let Some(kind) = KINDS.iter().find(|kind| has(kind.field)) else {
            return Err("it has neither a unit nor a task".to_owned());
        };
        if let Some((_, missing)) = kind.needs.iter().find(|(field, _)| !has(field)) {
            return Err(format!("{} needs {missing}", kind.name));
        }
        let belongs = |field: &str| {
            field == kind.field || kind.may.contains(&field) || kind.needs.iter().any(|(needed, _)| *needed == field)
        };
        match self.fields().find(|field| !belongs(field)) {
            Some(other) => Err(format!("{} has no field `{other}`", kind.name)),
            None => Ok(()),
        }
    }
}

/// Reads one line with or without its end.
fn parse(bytes: &[u8]) -> Result<AnyLine, String> {
    if bytes.len() > MAX_LINE {
        return Err(format!("it is longer than {MAX_LINE} bytes"));
    }
    // A JSON list would be taken for the fields in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err("it is not a JSON object, which begins with `{`".to_owned());
    }
    serde_json::from_slice(bytes.trim_ascii_end()).map_err(|error| in_brief(&error))
}

fn check_format(line: AnyLine) -> Result<(), String> {
    if line.format.as_deref() != Some(FORMAT) {
        return Err(format!("the first line is not {{\"format\":{FORMAT:?},\"version\":{VERSION}}}"));
    }
    line.check_fields()?;
    match line.version {
        Some(version) if version != VERSION => Err(format!("it has version {version}; this version reads {VERSION}")),
        _ => Ok(()),
    }
}

/// The fact of a line. `before` is the task of the line before, which details must follow.
fn fact(line: AnyLine, before: &mut Option<String>) -> Result<Fact, String> {
    if line.format.is_some() {
        return Err("only the first line names the format".to_owned());
    }
    line.check_fields()?;
    let last = before.take();
    match line {
        AnyLine { ended: Some(ended), number: Some(number), kind: Some(kind), day: Some(day), .. } => {
            Ok(Fact::Organisation(OrganisationLine::Ended { ended, number, kind, day }))
        }
        AnyLine { collective: Some(collective), members: Some(members), .. } => {
            Ok(Fact::Organisation(OrganisationLine::Members { collective, members }))
        }
        AnyLine { unit: Some(unit), end: Some(end), .. } => Ok(Fact::Organisation(OrganisationLine::End { unit, end })),
        AnyLine { reform: Some(reform), .. } => Ok(Fact::Organisation(OrganisationLine::Reform { reform })),
        AnyLine { obligation: Some(obligation), .. } => {
            Ok(Fact::Organisation(OrganisationLine::Obligation { obligation: Box::new(obligation) }))
        }
        AnyLine { report: Some(report), .. } => {
            Ok(Fact::Organisation(OrganisationLine::Report { report: Box::new(report) }))
        }
        AnyLine { unit: Some(unit), alias: Some(alias), .. } => Ok(Fact::Alias { unit, alias }),
        AnyLine { unit: Some(name), kind: Some(kind), .. } => Ok(Fact::Unit { name, kind }),
        AnyLine { task: Some(task), details: Some(details), .. } => {
            check_task_key(&task).map_err(|error| error.to_string())?;
            match last {
                Some(last) if last == task => Ok(Fact::Details { details }),
                _ => Err(format!("the details of task {task:?} do not follow the line of the task")),
            }
        }
        AnyLine { task: Some(task), lead: Some(lead), co_leads, supporting, consulted, informed, .. } => {
            *before = Some(task.clone());
            let others = Role::ALL.into_iter().skip(1).zip([co_leads, supporting, consulted, informed]);
            let others = others.map(|(role, names)| (role, names.map_or_else(Vec::new, |Names(names)| names)));
            let standing = Standing::of(lead, others).map_err(|error| error.to_string())?;
            Ok(Fact::Task { task, standing })
        }
        _ => Err("it has neither a unit nor a task".to_owned()),
    }
}

/// The reason without the position of an edit: the number of the line says the same.
fn reason(error: Error) -> String {
    match error {
        Error::Edit { mistake, .. } => mistake.to_string(),
        other => other.to_string(),
    }
}

/// An error about JSON with its place in the line, cut to [`MAX_REASON`] and escaped, since it may quote the line.
fn in_brief(error: &serde_json::Error) -> String {
    let mut text = Brief(String::new());
    // An error only means that the text was cut.
    let whole = write!(text, "{error}").is_ok();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let why = match text.0.strip_suffix(&place) {
        Some(text) => format!("{text}, at byte {}", error.column()),
        None if whole => text.0,
        None => format!("{}..., at byte {}", text.0, error.column()),
    };
    // JSON with other fields or values than wanted is JSON.
    if error.is_data() { why } else { format!("it is not JSON: {why}") }
}

/// Keeps the beginning of what is written.
struct Brief(String);

impl fmt::Write for Brief {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            if self.0.len() >= MAX_REASON {
                return Err(fmt::Error);
            }
            // serde has escaped the text between quotation marks: escaping these again would double its backslashes.
            match letter {
                '"' | '\'' | '\\' => self.0.push(letter),
                other => self.0.extend(other.escape_debug()),
            }
        }
        Ok(())
    }
}
