//! Carries out a reform of an organisation from a file: `reform DB FILE [options]`. Shows what would change, as a table that a
//! person can check; with `--apply` it changes it.

mod common;

use std::io::{self, Write};
use std::process::ExitCode;

use common::{DAY, Out, Outcome, mistake, text_of, unknown};
use jiff::civil::Date;
use responsibility_index::reform::Reform;
use responsibility_index::{Edits, Effect, Standing, View, compare_keys};

const USAGE: &str = "\
usage: reform DB FILE [OPTION...]

Shows what a reform would change in an index, or carries it out: reform plan.ri reform.csv --day 2018-11-05

Each line of FILE is FROM;TO;PREFIX. Several units are separated by a comma or by 、, and # begins a comment.
  A;B;          A becomes B: a new name is a rename, an existing unit takes over
  A,B;C;        A and B become C
  A;B,C;        A becomes B and C; lines before it say who gets what
  A;B;plan/1/   B takes over from A what is below plan/1; both go on
  A;;           A is abolished

  --day DAY          the day from which the reform is in force, such as 2018-11-05
  --why TEXT         the reason, for the log
  --leave-undecided  a unit that ends keeps the tasks that no line gives away, until somebody decides
  --apply            carry it out";

/// A line of the file.
struct Line {
    number: usize,
    from: Vec<String>,
    to: Vec<String>,
    prefix: Option<String>,
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
    let [database, file, rest @ ..] = arguments else { return Err(mistake("DB or FILE is missing")) };
    let options = options(rest)?;
    let text = text_of(file)?;
    let lines = read(&text).map_err(|error| format!("{file}: {error}"))?;
    let index = common::open(database)?;
    check(&index.view(), &lines).map_err(|error| format!("{file}: {error}"))?;
    let edits = edits(&lines, &options, file);
    let plan = index.plan(edits)?;
    show(&plan, &lines, out)?;
    if options.apply {
        let done = plan.commit()?;
        writeln!(out, "revision {}; `revert` takes it back", done.revision())?;
    } else {
        writeln!(out, "nothing is changed: add --apply to carry it out")?;
    }
    Ok(())
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
    if bad.is_empty() { Ok(lines) } else { Err(bad.join("\n")) }
}

/// Looks for all units that are not known: the reform itself would name the first one only.
fn check(view: &View, lines: &[Line]) -> Result<(), String> {
    let mut bad = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let made_before = |name: &String| lines.iter().take(at).any(|line| line.to.contains(name));
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

fn edits(lines: &[Line], options: &Options, file: &str) -> Edits {
    let why = options.why.clone().unwrap_or_else(|| format!("reform {file}"));
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
