//! One call of the sweep: it begins or resumes a run, trains, and writes what follows from
//! the journal.

use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::Value;

use super::facts::{conclude, resuming};
use super::families::keep_families;
use super::importance::keep_importances;
use super::keep::keep;
use super::sources::given;
use super::stop::Stop;
use super::summary::{RunSummary, announce, summarise};
use crate::cli::Sweep;
use crate::commands::failure::{Exit, Failure};
use crate::commands::progress::Progress;
use crate::engine::Engine;
use crate::engine::torch::Placement;
use crate::finals::{self, FinalModels, SavedModel, Stage, as_trained};
use crate::metrics::{PartMetrics, Score};
use crate::plural::{counted, grouped};
use crate::prepare::Prepared;
use crate::record::{
    JournalHeader, Past, RunFile, RunFolder, RunLog, RunStatus, ScoreColumns, Times,
    write_configurations, write_folds, write_trials,
};
use crate::report::write_report;
use crate::sweep::{self, Columns, Job, Outcome, Settings, Trial, Winner};

/// What one call needs.
pub(super) struct Session<'a> {
    pub arguments: &'a Sweep,
    pub engine: &'a dyn Engine,
    pub placement: &'a Placement,
    pub prepared: &'a Prepared,
    pub settings: &'a Settings<'a>,
    /// The score that selects the models of an ensemble, if one is asked for.
    pub ensemble_score: Option<Score>,
    /// All trials of the grid.
    pub trials: &'a [Trial],
    pub stop: &'a Stop,
    pub folder: &'a RunFolder,
    pub started: Instant,
}

impl Session<'_> {
    /// Trains the missing trials of `jobs`, and writes every output.
    pub fn go(
        &self,
        mut file: RunFile,
        jobs: Vec<Job>,
        fingerprint: Value,
    ) -> Result<Exit, Failure> {
        let (log, past) = self.begin(&file, fingerprint).map_err(|failure| self.advise(failure))?;
        file.started_at.clone_from(&past.header.started_at);
        file.command_line.clone_from(&past.header.command_line);
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
        let summary =
            self.write(&file, &outcome, finals).map_err(|failure| self.advise(failure))?;
        if !self.arguments.quiet {
            summarise(&outcome, (&file, self.settings.rank_by), &summary, self.folder);
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

    /// Resumes the journal that the folder holds, or begins one.
    fn begin(&self, file: &RunFile, fingerprint: Value) -> Result<(RunLog, Past), Failure> {
        if self.arguments.resume {
            let Self { folder, trials, settings, started, .. } = *self;
            let found = RunLog::resume(folder, &fingerprint, trials, settings, started)?;
            if let Some(found) = found {
                return Ok(found);
            }
        }
        let (started_at, command_line) = (file.started_at.clone(), file.command_line.clone());
        let header =
            JournalHeader::new(started_at, command_line, given(self.arguments), fingerprint);
        Ok((RunLog::begin(self.folder, &header, self.trials, self.started)?, Past::none(header)))
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
                say!("resume  no run yet: a new one begins in {}", self.folder.path().display());
            } else if self.arguments.resume {
                let total = counted(self.trials.len(), "trial");
                say!("resume  {} of {total} had ended", grouped(ended.len()));
            }
            if jobs.len() < left {
                let trials: usize = jobs.iter().map(|job| job.trials().count()).sum();
                let whole = "networks and packs are trained whole";
                let (trials, left) = (counted(trials, "trial"), counted(left, "pack"));
                say!("limit   {trials} now, in {} of {left}: {whole}", grouped(jobs.len()));
            }
        }
        file.write(&self.folder.file("run.json"))?;
        let (stop, settings) = (self.stop.flag(), self.settings);
        let quiet = self.arguments.quiet;
        let how = (&file.grid.rank_by, quiet);
        let progress = Progress::new(&log, stop, settings, &jobs, &past.outcome, how);
        let cx = settings.context(self.engine, stop);
        let outcome = sweep::run(cx, jobs, settings, past.outcome, &progress)?;
        progress.finish();
        drop(progress);
        Ok((outcome, log.close()?))
    }

    /// What the grid file asks for once all trials have ended; `None` if it asks for nothing.
    fn finish(&self, file: &RunFile, outcome: &Outcome) -> Result<Option<FinalModels>, Failure> {
        let wanted = &file.grid.model;
        if wanted.is_plain() || outcome.winners.is_empty() {
            return Ok(None);
        }
        if !self.arguments.quiet {
            let trials = finals::choose(outcome, wanted);
            let best = match trials.len() {
                1 => "the best trial".to_owned(),
                several => format!("the best {several} trials"),
            };
            let known = |number| outcome.out_of_fold.contains_key(&number);
            let again = trials.iter().filter(|trial| !known(trial.number())).count();
            let again = match again {
                0 => String::new(),
                _ => format!(
                    ", {again} of them trained once more for predictions on validation rows"
                ),
            };
            say!("model   from {best}{again}");
        }
        let Self { arguments, engine, placement, prepared, settings, trials, .. } = *self;
        let stage = Stage {
            engine,
            choice: arguments.engine,
            placement,
            prepared,
            settings,
            trials,
            stop: self.stop.flag(),
            file,
            ensemble_score: self.ensemble_score,
        };
        Ok(finals::make(&stage, outcome)?)
    }

    /// Writes everything that follows from the trials that have ended. Returns the models' scores
    /// on test rows.
    fn write(
        &self,
        file: &RunFile,
        outcome: &Outcome,
        finals: Option<FinalModels>,
    ) -> Result<RunSummary, Failure> {
        let columns = Columns::of(self.trials);
        let scores = ScoreColumns::of(&file.grid.rank_by);
        write_trials(&self.folder.file("trials.csv"), &outcome.results, &columns, &scores)?;
        write_folds(&self.folder.file("folds.csv"), &outcome.results, &columns, &scores)?;
        let mut seeds = self.trials.iter().map(|trial| trial.recipe().seed());
        let first = seeds.next();
        if self.settings.data.count() > 1 || seeds.any(|seed| Some(seed) != first) {
            let path = self.folder.file("configurations.csv");
            let ranked = (&scores, self.settings.rank_by);
            write_configurations(&path, &outcome.results, &columns, ranked)?;
        }
        let classes = &self.prepared.classes;
        let mut summary = RunSummary { is_final: finals.is_some(), ..RunSummary::default() };
        let (best, ensemble, stacked) = match (finals, outcome.winner(self.settings.rank_by)) {
            (Some(FinalModels { best, ensemble, stacked }), _) => (Some(best), ensemble, stacked),
            (None, Some(winner)) => (Some(self.as_trained(winner, file)), None, None),
            (None, None) => (None, None, None),
        };
        match best {
            Some(best) => {
                let rows = (self.prepared, self.trials);
                keep_importances(self.folder, (&best.model, self.engine), rows, file)?;
                summary.best = keep(&self.folder.file("best"), "the best model", best, classes)?;
            }
            // An earlier call may have had one, and its journal lost it.
            None => ["best", "plots"].iter().try_for_each(|name| self.folder.remove(name))?,
        }
        if let Some(ensemble) = &ensemble {
            summary.members = ensemble.model.members().len();
        }
        summary.ensemble = self.keep_or_remove("ensemble", "the ensemble", ensemble)?;
        summary.stacked = self.keep_or_remove("stacked", "the stacked model", stacked)?;
        summary.kept = keep_families(self, file, outcome, &columns)?;
        file.write(&self.folder.file("run.json"))?;
        write_report(self.folder.path())?;
        Ok(summary)
    }

    /// Keeps a model where there is one, and else removes what an earlier call kept. Returns the
    /// metrics on test rows.
    fn keep_or_remove(
        &self,
        folder: &str,
        name: &str,
        model: Option<SavedModel>,
    ) -> Result<Option<PartMetrics>, Failure> {
        let Some(model) = model else {
            self.folder.remove(folder)?;
            return Ok(None);
        };
        keep(&self.folder.file(folder), name, model, &self.prepared.classes)
    }

    /// A winner's model as the sweep trained it.
    pub fn as_trained(&self, winner: &Winner, file: &RunFile) -> SavedModel {
        let Winner { result, fold, epoch, fitted } = winner;
        as_trained(&result.trial, (*fold, *epoch, fitted), self.engine, self.prepared, file)
    }

    /// A failure with the command to resume, if there is a journal.
    fn advise(&self, failure: Failure) -> Failure {
        if failure.is_refusal() || !self.folder.journal().exists() {
            return failure;
        }
        failure.advise(format!("to resume from what is recorded: {}", resuming()))
    }

    /// The exit code, with advice where trials are missing.
    fn exit(&self, file: &RunFile, ended_now: usize) -> Exit {
        let (counts, total) = (&file.trials, file.trials.total);
        let left = total - counts.ended();
        if left > 0 && !self.arguments.quiet {
            complain!(
                "stopped: {} of {total} trials had ended; to resume: {}",
                counts.ended(),
                resuming()
            );
        }
        if left == 0 && file.status != RunStatus::Finished && !self.arguments.quiet {
            complain!(
                "stopped: all trials had ended, but not what \"model\" asks for; to resume: {}",
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
            let failed = counted(counts.failed, "trial");
            complain!("error: {failed} failed; --resume trains what failed again");
            Exit::Other
        } else {
            Exit::Done
        }
    }
}
