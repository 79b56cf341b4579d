//! Trials trained once more, for their networks: a sweep keeps those of the best alone.

use std::sync::atomic::AtomicBool;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::jobs::Job;
use super::memory::Memory;
use super::run::Settings;
use super::trials::Trial;
use crate::engine::{Engine, EngineError, Pack};
use crate::network::Weights;
use crate::train::{self, EpochRow, Follower, MemberOutcome, PartScores, Schedule};

/// Why trials cannot be trained once more.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// The engine gave up, or the run is to stop.
    #[error("trial {trial}: {source}")]
    Engine {
        /// The trial.
        trial: usize,
        /// What was wrong.
        source: EngineError,
    },
    /// It does not fit into memory.
    #[error("trial {trial}: {reason}")]
    Memory {
        /// The trial.
        trial: usize,
        /// What it takes.
        reason: String,
    },
    /// Its loss stopped being finite.
    #[error("trial {trial} diverged when it was trained on train and validation rows")]
    Diverged {
        /// The trial.
        trial: usize,
    },
    /// No threads can be had.
    #[error(transparent)]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// A network that was trained once more.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The epoch whose weights these are.
    pub epoch: u32,
    /// Its scores on the validation rows.
    pub valid: PartScores,
    /// The weights.
    pub weights: Weights,
}

/// Trains each of the trials on every fold, and gives the networks of their best epochs,
/// `[trials][folds]`.
///
/// # Errors
/// [`AgainError`].
pub fn train_again(
    engine: &dyn Engine,
    trials: &[&Trial],
    settings: &Settings,
    stop: &AtomicBool,
) -> Result<Vec<Vec<Trained>>, AgainError> {
    let whole: Vec<_> = trials.iter().map(|&trial| (trial, trial.epochs)).collect();
    each(&whole, engine, settings, stop, |job, _, pack| {
        let schedule = Schedule {
            members: job.courses(settings),
            lengths: job.lengths(),
            rank_by: settings.rank_by,
            restore_best: settings.restore_best,
        };
        let mut keeper = Keeper::default();
        train::train(pack, &schedule, &mut keeper)?;
        Ok(keeper.kept)
    })
}

/// Trains each of the trials for so many epochs on the rows of a single fold, which needs no
/// validation rows, and gives the last weights.
///
/// # Errors
/// [`AgainError`].
pub fn refit(
    engine: &dyn Engine,
    trials: &[(&Trial, u32)],
    settings: &Settings,
    stop: &AtomicBool,
) -> Result<Vec<Weights>, AgainError> {
    let refitted = each(trials, engine, settings, stop, |job, epochs, pack| {
        // A job has a course for each fold.
        let course = job.courses(settings).swap_remove(0);
        train::refit(pack, &course, epochs)
    })?;
    let sound = |((trial, _), (weights, loss)): (&(&Trial, u32), (Weights, f64))| {
        let diverged = AgainError::Diverged { trial: trial.number };
        if loss.is_finite() { Ok(weights) } else { Err(diverged) }
    };
    trials.iter().zip(refitted).map(sound).collect()
}

/// Does something with a pack of each trial alone, on all folds; results are in the order of the
/// trials, whatever the number of threads.
fn each<T: Send>(
    trials: &[(&Trial, u32)],
    engine: &dyn Engine,
    settings: &Settings,
    stop: &AtomicBool,
    train: impl Fn(&Job, u32, Box<dyn Pack + '_>) -> Result<T, EngineError> + Sync,
) -> Result<Vec<T>, AgainError> {
    let memory = Memory::new(settings.memory);
    let one = |&(trial, epochs): &(&Trial, u32)| {
        let job = Job::alone(trial.clone());
        let trial = trial.number;
        let engine_error = |source| AgainError::Engine { trial, source };
        let (plan, bytes) = (job.pack(settings), job.bytes(engine, settings));
        if let Some(refused) = memory.refuse(bytes, plan.architecture.parameters()) {
            return Err(AgainError::Memory { trial, reason: refused.to_string() });
        }
        let share = memory.take(bytes, stop).ok_or(engine_error(EngineError::Stopped))?;
        let worker = rayon::current_thread_index().unwrap_or(0);
        let pack = engine.start(&plan, worker, stop).map_err(engine_error)?;
        let trained = train(&job, epochs, pack).map_err(engine_error);
        drop(share);
        trained
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.workers).build()?;
    pool.install(|| trials.par_iter().map(one).collect())
}

/// Keeps the networks of a pack's best epochs.
#[derive(Default)]
struct Keeper {
    kept: Vec<Trained>,
}

impl Follower for Keeper {
    fn epoch(&mut self, _: &[Option<EpochRow>]) {}

    fn length(
        &mut self,
        _: u32,
        outcomes: &[MemberOutcome],
        weights: &dyn Fn(usize) -> Result<Weights, EngineError>,
    ) -> Result<(), EngineError> {
        for (member, outcome) in outcomes.iter().enumerate() {
            if let Some(best) = &outcome.best {
                let weights = weights(member)?;
                self.kept.push(Trained { epoch: best.epoch, valid: best.valid, weights });
            }
        }
        Ok(())
    }
}
