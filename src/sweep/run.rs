//! The parallel run: jobs in order over the workers, results by trial, the best weights kept.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::jobs::Job;
use super::trials::Trial;
use crate::engine::{Engine, EngineError, Pack};
use crate::network::{Architecture, Weights};
use crate::spec::{Fixed, RankBy};
use crate::train::{EpochRow, MemberOutcome, PartScores, Schedule, train};

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

/// One row of curves.csv, without the hyperparameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveRow {
    /// Place of its trial in the job.
    pub member: usize,
    /// The fold.
    pub fold: usize,
    /// The figures.
    pub epoch: EpochRow,
}

/// Who follows a run. Calls come from the worker threads: the epochs of a job in order, but jobs
/// overlap.
pub trait Observer: Sync {
    /// An epoch of a job's pack has ended: rows of the members that still train.
    fn epoch_ended(&self, job: &Job, rows: &[CurveRow]);
    /// A job has ended; without results when it was stopped.
    fn job_ended(&self, results: &[TrialResult]);
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
    /// Its share of the time its packs took.
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
    jobs: Vec<Job>,
    settings: &Settings,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Outcome, rayon::ThreadPoolBuildError> {
    let total: usize = jobs.iter().map(|job| job.trials.len()).sum();
    let collected: Mutex<Ended> = Mutex::default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.workers).build()?;
    pool.install(|| {
        // A bridge hands the jobs out in order, so that a run that is stopped has done the first.
        jobs.into_iter().par_bridge().for_each(|job| {
            let (results, winner) = attempt(engine, &job, settings, stop, observer);
            observer.job_ended(&results);
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

/// Trains a job; a panic or an error in it becomes the status of its trials.
fn attempt(
    engine: &dyn Engine,
    job: &Job,
    settings: &Settings,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Ended {
    let trained =
        catch_unwind(AssertUnwindSafe(|| train_job(engine, job, settings, stop, observer)));
    let reason = match trained {
        Ok(Ok(ended)) => return ended.unwrap_or_default(),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            format!("panicked: {}", text.unwrap_or("without a message"))
        }
    };
    let failed = |trial: &Trial| TrialResult {
        trial: trial.clone(),
        status: Status::Failed(reason.clone()),
        best_epoch: None,
        scores: None,
        elapsed_s: 0.0,
    };
    (job.trials.iter().map(failed).collect(), None)
}

/// Trains a job's pack on every fold; nothing when it was stopped.
fn train_job(
    engine: &dyn Engine,
    job: &Job,
    settings: &Settings,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Option<Ended>, EngineError> {
    let started = Instant::now();
    let worker = rayon::current_thread_index().unwrap_or(0);
    let schedule = Schedule {
        members: job.trials.len(),
        epochs: job.trials[0].epochs,
        rank_by: settings.rank_by,
    };
    let mut folds: Vec<(Box<dyn Pack>, Vec<MemberOutcome>)> = Vec::new();
    for fold in 0..settings.folds {
        let plan = job.pack(fold, settings.shape, &settings.fixed, settings.seed);
        let mut pack = engine.start(&plan, worker)?;
        let mut on_epoch = |rows: &[Option<EpochRow>]| {
            let rows = rows.iter().enumerate();
            let rows =
                rows.filter_map(|(member, row)| row.map(|epoch| CurveRow { member, fold, epoch }));
            observer.epoch_ended(job, &rows.collect::<Vec<_>>());
        };
        match train(pack.as_mut(), schedule, stop, &mut on_epoch)? {
            Some(outcomes) => folds.push((pack, outcomes)),
            None => return Ok(None),
        }
    }
    let elapsed_s = started.elapsed().as_secs_f64() / job.trials.len() as f64;
    let results: Vec<TrialResult> = job
        .trials
        .iter()
        .enumerate()
        .map(|(member, trial)| {
            let outcomes: Vec<&MemberOutcome> =
                folds.iter().map(|(_, outcomes)| &outcomes[member]).collect();
            result(trial, &outcomes, elapsed_s)
        })
        .collect();
    let winner = winner(job, &results, &folds, settings)?;
    Ok(Some((results, winner)))
}

/// A trial's result from its outcomes on the folds.
fn result(trial: &Trial, outcomes: &[&MemberOutcome], elapsed_s: f64) -> TrialResult {
    let trial = trial.clone();
    let diverged = outcomes.iter().find_map(|outcome| outcome.diverged_epoch);
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

/// The best trial of a job with its weights.
fn winner(
    job: &Job,
    results: &[TrialResult],
    folds: &[(Box<dyn Pack>, Vec<MemberOutcome>)],
    settings: &Settings,
) -> Result<Option<Winner>, EngineError> {
    let finished = results.iter().enumerate().filter(|(_, result)| result.scores.is_some());
    let best = finished.reduce(
        |one, other| {
            if other.1.beats(one.1, settings.rank_by) { other } else { one }
        },
    );
    let Some((member, result)) = best else { return Ok(None) };
    let on_folds = folds.iter().enumerate();
    let on_folds = on_folds.filter_map(|(fold, (pack, outcomes))| {
        outcomes[member].best.map(|best| (fold, pack, best))
    });
    let kept = on_folds.reduce(|one, other| {
        if other.2.valid.beats(&one.2.valid, settings.rank_by) { other } else { one }
    });
    let Some((fold, pack, best)) = kept else { return Ok(None) };
    let (inputs, classes) = settings.shape;
    Ok(Some(Winner {
        result: result.clone(),
        fold,
        epoch: best.epoch,
        architecture: job.trials[member].architecture(inputs, classes),
        weights: pack.best_weights(member)?,
    }))
}
