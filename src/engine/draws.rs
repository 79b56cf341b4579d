//! What a network draws while it trains, from its own streams: row orders, dropout and noise.

use chacha20::ChaCha8Rng;
use rand::Rng;

use super::Member;
use crate::random::{Purpose, Streams, draw_normal, shuffle};

/// The order of the train rows in an epoch.
pub(super) fn row_order(streams: &Streams, rows: usize, epoch: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows as u32).collect();
    shuffle(&mut order, &mut streams.generator(Purpose::Shuffle, epoch));
    order
}

/// The dropout factors of one network in one epoch. Every hidden layer has a stream of its own,
/// read unit by unit and row by row, so that how the rows are chunked changes nothing.
#[derive(Debug)]
pub(super) struct Dropout {
    /// By hidden layer.
    generators: Vec<ChaCha8Rng>,
    /// Draws below it, of 2³², drop a unit.
    threshold: u32,
    /// What a unit that is kept is multiplied by.
    kept: f32,
}

impl Dropout {
    /// The factors of a member with so many hidden layers.
    pub fn new(member: &Member, layers: usize, epoch: u64) -> Self {
        let stream = |layer| member.streams.generator(Purpose::Dropout, epoch << 32 | layer);
        Self {
            generators: (0..layers as u64).map(stream).collect(),
            threshold: (member.dropout * 2.0_f64.powi(32)) as u32,
            kept: (1.0 / (1.0 - member.dropout)) as f32,
        }
    }

    /// The next factors of a layer: 0 for a unit that is dropped, 1 / (1 - p) for one that is kept.
    pub fn fill(&mut self, layer: usize, factors: &mut [f32]) {
        let generator = &mut self.generators[layer];
        for factor in factors {
            *factor = if generator.next_u32() >= self.threshold { self.kept } else { 0.0 };
        }
    }
}

/// The noise on the inputs of one network in one epoch: a stream read row by row and input by input,
/// so that how the rows are chunked changes nothing.
#[derive(Debug)]
pub(super) struct InputNoise {
    generator: ChaCha8Rng,
    deviation: f64,
}

impl InputNoise {
    /// The noise of a member, where it has any.
    pub fn new(member: &Member, epoch: u64) -> Option<Self> {
        let deviation = member.regularisers.input_noise;
        let generator = || member.streams.generator(Purpose::InputNoise, epoch);
        (deviation > 0.0).then(|| Self { generator: generator(), deviation })
    }

    /// Adds the next draws to some inputs.
    pub fn add(&mut self, inputs: &mut [f32]) {
        for input in inputs {
            *input += (self.deviation * draw_normal(&mut self.generator)) as f32;
        }
    }
}
