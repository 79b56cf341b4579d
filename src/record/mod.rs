//! The run folder: curves and the journal while the run goes on, tables and run.json at its end.
//! Every file but those two appears whole or not at all, and what they say of the trials follows from
//! the journal.

mod atomic;
mod configurations;
mod curves;
mod diagnostics;
mod differences;
mod entry;
mod exact;
mod families;
mod folder;
mod folds;
mod journal;
mod log;
mod run_file;
mod score_columns;
mod tables;

use std::path::PathBuf;

pub use atomic::{DRAFT, write_atomically};
pub use configurations::write_configurations;
pub use diagnostics::{
    CALIBRATION, CUMULATIVE_GAIN, CurveTable, PRECISION_RECALL, PartDiagnostics, RELIABILITY,
    RELIABILITY_COLUMNS, ROC, write_diagnostics,
};
pub use families::{FAMILY_TIMES, KeptModel, write_families};
pub use folder::{Earlier, FAMILIES, RunFolder, is_model_text};
pub use folds::write_folds;
pub use journal::{JournalHeader, Past, Times, begun};
pub use log::RunLog;
pub use run_file::{
    ClassCount, DataFacts, RunFile, RunStatus, SplitFacts, TableFacts, TrialCounts, Versions, now,
};
pub use score_columns::ScoreColumns;
pub use tables::{write_confusion, write_importances, write_trials};

/// What can go wrong with a run folder.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A file or folder cannot be written.
    #[error("cannot write {}: {reason}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Another process is writing a run there.
    #[error(
        "{} is being written by another run: wait for its end, or give --out another folder",
        path.display()
    )]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The folder already holds a run.
    #[error("{} already holds {what}, or --out another folder", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
        /// The kind of run, with advice.
        what: &'static str,
    },
    /// The journal cannot be resumed.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Why a journal cannot be resumed.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The journal.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Its header is damaged or missing.
    #[error(
        "the first line of {} is damaged or cut off, so the run that it belongs to is unknown: give \
         --overwrite to start over, or --out another folder",
        path.display()
    )]
    Headless {
        /// The journal.
        path: PathBuf,
    },
    /// It has the format of another version.
    #[error(
        "{} has format {format}, and this version resumes {ours}: resume with the version that \
         began it, or give --overwrite to start over",
        path.display()
    )]
    Format {
        /// The journal.
        path: PathBuf,
        /// Its format.
        format: u64,
        /// This version's.
        ours: u32,
    },
    /// It belongs to a run with another fingerprint.
    #[error(
        "{} belongs to another run: {differences}: resume with the same inputs, or give \
         --overwrite to start over, or --out another folder",
        path.display()
    )]
    OtherRun {
        /// The journal.
        path: PathBuf,
        /// What differs.
        differences: String,
    },
}

impl JournalError {
    fn reading(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |reason| Self::Unreadable { path, reason }
    }
}

impl RecordError {
    /// An error about `path`, for `map_err`.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |reason| Self::Write { path, reason }
    }
}
