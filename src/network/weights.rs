//! The numbers of a network on the host.

use rand::RngExt;

use super::embedding::first_embedding;
use super::{Architecture, EmbeddingWeights, NormWeights};
use crate::random::{Purpose, Streams};

/// Weights of one linear layer, as `nn.Linear` keeps them.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearWeights {
    /// `[outputs, inputs]`, row by row.
    pub weight: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

/// Weights of a whole network.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Those of the embedding, where the architecture has one.
    pub embedding: Option<EmbeddingWeights>,
    /// First layer first.
    pub layers: Vec<LinearWeights>,
    /// Those of the hidden layers' norms, where the architecture has any.
    pub norms: Vec<NormWeights>,
}

/// A tensor of a network's weights, as a state dict of PyTorch names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its module's place among those that have weights.
    pub module: usize,
    /// Its name there.
    pub name: &'static str,
    /// Its shape; values stand row by row.
    pub shape: Vec<usize>,
}

/// What the numbers of a tensor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Weights or biases, which training moves.
    Parameter,
    /// State: running means.
    Mean,
    /// State: running variances, none below zero.
    Variance,
    /// State: a count, which PyTorch keeps as a whole number.
    Count,
}

impl Tensor {
    /// How many numbers it holds (saturating: what no machine could hold).
    #[allow(clippy::len_without_is_empty)] // none is empty
    pub fn len(&self) -> usize {
        self.shape.iter().fold(1, |count, &width| count.saturating_mul(width))
    }

    /// What its numbers are.
    pub fn role(&self) -> Role {
        match self.name {
            "running_mean" => Role::Mean,
            "running_var" => Role::Variance,
            "num_batches_tracked" => Role::Count,
            _ => Role::Parameter,
        }
    }
}

impl Weights {
    /// All numbers, tensor by tensor in the order of [`Architecture::tensors`].
    pub fn tensors(&self) -> Vec<&[f32]> {
        let embedding = self.embedding.iter().flat_map(EmbeddingWeights::tensors);
        let embedding = embedding.map(Vec::as_slice);
        let layers = self.layers.iter().enumerate().flat_map(|(index, layer)| {
            let norm = self.norms.get(index).into_iter().flat_map(NormWeights::tensors);
            [&*layer.weight, &*layer.bias].into_iter().chain(norm)
        });
        embedding.chain(layers).collect()
    }

    /// The weights with these numbers, in the order of [`Architecture::tensors`]; `None` if they
    /// are of other shapes.
    pub fn from_tensors(architecture: &Architecture, tensors: Vec<Vec<f32>>) -> Option<Self> {
        let shapes = architecture.tensors();
        let fits = |(shape, values): (&Tensor, &Vec<f32>)| shape.len() == values.len();
        if shapes.len() != tensors.len() || !shapes.iter().zip(&tensors).all(fits) {
            return None;
        }
        let mut tensors = tensors.into_iter();
        let embedding = match &architecture.embedding {
            Some(_) => Some(EmbeddingWeights::from_tensors(&mut tensors)?),
            None => None,
        };
        let (mut layers, mut norms) = (Vec::new(), Vec::new());
        while let (Some(weight), Some(bias)) = (tensors.next(), tensors.next()) {
            layers.push(LinearWeights { weight, bias });
            if layers.len() <= architecture.hidden.len() {
                norms.extend(NormWeights::from_tensors(architecture.norm, &mut tensors));
            }
        }
        Some(Self { embedding, layers, norms })
    }
}

/// Draws first weights as `torch.nn.Linear` does: weight and bias uniform in ±1/√inputs
/// (`kaiming_uniform_` with a = √5 comes to that bound).
///
/// The numbers depend on the streams and the widths alone, so that trials that differ in other
/// settings start from the same network.
pub fn first_weights(architecture: &Architecture, streams: &Streams) -> Weights {
    let layers = architecture.layers().into_iter().enumerate();
    let layers = layers.map(|(layer, (inputs, outputs))| {
        let mut generator = streams.generator(Purpose::Weights, layer as u64);
        let mut draw = |count| uniform(count, inputs, &mut generator);
        LinearWeights { weight: draw(inputs * outputs), bias: draw(outputs) }
    });
    let embedding = architecture.embedding.as_ref();
    let first_norm = |width| NormWeights::first(architecture.norm, width);
    Weights {
        embedding: embedding.map(|embedding| first_embedding(embedding, streams)),
        layers: layers.collect(),
        norms: architecture.hidden.iter().filter_map(|&width| first_norm(width)).collect(),
    }
}

/// So many numbers uniform in ±1/√inputs.
pub(super) fn uniform(count: usize, inputs: usize, generator: &mut impl RngExt) -> Vec<f32> {
    let bound = 1.0 / (inputs as f32).sqrt();
    (0..count).map(|_| (generator.random::<f32>() * 2.0 - 1.0) * bound).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Activation, Embedding, Norm};

    fn architecture() -> Architecture {
        let (hidden, activation) = (vec![64, 32], Activation::Relu);
        let norm = Norm::None;
        Architecture { inputs: 8, embedding: None, hidden, classes: 6, activation, norm }
    }

    #[test]
    fn first_weights_fill_the_range_of_nn_linear_and_no_more() {
        let weights = first_weights(&architecture(), &Streams::new(1, 2, 0));
        for (layer, (inputs, _)) in weights.layers.iter().zip(architecture().layers()) {
            let bound = 1.0 / (inputs as f32).sqrt();
            let largest = layer.weight.iter().fold(0.0_f32, |largest, w| largest.max(w.abs()));
            assert!(largest <= bound && largest > 0.95 * bound, "{largest} of {bound}");
            let mean = layer.weight.iter().sum::<f32>() / layer.weight.len() as f32;
            assert!(mean.abs() < 0.1 * bound, "{mean}");
        }
    }

    #[test]
    fn weights_are_put_together_again_of_their_tensors_and_of_no_others() {
        let embedding = Embedding { numbers: vec![0, 3], frequencies: 5, sigma: 0.1, width: 2 };
        let norms = [Norm::None, Norm::Batch, Norm::Layer];
        let cases = [None, Some(embedding)]
            .into_iter()
            .flat_map(|one| norms.map(|norm| (one.clone(), norm)));
        for (embedding, norm) in cases {
            let architecture = Architecture { embedding, norm, ..architecture() };
            let weights = first_weights(&architecture, &Streams::new(1, 2, 0));
            let tensors: Vec<Vec<f32>> =
                weights.tensors().into_iter().map(<[f32]>::to_vec).collect();
            assert_eq!(Weights::from_tensors(&architecture, tensors.clone()), Some(weights));
            let mut short = tensors.clone();
            short[1].pop();
            assert_eq!(Weights::from_tensors(&architecture, short), None);
            let fewer = tensors[1..].to_vec();
            assert_eq!(Weights::from_tensors(&architecture, fewer), None);
        }
    }
}
