//! One call of the sweep: it begins a run or goes on with one, trains, and writes what follows from
//! the journal.

use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::Value;

use super::facts::{conclude, resuming};
use super::families::keep_families;
use super::finals::{Finals, choose, finals};
use super::importance::keep_importances;
use super::sources::given;
use super::stop::Stop;
use super::summary::{Told, announce, summarise};
use super::winner::{Kept, keep, plain};
use crate::cli::Sweep;
use crate::commands::failure::{Exit, Failure};
use crate::commands::progress::Progress;
use crate::engine::Engine;
use crate::engine::torch::Placement;
use crate::model::Provenance;
use crate::prepare::Prepared;
use crate::record::{
    Head, Past, RunFile, RunFolder, RunLog, RunStatus, Times, write_configurations, write_folds,
    write_trials,
};
use crate::report::write_report;
use crate::sweep::{self, Columns, Job, Outcome, Settings, Trial, Winner};

/// What one call works with.
pub(super) struct Sitting<'a> {
    pub arguments: &'a Sweep,
    pub engine: &'a dyn Engine,
    pub placement: &'a Placement,
    pub prepared: &'a Prepared,
    pub settings: &'a Settings<'a>,
    /// All trials of the grid.
    pub trials: &'a [Trial],
    pub stop: &'a Stop,
    pub folder: &'a RunFolder,
    pub started: Instant,
}

impl Sitting<'_> {
    /// Trains what is missing of `jobs`, and writes every output.
    pub fn go(&self, mut file: RunFile, jobs: Vec<Job>, made_of: Value) -> Result<Exit, Failure> {
        let (log, past) = self.begin(&file, made_of).map_err(|failure| self.advise(failure))?;
        file.started_at.clone_from(&past.head.started_at);
        file.command_line.clone_from(&past.head.command_line);
        let before = past.outcome.results.len();
        let trained = self.train(&file, jobs, log, past);
        let (outcome, times) = trained.map_err(|failure| self.advise(failure))?;
        let ended = outcome.results.len() == self.trials.len();
        let made = if ended { self.finish(&file, &outcome) } else { Ok(None) };
        let stopped = made.is_err() && self.stop.flag().load(Ordering::Relaxed);
        let status = if ended && !stopped {
            RunStatus::Finished
        } else if self.stop.interrupted() {
            RunStatus::Interrupted
        } else {
            RunStatus::Stopped
        };
        conclude(&mut file, &outcome.results, status);
        file.finished_at = times.ended_at;
        file.elapsed_s = times.elapsed_s;
        let (finals, failure) = match made {
            Ok(finals) => (finals, None),
            Err(failure) => (None, Some(failure)),
        };
        let told = self.write(&file, &outcome, finals).map_err(|failure| self.advise(failure))?;
        if !self.arguments.quiet {
            summarise(&outcome, &file, &told, self.folder);
        }
        if let Some(failure) = failure.filter(|_| !stopped) {
            let advice = "best/ holds the winner's model as the sweep trained it";
            return Err(failure.advise(advice.to_owned()));
        }
        for failure in &file.failures {
            complain!("{failure}");
        }
        Ok(self.exit(&file, outcome.results.len() - before))
    }

    /// Goes on with the journal that the folder holds, or begins one.
    fn begin(&self, file: &RunFile, made_of: Value) -> Result<(RunLog, Past), Failure> {
        if self.arguments.resume {
            let Self { folder, trials, settings, started, .. } = *self;
            let found = RunLog::resume(folder, &made_of, trials, settings, started)?;
            if let Some(found) = found {
                return Ok(found);
            }
        }
        let (started_at, command_line) = (file.started_at.clone(), file.command_line.clone());
        let head = Head::new(started_at, command_line, given(self.arguments), made_of);
        Ok((RunLog::begin(self.folder, &head, self.trials, self.started)?, Past::none(head)))
    }

    /// Trains the jobs that are left; says too when the last trial ended.
    fn train(
        &self,
        file: &RunFile,
        jobs: Vec<Job>,
        log: RunLog,
        past: Past,
    ) -> Result<(Outcome, Times), Failure> {
        let ended = past.outcome.results.iter().map(|result| result.trial.number);
        let (packs, ended) = (jobs.len(), ended.collect());
        let mut jobs = sweep::remaining(jobs, &ended);
        let left = jobs.len();
        if let Some(most) = self.arguments.max_trials {
            jobs = sweep::first(jobs, most.get(), &past.failed);
        }
        if let Some(repair) = &past.repair {
            complain!("note    {repair}");
        }
        if !self.arguments.quiet {
            announce(file, packs);
            if self.arguments.resume && past.is_new {
                say!(
                    "resume  there is no run yet: one is begun in {}",
                    self.folder.path().display()
                );
            } else if self.arguments.resume {
                say!("resume  {} of {} trial(s) had ended", ended.len(), self.trials.len());
            }
            if jobs.len() < left {
                let trials: usize = jobs.iter().map(|job| job.trials().count()).sum();
                let whole = "networks and packs are trained whole";
                say!("limit   {trials} trial(s) now, in {} of {left} pack(s): {whole}", jobs.len());
            }
        }
        file.write(&self.folder.file("run.json"))?;
        let (stop, settings) = (self.stop.flag(), self.settings);
        let quiet = self.arguments.quiet;
        let progress = Progress::new(&log, stop, settings, &jobs, &past.outcome, quiet);
        let cx = settings.context(self.engine, stop);
        let outcome = sweep::run(cx, jobs, settings, past.outcome, &progress)?;
        progress.finish();
        drop(progress);
        Ok((outcome, log.close()?))
    }

    /// What the grid file asks for once all trials have ended; nothing where it asks for nothing.
    fn finish(&self, file: &RunFile, outcome: &Outcome) -> Result<Option<Finals>, Failure> {
        let wanted = &file.grid.model;
        if wanted.is_plain() || outcome.winners.is_empty() {
            return Ok(None);
        }
        if !self.arguments.quiet {
            let trials = choose(outcome, wanted.ensemble).len();
            say!(
                "model   trains the best {trials} trial(s) once more, for what they say of validation rows"
            );
        }
        finals(self, outcome, file)
    }

    /// Writes everything that follows from the trials that have ended. Returns what the models come to
    /// on test rows.
    fn write(
        &self,
        file: &RunFile,
        outcome: &Outcome,
        finals: Option<Finals>,
    ) -> Result<Told, Failure> {
        let columns = Columns::of(self.trials);
        write_trials(&self.folder.file("trials.csv"), &outcome.results, &columns)?;
        write_folds(&self.folder.file("folds.csv"), &outcome.results, &columns)?;
        let mut seeds = self.trials.iter().map(|trial| trial.recipe().seed());
        let first = seeds.next();
        if self.settings.data.count() > 1 || seeds.any(|seed| Some(seed) != first) {
            let path = self.folder.file("configurations.csv");
            write_configurations(&path, &outcome.results, &columns, self.settings.rank_by)?;
        }
        let classes = &self.prepared.classes;
        let mut told = Told { is_final: finals.is_some(), ..Told::default() };
        let (best, ensemble) = match (finals, outcome.winner(self.settings.rank_by)) {
            (Some(finals), _) => (Some(finals.best), finals.ensemble),
            (None, Some(winner)) => (Some(self.plain(winner, file)), None),
            (None, None) => (None, None),
        };
        match best {
            Some(best) => {
                let Provenance { trial, fold, .. } = &best.model.description().provenance;
                let (rows, _) = self.prepared.at(self.trials[*trial].preparation, *fold);
                keep_importances(self.folder, (&best.model, self.engine), rows, file)?;
                told.best = keep(&self.folder.file("best"), "the best model", best, classes)?;
            }
            // An earlier call may have had one, and its journal lost it.
            None => ["best", "plots"].iter().try_for_each(|name| self.folder.remove(name))?,
        }
        match ensemble {
            Some(ensemble) => {
                told.members = ensemble.model.members().len();
                let into = self.folder.file("ensemble");
                told.ensemble = keep(&into, "the ensemble", ensemble, classes)?;
            }
            None => self.folder.remove("ensemble")?,
        }
        told.kept = keep_families(self, file, outcome, &columns)?;
        file.write(&self.folder.file("run.json"))?;
        write_report(self.folder.path())?;
        Ok(told)
    }

    /// A winner's model as the sweep trained it.
    pub fn plain(&self, winner: &Winner, file: &RunFile) -> Kept {
        let Winner { result, fold, epoch, fitted } = winner;
        plain(&result.trial, (*fold, *epoch, fitted), self.engine, self.prepared, file)
    }

    /// A failure with how to go on, where there is something to go on with.
    fn advise(&self, failure: Failure) -> Failure {
        if failure.is_refusal() || !self.folder.journal().exists() {
            return failure;
        }
        failure.advise(format!("to go on with what is recorded: {}", resuming()))
    }

    /// How the call ended, with what to do where trials are missing.
    fn exit(&self, file: &RunFile, ended_now: usize) -> Exit {
        let (counts, total) = (&file.trials, file.trials.total);
        let left = total - counts.ended();
        if left > 0 && !self.arguments.quiet {
            complain!(
                "stopped: {} of {total} trials had ended; to go on: {}",
                counts.ended(),
                resuming()
            );
        }
        if left == 0 && file.status != RunStatus::Finished && !self.arguments.quiet {
            complain!(
                "stopped: all trials had ended, but not what \"model\" asks for; to go on: {}",
                resuming()
            );
        }
        if file.status == RunStatus::Interrupted {
            Exit::Interrupted
        } else if left > 0 && ended_now == 0 {
            complain!("error: no trial ended within --time-budget: give more than a trial takes");
            Exit::NothingFinished
        } else if left == 0 && counts.finished == 0 {
            let (diverged, failed) = (counts.diverged, counts.failed);
            complain!("error: no trial finished: {diverged} diverged, {failed} failed");
            Exit::NothingFinished
        } else if counts.failed > 0 {
            complain!("error: {} trial(s) failed; --resume trains them again", counts.failed);
            Exit::Other
        } else {
            Exit::Done
        }
    }
}
