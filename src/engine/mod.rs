//! What trains a pack of networks.
//!
//! A pack is a set of networks of one shape (layers, batch size, optimizer), trained together; its
//! members differ in learning rate, weight decay, dropout, class weights, other regularisers, seed
//! and fold. [`Engine`] is the border between the epoch loop and the arithmetic: no tensor crosses
//! it. Two engines implement it: [`native`] for the CPU, and [`torch`] for every device of
//! libtorch, the engine of CUDA and the reference of the other in tests.

pub mod device;
mod draws;
pub mod native;
mod rate_factors;
mod regularisers;
pub mod torch;

use std::sync::atomic::AtomicBool;

use crate::examples::{Fold, Matrix, Part};
use crate::metrics::{Confusion, MetricsError, ProbabilityScores};
use crate::network::{Architecture, Embedding, Weights};
use crate::random::Streams;
use native::NativeEngine;
pub use rate_factors::RateFactors;
pub use regularisers::Regularisers;
use torch::{Placement, TorchEngine};

/// What an engine could not do.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// libtorch refused an operation, for want of memory for example.
    #[error("libtorch: {0}")]
    Libtorch(String),
    /// The run is to stop.
    #[error("stopped")]
    Stopped,
    /// Weights were asked for of a network that has left its pack.
    #[error("network {member} has left its pack")]
    Left {
        /// Its place in the plan.
        member: usize,
    },
    /// The predictions do not fit the classes.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}

/// An optimizer with the settings that all members share; definitions are PyTorch's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptimizerSettings {
    /// `torch.optim.SGD`, dampening 0.
    Sgd {
        /// Momentum.
        momentum: f64,
        /// Nesterov's form of momentum.
        nesterov: bool,
    },
    /// `torch.optim.Adam`, or `AdamW` where weight decay is decoupled.
    Adam {
        /// Decay of the running means.
        betas: (f64, f64),
        /// Added to the denominator.
        eps: f64,
        /// Weight decay shrinks the weights instead of adding to the gradient.
        decoupled: bool,
    },
    /// `torch.optim.RMSprop`, not centered.
    RmsProp {
        /// Decay of the running mean square.
        alpha: f64,
        /// Added to the denominator.
        eps: f64,
        /// Momentum.
        momentum: f64,
    },
}

impl OptimizerSettings {
    /// What is added to the denominator; zero where there is none.
    fn eps(&self) -> f64 {
        match *self {
            Self::Sgd { .. } => 0.0,
            Self::Adam { eps, .. } | Self::RmsProp { eps, .. } => eps,
        }
    }
}

/// What is a network's own within a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Step size, before a schedule's factor.
    pub learning_rate: f64,
    /// Weight decay, of all weights and biases as PyTorch does.
    pub weight_decay: f64,
    /// Probability of zeroing a hidden unit.
    pub dropout: f64,
    /// The weight of the rows of each class in the loss that a step minimises, `[classes]`, above 0: a
    /// batch's loss is the weighted mean of its rows' (`weight` of `torch.nn.CrossEntropyLoss`).
    /// `None` if all weigh the same. The losses that a pack reports are never weighted.
    pub class_weights: Option<Vec<f32>>,
    /// What else keeps it from learning its train rows by heart.
    pub regularisers: Regularisers,
    /// Which of the engine's folds it trains on.
    pub fold: usize,
    /// Its random numbers.
    pub streams: Streams,
}

/// A pack to train: what its members share, and the members.
#[derive(Debug, Clone, PartialEq)]
pub struct PackPlan {
    /// The layers, where they are largest of any of their folds: the rows of a fold may lack a
    /// category, and its networks have as many inputs as they, and embed those that are numbers there.
    pub architecture: Architecture,
    /// Rows a step; the last step of an epoch takes what is left.
    pub batch_size: usize,
    /// The optimizer.
    pub optimizer: OptimizerSettings,
    /// Whether evaluations have [`ProbabilityScores`].
    pub needs_probabilities: bool,
    /// The networks.
    pub members: Vec<Member>,
}

/// Loss and accuracy of a network on a part of the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossAccuracy {
    /// Mean cross-entropy.
    pub loss: f64,
    /// Share of rows predicted correctly.
    pub accuracy: f64,
}

/// An exact evaluation on a part of the rows, with weights at rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Mean cross-entropy.
    pub loss: f64,
    /// Counts of true and predicted classes.
    pub confusion: Confusion,
    /// What the probabilities tell, where they were asked for and are numbers.
    pub probabilities: Option<ProbabilityScores>,
}

impl PackPlan {
    /// The layers of a network on rows of so many inputs, those at the places `numbers` being numbers.
    fn on(&self, inputs: usize, numbers: &[usize]) -> Architecture {
        let embedding = self.architecture.embedding.clone().filter(|_| !numbers.is_empty());
        let embedding =
            embedding.map(|embedding| Embedding { numbers: numbers.to_vec(), ..embedding });
        Architecture { inputs, embedding, ..self.architecture.clone() }
    }
}

/// Trains packs on the folds that it was built with.
pub trait Engine: Sync {
    /// The name in run.json.
    fn name(&self) -> &'static str;

    /// How many networks to put into one pack, at most, each on all folds.
    fn pack_size(&self) -> usize;

    /// About the memory that a pack takes while it is trained, in bytes, on the device that trains.
    fn bytes(&self, plan: &PackPlan) -> f64;

    /// Starts a pack with its first weights. `worker` is the thread's number; an engine with
    /// several devices gives each worker its own. When `stop` is raised, passes over the rows end
    /// in [`EngineError::Stopped`] within a step.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice.
    fn start<'a>(
        &'a self,
        plan: &PackPlan,
        worker: usize,
        stop: &'a AtomicBool,
    ) -> Result<Box<dyn Pack + 'a>, EngineError>;

    /// Logits `[rows, classes]` of one network.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice.
    fn logits(
        &self,
        architecture: &Architecture,
        weights: &Weights,
        rows: &Matrix,
    ) -> Result<Vec<f32>, EngineError>;
}

/// Which engine the user asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineChoice {
    /// Native on the CPU, torch on CUDA devices
    #[default]
    Auto,
    /// Forewarn's own, for the CPU
    Native,
    /// Libtorch, for the CPU and CUDA
    Torch,
}

/// The engine that trains on the folds.
///
/// # Errors
/// [`EngineError`] when memory of a device does not suffice.
pub fn choose<'a>(
    choice: EngineChoice,
    placement: &Placement,
    folds: &'a [Fold],
) -> Result<Box<dyn Engine + 'a>, EngineError> {
    let native = match choice {
        EngineChoice::Auto => placement.on_cpu() && NativeEngine::is_fast(),
        choice => choice == EngineChoice::Native,
    };
    Ok(if native {
        Box::new(NativeEngine::new(folds))
    } else {
        Box::new(TorchEngine::new(placement, folds)?)
    })
}

/// Networks in training.
pub trait Pack {
    /// One pass over the train rows in a new order; for every member the running means over the
    /// epoch's batches, each row's under the weights of its step. `factors` holds those of every
    /// member's learning rate.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice, or the run is stopping.
    fn train_epoch(&mut self, factors: &[RateFactors]) -> Result<Vec<LossAccuracy>, EngineError>;

    /// An exact evaluation on a part of the rows; a value for every member.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice, or the run is stopping.
    fn evaluate(&mut self, part: Part, weights: Snapshot) -> Result<Vec<Evaluation>, EngineError>;

    /// Remembers the current weights of the members marked `true` as their best.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice.
    fn keep_best(&mut self, improved: &[bool]) -> Result<(), EngineError>;

    /// The best weights of a member, on the host.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice.
    fn best_weights(&self, member: usize) -> Result<Weights, EngineError>;

    /// Lets the members that are not marked leave the pack; the others close up, in order, and
    /// continue as if nothing had happened.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice.
    fn retain(&mut self, stay: &[bool]) -> Result<(), EngineError>;
}

/// Which weights to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapshot {
    /// Those of the last step.
    Current,
    /// Those last kept by [`Pack::keep_best`].
    Best,
}
