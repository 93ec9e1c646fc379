//! Reports that fall due: `reports DB COMMAND…`. Sets obligations, files reports, and tells whose report is missing. Run
//! it without arguments for the list.

mod common;

use std::io::Write;
use std::process::ExitCode;

use common::{DAY, Form, Out, Outcome, check_form, mistake, parse, text_of};
use jiff::civil::Date;
use responsibility_index::Index;
use responsibility_index::report::{Answer, Obligation, Owed, Report, Why};

const USAGE: &str = "\
usage: reports DB COMMAND

Keeps who owes which report, and when: reports plan.ri overdue 2016-12-01

commands; DUE, RECEIVED, UNTIL and DAY are days, written 2016-11-30
  set FILE                                 sets the obligations of a file, one in JSON per line
  list                                     all obligations with the rules that say who owes
  owed OBLIGATION DUE                      who owes a report for a due day, and what came
  owed OBLIGATION DUE --then               the same for the units of that day
  file OBLIGATION UNIT DUE RECEIVED        files a report that came on a day
  excuse OBLIGATION UNIT DUE               the unit need not report
  extend OBLIGATION UNIT DUE UNTIL         the unit may report until a day
  overdue DAY                              what was due before a day and has not come
  next DAY                                 the next due day of each obligation after a day

a line of FILE for set
  {\"name\":\"yearly\",\"owed_by\":[{\"leads-below\":\"plan\"}],\"due\":{\"yearly\":[[11,30]]},\"from\":\"2016-03-28\"}";

const COMMANDS: &[Form] = &[
    ("set", "FILE"),
    ("list", ""),
    ("owed", "OBLIGATION DUE [--then]"),
    ("file", "OBLIGATION UNIT DUE RECEIVED"),
    ("excuse", "OBLIGATION UNIT DUE"),
    ("extend", "OBLIGATION UNIT DUE UNTIL"),
    ("overdue", "DAY"),
    ("next", "DAY"),
];

fn main() -> ExitCode {
    common::main(USAGE, run)
}

fn run(arguments: &[&str], out: &mut Out) -> Outcome {
    let [database, command @ ..] = arguments else { return Err(mistake("DB is missing")) };
    if command.is_empty() {
        return Err(mistake("COMMAND is missing"));
    }
    check_form(COMMANDS, command, "command")?;
    let index = common::open(database)?;
    let view = index.view();
    match command {
        ["set", file] => set(&index, file, out)?,
        ["list"] => {
            for obligation in view.obligations() {
                writeln!(out, "{}", serde_json::to_string(&obligation.value())?)?;
            }
        }
        ["owed", obligation, due] => view.owed(obligation, day(due)?)?.iter().try_for_each(|owed| show(owed, out))?,
        ["owed", obligation, due, "--then"] => {
            let due = day(due)?;
            let then = index.view_on(due)?.with_reports_of(&view);
            then.owed(obligation, due)?.iter().try_for_each(|owed| show(owed, out))?;
        }
        ["file", obligation, unit, due, received] => {
            file(&index, Report::new(*obligation, *unit, day(due)?, Answer::Received(day(received)?)), out)?;
        }
        ["excuse", obligation, unit, due] => {
            file(&index, Report::new(*obligation, *unit, day(due)?, Answer::Excused), out)?;
        }
        ["extend", obligation, unit, due, until] => {
            file(&index, Report::new(*obligation, *unit, day(due)?, Answer::Extended(day(until)?)), out)?;
        }
        ["overdue", on] => {
            for owed in view.overdue(day(on)?) {
                writeln!(out, "{}  {}  {}", owed.deadline(), owed.obligation, owed.unit.name())?;
            }
        }
        ["next", after] => {
            for (obligation, due) in view.next_due(day(after)?) {
                writeln!(out, "{due}  {obligation}")?;
            }
        }
        _ => return Err(mistake(format!("{:?} is not a command", command.join(" ")))),
    }
    Ok(())
}

fn day(text: &str) -> Outcome<Date> {
    parse(text, DAY)
}

/// Files a report, and says so when the unit need not report: perhaps another one was meant.
fn file(index: &Index, report: Report, out: &mut impl Write) -> Outcome {
    let (obligation, due, answer) = (report.obligation.clone(), report.due, answered(report.answer));
    let done = index.batch().report(report.clone()).commit()?;
    let unit = done.after().unit(&report.unit)?.name().to_owned();
    writeln!(out, "{obligation}  {due}  {unit}  {answer}")?;
    let owed = done.after().owed(&obligation, due)?;
    let counts = |owed: &Owed<'_>| owed.unit.name() == unit || owed.earlier.iter().any(|report| report.unit == unit);
    if !owed.iter().any(counts) {
        writeln!(out, "note: {unit} does not owe {obligation:?} for {due}; see: reports DB owed {obligation} {due}")?;
    }
    Ok(())
}

fn answered(answer: Answer) -> String {
    match answer {
        Answer::Received(day) => format!("received {day}"),
        Answer::Excused => "excused".to_owned(),
        Answer::Extended(day) => format!("missing, until {day}"),
        _ => "answered".to_owned(),
    }
}

/// Sets all obligations of a file, or none.
fn set(index: &Index, file: &str, out: &mut impl Write) -> Outcome {
    let text = text_of(file)?;
    let mut batch = index.batch().note(format!("obligations of {file}"), "");
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let obligation: Obligation =
            serde_json::from_str(line).map_err(|error| format!("{file}: line {} {}", at + 1, wrong(&error)))?;
        batch = batch.set_obligation(obligation);
    }
    let done = batch.commit()?;
    for obligation in done.after().obligations() {
        let debtors = obligation.owed_by().len();
        let note = if debtors == 0 { ": nobody owes it" } else { "" };
        writeln!(out, "{}  units that owe: {debtors}{note}", obligation.name())?;
    }
    Ok(())
}

/// What is wrong with a line, of which serde_json calls each the first line.
fn wrong(error: &serde_json::Error) -> String {
    let why = error.to_string().replace(" at line 1 column ", ", at byte ");
    if error.is_data() { format!("is no obligation: {why}") } else { format!("is not JSON: {why}") }
}

fn show(owed: &Owed<'_>, out: &mut impl Write) -> Outcome {
    let why = match owed.why {
        Why::Named => "named".to_owned(),
        Why::Leads(tasks) => format!("leads {tasks}"),
        Why::MemberOf(collective) => format!("in {}", collective.name()),
        _ => String::new(),
    };
    let late = if owed.is_late() { ", late" } else { "" };
    let answer = owed.report.as_ref().map_or("missing".to_owned(), |report| answered(report.answer) + late);
    let earlier: Vec<&str> = owed.earlier.iter().map(|report| report.unit.as_str()).collect();
    let earlier = if earlier.is_empty() { String::new() } else { format!("; from before: {}", earlier.join(", ")) };
    writeln!(out, "{}  {why}  {answer}{earlier}", owed.unit.name())?;
    Ok(())
}
