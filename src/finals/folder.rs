//! The folder of a final model: its own files, its metrics, confusion matrices and curves.

use std::io::Error;
use std::path::Path;

use serde_json::Value;

use super::{Predictions, SavedModel};
use crate::ensemble::Decision;
use crate::examples::Part;
use crate::metrics::{
    ClassCurves, MetricsError, OneVsRest, PartMetrics, Reliability, Scored, classification_report,
};
use crate::model::ModelError;
use crate::record::{
    PartDiagnostics, RecordError, write_atomically, write_confusion, write_diagnostics,
};

/// What is known of a model whose folder has been written.
pub struct Written {
    /// Its metrics on test rows, where it has any.
    pub test: Option<PartMetrics>,
    /// The parts whose predictions cannot be scored: values in test rows alone can be too large for a network.
    pub unscored: Vec<(Part, MetricsError)>,
}

impl SavedModel {
    /// Writes the model and everything that is measured of it into a folder, in place of an earlier model's.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(self, into: &Path, classes: &[String]) -> Result<Written, ModelError> {
        let Self { model, facts: mut metrics, parts } = self;
        model.save(into)?;
        let mut written = Written { test: None, unscored: Vec::new() };
        let (mut report, mut diagnostics) = (String::new(), Vec::new());
        for (part, predictions) in Part::ALL.into_iter().zip(parts) {
            let path = into.join(format!("confusion_{}.csv", part.name()));
            let measured = predictions.map(|rows| score(part, rows, model.decision(), classes));
            let (scores, drawn) = match measured {
                Some(Ok(measured)) => measured,
                other => {
                    written.unscored.extend(other.and_then(Result::err).map(|error| (part, error)));
                    metrics.insert(part.name().to_owned(), Value::Null);
                    // An earlier model may have had one.
                    if path.exists() {
                        std::fs::remove_file(&path).map_err(RecordError::at(path))?;
                    }
                    continue;
                }
            };
            write_confusion(&path, classes, &scores.scores.confusion)?;
            let value = serde_json::to_value(&scores).map_err(Error::from);
            metrics.insert(part.name().to_owned(), value.map_err(RecordError::at(&path))?);
            report.extend([part.name(), " rows\n\n", &classification_report(&scores.scores), "\n"]);
            diagnostics.push(drawn);
            if part == Part::Test {
                written.test = Some(scores);
            }
        }
        write_diagnostics(into, classes, &diagnostics)?;
        write_atomically(&into.join("metrics_report.txt"), |out| out.write_all(report.as_bytes()))?;
        write_atomically(&into.join("metrics.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, &metrics)?;
            out.write_all(b"\n")
        })?;
        Ok(written)
    }
}

/// The metrics of a part's predictions, and the curves and the reliability of their probabilities.
fn score(
    part: Part,
    predictions: Predictions,
    decision: &Decision,
    classes: &[String],
) -> Result<(PartMetrics, PartDiagnostics), MetricsError> {
    let of = |logs: &[f64]| logs.iter().map(|log| log.exp()).collect::<Vec<f64>>();
    let Predictions { labels, logs } = predictions;
    let before = Reliability::compute(&Scored::new(&labels, &of(&logs), classes.len())?);
    let logs = decision.tempered(logs, classes.len());
    let probabilities = of(&logs);
    let scored = Scored::new(&labels, &probabilities, classes.len())?;
    let after = decision.is_calibrated().then(|| Reliability::compute(&scored));
    let each = 0..classes.len() as u32;
    let curves = each.map(|class| ClassCurves::of(&OneVsRest::rank(&scored, class))).collect();
    let metrics = PartMetrics::compute(&labels, logs, decision.thresholds.as_deref(), classes)?;
    Ok((metrics, PartDiagnostics { part, curves, before, after }))
}
