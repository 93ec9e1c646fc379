//! Carries out a reform of an organisation from a file: `reform DB FILE [options]`. Shows what would change, as a table that a
//! person can check; with `--apply` it changes it.

mod common;

use std::io::{self, Write};
use std::process::ExitCode;

use common::{DAY, Out, Outcome, mistake, parse, text_of, unknown};
use jiff::civil::Date;
use responsibility_index::reform::Reform;
use responsibility_index::{Edits, Effect, Error, Index, InputError, Revision, Standing, View, compare_keys};

const USAGE: &str = "\
usage: reform DB FILE [OPTION...]
       reform DB --revert REVISION [OPTION...]

Shows what a reform would change in an index, or carries it out: reform plan.ri reform.csv --day 2018-11-05

Each line of FILE is FROM;TO;PREFIX. Several units are separated by a comma or by 、, and # begins a comment.
  A;B;          A becomes B: a new name is a rename, an existing unit takes over
  A,B;C;        A and B become C
  A;B,C;        A becomes B and C; lines before it say who gets what
  A;B;plan/1/   B takes over from A what is below plan/1; both go on
  A;;           A is abolished

  --day DAY          the day from which the reform is in force, such as 2018-11-05; a day in the future takes effect
                     at once, and later commits have that day or a later one
  --why TEXT         the reason, for the log
  --leave-undecided  a unit that ends keeps the tasks that no line gives away, until somebody decides
  --apply            carry it out
  --revert REVISION  in place of FILE: take a commit back, such as an earlier reform";

/// A line of the file.
struct Line {
    number: usize,
    from: Vec<String>,
    to: Vec<String>,
    prefix: Option<String>,
}

impl Line {
    fn has_same_units(&self) -> bool {
        self.from.len() == self.to.len() && self.from.iter().all(|name| self.to.contains(name))
    }
}

#[derive(Default)]
struct Options {
    day: Option<Date>,
    why: Option<String>,
    leave_undecided: bool,
    apply: bool,
}

fn main() -> ExitCode {
    common::main(USAGE, run)
}

fn run(arguments: &[&str], out: &mut Out) -> Outcome {
    match arguments {
        [database, "--revert", revision, rest @ ..] => {
            let (options, revision) = (options(rest)?, parse(revision, "a revision")?);
            revert(&common::open(database)?, revision, &options, out)
        }
        [_, "--revert"] => Err(mistake("--revert needs a value")),
        [database, file, rest @ ..] => {
            let options = options(rest)?;
            let lines = read(&text_of(file)?).map_err(|error| format!("{file}: {error}"))?;
            carry_out(&common::open(database)?, file, &lines, &options, out)
        }
        _ => Err(mistake("DB or FILE is missing")),
    }
}

fn carry_out(index: &Index, file: &str, lines: &[Line], options: &Options, out: &mut Out) -> Outcome {
    let in_file = |error: String| format!("{file}: {error}");
    check(&index.view(), lines).map_err(in_file)?;
    let note = format!("reform {file}");
    let plan = index.plan(edits(lines, options, &note)).map_err(|error| in_file(of_line(error, lines)))?;
    check_prefixes(index, lines, options).map_err(in_file)?;
    show(&plan, lines, out)?;
    if !options.apply {
        return Ok(writeln!(out, "nothing is changed: add --apply to carry it out")?);
    }
    let revision = plan.commit()?.revision();
    Ok(writeln!(out, "revision {revision}; reform DB --revert {revision} --apply takes it back")?)
}

fn revert(index: &Index, revision: Revision, options: &Options, out: &mut Out) -> Outcome {
    let plan = index.plan(edits(&[], options, &format!("take back revision {revision}")).revert(revision))?;
    show(&plan, &[], out)?;
    if !options.apply {
        return Ok(writeln!(out, "nothing is changed: add --apply to take revision {revision} back")?);
    }
    Ok(writeln!(out, "revision {}; revision {revision} is taken back", plan.commit()?.revision())?)
}

fn options(arguments: &[&str]) -> Outcome<Options> {
    let mut options = Options::default();
    let mut given = common::Options::new(arguments);
    while let Some(option) = given.next() {
        match option {
            "--day" => options.day = Some(given.read(option, DAY)?),
            "--why" => options.why = Some(given.value(option)?.to_owned()),
            "--leave-undecided" => options.leave_undecided = true,
            "--apply" => options.apply = true,
            other => return Err(unknown(other)),
        }
    }
    Ok(options)
}

/// The lines of a file, or all that is wrong with them.
fn read(text: &str) -> Result<Vec<Line>, String> {
    let (mut lines, mut bad) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let names = |field: &str| -> Vec<String> {
            field.split([',', '、']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let fields: Vec<&str> = line.split([';', '；']).map(str::trim).collect();
        let (from, to, prefix) = match fields[..] {
            [from, to] => (names(from), names(to), ""),
            [from, to, prefix] => (names(from), names(to), prefix),
            _ => {
                bad.push(format!("line {}: it is not FROM;TO;PREFIX", at + 1));
                continue;
            }
        };
        let prefix = (!prefix.is_empty()).then(|| prefix.to_owned());
        if from.is_empty() {
            bad.push(format!("line {}: it names no unit before the reform", at + 1));
        } else if prefix.is_some() && (from.len(), to.len()) != (1, 1) {
            bad.push(format!("line {}: with a prefix, one unit takes over from one unit", at + 1));
        }
        lines.push(Line { number: at + 1, from, to, prefix });
    }
    if lines.is_empty() && bad.is_empty() {
        bad.push("it has no line of the form FROM;TO;PREFIX".to_owned());
    }
    if bad.is_empty() { Ok(lines) } else { Err(bad.join("\n")) }
}

/// Looks for all units that are not known, which the reform itself would name one by one, and for units that an earlier line
/// has ended or renamed: their names mean their successors by then.
fn check(view: &View, lines: &[Line]) -> Result<(), String> {
    let mut bad = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let before = lines.get(..at).unwrap_or(&[]);
        let made_before = |name: &String| before.iter().any(|line| line.to.contains(name));
        bad.extend(line.from.iter().filter_map(|name| gone_before(view, before, line, name)));
        for name in line.from.iter().filter(|name| !made_before(name)) {
            match view.unit(name) {
                Err(error) => bad.push(format!("line {}: {error}", line.number)),
                Ok(unit) if unit.ended().is_some() => bad.push(format!("line {}: {name:?} has ended", line.number)),
                Ok(_) => {}
            }
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(bad.join("\n")) }
}

/// What is wrong with a name that means another unit since an earlier line.
fn gone_before(view: &View, before: &[Line], line: &Line, name: &str) -> Option<String> {
    let unit_of = |name: &str| view.unit(name).map_or_else(|_| name.to_owned(), |unit| unit.name().to_owned());
    let names = |names: &[String]| names.iter().any(|other| unit_of(other) == unit_of(name));
    let last = before.iter().rev().find(|line| line.prefix.is_none() && (names(&line.from) || names(&line.to)))?;
    if names(&last.to) {
        return None;
    }
    let (number, other) = (line.number, last.number);
    Some(match &last.to[..] {
        [] => format!("line {number}: {name:?} is abolished in line {other} already"),
        results if line.prefix.is_some() => format!(
            "line {number}: {name:?} becomes {} in line {other} already: put line {number} before line {other}, or name \
             its successor",
            results.join(", ")
        ),
        results => format!(
            "line {number}: {name:?} becomes {} in line {other} already: name all results in one line, or its successor in \
             line {number}",
            results.join(", ")
        ),
    })
}

/// Looks for lines with a prefix that give away no task, such as one that is misspelt.
fn check_prefixes(index: &Index, lines: &[Line], options: &Options) -> Result<(), String> {
    let mut bad = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (Some(prefix), [from]) = (&line.prefix, &line.from[..]) else { continue };
        // The lines before it may have given tasks to the unit, or taken them from it.
        let before = edits(lines.get(..at).unwrap_or(&[]), options, "");
        let plan = index.plan(before).map_err(|error| of_line(error, lines))?;
        let below = plan.after().section(prefix).map_err(|error| format!("line {}: {error}", line.number))?;
        let theirs = plan.after().involving(from).map_err(|error| format!("line {}: {error}", line.number))?;
        if below.is_empty() {
            bad.push(format!("line {}: no key begins with {prefix:?}", line.number));
        } else if (below & theirs).is_empty() {
            bad.push(format!("line {}: {from:?} has no task below {prefix:?}", line.number));
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(bad.join("\n")) }
}

/// An error of the edits of some lines, each of which is one edit.
fn of_line(error: Error, lines: &[Line]) -> String {
    let (position, mistake) = match error {
        Error::Edit { position, mistake, .. } => (position, mistake),
        Error::Input(mistake) if lines.len() == 1 => (1, mistake),
        other => return other.to_string(),
    };
    let Some(line) = lines.get(position.wrapping_sub(1)) else { return mistake.to_string() };
    let (from, to) = (line.from.join(", "), line.to.join(", "));
    let what = match mistake {
        InputError::Undecided { unit, tasks, first } => {
            let heir = line.to.first().map_or("UNIT", String::as_str);
            let task = first.first().map_or("PREFIX", String::as_str);
            format!(
                "unit {unit:?} ends, and no line says who takes over {tasks} of its tasks, such as {}: give them away in \
                 lines before it, such as {unit};{heir};{task}, or add --leave-undecided",
                first.join(", ")
            )
        }
        InputError::BadReform { .. } if line.has_same_units() => format!("{from} becomes {to}: nothing would change"),
        other => other.to_string(),
    };
    format!("line {}: {what}", line.number)
}

fn edits(lines: &[Line], options: &Options, note: &str) -> Edits {
    let why = options.why.as_deref().unwrap_or(note);
    let edits = Edits::new().note(why, "");
    let edits = match options.day {
        Some(day) => edits.in_force_from(day),
        None => edits,
    };
    lines.iter().fold(edits, |edits, line| {
        edits.reform(match (&line.prefix, &line.from[..], &line.to[..]) {
            (Some(prefix), [from], [to]) => Reform::transfer(from, to, prefix.as_str()),
            _ => {
                let reform = Reform::of(line.from.clone()).becomes(line.to.clone());
                if options.leave_undecided { reform.leave_undecided() } else { reform }
            }
        })
    })
}

fn show(effect: &Effect, lines: &[Line], out: &mut impl Write) -> io::Result<()> {
    for line in lines {
        let (from, to) = (line.from.join(", "), line.to.join(", "));
        match &line.prefix {
            Some(prefix) => writeln!(out, "{from} hands over to {to} below {prefix}")?,
            None if line.to.is_empty() => writeln!(out, "{from} is abolished")?,
            None => writeln!(out, "{from} -> {to}")?,
        }
    }
    let collapsed: Vec<&str> = effect.collapsed().map(|task| task.key).collect();
    let undecided = effect.undecided();
    let mut tasks: Vec<_> = effect.tasks().collect();
    tasks.sort_by(|a, b| compare_keys(a.key, b.key));
    for task in &tasks {
        let shown = |standing: &Option<Standing>| standing.as_ref().map_or_else(String::new, Standing::to_string);
        let mark = if collapsed.contains(&task.key) { " (places lost)" } else { "" };
        writeln!(out, "{}{mark}\n  - {}\n  + {}", task.key, shown(&task.before), shown(&task.after))?;
    }
    undecided.keys().try_for_each(|key| writeln!(out, "undecided: {key}"))?;
    let units = effect.units().count();
    let (tasks, collapsed, undecided) = (tasks.len(), collapsed.len(), undecided.len());
    writeln!(out, "units: {units}, tasks: {tasks}, of these with places lost: {collapsed}, undecided: {undecided}")
}
