//! run.json: how a run was made.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::{RecordError, write_atomically};
use crate::data::Repair;
use crate::prepare::{PartGroups, PartTimes};
use crate::spec::GridFile;

/// The status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It is in progress, or was killed.
    Running,
    /// Every trial has ended.
    Finished,
    /// It was stopped by Ctrl-C.
    Interrupted,
    /// It reached its time budget, or its limit of trials.
    Stopped,
}

/// The contents of run.json.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the names are the file's keys, described in the README
pub struct RunFile {
    pub name: String,
    pub status: RunStatus,
    pub command_line: String,
    /// RFC 3339, UTC.
    pub started_at: String,
    pub finished_at: Option<String>,
    pub elapsed_s: f64,
    pub device: String,
    pub engine: String,
    pub jobs: usize,
    pub seed: u64,
    pub rank_by: String,
    pub versions: Versions,
    pub data: DataFacts,
    pub split: SplitFacts,
    pub trials: TrialCounts,
    /// Reasons of the trials that failed.
    pub failures: Vec<String>,
    /// The grid as it was used: defaults filled in, `--seed` put in; `data.source` above says what
    /// was read, which `--data` may have changed.
    pub grid: GridFile,
}

/// Versions of the software that trained.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct Versions {
    pub forewarn: &'static str,
    pub git_commit: &'static str,
    pub libtorch: &'static str,
    /// Of the libraries that families are trained with: LightGBM, XGBoost.
    #[serde(flatten)]
    pub libraries: BTreeMap<&'static str, &'static str>,
}

impl Versions {
    /// The versions of this binary.
    pub fn of_this_binary() -> Self {
        Self {
            forewarn: env!("CARGO_PKG_VERSION"),
            git_commit: env!("FOREWARN_GIT_COMMIT"),
            libtorch: env!("FOREWARN_LIBTORCH"),
            libraries: BTreeMap::new(),
        }
    }
}

/// The table that was trained on.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct DataFacts {
    pub source: String,
    pub sha256: String,
    pub rows: usize,
    pub columns: usize,
    pub repairs: Vec<Repair>,
    pub notes: Vec<String>,
    pub warnings: Vec<String>,
    pub target: String,
    pub features: Vec<String>,
    pub classes: Vec<String>,
    /// The auxiliary tables, by the names of `data.tables`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, TableFacts>,
}

/// An auxiliary table.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct TableFacts {
    pub source: String,
    pub sha256: String,
    pub rows: usize,
    pub repairs: Vec<Repair>,
}

/// Sizes of the parts; with folds, of the first fold.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct SplitFacts {
    pub description: String,
    pub folds: usize,
    /// As they were split.
    pub train: usize,
    /// As networks are trained on them: balanced, or without those that a step leaves out.
    pub trained_on: usize,
    pub valid: usize,
    pub test: usize,
    pub class_counts: Vec<ClassCount>,
    /// The first and the last time of each part, where rows are split by time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<PartTimes>,
    /// The groups of each part, one a fold, where rows are split by group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<PartGroups>,
}

/// Rows of one class in each part.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct ClassCount {
    pub class: String,
    pub train: usize,
    pub trained_on: usize,
    pub valid: usize,
    pub test: usize,
}

/// Trials by their status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct TrialCounts {
    pub total: usize,
    pub finished: usize,
    pub diverged: usize,
    pub failed: usize,
}

impl TrialCounts {
    /// Trials that have ended, whatever their status.
    pub fn ended(&self) -> usize {
        self.finished + self.diverged + self.failed
    }
}

impl RunFile {
    /// Writes run.json.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), RecordError> {
        write_atomically(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }
}

/// The time in UTC, RFC 3339, to the second.
pub fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
