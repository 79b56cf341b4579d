//! The files of a model: best/, and ensemble/ where one is asked for.

use serde_json::{Map, Value};

use crate::commands::failure::{Exit, Failure};
use crate::commands::score::{PartMetrics, log_probabilities, measure};
use crate::engine::Engine;
use crate::examples::Part;
use crate::model::{Description, Ensemble, Model, Provenance, Ranges};
use crate::network::{Architecture, Weights};
use crate::prepare::Prepared;
use crate::record::{RunFile, RunFolder, write_atomically, write_confusion};
use crate::sweep::{Trial, Winner};

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

/// Where the rows of a network stand among those that were prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A fold.
    Fold(usize),
    /// All train and validation rows.
    Whole,
}

/// A trial's network with its preparation.
pub(super) fn model(
    trial: &Trial,
    (architecture, weights): (Architecture, Weights),
    (place, epoch): (Place, u32),
    prepared: &Prepared,
    file: &RunFile,
) -> Model {
    let (rows, pipeline) = prepared.at(trial.way, place.fold());
    let provenance = Provenance {
        run: file.name.clone(),
        trial: trial.number,
        fold: place.fold(),
        epoch,
        data_sha256: file.data.sha256.clone(),
        forewarn: file.versions.forewarn.to_owned(),
    };
    let description = Description::new(
        (architecture, trial.dropout),
        (prepared.target.clone(), prepared.classes.clone()),
        (pipeline.clone(), Ranges::of(&rows.train.features)),
        provenance,
    );
    Model { description, weights }
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

/// The winner's network as the sweep trained it, with what it says of the rows of its fold.
pub(super) fn plain(
    winner: &Winner,
    engine: &dyn Engine,
    prepared: &Prepared,
    file: &RunFile,
) -> Kept {
    let trial = &winner.result.trial;
    let place = Place::Fold(winner.fold);
    let network = (winner.architecture.clone(), winner.weights.clone());
    let model = model(trial, network, (place, winner.epoch), prepared, file);
    let (rows, _) = prepared.at(trial.way, place.fold());
    let parts = Part::ALL.map(|part| {
        let examples = Some(rows.part(part)).filter(|examples| !examples.labels.is_empty())?;
        let network = (&winner.architecture, &winner.weights);
        let logs = log_probabilities(engine, network, &examples.features);
        Some(Said { labels: examples.labels.clone(), logs: logs.ok()? })
    });
    Kept { model: Ensemble::alone(model), facts: facts(trial, place, winner.epoch), parts }
}

/// What metrics.json says of a single network.
pub(super) fn facts(trial: &Trial, place: Place, epoch: u32) -> Map<String, Value> {
    let facts =
        [("trial", trial.number.into()), ("fold", place.fold().into()), ("epoch", epoch.into())];
    facts.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
}

/// Writes a model, its metrics and its confusion matrices into a folder of the run. Returns
/// those on test rows, where it has any.
pub(super) fn keep(
    folder: &RunFolder,
    name: &str,
    kept: Kept,
    classes: &[String],
) -> Result<Option<PartMetrics>, Failure> {
    let Kept { model, facts: mut metrics, parts } = kept;
    let into = folder.file(name);
    model.save(&into)?;
    let mut on_test = None;
    for (part, said) in Part::ALL.into_iter().zip(parts) {
        let decision = model.decision();
        let measured = said.map(|Said { labels, logs }| {
            measure(&labels, decision.tempered(logs, classes.len()), decision, classes)
        });
        let measured = match measured {
            Some(Ok(measured)) => measured,
            // Values in test rows alone can be too large for the network; the sweep is not lost.
            other => {
                let rows = format!("{} rows", part.name());
                let whose = if name == "best" { "the best network" } else { "the ensemble" };
                if let Some(Err(failure)) = other {
                    complain!("note    no metrics of {whose} on {rows}: {failure}");
                }
                metrics.insert(part.name().to_owned(), Value::Null);
                // An earlier call may have kept another network, which had one.
                folder.remove(&format!("{name}/confusion_{}.csv", part.name()))?;
                continue;
            }
        };
        let path = into.join(format!("confusion_{}.csv", part.name()));
        write_confusion(&path, classes, &measured.scores.confusion)?;
        let value = serde_json::to_value(&measured);
        let value = value.map_err(|error| Failure::new(Exit::Other, error.to_string()))?;
        metrics.insert(part.name().to_owned(), value);
        if part == Part::Test {
            on_test = Some(measured);
        }
    }
    write_atomically(&into.join("metrics.json"), |out| {
        serde_json::to_writer_pretty(&mut *out, &metrics)?;
        out.write_all(b"\n")
    })?;
    Ok(on_test)
}
