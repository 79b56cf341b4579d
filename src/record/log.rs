//! Files that grow during a run: curves.csv row by row, the journal trial by trial.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;

use super::entry::Entry;
use super::journal::{Journal, JournalHeader, Past, Times};
use super::{RecordError, RunFolder, curves, now};
use crate::sweep::{Columns, CurveRow, Settings, Trial, TrialResult, Winner};

/// The log of a run. During the run, curves.csv takes rows as they come, those of an epoch of
/// a pack in one call, and a killed run keeps every row that was recorded; at the end the file is
/// written again from the journal, in the order of the trials. So its bytes depend on the grid
/// alone, whatever order the workers came in and however often the run was stopped.
#[derive(Debug)]
pub struct RunLog {
    curves: PathBuf,
    columns: Columns,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    journal: Journal,
    file: File,
    /// Length of curves.csv.
    length: u64,
    /// Rows of the trials in training.
    unended: BTreeMap<usize, String>,
    /// Seconds of earlier sessions, and the start of this one.
    before_s: f64,
    since: Instant,
    times: Times,
    /// The first error; nothing is written after it.
    failed: Option<RecordError>,
}

impl RunLog {
    /// Begins both files.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn begin(
        folder: &RunFolder,
        header: &JournalHeader,
        trials: &[Trial],
        since: Instant,
    ) -> Result<Self, RecordError> {
        let journal = Journal::create(&folder.journal(), header)?;
        Self::follow(folder, journal, Columns::of(trials), (Times::default(), since))
    }

    /// Resumes a journal whose fingerprint is `fingerprint` and whose trials are numbers in `trials`.
    /// Returns `None` if there is none.
    ///
    /// # Errors
    /// [`RecordError::Journal`] where it belongs to another run, or cannot be read;
    /// [`RecordError::Write`].
    pub fn resume(
        folder: &RunFolder,
        fingerprint: &Value,
        trials: &[Trial],
        settings: &Settings<'_>,
        since: Instant,
    ) -> Result<Option<(Self, Past)>, RecordError> {
        let path = folder.journal();
        if !path.exists() {
            return Ok(None);
        }
        let (journal, past) = Journal::open(&path, fingerprint, trials, settings)?;
        let times = (past.times.clone(), since);
        Ok(Some((Self::follow(folder, journal, Columns::of(trials), times)?, past)))
    }

    fn follow(
        folder: &RunFolder,
        journal: Journal,
        columns: Columns,
        (times, since): (Times, Instant),
    ) -> Result<Self, RecordError> {
        let path = folder.file("curves.csv");
        let unended = BTreeMap::new();
        journal.write_curves(&path, &columns, &unended)?;
        let open = || {
            let file = File::options().append(true).open(&path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = open().map_err(RecordError::at(&path))?;
        let before_s = times.elapsed_s;
        let state = State { journal, file, length, unended, before_s, since, times, failed: None };
        Ok(Self { curves: path, columns, state: Mutex::new(state) })
    }

    /// Adds a round's rows; returns whether the log still accepts any.
    pub fn round(&self, rows: &[CurveRow<'_>]) -> bool {
        let lines: Vec<String> = rows.iter().map(|row| curves::line(row, &self.columns)).collect();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed.is_none() {
            let written = state.write(&lines.concat()).map_err(RecordError::at(&self.curves));
            state.failed = written.and_then(|()| state.sync_in_time()).err();
            for (row, line) in rows.iter().zip(&lines) {
                state.unended.entry(row.trial.number).or_default().push_str(line);
            }
        }
        state.failed.is_none()
    }

    /// Adds trials that have ended, one of which may be the best of the run; returns whether the log
    /// still accepts any.
    pub fn ended(&self, results: &[TrialResult], best: Option<&Winner>) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ended(results, best);
        state.failed.is_none()
    }

    /// Puts the journal on the disk, and the rows of curves.csv into the order of the trials. Says
    /// when the last trial ended.
    ///
    /// # Errors
    /// [`RecordError::Write`], the first that any row or trial met.
    pub fn close(self) -> Result<Times, RecordError> {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.failed {
            return Err(error);
        }
        state.journal.sync().map_err(RecordError::at(state.journal.path()))?;
        state.journal.write_curves(&self.curves, &self.columns, &state.unended)?;
        Ok(state.times)
    }
}

impl State {
    /// Writes whole rows in one call, so that a killed process leaves no half row. Where the
    /// disk takes only part of them, the part is taken back.
    fn write(&mut self, rows: &str) -> std::io::Result<()> {
        if let Err(error) = self.file.write_all(rows.as_bytes()) {
            // Should this fail too, the error that is reported is the one that matters.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += rows.len() as u64;
        Ok(())
    }

    fn sync_in_time(&mut self) -> Result<(), RecordError> {
        let synced = self.journal.sync_in_time();
        synced.map_err(RecordError::at(self.journal.path()))
    }

    fn ended(&mut self, results: &[TrialResult], best: Option<&Winner>) {
        if self.failed.is_some() {
            return;
        }
        let elapsed_s = self.before_s + self.since.elapsed().as_secs_f64();
        let (ended_at, elapsed_s) = (now(), (elapsed_s * 1000.0).round() / 1000.0);
        let entry = |result: &TrialResult| {
            let number = result.trial.number;
            let best = best.filter(|best| best.result.trial.number == number);
            let curves = self.unended.get(&number).map_or("", String::as_str);
            (number, Entry::new(result, best, curves, (&ended_at, elapsed_s)))
        };
        let mut entries: Vec<_> = results.iter().map(entry).collect();
        // The best first: where only some of the lines get written, the best of them has its network.
        entries
            .sort_by_key(|(number, _)| best.is_none_or(|best| best.result.trial.number != *number));
        match self.journal.add(&entries) {
            Ok(()) => {
                let ended = results.iter().map(|result| result.trial.number);
                ended.for_each(|number| drop(self.unended.remove(&number)));
                self.times = Times { ended_at: Some(ended_at), elapsed_s };
            }
            Err(error) => self.failed = Some(RecordError::at(self.journal.path())(error)),
        }
    }
}
