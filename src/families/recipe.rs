//! What the sweep needs to know of a trial's hyperparameters.

use std::sync::atomic::AtomicBool;

use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use crate::engine::Engine;
use crate::examples::Fold;
use crate::random::Streams;
use crate::spec::{ClassWeight, EarlyStopping, Fixed, Never, Params};

/// The context of training.
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
    /// Once it is set, training soon ends with [`FitError::Stopped`].
    pub stop: &'a AtomicBool,
}

/// A model to be trained: hyperparameters on the rows of a fold.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The hyperparameters.
    pub params: &'a Params,
    /// The place of the rows in the [`Dataset`].
    pub place: usize,
    /// The rows.
    pub fold: &'a Fold,
    /// The weight of the rows of each class, `[classes]`; `None` where all weigh the same.
    pub class_weights: Option<Vec<f32>>,
    /// Its random numbers.
    pub streams: Streams,
}

/// The memory that training takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// Bytes of memory.
    pub bytes: f64,
    /// What takes it, for messages: `a network of 300 weights`.
    pub what: String,
    /// How to make it smaller, for messages.
    pub remedy: &'static str,
}

/// The hyperparameters of a trial as the sweep sees them, whatever the family.
pub trait Recipe {
    /// The most rounds that it is trained for.
    fn rounds(&self) -> u32;

    /// Seed of the trial; `None` where nothing in the family is drawn at random.
    fn seed(&self) -> Option<u64> {
        None
    }

    /// The weight of the rows of each class; `None` where the family has no such axis.
    fn class_weight(&self) -> Option<&ClassWeight> {
        None
    }

    /// The rule by which training ends before its last round.
    fn early_stopping(&self) -> EarlyStopping {
        EarlyStopping::Never(Never::None)
    }

    /// Whether its rounds are a budget, of which the best one on validation rows is taken. Otherwise
    /// they are what the model is made of, and it has all of them.
    fn picks_round(&self) -> bool {
        false
    }

    /// Name and version of the external library that trains it, if there is one.
    ///
    /// # Errors
    /// [`FitError`] where it is not available.
    fn library(&self) -> Result<Option<(&'static str, &'static str)>, FitError> {
        Ok(None)
    }

    /// Checks that it can be trained on the rows of a preparation, as far as is known in advance.
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

    /// A text that is equal for trials of one shape that differ only in their rounds, so that
    /// the shorter training is the longer one's beginning.
    fn own(&self) -> String;

    /// The most trainings that share a job.
    fn pack_size(&self, _engine: &dyn Engine) -> usize {
        1
    }

    /// The approximate cost of a round, in multiplications per train row; only ratios matter.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64;

    /// The approximate memory of a job of `members`.
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
