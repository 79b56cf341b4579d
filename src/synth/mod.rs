//! Generators of tables that have the shape of published predictive-maintenance data.
//!
//! A table is a function of (generator, rows, seed) alone, and a [`Fleet`]'s table of the fleet,
//! byte for byte, on any machine: every draw comes from `ChaCha8`, sums run in row order, and the
//! arithmetic is IEEE 754 basic operations and square roots, which every machine rounds alike. What
//! remains of the maths library is `exp` and `ln` inside the normal distribution; `normal` keeps
//! their last bits out of the text. A new version of `rand_distr` may map the same random bits to
//! other values: tests pin the bytes of small tables, so that cannot happen unnoticed.

mod ai4i;
mod fleet;
mod motor;
mod rules;
mod walk;

use std::io::{self, BufWriter, Write};

use chacha20::ChaCha8Rng;
use rand::SeedableRng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fleet::{Fleet, FleetTable};

/// A table that [`write()`] can generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Generator {
    /// A milling machine with six failure classes, after AI4I 2020 (Matzka 2020).
    ///
    /// Ten columns, spelled and ordered as in the AI4I table with one `Failure Type` column.
    /// `Target` is 1 exactly where `Failure Type` is a failure other than `Random Failures`;
    /// the published table breaks that rule in 9 of its 10,000 rows, this one never does.
    Ai4i,
    /// A motor that fails by a rule with noise: four readings and a 0.0 / 1.0 target.
    Motor,
}

impl Generator {
    /// Every generator, in the order in which help texts list them.
    pub const ALL: [Self; 2] = [Self::Ai4i, Self::Motor];

    /// The lower-case name that a command line or a file uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ai4i => "ai4i",
            Self::Motor => "motor",
        }
    }
}

/// Why a table could not be generated.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// Zero rows were asked for.
    #[error("the {} table was asked for with 0 rows: ask for 1 row or more", generator.name())]
    NoRows {
        /// The table that was asked for.
        generator: Generator,
    },
    /// The output took no more bytes.
    #[error(
        "the {} table could not be written: {source}; \
         check that the place it goes to has space and takes writes",
        generator.name()
    )]
    Write {
        /// The table that was being written.
        generator: Generator,
        /// What the output answered.
        source: io::Error,
    },
}

/// Writes a table of `rows` rows as CSV: comma, LF, header first, UTF-8, nothing quoted.
///
/// The bytes depend on `generator`, `rows` and `seed` alone. A shorter table is in general no
/// prefix of a longer one, because AI4I's temperature walks are normalised over the whole table.
/// Rows are streamed: memory use does not grow with `rows`. `out` needs no buffer of its own.
///
/// # Errors
///
/// [`SynthError::NoRows`] where `rows` is 0, [`SynthError::Write`] where `out` fails.
pub fn write(
    generator: Generator,
    rows: usize,
    seed: u64,
    out: &mut impl Write,
) -> Result<(), SynthError> {
    if rows == 0 {
        return Err(SynthError::NoRows { generator });
    }
    let mut out = BufWriter::new(out);
    let written = match generator {
        Generator::Ai4i => ai4i::write_table(rows, seed, &mut out),
        Generator::Motor => motor::write_table(rows, seed, &mut out),
    };
    written.and_then(|()| out.flush()).map_err(|source| SynthError::Write { generator, source })
}

/// What a random stream is for; streams of one seed never overlap.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Rows,
    AirTemperature,
    TemperatureDifference,
    /// Of the machine with this number, from 1 up.
    Fleet(u16, FleetStream),
}

/// What a random stream of one machine of a fleet is for.
#[derive(Debug, Clone, Copy)]
enum FleetStream {
    Machine,
    Visits,
    Noise,
    FalseShifts,
    Readings,
}

fn open_stream(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(match stream {
        Stream::Rows => 0,
        Stream::AirTemperature => 1,
        Stream::TemperatureDifference => 2,
        Stream::Fleet(machine, purpose) => u64::from(machine) << 8 | purpose as u64,
    });
    rng
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn zero_rows_is_an_error_that_says_what_to_do() {
        let mut out = Vec::new();
        let error = write(Generator::Motor, 0, 1, &mut out).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the motor table was asked for with 0 rows: ask for 1 row or more"
        );
        assert!(out.is_empty());
    }

    #[test]
    fn an_output_that_refuses_bytes_is_reported_even_for_one_buffered_row() {
        for generator in Generator::ALL {
            for rows in [1, 10_000] {
                let error = write(generator, rows, 1, &mut Full).unwrap_err();
                assert!(matches!(error, SynthError::Write { .. }), "{error}");
            }
        }
    }
}
