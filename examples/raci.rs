//! A RACI chart: `raci CHART.csv [QUESTION…]`. Reads a table with a row per task, a column per unit, and letters in the
//! cells; answers questions, and writes the chart again as CSV or Markdown. Run it without a question for the list.
//!
//! The accountable unit (A) leads, responsible units (R) support, and C and I are consulted and informed. `A/R` is one
//! unit that does both: it leads. A row without an A is a vacant task.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use responsibility_index::{Edits, Index, Role, View};

const USAGE: &str = "\
usage: raci CHART.csv QUESTION

questions
  task TASK      the units of a task with their letters
  unit UNIT      the tasks of a unit, by letter
  vacant         the tasks that nobody is accountable for
  idle           the units without a task
  load           how many tasks each unit has, by letter
  csv, markdown  the chart again";

/// The letters of the roles that a chart has.
const LETTERS: [(Role, &str); 4] =
    [(Role::Lead, "A"), (Role::Support, "R"), (Role::Consulted, "C"), (Role::Informed, "I")];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("raci: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let [file, question @ ..] = arguments else { return Err(USAGE.into()) };
    let chart = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let index = Index::in_memory();
    index.commit(read(&chart).map_err(|error| format!("{file}: {error}"))?)?;
    let view = index.view();
    match question {
        ["task", task] => {
            let task = view.task(task).ok_or_else(|| format!("there is no task {task:?}"))?;
            for (unit, role) in task.units() {
                writeln!(out, "{}  {}", letter(role), unit.name())?;
            }
        }
        ["unit", unit] => {
            for (role, letter) in LETTERS {
                for task in &view.tasks_of(unit, [role])? {
                    writeln!(out, "{letter}  {task}")?;
                }
            }
        }
        ["vacant"] => view.vacant().keys().try_for_each(|task| writeln!(out, "{task}"))?,
        ["idle"] => view.idle_units().try_for_each(|unit| writeln!(out, "{}", unit.name()))?,
        ["load"] => {
            for unit in view.units() {
                let counts = LETTERS.map(|(role, letter)| format!("{letter} {}", unit.count(role)));
                writeln!(out, "{}  {}", counts.join("  "), unit.name())?;
            }
        }
        ["csv"] => write_rows(&view, out, |cells| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","))?,
        ["markdown"] => {
            let mut first = true;
            write_rows(&view, out, |cells| {
                let rule = format!("\n|{}", " --- |".repeat(cells.len()));
                let rule = if std::mem::take(&mut first) { rule } else { String::new() };
                format!("| {} |{rule}", cells.join(" | "))
            })?;
        }
        _ => return Err(format!("{:?} is not a question\n\n{USAGE}", question.join(" ")).into()),
    }
    Ok(())
}

/// The edits that make a chart: all of them, or the line that is wrong.
fn read(chart: &str) -> Result<Edits, String> {
    let mut rows = chart.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (_, head) = rows.next().ok_or("it is empty")?;
    let units: Vec<String> = cells(head).into_iter().skip(1).collect();
    let mut edits = Edits::new().note("a RACI chart", "");
    for unit in &units {
        edits = edits.create_unit(unit, Default::default());
    }
    for (at, row) in rows {
        let mut row = cells(row).into_iter();
        let task = row.next().unwrap_or_default();
        edits = edits.declare(&task);
        for (unit, letters) in units.iter().zip(row) {
            // The letter of the strongest role counts: `A/R` leads.
            let roles = letters.split(['/', ',', ' ']).filter(|letter| !letter.is_empty()).map(role);
            let roles: Vec<Role> =
                roles.collect::<Result<_, _>>().map_err(|why| format!("line {}, unit {unit:?}: {why}", at + 1))?;
            if let Some(role) = roles.into_iter().min() {
                edits = edits.add(&task, unit, role);
            }
        }
    }
    Ok(edits)
}

fn role(letter: &str) -> Result<Role, String> {
    let known = LETTERS.iter().find(|(_, known)| letter.eq_ignore_ascii_case(known));
    known.map(|(role, _)| *role).ok_or_else(|| format!("{letter:?} is no letter of a RACI chart: A, R, C or I"))
}

fn letter(role: Role) -> &'static str {
    LETTERS.iter().find(|(known, _)| *known == role).map_or("A", |(_, letter)| letter)
}

/// Writes a row per task: its key, and a letter or nothing for each unit.
fn write_rows(view: &View, out: &mut impl Write, mut row: impl FnMut(&[String]) -> String) -> io::Result<()> {
    let units: Vec<&str> = view.units().map(|unit| unit.name()).collect();
    let head: Vec<String> = std::iter::once("task").chain(units.iter().copied()).map(str::to_owned).collect();
    writeln!(out, "{}", row(&head))?;
    for task in view.tasks().tasks() {
        let letter_of = |name: &&str| {
            let role = task.units().find(|(unit, _)| unit.name() == *name).map(|(_, role)| letter(role));
            role.unwrap_or_default().to_owned()
        };
        let cells: Vec<String> = std::iter::once(task.key().to_owned()).chain(units.iter().map(letter_of)).collect();
        writeln!(out, "{}", row(&cells))?;
    }
    Ok(())
}

/// The cells of a line of CSV, without the quotation marks around them.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut open, mut quoted) = (vec![String::new()], false, false);
    for letter in line.chars() {
        match letter {
            '"' => {
                // Two of them inside a quoted cell are one.
                if quoted && !open {
                    push(&mut cells, '"');
                }
                (open, quoted) = (!open, open);
            }
            ',' if !open => {
                cells.push(String::new());
                quoted = false;
            }
            other => {
                push(&mut cells, other);
                quoted = false;
            }
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

fn push(cells: &mut [String], letter: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(letter);
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
