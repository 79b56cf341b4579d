//! The ranked table of trials, `trials.csv`.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use csv::StringRecord;

use super::columns::{find_column, need_cell, read_cell};
use super::error::ReportError;
use crate::untrusted::Lines;

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrialStatus {
    Finished,
    Diverged,
    Failed,
}

impl FromStr for TrialStatus {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "finished" => Ok(Self::Finished),
            "diverged" => Ok(Self::Diverged),
            "failed" => Ok(Self::Failed),
            _ => Err(()),
        }
    }
}

/// One row of the table: what the report computes with, and every cell as it was written.
#[derive(Debug, Clone)]
pub(super) struct TrialRow {
    pub rank: Option<u64>,
    pub trial: u64,
    pub status: TrialStatus,
    pub best_epoch: Option<u64>,
    /// The value of the ranking column; `None` when it is empty or not finite.
    pub score: Option<f64>,
    pub cells: Vec<String>,
}

impl TrialRow {
    /// Whether it is of a family, by the column and the name; where none is asked for, it is.
    pub fn is_of(&self, family: Option<(usize, &str)>) -> bool {
        family.is_none_or(|(column, name)| self.cells.get(column).is_some_and(|cell| cell == name))
    }
}

/// All trials, best first; those without a rank come last in the order of the file.
#[derive(Debug)]
pub(super) struct TrialTable {
    pub columns: Vec<String>,
    /// Which columns are hyperparameters.
    pub settings: Range<usize>,
    pub rows: Vec<TrialRow>,
}

impl TrialTable {
    /// The row of a trial.
    pub fn find(&self, trial: u64) -> Option<&TrialRow> {
        self.rows.iter().find(|row| row.trial == trial)
    }

    /// The `count` best trials that have a rank.
    pub fn best(&self, count: usize) -> Vec<&TrialRow> {
        self.rows.iter().filter(|row| row.rank.is_some()).take(count).collect()
    }

    /// The families, each with their column, that of the best trial first; none where all trials are of one.
    pub fn families(&self) -> Vec<(usize, &str)> {
        let mut settings = self.settings.clone();
        let Some(column) = settings.find(|&place| self.columns[place] == "family") else {
            return Vec::new();
        };
        let mut names: Vec<&str> = Vec::new();
        let mut seen = BTreeSet::new();
        for row in &self.rows {
            let name = row.cells.get(column).map(String::as_str);
            names.extend(name.filter(|name| seen.insert(*name)));
        }
        if names.len() < 2 {
            return Vec::new();
        }
        names.into_iter().map(|name| (column, name)).collect()
    }

    /// The hyperparameter columns that hold more than one value in `rows`.
    pub fn differing_settings(&self, rows: &[&TrialRow]) -> Vec<usize> {
        let differs = |&column: &usize| {
            let mut cells = rows.iter().map(|row| row.cells.get(column));
            let first = cells.next();
            first.is_some_and(|first| cells.any(|cell| cell != first))
        };
        self.settings.clone().filter(differs).collect()
    }
}

/// Reads the table; `rank_by` names the column that ranked the trials.
///
/// # Errors
/// [`ReportError::Csv`], [`ReportError::MissingColumn`] or [`ReportError::BadCell`].
pub(super) fn read_trials(path: &Path, rank_by: &str) -> Result<TrialTable, ReportError> {
    let file = std::fs::File::open(path).map_err(ReportError::reading(path))?;
    let mut reader = csv::Reader::from_reader(Lines::new(file));
    let header = reader.headers().map_err(ReportError::tabulating(path))?.clone();
    let places = Places::find(path, &header, rank_by)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(ReportError::tabulating(path))?;
        rows.push(places.read_row(path, &header, &record)?);
    }
    rows.sort_by_key(|row: &TrialRow| row.rank.unwrap_or(u64::MAX));
    Ok(TrialTable {
        columns: header.iter().map(str::to_owned).collect(),
        settings: places.status + 1..places.best_epoch,
        rows,
    })
}

struct Places {
    rank: usize,
    trial: usize,
    status: usize,
    best_epoch: usize,
    score: usize,
}

impl Places {
    fn find(path: &Path, header: &StringRecord, rank_by: &str) -> Result<Self, ReportError> {
        Ok(Self {
            rank: find_column(path, header, "rank")?,
            trial: find_column(path, header, "trial")?,
            status: find_column(path, header, "status")?,
            best_epoch: find_column(path, header, "best_epoch")?,
            score: find_column(path, header, rank_by)?,
        })
    }

    fn read_row(
        &self,
        path: &Path,
        header: &StringRecord,
        row: &StringRecord,
    ) -> Result<TrialRow, ReportError> {
        const STATUS: &str = "one of finished, diverged, failed";
        const WHOLE: &str = "a whole number";
        let score: Option<f64> = read_cell(path, header, row, self.score, "a number")?;
        Ok(TrialRow {
            rank: read_cell(path, header, row, self.rank, WHOLE)?,
            trial: need_cell(path, header, row, self.trial, WHOLE)?,
            status: need_cell(path, header, row, self.status, STATUS)?,
            best_epoch: read_cell(path, header, row, self.best_epoch, WHOLE)?,
            score: score.filter(|score| score.is_finite()),
            cells: row.iter().map(str::to_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    const HEADER: &str = "rank,trial,status,learning_rate,new_axis,best_epoch,valid_macro_f1\n";

    fn read(rows: &str) -> Result<TrialTable, ReportError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{HEADER}{rows}")).unwrap();
        read_trials(file.path(), "valid_macro_f1")
    }

    #[test]
    fn settings_are_the_columns_between_status_and_best_epoch() {
        let table = read("1,4,finished,0.1,a,3,0.5\n").unwrap();
        assert_eq!(table.columns[table.settings.clone()], ["learning_rate", "new_axis"]);
    }

    #[test]
    fn rows_are_put_in_the_order_of_rank_and_unranked_rows_come_last() {
        let rows = "2,4,finished,0.1,a,3,0.5\n,9,diverged,0.1,a,,NaN\n1,7,finished,0.2,a,3,0.6\n";
        let table = read(rows).unwrap();
        let order: Vec<u64> = table.rows.iter().map(|row| row.trial).collect();
        assert_eq!(order, [7, 4, 9]);
        assert_eq!(table.rows[2].score, None);
        assert_eq!(table.best(5).len(), 2);
    }

    #[test]
    fn only_settings_that_differ_between_the_chosen_trials_are_named() {
        let table = read("1,4,finished,0.1,a,3,0.5\n2,5,finished,0.2,a,3,0.4\n").unwrap();
        assert_eq!(table.differing_settings(&table.best(2)), [3]);
        assert!(table.differing_settings(&table.best(1)).is_empty());
    }

    #[test]
    fn an_unknown_status_is_refused_with_its_line() {
        let message = read("1,4,paused,0.1,a,3,0.5\n").unwrap_err().to_string();
        assert!(message.contains("line 2") && message.contains("paused"), "{message}");
    }
}
