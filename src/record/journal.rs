//! journal.jsonl: a header with the fingerprint of a run, then every trial that has ended, in the order they ended.
//!
//! All outputs follow from it, so a run that was stopped at any moment goes on from it. It only ever
//! grows, a line at a time, and every prefix of its lines is the journal of a run that was stopped
//! earlier: the line of a trial that was the best of its family so far holds its model.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::{Entry, Rows, seal, unseal};
use super::folder::JOURNAL;
use super::{JournalError, RecordError, curves, write_atomically};
use crate::sweep::{Columns, Outcome, Settings, Status, Trial, TrialResult};
use crate::untrusted::{MOST_JSON, readable};

/// The version of the format; a reader refuses others.
const FORMAT: u32 = 5;

/// The longest time between syncs, lost at most when a machine loses power.
const BETWEEN_SYNCS: Duration = Duration::from_secs(1);

/// The first line: which run it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalHeader {
    format: u32,
    /// When the run was begun: RFC 3339, UTC.
    pub started_at: String,
    /// The command line that began the run.
    pub command_line: String,
    /// The files that its command line named in place of the grid file's.
    #[serde(default)]
    pub given: Vec<String>,
    /// The fingerprint: everything that its numbers depend on, an object.
    pub made_of: Value,
}

impl JournalHeader {
    /// The header of a new run.
    pub fn new(
        started_at: String,
        command_line: String,
        given: Vec<String>,
        fingerprint: Value,
    ) -> Self {
        Self { format: FORMAT, started_at, command_line, given, made_of: fingerprint }
    }
}

/// What a journal holds of a run.
#[derive(Debug)]
pub struct Past {
    /// The command line that began the run.
    pub header: JournalHeader,
    /// The trials that have ended, by their numbers, and the best of them. Failed ones are left out:
    /// what failed them may be gone.
    pub outcome: Outcome,
    /// The numbers of those that failed.
    pub failed: BTreeSet<usize>,
    /// When the last of them ended.
    pub times: Times,
    /// Whether the run is new.
    pub is_new: bool,
    /// The damaged end that was cut off, if any.
    pub repair: Option<String>,
}

/// When the last trial of a run ended.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Times {
    /// RFC 3339, UTC; `None` if none has.
    pub ended_at: Option<String>,
    /// Seconds of training until then, without the pauses between sessions.
    pub elapsed_s: f64,
}

impl Past {
    /// That of a new run.
    pub fn none(header: JournalHeader) -> Self {
        let outcome = Outcome::default();
        let failed = BTreeSet::new();
        Self { header, outcome, failed, times: Times::default(), is_new: true, repair: None }
    }
}

/// The journal of a run in progress.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Its whole lines, in bytes.
    length: u64,
    /// The start and length of the line of each trial.
    lines: BTreeMap<usize, (u64, usize)>,
    synced: Instant,
}

impl Journal {
    /// Begins a journal.
    pub fn create(path: &Path, header: &JournalHeader) -> Result<Self, RecordError> {
        let line = seal(header).map_err(|error| RecordError::at(path)(error.into()))?;
        write_atomically(path, |out| out.write_all(&line))?;
        Self::append_to(path, line.len() as u64, BTreeMap::new())
    }

    fn append_to(
        path: &Path,
        length: u64,
        lines: BTreeMap<usize, (u64, usize)>,
    ) -> Result<Self, RecordError> {
        let file = File::options().read(true).append(true).open(path);
        let file = file.map_err(RecordError::at(path))?;
        let synced = Instant::now();
        Ok(Self { path: path.to_owned(), file, length, lines, synced })
    }

    /// Resumes a journal, once it is known to be of a run whose fingerprint is `fingerprint`. What is
    /// damaged, or was cut off, is taken off its end.
    pub fn open(
        path: &Path,
        fingerprint: &Value,
        trials: &[Trial],
        settings: &Settings<'_>,
    ) -> Result<(Self, Past), RecordError> {
        let file = File::open(path).map_err(JournalError::reading(path))?;
        let total = file.metadata().map_err(JournalError::reading(path))?.len();
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        let longest = longest_line(trials, settings);
        let mut next = |line: &mut Vec<u8>| {
            line.clear();
            let mut line_of_ours = lines.by_ref().take(longest);
            line_of_ours.read_until(b'\n', line).map_err(JournalError::reading(path))
        };
        let mut length = next(&mut line)? as u64;
        let header = read_header(path, &line)?;
        super::differences::check(path, &header.made_of, fingerprint)?;
        let mut past = Past { is_new: false, ..Past::none(header) };
        let mut number = 2;
        let mut places = BTreeMap::new();
        let mut results = BTreeMap::new();
        while next(&mut line)? > 0 {
            let entry = unseal(&line).and_then(|json| serde_json::from_str::<Entry>(json).ok());
            let read =
                entry.and_then(|entry| entry.read(trials, settings).map(|read| (entry, read)));
            let Some((entry, (result, winner))) = read else { break };
            let ended_at = Some(entry.ended_at.into_owned());
            past.times = Times { ended_at, elapsed_s: entry.elapsed_s };
            if let Some(winner) = winner {
                past.outcome.winners.insert(result.trial.family(), winner);
            }
            places.insert(result.trial.number, (length, line.len()));
            results.insert(result.trial.number, result);
            length += line.len() as u64;
            number += 1;
        }
        let failed = |result: &&TrialResult| matches!(result.status, Status::Failed(_));
        past.failed = results.values().filter(failed).map(|result| result.trial.number).collect();
        past.outcome.results = results.into_values().collect();
        past.outcome.drop_unsound(settings.rank_by);
        // What is trained again writes its rows again.
        let ended = past.outcome.results.iter().map(|result| result.trial.number);
        let places = ended.filter_map(|number| Some((number, *places.get(&number)?))).collect();
        let journal = Self::append_to(path, length, places)?;
        if length < total {
            journal.file.set_len(length).map_err(RecordError::at(path))?;
            past.repair = Some(format!(
                "{}: the last {} bytes, from line {number} on, are damaged or were cut off, and are \
                 left out: the trials that they held are trained again",
                path.display(),
                total - length,
            ));
        }
        Ok((journal, past))
    }

    /// Adds trials that have ended, each with its number.
    pub fn add(&mut self, entries: &[(usize, Entry<'_>)]) -> io::Result<()> {
        for (number, entry) in entries {
            let line = seal(entry)?;
            if let Err(error) = self.file.write_all(&line) {
                // Part of it may have been written. Should this fail too, the next run takes it off.
                let _ = self.file.set_len(self.length);
                return Err(error);
            }
            self.lines.insert(*number, (self.length, line.len()));
            self.length += line.len() as u64;
        }
        self.sync_in_time()
    }

    /// Syncs where that is due.
    pub fn sync_in_time(&mut self) -> io::Result<()> {
        if self.synced.elapsed() < BETWEEN_SYNCS { Ok(()) } else { self.sync() }
    }

    /// Puts what was added on the disk, and makes sure that it is still to be found there: a file
    /// that was deleted takes lines without an error.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.synced = Instant::now();
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let ours = self.file.metadata()?;
            let same = |there: fs::Metadata| (ours.dev(), ours.ino()) == (there.dev(), there.ino());
            if !fs::metadata(&self.path).is_ok_and(same) {
                let text = "it is gone: it was removed, moved or replaced while the run went on";
                return Err(io::Error::new(io::ErrorKind::NotFound, text));
            }
        }
        Ok(())
    }

    /// Writes curves.csv: the rows of all trials by their numbers, those of trials that have not
    /// ended from `unended`.
    pub fn write_curves(
        &self,
        path: &Path,
        columns: &Columns,
        unended: &BTreeMap<usize, String>,
    ) -> Result<(), RecordError> {
        let mut numbers: Vec<usize> = self.lines.keys().chain(unended.keys()).copied().collect();
        numbers.sort_unstable();
        write_atomically(path, |out| {
            let mut file = BufReader::new(File::open(&self.path)?);
            let (mut place, mut line) = (0, Vec::new());
            out.write_all(curves::header(columns).as_bytes())?;
            for number in numbers {
                if let Some(rows) = unended.get(&number) {
                    out.write_all(rows.as_bytes())?;
                } else if let Some(&(start, length)) = self.lines.get(&number) {
                    // Relative, so that a jump within what is read already costs nothing.
                    file.seek_relative(start as i64 - place)?;
                    line.resize(length, 0);
                    file.read_exact(&mut line)?;
                    place = start as i64 + length as i64;
                    let json = unseal(&line).ok_or(io::ErrorKind::InvalidData)?;
                    let rows: Rows = serde_json::from_str(json)?;
                    out.write_all(rows.curves.as_bytes())?;
                }
            }
            Ok(())
        })
    }

    /// Its place.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The longest line that a trial of the grid could have, in bytes: a file without end is not to be kept
/// in memory.
fn longest_line(trials: &[Trial], settings: &Settings<'_>) -> u64 {
    // At most: four bytes in base64 for three of a model; a row of curves.csv, less its settings (nine
    // numbers of up to 326 letters each).
    const BASE64: f64 = 1.5;
    const ROW: f64 = 3300.0;
    let columns = Columns::of(trials);
    let bytes = |trial: &Trial| {
        let rows = f64::from(trial.rounds()) * settings.data.count() as f64;
        let row = ROW + columns.values(trial).iter().map(|value| value.len() as f64).sum::<f64>();
        BASE64 * trial.recipe().most_bytes(&settings.data, trial.preparation) + row * rows
    };
    MOST_JSON.saturating_add(trials.iter().map(bytes).fold(0.0, f64::max) as u64)
}

/// The header of the run in a folder; `None` without a readable journal.
pub fn begun(folder: &Path) -> Option<JournalHeader> {
    let path = readable(folder, JOURNAL, u64::MAX).ok()?;
    let mut line = Vec::new();
    BufReader::new(File::open(&path).ok()?).take(MOST_JSON).read_until(b'\n', &mut line).ok()?;
    read_header(&path, &line).ok()
}

fn read_header(path: &Path, line: &[u8]) -> Result<JournalHeader, JournalError> {
    let damaged = || JournalError::Headless { path: path.to_owned() };
    let json = unseal(line).ok_or_else(damaged)?;
    let header: Value = serde_json::from_str(json).map_err(|_| damaged())?;
    let format = header.get("format").and_then(Value::as_u64).unwrap_or(0);
    if format != u64::from(FORMAT) {
        return Err(JournalError::Format { path: path.to_owned(), format, ours: FORMAT });
    }
    serde_json::from_value(header).map_err(|_| damaged())
}
