//! One verb a file: wiring of the other rooms, and everything that is printed.

/// Prints a line for the user. A reader that has gone away (`| head`) is no reason to stop.
macro_rules! say {
    ($($text:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($text)*)));
    }};
}

/// Prints a line beside the results: progress, failures.
macro_rules! complain {
    ($($text:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{}\n", format_args!($($text)*)));
    }};
}

mod evaluate;
mod failure;
mod predict;
mod progress;
mod report;
mod schema;
mod score;
mod sweep;
mod synth;

use std::path::Path;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use failure::{Exit, Failure};

/// Runs a command; its error, if any, goes to the standard error.
pub fn run(cli: Cli) -> ExitCode {
    let ended = match cli.command {
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Synth(arguments) => synth::run(&arguments),
        Command::Schema => Ok(schema::run()),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            complain!("error: {failure:#}");
            failure.exit().into()
        }
    }
}

/// Refuses to replace a file unless told to.
fn check_vacant(path: &Path, overwrite: bool) -> Result<(), Failure> {
    if path.exists() && !overwrite {
        let text = format!("{} is there already: give --overwrite to replace it", path.display());
        return Err(Failure::new(Exit::Output, text));
    }
    Ok(())
}
