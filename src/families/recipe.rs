//! What the sweep asks of a trial's hyperparameters.

use std::sync::atomic::AtomicBool;

use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use crate::engine::Engine;
use crate::examples::Fold;
use crate::random::Streams;
use crate::spec::{ClassWeight, EarlyStopping, Fixed, Never, Params};

/// What models are trained with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Trains networks.
    pub engine: &'a dyn Engine,
    /// The rows.
    pub data: &'a Dataset<'a>,
    /// Settings of the networks' optimizers.
    pub fixed: &'a Fixed,
    /// Whether evaluations have [`crate::metrics::ProbabilityScores`].
    pub needs_probabilities: bool,
    /// When it is raised, training ends in [`FitError::Stopped`] before long.
    pub stop: &'a AtomicBool,
}

/// A model to be trained: hyperparameters on the rows of a fold.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The hyperparameters.
    pub params: &'a Params,
    /// Where the rows stand in the [`Dataset`].
    pub place: usize,
    /// The rows.
    pub fold: &'a Fold,
    /// What the rows of each class count, `[classes]`; `None` where all count the same.
    pub class_weights: Option<Vec<f32>>,
    /// Its random numbers.
    pub streams: Streams,
}

/// What training takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// Bytes of memory.
    pub bytes: f64,
    /// What takes them, for messages: `a network of 300 weights`.
    pub what: String,
    /// How to make it smaller, for messages.
    pub remedy: &'static str,
}

/// The hyperparameters of a trial as the sweep sees them, whatever the family.
pub trait Recipe {
    /// For how many rounds it is trained, at most.
    fn rounds(&self) -> u32;

    /// Seed of the trial; `None` where nothing in the family is drawn by chance.
    fn seed(&self) -> Option<u64> {
        None
    }

    /// What the rows of each class count; `None` where the family has no such axis.
    fn class_weight(&self) -> Option<&ClassWeight> {
        None
    }

    /// When training ends before its last round.
    fn early_stopping(&self) -> EarlyStopping {
        EarlyStopping::Never(Never::None)
    }

    /// Whether its rounds are a budget, of which the best one on validation rows is taken. Otherwise
    /// they are what the model is made of, and it has all of them.
    fn picks_round(&self) -> bool {
        false
    }

    /// Name and version of the library that it is trained with, where that is none of forewarn's own.
    ///
    /// # Errors
    /// [`FitError`] where it cannot be had.
    fn library(&self) -> Result<Option<(&'static str, &'static str)>, FitError> {
        Ok(None)
    }

    /// Whether it can be trained on the rows of a preparation, as far as can be told before.
    ///
    /// # Errors
    /// The axis that is wrong, and why.
    fn check(&self, _: &Dataset<'_>, _preparation: usize) -> Result<(), (&'static str, String)> {
        Ok(())
    }

    /// A text that is equal for trials that can be trained side by side in one job.
    fn shape(&self) -> String {
        self.own()
    }

    /// A text that is equal for trials of one shape that differ in nothing but their rounds, so that
    /// the shorter training is the longer one's beginning.
    fn own(&self) -> String;

    /// How many trainings share a job, at most.
    fn pack_size(&self, _engine: &dyn Engine) -> usize {
        1
    }

    /// About how long a round takes, in multiplications a train row; only ratios matter.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64;

    /// About what a job of `members` takes.
    fn size(&self, members: &[Member<'_>], cx: &Context<'_>) -> Size;

    /// The most bytes that [`Fitted::to_bytes`] can have, on the rows of a preparation.
    fn most_bytes(&self, data: &Dataset<'_>, preparation: usize) -> f64;

    /// Starts the members of a job, which are all of this family. `worker` is the thread's number.
    ///
    /// # Errors
    /// [`FitError`].
    fn start<'a>(
        &self,
        members: Vec<Member<'a>>,
        worker: usize,
        cx: &Context<'a>,
    ) -> Result<Box<dyn Learner + 'a>, FitError>;

    /// The model of [`Fitted::to_bytes`], trained on the rows of a fold; `None` where the bytes are of
    /// none.
    fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted>;
}
