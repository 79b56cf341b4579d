//! The machines: identity, model, age, and their random streams.

use std::io::{self, Write};

use chacha20::ChaCha8Rng;
use rand::RngExt;

use crate::synth::{FleetStream, Stream, open_stream};

/// Age, years, from which `comp4` fails.
const OLD_YEARS: u8 = 14;

/// A model, as numbered in the published table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Model {
    One = 1,
    Two = 2,
    Three = 3,
    Four = 4,
}

/// A machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    pub(super) id: u16,
    pub(super) model: Model,
    age_years: u8,
    seed: u64,
}

impl Machine {
    /// Draws model and age. Of the published machines 16, 17, 35 and 32 in a hundred are of models
    /// 1 to 4, and 49 are 14 to 20 years old; within 0 to 13 and 14 to 20 years ages are equally
    /// likely.
    pub(super) fn draw(seed: u64, id: u16) -> Self {
        let mut rng = open_stream(seed, Stream::Fleet(id, FleetStream::Machine));
        let model = match rng.random_range(0..100_u32) {
            0..16 => Model::One,
            16..33 => Model::Two,
            33..68 => Model::Three,
            _ => Model::Four,
        };
        let old = rng.random_bool(0.49);
        let age_years = rng.random_range(if old { OLD_YEARS..21 } else { 0..OLD_YEARS });
        Self { id, model, age_years, seed }
    }

    /// Whether `comp4` fails.
    pub(super) fn is_old(self) -> bool {
        self.age_years >= OLD_YEARS
    }

    /// A random stream of this machine.
    pub(super) fn open(self, purpose: FleetStream) -> ChaCha8Rng {
        open_stream(self.seed, Stream::Fleet(self.id, purpose))
    }

    /// Writes the machine's row.
    pub(super) fn write_row(self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{},model{},{}", self.id, self.model as u8, self.age_years)
    }
}
