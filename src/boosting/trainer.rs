//! Training with LightGBM, an iteration at a time.

use super::evaluate::{Booster, both};
use super::library::{Dataset, Library, Session};
use super::names::sanitised;
use super::rows::{CATEGORIES, Rows, RowsError, TrainRows};
use super::settings::{Settings, SettingsError, Task};
use super::text::{TextError, with_iterations};
use crate::examples::Matrix;
use crate::shared_library::CallError;

/// Why a model cannot be trained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum TrainerError {
    /// A setting that LightGBM would refuse.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// LightGBM refused or failed.
    #[error("LightGBM: {0}")]
    Call(#[from] CallError),
    /// LightGBM counts a leaf's rows by their second derivatives, and can lose them all where these
    /// are tiny.
    #[error(
        "LightGBM split off a leaf without rows, and gave up: raise min_sum_hessian_in_leaf (0.001 \
         is its default) or min_data_in_leaf"
    )]
    EmptySide,
    /// LightGBM wrote a model that is none: numbers that overflowed.
    #[error("the model that LightGBM trained cannot be used: {0}")]
    Text(#[from] TextError),
    /// Rows that no library of boosting takes.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A number that is no category.
    #[error(
        "column {column} is categorical and holds {value}; categories are whole numbers below \
         65536, anything below 0 or NaN for missing: leave it out of the categorical columns"
    )]
    Category { column: usize, value: f32 },
    /// Before the first round.
    #[error("the model has no iteration yet")]
    Untrained,
}

/// A training under way.
pub struct Trainer {
    session: Session,
    classes: usize,
    /// The place of each set among LightGBM's datasets; none for a set without rows.
    sets: Vec<Option<usize>>,
    /// Whether another round may succeed where one did not.
    draws: bool,
}

impl std::fmt::Debug for Trainer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Trainer").field("classes", &self.classes).finish_non_exhaustive()
    }
}

impl Trainer {
    /// Begins a training, which is LightGBM's own with the same settings and `seed`: no tree yet.
    /// The probabilities of the rows in `sets`, each `[rows, columns]`, are kept up on the way.
    ///
    /// # Errors
    /// [`TrainerError`] where settings, rows, labels, weights or categories are not what LightGBM
    /// takes.
    pub fn new(
        library: &Library,
        train: &TrainRows,
        sets: &[&Matrix],
        settings: &Settings,
        seed: i32,
    ) -> Result<Self, TrainerError> {
        settings.check()?;
        check(train, sets)?;
        settings.check_bag(train.features.rows())?;
        let &TrainRows { features, labels, classes, class_weights, categorical, names } = train;
        let parameters = settings.parameters(&Task { classes, categorical, seed });
        let mut rows = Dataset::new(library, features, &parameters, None)?;
        rows.set_names(&sanitised(names, features.columns()))?;
        rows.set_labels(&labels.iter().map(|&label| label as f32).collect::<Vec<_>>())?;
        if let Some(weights) = class_weights {
            let weight = |&label: &u32| weights[label as usize] as f32;
            rows.set_weights(&labels.iter().map(weight).collect::<Vec<_>>())?;
        }
        let (mut datasets, mut places) = (Vec::new(), Vec::new());
        for set in sets {
            // LightGBM has no datasets without rows.
            let has_rows = set.rows() > 0;
            if has_rows {
                datasets.push(Dataset::new(library, set, &parameters, Some(&rows))?);
            }
            places.push(has_rows.then_some(datasets.len()));
        }
        let session = Session::new(rows, datasets, &parameters)?;
        Ok(Self { session, classes, sets: places, draws: settings.draws() })
    }

    /// Trains one iteration more, and says whether the training is finished: no tree of the
    /// iteration could be split, and it is the same in every round from here on. Where rows or
    /// columns are drawn at random such a round is skipped, and the next may succeed, as it may for
    /// Python's `lightgbm.train`.
    ///
    /// # Errors
    /// [`TrainerError::EmptySide`] and [`TrainerError::Call`] when LightGBM fails.
    pub fn round(&mut self) -> Result<bool, TrainerError> {
        let is_unsplit = self.session.update().map_err(|error| {
            let is_empty =
                error.0.contains("best_split_info.") && error.0.contains("_count) > (0)");
            if is_empty { TrainerError::EmptySide } else { error.into() }
        })?;
        Ok(is_unsplit && !self.draws)
    }

    /// Iterations of the model so far: the rounds that could split a tree, and the first in any case.
    ///
    /// # Errors
    /// [`TrainerError::Call`] when LightGBM fails.
    pub fn iterations(&mut self) -> Result<usize, TrainerError> {
        Ok(self.session.iterations()?)
    }

    /// The classes' probabilities after the last round, `[rows, classes]`; equal ones before the
    /// first. They are sums that LightGBM keeps up, and were those of [`Booster::probabilities`] to the
    /// bit in every training tried.
    ///
    /// # Errors
    /// [`TrainerError::Call`] when LightGBM fails, or there is no such set.
    pub fn probabilities(&mut self, rows: Rows) -> Result<Vec<f64>, TrainerError> {
        let place = match rows {
            Rows::Train => Some(0),
            Rows::Set(set) => {
                let no_set = || CallError(format!("there is no set {set}"));
                *self.sets.get(set).ok_or_else(no_set)?
            }
        };
        let Some(place) = place else { return Ok(Vec::new()) };
        let by_class = self.session.predictions(place)?;
        if self.classes == 2 {
            return Ok(both(by_class.into_iter()));
        }
        let rows = by_class.len() / self.classes;
        let of_row = |row| (0..self.classes).map(move |class| class * rows + row);
        Ok((0..rows).flat_map(of_row).map(|at| by_class[at]).collect())
    }

    /// The text of the model's first iterations; of all where there are no more. It is the text of
    /// a training with as many `num_iterations`, to the byte.
    ///
    /// # Errors
    /// [`TrainerError::Untrained`] before the first round and for no iterations.
    pub fn text(&mut self, iterations: usize) -> Result<String, TrainerError> {
        let iterations = iterations.min(self.iterations()?);
        if iterations == 0 {
            return Err(TrainerError::Untrained);
        }
        Ok(with_iterations(&self.session.text(iterations)?, iterations))
    }

    /// The model of the first iterations, ready to predict; see [`Trainer::text`].
    ///
    /// # Errors
    /// As [`Trainer::text`], and [`TrainerError::Text`] where numbers overflowed.
    pub fn booster(&mut self, iterations: usize) -> Result<Booster, TrainerError> {
        Ok(Booster::parse(self.text(iterations)?)?)
    }
}

/// Checks rows, labels, weights and categories.
fn check(train: &TrainRows, sets: &[&Matrix]) -> Result<(), TrainerError> {
    train.check(sets)?;
    let (features, columns) = (train.features, train.features.columns());
    for &column in train.categorical {
        // Of the rows to train on alone: in others an unknown category is no error.
        let values = features.values().iter().skip(column).step_by(columns);
        if let Some(&value) = values.clone().find(|value| **value >= CATEGORIES) {
            return Err(TrainerError::Category { column, value });
        }
    }
    Ok(())
}
