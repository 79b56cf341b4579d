//! curves.csv: one row a network and epoch, written while the run goes on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{RecordError, write_atomically};
use crate::sweep::{AXES, CurveRow};

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

/// The log of curves. While the run goes on, rows are added as they come, those of an epoch of a
/// pack in one call; at the end the file is put into the order of the trials. So a killed run keeps
/// every row that was recorded, and a run that ended has bytes that depend on the grid alone,
/// whatever order the workers came in.
#[derive(Debug)]
pub struct CurveLog {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    length: u64,
    /// Where each trial's rows lie in the file: start and end, in the order they were added.
    blocks: BTreeMap<usize, Vec<(u64, u64)>>,
    /// The first error; nothing is written after it.
    failed: Option<io::Error>,
}

impl CurveLog {
    /// Starts the file with its header.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        // The seed has its column among the figures.
        let axes = AXES.iter().filter(|axis| **axis != "seed");
        let header: Vec<&str> = FIGURES.iter().chain(axes).copied().collect();
        let header = format!("{}\n", header.join(","));
        let start = || {
            let mut file = File::create(path)?;
            file.write_all(header.as_bytes())?;
            Ok(file)
        };
        let file = start().map_err(RecordError::at(path))?;
        let length = header.len() as u64;
        let state = State { file, length, blocks: BTreeMap::new(), failed: None };
        Ok(Self { path: path.to_owned(), state: Mutex::new(state) })
    }

    /// Adds an epoch's rows; says whether the file still takes rows.
    pub fn add(&self, rows: &[CurveRow<'_>]) -> bool {
        let lines: Vec<String> = rows.iter().map(line).collect();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.add(rows, &lines);
        state.failed.is_none()
    }

    /// Puts the rows into the order of the trials, and the file on the disk.
    ///
    /// # Errors
    /// [`RecordError::Write`], the first that any row met.
    pub fn close(self) -> Result<(), RecordError> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.failed {
            return Err(RecordError::at(self.path)(error));
        }
        state.file.sync_all().map_err(RecordError::at(&self.path))?;
        let ordered: Vec<(u64, u64)> = state.blocks.into_values().flatten().collect();
        if ordered.is_sorted() {
            return Ok(());
        }
        let header = ordered.iter().map(|(start, _)| *start).min().unwrap_or(0);
        write_atomically(&self.path, |out| {
            let mut file = BufReader::new(File::open(&self.path)?);
            let (mut place, mut block) = (0, Vec::new());
            for (start, end) in std::iter::once((0, header)).chain(ordered) {
                // Relative, so that a jump within what is read already costs nothing.
                file.seek_relative(start as i64 - place)?;
                block.resize((end - start) as usize, 0);
                file.read_exact(&mut block)?;
                out.write_all(&block)?;
                place = end as i64;
            }
            Ok(())
        })
    }
}

impl State {
    /// Writes whole rows in one call, so that a killed process leaves no half row behind. Where the
    /// disk takes only part of them, the part is taken back.
    fn add(&mut self, rows: &[CurveRow<'_>], lines: &[String]) {
        if self.failed.is_some() || rows.is_empty() {
            return;
        }
        if let Err(error) = self.file.write_all(lines.concat().as_bytes()) {
            // Should this fail too, the error that is reported is the one that matters.
            let _ = self.file.set_len(self.length);
            self.failed = Some(error);
            return;
        }
        for (row, line) in rows.iter().zip(lines) {
            let (start, end) = (self.length, self.length + line.len() as u64);
            self.length = end;
            let blocks = self.blocks.entry(row.trial.number).or_default();
            match blocks.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => blocks.push((start, end)),
            }
        }
    }
}

fn line(row: &CurveRow<'_>) -> String {
    let CurveRow { trial, fold, epoch } = row;
    let mut line = format!("{},{fold},{},{}", trial.number, trial.seed, epoch.epoch);
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
    line
}
