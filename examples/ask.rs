//! Asks an index on disk: `ask DB QUESTION…`. Run it without arguments for the questions.

mod common;

use std::cmp::Reverse;
use std::io::{self, Write};
use std::process::ExitCode;

use common::{DAY, Form, Outcome, check_form, mistake, parse};
use responsibility_index::history::Stamp;
use responsibility_index::view::Cell;
use responsibility_index::{Error, Index, InputError, Revision, Role, Standing, TaskSet, View, compare_keys};

const USAGE: &str = "\
usage: ask DB QUESTION

Answers a question from an index on disk: ask plan.ri lead plan/1/1

questions
  lead TASK             the unit that leads a task
  supporting TASK       the units that support it, in order
  roles TASK            all its units with their roles
  led-by UNIT           the tasks a unit leads
  supported-by UNIT     the tasks a unit supports
  ROLE UNIT             the tasks in which a unit is co-lead, consulted, informed (or lead, support)
  both A B              the tasks led by A and supported by B
  shared UNIT           the units that have tasks in common with a unit
  matrix [PREFIX]       how many tasks each unit has in each section: leads+others
  units                 all units, with in how many tasks each leads, supports, and has another role; most first
  vacant                the tasks that nobody leads
  idle                  the units that no task names
  under PREFIX          the tasks whose keys begin with PREFIX
  details TASK          the title, text and fields of a task
  history TASK          who had a task, since when, why; newest first
  log                   all commits, newest first
  at REVISION QUESTION  a question about the index as it was
  on DAY QUESTION       the same for a day (2018-11-05) from which commits are in force
  stats                 how large the index is
  verify                compares everything that is kept twice";

/// The questions about one view, with what follows each.
const QUESTIONS: &[Form] = &[
    ("lead", "TASK"),
    ("supporting", "TASK"),
    ("roles", "TASK"),
    ("led-by", "UNIT"),
    ("supported-by", "UNIT"),
    ("co-lead", "UNIT"),
    ("support", "UNIT"),
    ("consulted", "UNIT"),
    ("informed", "UNIT"),
    ("both", "A B"),
    ("shared", "UNIT"),
    ("matrix", "[PREFIX]"),
    ("units", ""),
    ("vacant", ""),
    ("idle", ""),
    ("under", "PREFIX"),
    ("details", "TASK"),
    ("history", "TASK"),
];

/// The questions about an index, and those that lead to a view of the past.
const OF_INDEX: &[Form] =
    &[("log", ""), ("stats", ""), ("verify", ""), ("at", "REVISION QUESTION"), ("on", "DAY QUESTION")];

fn main() -> ExitCode {
    common::main(USAGE, ask)
}

fn ask(arguments: &[&str], out: &mut impl Write) -> Outcome<ExitCode> {
    let [database, question @ ..] = arguments else { return Err(mistake("DB is missing")) };
    check(question)?;
    let index = common::open(database)?;
    match question {
        ["stats"] => stats(&index, out)?,
        ["verify"] => return verify(&index, out),
        ["log"] => log(&index, out)?,
        ["at", revision, question @ ..] => {
            ask_view(&index.view_at(parse(revision, "a revision")?)?, question, out)?;
        }
        ["on", day, question @ ..] => {
            ask_view(&index.view_on(parse(day, DAY)?).map_err(no_day)?, question, out)?;
        }
        question => ask_view(&index.view(), question, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses words that are no question, and those that lack something.
fn check(question: &[&str]) -> Outcome {
    match question {
        [] => Err(mistake("QUESTION is missing")),
        ["at" | "on", _, past, ..] if OF_INDEX.iter().any(|(of_index, _)| of_index == past) => {
            Err(format!("{past} can't be asked of the past").into())
        }
        ["at" | "on", _, past @ ..] if !past.is_empty() => check(past),
        question => check_form(&[QUESTIONS, OF_INDEX].concat(), question, "question"),
    }
}

/// Says what to ask instead where no commit has a day.
fn no_day(error: Error) -> Box<dyn std::error::Error> {
    match error.input() {
        Some(InputError::NoSuchDay { asked, first: None }) => format!(
            "on {asked} no commit was in force, since none has a day: reform --day gives one; for a moment see log, then \
             ask at REVISION"
        )
        .into(),
        _ => error.into(),
    }
}

fn ask_view(view: &View, question: &[&str], out: &mut impl Write) -> Outcome {
    match question {
        ["lead", task] => match standing(view, task)?.lead() {
            Some(lead) => writeln!(out, "{lead}")?,
            None => return Err(format!("task {task:?} is vacant").into()),
        },
        ["supporting", task] => {
            let standing = standing(view, task)?;
            for (unit, _) in standing.units().filter(|(_, role)| *role == Role::Support) {
                writeln!(out, "{unit}")?;
            }
        }
        ["roles", task] => {
            for (unit, role) in standing(view, task)?.units() {
                writeln!(out, "{:<9}  {unit}", role.to_string())?;
            }
        }
        ["led-by", unit] => list(&view.led_by(unit)?, out)?,
        ["supported-by", unit] => list(&view.supported_by(unit)?, out)?,
        ["both", a, b] => list(&(view.led_by(a)? & view.supported_by(b)?), out)?,
        ["shared", unit] => {
            for (other, tasks) in view.shares_tasks_with(unit)? {
                writeln!(out, "{tasks:>6}  {}", other.name())?;
            }
        }
        ["matrix"] => matrix(view, "", out)?,
        ["matrix", prefix] => matrix(view, prefix, out)?,
        ["units"] => units(view, out)?,
        ["vacant"] => list(&view.vacant(), out)?,
        ["idle"] => {
            view.idle_units().try_for_each(|unit| writeln!(out, "{}", unit.name()))?;
            writeln!(out, "units: {}", view.idle_units().count())?;
        }
        ["under", prefix] => match view.under(prefix) {
            none if none.is_empty() => return Err(format!("no key begins with {prefix:?}").into()),
            tasks => list(&tasks, out)?,
        },
        ["details", task] => details(view, task, out)?,
        ["history", task] => history(view, task, out)?,
        [role, unit] if role.parse::<Role>().is_ok() => list(&view.tasks_of(unit, [role.parse()?])?, out)?,
        _ => return Err(mistake(format!("{:?} is not a question", question.join(" ")))),
    }
    Ok(())
}

fn history(view: &View, task: &str, out: &mut impl Write) -> Outcome {
    let mut commits = 0;
    for past in view.history(task) {
        let past = past?;
        let standing = past.standing.map_or_else(|| "removed".to_owned(), |standing| standing.to_string());
        match past.stamp {
            Some(stamp) => writeln!(out, "{}  {standing}", head(past.revision, &stamp))?,
            None => writeln!(out, "{:>6}  or earlier  {standing}", past.revision)?,
        }
        commits += 1;
    }
    if commits == 0 {
        return Err(format!("there was no task {task:?}").into());
    }
    Ok(writeln!(out, "commits: {commits}")?)
}

fn log(index: &Index, out: &mut impl Write) -> Outcome {
    for commit in index.commits(..)?.rev() {
        let commit = commit?;
        writeln!(
            out,
            "{}  tasks: {}, units: {}",
            head(commit.revision(), commit.stamp()),
            commit.tasks().count(),
            commit.units().len()
        )?;
    }
    Ok(())
}

/// The revision of a commit, its time, its day, why and by whom.
fn head(revision: Revision, stamp: &Stamp) -> String {
    let day = stamp.day.map(|day| format!("  in force {day}")).unwrap_or_default();
    // A note may have several lines.
    let (why, who) = (stamp.note.why.escape_debug().to_string(), stamp.note.who.escape_debug().to_string());
    let note = match (why.as_str(), who.as_str()) {
        ("", "") => String::new(),
        (why, "") => format!("  {why}"),
        ("", who) => format!("  by {who}"),
        (why, who) => format!("  {why} (by {who})"),
    };
    format!("{revision:>6}  {:.0}{day}{note}", stamp.time)
}

fn standing(view: &View, task: &str) -> Result<Standing, String> {
    view.standing(task).ok_or_else(|| match view.under(&format!("{}/", task.trim_end_matches('/'))).len() {
        0 => format!("there is no task {task:?}; see: {}", near(view, task)),
        below => format!("{task:?} is a section with {below} tasks below it, not a task; ask for: under {task}/"),
    })
}

/// The question that shows tasks near a key: those of the section that it would be in, or all sections.
fn near(view: &View, task: &str) -> String {
    let sections = task.rmatch_indices('/').map(|(at, _)| task.split_at(at + 1).0);
    let section = sections.into_iter().find(|section| !view.under(section).is_empty());
    section.map_or_else(|| "ask DB matrix".to_owned(), |section| format!("ask DB under {section}"))
}

fn list(tasks: &TaskSet, out: &mut impl Write) -> io::Result<()> {
    for task in tasks.tasks() {
        writeln!(out, "{}  {}", task.key(), task.standing())?;
    }
    writeln!(out, "tasks: {}", tasks.len())
}

fn units(view: &View, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{:>6} {:>8} {:>6}", "leads", "supports", "others")?;
    let mut units: Vec<_> = view.units().collect();
    units.sort_by(|a, b| {
        let order = b.leads().cmp(&a.leads()).then(b.supports().cmp(&a.supports()));
        order.then_with(|| compare_keys(a.name(), b.name()))
    });
    for unit in &units {
        let aliases: Vec<&str> = unit.aliases().collect();
        let also = if aliases.is_empty() { String::new() } else { format!(" (also {})", aliases.join(", ")) };
        let others: usize = [Role::CoLead, Role::Consulted, Role::Informed].map(|role| unit.count(role)).iter().sum();
        writeln!(out, "{:>6} {:>8} {others:>6}  {}{also}", unit.leads(), unit.supports(), unit.name())?;
    }
    writeln!(out, "units: {}", units.len())
}

/// The most sections that stand side by side.
const SECTIONS: usize = 16;

/// Names are the last column, since a terminal shows Chinese letters twice as wide.
fn matrix(view: &View, prefix: &str, out: &mut impl Write) -> Outcome {
    let prefix = if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") };
    let mut matrix = view.matrix(&prefix, 1);
    if matrix.sections().is_empty() {
        return Err(format!("there is no task below {prefix:?}").into());
    }
    for depth in 2..=16 {
        let finer = view.matrix(&prefix, depth);
        if finer.sections().len() > SECTIONS.min(view.under(&prefix).len() / 2) {
            break;
        }
        matrix = finer;
    }
    for (number, section) in (1..).zip(matrix.sections()) {
        writeln!(out, "{number:>6}  {section}")?;
    }
    let numbers: Vec<String> = (1..=matrix.sections().len()).map(|number| format!("{number:>6}")).collect();
    writeln!(out, "\n{}{:>8}", numbers.concat(), "all")?;
    let others = |cell: Cell| Role::ALL.into_iter().skip(1).map(|role| cell.count(role)).sum::<usize>();
    let shown = |cell: Cell| match (cell.leads, others(cell)) {
        (0, 0) => ".".to_owned(),
        (leads, others) => format!("{leads}+{others}"),
    };
    let mut units: Vec<&String> = matrix.units().iter().collect();
    units.sort_by_key(|unit| {
        let all = matrix.of_unit(unit);
        (Reverse(all.leads), Reverse(others(all)))
    });
    for unit in units {
        let cells = matrix.sections().iter().map(|section| format!("{:>6}", shown(matrix.cell(unit, section))));
        writeln!(out, "{}{:>8}  {unit}", cells.collect::<String>(), shown(matrix.of_unit(unit)))?;
    }
    let sums = matrix.sections().iter().map(|section| format!("{:>6}", shown(matrix.of_section(section))));
    Ok(writeln!(out, "{}{:>8}  all", sums.collect::<String>(), shown(matrix.total()))?)
}

fn details(view: &View, task: &str, out: &mut impl Write) -> Outcome {
    writeln!(out, "{task}  {}", standing(view, task)?)?;
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

fn stats(index: &Index, out: &mut impl Write) -> Outcome {
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

fn verify(index: &Index, out: &mut impl Write) -> Outcome<ExitCode> {
    let disagreements = index.verify()?;
    // One damaged part of the log can be the cause for many tasks.
    for same in disagreements.chunk_by(|a, b| (a.rule, &a.what) == (b.rule, &b.what)) {
        match same {
            [first, _, ..] => {
                writeln!(out, "{} places: {} (rule: {})", same.len(), first.what, first.rule)?;
                same.iter().try_for_each(|place| writeln!(out, "  {}", place.key.escape_debug()))?;
            }
            _ => same.iter().try_for_each(|disagreement| writeln!(out, "{disagreement}"))?,
        }
    }
    writeln!(out, "disagreements: {}", disagreements.len())?;
    Ok(if disagreements.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
