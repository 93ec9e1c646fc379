//! Compares the responsibility index with the stores that a user would pick instead, in one run on one machine.
//!
//! Every contender gets the same data and the same questions, its answers are compared with those of the others, and
//! they take turns. See `README.md` in the folder above.

mod asked;
mod bitmaps;
mod child;
mod children;
mod contender;
mod data;
mod fjall;
mod goals;
mod growth;
mod journal;
mod kept;
mod key_blocks;
mod key_value;
mod layout;
mod limits;
mod lmdb;
mod lmdb_roaring;
mod loads;
mod maps;
mod maps_journal;
mod measure;
mod options;
mod ours;
mod pressure;
mod processes;
mod reads;
mod redb;
mod report;
mod result;
mod row;
mod run;
mod sqlite;
mod sqlite_packed;
mod table;
mod texts;
mod trial;
mod writes;

use std::fs;
use std::path::Path;

use crate::contender::{Contender, Kind};
use crate::data::Data;
use crate::measure::{Machine, Samples};
use crate::options::{Format, Options};
use crate::pressure::Pressure;
use crate::report::Report;
use crate::result::Result;
use crate::trial::Trial;

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == child::CHILD).is_some() {
        return children::serve(&words.collect::<Vec<_>>(), &contenders());
    }
    let options = Options::parse(words)?;
    if options.help {
        print!("{}", options::HELP);
        return Ok(());
    }
    if let Some(file) = &options.update {
        // A file without the marks is found before the long part, so that no run is lost for it.
        replace_marked(&fs::read_to_string(file)?, mark(&options), "")?;
    }
    fs::create_dir_all(&options.directory)?;
    let scratch = tempfile::tempdir_in(&options.directory)?;
    let printed = if options.growth { grow(&options, scratch.path())? } else { compare(&options, scratch.path())? };
    println!("{}", printed.trim_end());
    Ok(scratch.close()?)
}

/// All contenders in the order of the columns. Ratios are taken to the first limit.
fn contenders() -> Vec<Box<dyn Contender>> {
    vec![
        Box::new(ours::Ours),
        Box::new(sqlite::Sqlite(&sqlite::PAIRS)),
        Box::new(sqlite::Sqlite(&sqlite_packed::PACKED)),
        Box::new(lmdb::Lmdb),
        Box::new(lmdb_roaring::LmdbRoaring),
        Box::new(redb::Redb),
        Box::new(fjall::Fjall),
        Box::new(maps_journal::MapsJournal),
        Box::new(maps::Maps::<foldhash::fast::RandomState>::new("HashMap, foldhash")),
        Box::new(maps::Maps::<std::hash::RandomState>::new("HashMap, default")),
    ]
}

fn compare(options: &Options, scratch: &Path) -> Result<String> {
    let mut contenders = contenders();
    contenders.retain(|contender| contender.kind() == Kind::Ours || options.takes(contender.name()));
    contenders.retain(|contender| !options.processes || contender.is_shared());
    let mut machine = Machine::new(scratch);
    let data = Data::new(options.tasks, options.units, options.keys)?;
    let (samples, pressure) = (Samples::default(), Pressure::new());
    let mut trial = Trial { options, data: &data, contenders: &contenders, scratch, samples, pressure };
    let phases = if options.processes { run::processes } else { run::all };
    phases(&mut trial)?;
    machine.finished(&trial.pressure);
    let pairs = format!("{:.2}", data.pairs() as f64 / data.len() as f64);
    let mut run = vec![
        ("tasks", data.len().to_string()),
        ("units", data.units().to_string()),
        ("units per task", pairs),
        ("rounds", options.rounds.to_string()),
    ];
    if !options.processes {
        run.push(("long run", format!("{} edits", options.edits)));
    }
    let report = Report {
        columns: contenders.iter().map(|contender| (contender.name(), contender.kind())).collect(),
        samples: &trial.samples,
        machine: &machine,
        refusal: trial.pressure.refusal().filter(|_| !options.noisy),
        run,
    };
    update(options, &table::markdown(&report))?;
    Ok(match options.format {
        Format::Text => table::text(&report),
        Format::Markdown => table::markdown(&report),
        Format::Json => table::json(&report),
    })
}

fn grow(options: &Options, scratch: &Path) -> Result<String> {
    let mut ours = contenders();
    ours.retain(|contender| contender.kind() == Kind::Ours);
    let sizes = growth::growth(options, &ours, scratch)?;
    update(options, &sizes.text(Format::Markdown))?;
    Ok(sizes.text(options.format))
}

fn mark(options: &Options) -> &'static str {
    match (options.growth, options.processes) {
        (true, _) => "growth",
        (_, true) => "processes",
        _ => "peers",
    }
}

fn update(options: &Options, markdown: &str) -> Result<()> {
    let Some(file) = &options.update else { return Ok(()) };
    Ok(fs::write(file, replace_marked(&fs::read_to_string(file)?, mark(options), markdown)?)?)
}

/// Replaces the text between the two lines of a mark.
fn replace_marked(text: &str, mark: &str, new: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let found = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = found.ok_or_else(|| format!("no lines {begin} and {end} in the file to update"))?;
    Ok(format!("{before}{begin}{}\n{end}{after}", new.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_marks_is_replaced_and_nothing_else() {
        let text = "a\n<!-- peers -->\nold\n<!-- /peers -->\nz\n";
        let replaced = replace_marked(text, "peers", "| new |\n").unwrap();
        assert_eq!(replaced, "a\n<!-- peers -->\n| new |\n<!-- /peers -->\nz\n");
        assert_eq!(replace_marked(&replaced, "peers", "| new |\n").unwrap(), replaced);
        assert!(replace_marked("no marks", "peers", "").is_err());
    }
}
