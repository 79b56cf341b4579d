//! Scores of trials on their folds, `folds.csv`.

use std::path::Path;

use csv::StringRecord;

use crate::foreign::Lines;
use crate::report::columns::{find_column, need_cell, read_cell};
use crate::report::error::ReportError;
use crate::train::PartScores;

/// A trial on a fold.
#[derive(Debug, Clone)]
pub(super) struct FoldRow {
    pub trial: u64,
    pub fold: u64,
    /// The cells of the hyperparameters, in the order of [`FoldTable::settings`].
    pub settings: Vec<String>,
    /// Scores on train, valid and test rows.
    pub scores: [[f64; 5]; 3],
    /// The score that ranks, on valid rows.
    pub ranked: f64,
}

/// All trials that finished, on all folds.
#[derive(Debug)]
pub(super) struct FoldTable {
    /// The names of the hyperparameters.
    pub settings: Vec<String>,
    pub rows: Vec<FoldRow>,
}

impl FoldTable {
    /// Reads the table; `rank_by` names the column that ranks.
    ///
    /// # Errors
    /// [`ReportError::Csv`], [`ReportError::MissingColumn`] or [`ReportError::BadCell`].
    pub fn read(path: &Path, rank_by: &str) -> Result<Self, ReportError> {
        let file = std::fs::File::open(path).map_err(ReportError::reading(path))?;
        let mut reader = csv::Reader::from_reader(Lines::new(file));
        let header = reader.headers().map_err(ReportError::tabulating(path))?.clone();
        let places = Places::find(path, &header, rank_by)?;
        let settings = header.iter().skip(places.fold + 1);
        let settings = settings.take(places.scores[0][0].saturating_sub(places.fold + 1));
        let settings: Vec<String> = settings.map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(ReportError::tabulating(path))?;
            rows.push(places.read(path, &header, &record, settings.len())?);
        }
        Ok(Self { settings, rows })
    }

    /// The place of a hyperparameter among the settings.
    pub fn setting(&self, name: &str) -> Option<usize> {
        self.settings.iter().position(|setting| setting == name)
    }
}

struct Places {
    trial: usize,
    fold: usize,
    scores: [[usize; 5]; 3],
    ranked: usize,
}

impl Places {
    fn find(path: &Path, header: &StringRecord, rank_by: &str) -> Result<Self, ReportError> {
        let mut scores = [[0; 5]; 3];
        for (part, places) in ["train", "valid", "test"].into_iter().zip(&mut scores) {
            for (score, place) in PartScores::NAMES.into_iter().zip(places) {
                *place = find_column(path, header, &format!("{part}_{score}"))?;
            }
        }
        let column = |name: &str| find_column(path, header, name);
        let (trial, fold, ranked) = (column("trial")?, column("fold")?, column(rank_by)?);
        Ok(Self { trial, fold, scores, ranked })
    }

    fn read(
        &self,
        path: &Path,
        header: &StringRecord,
        row: &StringRecord,
        settings: usize,
    ) -> Result<FoldRow, ReportError> {
        const WHOLE: &str = "a whole number";
        let mut scores = [[0.0; 5]; 3];
        for (scores, places) in scores.iter_mut().zip(self.scores) {
            for (score, place) in scores.iter_mut().zip(places) {
                // Empty where the part has no rows.
                *score = read_cell(path, header, row, place, "a number")?.unwrap_or(f64::NAN);
            }
        }
        let ranked = read_cell(path, header, row, self.ranked, "a number")?;
        Ok(FoldRow {
            ranked: ranked.unwrap_or(f64::NAN),
            trial: need_cell(path, header, row, self.trial, WHOLE)?,
            fold: need_cell(path, header, row, self.fold, WHOLE)?,
            settings: row.iter().skip(self.fold + 1).take(settings).map(str::to_owned).collect(),
            scores,
        })
    }
}
