//! curves.csv: one row a network and epoch, written while the run goes on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::RecordError;
use crate::sweep::{AXES, CurveRow, Job};

/// The columns before the hyperparameters.
const FIGURES: [&str; 10] = [
    "trial",
    "fold",
    "seed",
    "epoch",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
    "test_loss",
    "test_accuracy",
];

/// The log of curves. Rows of different jobs come in the order of the jobs whatever the workers'
/// order: those of the first job that has not ended go to the file at once, epoch by epoch, the
/// others wait in memory for their turn. So the bytes depend on the grid alone.
#[derive(Debug)]
pub struct CurveLog {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// The job whose rows go to the file at once.
    head: usize,
    /// Rows of later jobs, and whether the job has ended.
    waiting: BTreeMap<usize, (Vec<u8>, bool)>,
    /// The first error; nothing is written after it.
    failed: Option<io::Error>,
}

impl CurveLog {
    /// Starts the file with its header.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let mut file = File::create(path).map_err(RecordError::at(path))?;
        // The seed has its column among the figures.
        let axes = AXES.iter().filter(|axis| **axis != "seed");
        let header: Vec<&str> = FIGURES.iter().chain(axes).copied().collect();
        let header = format!("{}\n", header.join(","));
        file.write_all(header.as_bytes()).map_err(RecordError::at(path))?;
        let state = State { file, head: 0, waiting: BTreeMap::new(), failed: None };
        Ok(Self { path: path.to_owned(), state: Mutex::new(state) })
    }

    /// Adds an epoch's rows; says whether the file still takes rows.
    pub fn add(&self, job: &Job, rows: &[CurveRow]) -> bool {
        let text = text(job, rows);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if job.number == state.head {
            state.write(&text);
        } else {
            state.waiting.entry(job.number).or_default().0.extend(text);
        }
        state.failed.is_none()
    }

    /// Notes that a job has ended, and writes the rows that waited for it.
    pub fn end(&self, job: &Job) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.entry(job.number).or_default().1 = true;
        while let Some((rows, ended)) = {
            let head = state.head;
            state.waiting.remove(&head)
        } {
            state.write(&rows);
            if !ended {
                break;
            }
            state.head += 1;
        }
    }

    /// Writes what still waits, and puts the file on the disk.
    ///
    /// # Errors
    /// [`RecordError::Write`], the first that any row met.
    pub fn close(self) -> Result<(), RecordError> {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (rows, _) in std::mem::take(&mut state.waiting).into_values() {
            state.write(&rows);
        }
        let synced = match state.failed.take() {
            Some(error) => Err(error),
            None => state.file.sync_all(),
        };
        synced.map_err(RecordError::at(self.path))
    }
}

impl State {
    /// Writes whole rows in one call, so that a killed process leaves no half row behind. Where the
    /// disk takes only part of them, the part is taken back.
    fn write(&mut self, rows: &[u8]) {
        if self.failed.is_some() || rows.is_empty() {
            return;
        }
        let before = self.file.metadata().map(|data| data.len());
        if let Err(error) = self.file.write_all(rows) {
            if let Ok(length) = before {
                // Should this fail too, the error that is reported is the one that matters.
                let _ = self.file.set_len(length);
            }
            self.failed = Some(error);
        }
    }
}

fn text(job: &Job, rows: &[CurveRow]) -> Vec<u8> {
    let mut text = Vec::with_capacity(rows.len() * 160);
    for row in rows {
        let (trial, epoch) = (&job.trials[row.member], &row.epoch);
        let mut line = format!("{},{},{},{}", trial.number, row.fold, trial.seed, epoch.epoch);
        for means in [epoch.train, epoch.valid, epoch.test] {
            // Seven digits are what 32-bit training has; f32 prints no more than it needs.
            let _ = write!(line, ",{},{}", means.loss as f32, means.accuracy as f32);
        }
        for (axis, value) in AXES.iter().zip(trial.settings()) {
            if *axis != "seed" {
                line.push(',');
                line.push_str(&value);
            }
        }
        line.push('\n');
        text.extend(line.into_bytes());
    }
    text
}
