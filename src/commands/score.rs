//! The probabilities and metrics of a model on rows.

use serde::Serialize;

use super::failure::{Exit, Failure};
use crate::data::Table;
use crate::engine::Engine;
use crate::ensemble::{self, Decision};
use crate::examples::Matrix;
use crate::metrics::{Interval, Intervals, Reliability, Scored, SplitMetrics};
use crate::model::Ensemble;
use crate::prepare::{Tables, Transformed};

/// All metrics of a model on one part of the rows: the entries of metrics.json.
#[derive(Debug, Serialize)]
pub(super) struct PartMetrics {
    /// Mean cross-entropy of the logits, as in the curves; `log_loss` is its clipped kin.
    pub loss: f64,
    /// See [`Reliability::expected_calibration_error`].
    pub expected_calibration_error: Option<f64>,
    /// The metrics of the probabilities.
    #[serde(flatten)]
    pub scores: SplitMetrics,
    /// How far those of them that the confusion matrix tells move by chance.
    pub intervals: Intervals,
}

/// Log-probabilities `[rows, classes]` of what a model says of rows, before its decision: a single one's,
/// or those of the mean of several; `rows` gives a member's inputs.
pub(super) fn log_mean<'a>(
    engine: &dyn Engine,
    model: &Ensemble,
    rows: impl Fn(usize) -> &'a Matrix,
) -> Result<Vec<f64>, Failure> {
    let each = model.members().iter().enumerate();
    let each = each.map(|(place, member)| {
        let logs = member.model.fitted.log_probabilities(engine, rows(place))?;
        Ok((member.weight, logs))
    });
    let mut each = each.collect::<Result<Vec<_>, Failure>>()?;
    if let [(_, alone)] = each.as_mut_slice() {
        return Ok(std::mem::take(alone));
    }
    let of_rows = |logs: Vec<f64>| logs.into_iter().map(|log| log.exp() as f32).collect();
    let each: Vec<_> = each.into_iter().map(|(weight, logs)| (weight, of_rows(logs))).collect();
    Ok(ensemble::mean(&each))
}

/// A table as a model prepares it, and the log-probabilities `[rows, classes]` that it tells.
pub(super) fn tell(
    engine: &dyn Engine,
    model: &Ensemble,
    (table, tables): (&Table, &Tables),
    target: Option<&str>,
) -> Result<(Transformed, Vec<f64>), Failure> {
    // Members mostly share a preparation: each different one is done once.
    let mut prepared: Vec<(usize, Transformed)> = Vec::new();
    let mut places = Vec::new();
    for (place, member) in model.members().iter().enumerate() {
        let preparation = &member.model.description.preparation;
        let known = prepared.iter().position(|(other, _)| {
            model.members()[*other].model.description.preparation == *preparation
        });
        places.push(known.unwrap_or(prepared.len()));
        if known.is_none() {
            prepared.push((place, preparation.transform(table, tables, target)?));
        }
    }
    let rows = |(_, transformed): &(usize, Transformed)| transformed.origin.clone();
    if prepared.windows(2).any(|pair| rows(&pair[0]) != rows(&pair[1])) {
        let text = "the members of this model leave different rows out: it cannot be used";
        return Err(Failure::new(Exit::Data, text.to_owned()));
    }
    let logs = log_mean(engine, model, |place| &prepared[places[place]].1.matrix)?;
    let classes = model.description().classes.len();
    Ok((prepared.swap_remove(0).1, model.decision().tempered(logs, classes)))
}

/// All metrics of log-probabilities `[rows, classes]` on labelled rows.
pub(super) fn measure(
    labels: &[u32],
    told: Vec<f64>,
    decision: &Decision,
    classes: &[String],
) -> Result<PartMetrics, Failure> {
    let picked = told.chunks_exact(classes.len()).zip(labels);
    let sum: f64 = picked.map(|(row, &label)| -row[label as usize]).sum();
    let loss = sum / labels.len().max(1) as f64;
    let probabilities: Vec<f64> = told.into_iter().map(f64::exp).collect();
    let scored = Scored::new(labels, &probabilities, classes.len())?;
    let scored = scored.decided(decision.thresholds.as_deref());
    let intervals = Intervals::bootstrap(&scored.confusion()?)?;
    Ok(PartMetrics {
        loss,
        expected_calibration_error: Reliability::measure(&scored).expected_calibration_error(),
        scores: SplitMetrics::measure(&scored, classes)?,
        intervals,
    })
}

/// An interval as it stands behind its score.
pub(super) fn range([low, high]: Interval) -> String {
    format!("({low:.3}-{high:.3})")
}
