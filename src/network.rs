//! What a network is: its architecture, its weights on the host, and its first weights.

use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, Streams};

/// The activation of the hidden layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `nn.ReLU`.
    Relu,
    /// `nn.Tanh`.
    Tanh,
    /// `nn.Sigmoid`.
    Sigmoid,
    /// `nn.GELU`, the exact form.
    Gelu,
    /// `nn.SiLU`.
    Silu,
}

impl Activation {
    /// The name used in the grid file and in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
        }
    }

    /// The class of `torch.nn` that computes it.
    pub fn module(self) -> &'static str {
        match self {
            Self::Relu => "ReLU",
            Self::Tanh => "Tanh",
            Self::Sigmoid => "Sigmoid",
            Self::Gelu => "GELU",
            Self::Silu => "SiLU",
        }
    }
}

/// A multi-layer perceptron: inputs, hidden layers with one activation, one logit a class.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Architecture {
    /// Width of a prepared row.
    pub inputs: usize,
    /// Widths of the hidden layers; may be empty.
    pub hidden: Vec<usize>,
    /// Number of classes.
    pub classes: usize,
    /// Activation after every hidden layer.
    pub activation: Activation,
}

impl Architecture {
    /// Inputs and outputs of every linear layer, first to last.
    pub fn layers(&self) -> Vec<(usize, usize)> {
        let widths: Vec<usize> = std::iter::once(self.inputs)
            .chain(self.hidden.iter().copied())
            .chain(std::iter::once(self.classes))
            .collect();
        widths.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        self.layers().iter().map(|(inputs, outputs)| (inputs + 1) * outputs).sum()
    }
}

/// Weights of one linear layer, as `nn.Linear` keeps them.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearWeights {
    /// `[outputs, inputs]`, row by row.
    pub weight: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

/// Weights of a whole network, first layer first.
pub type Weights = Vec<LinearWeights>;

/// Draws first weights as `torch.nn.Linear` does: weight and bias uniform in ±1/√inputs
/// (`kaiming_uniform_` with a = √5 comes to that bound).
///
/// The numbers depend on the streams and the widths alone, so that trials that differ in other
/// settings start from the same network.
pub fn first_weights(architecture: &Architecture, streams: &Streams) -> Weights {
    let layers = architecture.layers().into_iter().enumerate();
    layers
        .map(|(layer, (inputs, outputs))| {
            let mut generator = streams.generator(Purpose::Weights, layer as u64);
            let bound = 1.0 / (inputs as f32).sqrt();
            let mut draw = |count: usize| -> Vec<f32> {
                (0..count).map(|_| (generator.random::<f32>() * 2.0 - 1.0) * bound).collect()
            };
            LinearWeights { weight: draw(inputs * outputs), bias: draw(outputs) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn architecture() -> Architecture {
        Architecture { inputs: 8, hidden: vec![64, 32], classes: 6, activation: Activation::Relu }
    }

    #[test]
    fn first_weights_fill_the_range_of_nn_linear_and_no_more() {
        let weights = first_weights(&architecture(), &Streams::new(1, 2, 0));
        for (layer, (inputs, _)) in weights.iter().zip(architecture().layers()) {
            let bound = 1.0 / (inputs as f32).sqrt();
            let largest = layer.weight.iter().fold(0.0_f32, |largest, w| largest.max(w.abs()));
            assert!(largest <= bound && largest > 0.95 * bound, "{largest} of {bound}");
            let mean = layer.weight.iter().sum::<f32>() / layer.weight.len() as f32;
            assert!(mean.abs() < 0.1 * bound, "{mean}");
        }
    }

    #[test]
    fn parameters_count_weights_and_biases() {
        assert_eq!(architecture().parameters(), 9 * 64 + 65 * 32 + 33 * 6);
    }
}
