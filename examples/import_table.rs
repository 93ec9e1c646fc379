//! Reads a table that divides work and shows its tasks; with `--db`, brings them into an index. Run it without arguments for
//! its options.

use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use responsibility_index::document::{Document, Encoding};
use responsibility_index::import::{Aliases, Import, text_of, write_refused};
#[cfg(feature = "xlsx")]
use responsibility_index::table::TableError;
use responsibility_index::table::{Columns, Letters, Reader, Rows, TableTask};
use responsibility_index::{Index, OpenOptions, Role, UnknownUnits};

const USAGE: &str = "\
usage: import_table FILE [options]

The file is CSV, with any of , ; tab | between its cells, Markdown, HTML, or a spreadsheet (.xlsx), for which the program is
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
  --help           show this

Ends with 0, or with 1 and a message when something is wrong.";

type Outcome<T> = Result<T, Box<dyn Error>>;

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
}

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let done = options().and_then(|options| match options {
        Some(options) => run(&options, &mut out),
        None => Ok(writeln!(out, "{USAGE}")?),
    });
    // What was shown comes before the message of what was wrong.
    let flushed = out.flush();
    match done.and_then(|()| Ok(flushed?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever reads a list may stop before its end.
            let stopped = error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe);
            if !stopped {
                eprintln!("import_table: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

/// What the arguments ask for; `None` for help.
fn options() -> Outcome<Option<Options>> {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    let (mut file, mut header) = (None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"));
        match argument.as_str() {
            "--map" => options.columns = value()?.parse()?,
            "--header" => header = Some(number::<usize>("--header", &value()?)?),
            "--sheet" => options.sheet = Some(value()?),
            "--marks" => options.letters = Some(marks(&value()?)?),
            "--json" => options.json = true,
            "--db" => options.db = Some(value()?.into()),
            "--dry-run" => options.dry_run = true,
            "--known-units" => options.known_units = true,
            "--refused" => options.refused = Some(value()?.into()),
            "--remove-gone" => options.remove_gone = true,
            "--take" => options.take.push(value()?),
            "--except" => options.except.push(value()?),
            "--year" => options.year = Some(number("--year", &value()?)?),
            "--prefix" => options.prefix = Some(value()?),
            "--aliases" => options.aliases = Some(value()?.into()),
            "--help" | "-h" => return Ok(None),
            other if other.starts_with('-') => return Err(format!("no such option: {other}\n\n{USAGE}").into()),
            other if file.is_some() => return Err(format!("one file at a time, so not {other}\n\n{USAGE}").into()),
            _ => file = Some(argument),
        }
    }
    options.file = file.ok_or_else(|| format!("no file given\n\n{USAGE}"))?.into();
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
    Ok(Some(options))
}

fn number<N: std::str::FromStr>(option: &str, written: &str) -> Outcome<N> {
    Ok(written.parse().map_err(|_| format!("{option} needs a number, not {written:?}"))?)
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

fn run(options: &Options, out: &mut impl Write) -> Outcome<()> {
    let name = options.file.display().to_string();
    let bytes = read(&options.file)?;
    let mut reader = Reader::new().columns(options.columns.clone());
    if let Some(sheet) = &options.sheet {
        reader = reader.sheet(sheet);
    }
    if let Some(letters) = &options.letters {
        reader = reader.letters(letters.clone());
    }
    let (rows, decoded) = read_rows(&reader, &name, &bytes)?;
    let stem = options.file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let prefix = match (&options.prefix, &options.db) {
        (Some(prefix), _) => prefix.clone(),
        (None, Some(_)) => stem,
        (None, None) => String::new(),
    };
    let aliases = match &options.aliases {
        Some(path) => Aliases::parse(&text_of(&path.display().to_string(), &read(path)?)?)?,
        None => Aliases::default(),
    };
    if options.json {
        rows.tasks().try_for_each(|task| line_of_json(task, &prefix, &aliases, out))?;
        let mut errors = BufWriter::new(io::stderr().lock());
        write!(errors, "{decoded}")?;
        rows.findings().try_for_each(|finding| writeln!(errors, "{finding}"))?;
        errors.flush()?;
    } else {
        write!(out, "{decoded}")?;
        rows.tasks().try_for_each(|task| show(task, &prefix, &aliases, out))?;
        show_findings(&rows, out)?;
    }
    let Some(db) = &options.db else {
        return if options.json { Ok(()) } else { Ok(writeln!(out, "\n{}", summary(&rows))?) };
    };
    let unknown = if options.known_units { UnknownUnits::Reject } else { UnknownUnits::Create };
    let index: Index = OpenOptions::new().unknown_units(unknown).open(db)?;
    let document = options.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut import = Import::new(&index, &rows, prefix)
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
        let table = fs::File::create(path).map_err(|error| at(path, &error))?;
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
    let document = Document::decode(name, bytes)?;
    let mut decoded = document.findings().map(|finding| format!("{finding}\n")).collect::<String>();
    if document.encoding() != Encoding::Utf8 {
        decoded.insert_str(0, &format!("read as text in {}\n", document.encoding()));
    }
    Ok((reader.read(document.text()).map_err(|error| format!("{name}: {error}"))?, decoded))
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    Ok(fs::read(path).map_err(|error| at(path, &error))?)
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn in_role<'a>(task: &TableTask<'a>, role: Role, aliases: &'a Aliases) -> Vec<&'a str> {
    task.in_role(role).map(|unit| aliases.canonical(unit)).collect()
}

fn line_of_json(task: TableTask<'_>, prefix: &str, aliases: &Aliases, out: &mut impl Write) -> Outcome<()> {
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

fn show(task: TableTask<'_>, prefix: &str, aliases: &Aliases, out: &mut impl Write) -> Outcome<()> {
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

fn show_findings(rows: &Rows, out: &mut impl Write) -> Outcome<()> {
    if rows.findings().len() > 0 {
        writeln!(out, "\nfindings ({})", rows.findings().len())?;
    }
    Ok(rows.findings().try_for_each(|finding| writeln!(out, "  {finding}"))?)
}

fn summary(rows: &Rows) -> String {
    let vacant = rows.tasks().filter(|task| task.lead().is_none()).count();
    format!("{} tasks, {vacant} of them without a lead, {} units", rows.tasks().len(), rows.units().len())
}
