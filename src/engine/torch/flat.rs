//! A network's numbers in one run, as [`super::network::Network`] holds those of several.

use super::embedding;
use crate::network::{Architecture, LinearWeights, Norm, NormWeights, RunningStatistics, Weights};

/// One member's weights in the flat layout.
pub(super) fn flatten(weights: &Weights) -> Vec<f32> {
    let mut flat = Vec::new();
    for (index, layer) in weights.layers.iter().enumerate() {
        let outputs = layer.bias.len();
        let inputs = layer.weight.len() / outputs;
        for input in 0..inputs {
            flat.extend((0..outputs).map(|output| layer.weight[output * inputs + input]));
        }
        flat.extend_from_slice(&layer.bias);
        if let Some(norm) = weights.norms.get(index) {
            flat.extend([&*norm.weight, &*norm.bias].concat());
        }
    }
    flat.extend(weights.embedding.iter().flat_map(embedding::flatten));
    for running in weights.norms.iter().filter_map(|norm| norm.running.as_ref()) {
        flat.extend([&*running.mean, &*running.var, &[running.batches]].concat());
    }
    flat
}

/// One member's weights from the flat layout.
pub(super) fn unflatten(architecture: &Architecture, flat: &[f32]) -> Weights {
    let (mut rest, mut state) = flat.split_at(architecture.parameters());
    let mut next = |count| split_off(&mut rest, count);
    let (mut layers, mut norms) = (Vec::new(), Vec::new());
    for (index, (inputs, outputs)) in architecture.layers().into_iter().enumerate() {
        let transposed = next(inputs * outputs);
        let weight = (0..inputs * outputs)
            .map(|at| transposed[(at % inputs) * outputs + at / inputs])
            .collect();
        layers.push(LinearWeights { weight, bias: next(outputs) });
        if architecture.norm != Norm::None && index < architecture.hidden.len() {
            let (weight, bias) = (next(outputs), next(outputs));
            norms.push(NormWeights { weight, bias, running: None });
        }
    }
    let embedding = architecture.embedding.as_ref();
    let embedding = embedding.map(|one| embedding::unflatten(one, rest));
    if architecture.norm == Norm::Batch {
        let mut next = |count| split_off(&mut state, count);
        for norm in &mut norms {
            let (mean, var) = (next(norm.bias.len()), next(norm.bias.len()));
            norm.running = Some(RunningStatistics { mean, var, batches: next(1)[0] });
        }
    }
    Weights { embedding, layers, norms }
}

/// Takes the first numbers off.
fn split_off(rest: &mut &[f32], count: usize) -> Vec<f32> {
    let (values, tail) = rest.split_at(count);
    *rest = tail;
    values.to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::network::{Activation, Embedding, Tensor};

    #[test]
    fn weights_come_back_as_they_went_in() {
        let embedding = Embedding { numbers: vec![0, 3, 4], frequencies: 3, sigma: 0.5, width: 2 };
        let kinds = [
            (None, Norm::None),
            (None, Norm::Batch),
            (None, Norm::Layer),
            (Some(embedding), Norm::Batch),
        ];
        for (embedding, norm) in kinds {
            let (hidden, activation) = (vec![7, 6], Activation::Relu);
            let architecture =
                Architecture { inputs: 5, embedding, hidden, classes: 4, activation, norm };
            let mut next = 0;
            let numbers = |tensor: Tensor| {
                next += tensor.len();
                (next - tensor.len()..next).map(|number| number as f32).collect()
            };
            let numbers = architecture.tensors().into_iter().map(numbers).collect();
            let weights = Weights::from_tensors(&architecture, numbers).unwrap();
            assert_eq!(unflatten(&architecture, &flatten(&weights)), weights);
        }
    }
}
