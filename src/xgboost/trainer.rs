//! Training with XGBoost, a round at a time.

use super::evaluate::{Booster, probabilities};
use super::library::{DMatrix, Library, Session};
use super::settings::{Settings, SettingsError};
use super::text::TextError;
use crate::boosting::{CATEGORIES, Rows, RowsError, TrainRows, unique_names};
use crate::examples::Matrix;
use crate::shared_library::CallError;

/// The largest number of a cell: bins end at twice the largest number, and XGBoost takes no infinity.
const LARGEST: f32 = 1e38;

/// Why a model cannot be trained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum TrainerError {
    /// A setting that XGBoost would refuse.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// XGBoost refused or failed.
    #[error("XGBoost: {0}")]
    Call(#[from] CallError),
    /// XGBoost wrote a model that is none: numbers that overflowed.
    #[error("the model that XGBoost trained cannot be used: {0}")]
    Text(#[from] TextError),
    /// Rows that no library of boosting takes.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A number that XGBoost does not take.
    #[error("column {column} holds {value}; xgboost takes numbers up to 1e38 and missing ones")]
    Number { column: usize, value: f32 },
    /// A number that is no category.
    #[error(
        "column {column} is categorical and holds {value}; categories are whole numbers from 0 to \
         65535, or missing: leave it out of the categorical columns"
    )]
    Category { column: usize, value: f32 },
    /// Before the first round.
    #[error("the model has no round yet")]
    Untrained,
}

/// A training under way.
pub struct Trainer {
    session: Session,
    /// Margins of a row.
    width: usize,
    /// The place of each set among XGBoost's rows; none for a set without rows.
    sets: Vec<Option<usize>>,
}

impl std::fmt::Debug for Trainer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Trainer").field("width", &self.width).finish_non_exhaustive()
    }
}

impl Trainer {
    /// Begins a training, which is XGBoost's own with the same settings and `seed`: no tree yet. The
    /// probabilities of the rows in `sets`, each `[rows, columns]`, are kept up on the way.
    ///
    /// # Errors
    /// [`TrainerError`] where settings, rows, labels, weights or categories are not what XGBoost takes.
    pub fn new(
        library: &Library,
        train: &TrainRows,
        sets: &[&Matrix],
        settings: &Settings,
        seed: i32,
    ) -> Result<Self, TrainerError> {
        settings.check()?;
        check(train, sets)?;
        let &TrainRows { features, labels, classes, class_weights, categorical, names } = train;
        let mut rows = DMatrix::new(library, features)?;
        let kinds = (!categorical.is_empty()).then(|| kinds(categorical, features.columns()));
        if let Some(kinds) = &kinds {
            rows.set_types(kinds)?;
        }
        rows.set_labels(&labels.iter().map(|&label| label as f32).collect::<Vec<_>>())?;
        if let Some(weights) = class_weights {
            let weight = |&label: &u32| weights[label as usize] as f32;
            rows.set_weights(&labels.iter().map(weight).collect::<Vec<_>>())?;
        }
        let (mut evaluated, mut places) = (Vec::new(), Vec::new());
        for set in sets {
            let has_rows = set.rows() > 0;
            if has_rows {
                let mut rows = DMatrix::new(library, set)?;
                if let Some(kinds) = &kinds {
                    rows.set_types(kinds)?;
                }
                evaluated.push(rows);
            }
            places.push(has_rows.then_some(evaluated.len()));
        }
        let width = if classes == 2 { 1 } else { classes };
        let parameters = settings.parameters(classes, seed);
        let mut session = Session::new(rows, evaluated, &parameters, width)?;
        session
            .set_texts(c"feature_name", &unique_names(names, features.columns(), is_forbidden))?;
        if let Some(kinds) = &kinds {
            session.set_texts(c"feature_type", kinds)?;
        }
        Ok(Self { session, width, sets: places })
    }

    /// Trains one round more.
    ///
    /// # Errors
    /// [`TrainerError::Call`] when XGBoost fails.
    pub fn round(&mut self) -> Result<(), TrainerError> {
        Ok(self.session.update()?)
    }

    /// Rounds of the model so far.
    pub fn rounds(&self) -> usize {
        self.session.rounds()
    }

    /// The classes' probabilities after the last round, `[rows, classes]`; those of
    /// [`Booster::probabilities`] to the bit.
    ///
    /// # Errors
    /// [`TrainerError::Untrained`] before the first round, and [`TrainerError::Call`] when XGBoost
    /// fails, or there is no such set.
    pub fn probabilities(&mut self, rows: Rows) -> Result<Vec<f64>, TrainerError> {
        if self.rounds() == 0 {
            return Err(TrainerError::Untrained);
        }
        let place = match rows {
            Rows::Train => Some(0),
            Rows::Set(set) => {
                let no_set = || CallError(format!("there is no set {set}"));
                *self.sets.get(set).ok_or_else(no_set)?
            }
        };
        let Some(place) = place else { return Ok(Vec::new()) };
        Ok(probabilities(self.session.margins(place)?, self.width))
    }

    /// The text of the model's first rounds; of all where there are no more. It is the text of a
    /// training of as many, to the byte.
    ///
    /// # Errors
    /// [`TrainerError::Untrained`] before the first round and for no rounds.
    pub fn text(&mut self, rounds: usize) -> Result<String, TrainerError> {
        let rounds = rounds.min(self.rounds());
        if rounds == 0 {
            return Err(TrainerError::Untrained);
        }
        Ok(self.session.text(rounds)?)
    }

    /// The model of the first rounds, ready to predict; see [`Trainer::text`].
    ///
    /// # Errors
    /// As [`Trainer::text`], and [`TrainerError::Text`] where numbers overflowed.
    pub fn booster(&mut self, rounds: usize) -> Result<Booster, TrainerError> {
        Ok(Booster::parse(self.text(rounds)?)?)
    }
}

/// What XGBoost's Python package refuses in a name, or what a line of text cannot hold.
fn is_forbidden(letter: char) -> bool {
    letter.is_control() || "[]<".contains(letter)
}

/// XGBoost's word for what each column holds.
fn kinds(categorical: &[usize], columns: usize) -> Vec<String> {
    let kind = |column| if categorical.contains(&column) { "c" } else { "q" };
    (0..columns).map(|column| kind(column).to_owned()).collect()
}

/// Checks rows, labels, weights and categories.
fn check(train: &TrainRows, sets: &[&Matrix]) -> Result<(), TrainerError> {
    train.check(sets)?;
    let (features, columns) = (train.features, train.features.columns());
    for rows in sets.iter().copied().chain([features]) {
        let is_large = |value: &f32| !value.is_nan() && value.abs() > LARGEST;
        if let Some(at) = rows.values().iter().position(is_large) {
            return Err(TrainerError::Number { column: at % columns, value: rows.values()[at] });
        }
    }
    for &column in train.categorical {
        // Of the rows to train on alone: in others an unknown category is no error.
        let is_category = |value: f32| {
            value.is_nan() || (0.0..CATEGORIES).contains(&value) && value.fract() == 0.0
        };
        let values = features.values().iter().skip(column).step_by(columns);
        if let Some(&value) = values.clone().find(|value| !is_category(**value)) {
            return Err(TrainerError::Category { column, value });
        }
    }
    Ok(())
}
