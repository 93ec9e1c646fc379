//! What the example programs share: how one begins and ends, and how it reads its options.

#![allow(dead_code, reason = "each program uses a part of it")]

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};
use std::path::Path;
use std::process::{ExitCode, Termination};
use std::str::FromStr;

use responsibility_index::error::OpenError;
use responsibility_index::{Index, OpenOptions};

const NAME: &str = env!("CARGO_CRATE_NAME");

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The standard output of a program.
pub(crate) type Out = BufWriter<StdoutLock<'static>>;

/// Runs a program with its arguments. Shows the usage for `--help`, and ends with 1 and a message when something is wrong:
/// a line that names the mistake, or the usage when there are no arguments.
pub(crate) fn main<T: Termination>(usage: &str, run: impl FnOnce(&[&str], &mut Out) -> Outcome<T>) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let done = arguments().and_then(|arguments| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match arguments[..] {
            [] => Err(usage.into()),
            ["-h", ..] => Ok(writeln!(out, "{usage}").map(|()| ExitCode::SUCCESS)?),
            _ if arguments.contains(&"--help") => Ok(writeln!(out, "{usage}").map(|()| ExitCode::SUCCESS)?),
            _ => run(&arguments, &mut out).map(Termination::report),
        }
    });
    // What was shown comes before the message of what was wrong.
    let flushed = out.flush();
    match done.and_then(|code| Ok(flushed.map(|()| code)?)) {
        Ok(code) => code,
        Err(error) => {
            // Whoever reads a list may stop before its end.
            if !is_closed(&*error) {
                // If the message can't be written, the exit code still tells.
                writeln!(io::stderr(), "{NAME}: {error}").ok();
            }
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Outcome<Vec<String>> {
    let text = |argument: OsString| argument.into_string().map_err(|raw| mistake(format!("{raw:?} is not UTF-8")));
    std::env::args_os().skip(1).map(text).collect()
}

/// A mistake in the arguments.
pub(crate) fn mistake(what: impl Display) -> Box<dyn Error> {
    format!("{what}; see {NAME} --help").into()
}

/// A question or a command, and the words that follow it; those in brackets may be missing.
pub(crate) type Form = (&'static str, &'static str);

/// Refuses words that are none of some questions or commands, and those that lack a word or have one too many.
pub(crate) fn check_form(forms: &[Form], given: &[&str], kind: &str) -> Outcome {
    let form =
        given.split_first().and_then(|(first, rest)| Some((forms.iter().find(|(name, _)| name == first)?, rest)));
    let Some(((name, wanted), rest)) = form else {
        return Err(mistake(format!("{:?} is not a {kind}", given.join(" "))));
    };
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let needed: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('[')).collect();
    let usage = format!("{NAME} DB {name} {wanted}");
    if let Some(more) = rest.get(words.len()..).filter(|more| !more.is_empty()) {
        return Err(format!("{name} takes no {:?}: {}", more.join(" "), usage.trim_end()).into());
    }
    if rest.len() >= needed.len() {
        return Ok(());
    }
    let needed = match needed[..] {
        [one] => format!("a {one}"),
        _ => needed.join(" and "),
    };
    Err(format!("{name} needs {needed}: {usage}").into())
}

/// The mistake of an argument that is none of the options.
pub(crate) fn unknown(option: &str) -> Box<dyn Error> {
    mistake(format!("{option:?} is not an option"))
}

fn is_closed(error: &(dyn Error + 'static)) -> bool {
    let cause = match error.downcast_ref() {
        Some(responsibility_index::Error::Io { cause, .. }) => Some(cause),
        _ => error.downcast_ref::<io::Error>(),
    };
    cause.is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

/// The options of a program, one after the other.
pub(crate) struct Options<'a> {
    rest: &'a [&'a str],
}

impl<'a> Options<'a> {
    pub(crate) fn new(arguments: &'a [&'a str]) -> Options<'a> {
        Options { rest: arguments }
    }

    /// The next argument, if there is one and it is as wanted.
    pub(crate) fn next_if(&mut self, is_wanted: impl FnOnce(&str) -> bool) -> Option<&'a str> {
        let (first, rest) = self.rest.split_first()?;
        is_wanted(first).then(|| {
            self.rest = rest;
            *first
        })
    }

    /// The value of an option. Another option is none, so that `--db --dry-run` does not name a directory.
    pub(crate) fn value(&mut self, option: &str) -> Outcome<&'a str> {
        match self.next() {
            Some(value) if !value.starts_with("--") => Ok(value),
            Some(other) => Err(mistake(format!("{option} needs a value, not {other}"))),
            None => Err(mistake(format!("{option} needs a value"))),
        }
    }

    /// The value of an option, read as `what`.
    pub(crate) fn read<T: FromStr>(&mut self, option: &str, what: &str) -> Outcome<T> {
        parse(self.value(option)?, what).map_err(|why| format!("{option}: {why}").into())
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [&'a str] {
        std::mem::take(&mut self.rest)
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.next_if(|_| true)
    }
}

/// Reads a value as what it should be, such as "a day (2016-11-30)".
pub(crate) fn parse<T: FromStr>(text: &str, what: &str) -> Outcome<T> {
    text.parse().map_err(|_| format!("{text:?} is not {what}").into())
}

/// A day as people write it for these programs.
pub(crate) const DAY: &str = "a day such as 2016-11-30";

/// The bytes of a file, or an error that names it.
pub(crate) fn bytes_of(path: impl AsRef<Path>) -> Outcome<Vec<u8>> {
    let path = path.as_ref();
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The text of a file, or an error that names it.
pub(crate) fn text_of(path: impl AsRef<Path>) -> Outcome<String> {
    let path = path.as_ref();
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Opens an index that exists.
pub(crate) fn open(path: &str) -> Outcome<Index> {
    OpenOptions::new().create(false).open(path).map_err(|error| match error {
        responsibility_index::Error::Open(OpenError::NotFound { .. }) => {
            format!("{error}; import_table FILE --db {path} makes one").into()
        }
        error => error.into(),
    })
}
