//! The networks of a pack: parameters of all members in one tensor, forward and backward by hand.

use tch::{Device, Kind, TchError, Tensor};

use super::activation;
use super::embedding::{Embedded, EmbeddingTrace};
use super::flat::flatten;
use super::norm::{NormLayer, NormTrace, Running};
use crate::network::{Activation, Architecture, Norm, Weights};

/// Linear layers of k networks, as views into the flat parameters and gradients.
#[derive(Debug)]
struct Linear {
    /// `[k, inputs, outputs]`: the transpose of `nn.Linear`'s, so that rows multiply from the left.
    weight: Tensor,
    /// `[k, 1, outputs]`.
    bias: Tensor,
    weight_gradient: Tensor,
    bias_gradient: Tensor,
    /// The norm after it.
    norm: Option<NormLayer>,
}

/// k networks of one architecture.
#[derive(Debug)]
pub(super) struct Network {
    /// `[k, numbers]`: the parameters, then the state of batch norms, layer by layer mean, variance and
    /// count of steps.
    pub values: Tensor,
    /// A view of the parameters, `[k, parameters]`: layer by layer, the weight `[inputs, outputs]`, the
    /// bias, then those of the norm; then the embedding's.
    pub parameters: Tensor,
    /// Gradients in the same layout.
    pub gradients: Tensor,
    embedded: Option<Embedded>,
    layers: Vec<Linear>,
    activation: Activation,
}

/// What the backward pass needs of a forward pass.
#[derive(Debug)]
pub(super) struct Trace {
    embedding: Option<EmbeddingTrace>,
    /// Input of every linear layer, `[k, rows, inputs]`.
    inputs: Vec<Tensor>,
    /// Of every hidden layer's norm.
    norms: Vec<Option<NormTrace>>,
    /// Input and output of every hidden layer's activation, `[k, rows, width]`.
    activations: Vec<(Tensor, Tensor)>,
    /// `[k, rows, classes]`.
    pub logits: Tensor,
}

impl Network {
    /// Networks with the given weights, one a member, on a device.
    pub fn new(
        architecture: &Architecture,
        members: &[Weights],
        device: Device,
    ) -> Result<Self, TchError> {
        let k = members.len() as i64;
        let flat: Vec<f32> = members.iter().flat_map(flatten).collect();
        let values = Tensor::f_from_slice(&flat)?.f_view([k, -1])?.f_to_device(device)?;
        let numbers = architecture.embedding.as_ref();
        let numbers = numbers.map(|embedding| Embedded::numbers(embedding, &values));
        Self::of(architecture, values, numbers.transpose()?)
    }

    /// Networks with other parameters and state of the same layout.
    pub fn with_values(
        &self,
        architecture: &Architecture,
        values: Tensor,
    ) -> Result<Self, TchError> {
        let numbers = self.embedded.as_ref().map(Embedded::share_numbers);
        Self::of(architecture, values, numbers)
    }

    /// The same with its tensors elsewhere.
    #[cfg(test)]
    pub fn mapped(
        &self,
        architecture: &Architecture,
        map: impl Fn(&Tensor) -> Tensor,
    ) -> Result<Self, TchError> {
        let numbers = self.embedded.as_ref().map(|embedded| map(&embedded.share_numbers()));
        Self::of(architecture, map(&self.values), numbers)
    }

    /// Networks of these parameters and this state, which embed the inputs at the places `numbers`.
    fn of(
        architecture: &Architecture,
        values: Tensor,
        numbers: Option<Tensor>,
    ) -> Result<Self, TchError> {
        let parameters = values.f_narrow(1, 0, architecture.parameters() as i64)?;
        let gradients = parameters.f_zeros_like()?;
        let (layers, offset) = views(architecture, &values, &gradients)?;
        let embedding = architecture.embedding.as_ref().zip(numbers);
        let embedded = embedding.map(|(embedding, numbers)| {
            Embedded::new(embedding, numbers, (&parameters, &gradients), offset)
        });
        let (embedded, activation) = (embedded.transpose()?, architecture.activation);
        Ok(Self { values, parameters, gradients, embedded, layers, activation })
    }

    /// Weights of the hidden layers, `[k, inputs, outputs]` each.
    pub fn hidden_weights(&mut self) -> impl Iterator<Item = &mut Tensor> {
        let hidden = self.layers.len().saturating_sub(1);
        self.layers.iter_mut().take(hidden).map(|layer| &mut layer.weight)
    }

    /// Logits `[k, rows, classes]` of rows `[k, rows, inputs]`, without dropout.
    pub fn logits(&self, rows: &Tensor) -> Result<Tensor, TchError> {
        Ok(self.forward(rows, &[], false)?.logits)
    }

    /// Forward pass over rows `[k, rows, inputs]`; `masks`, one `[k, rows, width]` a hidden layer
    /// or none at all, multiply the outputs of the activations.
    pub fn forward(
        &self,
        rows: &Tensor,
        masks: &[Tensor],
        in_step: bool,
    ) -> Result<Trace, TchError> {
        let mut inputs = Vec::with_capacity(self.layers.len());
        let mut norms = Vec::with_capacity(self.layers.len());
        let mut activations = Vec::with_capacity(self.layers.len());
        let (mut current, mut embedding) = (rows.shallow_clone(), None);
        if let Some(embedded) = &self.embedded {
            let (outputs, trace) = embedded.forward(rows)?;
            (current, embedding) = (outputs, Some(trace));
        }
        for (index, layer) in self.layers.iter().enumerate() {
            let mut output = layer.bias.f_baddbmm(&current, &layer.weight, 1, 1)?;
            inputs.push(current);
            if index + 1 == self.layers.len() {
                return Ok(Trace { embedding, inputs, norms, activations, logits: output });
            }
            let mut trace = None;
            if let Some(norm) = &layer.norm {
                let (normed, kept) = norm.forward(&output, in_step)?;
                (output, trace) = (normed, Some(kept));
            }
            norms.push(trace);
            let activated = activation::forward(self.activation, &output)?;
            current = match masks.get(index) {
                Some(mask) => activated.f_mul(mask)?,
                None => activated.shallow_clone(),
            };
            activations.push((output, activated));
        }
        // An architecture has at least its output layer, so the loop has returned.
        Err(TchError::Shape("a network without layers".to_owned()))
    }

    /// Backward pass: writes the gradients of all parameters from the one at the logits.
    pub fn backward(
        &self,
        trace: &Trace,
        masks: &[Tensor],
        at_logits: Tensor,
    ) -> Result<(), TchError> {
        let mut gradient = at_logits;
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let input = &trace.inputs[index];
            let _ = input.f_transpose(1, 2)?.f_bmm_out(&layer.weight_gradient, &gradient)?;
            let _ = gradient.f_sum_intlist_out(
                &layer.bias_gradient,
                [1].as_slice(),
                true,
                Kind::Float,
            )?;
            let at_input = || gradient.f_bmm(&layer.weight.f_transpose(1, 2)?);
            let Some(below) = index.checked_sub(1) else {
                if let (Some(embedded), Some(trace)) = (&self.embedded, &trace.embedding) {
                    embedded.backward(trace, &at_input()?)?;
                }
                break;
            };
            let (before, after) = &trace.activations[below];
            let mut at_input = at_input()?;
            if let Some(mask) = masks.get(below) {
                at_input = at_input.f_mul_(mask)?;
            }
            gradient = activation::backward(self.activation, &at_input, before, after)?;
            if let (Some(norm), Some(trace)) = (&self.layers[below].norm, &trace.norms[below]) {
                gradient = norm.backward(trace, &gradient)?;
            }
        }
        Ok(())
    }

    /// Lets the rows of a step into the running statistics.
    pub fn track(&self, trace: &Trace) -> Result<(), TchError> {
        for (layer, trace) in self.layers.iter().zip(&trace.norms) {
            if let (Some(norm), Some(trace)) = (&layer.norm, trace) {
                norm.track(trace)?;
            }
        }
        Ok(())
    }
}

/// Views of every layer into the numbers and the gradients of all networks, and where their parameters
/// end.
fn views(
    architecture: &Architecture,
    values: &Tensor,
    gradients: &Tensor,
) -> Result<(Vec<Linear>, i64), TchError> {
    let mut offset = 0;
    let mut next = |rows: usize, columns: usize| {
        let place = (offset, rows as i64, columns as i64);
        offset += place.1 * place.2;
        Ok::<_, TchError>((view(values, place)?, view(gradients, place)?))
    };
    let mut layers = Vec::new();
    for (index, (inputs, outputs)) in architecture.layers().into_iter().enumerate() {
        let (weight, weight_gradient) = next(inputs, outputs)?;
        let (bias, bias_gradient) = next(1, outputs)?;
        let mut norm = None;
        if architecture.norm != Norm::None && index < architecture.hidden.len() {
            let (weight, weight_gradient) = next(1, outputs)?;
            let (bias, bias_gradient) = next(1, outputs)?;
            let running = None;
            norm = Some(NormLayer { weight, bias, weight_gradient, bias_gradient, running });
        }
        layers.push(Linear { weight, bias, weight_gradient, bias_gradient, norm });
    }
    let mut state = architecture.parameters() as i64;
    let mut next = |columns: usize| {
        state += columns as i64;
        view(values, (state - columns as i64, 1, columns as i64))
    };
    let norms = layers.iter_mut().filter_map(|layer| layer.norm.as_mut());
    for (norm, &width) in norms.zip(&architecture.hidden) {
        if architecture.norm == Norm::Batch {
            norm.running =
                Some(Running { mean: next(width)?, var: next(width)?, batches: next(1)? });
        }
    }
    Ok((layers, offset))
}

/// Some columns of `[k, columns]` as `[k, rows, columns]`.
fn view(flat: &Tensor, (offset, rows, columns): (i64, i64, i64)) -> Result<Tensor, TchError> {
    flat.f_narrow(1, offset, rows * columns)?.f_view([flat.size()[0], rows, columns])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::engine::torch::loss::{Objective, Scored};
    use crate::network::{Embedding, first_weights};
    use crate::random::Streams;

    /// Numbers in [-1, 1] that repeat no pattern of the shapes below.
    fn numbers(shape: &[i64], from: i64) -> Tensor {
        let count: i64 = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|at| ((at + from) as f32 * 0.7).sin()).collect();
        Tensor::from_slice(&values).view(shape)
    }

    /// Gradients of libtorch's autograd for the same forward pass.
    fn autograd(
        (network, architecture): (&Network, &Architecture),
        (rows, labels): (&Tensor, &Tensor),
        masks: &[Tensor],
    ) -> Tensor {
        let values = network.values.detach().copy().set_requires_grad(true);
        let copy = network.with_values(architecture, values.shallow_clone()).unwrap();
        let logits = copy.forward(rows, masks, true).unwrap().logits;
        // Cross-entropy averages over a member's rows; members add up.
        let flat = logits.view([-1, 4]).cross_entropy_for_logits(&labels.view([-1]));
        (flat * labels.size()[0]).backward();
        values.grad().narrow(1, 0, architecture.parameters() as i64)
    }

    /// Kinds of networks: the norms, and an embedding with and without one.
    fn kinds() -> [(Option<Embedding>, Norm); 5] {
        let numbers = vec![0, 3, 4];
        let embedding =
            || Some(Embedding { numbers: numbers.clone(), frequencies: 3, sigma: 0.5, width: 2 });
        [
            (None, Norm::None),
            (None, Norm::Batch),
            (None, Norm::Layer),
            (embedding(), Norm::None),
            (embedding(), Norm::Batch),
        ]
    }

    fn architecture(
        activation: Activation,
        (embedding, norm): (Option<Embedding>, Norm),
    ) -> Architecture {
        let hidden = vec![7, 6];
        Architecture { inputs: 5, embedding, hidden, classes: 4, activation, norm }
    }

    /// First weights, with norms that are not those of a first step.
    fn weights(architecture: &Architecture, seed: u64) -> Weights {
        let mut weights = first_weights(architecture, &Streams::new(1, seed, 0));
        for norm in &mut weights.norms {
            for (unit, (weight, bias)) in norm.weight.iter_mut().zip(&mut norm.bias).enumerate() {
                (*weight, *bias) = (0.5 + unit as f32 * 0.3, 0.4 - unit as f32 * 0.1);
            }
            if let Some(running) = &mut norm.running {
                running.mean.iter_mut().for_each(|mean| *mean = 0.3);
                running.batches = 5.0;
            }
        }
        weights
    }

    #[test]
    fn gradients_are_those_of_autograd_for_every_activation_and_norm_with_and_without_dropout() {
        let activations = [
            Activation::Relu,
            Activation::Tanh,
            Activation::Sigmoid,
            Activation::Gelu,
            Activation::Silu,
        ];
        let cases = activations.map(|activation| kinds().map(|kind| (activation, kind)));
        for (activation, kind) in cases.into_iter().flatten() {
            let architecture = architecture(activation, kind);
            let weights: Vec<Weights> = (0..3).map(|seed| weights(&architecture, seed)).collect();
            let network = Network::new(&architecture, &weights, Device::Cpu).unwrap();
            let objective = Objective::PLAIN;
            let rows = numbers(&[3, 10, 5], 1);
            let labels = Tensor::arange(30, (Kind::Int64, Device::Cpu)).remainder(4).view([3, 10]);
            let mask =
                |width: i64| (numbers(&[3, 10, width], 9).ge(-0.5)).to_kind(Kind::Float) * 1.5;
            for masks in [vec![], vec![mask(7), mask(6)]] {
                let trace = network.forward(&rows, &masks, true).unwrap();
                let scored = Scored::new(&trace.logits, &labels).unwrap();
                let gradient = objective.gradient(&scored).unwrap();
                network.backward(&trace, &masks, gradient).unwrap();
                let expected = autograd((&network, &architecture), (&rows, &labels), &masks);
                let furthest = (&network.gradients - expected).abs().max().double_value(&[]);
                assert!(furthest < 1e-6, "{architecture:?}: {furthest}");
            }
        }
    }
}
