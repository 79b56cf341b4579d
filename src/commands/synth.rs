//! `forewarn synth`: tables by a published process.

use std::{fs, io};

use super::failure::{Exit, Failure};
use super::{check_vacant, is_stdout, write_out};
use crate::cli::{Synth, SynthFleet, SynthTable};
use crate::plural::counted;
use crate::synth::{Fleet, FleetTable, Generator, SynthError, write};

pub(super) fn run(arguments: &Synth) -> Result<Exit, Failure> {
    match arguments {
        Synth::Ai4i(table) => write_table(Generator::Ai4i, table),
        Synth::Motor(table) => write_table(Generator::Motor, table),
        Synth::Fleet(fleet) => write_fleet(fleet),
    }
}

fn write_table(generator: Generator, arguments: &SynthTable) -> Result<Exit, Failure> {
    let SynthTable { rows, seed, out, overwrite } = arguments;
    check_vacant(out, *overwrite)?;
    write_out(out, |mut file| {
        write(generator, *rows, *seed, &mut file).map_err(|error| match error {
            SynthError::Write { source, .. } => source,
            error @ SynthError::NoRows { .. } => io::Error::other(error),
        })
    })?;
    if !is_stdout(out) {
        let rows = counted(*rows, "row");
        say!("wrote {rows} of {} to {}", generator.name(), out.display());
    }
    Ok(Exit::Done)
}

/// Writes the five tables, the largest first: it is the one for which space may lack.
fn write_fleet(arguments: &SynthFleet) -> Result<Exit, Failure> {
    let &SynthFleet { machines, days, seed, ref out, overwrite } = arguments;
    let place = |table: FleetTable| out.join(table.file_name());
    for table in FleetTable::ALL {
        check_vacant(&place(table), overwrite)?;
    }
    fs::create_dir_all(out).map_err(|error| {
        Failure::new(Exit::Output, format!("cannot make the folder {}: {error}", out.display()))
    })?;
    let fleet = Fleet { machines, days, seed };
    for table in FleetTable::ALL {
        write_out(&place(table), |mut file| fleet.write(table, &mut file))?;
    }
    say!("wrote 5 tables of {machines} machines and {days} days to {}", out.display());
    Ok(Exit::Done)
}
