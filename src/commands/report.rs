//! `forewarn report`: plots and page of a run, drawn again from its files.

use super::failure::{Exit, Failure};
use crate::cli::Report;
use crate::report::write_report;

pub(super) fn run(arguments: &Report) -> Result<Exit, Failure> {
    write_report(&arguments.run)?;
    say!("wrote {}", arguments.run.join("report.html").display());
    Ok(Exit::Done)
}
