//! `forewarn synth`: a table by a published process.

use std::io::{self, Write};
use std::path::Path;

use super::check_vacant;
use super::failure::{Exit, Failure};
use crate::cli::Synth;
use crate::record::write_atomically;
use crate::synth::{SynthError, write};

pub(super) fn run(arguments: &Synth) -> Result<Exit, Failure> {
    if arguments.out == Path::new("-") {
        let mut out = io::stdout().lock();
        generate(arguments, &mut out)
            .map_err(|error| Failure::new(Exit::Output, format!("standard output: {error}")))?;
        return Ok(Exit::Done);
    }
    check_vacant(&arguments.out, arguments.overwrite)?;
    write_atomically(&arguments.out, |out| generate(arguments, out))?;
    say!(
        "wrote {} rows of {} to {}",
        arguments.rows,
        arguments.generator.name(),
        arguments.out.display()
    );
    Ok(Exit::Done)
}

fn generate(arguments: &Synth, out: &mut dyn Write) -> io::Result<()> {
    let mut out = out;
    write(arguments.generator, arguments.rows, arguments.seed, &mut out).map_err(
        |error| match error {
            SynthError::Write { source, .. } => source,
            error @ SynthError::NoRows { .. } => io::Error::other(error),
        },
    )
}
