//! The parallel run: jobs in order over the workers, results by trial, the best weights kept.

use std::cmp::Reverse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::jobs::Job;
use super::trials::Trial;
use crate::engine::{Engine, EngineError};
use crate::network::{Architecture, Weights};
use crate::spec::{Fixed, RankBy};
use crate::train::{EpochRow, Follower, MemberOutcome, PartScores, Schedule, train};

/// What all jobs of a run share.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Settings of the optimizers.
    pub fixed: Fixed,
    /// The ranking score.
    pub rank_by: RankBy,
    /// The run's seed.
    pub seed: u64,
    /// Number of folds that the engine holds.
    pub folds: usize,
    /// Width of a prepared row, and number of classes.
    pub shape: (usize, usize),
    /// Number of worker threads.
    pub workers: usize,
}

/// One row of curves.csv.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveRow<'a> {
    /// Its trial.
    pub trial: &'a Trial,
    /// The fold.
    pub fold: usize,
    /// The figures.
    pub epoch: EpochRow,
}

/// Who follows a run. Calls come from the worker threads: the epochs of a trial in order, but jobs
/// overlap.
pub trait Observer: Sync {
    /// An epoch of a job's pack has ended: rows of the trials that still train, and how many
    /// networks were trained for them.
    fn epoch_ended(&self, rows: &[CurveRow<'_>], networks: usize);
    /// Trials have ended.
    fn trials_ended(&self, results: &[TrialResult]);
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// Trained to its last epoch on every fold.
    Finished,
    /// Its loss stopped being finite at this epoch.
    Diverged(u32),
    /// The engine gave up on its pack, for this reason.
    Failed(String),
}

/// A trial's row of trials.csv.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialResult {
    /// The trial.
    pub trial: Trial,
    /// What became of it.
    pub status: Status,
    /// The best epoch, with folds the rounded mean of theirs; nothing unless finished.
    pub best_epoch: Option<u32>,
    /// Train, validation and test scores at the best epoch, means over the folds.
    pub scores: Option<[PartScores; 3]>,
    /// Its share of the time that its pack took until its last epoch.
    pub elapsed_s: f64,
}

impl TrialResult {
    /// Whether it ranks above `other`; equals rank by number.
    pub fn beats(&self, other: &Self, rank_by: RankBy) -> bool {
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

/// The network to keep.
#[derive(Debug, Clone)]
pub struct Winner {
    /// Its trial, with scores.
    pub result: TrialResult,
    /// The fold whose weights are kept: with folds, the one with the best validation score.
    pub fold: usize,
    /// The epoch whose weights are kept.
    pub epoch: u32,
    /// The network.
    pub architecture: Architecture,
    /// Its weights.
    pub weights: Weights,
}

/// An ended job: its trials' results, and the best of them with its weights.
type Ended = (Vec<TrialResult>, Option<Winner>);

/// A run's results.
#[derive(Debug)]
pub struct Outcome {
    /// Ended trials, best first; those that did not finish last, by number.
    pub results: Vec<TrialResult>,
    /// The best of them.
    pub winner: Option<Winner>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
}

/// Trains all jobs.
///
/// # Errors
/// When the worker threads cannot be started; what goes wrong in a trial is its status.
pub fn run(
    engine: &dyn Engine,
    mut jobs: Vec<Job>,
    settings: &Settings,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Outcome, rayon::ThreadPoolBuildError> {
    let total: usize = jobs.iter().map(|job| job.trials().count()).sum();
    // The longest first, so that at the end no worker waits long for another; equals in order.
    jobs.sort_by_key(|job| Reverse(job.cost(settings.shape)));
    let collected: Mutex<Ended> = Mutex::default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.workers).build()?;
    pool.install(|| {
        // A bridge hands the jobs out in order, one at a time.
        jobs.into_iter().par_bridge().for_each(|job| {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let (results, winner) = JobRun::new(&job, settings, observer).attempt(engine, stop);
            let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
            collected.0.extend(results);
            let best = winner.into_iter().chain(collected.1.take());
            collected.1 = best.reduce(|one, other| {
                if one.result.beats(&other.result, settings.rank_by) { one } else { other }
            });
        });
    });
    let (mut results, winner) = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by(|left, right| {
        let behind = right.beats(left, settings.rank_by);
        let ahead = left.beats(right, settings.rank_by);
        behind.cmp(&ahead).then(left.trial.number.cmp(&right.trial.number))
    });
    let interrupted = results.len() < total;
    Ok(Outcome { results, winner, interrupted })
}

/// A job while it is trained.
struct JobRun<'a> {
    job: &'a Job,
    settings: &'a Settings,
    observer: &'a dyn Observer,
    started: Instant,
    results: Vec<TrialResult>,
    /// The best of the results, with its weights.
    winner: Option<Winner>,
}

impl<'a> JobRun<'a> {
    fn new(job: &'a Job, settings: &'a Settings, observer: &'a dyn Observer) -> Self {
        let started = Instant::now();
        Self { job, settings, observer, started, results: Vec::new(), winner: None }
    }

    /// Trains the job; a panic or an error in it becomes the status of the trials that had not
    /// ended. A job that is stopped gives the trials that had.
    fn attempt(mut self, engine: &dyn Engine, stop: &AtomicBool) -> Ended {
        let trained = catch_unwind(AssertUnwindSafe(|| self.train(engine, stop)));
        let reason = match trained {
            Ok(Ok(())) => return (self.results, self.winner),
            Ok(Err(error)) => error.to_string(),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                format!("panicked: {}", text.unwrap_or("without a message"))
            }
        };
        let ended = |trial: &Trial| self.results.iter().any(|ended| ended.trial == *trial);
        let failed = self.job.trials().filter(|trial| !ended(trial)).map(|trial| TrialResult {
            trial: trial.clone(),
            status: Status::Failed(reason.clone()),
            best_epoch: None,
            scores: None,
            elapsed_s: 0.0,
        });
        let failed: Vec<_> = failed.collect();
        self.observer.trials_ended(&failed);
        self.results.extend(failed);
        (self.results, self.winner)
    }

    fn train(&mut self, engine: &dyn Engine, stop: &AtomicBool) -> Result<(), EngineError> {
        let Settings { folds, shape, ref fixed, seed, rank_by, .. } = *self.settings;
        let worker = rayon::current_thread_index().unwrap_or(0);
        let plan = self.job.pack(folds, shape, fixed, seed);
        let schedule =
            Schedule { members: plan.members.len(), lengths: self.job.lengths(), rank_by };
        train(engine.start(&plan, worker)?, &schedule, stop, self)
    }

    /// Where a network's member on a fold stands in the pack.
    fn member(&self, fold: usize, network: usize) -> usize {
        fold * self.job.networks.len() + network
    }
}

impl Follower for JobRun<'_> {
    fn epoch(&mut self, rows: &[Option<EpochRow>]) {
        let mut curves = Vec::with_capacity(rows.len());
        for (network, trials) in self.job.networks.iter().enumerate() {
            for fold in 0..self.settings.folds {
                let Some(epoch) = rows[self.member(fold, network)] else { continue };
                let trials = trials.iter().filter(|trial| trial.epochs >= epoch.epoch);
                curves.extend(trials.map(|trial| CurveRow { trial, fold, epoch }));
            }
        }
        self.observer.epoch_ended(&curves, rows.iter().flatten().count());
    }

    fn length(
        &mut self,
        length: u32,
        outcomes: &[MemberOutcome],
        weights: &dyn Fn(usize) -> Result<Weights, EngineError>,
    ) -> Result<(), EngineError> {
        let elapsed_s = self.started.elapsed().as_secs_f64() / self.job.networks.len() as f64;
        for (network, trials) in self.job.networks.iter().enumerate() {
            for trial in trials.iter().filter(|trial| trial.epochs == length) {
                let on_fold = |fold: usize| outcomes[self.member(fold, network)].clone();
                let folds: Vec<MemberOutcome> = (0..self.settings.folds).map(on_fold).collect();
                let result = result(trial, &folds, elapsed_s);
                let winner = self.winner.as_ref().map(|winner| &winner.result);
                if winner.is_none_or(|winner| result.beats(winner, self.settings.rank_by)) {
                    let weights = |fold| weights(self.member(fold, network));
                    self.winner = self.candidate(&result, &folds, weights)?;
                }
                self.observer.trials_ended(std::slice::from_ref(&result));
                self.results.push(result);
            }
        }
        Ok(())
    }
}

/// A trial's result from its outcomes on the folds.
fn result(trial: &Trial, outcomes: &[MemberOutcome], elapsed_s: f64) -> TrialResult {
    let trial = trial.clone();
    let diverged = outcomes.iter().filter_map(|outcome| outcome.diverged_epoch).min();
    let best: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.best).collect();
    if let Some(epoch) = diverged {
        let status = Status::Diverged(epoch);
        return TrialResult { trial, status, best_epoch: None, scores: None, elapsed_s };
    }
    let mean = |part: fn(&crate::train::BestEpoch) -> PartScores| {
        PartScores::mean(&best.iter().map(part).collect::<Vec<_>>())
    };
    let epochs: f64 = best.iter().map(|best| f64::from(best.epoch)).sum();
    TrialResult {
        trial,
        status: Status::Finished,
        best_epoch: Some((epochs / best.len() as f64).round() as u32),
        scores: Some([mean(|best| best.train), mean(|best| best.valid), mean(|best| best.test)]),
        elapsed_s,
    }
}

impl JobRun<'_> {
    /// A trial as the winner, with the weights of the fold that did best; nothing where it did not
    /// finish.
    fn candidate(
        &self,
        result: &TrialResult,
        folds: &[MemberOutcome],
        weights: impl Fn(usize) -> Result<Weights, EngineError>,
    ) -> Result<Option<Winner>, EngineError> {
        if result.scores.is_none() {
            return Ok(None);
        }
        let on_folds = folds.iter().enumerate();
        let on_folds = on_folds.filter_map(|(fold, outcome)| outcome.best.map(|best| (fold, best)));
        let kept = on_folds.reduce(|one, other| {
            if other.1.valid.beats(&one.1.valid, self.settings.rank_by) { other } else { one }
        });
        let Some((fold, best)) = kept else { return Ok(None) };
        let (inputs, classes) = self.settings.shape;
        Ok(Some(Winner {
            result: result.clone(),
            fold,
            epoch: best.epoch,
            architecture: result.trial.architecture(inputs, classes),
            weights: weights(fold)?,
        }))
    }
}
