//! Another process of this program, which its parent talks to in lines. Knows no work of a child.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{self, ChildStdout, Command, Stdio};

use crate::result::Result;
use crate::trial::Trial;

/// The first word of the command line of a child.
pub(crate) const CHILD: &str = "--child";

/// A child. It is killed when this is dropped, so that none is left after a failure.
pub(crate) struct Child {
    process: process::Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Child {
    /// Starts a child that does a work with one contender.
    pub(crate) fn start(trial: &Trial<'_>, at: usize, work: &str) -> Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([CHILD, work, trial.contender(at)?.name()]).arg(trial.place(at));
        command.args([trial.data.len().to_string(), trial.data.units().to_string()]).arg(trial.data.shape().word());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the child has no output")?;
        Ok(Child { process, lines: BufReader::new(output).lines() })
    }

    /// # Errors
    /// The child has ended.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.process.stdin.as_mut().ok_or("the child has no input")?, "{line}")?)
    }

    /// Waits for the next line of the child.
    ///
    /// # Errors
    /// The child has ended.
    pub(crate) fn line(&mut self) -> Result<String> {
        Ok(self.lines.next().ok_or("the child ended without an answer")??)
    }

    /// Waits for a line of the child that must be this one.
    pub(crate) fn expect(&mut self, expected: &str) -> Result<()> {
        let line = self.line()?;
        if line == expected { Ok(()) } else { Err(format!("the child said {line:?}, not {expected:?}").into()) }
    }

    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Ends the child's input and waits until the child has ended.
    ///
    /// # Errors
    /// It failed.
    pub(crate) fn finish(&mut self) -> Result<()> {
        drop(self.process.stdin.take());
        let ended = self.process.wait()?;
        if ended.success() { Ok(()) } else { Err(format!("a child failed: {ended}").into()) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // A child that has ended can't be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Hands a line to the parent.
pub(crate) fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
