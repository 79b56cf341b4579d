//! Diagnostics of a model's probabilities on the rows of a part.

use crate::commands::failure::Failure;
use crate::ensemble::Decision;
use crate::examples::Part;
use crate::finals::Predictions;
use crate::metrics::{ClassCurves, OneVsRest, Reliability, Scored};
use crate::record::PartDiagnostics;

/// The curves and the reliability of what a model predicts of a part, whose logs stay as they are.
pub(super) fn diagnose(
    part: Part,
    predictions: &Predictions,
    decision: &Decision,
    classes: usize,
) -> Result<PartDiagnostics, Failure> {
    let of = |logs: &[f64]| logs.iter().map(|log| log.exp()).collect::<Vec<f64>>();
    let plain = of(&predictions.logs);
    let before = Reliability::compute(&Scored::new(&predictions.labels, &plain, classes)?);
    let told = if decision.is_calibrated() {
        of(&decision.tempered(predictions.logs.clone(), classes))
    } else {
        plain
    };
    let scored = Scored::new(&predictions.labels, &told, classes)?;
    let after = decision.is_calibrated().then(|| Reliability::compute(&scored));
    let labels = 0..classes as u32;
    let curves = labels.map(|class| ClassCurves::of(&OneVsRest::rank(&scored, class))).collect();
    Ok(PartDiagnostics { part, curves, before, after })
}
