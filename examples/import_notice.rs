//! Reads a notice and shows what it assigns to whom; with `--db`, brings it into an index. Run it without arguments for
//! its options.

mod common;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use common::{Out, Outcome, bytes_of, mistake, unknown};
use responsibility_index::document::{Document, Encoding, Format};
use responsibility_index::import::{Aliases, Import, ImportError, text_of};
use responsibility_index::notice::{Notice, Reader, Task};
use responsibility_index::{Index, UnitKind};

const USAGE: &str = "\
usage: import_notice FILE [OPTION...]

Reads a notice and shows its tasks, or brings them into an index: import_notice seeds/fujian-2016.txt --db plan-2016.ri

FILE is plain text or a web page, in UTF-8, GB18030, UTF-16 or what the page declares.

  --db DIR              bring the tasks into the index in DIR
  --dry-run             with --db: show what would change, and change nothing
  --remove-gone         with --db: remove tasks that the index has and the notice hasn't
  --take KEY            with --db: where both the notice and somebody else changed this task, the notice counts
  --except KEY          with --db: leave this task alone
  --prefix P            keys begin with P; the file's name without its ending if not given
  --aliases FILE        other spellings of units: a canonical name and its spellings per line
  --json                one JSON line per task on standard output, and nothing else there; findings go to standard error
  --refuse-convention   a clause in which nothing tells the lead is a finding, not a task
  --refuse-shared       a clause whose units share the task, none of them marked, is a finding, not a task
  --units-everywhere    add the units that the text says every later task has
  --help                show this

Ends with 0, or with 1 and a message when something is wrong. A text without any clause is wrong, but not with --json and
without --db: there no line is the answer.";

#[derive(Default)]
struct Options {
    file: PathBuf,
    db: Option<PathBuf>,
    prefix: Option<String>,
    aliases: Option<PathBuf>,
    json: bool,
    dry_run: bool,
    remove_gone: bool,
    take: Vec<String>,
    except: Vec<String>,
    refuse_convention: bool,
    refuse_shared: bool,
    units_everywhere: bool,
}

fn main() -> ExitCode {
    common::main(USAGE, |arguments, out| {
        let mut err = BufWriter::new(io::stderr().lock());
        let done = options(arguments).and_then(|options| run(&options, out, &mut err));
        // What was shown comes before the message of what was wrong.
        let written = out.flush().and_then(|()| err.flush());
        done.and_then(|()| Ok(written?))
    })
}

/// What the arguments ask for.
fn options(arguments: &[&str]) -> Outcome<Options> {
    let (mut options, mut file) = (Options::default(), None);
    let mut given = common::Options::new(arguments);
    while let Some(option) = given.next() {
        match option {
            "--db" => options.db = Some(given.value(option)?.into()),
            "--prefix" => options.prefix = Some(given.value(option)?.to_owned()),
            "--aliases" => options.aliases = Some(given.value(option)?.into()),
            "--take" => options.take.push(given.value(option)?.to_owned()),
            "--except" => options.except.push(given.value(option)?.to_owned()),
            "--json" => options.json = true,
            "--dry-run" => options.dry_run = true,
            "--remove-gone" => options.remove_gone = true,
            "--refuse-convention" => options.refuse_convention = true,
            "--refuse-shared" => options.refuse_shared = true,
            "--units-everywhere" => options.units_everywhere = true,
            other if other.starts_with('-') => return Err(unknown(other)),
            other if file.is_some() => return Err(mistake(format!("one file at a time, so not {other}"))),
            other => file = Some(other),
        }
    }
    options.file = file.ok_or_else(|| mistake("FILE is missing"))?.into();
    let asks_for_index =
        options.dry_run || options.remove_gone || !options.take.is_empty() || !options.except.is_empty();
    if options.db.is_none() && asks_for_index {
        return Err("--dry-run, --remove-gone, --take and --except need --db".into());
    }
    Ok(options)
}

fn run(options: &Options, out: &mut Out, err: &mut impl Write) -> Outcome {
    let document = options.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let bytes = bytes_of(&options.file)?;
    let read_from = Document::read(&options.file.display().to_string(), &bytes)?;
    let notice = Reader::new()
        .accept_convention(!options.refuse_convention)
        .accept_shared(!options.refuse_shared)
        .add_units_everywhere(options.units_everywhere)
        .read_document(&read_from);
    let aliases = match &options.aliases {
        Some(path) => Aliases::parse(&text_of(&path.display().to_string(), &bytes_of(path)?)?)?,
        None => Aliases::default(),
    };
    let stem = options.file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let prefix = options.prefix.clone().unwrap_or(stem);
    if options.json {
        write!(err, "{}", decoding(&read_from))?;
        notice.tasks().try_for_each(|task| line_of_json(task, &prefix, &aliases, out))?;
        notice.findings().try_for_each(|finding| writeln!(err, "{finding}"))?;
    } else {
        write!(out, "{}", decoding(&read_from))?;
        if notice.tasks().len() > 0 {
            show_tasks(&notice, &prefix, &aliases, out)?;
            show_units(&notice, &aliases, out)?;
        }
        show_findings(&notice, out)?;
    }
    let index = match &options.db {
        Some(path) => Index::open(path)?,
        None => Index::in_memory(),
    };
    let import = Import::new(&index, &notice, prefix)
        .document(&document)
        .aliases(aliases)
        .remove_gone(options.remove_gone)
        .take(&options.take)
        .except(&options.except)
        .note(format!("import of {document}"), "");
    match (import.plan(), &options.db) {
        // For a program that reads the lines, no line is the answer.
        (Err(error @ ImportError::NoTask { .. }), None) if options.json => Ok(writeln!(err, "import_notice: {error}")?),
        (Err(error @ ImportError::NoTask { .. }), _) => Err(format!("{error}; for a table use import_table").into()),
        (Err(error), _) => Err(error.into()),
        (Ok(_), None) => Ok(()),
        (Ok(plan), Some(_)) => {
            let report = if options.dry_run { plan.to_string() } else { plan.commit()?.to_string() };
            if options.json {
                writeln!(err, "{report}")?
            } else {
                writeln!(out, "\n{report}")?;
            }
            Ok(())
        }
    }
}

/// What was done to make text of a file, unless it is plain text in UTF-8, and what could not be read.
fn decoding(document: &Document<'_>) -> String {
    let format = match document.format() {
        Format::Html => "a web page",
        _ => "plain text",
    };
    let mut lines = Vec::new();
    if (document.format(), document.encoding()) != (Format::Text, Encoding::Utf8) {
        lines.push(format!("read as {format} in {}\n", document.encoding()));
    }
    lines.extend(document.findings().map(|finding| format!("{finding}\n")));
    lines.concat()
}

fn section(task: &Task<'_>) -> String {
    task.section().iter().map(u32::to_string).collect::<Vec<_>>().join("/")
}

fn line_of_json(task: Task<'_>, prefix: &str, aliases: &Aliases, out: &mut impl Write) -> Outcome {
    let names = |units: Vec<&str>| units.into_iter().map(|unit| aliases.canonical(unit).to_owned()).collect::<Vec<_>>();
    let line = serde_json::json!({
        "task": task.key(prefix),
        "section": section(&task),
        "clause": task.clause(),
        "lead": aliases.canonical(task.lead()),
        "joint_leads": names(task.joint_leads().collect()),
        "supporting": names(task.supporting().collect()),
        "basis": task.basis().name(),
        "deadline": task.deadline(),
        "line": task.line(),
        "text": task.text(),
    });
    Ok(writeln!(out, "{line}")?)
}

fn show_tasks(notice: &Notice<'_>, prefix: &str, aliases: &Aliases, out: &mut impl Write) -> Outcome {
    let mut last = None;
    for task in notice.tasks() {
        let here = section(&task);
        if last.as_ref() != Some(&here) {
            writeln!(out, "\n{here}  {}", short(task.heading(), 40))?;
            last = Some(here);
        }
        let names = |units: Vec<&str>| units.into_iter().map(|u| aliases.canonical(u)).collect::<Vec<_>>().join(", ");
        writeln!(out, "  {}  {}", task.key(prefix), short(task.title(), 40))?;
        writeln!(out, "      leads: {}", aliases.canonical(task.lead()))?;
        for (role, units) in [
            ("joint leads", names(task.joint_leads().collect())),
            ("support", names(task.supporting().collect())),
            ("by", task.deadline().unwrap_or("").to_owned()),
        ] {
            if !units.is_empty() {
                writeln!(out, "      {role}: {units}")?;
            }
        }
    }
    Ok(())
}

fn show_units(notice: &Notice<'_>, aliases: &Aliases, out: &mut impl Write) -> Outcome {
    let mut units: Vec<(String, usize, usize, bool)> = Vec::new();
    for unit in notice.units() {
        let name = aliases.canonical(unit.name()).to_owned();
        let collective = unit.kind() == UnitKind::Collective;
        match units.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, leads, supports, _)) => {
                *leads += unit.leads();
                *supports += unit.supports();
            }
            None => units.push((name, unit.leads(), unit.supports(), collective)),
        }
    }
    units.sort_by_key(|unit| std::cmp::Reverse((unit.1, unit.2)));
    let collectives = units.iter().filter(|unit| unit.3).count();
    writeln!(out, "\n{} tasks, {} units (collectives among them: {collectives})", notice.tasks().len(), units.len())?;
    writeln!(out, "{:>7} {:>8}", "leads", "supports")?;
    for (name, leads, supports, collective) in units {
        let kind = if collective { "  (collective)" } else { "" };
        writeln!(out, "{leads:>7} {supports:>8}  {name}{kind}")?;
    }
    Ok(())
}

fn show_findings(notice: &Notice<'_>, out: &mut impl Write) -> Outcome {
    let mut titles: Vec<&str> = Vec::new();
    for finding in notice.findings() {
        let title = finding.kind().title();
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    for title in titles {
        let of_kind: Vec<_> = notice.findings().filter(|finding| finding.kind().title() == title).collect();
        writeln!(out, "\n{title} ({})", of_kind.len())?;
        of_kind.iter().try_for_each(|finding| writeln!(out, "  {finding}"))?;
    }
    Ok(())
}

fn short(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}
