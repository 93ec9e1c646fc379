//! The responsibility matrix of an index on disk, as a file: `matrix DB > matrix.html`. Run it without arguments for the
//! options.
//!
//! An HTML page needs nothing but a browser: it can be mailed, put on a server, or printed on A3. CSV, Markdown and,
//! with feature `xlsx`, workbooks are for spreadsheets and documents; what can't be read back from them is reported on the standard error.

mod common;

use std::fs::{self, File};
#[cfg(feature = "xlsx")]
use std::io::IsTerminal;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use common::{Options, Out, Outcome, mistake, unknown};
use responsibility_index::View;
use responsibility_index::export::{PageOptions, Shape, TableOptions, TableReport};

const USAGE: &str = "\
usage: matrix DB [OPTION...] > FILE

Writes the tasks of an index and their units as a page or a table: matrix plan.ri --title Plan > matrix.html

one of
  (nothing)          an HTML page
  --pages DIRECTORY  an HTML page for each section, and one of all sections, into a directory
  --csv long|wide    CSV: columns of roles, or a column for each unit
  --xlsx             a workbook with both forms as sheets, for which the program is built with --features xlsx
  --markdown         a Markdown table with columns of roles
  --markdown wide    a Markdown table with a column for each unit

options
  --prefix PREFIX    only the tasks of a section
  --title TITLE      the title of the page
  --language CODE    the language of names and titles in the page, such as zh-Hans
  --depth PARTS      how many parts of a key name its section
  --bom              a byte order mark before CSV, so that Excel reads it as UTF-8
  --guard            an apostrophe before cells of CSV that a spreadsheet would compute";

/// The options that choose a form.
const FORMS: [&str; 4] = ["--pages", "--csv", "--xlsx", "--markdown"];

/// The form of the output.
enum Form {
    Page,
    Pages(String),
    Csv(Shape),
    Xlsx,
    Markdown(Shape),
}

struct Arguments {
    database: String,
    prefix: String,
    form: Form,
    page: PageOptions,
    table: TableOptions,
}

fn main() -> ExitCode {
    common::main(USAGE, |arguments, out| write(&parse(arguments)?, out))
}

fn parse(arguments: &[&str]) -> Outcome<Arguments> {
    let (database, options) = arguments.split_first().ok_or_else(|| mistake("DB is missing"))?;
    let mut parsed = Arguments {
        database: (*database).to_owned(),
        prefix: String::new(),
        form: Form::Page,
        page: PageOptions::new(),
        table: TableOptions::new(),
    };
    let mut options = Options::new(options);
    let mut form_of = None;
    while let Some(option) = options.next() {
        if FORMS.contains(&option)
            && let Some(other) = form_of.replace(option)
        {
            return Err(mistake(format!("{option} can't be with {other}: one form at a time")));
        }
        match option {
            "--prefix" => parsed.prefix = options.value(option)?.to_owned(),
            "--title" => parsed.page = parsed.page.title(options.value(option)?),
            "--language" => parsed.page = parsed.page.language(options.value(option)?),
            "--depth" => {
                let parts: NonZeroUsize = options.read(option, "a number of parts from 1 on")?;
                parsed.page = parsed.page.depth(parts.get());
            }
            "--pages" => parsed.form = Form::Pages(options.value(option)?.to_owned()),
            "--csv" => parsed.form = Form::Csv(shape(options.value(option)?)?),
            "--xlsx" => parsed.form = Form::Xlsx,
            "--markdown" => {
                let given = options.next_if(|next| !next.starts_with("--"));
                parsed.form = Form::Markdown(given.map_or(Ok(Shape::Long), shape)?);
            }
            "--bom" => parsed.table = parsed.table.byte_order_mark(true),
            "--guard" => parsed.table = parsed.table.guard_formulas(true),
            other => return Err(unknown(other)),
        }
    }
    Ok(parsed)
}

fn shape(name: &str) -> Outcome<Shape> {
    match name {
        "long" => Ok(Shape::Long),
        "wide" => Ok(Shape::Wide),
        other => Err(mistake(format!("{other:?} is neither long nor wide"))),
    }
}

fn write(arguments: &Arguments, out: &mut Out) -> Outcome {
    let Arguments { database, prefix, form, page, table } = arguments;
    let view: View = common::open(database)?.view();
    let report = match form {
        Form::Page => {
            view.page(prefix, page, out)?;
            return Ok(());
        }
        Form::Pages(directory) => {
            fs::create_dir_all(directory).map_err(|error| format!("{directory}: {error}"))?;
            let pages = view.pages(prefix, page, |file| File::create(Path::new(directory).join(file)))?;
            return Ok(writeln!(io::stderr(), "{} pages in {directory}; begin with index.html", pages.len())?);
        }
        Form::Csv(shape) => view.csv(prefix, &table.clone().shape(*shape), out)?,
        Form::Xlsx => workbook(&view, prefix, table, out)?,
        Form::Markdown(shape) => view.markdown(prefix, &table.clone().shape(*shape), out)?,
    };
    Ok(report.losses.iter().try_for_each(|loss| writeln!(io::stderr(), "{loss}"))?)
}

#[cfg(feature = "xlsx")]
fn workbook(view: &View, prefix: &str, options: &TableOptions, out: &mut Out) -> Outcome<TableReport> {
    if io::stdout().is_terminal() {
        return Err("a workbook is no text for a terminal: write it to a file, with --xlsx > matrix.xlsx".into());
    }
    Ok(view.xlsx(prefix, options, out)?)
}

#[cfg(not(feature = "xlsx"))]
fn workbook(_: &View, _: &str, _: &TableOptions, _: &mut Out) -> Outcome<TableReport> {
    Err("built without the feature xlsx: cargo run --release --features xlsx --example matrix".into())
}
