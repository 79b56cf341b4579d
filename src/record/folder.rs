//! Claims a run's folder, so that no finished run is lost.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::RecordError;
use super::atomic::{is_draft, sync_name};
use super::diagnostics::{CUMULATIVE_GAIN, PRECISION_RECALL, RELIABILITY, ROC};
use crate::families::Fitted;
use crate::spec::Family;
use crate::untrusted::{MOST_JSON, readable, writable};

/// What resuming a run needs.
pub(super) const JOURNAL: &str = "journal.jsonl";

/// The files of a run, next to its models.
const FILES: [&str; 16] = [
    JOURNAL,
    "run.json",
    "curves.csv",
    "trials.csv",
    "folds.csv",
    "configurations.csv",
    "families.csv",
    "report.html",
    "plots/best_valid_loss.svg",
    "plots/best_valid_accuracy.svg",
    "plots/winner_loss.svg",
    "plots/winner_accuracy.svg",
    "plots/roc.svg",
    "plots/precision_recall.svg",
    "plots/cumulative_gain.svg",
    "plots/reliability.svg",
];

/// The files of a model, next to the texts of [`text_names`]. An ensemble's members have texts of
/// their own, which [`is_model_text`] knows.
const MODEL_FILES: [&str; 13] = [
    "model.safetensors",
    "model.json",
    "network.py",
    "metrics.json",
    "metrics_report.txt",
    "importance.csv",
    "confusion_train.csv",
    "confusion_valid.csv",
    "confusion_test.csv",
    ROC.file,
    PRECISION_RECALL.file,
    CUMULATIVE_GAIN.file,
    RELIABILITY,
];

/// The files of models that are text.
fn text_names() -> impl Iterator<Item = &'static str> {
    Family::ALL.iter().copied().filter_map(Fitted::text_name)
}

/// The folder of the best models of the families.
pub const FAMILIES: &str = "families";

/// The folders of models.
fn model_folders() -> impl Iterator<Item = String> {
    let families = Family::ALL.iter().map(|family| format!("{FAMILIES}/{family}"));
    ["best", "ensemble", "stacked"].map(str::to_owned).into_iter().chain(families)
}

/// All folders, each after those that it lies in.
fn folders() -> impl Iterator<Item = String> {
    ["plots", FAMILIES].map(str::to_owned).into_iter().chain(model_folders())
}

/// Everything that a run writes into its folder, the journal first.
fn files() -> impl Iterator<Item = String> {
    let of_models = model_folders().flat_map(|folder| {
        let names = MODEL_FILES.into_iter().chain(text_names());
        names.map(move |file| format!("{folder}/{file}"))
    });
    FILES.map(str::to_owned).into_iter().chain(of_models)
}

/// A folder that holds one of these holds a run.
const SIGNS: [&str; 3] = [JOURNAL, "run.json", "curves.csv"];

/// What to do about a run that the folder already holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// Keep it, and return an error.
    Keep,
    /// Remove its files; other files in the folder are left alone.
    Replace,
    /// Resume it.
    Resume,
}

/// The folder of one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// The lock that keeps other processes out during the run.
    _lock: File,
}

impl RunFolder {
    /// Creates the folder, or takes it over.
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
        sync_name(path);
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
        if held || earlier != Earlier::Keep {
            folder.sweep_out()?;
        }
        if earlier == Earlier::Replace {
            folder.clear()?;
        }
        Ok(folder)
    }

    /// Why the existing run is kept, if it is.
    fn objection(&self, earlier: Earlier) -> Option<&'static str> {
        // Whether it was finished, and how many of its trials failed.
        let ended = || {
            let run = readable(&self.path, "run.json", MOST_JSON).ok()?;
            let run: Value = serde_json::from_slice(&fs::read(run).ok()?).ok()?;
            let failed = run.get("trials")?.get("failed")?.as_u64()?;
            Some((run.get("status")? == "finished", failed))
        };
        match earlier {
            Earlier::Replace => None,
            Earlier::Resume if self.journal().exists() => None,
            Earlier::Resume => Some(
                "a run without a journal, which cannot be resumed: give --overwrite instead of \
                 --resume to start over",
            ),
            Earlier::Keep => match ended() {
                Some((true, 0)) => Some("a finished run: give --overwrite to replace it"),
                Some((true, _)) => Some(
                    "a finished run: give --resume to train its failed trials again, \
                     --overwrite to replace it",
                ),
                _ if self.journal().exists() => Some(
                    "an unfinished run: give --resume to continue it, --overwrite to \
                     replace it",
                ),
                _ => Some("an unfinished run: give --overwrite to replace it"),
            },
        }
    }

    /// No link may lead out of the folder, and no obstacle may be in the place of a file.
    fn check_places(&self) -> Result<(), RecordError> {
        let folders = folders().map(|name| (name, true));
        for (name, is_folder) in folders.chain(files().map(|name| (name, false))) {
            let path = writable(&self.path, &name).map_err(RecordError::at(self.file(&name)))?;
            if path.exists() && path.is_dir() != is_folder {
                let [is, has] = if is_folder { ["file", "folder"] } else { ["folder", "file"] };
                let text = format!("it is a {is}, and a run has a {has} there: move it away");
                return Err(RecordError::at(path)(std::io::Error::other(text)));
            }
        }
        Ok(())
    }

    /// Removes the drafts of files that a killed run did not finish.
    fn sweep_out(&self) -> Result<(), RecordError> {
        let places = folders().map(|name| self.file(&name));
        for folder in std::iter::once(self.path.clone()).chain(places) {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                if !is_draft(&name.to_string_lossy()) {
                    continue;
                }
                let removed = match entry.file_type() {
                    Ok(kind) if kind.is_file() => fs::remove_file(&path),
                    // The model's weights are drafted in a folder of their own.
                    Ok(kind) if kind.is_dir() && folder != self.path => fs::remove_dir_all(&path),
                    _ => continue,
                };
                absent_is_fine(removed).map_err(RecordError::at(path))?;
            }
        }
        Ok(())
    }

    /// Removes files of the run, `name` or all whose names begin with `name/`.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn remove(&self, name: &str) -> Result<(), RecordError> {
        let is_within = |file: &str| file == name || file.starts_with(&format!("{name}/"));
        for file in files().filter(|file| is_within(file)) {
            let path = self.file(&file);
            absent_is_fine(fs::remove_file(&path)).map_err(RecordError::at(path))?;
        }
        for folder in model_folders().filter(|folder| is_within(folder)) {
            let Ok(entries) = fs::read_dir(self.file(&folder)) else { continue };
            let texts = entries.flatten().filter(|one| is_model_text(&one.file_name()));
            for path in texts.map(|one| one.path()) {
                absent_is_fine(fs::remove_file(&path)).map_err(RecordError::at(path))?;
            }
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), RecordError> {
        // The journal last: a run whose other files are gone can be gone on with.
        for folder in model_folders() {
            self.remove(&folder)?;
        }
        for name in FILES.iter().rev() {
            self.remove(name)?;
        }
        for name in folders().collect::<Vec<_>>().into_iter().rev() {
            // It stays where a file of the user's is in it.
            let _ = fs::remove_dir(self.file(&name));
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

/// Whether a file is that of a model that is text, or that of an ensemble's member: `3.model.txt`.
pub fn is_model_text(name: &OsStr) -> bool {
    let name = name.to_str().unwrap_or_default();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text_names().any(|text| {
        let before = name.strip_suffix(text);
        let number = before.and_then(|before| before.strip_suffix('.'));
        before == Some("") || number.is_some_and(is_number)
    })
}

fn absent_is_fine(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
