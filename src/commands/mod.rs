//! One command a file: they connect the other rooms, and print.

/// Prints a line for the user. A reader that has gone away (`| head`) is no reason to stop.
macro_rules! say {
    ($($text:tt)*) => {{
        let text = crate::commands::plain(format_args!($($text)*));
        let _ = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{text}\n"));
    }};
}

/// Prints a line to the standard error: progress, failures.
macro_rules! complain {
    ($($text:tt)*) => {{
        let text = crate::commands::plain(format_args!($($text)*));
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{text}\n"));
    }};
}

mod compare;
mod evaluate;
mod explore;
mod failure;
mod importance;
mod ingest;
mod notes;
mod numbers;
mod predict;
mod progress;
mod report;
mod schema;
mod sweep;
mod synth;
#[cfg(test)]
mod toy_family;

use std::fmt::Arguments;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::data::Table;
use crate::prepare::Tables;
use crate::record::write_atomically;
use failure::{Exit, Failure};

/// Runs a command; its error, if any, goes to the standard error.
pub fn run(cli: Cli) -> ExitCode {
    let ended = match cli.command {
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Model(arguments) => sweep::model(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Importance(arguments) => importance::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Ingest(arguments) => ingest::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Explore(arguments) => explore::run(&arguments),
        Command::Synth(arguments) => synth::run(&arguments),
        Command::Schema => Ok(schema::run()),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !failure.is_silent() {
                complain!("error: {failure}");
            }
            if let Some(advice) = failure.advice() {
                complain!("{advice}");
            }
            failure.exit().into()
        }
    }
}

/// A text as a terminal may get it. Names of classes, columns and files come from others, and a
/// terminal obeys the control characters in them: it would rewrite lines, its title, the clipboard.
fn plain(text: Arguments) -> String {
    let mut plain = String::new();
    for letter in text.to_string().chars() {
        let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if turns || (letter.is_control() && !matches!(letter, '\n' | '\t')) {
            plain.extend(letter.escape_default());
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// The tables that a model's steps read beside the one to judge or to predict.
fn load_tables(named: &[(String, PathBuf)]) -> Result<Tables, Failure> {
    let load = |(name, path): &(String, PathBuf)| Ok((name.clone(), Table::load_beside(path)?));
    named.iter().map(load).collect()
}

/// Refuses to replace a file without `--overwrite`; `-` and devices are not files.
fn check_vacant(path: &Path, overwrite: bool) -> Result<(), Failure> {
    if path.is_file() && !overwrite && !is_stdout(path) {
        let text = format!("{} already exists: give --overwrite to replace it", path.display());
        return Err(Failure::new(Exit::Output, text));
    }
    Ok(())
}

/// Whether `--out` means the standard output.
fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// Writes the file of `--out` whole or not at all, or to the standard output.
fn write_out(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if is_stdout(path) {
        let written = write(&mut io::stdout().lock());
        return written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::silent(Exit::Output),
            _ => Failure::new(Exit::Output, format!("standard output: {error}")),
        });
    }
    Ok(write_atomically(path, write)?)
}
