//! What is done to gradients before a step, and to weights behind it.

use super::panels::Line;

/// Adds the gradient of `factor` · Σ |parameter|.
pub(super) fn add_l1(factor: f32, parameters: &[Line], gradients: &mut [Line]) {
    for (weights, gradients) in parameters.iter().zip(gradients) {
        for (&weight, gradient) in weights.0.iter().zip(&mut gradients.0) {
            *gradient += factor * sign(weight);
        }
    }
}

/// 1, -1, or 0 of zero.
fn sign(value: f32) -> f32 {
    f32::from(i8::from(value > 0.0) - i8::from(value < 0.0))
}
