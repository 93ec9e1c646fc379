//! The command line.

use std::path::PathBuf;

use crate::data::Keys;
use crate::result::Result;

pub(crate) const HELP: &str = "\
Compares the responsibility index with SQLite, LMDB, redb, fjall and hash maps.

  --tasks N        how many tasks (1000000)
  --units N        how many units (2000)
  --keys K         short (16 bytes) or long (39 bytes) keys (short)
  --rounds N       how many rounds; each figure is their median (5)
  --edits N        reassignments of the long run (100000)
  --only A,B       contenders by the beginnings of their names; this crate is always one
  --dir PATH       where scratch files go, on a real file system (target/peers-scratch)
  --processes      only the rows of two processes, of the contenders that two can open
  --growth         this crate alone at --sizes, instead of the comparison
  --sizes A,B      sizes for --growth (10000,100000,1000000,10000000)
  --noisy          print ratios even where the pressure says that other work has spoilt the run
  --json           print JSON, in seconds and bytes, instead of the table
  --markdown       print Markdown instead of the table
  --update FILE    also put the Markdown into a file, between the lines <!-- peers --> and <!-- /peers -->
                   (with --processes or --growth: <!-- processes --> or <!-- growth --> and its end)
";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) tasks: usize,
    pub(crate) units: usize,
    pub(crate) keys: Keys,
    pub(crate) rounds: usize,
    pub(crate) edits: usize,
    pub(crate) only: Vec<String>,
    pub(crate) directory: PathBuf,
    pub(crate) processes: bool,
    pub(crate) growth: bool,
    pub(crate) sizes: Vec<usize>,
    pub(crate) noisy: bool,
    pub(crate) format: Format,
    pub(crate) update: Option<PathBuf>,
    pub(crate) help: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Markdown,
    Json,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            tasks: 1_000_000,
            units: 2_000,
            keys: Keys::Short,
            rounds: 5,
            edits: 100_000,
            only: Vec::new(),
            directory: concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers-scratch").into(),
            processes: false,
            growth: false,
            sizes: vec![10_000, 100_000, 1_000_000, 10_000_000],
            noisy: false,
            format: Format::Text,
            update: None,
            help: false,
        }
    }
}

impl Options {
    /// # Errors
    /// A word that is no option, or a value that is missing or is no number.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Options> {
        let mut options = Options::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--tasks" => options.tasks = number(&value()?)?,
                "--units" => options.units = number(&value()?)?,
                "--keys" => options.keys = Keys::of(&value()?)?,
                "--rounds" => options.rounds = number(&value()?)?.max(1),
                "--edits" => options.edits = number(&value()?)?.max(1),
                "--only" => options.only = value()?.split(',').map(str::to_lowercase).collect(),
                "--dir" => options.directory = value()?.into(),
                "--processes" => options.processes = true,
                "--growth" => options.growth = true,
                "--sizes" => options.sizes = value()?.split(',').map(number).collect::<Result<_>>()?,
                "--noisy" => options.noisy = true,
                "--json" => options.format = Format::Json,
                "--markdown" => options.format = Format::Markdown,
                "--update" => options.update = Some(value()?.into()),
                "--help" | "-h" => options.help = true,
                _ => return Err(format!("{word} is no option; --help lists them").into()),
            }
        }
        Ok(options)
    }

    /// Whether a contender takes part.
    pub(crate) fn takes(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.only.is_empty() || self.only.iter().any(|only| name.starts_with(only.as_str()))
    }
}

fn number(word: &str) -> Result<usize> {
    word.replace('_', "").parse().map_err(|_| format!("{word} is no number").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn options_are_read_and_the_others_keep_their_defaults() {
        let options = parse("--tasks 10_000 --only sqlite,LMDB --json").unwrap();
        assert_eq!((options.tasks, options.units, options.format), (10_000, 2_000, Format::Json));
        assert!(options.takes("SQLite") && options.takes("LMDB") && !options.takes("redb"));
    }

    #[test]
    fn what_is_no_option_is_refused_by_name() {
        assert_eq!(parse("--task 3").unwrap_err().to_string(), "--task is no option; --help lists them");
        assert_eq!(parse("--tasks").unwrap_err().to_string(), "--tasks needs a value");
        assert_eq!(parse("--tasks many").unwrap_err().to_string(), "many is no number");
    }
}
