//! Asks an index on disk: `ask DB QUESTION…`. Run it without arguments for the questions.

use std::error::Error;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use responsibility_index::{Assignment, Index, OpenOptions, TaskSet, View};

const USAGE: &str = "\
usage: ask DB QUESTION

questions
  lead TASK             the unit that leads a task
  supporting TASK       the units that support it, in order
  led-by UNIT           the tasks a unit leads
  supported-by UNIT     the tasks a unit supports
  both A B              the tasks led by A and supported by B
  shared UNIT           the units that have tasks in common with a unit
  units                 all units, with how many tasks each leads and supports
  under PREFIX          the tasks whose keys begin with PREFIX
  details TASK          what is known of a task beside its units
  stats                 how large the index is
  verify                compares everything that is kept twice";

type Outcome = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let asked = ask(&arguments, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?));
    asked.unwrap_or_else(|error| {
        // Whoever reads a list may stop before its end.
        let stopped = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe);
        if !stopped {
            eprintln!("ask: {error}");
        }
        ExitCode::FAILURE
    })
}

fn ask(arguments: &[&str], out: &mut impl Write) -> Outcome {
    let [database, question @ ..] = arguments else { return Err(USAGE.into()) };
    let open = || OpenOptions::new().create(false).open(database);
    match question {
        ["lead", task] => writeln!(out, "{}", assigned(&open()?.view(), task)?.lead())?,
        ["supporting", task] => {
            for unit in assigned(&open()?.view(), task)?.supporting() {
                writeln!(out, "{unit}")?;
            }
        }
        ["led-by", unit] => list(&open()?.led_by(unit)?, out)?,
        ["supported-by", unit] => list(&open()?.supported_by(unit)?, out)?,
        ["both", a, b] => {
            let view = open()?.view();
            list(&(view.led_by(a)? & view.supported_by(b)?), out)?;
        }
        ["shared", unit] => {
            for (other, tasks) in open()?.view().shares_tasks_with(unit)? {
                writeln!(out, "{tasks:>6}  {}", other.name())?;
            }
        }
        ["units"] => units(&open()?.view(), out)?,
        ["under", prefix] => list(&open()?.under(prefix), out)?,
        ["details", task] => details(&open()?.view(), task, out)?,
        ["stats"] => stats(&open()?, out)?,
        ["verify"] => return verify(&open()?, out),
        _ => return Err(format!("{:?} is not a question\n\n{USAGE}", question.join(" ")).into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn assigned(view: &View, task: &str) -> Result<Assignment, String> {
    view.assignment(task).ok_or_else(|| format!("task {task:?} is not assigned"))
}

fn list(tasks: &TaskSet, out: &mut impl Write) -> io::Result<()> {
    for task in tasks.tasks() {
        writeln!(out, "{}  {}", task.key(), task.assignment())?;
    }
    writeln!(out, "tasks: {}", tasks.len())
}

fn units(view: &View, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{:>6} {:>8}", "leads", "supports")?;
    for unit in view.units() {
        let aliases: Vec<&str> = unit.aliases().collect();
        let also = if aliases.is_empty() { String::new() } else { format!(" (also {})", aliases.join(", ")) };
        writeln!(out, "{:>6} {:>8}  {}{also}", unit.leads(), unit.supports(), unit.name())?;
    }
    writeln!(out, "units: {}", view.units().count())
}

fn details(view: &View, task: &str, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    writeln!(out, "{task}  {}", assigned(view, task)?)?;
    let Some(details) = view.details(task)? else { return Ok(()) };
    if !details.title.is_empty() {
        writeln!(out, "title: {}", details.title)?;
    }
    if !details.text.is_empty() {
        writeln!(out, "text: {}", details.text)?;
    }
    if let Some(source) = &details.source {
        writeln!(out, "source: {}:{}:{}", source.document, source.line, source.column)?;
    }
    for (name, value) in &details.fields {
        writeln!(out, "{name}: {value}")?;
    }
    Ok(())
}

fn stats(index: &Index, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let stats = index.stats()?;
    writeln!(out, "revision          {}", stats.revision)?;
    writeln!(out, "tasks             {}", stats.tasks)?;
    writeln!(out, "units             {}", stats.units)?;
    writeln!(out, "task-unit pairs   {}", stats.pairs)?;
    writeln!(out, "since checkpoint  {} changes", stats.changes_since_checkpoint)?;
    writeln!(out, "out of order      {}", stats.out_of_order)?;
    writeln!(out, "bytes on disk     {}", stats.bytes_on_disk)?;
    writeln!(out, "bytes in memory   {}", stats.bytes_in_memory)?;
    Ok(())
}

fn verify(index: &Index, out: &mut impl Write) -> Outcome {
    let disagreements = index.verify()?;
    for disagreement in &disagreements {
        writeln!(out, "{disagreement}")?;
    }
    writeln!(out, "disagreements: {}", disagreements.len())?;
    Ok(if disagreements.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
