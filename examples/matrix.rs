//! The responsibility matrix of an index on disk, as a file: `matrix DB > matrix.html`. Run it without arguments for the
//! options.
//!
//! An HTML page needs nothing but a browser: it can be mailed, put on a server, or printed on A3. CSV, Markdown and,
//! with feature `xlsx`, workbooks are for spreadsheets and documents; what can't be read back from them is reported on the standard error.

use std::error::Error;
use std::fs::{self, File};
#[cfg(feature = "xlsx")]
use std::io::IsTerminal;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use responsibility_index::export::{PageOptions, Shape, TableOptions, TableReport};
use responsibility_index::{OpenOptions, View};

const USAGE: &str = "\
usage: matrix DB [--prefix PREFIX] [OPTION...] > FILE

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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = parse(&arguments).and_then(|arguments| write(&arguments, &mut out)).and_then(|()| Ok(out.flush()?));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever reads may stop before the end.
            let stopped = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe);
            if !stopped {
                eprintln!("matrix: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<Arguments, Box<dyn Error>> {
    let (database, options) = arguments.split_first().ok_or(USAGE)?;
    let mut parsed = Arguments {
        database: database.clone(),
        prefix: String::new(),
        form: Form::Page,
        page: PageOptions::new(),
        table: TableOptions::new(),
    };
    let mut options = options.iter().map(String::as_str).peekable();
    while let Some(option) = options.next() {
        let value =
            |value: Option<&str>| value.map(str::to_owned).ok_or_else(|| format!("{option} needs a value\n\n{USAGE}"));
        match option {
            "--prefix" => parsed.prefix = value(options.next())?,
            "--title" => parsed.page = parsed.page.title(value(options.next())?),
            "--language" => parsed.page = parsed.page.language(value(options.next())?),
            "--depth" => {
                let depth = value(options.next())?;
                let depth = depth.parse().map_err(|_| format!("{depth:?} is not a number of parts"))?;
                parsed.page = parsed.page.depth(depth);
            }
            "--pages" => parsed.form = Form::Pages(value(options.next())?),
            "--csv" => parsed.form = Form::Csv(shape(&value(options.next())?)?),
            "--xlsx" => parsed.form = Form::Xlsx,
            "--markdown" => {
                let given = options.next_if(|next| !next.starts_with("--"));
                parsed.form = Form::Markdown(given.map_or(Ok(Shape::Long), shape)?);
            }
            "--bom" => parsed.table = parsed.table.byte_order_mark(true),
            "--guard" => parsed.table = parsed.table.guard_formulas(true),
            other => return Err(format!("{other:?} is not an option\n\n{USAGE}").into()),
        }
    }
    Ok(parsed)
}

fn shape(name: &str) -> Result<Shape, String> {
    match name {
        "long" => Ok(Shape::Long),
        "wide" => Ok(Shape::Wide),
        other => Err(format!("{other:?} is neither long nor wide")),
    }
}

fn write(arguments: &Arguments, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let Arguments { database, prefix, form, page, table } = arguments;
    let view: View = OpenOptions::new().create(false).open(database)?.view();
    let report = match form {
        Form::Page => {
            view.page(prefix, page, out)?;
            return Ok(());
        }
        Form::Pages(directory) => {
            fs::create_dir_all(directory)?;
            let pages = view.pages(prefix, page, |file| File::create(Path::new(directory).join(file)))?;
            eprintln!("{} pages in {directory}; begin with index.html", pages.len());
            return Ok(());
        }
        Form::Csv(shape) => view.csv(prefix, &table.clone().shape(*shape), out)?,
        Form::Xlsx => workbook(&view, prefix, table, out)?,
        Form::Markdown(shape) => view.markdown(prefix, &table.clone().shape(*shape), out)?,
    };
    for loss in &report.losses {
        eprintln!("{loss}");
    }
    Ok(())
}

#[cfg(feature = "xlsx")]
fn workbook(
    view: &View,
    prefix: &str,
    options: &TableOptions,
    out: &mut impl Write,
) -> Result<TableReport, Box<dyn Error>> {
    if io::stdout().is_terminal() {
        return Err("a workbook is no text for a terminal: write it to a file, with --xlsx > matrix.xlsx".into());
    }
    Ok(view.xlsx(prefix, options, out)?)
}

#[cfg(not(feature = "xlsx"))]
fn workbook(_: &View, _: &str, _: &TableOptions, _: &mut impl Write) -> Result<TableReport, Box<dyn Error>> {
    Err("built without the feature xlsx: cargo run --release --features xlsx --example matrix".into())
}
