//! The run folder: curves while the run goes on, tables and run.json at its end. Every file but
//! the curves appears whole or not at all.

mod atomic;
mod curves;
mod folder;
mod run_file;
mod tables;

use std::path::PathBuf;

pub use atomic::write_atomically;
pub use curves::CurveLog;
pub use folder::RunFolder;
pub use run_file::{
    ClassCount, DataFacts, RunFile, RunStatus, SplitFacts, TrialCounts, Versions, now,
};
pub use tables::{write_confusion, write_trials};

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
    /// Another process writes a run there.
    #[error(
        "{} is being written by another run: wait for its end, or give --out another folder",
        path.display()
    )]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a run already.
    #[error(
        "{} holds {what} already: give --overwrite to replace it, or --out another folder",
        path.display()
    )]
    Exists {
        /// The folder.
        path: PathBuf,
        /// A finished or an unfinished run.
        what: String,
    },
}

impl RecordError {
    /// An error about `path`, for `map_err`.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |reason| Self::Write { path, reason }
    }
}
