//! What can go wrong while a report is made.

use std::path::{Path, PathBuf};

use crate::record::RecordError;

/// Why a report could not be made from a run folder.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file of the run could not be opened or read.
    #[error("cannot read {}: {source}; check that the folder holds a finished run", path.display())]
    Read {
        /// The file that was asked for.
        path: PathBuf,
        /// The cause named by the operating system.
        source: std::io::Error,
    },
    /// The run's files tell of different moments, or are not there yet.
    #[error(
        "the run in {} was cut off before its trials were ranked, or still goes on: forewarn sweep \
         GRID --out {} --resume goes on with it, ranks what has ended and draws the report",
        path.display(), path.display()
    )]
    Unranked {
        /// The run's folder.
        path: PathBuf,
    },
    /// A file of the report could not be written.
    #[error(transparent)]
    Write(#[from] RecordError),
    /// A JSON file of the run lacks a needed key or is not JSON.
    #[error("{} does not hold what a run writes: {source}; run the sweep again or restore the file", path.display())]
    Json {
        /// The file that was read.
        path: PathBuf,
        /// The place and the cause.
        source: serde_json::Error,
    },
    /// A CSV file of the run is malformed.
    #[error("{} is not a readable CSV table: {source}; restore the file or run the sweep again", path.display())]
    Csv {
        /// The file that was read.
        path: PathBuf,
        /// The place and the cause.
        source: csv::Error,
    },
    /// A CSV file of the run lacks a column that the report needs.
    #[error(
        "{} has no column `{column}` (it has: {found}); the report needs a run of the same version",
        path.display()
    )]
    MissingColumn {
        /// The file that was read.
        path: PathBuf,
        /// The column that does not exist.
        column: String,
        /// The columns that are there, joined by commas.
        found: String,
    },
    /// A cell of a CSV file does not hold what its column promises.
    #[error(
        "{}, line {line}: `{value}` in column `{column}` is not {expected}; correct or restore the file",
        path.display()
    )]
    BadCell {
        /// The file that was read.
        path: PathBuf,
        /// The line of the cell, counted from 1.
        line: u64,
        /// The column of the cell.
        column: String,
        /// What the cell holds.
        value: String,
        /// What the column promises.
        expected: &'static str,
    },
    /// The confusion matrix and the per-class list of a split disagree.
    #[error(
        "{}: the {split} confusion matrix is not {classes} x {classes}, \
         one row and one column for each class; run the sweep again",
        path.display()
    )]
    Confusion {
        /// The file that was read.
        path: PathBuf,
        /// The split whose matrix is wrong.
        split: &'static str,
        /// How many classes the split lists.
        classes: usize,
    },
    /// The stored best model belongs to a trial that the table does not list.
    #[error(
        "best/metrics.json is about trial {trial}, which trials.csv does not list; \
         the files come from different runs: restore the folder"
    )]
    UnknownWinner {
        /// The trial named by `best/metrics.json`.
        trial: u64,
    },
    /// A run that is to be compared has no scores.
    #[error("{}: none of its trials finished, so there is nothing to compare", path.display())]
    NothingFinished {
        /// The run's folder.
        path: PathBuf,
    },
    /// A side that is to be compared is not there.
    #[error(
        "{}: no finished trial or variant {part:?}: name one of folds.csv as in RUN:3 or RUN:dropout",
        path.display()
    )]
    NoSuchSide {
        /// The run's folder.
        path: PathBuf,
        /// What was asked for.
        part: String,
    },
    /// A plot could not be drawn.
    #[error("cannot draw {plot}: {reason}; please report this with the run folder")]
    Draw {
        /// The file name of the plot.
        plot: String,
        /// What the drawing library said.
        reason: String,
    },
    /// The data of the page could not be turned into JSON.
    #[error("cannot encode the data of the page: {source}; please report this with the run folder")]
    Encode {
        /// What the encoder said.
        source: serde_json::Error,
    },
}

impl ReportError {
    /// Makes the mapping of an I/O error into [`ReportError::Read`] short at the call.
    pub(super) fn reading(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |source| Self::Read { path: path.to_path_buf(), source }
    }
    /// Makes the mapping of a CSV error into [`ReportError::Csv`] short at the call.
    pub(super) fn tabulating(path: &Path) -> impl FnOnce(csv::Error) -> Self + '_ {
        |source| Self::Csv { path: path.to_path_buf(), source }
    }
}
