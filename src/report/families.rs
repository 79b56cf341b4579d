//! The best configuration of each family, `families.csv`.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use csv::StringRecord;
use serde::Serialize;

use super::columns::{find_column, need_cell, read_cell};
use super::difference::DrawnDifference;
use super::error::ReportError;
use crate::metrics::Difference;
use crate::record::ScoreColumns;
use crate::untrusted::Lines;

/// The most bytes of `families.csv`: a row of some kilobytes for each of a hundred families.
pub(super) const MOST_FAMILIES: u64 = 1 << 20;

/// The families of a run, best first.
#[derive(Debug, Serialize)]
pub(super) struct Families {
    /// The names of the scores, in the order of those of a row.
    pub scores: Vec<String>,
    /// The place of the one that ranks.
    pub ranked_by: usize,
    pub rows: Vec<FamilyRow>,
}

/// The best configuration of a family.
#[derive(Debug, Serialize)]
pub(super) struct FamilyRow {
    pub family: String,
    /// The first of its trials.
    pub trial: u64,
    /// Names and values of its settings, without the family and what it has not.
    pub settings: Vec<(String, String)>,
    pub trials: u64,
    pub finished: u64,
    /// On validation rows.
    pub valid: Vec<Spread>,
    /// On test rows.
    pub test: Vec<Spread>,
    /// Pairs of trainings that the differences are of.
    pub pairs: Option<u64>,
    /// From the first row, by the ranking score.
    pub valid_difference: Option<DrawnDifference>,
    pub test_difference: Option<DrawnDifference>,
    /// The trial whose model the run keeps of the family.
    pub kept_trial: Option<u64>,
    /// Mean of one training.
    pub seconds: Option<f64>,
    /// Of 1,000 prepared rows on one thread, by the kept model.
    pub predict_seconds: Option<f64>,
}

/// Mean and standard deviation of a score over seeds and folds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// `None` where a part has no rows.
    pub mean: Option<f64>,
    /// `None` of one training.
    pub std: Option<f64>,
}

/// Reads the file of a run that ranks by `rank_by`; `None` where the run has none.
///
/// # Errors
/// [`ReportError::Read`], [`ReportError::Csv`], [`ReportError::MissingColumn`] or
/// [`ReportError::BadCell`].
pub(super) fn read_families(path: &Path, rank_by: &str) -> Result<Option<Families>, ReportError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ReportError::reading(path)(source)),
    };
    let mut reader = csv::Reader::from_reader(Lines::new(file));
    let header = reader.headers().map_err(ReportError::tabulating(path))?.clone();
    let scores = ScoreColumns::named(rank_by);
    let places = Places::find(path, &header, &scores)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(ReportError::tabulating(path))?;
        rows.push(places.read_row(&Cells { path, header: &header, row: &record })?);
    }
    let names = scores.names().map(str::to_owned).collect();
    Ok(Some(Families { scores: names, ranked_by: scores.place(), rows }))
}

/// Where the columns stand.
struct Places {
    trial: usize,
    family: usize,
    trials: usize,
    finished: usize,
    /// Mean and deviation of every score.
    valid: Vec<[usize; 2]>,
    test: Vec<[usize; 2]>,
    pairs: usize,
    /// Mean, and the ends of the interval.
    valid_difference: [usize; 3],
    test_difference: [usize; 3],
    kept_trial: usize,
    seconds: usize,
    predict_seconds: usize,
}

impl Places {
    fn find(
        path: &Path,
        header: &StringRecord,
        scores: &ScoreColumns,
    ) -> Result<Self, ReportError> {
        let find = |name: &str| find_column(path, header, name);
        let score = scores.ranked();
        find(&format!("rank_valid_{score}"))?;
        let figures = |part: &str| {
            let of = |name| {
                Ok([find(&format!("mean_{part}_{name}"))?, find(&format!("std_{part}_{name}"))?])
            };
            scores.names().map(of).collect::<Result<Vec<_>, ReportError>>()
        };
        let difference = |part: &str| {
            let of = |end: &str| find(&format!("difference_{part}_{score}{end}"));
            Ok::<_, ReportError>([of("")?, of("_low")?, of("_high")?])
        };
        Ok(Self {
            trial: find("trial")?,
            family: find("family")?,
            trials: find("trials")?,
            finished: find("finished")?,
            valid: figures("valid")?,
            test: figures("test")?,
            pairs: find("pairs")?,
            valid_difference: difference("valid")?,
            test_difference: difference("test")?,
            kept_trial: find("kept_trial")?,
            seconds: find("seconds")?,
            predict_seconds: find("predict_1000_rows_s")?,
        })
    }

    fn read_row(&self, cells: &Cells<'_>) -> Result<FamilyRow, ReportError> {
        let named = cells.header.iter().zip(cells.row).enumerate();
        let settings = named.filter(|(place, (_, value))| {
            (self.trial + 1..self.trials).contains(place)
                && *place != self.family
                && !value.is_empty()
        });
        Ok(FamilyRow {
            family: cells.row.get(self.family).unwrap_or_default().to_owned(),
            trial: cells.whole(self.trial)?,
            settings: settings
                .map(|(_, (name, value))| (name.to_owned(), value.to_owned()))
                .collect(),
            trials: cells.whole(self.trials)?,
            finished: cells.whole(self.finished)?,
            valid: cells.spreads(&self.valid)?,
            test: cells.spreads(&self.test)?,
            pairs: read_cell(cells.path, cells.header, cells.row, self.pairs, "a whole number")?,
            valid_difference: cells.difference(self.valid_difference)?,
            test_difference: cells.difference(self.test_difference)?,
            kept_trial: read_cell(
                cells.path,
                cells.header,
                cells.row,
                self.kept_trial,
                "a whole number",
            )?,
            seconds: cells.number(self.seconds)?,
            predict_seconds: cells.number(self.predict_seconds)?,
        })
    }
}

/// A row of the file with what messages name.
struct Cells<'a> {
    path: &'a Path,
    header: &'a StringRecord,
    row: &'a StringRecord,
}

impl Cells<'_> {
    fn whole(&self, place: usize) -> Result<u64, ReportError> {
        need_cell(self.path, self.header, self.row, place, "a whole number")
    }

    /// `None` where it is empty or not finite.
    fn number(&self, place: usize) -> Result<Option<f64>, ReportError> {
        let found: Option<f64> = read_cell(self.path, self.header, self.row, place, "a number")?;
        Ok(found.filter(|number| number.is_finite()))
    }

    fn spreads(&self, places: &[[usize; 2]]) -> Result<Vec<Spread>, ReportError> {
        let of = |[mean, std]: &[usize; 2]| {
            Ok(Spread { mean: self.number(*mean)?, std: self.number(*std)? })
        };
        places.iter().map(of).collect()
    }

    fn difference(&self, places: [usize; 3]) -> Result<Option<DrawnDifference>, ReportError> {
        let [mean, low, high] = places.map(|place| self.number(place));
        let interval = low?.zip(high?).map(|(low, high)| [low, high]);
        Ok(mean?.map(|mean| Difference { mean, interval }.into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]
    use super::*;
    use crate::train::PartScores;

    /// The columns of a run that ranks by macro F1.
    fn header() -> Vec<String> {
        let mut header: Vec<String> = [
            "rank_valid_macro_f1",
            "trial",
            "variant",
            "family",
            "C",
            "n_neighbors",
            "trials",
            "finished",
        ]
        .map(str::to_owned)
        .to_vec();
        for part in ["valid", "test"] {
            for score in PartScores::NAMES {
                header.extend(["mean", "std"].map(|of| format!("{of}_{part}_{score}")));
            }
        }
        header.push("pairs".to_owned());
        for part in ["valid", "test"] {
            header.extend(
                ["", "_low", "_high"].map(|end| format!("difference_{part}_macro_f1{end}")),
            );
        }
        header.extend(["kept_trial", "seconds", "predict_1000_rows_s"].map(str::to_owned));
        header
    }

    /// Reads a file of one row whose cells are empty but for these.
    fn read(cells: &[(&str, &str)]) -> Result<FamilyRow, ReportError> {
        let header = header();
        let known = [("trial", "3"), ("trials", "2"), ("finished", "2"), ("family", "knn")];
        let row = header.iter().map(|column| {
            let found = cells.iter().chain(&known).find(|(name, _)| name == column);
            found.map_or("", |(_, cell)| cell)
        });
        let text = format!("{}\n{}\n", header.join(","), row.collect::<Vec<_>>().join(","));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let found = read_families(file.path(), "valid_macro_f1")?.unwrap();
        assert_eq!(found.ranked_by, 2);
        Ok(found.rows.into_iter().next().unwrap())
    }

    #[test]
    fn a_row_has_its_own_settings_scores_and_difference() {
        let row = read(&[
            ("variant", "near"),
            ("n_neighbors", "5"),
            ("mean_valid_macro_f1", "0.5"),
            ("std_valid_macro_f1", "0.01"),
            ("difference_test_macro_f1", "-0.2"),
            ("difference_test_macro_f1_low", "-0.3"),
            ("difference_test_macro_f1_high", "-0.1"),
            ("predict_1000_rows_s", "0.002"),
        ]);
        let row = row.unwrap();
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(row.settings, [setting("variant", "near"), setting("n_neighbors", "5")]);
        assert_eq!(row.valid[2], Spread { mean: Some(0.5), std: Some(0.01) });
        assert_eq!(row.test[2], Spread::default());
        let difference = row.test_difference.unwrap();
        assert_eq!((difference.mean, difference.is_larger_than_noise), (-0.2, Some(true)));
        assert!(row.valid_difference.is_none() && row.seconds.is_none());
        assert_eq!(row.predict_seconds, Some(0.002));
    }

    #[test]
    fn a_cell_that_is_no_number_is_named_and_one_that_is_not_finite_is_left_out() {
        let said = read(&[("seconds", "soon")]).unwrap_err().to_string();
        assert!(said.contains("line 2: `soon` in column `seconds` is not a number"), "{said}");
        let said = read(&[("trials", "-1")]).unwrap_err().to_string();
        assert!(said.contains("`-1` in column `trials` is not a whole number"), "{said}");
        assert_eq!(read(&[("seconds", "inf")]).unwrap().seconds, None);
    }

    #[test]
    fn a_run_without_the_file_has_none_and_one_of_another_score_is_refused() {
        assert!(read_families(Path::new("/nowhere/families.csv"), "valid_loss").unwrap().is_none());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), header().join(",") + "\n").unwrap();
        let said = read_families(file.path(), "valid_loss").unwrap_err().to_string();
        assert!(said.contains("has no column `rank_valid_loss`"), "{said}");
    }
}
