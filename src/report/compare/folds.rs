//! Scores of trials on their folds, `folds.csv`.

use std::path::Path;

use csv::StringRecord;

use crate::record::ScoreColumns;
use crate::report::columns::{find_column, need_cell, read_cell};
use crate::report::error::ReportError;
use crate::untrusted::Lines;

/// A trial on a fold.
#[derive(Debug, Clone)]
pub(super) struct FoldRow {
    pub trial: u64,
    pub fold: u64,
    /// The cells of the hyperparameters, in the order of [`FoldTable::settings`].
    pub settings: Vec<String>,
    /// Scores on train, valid and test rows, in the order of [`FoldTable::scores`].
    pub scores: [Vec<f64>; 3],
}

/// All trials that finished, on all folds.
#[derive(Debug)]
pub(super) struct FoldTable {
    /// The names of the hyperparameters.
    pub settings: Vec<String>,
    /// The scores that it has.
    pub scores: ScoreColumns,
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
        let scores = ScoreColumns::named(rank_by);
        let places = Places::find(path, &header, &scores)?;
        let settings = header.iter().skip(places.fold + 1);
        let settings = settings.take(places.scores[0][0].saturating_sub(places.fold + 1));
        let settings: Vec<String> = settings.map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(ReportError::tabulating(path))?;
            rows.push(places.read(path, &header, &record, settings.len())?);
        }
        Ok(Self { settings, scores, rows })
    }

    /// The place of a hyperparameter among the settings.
    pub fn setting(&self, name: &str) -> Option<usize> {
        self.settings.iter().position(|setting| setting == name)
    }
}

struct Places {
    trial: usize,
    fold: usize,
    scores: [Vec<usize>; 3],
}

impl Places {
    fn find(path: &Path, header: &StringRecord, names: &ScoreColumns) -> Result<Self, ReportError> {
        let mut scores = [const { Vec::new() }; 3];
        for (part, places) in ["train", "valid", "test"].into_iter().zip(&mut scores) {
            for score in names.names() {
                places.push(find_column(path, header, &format!("{part}_{score}"))?);
            }
        }
        let column = |name: &str| find_column(path, header, name);
        Ok(Self { trial: column("trial")?, fold: column("fold")?, scores })
    }

    fn read(
        &self,
        path: &Path,
        header: &StringRecord,
        row: &StringRecord,
        settings: usize,
    ) -> Result<FoldRow, ReportError> {
        const WHOLE: &str = "a whole number";
        let mut scores = [const { Vec::new() }; 3];
        for (scores, places) in scores.iter_mut().zip(&self.scores) {
            for &place in places {
                let score: Option<f64> = read_cell(path, header, row, place, "a number")?;
                // Empty where the rows of the part cannot tell it.
                scores.push(score.unwrap_or(f64::NAN));
            }
        }
        Ok(FoldRow {
            trial: need_cell(path, header, row, self.trial, WHOLE)?,
            fold: need_cell(path, header, row, self.fold, WHOLE)?,
            settings: row.iter().skip(self.fold + 1).take(settings).map(str::to_owned).collect(),
            scores,
        })
    }
}
