//! A job in training.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::jobs::Job;
use super::run::{CurveRow, Run, Status, TrialResult, Winner, by_part};
use super::trials::Trial;
use crate::examples::Fold;
use crate::families::{FitError, Fitted};
use crate::train::{EpochRow, Follower, MemberOutcome, PartScores, train};

/// A job in training.
pub(super) struct JobRun<'a> {
    job: &'a Job,
    run: &'a Run<'a>,
    started: Instant,
    /// Numbers of the trials that have ended.
    ended: BTreeSet<usize>,
    /// The time that was not training.
    aside: Duration,
}

/// Why a job ended early.
enum Abandoned {
    /// The run is to stop.
    Stopped,
    /// It cannot be trained, for this reason.
    Impossible(String),
}

impl From<FitError> for Abandoned {
    fn from(error: FitError) -> Self {
        match error {
            FitError::Stopped => Self::Stopped,
            error => Self::Impossible(error.to_string()),
        }
    }
}

impl<'a> JobRun<'a> {
    pub fn new(job: &'a Job, run: &'a Run<'a>) -> Self {
        Self { job, run, started: Instant::now(), ended: BTreeSet::new(), aside: Duration::ZERO }
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
        let Run { cx, settings, ref memory, .. } = *self.run;
        let size = self.job.size(&cx, settings);
        if let Some(refused) = memory.refuse(&size) {
            return Err(Abandoned::Impossible(refused.to_string()));
        }
        let _share = memory.take(size.bytes, cx.stop).ok_or(Abandoned::Stopped)?;
        self.started = Instant::now();
        let worker = rayon::current_thread_index().unwrap_or(0);
        let schedule = self.job.schedule(settings);
        let learner = self.job.recipe().start(self.job.members(settings), worker, &cx)?;
        Ok(train(learner, &schedule, self)?)
    }

    /// The place of a training's member on a fold in the job.
    fn member(&self, fold: usize, training: usize) -> usize {
        fold * self.job.trainings().len() + training
    }
}

impl Follower for JobRun<'_> {
    fn round(&mut self, rows: &[Option<EpochRow>], trained: usize) {
        let mut curves = Vec::with_capacity(rows.len());
        for (training, trials) in self.job.trainings().enumerate() {
            let trials: Vec<&Trial> = trials.collect();
            for fold in 0..self.run.settings.data.count() {
                let Some(epoch) = rows[self.member(fold, training)] else { continue };
                let trials = trials.iter().filter(|trial| self.shows(trial, &epoch));
                curves.extend(trials.map(|&trial| CurveRow { trial, fold, epoch }));
            }
        }
        self.run.observer.round_ended(&curves, trained);
    }

    fn length(
        &mut self,
        length: u32,
        outcomes: &[MemberOutcome],
        best: &dyn Fn(usize) -> Result<Fitted, FitError>,
    ) -> Result<(), FitError> {
        let trainings = self.job.trainings();
        let trained = self.started.elapsed().saturating_sub(self.aside);
        let elapsed_s = trained.as_secs_f64() / trainings.len() as f64;
        // The trials that end here, with the trainings that they look at.
        let (mut places, mut results) = (Vec::new(), Vec::new());
        for (training, trials) in trainings.enumerate() {
            // Several where variants overlap: what differs in its variant's name alone is one training.
            for trial in trials.filter(|trial| trial.rounds() == length) {
                places.push(training);
                results.push(result(trial, &self.on_folds(outcomes, training), elapsed_s));
            }
        }
        if results.is_empty() {
            return Ok(());
        }
        self.run.ended(results.clone(), |place| {
            let training = places[place];
            let best = |fold| best(self.member(fold, training));
            self.winner(&results[place], &self.on_folds(outcomes, training), best)
        })?;
        self.ended.extend(results.iter().map(|result| result.trial.number));
        let began = Instant::now();
        for (result, &training) in results.iter().zip(&places) {
            self.keep_predictions(&result.trial, |fold| best(self.member(fold, training)));
        }
        self.aside += began.elapsed();
        Ok(())
    }
}

impl JobRun<'_> {
    /// Whether a round is in a trial's curve. A longer training has rows after its own lengths.
    fn shows(&self, trial: &Trial, row: &EpochRow) -> bool {
        let (every, round) = (self.run.settings.curve_every, row.epoch);
        let is_end = row.is_last || round == trial.rounds();
        round <= trial.rounds() && (round.is_multiple_of(every) || is_end)
    }

    /// Keeps what the models of a trial predict of the validation rows of their folds, where it is a candidate for
    /// final models. Among other trainings of a pack its bits may differ from those that it has alone, which
    /// a resumed run would take: these are not kept.
    fn keep_predictions(&self, trial: &Trial, best: impl Fn(usize) -> Result<Fitted, FitError>) {
        if self.job.trainings().len() > 1 {
            return;
        }
        let Run { cx, settings, .. } = self.run;
        self.run.keep_predictions(trial.number, || {
            let folds = settings.data.folds(trial.preparation);
            let of_fold = |(fold, rows): (usize, &Fold)| {
                best(fold)?.log_probabilities(cx.engine, &rows.valid.features)
            };
            let logs: Vec<_> = folds.iter().enumerate().map(of_fold).collect::<Result<_, _>>()?;
            Ok(logs.concat())
        });
    }

    /// A training's outcomes on the folds.
    fn on_folds(&self, outcomes: &[MemberOutcome], training: usize) -> Vec<MemberOutcome> {
        let folds = 0..self.run.settings.data.count();
        folds.map(|fold| outcomes[self.member(fold, training)].clone()).collect()
    }

    /// A finished trial with the model of the fold that did best.
    fn winner(
        &self,
        result: &TrialResult,
        folds: &[MemberOutcome],
        fitted: impl Fn(usize) -> Result<Fitted, FitError>,
    ) -> Result<Winner, FitError> {
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
        Ok(Winner { result: result.clone(), fold, epoch, fitted: fitted(fold)? })
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
