//! All metrics of a model on one part of the rows.

use serde::Serialize;

use super::{Intervals, MetricsError, Reliability, Scored, SplitMetrics};

/// All metrics of a model on one part of the rows: the entries of metrics.json.
#[derive(Debug, Serialize)]
pub struct PartMetrics {
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

impl PartMetrics {
    /// The metrics of log-probabilities `[rows, classes]`; `thresholds`, one a class, decide the predicted
    /// class where they are given.
    ///
    /// # Errors
    /// Those of [`Scored::new`] and [`SplitMetrics::compute`].
    pub fn compute(
        labels: &[u32],
        log_probabilities: Vec<f64>,
        thresholds: Option<&[f64]>,
        classes: &[String],
    ) -> Result<Self, MetricsError> {
        let picked = log_probabilities.chunks_exact(classes.len()).zip(labels);
        let sum: f64 = picked.map(|(row, &label)| -row[label as usize]).sum();
        let loss = sum / labels.len().max(1) as f64;
        let probabilities: Vec<f64> = log_probabilities.into_iter().map(f64::exp).collect();
        let scored = Scored::new(labels, &probabilities, classes.len())?;
        let scored = scored.decided(thresholds);
        let intervals = Intervals::bootstrap(&scored.confusion()?)?;
        Ok(Self {
            loss,
            expected_calibration_error: Reliability::compute(&scored).expected_calibration_error(),
            scores: SplitMetrics::compute(&scored, classes)?,
            intervals,
        })
    }
}
