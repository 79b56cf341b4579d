//! The metrics of a model on rows.

use serde::Serialize;

use super::failure::Failure;
use crate::ensemble::Decision;
use crate::metrics::{Interval, Intervals, Reliability, Scored, SplitMetrics};

/// All metrics of a model on one part of the rows: the entries of metrics.json.
#[derive(Debug, Serialize)]
pub(super) struct PartMetrics {
    /// Mean cross-entropy of the logits, as in the curves; `log_loss` is the same of clipped probabilities.
    pub loss: f64,
    /// See [`Reliability::expected_calibration_error`].
    pub expected_calibration_error: Option<f64>,
    /// The metrics of the probabilities.
    #[serde(flatten)]
    pub scores: SplitMetrics,
    /// Confidence intervals of the metrics that follow from the confusion matrix.
    pub intervals: Intervals,
}

/// All metrics of log-probabilities `[rows, classes]` on labelled rows.
pub(super) fn evaluate(
    labels: &[u32],
    log_probabilities: Vec<f64>,
    decision: &Decision,
    classes: &[String],
) -> Result<PartMetrics, Failure> {
    let picked = log_probabilities.chunks_exact(classes.len()).zip(labels);
    let sum: f64 = picked.map(|(row, &label)| -row[label as usize]).sum();
    let loss = sum / labels.len().max(1) as f64;
    let probabilities: Vec<f64> = log_probabilities.into_iter().map(f64::exp).collect();
    let scored = Scored::new(labels, &probabilities, classes.len())?;
    let scored = scored.decided(decision.thresholds.as_deref());
    let intervals = Intervals::bootstrap(&scored.confusion()?)?;
    Ok(PartMetrics {
        loss,
        expected_calibration_error: Reliability::compute(&scored).expected_calibration_error(),
        scores: SplitMetrics::compute(&scored, classes)?,
        intervals,
    })
}

/// An interval as it stands after its score.
pub(super) fn range([low, high]: Interval) -> String {
    format!("({low:.3}-{high:.3})")
}
