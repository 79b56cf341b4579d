//! What a network is: its architecture, its weights on the host, and its first weights.

mod embedding;
mod norm;
mod weights;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use embedding::{Embedding, EmbeddingWeights};
pub use norm::{NORM_EPS, NORM_MOMENTUM, Norm, NormWeights, RunningStatistics};
pub use weights::{LinearWeights, Role, Tensor, Weights, first_weights};

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

/// A multi-layer perceptron: inputs, perhaps with an embedding of some beside them, hidden layers with
/// one activation and perhaps a norm before it, one logit a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Width of a prepared row.
    pub inputs: usize,
    /// What is made of some inputs; the first layer takes it after all inputs as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<Embedding>,
    /// Widths of the hidden layers; may be empty.
    pub hidden: Vec<usize>,
    /// Number of classes.
    pub classes: usize,
    /// Activation after every hidden layer.
    pub activation: Activation,
    /// Norm of every hidden layer.
    pub norm: Norm,
}

impl Architecture {
    /// Inputs and outputs of every linear layer, first to last.
    pub fn layers(&self) -> Vec<(usize, usize)> {
        let embedded = self.embedding.as_ref().map_or(0, Embedding::outputs);
        let widths: Vec<usize> = std::iter::once(self.inputs.saturating_add(embedded))
            .chain(self.hidden.iter().copied())
            .chain(std::iter::once(self.classes))
            .collect();
        widths.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// The tensors of its weights, in the order of [`Weights::tensors`].
    pub fn tensors(&self) -> Vec<Tensor> {
        let embedding = self.embedding.iter().map(|embedding| embedding.tensors().to_vec());
        let layers = self.layers();
        let hidden = self.hidden.len();
        let layer = |(index, (inputs, outputs)): (usize, (usize, usize))| {
            let linear = vec![("weight", vec![outputs, inputs]), ("bias", vec![outputs])];
            let norm = if index < hidden { self.norm } else { Norm::None };
            [linear, norm.tensors(outputs)].into_iter().filter(|tensors| !tensors.is_empty())
        };
        let layers = layers.into_iter().enumerate().flat_map(layer);
        let modules = embedding.chain(layers).enumerate();
        let named = |(module, tensors): (usize, Vec<(&'static str, Vec<usize>)>)| {
            tensors.into_iter().map(move |(name, shape)| Tensor { module, name, shape })
        };
        modules.flat_map(named).collect()
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        let tensors = self.tensors();
        let parameters = tensors.iter().filter(|tensor| tensor.role() == Role::Parameter);
        parameters.map(Tensor::len).fold(0, usize::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_count_weights_and_biases() {
        let activation = Activation::Relu;
        let hidden = vec![64, 32];
        let norm = Norm::None;
        let plain =
            Architecture { inputs: 8, embedding: None, hidden, classes: 6, activation, norm };
        assert_eq!(plain.parameters(), 9 * 64 + 65 * 32 + 33 * 6);
        let embedding = Embedding { numbers: vec![1, 2, 5], frequencies: 7, sigma: 0.1, width: 4 };
        for norm in [Norm::Batch, Norm::Layer] {
            let normed = Architecture { norm, ..plain.clone() };
            assert_eq!(normed.parameters(), plain.parameters() + 2 * 64 + 2 * 32);
        }
        let embedded = Architecture { embedding: Some(embedding), ..plain };
        let more = 3 * (7 + 4 * 14 + 4) + 3 * 4 * 64;
        assert_eq!(embedded.parameters(), 9 * 64 + 65 * 32 + 33 * 6 + more);
    }
}
