//! Motor: four normal readings and a failure rule with noise, after a published 1,000-row table.

use std::io::{self, Write};

use rand::{Rng, RngExt};

use super::{Stream, open_stream};
use crate::random::draw_normal;

const HEADER: &str = "RPM,Temperature (°C),Vibration (g),Current (A),Motor Fails\n";

/// Share of rows that fail where the condition holds.
const FAILURE_RATE_INSIDE: f64 = 0.8;

/// Share of rows that fail where it does not.
const FAILURE_RATE_OUTSIDE: f64 = 0.02;

struct Readings {
    speed_rpm: f64,
    temperature_c: f64,
    vibration_g: f64,
    current_a: f64,
}

impl Readings {
    fn draw(rng: &mut impl Rng) -> Self {
        Self {
            speed_rpm: 1600.0 + 200.0 * draw_normal(rng),
            temperature_c: 24.0 + 5.0 * draw_normal(rng),
            vibration_g: 0.12 + 0.02 * draw_normal(rng),
            current_a: 3.5 + 0.3 * draw_normal(rng),
        }
    }

    /// The published condition. The limits of vibration and current lie more than 10 sd off:
    /// they are part of the rule and never decide.
    fn is_critical(&self) -> bool {
        self.temperature_c > 30.0
            || self.speed_rpm < 1500.0
            || self.vibration_g > 0.60
            || !(0.2..=10.8).contains(&self.current_a)
    }
}

/// Writes header and rows; readings have the fewest digits that parse back to the same f64.
pub(super) fn write_table(rows: usize, seed: u64, out: &mut impl Write) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    let mut rng = open_stream(seed, Stream::Rows);
    for _ in 0..rows {
        let readings = Readings::draw(&mut rng);
        let rate = if readings.is_critical() { FAILURE_RATE_INSIDE } else { FAILURE_RATE_OUTSIDE };
        writeln!(
            out,
            "{},{},{},{},{}",
            readings.speed_rpm,
            readings.temperature_c,
            readings.vibration_g,
            readings.current_a,
            if rng.random_bool(rate) { "1.0" } else { "0.0" },
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_one_limit_makes_a_row_critical_and_the_limit_itself_does_not() {
        let row = |speed_rpm, temperature_c, vibration_g, current_a| {
            Readings { speed_rpm, temperature_c, vibration_g, current_a }.is_critical()
        };
        assert!(!row(1500.0, 30.0, 0.6, 0.2) && !row(1600.0, 24.0, 0.12, 10.8));
        assert!(row(1499.0, 24.0, 0.12, 3.5) && row(1600.0, 30.1, 0.12, 3.5));
        assert!(row(1600.0, 24.0, 0.61, 3.5) && row(1600.0, 24.0, 0.12, 0.1));
        assert!(row(1600.0, 24.0, 0.12, 10.9));
    }
}
