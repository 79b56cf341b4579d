//! What is done to gradients before a step, and to weights behind it.

use super::layout::Layout;
use super::panels::{Line, WIDTH};

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
    let factor = (most / (sum.sqrt() + 1e-6)) as f32;
    if factor < 1.0 {
        gradients.iter_mut().flat_map(|line| &mut line.0).for_each(|value| *value *= factor);
    }
}

/// Σ value² over the first `width` values of every line.
fn squares(lines: &[Line], width: usize) -> f64 {
    let mut sums = [0.0; WIDTH];
    for line in lines {
        for (sum, &value) in sums.iter_mut().zip(&line.0) {
            *sum += f64::from(value) * f64::from(value);
        }
    }
    sums[..width].iter().sum()
}

/// 1, -1, or 0 of zero.
fn sign(value: f32) -> f32 {
    f32::from(i8::from(value > 0.0) - i8::from(value < 0.0))
}
