//! The networks of a pack: parameters of all members in one tensor, forward and backward by hand.

use tch::{Device, Kind, TchError, Tensor};

use super::activation;
use crate::network::{Activation, Architecture, LinearWeights, Weights};

/// Linear layers of k networks, as views into the flat parameters and gradients.
#[derive(Debug)]
struct Linear {
    /// `[k, inputs, outputs]`: the transpose of `nn.Linear`'s, so that rows multiply from the left.
    weight: Tensor,
    /// `[k, 1, outputs]`.
    bias: Tensor,
    weight_gradient: Tensor,
    bias_gradient: Tensor,
}

/// k networks of one architecture.
#[derive(Debug)]
pub(super) struct Network {
    /// `[k, parameters]`: layer by layer, the weight `[inputs, outputs]`, then the bias.
    pub parameters: Tensor,
    /// Gradients in the same layout.
    pub gradients: Tensor,
    layers: Vec<Linear>,
    activation: Activation,
}

/// What the backward pass needs of a forward pass.
#[derive(Debug)]
pub(super) struct Trace {
    /// Input of every linear layer, `[k, rows, inputs]`.
    inputs: Vec<Tensor>,
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
        let parameters = Tensor::f_from_slice(&flat)?.f_view([k, -1])?.f_to_device(device)?;
        let gradients = parameters.f_zeros_like()?;
        let layers = views(architecture, &parameters, &gradients)?;
        Ok(Self { parameters, gradients, layers, activation: architecture.activation })
    }

    /// The same networks with other parameters of the same layout.
    pub fn with_parameters(
        architecture: &Architecture,
        parameters: &Tensor,
    ) -> Result<Self, TchError> {
        let gradients = parameters.f_zeros_like()?;
        let layers = views(architecture, parameters, &gradients)?;
        let parameters = parameters.shallow_clone();
        Ok(Self { parameters, gradients, layers, activation: architecture.activation })
    }

    /// Weights of the hidden layers, `[k, inputs, outputs]` each.
    pub fn hidden_weights(&mut self) -> impl Iterator<Item = &mut Tensor> {
        let hidden = self.layers.len().saturating_sub(1);
        self.layers.iter_mut().take(hidden).map(|layer| &mut layer.weight)
    }

    /// Logits `[k, rows, classes]` of rows `[k, rows, inputs]`, without dropout.
    pub fn logits(&self, rows: &Tensor) -> Result<Tensor, TchError> {
        Ok(self.forward(rows, &[])?.logits)
    }

    /// Forward pass over rows `[k, rows, inputs]`; `masks`, one `[k, rows, width]` a hidden layer
    /// or none at all, multiply the outputs of the activations.
    pub fn forward(&self, rows: &Tensor, masks: &[Tensor]) -> Result<Trace, TchError> {
        let mut inputs = Vec::with_capacity(self.layers.len());
        let mut activations = Vec::with_capacity(self.layers.len());
        let mut current = rows.shallow_clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let output = layer.bias.f_baddbmm(&current, &layer.weight, 1, 1)?;
            inputs.push(current);
            if index + 1 == self.layers.len() {
                return Ok(Trace { inputs, activations, logits: output });
            }
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
            let Some(below) = index.checked_sub(1) else { break };
            let (before, after) = &trace.activations[below];
            let mut at_input = gradient.f_bmm(&layer.weight.f_transpose(1, 2)?)?;
            if let Some(mask) = masks.get(below) {
                at_input = at_input.f_mul_(mask)?;
            }
            gradient = activation::backward(self.activation, &at_input, before, after)?;
        }
        Ok(())
    }
}

/// Views of every layer into `[k, parameters]`.
fn views(
    architecture: &Architecture,
    parameters: &Tensor,
    gradients: &Tensor,
) -> Result<Vec<Linear>, TchError> {
    let k = parameters.size()[0];
    let mut offset = 0;
    let mut layers = Vec::new();
    for (inputs, outputs) in architecture.layers() {
        let (inputs, outputs) = (inputs as i64, outputs as i64);
        let weight = |flat: &Tensor| {
            // [k, inputs * outputs] -> [k, inputs, outputs]
            flat.f_narrow(1, offset, inputs * outputs)?.f_view([k, inputs, outputs])
        };
        let bias = |flat: &Tensor| {
            // [k, outputs] -> [k, 1, outputs]
            flat.f_narrow(1, offset + inputs * outputs, outputs)?.f_unsqueeze(1)
        };
        layers.push(Linear {
            weight: weight(parameters)?,
            bias: bias(parameters)?,
            weight_gradient: weight(gradients)?,
            bias_gradient: bias(gradients)?,
        });
        offset += (inputs + 1) * outputs;
    }
    Ok(layers)
}

/// One member's weights in the flat layout.
fn flatten(weights: &Weights) -> Vec<f32> {
    let mut flat = Vec::new();
    for layer in weights {
        let outputs = layer.bias.len();
        let inputs = layer.weight.len() / outputs;
        for input in 0..inputs {
            flat.extend((0..outputs).map(|output| layer.weight[output * inputs + input]));
        }
        flat.extend_from_slice(&layer.bias);
    }
    flat
}

/// One member's weights from the flat layout.
pub(super) fn unflatten(architecture: &Architecture, flat: &[f32]) -> Weights {
    let mut rest = flat;
    let layers = architecture.layers().into_iter();
    layers
        .map(|(inputs, outputs)| {
            let (transposed, tail) = rest.split_at(inputs * outputs);
            let (bias, tail) = tail.split_at(outputs);
            rest = tail;
            let weight = (0..inputs * outputs)
                .map(|at| transposed[(at % inputs) * outputs + at / inputs])
                .collect();
            LinearWeights { weight, bias: bias.to_vec() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::engine::torch::loss::{Objective, Scored};
    use crate::network::first_weights;
    use crate::random::Streams;

    /// Numbers in [-1, 1] that repeat no pattern of the shapes below.
    fn numbers(shape: &[i64], from: i64) -> Tensor {
        let count: i64 = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|at| ((at + from) as f32 * 0.7).sin()).collect();
        Tensor::from_slice(&values).view(shape)
    }

    /// Gradients of libtorch's autograd for the same forward pass.
    fn autograd(network: &Network, rows: &Tensor, labels: &Tensor, masks: &[Tensor]) -> Tensor {
        let parameters = network.parameters.detach().copy().set_requires_grad(true);
        let unused = parameters.zeros_like();
        let architecture = architecture(network.activation);
        let layers = views(&architecture, &parameters, &unused).unwrap();
        let activation = network.activation;
        let copy = Network {
            parameters: parameters.shallow_clone(),
            gradients: unused,
            layers,
            activation,
        };
        let logits = copy.forward(rows, masks).unwrap().logits;
        // Cross-entropy averages over a member's rows; members add up.
        let flat = logits.view([-1, 4]).cross_entropy_for_logits(&labels.view([-1]));
        (flat * labels.size()[0]).backward();
        parameters.grad()
    }

    fn architecture(activation: Activation) -> Architecture {
        Architecture { inputs: 5, hidden: vec![7, 6], classes: 4, activation }
    }

    #[test]
    fn gradients_are_those_of_autograd_for_every_activation_with_and_without_dropout() {
        let activations = [
            Activation::Relu,
            Activation::Tanh,
            Activation::Sigmoid,
            Activation::Gelu,
            Activation::Silu,
        ];
        for activation in activations {
            let architecture = architecture(activation);
            let weights: Vec<Weights> = (0..3)
                .map(|seed| first_weights(&architecture, &Streams::new(1, seed, 0)))
                .collect();
            let network = Network::new(&architecture, &weights, Device::Cpu).unwrap();
            let objective = Objective::PLAIN;
            let rows = numbers(&[3, 10, 5], 1);
            let labels = Tensor::arange(30, (Kind::Int64, Device::Cpu)).remainder(4).view([3, 10]);
            let mask =
                |width: i64| (numbers(&[3, 10, width], 9).ge(-0.5)).to_kind(Kind::Float) * 1.5;
            for masks in [vec![], vec![mask(7), mask(6)]] {
                let trace = network.forward(&rows, &masks).unwrap();
                let scored = Scored::new(&trace.logits, &labels).unwrap();
                let gradient = objective.gradient(&scored).unwrap();
                network.backward(&trace, &masks, gradient).unwrap();
                let expected = autograd(&network, &rows, &labels, &masks);
                let furthest = (&network.gradients - expected).abs().max().double_value(&[]);
                assert!(furthest < 1e-6, "{activation:?}: {furthest}");
            }
        }
    }

    #[test]
    fn weights_come_back_as_they_went_in() {
        let architecture = architecture(Activation::Relu);
        let weights = first_weights(&architecture, &Streams::new(1, 2, 0));
        assert_eq!(unflatten(&architecture, &flatten(&weights)), weights);
    }
}
