//! Metrics of a network on labelled rows, by way of its probabilities.

use super::failure::Failure;
use crate::engine::Engine;
use crate::examples::{Examples, Matrix};
use crate::metrics::{Scored, SplitMetrics};
use crate::model::Model;

/// Probabilities `[rows, classes]` of prepared rows: the softmax of the logits, in 64-bit floats.
pub(super) fn probabilities(
    engine: &dyn Engine,
    model: &Model,
    rows: &Matrix,
) -> Result<Vec<f64>, Failure> {
    let architecture = &model.description.architecture;
    let logits = engine.logits(architecture, &model.weights, rows)?;
    let mut probabilities = Vec::with_capacity(logits.len());
    for row in logits.chunks_exact(architecture.classes) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> = row.iter().map(|logit| f64::from(logit - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        probabilities.extend(powers.into_iter().map(|power| power / sum));
    }
    Ok(probabilities)
}

/// All metrics of a model on labelled rows.
pub(super) fn measure(
    engine: &dyn Engine,
    model: &Model,
    examples: &Examples,
) -> Result<SplitMetrics, Failure> {
    let probabilities = probabilities(engine, model, &examples.features)?;
    let classes = &model.description.classes;
    let scored = Scored::new(&examples.labels, &probabilities, classes.len())?;
    Ok(SplitMetrics::measure(&scored, classes)?)
}
