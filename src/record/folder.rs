//! Claims a run's folder, so that no finished run is lost.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::RecordError;

/// Everything that a run writes into its folder.
const FILES: [&str; 14] = [
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

/// A folder that holds one of these holds a run.
const SIGNS: [&str; 2] = ["run.json", "curves.csv"];

/// The folder of one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Holds the lock that keeps another process out for as long as the run goes on.
    _lock: File,
}

impl RunFolder {
    /// Makes the folder, or takes one that holds no run. With `overwrite`, the files of an earlier
    /// run are removed; other files in the folder are left alone.
    ///
    /// # Errors
    /// [`RecordError`] when it holds a run, or cannot be written.
    pub fn claim(path: &Path, overwrite: bool) -> Result<Self, RecordError> {
        if path.exists() && !path.is_dir() {
            let reason = std::io::Error::other("it is a file, and a run needs a folder");
            return Err(RecordError::at(path)(reason));
        }
        let exists =
            |what: &str| RecordError::Exists { path: path.to_owned(), what: what.to_owned() };
        fs::create_dir_all(path).map_err(RecordError::at(path))?;
        let lock = File::open(path).map_err(RecordError::at(path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(RecordError::Busy { path: path.to_owned() });
            }
            Err(TryLockError::Error(reason)) => return Err(RecordError::at(path)(reason)),
        }
        let held = SIGNS.iter().any(|name| path.join(name).exists());
        if held && !overwrite {
            let text = fs::read_to_string(path.join("run.json")).unwrap_or_default();
            let finished = text.contains("\"status\": \"finished\"");
            let what = if finished { "a finished run" } else { "an unfinished run" };
            return Err(exists(what));
        }
        // A probe, so that a folder without permission is refused before anything is trained.
        tempfile::tempfile_in(path).map_err(RecordError::at(path))?;
        for name in FILES {
            absent_is_fine(fs::remove_file(path.join(name)))
                .map_err(RecordError::at(path.join(name)))?;
        }
        for folder in ["best", "plots"] {
            // It stays where a file of the user's is in it.
            let _ = fs::remove_dir(path.join(folder));
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The place of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

fn absent_is_fine(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
