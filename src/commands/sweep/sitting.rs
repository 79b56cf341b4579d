//! One call of the sweep: it begins a run or goes on with one, trains, and writes what follows from
//! the journal.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use super::facts::{conclude, resuming};
use super::stop::Stop;
use super::summary::{announce, summarise};
use super::winner::keep;
use crate::cli::Sweep;
use crate::commands::failure::{Exit, Failure};
use crate::commands::progress::Progress;
use crate::engine::Engine;
use crate::prepare::Prepared;
use crate::record::{Head, Past, RunFile, RunFolder, RunLog, RunStatus, Times, write_trials};
use crate::report::write_report;
use crate::sweep::{self, Job, Outcome, Settings, Trial};

/// A failure that the run survives.
fn advise(failure: Failure) -> Failure {
    failure.advise(format!("to go on with what is recorded: {}", resuming()))
}

/// What one call works with.
pub(super) struct Sitting<'a> {
    pub arguments: &'a Sweep,
    pub engine: &'a dyn Engine,
    pub prepared: &'a Prepared,
    pub settings: &'a Settings,
    /// All trials of the grid.
    pub trials: &'a [Trial],
    pub stop: &'a Stop,
    pub folder: &'a RunFolder,
    pub started: Instant,
}

impl Sitting<'_> {
    /// Trains what is missing of `jobs`, and writes every output.
    pub fn go(&self, mut file: RunFile, jobs: Vec<Job>, made_of: Value) -> Result<Exit, Failure> {
        let (log, past) = self.begin(&file, made_of)?;
        file.started_at.clone_from(&past.head.started_at);
        file.command_line.clone_from(&past.head.command_line);
        let (outcome, times) = self.train(&file, jobs, log, &past).map_err(advise)?;
        let status = if outcome.results.len() == self.trials.len() {
            RunStatus::Finished
        } else if self.stop.interrupted() {
            RunStatus::Interrupted
        } else {
            RunStatus::Stopped
        };
        conclude(&mut file, &outcome.results, status);
        file.finished_at = times.ended_at;
        file.elapsed_s = times.elapsed_s;
        self.write(&file, &outcome).map_err(advise)?;
        if !self.arguments.quiet {
            summarise(&outcome, &file, self.folder);
        }
        for failure in &file.failures {
            complain!("{failure}");
        }
        let ended_now = outcome.results.len() - past.outcome.results.len();
        Ok(self.exit(&file, ended_now))
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
        let head = Head::new(file.started_at.clone(), file.command_line.clone(), made_of);
        let log = RunLog::begin(self.folder, &head, self.started);
        let log = log.map_err(|error| advise(error.into()))?;
        Ok((log, Past::none(head)))
    }

    /// Trains the jobs that are left; says too when the last trial ended.
    fn train(
        &self,
        file: &RunFile,
        jobs: Vec<Job>,
        log: RunLog,
        past: &Past,
    ) -> Result<(Outcome, Times), Failure> {
        let done: BTreeSet<usize> =
            past.outcome.results.iter().map(|result| result.trial.number).collect();
        let packs = jobs.len();
        let mut jobs = sweep::remaining(jobs, &done);
        let left = jobs.len();
        if let Some(most) = self.arguments.max_trials {
            jobs = sweep::first(jobs, most.get());
        }
        if !self.arguments.quiet {
            announce(file, packs);
            if let Some(repair) = &past.repair {
                say!("note    {repair}");
            }
            if self.arguments.resume {
                say!("resume  {} of {} trial(s) had ended", done.len(), self.trials.len());
            }
            if jobs.len() < left {
                let trials: usize = jobs.iter().map(|job| job.trials().count()).sum();
                say!("limit   {trials} trial(s) now, in {} of {left} pack(s)", jobs.len());
            }
        }
        file.write(&self.folder.file("run.json"))?;
        let (stop, settings) = (self.stop.flag(), self.settings);
        let quiet = self.arguments.quiet;
        let progress = Progress::new(&log, stop, settings, &jobs, &past.outcome, quiet);
        let before = past.outcome.clone();
        let outcome = sweep::run(self.engine, jobs, settings, before, stop, &progress)?;
        progress.finish();
        drop(progress);
        Ok((outcome, log.close()?))
    }

    /// Writes everything that follows from the trials that have ended.
    fn write(&self, file: &RunFile, outcome: &Outcome) -> Result<(), Failure> {
        write_trials(&self.folder.file("trials.csv"), &outcome.results)?;
        if let Some(winner) = &outcome.winner {
            keep(self.folder, winner, self.engine, self.prepared, file)?;
        }
        file.write(&self.folder.file("run.json"))?;
        write_report(self.folder.path())?;
        Ok(())
    }

    /// How the call ended, with what to do where trials are missing.
    fn exit(&self, file: &RunFile, ended_now: usize) -> Exit {
        let (counts, left) = (&file.trials, file.trials.total - file.trials.ended());
        if left > 0 && !self.arguments.quiet {
            let ended = counts.ended();
            complain!(
                "stopped: {ended} of {} trials had ended; to go on: {}",
                counts.total,
                resuming()
            );
        }
        if file.status == RunStatus::Interrupted {
            Exit::Interrupted
        } else if file.status == RunStatus::Stopped && ended_now == 0 {
            complain!(
                "error: no trial ended within --time-budget: give more than a trial takes, since those in training are begun again"
            );
            Exit::NothingFinished
        } else if counts.finished == 0 {
            let (diverged, failed) = (counts.diverged, counts.failed);
            complain!(
                "error: no trial finished: {diverged} diverged, {failed} failed, {left} left"
            );
            Exit::NothingFinished
        } else if counts.failed > 0 {
            Exit::Other
        } else {
            Exit::Done
        }
    }
}
