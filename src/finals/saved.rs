//! A model to be saved, with its predictions for the parts of the rows.

use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::examples::{Examples, Part};
use crate::families::Fitted;
use crate::model::{Description, Ensemble, Model, Provenance, Ranges};
use crate::prepare::Prepared;
use crate::record::RunFile;
use crate::sweep::Trial;

/// A model to be saved, with its predictions for the parts of the rows.
pub struct SavedModel {
    /// The model.
    pub model: Ensemble,
    /// The first entries of metrics.json.
    pub facts: Map<String, Value>,
    /// For train, validation and test rows; `None` for a part without predictions.
    pub parts: [Option<Predictions>; 3],
}

/// The predictions of a model for labelled rows.
#[derive(Debug, Clone)]
pub struct Predictions {
    /// `[rows]`.
    pub labels: Vec<u32>,
    /// Log-probabilities before the decision, `[rows, classes]`.
    pub logs: Vec<f64>,
}

/// The train rows of a model, among those that were prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Those of a fold.
    Fold(usize),
    /// All train and validation rows.
    Whole,
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

/// A trial's model of a fold as the sweep trained it, with its predictions for the rows of its fold.
pub fn as_trained(
    trial: &Trial,
    (fold, epoch, fitted): (usize, u32, &Fitted),
    engine: &dyn Engine,
    prepared: &Prepared,
    file: &RunFile,
) -> SavedModel {
    let place = Place::Fold(fold);
    let model = model(trial, fitted.clone(), (place, epoch), prepared, file);
    let model = Ensemble::alone(model);
    let rows = (prepared, std::slice::from_ref(trial));
    let parts = predictions(&model, engine, rows, None);
    SavedModel { facts: facts(trial, place, epoch), model, parts }
}

/// The entry of a single trial's model in metrics.json.
pub(super) fn facts(trial: &Trial, place: Place, epoch: u32) -> Map<String, Value> {
    let facts =
        [("trial", trial.number.into()), ("fold", place.fold().into()), ("epoch", epoch.into())];
    facts.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
}

/// The rows of a part as each member of a model, all of them of `trials`, takes them; `None` where they are different rows, as the
/// train rows of several folds are, or there are none.
pub fn rows_of<'a>(
    model: &Ensemble,
    (prepared, trials): (&'a Prepared, &[Trial]),
    part: Part,
) -> Option<Vec<&'a Examples>> {
    let members = model.members().iter().map(|member| {
        let provenance = &member.model.description.provenance;
        let place = trials.binary_search_by_key(&provenance.trial, |trial| trial.number).ok()?;
        let rows = prepared.at(trials[place].preparation, provenance.fold).0;
        Some((provenance.fold, rows.part(part)))
    });
    let members = members.collect::<Option<Vec<_>>>()?;
    // Test rows are the same on all folds.
    let same = part == Part::Test || members.windows(2).all(|pair| pair[0].0 == pair[1].0);
    let rows: Vec<&Examples> = members.into_iter().map(|(_, rows)| rows).collect();
    (same && rows.iter().all(|rows| !rows.labels.is_empty())).then_some(rows)
}

/// The predictions of a model for each part of the rows; `valid`, if given, replaces those for validation rows.
pub(super) fn predictions(
    model: &Ensemble,
    engine: &dyn Engine,
    rows: (&Prepared, &[Trial]),
    valid: Option<Predictions>,
) -> [Option<Predictions>; 3] {
    let mut valid = valid;
    Part::ALL.map(|part| {
        if part == Part::Valid && valid.is_some() {
            return valid.take();
        }
        let rows = rows_of(model, rows, part)?;
        // Values in test rows alone can be too large for a network; the sweep is not lost.
        let logs = model.log_probabilities(engine, |member| &rows[member].features).ok()?;
        Some(Predictions { labels: rows[0].labels.clone(), logs })
    })
}
