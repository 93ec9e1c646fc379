//! The commands of the README that run an example program.

#![allow(dead_code, reason = "each test uses a part")]

use std::path::Path;
use std::process::{Command, Output};

use super::example::example;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/");
const RUN: &str = "cargo run --release ";

/// A command that runs an example.
pub(crate) struct Run {
    pub(crate) features: String,
    pub(crate) example: String,
    pub(crate) arguments: Vec<String>,
    /// The file that its output goes to.
    pub(crate) file: Option<String>,
}

/// All commands of a text in Markdown: the lines of its shell blocks, and the code in its text.
pub(crate) fn commands(markdown: &str) -> Vec<String> {
    let (mut commands, mut text, mut block) = (Vec::new(), String::new(), None);
    for line in markdown.lines() {
        match (line.strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(language), None) => block = Some(language),
            (None, Some("sh")) => commands.push(line.split(" # ").next().unwrap().trim().to_owned()),
            (None, Some(_)) => {}
            (None, None) => text += &format!("{line} "),
        }
    }
    let in_text = text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("cargo ")).map(str::to_owned);
    commands.extend(in_text);
    commands.retain(|command| !command.is_empty() && !command.starts_with('#'));
    commands
}

/// A command in its parts; `None` for one that does not run an example of the crate.
pub(crate) fn parse(command: &str) -> Option<Run> {
    let rest = command.strip_prefix(RUN)?;
    let (features, rest) = match rest.strip_prefix("--features ") {
        Some(rest) => rest.split_once(' ')?,
        None => ("", rest),
    };
    let (example, rest) = rest.strip_prefix("--example ")?.split_once(" -- ")?;
    let (arguments, file) = match rest.split_once(" > ") {
        Some((arguments, file)) => (arguments, Some(file.to_owned())),
        None => (rest, None),
    };
    let arguments = words(arguments);
    Some(Run { features: features.to_owned(), example: example.to_owned(), arguments, file })
}

/// The words of a command line, of which some are in quotation marks.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

impl Run {
    /// The program with its arguments, in a directory from which the seeds are found.
    pub(crate) fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new(example(&self.example));
        let seed = |argument: &String| match argument.starts_with("seeds/") {
            true => format!("{ROOT}{argument}"),
            false => argument.clone(),
        };
        command.args(self.arguments.iter().map(seed)).current_dir(directory);
        command
    }

    /// Runs it as a shell does. It has to succeed and to print something.
    pub(crate) fn run(&self, directory: &Path) -> Output {
        let output = self.command(directory).output().unwrap();
        let (example, arguments) = (&self.example, &self.arguments);
        assert!(output.status.success() && !output.stdout.is_empty(), "{example} {arguments:?}: {output:?}");
        if let Some(file) = &self.file {
            std::fs::write(directory.join(file), &output.stdout).unwrap();
        }
        output
    }
}
