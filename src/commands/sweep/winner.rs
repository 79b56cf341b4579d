//! The files of a model: best/, and ensemble/, stacked/ and those of the families where there are any.

use std::path::Path;

use serde_json::Value;

use super::diagnostics::diagnose;
use crate::commands::failure::{Exit, Failure};
use crate::commands::score::{PartMetrics, evaluate};
use crate::examples::Part;
use crate::finals::{Predictions, SavedModel};
use crate::metrics::classification_report;
use crate::record::{RecordError, write_atomically, write_confusion, write_diagnostics};

/// Writes a model, its metrics, confusion matrices and curves into a folder; `name` is what messages call it.
/// Returns the metrics on test rows, where it has any.
pub(super) fn keep(
    into: &Path,
    name: &str,
    saved: SavedModel,
    classes: &[String],
) -> Result<Option<PartMetrics>, Failure> {
    let SavedModel { model, facts: mut metrics, parts } = saved;
    model.save(into)?;
    let (mut on_test, mut report, mut diagnostics) = (None, String::new(), Vec::new());
    for (part, predictions) in Part::ALL.into_iter().zip(parts) {
        let decision = model.decision();
        let measured = predictions.map(|predictions| {
            let drawn = diagnose(part, &predictions, decision, classes.len())?;
            let Predictions { labels, logs } = predictions;
            let calibrated = decision.tempered(logs, classes.len());
            Ok::<_, Failure>((evaluate(&labels, calibrated, decision, classes)?, drawn))
        });
        let measured = match measured {
            Some(Ok((measured, drawn))) => {
                diagnostics.push(drawn);
                measured
            }
            // Values in test rows alone can be too large for the network; the sweep is not lost.
            other => {
                let rows = format!("{} rows", part.name());
                if let Some(Err(failure)) = other {
                    complain!("note    no metrics of {name} on {rows}: {failure}");
                }
                metrics.insert(part.name().to_owned(), Value::Null);
                // An earlier call may have kept another model, which had one.
                let stale = into.join(format!("confusion_{}.csv", part.name()));
                if stale.exists() {
                    std::fs::remove_file(&stale).map_err(RecordError::at(stale))?;
                }
                continue;
            }
        };
        let path = into.join(format!("confusion_{}.csv", part.name()));
        write_confusion(&path, classes, &measured.scores.confusion)?;
        let value = serde_json::to_value(&measured);
        let value = value.map_err(|error| Failure::new(Exit::Other, error.to_string()))?;
        metrics.insert(part.name().to_owned(), value);
        let text = classification_report(&measured.scores);
        report.extend([part.name(), " rows\n\n", &text, "\n"]);
        if part == Part::Test {
            on_test = Some(measured);
        }
    }
    write_diagnostics(into, classes, &diagnostics)?;
    write_atomically(&into.join("metrics_report.txt"), |out| out.write_all(report.as_bytes()))?;
    write_atomically(&into.join("metrics.json"), |out| {
        serde_json::to_writer_pretty(&mut *out, &metrics)?;
        out.write_all(b"\n")
    })?;
    Ok(on_test)
}
