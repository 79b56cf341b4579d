//! Periodic embeddings of numeric inputs.

use serde::{Deserialize, Serialize};

use super::weights::uniform;
use crate::random::{Purpose, Streams, draw_normal};

/// A periodic embedding: of each number x, `W · [cos(2π c x), sin(2π c x)] + b` with frequencies c,
/// weights W and biases b of its own, all of them trained. So a network finds bumps and thresholds that
/// a layer on the number itself is slow to learn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// Places of the inputs that are embedded, ascending.
    pub numbers: Vec<usize>,
    /// Frequencies of each.
    pub frequencies: usize,
    /// Standard deviation of the first frequencies.
    pub sigma: f64,
    /// Width of what is made of each.
    pub width: usize,
}

/// Weights of an embedding; numbers in order, each of which has its own.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingWeights {
    /// `[numbers, frequencies]`.
    pub frequencies: Vec<f32>,
    /// `[numbers, width, 2 · frequencies]`: those of the cosines, then those of the sines.
    pub weight: Vec<f32>,
    /// `[numbers, width]`.
    pub bias: Vec<f32>,
}

impl Embedding {
    /// Width of what is made of all numbers (saturating: what no machine could train).
    pub fn outputs(&self) -> usize {
        self.numbers.len().saturating_mul(self.width)
    }

    /// Whether it can be computed with on rows of so many inputs; a model file may come from anybody.
    pub fn is_sound(&self, inputs: usize) -> bool {
        !self.numbers.is_empty()
            && self.numbers.is_sorted_by(|one, next| one < next)
            && self.numbers.iter().all(|&place| place < inputs)
            && self.frequencies > 0
            && self.width > 0
            && self.sigma.is_finite()
            && self.sigma > 0.0
    }

    /// Names and shapes of its tensors.
    pub fn tensors(&self) -> [(&'static str, Vec<usize>); 3] {
        let (numbers, frequencies) = (self.numbers.len(), self.frequencies);
        [
            ("frequencies", vec![numbers, frequencies]),
            ("weight", vec![numbers, self.width, frequencies.saturating_mul(2)]),
            ("bias", vec![numbers, self.width]),
        ]
    }
}

impl EmbeddingWeights {
    /// Its numbers in the order of [`Embedding::tensors`].
    pub fn tensors(&self) -> [&Vec<f32>; 3] {
        [&self.frequencies, &self.weight, &self.bias]
    }

    /// The same, to be written.
    pub fn tensors_mut(&mut self) -> [&mut Vec<f32>; 3] {
        [&mut self.frequencies, &mut self.weight, &mut self.bias]
    }

    /// The next three of `tensors`.
    pub(super) fn from_tensors(tensors: &mut impl Iterator<Item = Vec<f32>>) -> Option<Self> {
        let mut next = || tensors.next();
        Some(Self { frequencies: next()?, weight: next()?, bias: next()? })
    }
}

/// First weights: frequencies normal with the standard deviation sigma, the rest as those of a linear
/// layer. From a stream of their own: the layers' do not notice.
pub(super) fn first_embedding(embedding: &Embedding, streams: &Streams) -> EmbeddingWeights {
    let mut generator = streams.generator(Purpose::Embedding, 0);
    let Embedding { frequencies: waves, sigma, .. } = *embedding;
    let (numbers, outputs) = (embedding.numbers.len(), embedding.outputs());
    EmbeddingWeights {
        frequencies: (0..numbers * waves)
            .map(|_| (sigma * draw_normal(&mut generator)) as f32)
            .collect(),
        weight: uniform(outputs * 2 * waves, 2 * waves, &mut generator),
        bias: uniform(outputs, 2 * waves, &mut generator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_frequencies_have_their_deviation_and_the_rest_fills_the_range_of_nn_linear() {
        let numbers = (0..50).collect();
        let embedding = Embedding { numbers, frequencies: 32, sigma: 0.3, width: 4 };
        let first = first_embedding(&embedding, &Streams::new(1, 2, 0));
        let squares = first.frequencies.iter().map(|&value| f64::from(value).powi(2));
        let deviation = (squares.sum::<f64>() / (50.0 * 32.0)).sqrt();
        assert!((deviation - 0.3).abs() < 0.02, "{deviation}");
        for values in [&first.weight, &first.bias] {
            let largest = values.iter().fold(0.0_f32, |largest, w| largest.max(w.abs()));
            assert!(largest <= 0.125 && largest > 0.12, "{largest}");
        }
    }
}
