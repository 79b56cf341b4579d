//! The parallel run: jobs in order over the workers, results by trial, the best weights kept.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use serde::{Deserialize, Serialize};

use super::class_rows::ClassRows;
use super::job_run::JobRun;
use super::jobs::Job;
use super::memory::{Memory, MemoryLimit};
use super::trials::Trial;
use crate::engine::Engine;
use crate::network::{Architecture, Weights};
use crate::spec::{Fixed, RankBy};
use crate::train::{EpochRow, PartScores};

/// What all jobs of a run share.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Settings of the optimizers.
    pub fixed: Fixed,
    /// The ranking score.
    pub rank_by: RankBy,
    /// Whether a trial's network is that of its best epoch, or of its last.
    pub restore_best: bool,
    /// The run's seed.
    pub seed: u64,
    /// Number of folds. The engine holds those of the first way to prepare the rows, then those of the
    /// next.
    pub folds: usize,
    /// Width of a row, fold by fold as the engine holds them: train rows may lack a category.
    pub inputs: Vec<usize>,
    /// Places of the numbers among them, in the same order.
    pub numbers: Vec<Vec<usize>>,
    /// What class weights are made of.
    pub classes: ClassRows,
    /// Number of worker threads.
    pub workers: usize,
    /// Memory for the packs.
    pub memory: MemoryLimit,
}

impl Settings {
    /// The network of a trial on a fold.
    pub fn architecture(&self, trial: &Trial, fold: usize) -> Architecture {
        let place = self.place(trial, fold);
        Architecture {
            inputs: self.inputs[place],
            embedding: trial.embedding.of(&self.numbers[place]),
            hidden: trial.hidden.clone(),
            classes: self.classes.classes(),
            activation: trial.activation,
            norm: trial.norm,
        }
    }

    /// The largest of the networks of a trial; of equals, that of the first fold.
    pub fn largest(&self, trial: &Trial) -> Architecture {
        let first = self.architecture(trial, 0);
        (1..self.folds).map(|fold| self.architecture(trial, fold)).fold(first, |largest, other| {
            if other.parameters() > largest.parameters() { other } else { largest }
        })
    }

    /// Where the engine holds a fold as a trial sees it.
    pub(super) fn place(&self, trial: &Trial, fold: usize) -> usize {
        trial.way * self.folds + fold
    }
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
    /// Trials have ended. `best` is given where one of them is the best of the run so far.
    fn trials_ended(&self, results: &[TrialResult], best: Option<&Winner>);
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Trained on every fold to its last epoch, or until it stopped early.
    Finished,
    /// Its loss stopped being finite at this epoch.
    Diverged(u32),
    /// Its pack was given up, for this reason.
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
    /// For how many epochs it was trained, with folds the rounded mean of theirs; nothing unless
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
    /// The standard deviations of its scores over the folds; nothing unless it finished on several.
    pub fn deviations(&self) -> Option<[PartScores; 3]> {
        (self.folds.len() > 1).then(|| by_part(&self.folds, PartScores::deviation))
    }

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

/// A figure of the scores of several folds, part by part.
pub fn by_part(
    folds: &[[PartScores; 3]],
    figure: fn(&[PartScores]) -> PartScores,
) -> [PartScores; 3] {
    std::array::from_fn(|part| figure(&folds.iter().map(|fold| fold[part]).collect::<Vec<_>>()))
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

/// What a run has come to: trials that have ended, before it or in it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Ended trials; after a run best first, then those that did not finish, by number.
    pub results: Vec<TrialResult>,
    /// The best of them.
    pub winner: Option<Winner>,
}

impl Outcome {
    /// Leaves out what is to be trained again: trials that failed, since what failed them may be
    /// gone, and those that rank above the network that was kept, as only a damaged record has them.
    pub fn settle(&mut self, rank_by: RankBy) {
        // By its number: a score may be no number, which is equal to nothing.
        let finished = |result: &TrialResult, number: usize| {
            result.trial.number == number && result.status == Status::Finished
        };
        let winner = self.winner.take().filter(|winner| {
            self.results.iter().any(|result| finished(result, winner.result.trial.number))
        });
        self.results.retain(|result| match (&result.status, &winner) {
            (Status::Failed(_), _) | (Status::Finished, None) => false,
            (Status::Finished, Some(winner)) => !result.beats(&winner.result, rank_by),
            (Status::Diverged(_), _) => true,
        });
        self.winner = winner;
    }
}

/// A run while it goes on.
pub(super) struct Run<'a> {
    pub engine: &'a dyn Engine,
    pub settings: &'a Settings,
    pub observer: &'a dyn Observer,
    pub stop: &'a AtomicBool,
    pub memory: Memory,
    results: Mutex<Vec<TrialResult>>,
    winner: Mutex<Option<Winner>>,
}

/// Trains jobs, after what an earlier run of the same grid has come to. It ends early when `stop` is
/// raised.
///
/// # Errors
/// When the worker threads cannot be started; what goes wrong in a trial is its status.
pub fn run(
    engine: &dyn Engine,
    mut jobs: Vec<Job>,
    settings: &Settings,
    past: Outcome,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Outcome, rayon::ThreadPoolBuildError> {
    // The longest first, so that at the end no worker waits long for another; equals in order.
    jobs.sort_by_key(|job| Reverse(job.cost(settings)));
    let (results, winner) = (Mutex::new(past.results), Mutex::new(past.winner));
    let memory = Memory::new(settings.memory);
    let run = Run { engine, settings, observer, stop, memory, results, winner };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.workers).build()?;
    pool.install(|| {
        // A bridge hands the jobs out in order, one at a time.
        jobs.into_iter().par_bridge().for_each(|job| {
            if !stop.load(Ordering::Relaxed) {
                JobRun::new(&job, &run).attempt();
            }
        });
    });
    let mut results = run.results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by(|left, right| {
        let behind = right.beats(left, settings.rank_by);
        let ahead = left.beats(right, settings.rank_by);
        behind.cmp(&ahead).then(left.trial.number.cmp(&right.trial.number))
    });
    let winner = run.winner.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Outcome { results, winner })
}

impl Run<'_> {
    /// Takes in trials that have ended. `winner` gives one of them with its weights, and is asked
    /// where that one is the best of the run so far.
    pub fn ended<E>(
        &self,
        results: Vec<TrialResult>,
        winner: impl FnOnce(usize) -> Result<Winner, E>,
    ) -> Result<(), E> {
        let rank_by = self.settings.rank_by;
        let mut best = self.winner.lock().unwrap_or_else(PoisonError::into_inner);
        let places = 0..results.len();
        let first =
            places.reduce(
                |one, other| {
                    if results[other].beats(&results[one], rank_by) { other } else { one }
                },
            );
        let first = first.filter(|&place| {
            let held = best.as_ref().is_none_or(|best| results[place].beats(&best.result, rank_by));
            results[place].scores.is_some() && held
        });
        let new = first.map(winner).transpose()?;
        // Under the lock, so that what is recorded as best only ever gets better.
        self.observer.trials_ended(&results, new.as_ref());
        if new.is_some() {
            *best = new;
        }
        drop(best);
        self.add(results);
        Ok(())
    }

    /// Takes in trials that have failed.
    pub fn failed(&self, results: Vec<TrialResult>) {
        self.observer.trials_ended(&results, None);
        self.add(results);
    }

    fn add(&self, results: Vec<TrialResult>) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).extend(results);
    }
}
