//! Telemetry: four readings an hour, shifted before a failure, and at times for nothing.

use std::io::{self, Write};

use rand::RngExt;

use super::component::Component;
use super::machine::Machine;
use super::upkeep::replacements;
use crate::random::draw_normal;
use crate::synth::FleetStream;

/// Hours that a shift lasts. Before a failure the last of them is the failure's.
const SHIFT_HOURS: i64 = 49;

/// Chance of an hour to begin a shift that ends without a failure, for each reading: 500 in the
/// 876,100 published hours. Its moments ask for 503, 500, 483 and 509.
const FALSE_SHIFT_RATE: f64 = 500.0 / 876_100.0;

/// Millionths: readings are written with six decimals.
const STEPS: f64 = 1e6;

/// Writes the machine's rows, one for each of `times`.
pub(super) fn write_rows(
    machine: Machine,
    times: &[String],
    out: &mut impl Write,
) -> io::Result<()> {
    let mut rng = machine.open(FleetStream::Readings);
    let id = machine.id.to_string();
    let mut row = Vec::new();
    for (time, shifted) in times.iter().zip(shifts(machine, times.len() as i64)) {
        row.clear();
        row.extend_from_slice(time.as_bytes());
        row.push(b',');
        row.extend_from_slice(id.as_bytes());
        for (component, shifted) in Component::ALL.into_iter().zip(shifted) {
            let signal = component.signal();
            let mean = if shifted { signal.mean + signal.shift } else { signal.mean };
            let reading = mean + signal.sd * draw_normal(&mut rng);
            row.push(b',');
            // A reading below 0, 7 sd off, is a reading of 0: the cast saturates.
            push_millionths(&mut row, (reading * STEPS).round() as u64);
        }
        row.push(b'\n');
        out.write_all(&row)?;
    }
    Ok(())
}

/// Which readings are shifted, hour by hour. Shifts that meet do not add up.
fn shifts(machine: Machine, hours: i64) -> Vec<[bool; 4]> {
    let mut shifted = vec![[false; 4]; hours as usize];
    let mut shift = |component: Component, start: i64| {
        let hours = start.max(0)..(start + SHIFT_HOURS).min(hours);
        for readings in shifted.iter_mut().take(hours.end as usize).skip(hours.start as usize) {
            readings[component as usize] = true;
        }
    };
    for failure in replacements(machine, hours).iter().filter(|replaced| replaced.failed) {
        shift(failure.component, failure.hour + 1 - SHIFT_HOURS);
    }
    let mut rng = machine.open(FleetStream::FalseShifts);
    // Shifts that began before the first hour reach into the table.
    for start in 1 - SHIFT_HOURS..hours {
        for component in Component::ALL {
            if rng.random_bool(FALSE_SHIFT_RATE) {
                shift(component, start);
            }
        }
    }
    shifted
}

/// Appends `millionths` / 1,000,000 with six decimals.
fn push_millionths(row: &mut Vec<u8>, millionths: u64) {
    let start = row.len();
    let (mut rest, mut digits) = (millionths, 0);
    while rest > 0 || digits <= 6 {
        if digits == 6 {
            row.push(b'.');
        }
        row.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        digits += 1;
    }
    if let Some(written) = row.get_mut(start..) {
        written.reverse();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn millionths_are_written_as_a_format_string_writes_them() {
        for millionths in [0, 1, 999_999, 1_000_000, 10_000_001, 170_123_456, u64::MAX] {
            let mut row = b"x".to_vec();
            push_millionths(&mut row, millionths);
            let expected = format!("x{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
            assert_eq!(String::from_utf8(row).unwrap(), expected);
        }
    }
}
