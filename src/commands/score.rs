//! A network's probabilities and metrics on prepared rows.

use serde::Serialize;

use super::failure::Failure;
use crate::engine::Engine;
use crate::examples::{Examples, Matrix};
use crate::metrics::{Interval, Intervals, Scored, SplitMetrics};
use crate::model::Model;

/// All metrics of a network on one part of the rows: the entries of metrics.json.
#[derive(Debug, Serialize)]
pub(super) struct PartMetrics {
    /// Mean cross-entropy of the logits, as in the curves; `log_loss` is its clipped kin.
    pub loss: f64,
    /// The metrics of the probabilities.
    #[serde(flatten)]
    pub scores: SplitMetrics,
    /// How far those of them that the confusion matrix tells move by chance.
    pub intervals: Intervals,
}

/// Log-probabilities `[rows, classes]` of prepared rows, in 64-bit floats.
fn log_probabilities(
    engine: &dyn Engine,
    model: &Model,
    rows: &Matrix,
) -> Result<Vec<f64>, Failure> {
    let architecture = &model.description.architecture;
    let logits = engine.logits(architecture, &model.weights, rows)?;
    let mut logs = Vec::with_capacity(logits.len());
    for row in logits.chunks_exact(architecture.classes) {
        let largest = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let sum: f64 = row.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum();
        let log_sum = sum.ln() + largest;
        logs.extend(row.iter().map(|&logit| f64::from(logit) - log_sum));
    }
    Ok(logs)
}

/// Probabilities `[rows, classes]` of prepared rows: the softmax of the logits.
pub(super) fn probabilities(
    engine: &dyn Engine,
    model: &Model,
    rows: &Matrix,
) -> Result<Vec<f64>, Failure> {
    let logs = log_probabilities(engine, model, rows)?;
    Ok(logs.into_iter().map(f64::exp).collect())
}

/// All metrics of a model on labelled rows.
pub(super) fn measure(
    engine: &dyn Engine,
    model: &Model,
    examples: &Examples,
) -> Result<PartMetrics, Failure> {
    let log_rows = log_probabilities(engine, model, &examples.features)?;
    let classes = &model.description.classes;
    let picked = log_rows.chunks_exact(classes.len()).zip(&examples.labels);
    let sum: f64 = picked.map(|(row, &label)| -row[label as usize]).sum();
    let loss = sum / examples.labels.len().max(1) as f64;
    let probabilities: Vec<f64> = log_rows.into_iter().map(f64::exp).collect();
    let scored = Scored::new(&examples.labels, &probabilities, classes.len())?;
    let intervals = Intervals::bootstrap(&scored.confusion()?)?;
    Ok(PartMetrics { loss, scores: SplitMetrics::measure(&scored, classes)?, intervals })
}

/// An interval as it stands behind its score.
pub(super) fn range([low, high]: Interval) -> String {
    format!("({low:.3}-{high:.3})")
}
