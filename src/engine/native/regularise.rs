//! What is done to gradients before a step, and to weights after it.

use super::layout::{Layer, Layout};
use super::panels::{Line, WIDTH, panels};

/// Adds the gradient of `factor` · Σ |parameter|.
pub(super) fn add_l1(factor: f32, parameters: &[Line], gradients: &mut [Line]) {
    for (weights, gradients) in parameters.iter().zip(gradients) {
        for (&weight, gradient) in weights.0.iter().zip(&mut gradients.0) {
            *gradient += factor * sign(weight);
        }
    }
}

/// Scales the gradients down to the 2-norm `most` where theirs is longer, as PyTorch does.
pub(super) fn clip_norm(most: f64, layout: &Layout, gradients: &mut [Line]) {
    let sum: f64 = layout.runs().map(|(lines, width)| squares(&gradients[lines], width)).sum();
    let factor = factor(most, sum.sqrt() + 1e-6);
    if factor < 1.0 {
        gradients.iter_mut().flat_map(|line| &mut line.0).for_each(|value| *value *= factor);
    }
}

/// Scales the weights into every hidden unit down to the 2-norm `most` where they are longer.
pub(super) fn limit_norms(most: f64, layout: &Layout, parameters: &mut [Line]) {
    let hidden = layout.layers.len() - 1;
    for layer in &layout.layers[..hidden] {
        let panel = |index| layer.weight.start + index * layer.rows();
        if layer.by_input {
            for first in (0..panels(layer.outputs)).map(panel) {
                limit_columns(most, &mut parameters[first..first + layer.inputs]);
            }
        } else {
            (0..layer.outputs).for_each(|output| limit_row(most, layer, output, parameters));
        }
    }
}

/// Where a panel's lines are inputs: sixteen units side by side.
fn limit_columns(most: f64, lines: &mut [Line]) {
    let factors = lane_squares(lines).map(|square| factor(most, square.sqrt()));
    for line in lines {
        for (value, factor) in line.0.iter_mut().zip(factors) {
            *value *= factor;
        }
    }
}

/// Where a unit's weights are a line in every panel.
fn limit_row(most: f64, layer: &Layer, output: usize, parameters: &mut [Line]) {
    let lines =
        (0..panels(layer.inputs)).map(|panel| layer.weight.start + panel * layer.rows() + output);
    let square = |(panel, line): (usize, usize)| {
        let width = (layer.inputs - panel * WIDTH).min(WIDTH);
        squares(&parameters[line..=line], width)
    };
    let sum: f64 = lines.clone().enumerate().map(square).sum();
    let factor = factor(most, sum.sqrt());
    if factor < 1.0 {
        lines.for_each(|line| parameters[line].0.iter_mut().for_each(|value| *value *= factor));
    }
}

/// most / norm where the norm is longer, else 1.
fn factor(most: f64, norm: f64) -> f32 {
    if norm > most { (most / norm) as f32 } else { 1.0 }
}

/// Σ value² over the first `width` values of every line.
fn squares(lines: &[Line], width: usize) -> f64 {
    lane_squares(lines)[..width].iter().sum()
}

/// Σ value² over the lines, in each of their sixteen places. In 64 bits: no float's square is too
/// large for them.
fn lane_squares(lines: &[Line]) -> [f64; WIDTH] {
    let mut sums = [0.0; WIDTH];
    for line in lines {
        for (sum, &value) in sums.iter_mut().zip(&line.0) {
            *sum += f64::from(value) * f64::from(value);
        }
    }
    sums
}

/// 1, -1, or 0 of zero.
fn sign(value: f32) -> f32 {
    f32::from(i8::from(value > 0.0) - i8::from(value < 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Activation, Architecture, LinearWeights, Norm, Weights};

    /// Weights of 1 to 3 in turn, which no vector of is short.
    fn weights(architecture: &Architecture) -> Weights {
        let layers = architecture.layers().into_iter();
        let layer = |(inputs, outputs): (usize, usize)| LinearWeights {
            weight: (0..inputs * outputs).map(|at| (1 + at % 3) as f32).collect(),
            bias: vec![-50.0; outputs],
        };
        Weights { embedding: None, layers: layers.map(layer).collect(), norms: Vec::new() }
    }

    fn architecture() -> Architecture {
        let activation = Activation::Relu;
        let hidden = vec![17, 33, 8];
        let norm = Norm::None;
        Architecture { inputs: 19, embedding: None, hidden, classes: 3, activation, norm }
    }

    fn norm(values: &[f32]) -> f64 {
        values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
    }

    /// Flat memory whose places that are no parameter hold what reaches no sum.
    fn flat(layout: &Layout, weights: &Weights) -> Vec<Line> {
        let mut flat = layout.flatten(weights);
        for value in flat.iter_mut().flat_map(|line| &mut line.0) {
            *value = if value.to_bits() == 0 { f32::NAN } else { *value };
        }
        flat
    }

    #[test]
    fn hidden_units_are_no_longer_than_the_limit_and_all_else_is_as_it_was() {
        let (architecture, most) = (architecture(), 7.5);
        let (layout, before) = (Layout::new(&architecture), weights(&architecture));
        let mut parameters = flat(&layout, &before);
        limit_norms(most, &layout, &mut parameters);
        let after = layout.unflatten(&parameters);
        assert_eq!(after.layers.last(), before.layers.last());
        let layers = after.layers.iter().zip(&before.layers).zip(architecture.layers());
        for ((after, before), (inputs, _)) in layers {
            assert_eq!(after.bias, before.bias);
            // The output layer's units have the 8 hidden ones below them.
            let hidden = inputs != 8;
            for (after, before) in after.weight.chunks(inputs).zip(before.weight.chunks(inputs)) {
                let exact = if hidden { norm(before).min(most) } else { norm(before) };
                assert!((norm(after) - exact).abs() < 1e-5, "{} of {exact}", norm(after));
                let ratio = after[0] / before[0];
                let same = after.iter().zip(before).all(|(a, b)| (a / b - ratio).abs() < 1e-6);
                assert!(same, "{after:?} is no multiple of {before:?}");
            }
        }
    }

    #[test]
    fn a_gradient_is_clipped_by_the_norm_of_all_parameters_and_no_other_place() {
        let (layout, before) = (Layout::new(&architecture()), weights(&architecture()));
        let all = |weights: &Weights| weights.tensors().concat();
        let length = norm(&all(&before));
        for (most, exact) in [(3.0, 3.0), (length + 1.0, length)] {
            let mut gradients = flat(&layout, &before);
            clip_norm(most, &layout, &mut gradients);
            let clipped = norm(&all(&layout.unflatten(&gradients)));
            assert!((clipped - exact).abs() < 1e-5, "{clipped}, not {exact}");
        }
    }

    #[test]
    fn the_l1_terms_gradient_has_the_sign_of_the_weight() {
        let weights = [Line(std::array::from_fn(|at| [-2.0, 0.0, 3.0, -0.0][at % 4]))];
        let mut gradients = [Line([1.0; WIDTH])];
        add_l1(0.25, &weights, &mut gradients);
        assert_eq!(gradients, [Line(std::array::from_fn(|at| [0.75, 1.0, 1.25, 1.0][at % 4]))]);
    }
}
