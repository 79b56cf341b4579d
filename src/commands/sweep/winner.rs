//! The files of a model: best/, and ensemble/ where one is asked for.

use std::path::Path;

use serde_json::{Map, Value};

use super::diagnostics::diagnose;
use crate::commands::failure::{Exit, Failure};
use crate::commands::score::{PartMetrics, measure};
use crate::engine::Engine;
use crate::examples::Part;
use crate::families::Fitted;
use crate::metrics::classification_report;
use crate::model::{Description, Ensemble, Model, Provenance, Ranges};
use crate::prepare::Prepared;
use crate::record::{RecordError, RunFile, write_atomically, write_confusion, write_diagnostics};
use crate::sweep::Trial;

/// A model to write, with what it says of the parts of the rows.
pub(super) struct Kept {
    pub model: Ensemble,
    /// What metrics.json begins with.
    pub facts: Map<String, Value>,
    /// Train, validation and test rows; nothing of a part that it says nothing of.
    pub parts: [Option<Said>; 3],
}

/// What a model says of labelled rows.
#[derive(Clone)]
pub(super) struct Said {
    /// `[rows]`.
    pub labels: Vec<u32>,
    /// Log-probabilities before the decision, `[rows, classes]`.
    pub logs: Vec<f64>,
}

/// Where the rows of a model stand among those that were prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A fold.
    Fold(usize),
    /// All train and validation rows.
    Whole,
}

/// A trial's model with its preparation.
pub(super) fn model(
    trial: &Trial,
    fitted: Fitted,
    (place, epoch): (Place, u32),
    prepared: &Prepared,
    file: &RunFile,
) -> Model {
    let (rows, pipeline) = prepared.at(trial.preparation, place.fold());
    let provenance = Provenance {
        run: file.name.clone(),
        trial: trial.number,
        fold: place.fold(),
        epoch,
        data_sha256: file.data.sha256.clone(),
        forewarn: file.versions.forewarn.to_owned(),
    };
    let description = Description::new(
        (trial.family(), &fitted),
        (prepared.target.clone(), prepared.classes.clone()),
        (pipeline.clone(), Ranges::of(&rows.train.features)),
        provenance,
    );
    Model { description, fitted }
}

impl Place {
    /// The fold, where it is one.
    pub fn fold(self) -> Option<usize> {
        match self {
            Self::Fold(fold) => Some(fold),
            Self::Whole => None,
        }
    }
}

/// A winner's model as the sweep trained it, with what it says of the rows of its fold.
pub(super) fn plain(
    trial: &Trial,
    (fold, epoch, fitted): (usize, u32, &Fitted),
    engine: &dyn Engine,
    prepared: &Prepared,
    file: &RunFile,
) -> Kept {
    let place = Place::Fold(fold);
    let model = model(trial, fitted.clone(), (place, epoch), prepared, file);
    let (rows, _) = prepared.at(trial.preparation, place.fold());
    let parts = Part::ALL.map(|part| {
        let examples = Some(rows.part(part)).filter(|examples| !examples.labels.is_empty())?;
        let logs = fitted.log_probabilities(engine, &examples.features);
        Some(Said { labels: examples.labels.clone(), logs: logs.ok()? })
    });
    Kept { model: Ensemble::alone(model), facts: facts(trial, place, epoch), parts }
}

/// What metrics.json says of a single model.
pub(super) fn facts(trial: &Trial, place: Place, epoch: u32) -> Map<String, Value> {
    let facts =
        [("trial", trial.number.into()), ("fold", place.fold().into()), ("epoch", epoch.into())];
    facts.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
}

/// Writes a model, its metrics, confusion matrices and curves into a folder; `name` is what messages call it.
/// Returns the metrics on test rows, where it has any.
pub(super) fn keep(
    into: &Path,
    name: &str,
    kept: Kept,
    classes: &[String],
) -> Result<Option<PartMetrics>, Failure> {
    let Kept { model, facts: mut metrics, parts } = kept;
    model.save(into)?;
    let (mut on_test, mut report, mut diagnostics) = (None, String::new(), Vec::new());
    for (part, said) in Part::ALL.into_iter().zip(parts) {
        let decision = model.decision();
        let measured = said.map(|said| {
            let drawn = diagnose(part, &said, decision, classes.len())?;
            let told = decision.tempered(said.logs, classes.len());
            Ok::<_, Failure>((measure(&said.labels, told, decision, classes)?, drawn))
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
