//! `forewarn synth`: a table by a published process.

use std::io;

use super::failure::{Exit, Failure};
use super::{check_vacant, is_stdout, write_out};
use crate::cli::Synth;
use crate::synth::{SynthError, write};

pub(super) fn run(arguments: &Synth) -> Result<Exit, Failure> {
    let Synth { generator, rows, seed, out, overwrite } = arguments;
    check_vacant(out, *overwrite)?;
    write_out(out, |mut file| {
        write(*generator, *rows, *seed, &mut file).map_err(|error| match error {
            SynthError::Write { source, .. } => source,
            error @ SynthError::NoRows { .. } => io::Error::other(error),
        })
    })?;
    if !is_stdout(out) {
        say!("wrote {rows} rows of {} to {}", generator.name(), out.display());
    }
    Ok(Exit::Done)
}
