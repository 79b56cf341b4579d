//! Errors: those that announce a failure, and those that mean nothing.

use std::io::{self, Write};

use rand::RngExt;

use super::clock;
use super::machine::Machine;
use super::upkeep::replacements;
use crate::synth::FleetStream;

/// Hours from an error to the failure that it announces.
const LEAD_HOURS: i64 = 24;

/// Hours of all published machines together.
const PUBLISHED_HOURS: f64 = 876_100.0;

/// How many errors 1 to 5 announce nothing in the published table. They come at any hour, alone,
/// and no more often in one model than in another.
const PUBLISHED_NOISE: [(u8, f64); 5] =
    [(1, 827.0), (2, 732.0), (3, 582.0), (4, 599.0), (5, 180.0)];

/// Writes the machine's errors. One that is both noise and precursor is one row.
pub(super) fn write_rows(machine: Machine, hours: i64, out: &mut impl Write) -> io::Result<()> {
    let mut errors = Vec::new();
    for failure in replacements(machine, hours).iter().filter(|replaced| replaced.failed) {
        let announced = failure.component.errors().iter();
        errors.extend(announced.map(|error| (failure.hour - LEAD_HOURS, *error)));
    }
    let mut rng = machine.open(FleetStream::Noise);
    for hour in 0..hours {
        for (error, count) in PUBLISHED_NOISE {
            if rng.random_bool(count / PUBLISHED_HOURS) {
                errors.push((hour, error));
            }
        }
    }
    errors.sort_unstable();
    errors.dedup();
    errors.iter().try_for_each(|(hour, error)| {
        writeln!(out, "{},{},error{error}", clock::text(*hour), machine.id)
    })
}
