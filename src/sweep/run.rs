//! The parallel run: workers take the jobs in order, results are kept by trial, and the best models are kept.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::job_run::JobRun;
use super::jobs::Job;
use super::memory::{Memory, MemoryLimit};
use super::out_of_fold::{Candidates, Kept, OutOfFold};
use super::trials::Trial;
use super::workers::on_workers;
use crate::engine::Engine;
use crate::families::{Context, Dataset, FitError, Fitted};
use crate::metrics::Score;
use crate::spec::{Family, Fixed};
use crate::train::{EpochRow, PartScores};

/// The settings that all jobs of a run share.
#[derive(Debug, Clone)]
pub struct Settings<'a> {
    /// The prepared rows.
    pub data: Dataset<'a>,
    /// Settings of the optimizers.
    pub fixed: &'a Fixed,
    /// The ranking score.
    pub rank_by: Score,
    /// Whether a model whose rounds are a budget is that of its best round, or of its last.
    pub restore_best: bool,
    /// The number of rounds between rows of the curves.
    pub curve_every: u32,
    /// The run's seed.
    pub seed: u64,
    /// Number of worker threads.
    pub workers: usize,
    /// Memory for the jobs.
    pub memory: MemoryLimit,
    /// The trials whose out-of-fold predictions are kept, where a quarter of the memory holds them.
    pub candidates: Candidates,
}

impl<'a> Settings<'a> {
    /// Room for the predictions of candidates among so many trials, and the memory that it leaves for jobs.
    fn kept(&self, trials: usize) -> (Kept, Memory) {
        let rows: usize = self.data.folds(0).iter().map(|fold| fold.valid.labels.len()).sum();
        let numbers = rows * self.data.classes();
        let (kept, bytes) = Kept::within(self.memory.total, self.candidates, trials, numbers);
        let total = self.memory.total - bytes;
        (kept, Memory::new(MemoryLimit { total, ..self.memory }))
    }

    /// What models are trained with, until `stop` is raised.
    pub fn context(&'a self, engine: &'a dyn Engine, stop: &'a AtomicBool) -> Context<'a> {
        Context {
            engine,
            data: &self.data,
            fixed: self.fixed,
            needs_probabilities: self.rank_by.needs_probabilities(),
            stop,
        }
    }
}

/// One row of curves.csv.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveRow<'a> {
    /// Its trial.
    pub trial: &'a Trial,
    /// The fold.
    pub fold: usize,
    /// Loss and accuracy.
    pub epoch: EpochRow,
}

/// Observes a run. Calls come from the worker threads: the epochs of a trial in order, but jobs
/// overlap.
pub trait Observer: Sync {
    /// A round of a job has ended: rows of the trials that still train, and how many members were
    /// trained for them.
    fn round_ended(&self, rows: &[CurveRow<'_>], members: usize);
    /// Trials have ended. `best` is given where one of them is the best of its family so far.
    fn trials_ended(&self, results: &[TrialResult], best: Option<&Winner>);
}

/// The outcome of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Trained on every fold to its last epoch, or until it stopped early.
    Finished,
    /// Its loss stopped being finite at this epoch.
    Diverged(u32),
    /// Its job failed, for this reason.
    Failed(String),
}

/// A trial's row of trials.csv.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialResult {
    /// The trial.
    pub trial: Trial,
    /// Its outcome.
    pub status: Status,
    /// The best epoch, with folds the rounded mean of theirs; `None` unless finished.
    pub best_epoch: Option<u32>,
    /// For how many epochs it was trained, with folds the rounded mean of theirs; `None` unless
    /// finished.
    pub epochs_trained: Option<u32>,
    /// Train, validation and test scores at the best epoch, means over the folds.
    pub scores: Option<[PartScores; 3]>,
    /// Those of each fold at its own best epoch; none unless finished.
    pub folds: Vec<[PartScores; 3]>,
    /// Its share of the time that its pack took until its last epoch.
    pub elapsed_s: f64,
}

impl TrialResult {
    /// The standard deviations of its scores over the folds; `None` unless it finished on several.
    pub fn deviations(&self) -> Option<[PartScores; 3]> {
        (self.folds.len() > 1).then(|| by_part(&self.folds, PartScores::deviation))
    }

    /// Whether it ranks above `other`; equals rank by number.
    pub fn beats(&self, other: &Self, rank_by: Score) -> bool {
        match (&self.scores, &other.scores) {
            (Some([_, ours, _]), Some([_, theirs, _])) => {
                ours.beats(theirs, rank_by)
                    || (!theirs.beats(ours, rank_by) && self.trial.number < other.trial.number)
            }
            (Some(_), None) => true,
            _ => false,
        }
    }
}

/// A statistic of the scores of several folds, part by part.
pub fn by_part(
    folds: &[[PartScores; 3]],
    figure: fn(&[PartScores]) -> PartScores,
) -> [PartScores; 3] {
    std::array::from_fn(|part| figure(&folds.iter().map(|fold| fold[part]).collect::<Vec<_>>()))
}

/// A model to keep.
#[derive(Debug, Clone)]
pub struct Winner {
    /// Its trial, with scores.
    pub result: TrialResult,
    /// The fold whose model is kept: with folds, the one with the best validation score.
    pub fold: usize,
    /// The round at which the model is kept.
    pub epoch: u32,
    /// The model.
    pub fitted: Fitted,
}

/// The outcome of a run: trials that have ended, before this session or in it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Ended trials; after a run best first, then those that did not finish, by number.
    pub results: Vec<TrialResult>,
    /// The best of each family.
    pub winners: BTreeMap<Family, Winner>,
    /// What candidates for final models that ended in this session predict, if there was room to keep it.
    pub out_of_fold: OutOfFold,
}

impl Outcome {
    /// The best of all.
    pub fn winner(&self, rank_by: Score) -> Option<&Winner> {
        self.winners
            .values()
            .reduce(|one, other| if other.result.beats(&one.result, rank_by) { other } else { one })
    }

    /// Drops the trials to train again: those that failed, since the cause may be
    /// gone, and those that rank above the saved model of their family, as only in a damaged
    /// record.
    pub fn drop_unsound(&mut self, rank_by: Score) {
        // By its number: a score may not be a number, which is equal to nothing.
        let finished = |result: &TrialResult, number: usize| {
            result.trial.number == number && result.status == Status::Finished
        };
        let Self { results, winners, .. } = self;
        winners.retain(|_, winner| {
            results.iter().any(|result| finished(result, winner.result.trial.number))
        });
        results.retain(|result| match (&result.status, winners.get(&result.trial.family())) {
            (Status::Failed(_), _) | (Status::Finished, None) => false,
            (Status::Finished, Some(winner)) => !result.beats(&winner.result, rank_by),
            (Status::Diverged(_), _) => true,
        });
    }
}

/// A run in progress.
pub(super) struct Run<'a> {
    pub cx: Context<'a>,
    pub settings: &'a Settings<'a>,
    pub observer: &'a dyn Observer,
    pub memory: Memory,
    kept: Kept,
    results: Mutex<Vec<TrialResult>>,
    winners: Mutex<BTreeMap<Family, Winner>>,
}

/// Trains jobs, continuing from the outcome of earlier sessions. It ends early when the context's
/// flag is raised.
///
/// # Errors
/// When the worker threads cannot be started; a failure of a trial is its status.
pub fn run(
    cx: Context<'_>,
    mut jobs: Vec<Job>,
    settings: &Settings<'_>,
    past: Outcome,
    observer: &dyn Observer,
) -> Result<Outcome, rayon::ThreadPoolBuildError> {
    // The longest first, so that at the end no worker waits long for another; equals in order.
    jobs.sort_by_key(|job| Reverse(job.cost(&settings.data)));
    let (results, winners) = (Mutex::new(past.results), Mutex::new(past.winners));
    let (kept, memory) = settings.kept(jobs.iter().map(|job| job.trials().count()).sum());
    let run = Run { cx, settings, observer, memory, kept, results, winners };
    on_workers(settings.workers, &jobs, |job| {
        if !cx.stop.load(Ordering::Relaxed) {
            JobRun::new(job, &run).attempt();
        }
    })?;
    let mut results = run.results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by(|left, right| {
        let behind = right.beats(left, settings.rank_by);
        let ahead = left.beats(right, settings.rank_by);
        behind.cmp(&ahead).then(left.trial.number.cmp(&right.trial.number))
    });
    let winners = run.winners.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Outcome { results, winners, out_of_fold: run.kept.into_inner() })
}

impl Run<'_> {
    /// Records trials of a job that have ended. `winner` gives one of them with its model, and is asked
    /// where that one is the best of its family so far.
    pub fn ended<E>(
        &self,
        results: Vec<TrialResult>,
        winner: impl FnOnce(usize) -> Result<Winner, E>,
    ) -> Result<(), E> {
        let rank_by = self.settings.rank_by;
        let mut best = self.winners.lock().unwrap_or_else(PoisonError::into_inner);
        let first = (0..results.len()).reduce(|one, other| {
            if results[other].beats(&results[one], rank_by) { other } else { one }
        });
        let first = first.filter(|&place| {
            let result = &results[place];
            let held = best.get(&result.trial.family());
            let is_better = held.is_none_or(|held| result.beats(&held.result, rank_by));
            result.scores.is_some() && is_better
        });
        let new = first.map(winner).transpose()?;
        // Under the lock, so that what is recorded as best only ever gets better.
        self.observer.trials_ended(&results, new.as_ref());
        if let Some(new) = new {
            best.insert(new.result.trial.family(), new);
        }
        drop(best);
        self.add(results);
        Ok(())
    }

    /// Keeps the predictions of a trial that has ended where it is a candidate so far, and the model does predict.
    pub fn keep_predictions(
        &self,
        number: usize,
        predict: impl FnOnce() -> Result<Vec<f64>, FitError>,
    ) {
        let rank_by = self.settings.rank_by;
        let is_wanted = self.kept.wants(number, &self.lock(), rank_by);
        if let Some(Ok(logs)) = is_wanted.then(predict) {
            self.kept.keep(number, logs, &self.lock(), rank_by);
        }
    }

    /// Records trials that have failed.
    pub fn failed(&self, results: Vec<TrialResult>) {
        self.observer.trials_ended(&results, None);
        self.add(results);
    }

    fn add(&self, results: Vec<TrialResult>) {
        self.lock().extend(results);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<TrialResult>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
