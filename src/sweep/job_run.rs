//! A job while it is trained.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::jobs::Job;
use super::run::{CurveRow, Run, Status, TrialResult, Winner, by_part};
use super::trials::Trial;
use crate::engine::EngineError;
use crate::network::Weights;
use crate::train::{EpochRow, Follower, MemberOutcome, PartScores, Schedule, train};

/// A job while it is trained.
pub(super) struct JobRun<'a> {
    job: &'a Job,
    run: &'a Run<'a>,
    started: Instant,
    /// Numbers of the trials that have ended.
    ended: BTreeSet<usize>,
}

/// Why a job ended early.
enum Abandoned {
    /// The run is to stop.
    Stopped,
    /// It cannot be trained, for this reason.
    Impossible(String),
}

impl From<EngineError> for Abandoned {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Stopped => Self::Stopped,
            error => Self::Impossible(error.to_string()),
        }
    }
}

impl<'a> JobRun<'a> {
    pub fn new(job: &'a Job, run: &'a Run<'a>) -> Self {
        Self { job, run, started: Instant::now(), ended: BTreeSet::new() }
    }

    /// Trains the job; a panic or an error in it becomes the status of the trials that had not
    /// ended. Of a job that is stopped, only the trials that had are recorded.
    pub fn attempt(mut self) {
        let trained = catch_unwind(AssertUnwindSafe(|| self.train()));
        let reason = match trained {
            Ok(Ok(()) | Err(Abandoned::Stopped)) => return,
            Ok(Err(Abandoned::Impossible(reason))) => reason,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                format!("panicked: {}", text.unwrap_or("without a message"))
            }
        };
        let left = self.job.trials().filter(|trial| !self.ended.contains(&trial.number));
        let failed = left.map(|trial| TrialResult {
            trial: trial.clone(),
            status: Status::Failed(reason.clone()),
            best_epoch: None,
            epochs_trained: None,
            scores: None,
            folds: Vec::new(),
            elapsed_s: 0.0,
        });
        self.run.failed(failed.collect());
    }

    fn train(&mut self) -> Result<(), Abandoned> {
        let Run { engine, settings, stop, ref memory, .. } = *self.run;
        let plan = self.job.pack(settings);
        let bytes = self.job.bytes(engine, settings);
        if let Some(refused) = memory.refuse(bytes, plan.architecture.parameters()) {
            return Err(Abandoned::Impossible(refused.to_string()));
        }
        let _share = memory.take(bytes, stop).ok_or(Abandoned::Stopped)?;
        self.started = Instant::now();
        let worker = rayon::current_thread_index().unwrap_or(0);
        let rank_by = settings.rank_by;
        let members = self.job.courses(settings);
        let (lengths, restore_best) = (self.job.lengths(), settings.restore_best);
        let schedule = Schedule { members, lengths, rank_by, restore_best };
        Ok(train(engine.start(&plan, worker, stop)?, &schedule, self)?)
    }

    /// Where a network's member on a fold stands in the pack.
    fn member(&self, fold: usize, network: usize) -> usize {
        fold * self.job.networks().len() + network
    }
}

impl Follower for JobRun<'_> {
    fn epoch(&mut self, rows: &[Option<EpochRow>]) {
        let mut curves = Vec::with_capacity(rows.len());
        for (network, trials) in self.job.networks().enumerate() {
            let trials: Vec<&Trial> = trials.collect();
            for fold in 0..self.run.settings.folds {
                let Some(epoch) = rows[self.member(fold, network)] else { continue };
                let trials = trials.iter().filter(|trial| trial.epochs >= epoch.epoch);
                curves.extend(trials.map(|&trial| CurveRow { trial, fold, epoch }));
            }
        }
        self.run.observer.epoch_ended(&curves, rows.iter().flatten().count());
    }

    fn length(
        &mut self,
        length: u32,
        outcomes: &[MemberOutcome],
        weights: &dyn Fn(usize) -> Result<Weights, EngineError>,
    ) -> Result<(), EngineError> {
        let networks = self.job.networks();
        let elapsed_s = self.started.elapsed().as_secs_f64() / networks.len() as f64;
        // The trials that end here, with the networks that they look at.
        let (mut places, mut results) = (Vec::new(), Vec::new());
        for (network, trials) in networks.enumerate() {
            // Several where variants overlap: what differs in its variant's name alone is one network.
            for trial in trials.filter(|trial| trial.epochs == length) {
                places.push(network);
                results.push(result(trial, &self.on_folds(outcomes, network), elapsed_s));
            }
        }
        if results.is_empty() {
            return Ok(());
        }
        let ended: Vec<usize> = results.iter().map(|result| result.trial.number).collect();
        let candidates = results.clone();
        self.run.ended(results, |place| {
            let network = places[place];
            let weights = |fold| weights(self.member(fold, network));
            self.winner(&candidates[place], &self.on_folds(outcomes, network), weights)
        })?;
        self.ended.extend(ended);
        Ok(())
    }
}

impl JobRun<'_> {
    /// A network's outcomes on the folds.
    fn on_folds(&self, outcomes: &[MemberOutcome], network: usize) -> Vec<MemberOutcome> {
        let folds = 0..self.run.settings.folds;
        folds.map(|fold| outcomes[self.member(fold, network)].clone()).collect()
    }

    /// A finished trial with the weights of the fold that did best.
    fn winner(
        &self,
        result: &TrialResult,
        folds: &[MemberOutcome],
        weights: impl Fn(usize) -> Result<Weights, EngineError>,
    ) -> Result<Winner, EngineError> {
        let rank_by = self.run.settings.rank_by;
        let on_folds = folds.iter().enumerate();
        let on_folds = on_folds.filter_map(|(fold, outcome)| outcome.best.map(|best| (fold, best)));
        let kept =
            on_folds.reduce(
                |one, other| {
                    if other.1.valid.beats(&one.1.valid, rank_by) { other } else { one }
                },
            );
        let (fold, epoch) = kept.map_or((0, 0), |(fold, best)| (fold, best.epoch));
        Ok(Winner {
            result: result.clone(),
            fold,
            epoch,
            architecture: self.run.settings.architecture(&result.trial, fold),
            weights: weights(fold)?,
        })
    }
}

/// A trial's result from its outcomes on the folds.
fn result(trial: &Trial, outcomes: &[MemberOutcome], elapsed_s: f64) -> TrialResult {
    let trial = trial.clone();
    let diverged = outcomes.iter().filter_map(|outcome| outcome.diverged_epoch).min();
    if let Some(epoch) = diverged {
        return TrialResult {
            trial,
            status: Status::Diverged(epoch),
            best_epoch: None,
            epochs_trained: None,
            scores: None,
            folds: Vec::new(),
            elapsed_s,
        };
    }
    let best: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.best).collect();
    let folds: Vec<_> = best.iter().map(|best| [best.train, best.valid, best.test]).collect();
    TrialResult {
        trial,
        status: Status::Finished,
        best_epoch: Some(rounded_mean(best.iter().map(|best| best.epoch))),
        epochs_trained: Some(rounded_mean(outcomes.iter().map(|outcome| outcome.epochs))),
        scores: Some(by_part(&folds, PartScores::mean)),
        folds,
        elapsed_s,
    }
}

/// The mean of the folds' epochs.
fn rounded_mean(epochs: impl ExactSizeIterator<Item = u32>) -> u32 {
    let folds = epochs.len() as f64;
    (epochs.map(f64::from).sum::<f64>() / folds).round() as u32
}
