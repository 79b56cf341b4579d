//! Claims a run's folder, so that no finished run is lost.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::RecordError;
use super::atomic::DRAFT;
use crate::foreign::{MOST_JSON, readable, writable};

/// What a run that stops and goes on needs.
const JOURNAL: &str = "journal.jsonl";

/// Everything that a run writes into its folder.
const FILES: [&str; 15] = [
    JOURNAL,
    "run.json",
    "curves.csv",
    "trials.csv",
    "report.html",
    "best/model.safetensors",
    "best/model.json",
    "best/metrics.json",
    "best/confusion_train.csv",
    "best/confusion_valid.csv",
    "best/confusion_test.csv",
    "plots/best_valid_loss.svg",
    "plots/best_valid_accuracy.svg",
    "plots/winner_loss.svg",
    "plots/winner_accuracy.svg",
];

/// The folders in it.
const FOLDERS: [&str; 2] = ["best", "plots"];

/// A folder that holds one of these holds a run.
const SIGNS: [&str; 3] = [JOURNAL, "run.json", "curves.csv"];

/// What to do about a run that the folder holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// Leave it alone: that is an error.
    Keep,
    /// Remove its files; other files in the folder are left alone.
    Replace,
    /// Go on with it.
    Resume,
}

/// The folder of one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Holds the lock that keeps another process out for as long as the run goes on.
    _lock: File,
}

impl RunFolder {
    /// Makes the folder, or takes it.
    ///
    /// # Errors
    /// [`RecordError`] when it holds a run that is to be kept, another process has it, or it cannot
    /// be written.
    pub fn claim(path: &Path, earlier: Earlier) -> Result<Self, RecordError> {
        if path.exists() && !path.is_dir() {
            let reason = std::io::Error::other("it is a file, and a run needs a folder");
            return Err(RecordError::at(path)(reason));
        }
        fs::create_dir_all(path).map_err(RecordError::at(path))?;
        let lock = File::open(path).map_err(RecordError::at(path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(RecordError::Busy { path: path.to_owned() });
            }
            Err(TryLockError::Error(reason)) => return Err(RecordError::at(path)(reason)),
        }
        let folder = Self { path: path.to_owned(), _lock: lock };
        folder.check_places()?;
        let held = SIGNS.iter().any(|name| folder.file(name).exists());
        if let Some(what) = folder.objection(earlier).filter(|_| held) {
            return Err(RecordError::Exists { path: path.to_owned(), what });
        }
        // A probe, so that a folder without permission is refused before anything is trained.
        tempfile::tempfile_in(path).map_err(RecordError::at(path))?;
        // Where the folder is known to be a run's.
        if held || earlier != Earlier::Keep {
            folder.sweep_out()?;
        }
        if earlier == Earlier::Replace {
            folder.clear()?;
        }
        Ok(folder)
    }

    /// Why the run that is there is not touched, if it is not.
    fn objection(&self, earlier: Earlier) -> Option<&'static str> {
        let text = || {
            let run = readable(&self.path, "run.json", MOST_JSON).ok();
            run.and_then(|run| fs::read_to_string(run).ok()).unwrap_or_default()
        };
        match earlier {
            Earlier::Replace => None,
            Earlier::Resume if self.journal().exists() => None,
            Earlier::Resume => Some(
                "a run without a journal, which cannot be resumed: give --overwrite instead of \
                 --resume to begin again",
            ),
            Earlier::Keep if text().contains("\"status\": \"finished\"") => {
                Some("a finished run already: give --overwrite to replace it")
            }
            Earlier::Keep => Some(
                "an unfinished run already: give --resume to go on with it, --overwrite to replace \
                 it",
            ),
        }
    }

    /// No link may lead what the run writes out of its folder.
    fn check_places(&self) -> Result<(), RecordError> {
        for name in FOLDERS.iter().chain(&FILES) {
            writable(&self.path, name).map_err(RecordError::at(self.file(name)))?;
        }
        Ok(())
    }

    /// Removes the drafts of files that a killed run did not finish.
    fn sweep_out(&self) -> Result<(), RecordError> {
        for folder in std::iter::once(self.path.clone()).chain(FOLDERS.map(|name| self.file(name)))
        {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                if entry.file_name().to_string_lossy().starts_with(DRAFT) {
                    let path = entry.path();
                    let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                    let gone =
                        if folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                    gone.map_err(RecordError::at(path))?;
                }
            }
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), RecordError> {
        for name in FILES {
            let path = self.file(name);
            absent_is_fine(fs::remove_file(&path)).map_err(RecordError::at(path))?;
        }
        for name in FOLDERS {
            // It stays where a file of the user's is in it.
            let _ = fs::remove_dir(self.file(name));
        }
        Ok(())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The place of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The place of the journal.
    pub fn journal(&self) -> PathBuf {
        self.file(JOURNAL)
    }
}

fn absent_is_fine(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
