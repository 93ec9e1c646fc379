//! Reads a table that divides work, also a RACI chart, and shows its tasks; with `--db`, brings them into an index; with
//! `--ask`, answers a question, or writes the chart again. Run it without arguments for its options.

mod common;

use std::collections::HashSet;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use common::{Out, Outcome, bytes_of, mistake, unknown};
use responsibility_index::document::{Document, Encoding};
use responsibility_index::export::{Shape, TableOptions};
use responsibility_index::import::{Aliases, Import, text_of, write_refused};
#[cfg(feature = "xlsx")]
use responsibility_index::table::TableError;
use responsibility_index::table::{Columns, Letters, Meaning, Reader, Rows, TableColumn, TableTask};
use responsibility_index::{Edits, Index, OpenOptions, Role, UnitRef, UnknownUnits};

const USAGE: &str = "\
usage: import_table FILE [OPTION...]

Reads a table and shows its tasks, or answers a question: import_table seeds/harbour-plan.csv --ask unit Pilots

FILE is CSV, with any of , ; tab | between its cells, Markdown, HTML, or a spreadsheet (.xlsx), for which the program is
built with --features xlsx. Its columns are roles (lead, supporting, ...), or its columns are units and its cells marks (a
RACI chart).

  --map MAPPING    columns by number or header: lead=3,supporting=Helpers; meanings: key number task title text section lead
                   co-lead responsible supporting consulted informed person deadline unit ignore
  --header ROW     the row of the header, from 1; 0 for none
  --sheet NAME     only this sheet of a spreadsheet, or only the tables under this heading
  --marks MARKS    marks of a chart: P=lead,V=consulted
  --json           one JSON line per task on standard output, and nothing else there; findings go to standard error
  --db DIR         bring the tasks into the index in DIR
  --dry-run        with --db: show what would change, and change nothing
  --known-units    with --db: a unit that the index does not have is an error
  --refused FILE   with --db: leave out tasks that the index can't take, and write them to FILE, to be mended
  --remove-gone    with --db: remove tasks that the index has and the table hasn't
  --take KEY       with --db: where both the table and somebody else changed this task, the table counts
  --except KEY     with --db: leave this task alone
  --year YEAR      the year of deadlines that name none
  --prefix P       keys begin with P; with --db the file's name without its ending if not given, else nothing
  --aliases FILE   other spellings of units: a canonical name and its spellings per line
  --ask QUESTION   the last option: the answer instead of the tasks

questions
  task TASK        the units of a task with their roles
  unit UNIT        the tasks of a unit, by role
  vacant           the tasks that nobody leads
  idle             the units that no task names
  load             how many tasks each unit has, by role
  csv, markdown    the chart: a row per task, a column per unit

Ends with 0, or with 1 and a message when something is wrong.";

#[derive(Default)]
struct Options {
    file: PathBuf,
    columns: Columns,
    sheet: Option<String>,
    letters: Option<Letters>,
    json: bool,
    db: Option<PathBuf>,
    dry_run: bool,
    known_units: bool,
    refused: Option<PathBuf>,
    remove_gone: bool,
    take: Vec<String>,
    except: Vec<String>,
    year: Option<i16>,
    prefix: Option<String>,
    aliases: Option<PathBuf>,
    ask: Option<Vec<String>>,
}

fn main() -> ExitCode {
    common::main(USAGE, |arguments, out| run(&options(arguments)?, out))
}

/// What the arguments ask for.
fn options(arguments: &[&str]) -> Outcome<Options> {
    let (mut options, mut file, mut header) = (Options::default(), None, None);
    let mut given = common::Options::new(arguments);
    while let Some(option) = given.next() {
        match option {
            "--map" => options.columns = given.value(option)?.parse()?,
            "--header" => header = Some(given.read(option, "the number of a row")?),
            "--sheet" => options.sheet = Some(given.value(option)?.to_owned()),
            "--marks" => options.letters = Some(marks(given.value(option)?)?),
            "--json" => options.json = true,
            "--db" => options.db = Some(given.value(option)?.into()),
            "--dry-run" => options.dry_run = true,
            "--known-units" => options.known_units = true,
            "--refused" => options.refused = Some(given.value(option)?.into()),
            "--remove-gone" => options.remove_gone = true,
            "--take" => options.take.push(given.value(option)?.to_owned()),
            "--except" => options.except.push(given.value(option)?.to_owned()),
            "--year" => {
                let year: i16 = given.read(option, "a year")?;
                if !(1000..=9999).contains(&year) {
                    return Err(format!("--year: \"{year}\" is not a year from 1000 to 9999").into());
                }
                options.year = Some(year);
            }
            "--prefix" => options.prefix = Some(given.value(option)?.to_owned()),
            "--aliases" => options.aliases = Some(given.value(option)?.into()),
            "--ask" => match given.rest() {
                [] => return Err(mistake("QUESTION is missing")),
                question => options.ask = Some(question.iter().map(|word| (*word).to_owned()).collect()),
            },
            other if other.starts_with('-') => return Err(unknown(other)),
            other if file.is_some() => return Err(mistake(format!("one file at a time, so not {other}"))),
            other => file = Some(other),
        }
    }
    options.file = file.ok_or_else(|| mistake("FILE is missing"))?.into();
    if let Some(row) = header {
        options.columns = options.columns.header_at(row);
    }
    let asks_for_index = options.dry_run
        || options.known_units
        || options.refused.is_some()
        || options.remove_gone
        || !options.take.is_empty()
        || !options.except.is_empty();
    if options.db.is_none() && asks_for_index {
        return Err("--dry-run, --known-units, --refused, --remove-gone, --take and --except need --db".into());
    }
    if options.ask.is_some() && (options.db.is_some() || options.json) {
        return Err("--ask answers from the table alone: without --db and --json; `ask` answers from an index".into());
    }
    Ok(options)
}

/// Reads `P=lead,V=consulted`.
fn marks(written: &str) -> Outcome<Letters> {
    let mut letters = Letters::new();
    for pair in written.split(',') {
        let (mark, name) = pair.split_once('=').ok_or_else(|| format!("{pair:?} is no mark; write MARK=ROLE"))?;
        let role = Role::ALL.into_iter().find(|role| role.to_string() == name);
        let role = role.ok_or_else(|| {
            format!("{name:?} is no role; the roles are {}", Role::ALL.map(|role| role.to_string()).join(", "))
        })?;
        letters = letters.mark(mark, role);
    }
    Ok(letters)
}

fn run(options: &Options, out: &mut Out) -> Outcome {
    let name = options.file.display().to_string();
    let bytes = bytes_of(&options.file)?;
    let mut reader = Reader::new().columns(options.columns.clone());
    if let Some(sheet) = &options.sheet {
        reader = reader.sheet(sheet);
    }
    if let Some(letters) = &options.letters {
        reader = reader.letters(letters.clone());
    }
    let (rows, decoded) = read_rows(&reader, &name, &bytes)?;
    let unknown = if options.known_units { UnknownUnits::Reject } else { UnknownUnits::Create };
    let open = |db| OpenOptions::new().unknown_units(unknown).open(db);
    let index: Option<Index> = options.db.as_ref().map(open).transpose()?;
    let stem = options.file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let prefix = match (&options.prefix, &options.db) {
        (Some(prefix), _) => prefix.clone(),
        (None, Some(_)) => stem,
        (None, None) => String::new(),
    };
    let aliases = match &options.aliases {
        Some(path) => Aliases::parse(&text_of(&path.display().to_string(), &bytes_of(path)?)?)?,
        None => Aliases::default(),
    };
    if let Some(question) = &options.ask {
        let question: Vec<&str> = question.iter().map(String::as_str).collect();
        return answer(&rows, &prefix, &aliases, &question, out);
    }
    if options.json {
        rows.tasks().try_for_each(|task| line_of_json(task, &prefix, &aliases, out))?;
        let mut errors = BufWriter::new(io::stderr().lock());
        write!(errors, "{decoded}{}", columns(&rows))?;
        rows.findings().try_for_each(|finding| writeln!(errors, "{finding}"))?;
        errors.flush()?;
    } else {
        write!(out, "{decoded}")?;
        rows.tasks().try_for_each(|task| show(task, &prefix, &aliases, out))?;
        write!(out, "\n{}", columns(&rows))?;
        show_findings(&rows, out)?;
    }
    let Some(index) = &index else {
        return if options.json { Ok(()) } else { Ok(writeln!(out, "\n{}", summary(&rows))?) };
    };
    let document = options.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut import = Import::new(index, &rows, prefix)
        .document(&document)
        .aliases(aliases)
        .remove_gone(options.remove_gone)
        .leave_out_refused(options.refused.is_some())
        .take(&options.take)
        .except(&options.except)
        .note(format!("import of {document}"), "");
    if let Some(year) = options.year {
        import = import.year(year);
    }
    let plan = import.plan()?;
    if let Some(path) = options.refused.as_ref().filter(|_| !plan.refused().is_empty()) {
        let table = fs::File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        write_refused(plan.refused(), table).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let report = if options.dry_run { plan.to_string() } else { plan.commit()?.to_string() };
    if options.json {
        writeln!(io::stderr(), "{report}")?;
    } else {
        writeln!(out, "\n{}\n{report}", summary(&rows))?;
    }
    Ok(())
}

/// The file in a spreadsheet that lists its sheets.
#[cfg(not(feature = "xlsx"))]
const SHEETS: &[u8] = b"xl/workbook.xml";

/// The rows of a file, and what was done to make text of it.
fn read_rows(reader: &Reader, name: &str, bytes: &[u8]) -> Outcome<(Rows, String)> {
    #[cfg(feature = "xlsx")]
    if bytes.starts_with(b"PK") {
        let rows = reader.read_xlsx(bytes).map_err(|error| match error {
            TableError::SheetsRepeat { first, second, key } => format!(
                "{name}: the sheets {first:?} and {second:?} have the same tasks, such as {key:?}; read one of them: --sheet \
                 {first:?} or --sheet {second:?}"
            ),
            error => format!("{name}: {error}"),
        })?;
        return Ok((rows, String::new()));
    }
    #[cfg(not(feature = "xlsx"))]
    if bytes.starts_with(b"PK") && bytes.windows(SHEETS.len()).any(|there| there == SHEETS) {
        return Err(format!("{name} is a spreadsheet (.xlsx): build with --features xlsx, or save it as CSV").into());
    }
    let document = Document::decode(name, bytes)?;
    let mut decoded = document.findings().map(|finding| format!("{finding}\n")).collect::<String>();
    if document.encoding() != Encoding::Utf8 {
        decoded.insert_str(0, &format!("read as text in {}\n", document.encoding()));
    }
    Ok((reader.read(document.text()).map_err(|error| format!("{name}: {error}"))?, decoded))
}

/// Answers a question about the table. Findings go to the standard error.
fn answer(rows: &Rows, prefix: &str, aliases: &Aliases, question: &[&str], out: &mut Out) -> Outcome {
    let mut errors = BufWriter::new(io::stderr().lock());
    rows.findings().try_for_each(|finding| writeln!(errors, "{finding}"))?;
    errors.flush()?;
    let mut edits = Edits::new();
    let mut created = HashSet::new();
    for (unit, kind) in rows.units() {
        let unit = aliases.canonical(unit);
        if created.insert(unit) {
            edits = edits.create_unit(unit, kind);
        }
    }
    for task in rows.tasks() {
        let key = task.key(prefix);
        edits = edits.declare(key.as_ref()).set_title(key.as_ref(), task.title());
        if let Some(deadline) = task.deadline() {
            edits = edits.set_field(key.as_ref(), "deadline", deadline);
        }
        for role in Role::ALL {
            edits = in_role(&task, role, aliases)
                .into_iter()
                .fold(edits, |edits, unit| edits.add(key.as_ref(), unit, role));
        }
    }
    let index = Index::in_memory();
    index.commit(edits)?;
    let view = index.view();
    let sheet = TableOptions::new().shape(Shape::Wide);
    match question {
        ["task", task] => {
            let task = view.task(task).ok_or_else(|| format!("there is no task {task:?}"))?;
            task.units().try_for_each(|(unit, role)| writeln!(out, "{:<9}  {}", role.to_string(), unit.name()))?;
        }
        ["unit", unit] => {
            for role in Role::ALL {
                for task in &view.tasks_of(unit, [role])? {
                    writeln!(out, "{:<9}  {task}", role.to_string())?;
                }
            }
        }
        ["vacant"] => view.vacant().keys().try_for_each(|task| writeln!(out, "{task}"))?,
        ["idle"] => view.idle_units().try_for_each(|unit| writeln!(out, "{}", unit.name()))?,
        ["load"] => view.units().try_for_each(|unit| writeln!(out, "{}  {}", unit.name(), load(&unit)))?,
        ["csv" | "markdown"] => {
            let written = if question == ["csv"] { view.csv("", &sheet, out) } else { view.markdown("", &sheet, out) }?;
            written.losses.iter().try_for_each(|loss| writeln!(io::stderr(), "{loss}"))?;
        }
        _ => return Err(mistake(format!("{:?} is not a question", question.join(" ")))),
    }
    Ok(())
}

/// How many tasks a unit has in each role that it has.
fn load(unit: &UnitRef<'_>) -> String {
    let counts = Role::ALL.into_iter().map(|role| (role, unit.count(role))).filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(role, count)| format!("{role} {count}")).collect();
    if counts.is_empty() { "no task".to_owned() } else { counts.join(", ") }
}

fn in_role<'a>(task: &TableTask<'a>, role: Role, aliases: &'a Aliases) -> Vec<&'a str> {
    task.in_role(role).map(|unit| aliases.canonical(unit)).collect()
}

fn line_of_json(task: TableTask<'_>, prefix: &str, aliases: &Aliases, out: &mut impl Write) -> Outcome {
    let line = serde_json::json!({
        "task": task.key(prefix),
        "title": task.title(),
        "lead": task.lead().map(|unit| aliases.canonical(unit)),
        "co_leads": in_role(&task, Role::CoLead, aliases),
        "supporting": in_role(&task, Role::Support, aliases),
        "consulted": in_role(&task, Role::Consulted, aliases),
        "informed": in_role(&task, Role::Informed, aliases),
        "deadline": task.deadline(),
        "line": task.line(),
        "column": task.column(),
    });
    Ok(writeln!(out, "{line}")?)
}

fn show(task: TableTask<'_>, prefix: &str, aliases: &Aliases, out: &mut impl Write) -> Outcome {
    writeln!(out, "{}  {}", task.key(prefix), task.title())?;
    writeln!(out, "    lead: {}", task.lead().map_or("nobody", |unit| aliases.canonical(unit)))?;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Lead) {
        let units = in_role(&task, role, aliases);
        if !units.is_empty() {
            writeln!(out, "    {role}: {}", units.join(", "))?;
        }
    }
    if let Some(deadline) = task.deadline() {
        writeln!(out, "    by: {deadline}")?;
    }
    Ok(())
}

/// How the columns of each table were read, and whether their rows are numbered. Tables that are read alike share a line.
fn columns(rows: &Rows) -> String {
    let mut lines: Vec<String> = Vec::new();
    let all: Vec<&TableColumn> = rows.columns().collect();
    for table in all.chunk_by(|first, next| first.table == next.table) {
        let name = |column: &TableColumn| match column.header.as_str() {
            "" => format!("column {}", column.number),
            header => header.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let named = table.iter().filter(|column| column.is_read() && column.meaning != Some(Meaning::Unit));
        let read =
            named.map(|column| column.meaning.map_or(name(column), |meaning| format!("{}={meaning}", name(column))));
        let mut line = format!("columns: {}", read.collect::<Vec<_>>().join(", "));
        let units = table.iter().filter(|column| column.meaning == Some(Meaning::Unit)).count();
        if units > 0 {
            line.push_str(&format!("; {units} columns of units"));
        }
        let unread: Vec<String> = table
            .iter()
            .filter(|column| !column.is_read() && !column.header.is_empty())
            .map(|column| name(column))
            .collect();
        if !unread.is_empty() {
            line.push_str(&format!("; not read: {}", unread.join(", ")));
        }
        let has_keys = table.iter().any(|column| matches!(column.meaning, Some(Meaning::Key | Meaning::Number)));
        if !has_keys {
            line.push_str("\nno column has keys: tasks are numbered by row; --map key=HEADER names one");
        }
        line.push('\n');
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

fn show_findings(rows: &Rows, out: &mut impl Write) -> Outcome {
    if rows.findings().len() > 0 {
        writeln!(out, "\nfindings ({})", rows.findings().len())?;
    }
    Ok(rows.findings().try_for_each(|finding| writeln!(out, "  {finding}"))?)
}

fn summary(rows: &Rows) -> String {
    let vacant = rows.tasks().filter(|task| task.lead().is_none()).count();
    format!("{} tasks, {vacant} of them without a lead, {} units", rows.tasks().len(), rows.units().len())
}
