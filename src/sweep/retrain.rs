//! Retraining: a sweep keeps only the best model of each family, so other trials are trained again for theirs.

use super::jobs::Job;
use super::memory::Memory;
use super::run::Settings;
use super::trials::Trial;
use super::workers::on_workers;
use crate::families::{Context, FitError, Fitted, Learner};
use crate::train::{self, EpochRow, Follower, MemberOutcome, PartScores};

/// Why trials cannot be trained again.
#[derive(Debug, thiserror::Error)]
pub enum RetrainError {
    /// Its learner gave up, or the run is stopping.
    #[error("trial {trial}: {source}")]
    Fit {
        /// The trial.
        trial: usize,
        /// What was wrong.
        source: FitError,
    },
    /// It does not fit into memory.
    #[error("trial {trial}: {reason}")]
    Memory {
        /// The trial.
        trial: usize,
        /// The memory that it needs.
        reason: String,
    },
    /// Its loss stopped being finite.
    #[error("trial {trial} diverged when it was trained again")]
    Diverged {
        /// The trial.
        trial: usize,
    },
    /// Threads are not available.
    #[error(transparent)]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// A model that was trained again.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The round of the model.
    pub epoch: u32,
    /// Its scores on the validation rows.
    pub valid: PartScores,
    /// The model.
    pub fitted: Fitted,
}

/// Trains each of the trials on every fold, and gives the models of their best rounds,
/// `[trials][folds]`.
///
/// # Errors
/// [`RetrainError`].
pub fn retrain(
    cx: &Context<'_>,
    trials: &[&Trial],
    settings: &Settings<'_>,
) -> Result<Vec<Vec<Trained>>, RetrainError> {
    let whole: Vec<_> = trials.iter().map(|&trial| (trial, trial.rounds())).collect();
    each(&whole, cx, settings, |job, _, learner| {
        let mut keeper = Keeper::default();
        train::train(learner, &job.schedule(settings), &mut keeper)?;
        Ok(keeper.kept)
    })
}

/// Trains each of the trials for that many rounds on the rows of a single fold, which needs no
/// validation rows, and gives the last models.
///
/// # Errors
/// [`RetrainError`].
pub fn refit(
    cx: &Context<'_>,
    trials: &[(&Trial, u32)],
    settings: &Settings<'_>,
) -> Result<Vec<Fitted>, RetrainError> {
    let refitted = each(trials, cx, settings, |_, rounds, learner| train::refit(learner, rounds))?;
    let sound = |((trial, _), fitted): (&(&Trial, u32), Option<Fitted>)| {
        fitted.ok_or(RetrainError::Diverged { trial: trial.number })
    };
    trials.iter().zip(refitted).map(sound).collect()
}

/// Applies `train` to the learner of each trial, on all folds; results are in the order of the
/// trials, whatever the number of threads.
fn each<T: Send>(
    trials: &[(&Trial, u32)],
    cx: &Context<'_>,
    settings: &Settings<'_>,
    train: impl Fn(&Job, u32, Box<dyn Learner + '_>) -> Result<T, FitError> + Sync,
) -> Result<Vec<T>, RetrainError> {
    let memory = Memory::new(settings.memory);
    let one = |&(trial, rounds): &(&Trial, u32)| {
        let job = Job::alone(trial.clone());
        let trial = trial.number;
        let fit_error = |source| RetrainError::Fit { trial, source };
        let size = job.size(cx, settings);
        if let Some(refused) = memory.refuse(&size) {
            return Err(RetrainError::Memory { trial, reason: refused.to_string() });
        }
        let share = memory.take(size.bytes, cx.stop).ok_or(fit_error(FitError::Stopped))?;
        let worker = rayon::current_thread_index().unwrap_or(0);
        let learner = job.recipe().start(job.members(settings), worker, cx).map_err(fit_error)?;
        let trained = train(&job, rounds, learner).map_err(fit_error);
        drop(share);
        trained
    };
    on_workers(settings.workers, trials, one)?.into_iter().collect()
}

/// Keeps the models of a job's best rounds.
#[derive(Default)]
struct Keeper {
    kept: Vec<Trained>,
}

impl Follower for Keeper {
    fn round(&mut self, _: &[Option<EpochRow>], _: usize) {}

    fn length(
        &mut self,
        _: u32,
        outcomes: &[MemberOutcome],
        fitted: &dyn Fn(usize) -> Result<Fitted, FitError>,
    ) -> Result<(), FitError> {
        for (member, outcome) in outcomes.iter().enumerate() {
            if let Some(best) = &outcome.best {
                let fitted = fitted(member)?;
                self.kept.push(Trained { epoch: best.epoch, valid: best.valid, fitted });
            }
        }
        Ok(())
    }
}
