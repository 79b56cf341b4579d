//! Learners: they train models, round by round.

use super::fitted::Fitted;
use crate::boosting::{TextError, TrainerError};
use crate::engine::{EngineError, Evaluation, LossAccuracy, Snapshot};
use crate::examples::Part;
use crate::logistic::LogisticError;
use crate::metrics::MetricsError;
use crate::neighbours::NeighboursError;
use crate::trees::ForestError;
use crate::xgboost;

/// Why a model cannot be trained, or cannot predict.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// The run is to stop.
    #[error("stopped")]
    Stopped,
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
    /// The model of a member that has left its job was requested.
    #[error("member {member} has left its job")]
    Left {
        /// Its place among the members.
        member: usize,
    },
    /// The library that trains a family is not available.
    #[error("{0}")]
    Library(String),
    /// LightGBM failed.
    #[error(transparent)]
    Boosting(#[from] TrainerError),
    /// A booster cannot predict.
    #[error(transparent)]
    Booster(#[from] TextError),
    /// XGBoost failed.
    #[error(transparent)]
    Xgboost(#[from] xgboost::TrainerError),
    /// A model of XGBoost's cannot predict.
    #[error(transparent)]
    XgboostModel(#[from] xgboost::TextError),
    /// A forest cannot be grown.
    #[error(transparent)]
    Forest(#[from] ForestError),
    /// There are no neighbours to be found.
    #[error(transparent)]
    Neighbours(#[from] NeighboursError),
    /// A logistic regression cannot be fitted.
    #[error(transparent)]
    Logistic(#[from] LogisticError),
    /// The predictions do not fit the classes.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}

impl From<EngineError> for FitError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Stopped => Self::Stopped,
            error => Self::Engine(error),
        }
    }
}

/// The members of a job in training. Each answer has a value for every member, in order.
pub trait Learner {
    /// One round of training; returns whether each member can continue.
    ///
    /// # Errors
    /// [`FitError`] when memory does not suffice, or the run is stopping.
    fn round(&mut self) -> Result<Vec<bool>, FitError>;

    /// Loss and accuracy on train rows, as the last round's curve shows them.
    ///
    /// # Errors
    /// As [`Learner::round`].
    fn progress(&mut self) -> Result<Vec<LossAccuracy>, FitError>;

    /// An exact evaluation on a part of the rows.
    ///
    /// # Errors
    /// As [`Learner::round`].
    fn evaluate(&mut self, part: Part, at: Snapshot) -> Result<Vec<Evaluation>, FitError>;

    /// Whether its training depends on the losses that it observes.
    fn is_observant(&self) -> bool {
        false
    }

    /// Observes the losses that a schedule depends on: of validation rows or, without any, of
    /// train rows.
    fn observe(&mut self, _losses: &[f64]) {}

    /// Remembers the models of the members marked `true`, as they are now, as their best.
    ///
    /// # Errors
    /// As [`Learner::round`].
    fn keep_best(&mut self, improved: &[bool]) -> Result<(), FitError>;

    /// The best model of a member.
    ///
    /// # Errors
    /// As [`Learner::round`].
    fn best(&self, member: usize) -> Result<Fitted, FitError>;

    /// Lets the members that are not marked leave; the others close up, in order, and continue as if
    /// nothing had happened.
    ///
    /// # Errors
    /// As [`Learner::round`].
    fn retain(&mut self, stay: &[bool]) -> Result<(), FitError>;
}
