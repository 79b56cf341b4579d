//! Feature importance of the winner, `best/importance.csv`.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;

use super::columns::{find_column, need_cell};
use super::error::ReportError;
use crate::importance::SCORES;
use crate::untrusted::Lines;

/// The most features that are drawn.
const MOST_DRAWN: usize = 30;

/// The most important features by each score.
#[derive(Debug, Serialize)]
pub(super) struct Importances {
    /// How many features there are.
    pub features: usize,
    /// How many rows they were shuffled among.
    pub rows: u64,
    /// How often.
    pub repeats: u64,
    /// In the order of the file.
    pub scores: Vec<Ranking>,
}

/// The features by how much worse one score is without them, the worst first.
#[derive(Debug, Serialize)]
pub(super) struct Ranking {
    pub score: &'static str,
    pub bars: Vec<Bar>,
}

/// A feature's mean and standard deviation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Bar {
    pub feature: String,
    pub mean: f64,
    pub std: f64,
}

/// Reads the file; `None` where the run has none.
///
/// # Errors
/// [`ReportError::Read`], [`ReportError::Csv`], [`ReportError::MissingColumn`] or
/// [`ReportError::BadCell`].
pub(super) fn read_importances(path: &Path) -> Result<Option<Importances>, ReportError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ReportError::reading(path)(source)),
    };
    let mut reader = csv::Reader::from_reader(Lines::new(file));
    let header = reader.headers().map_err(ReportError::tabulating(path))?.clone();
    let find = |name: &str| find_column(path, &header, name);
    let [feature, rows, repeats] = [find("feature")?, find("rows")?, find("repeats")?];
    let mut figures = Vec::new();
    for score in SCORES {
        figures.push((find(&format!("{score}_mean"))?, find(&format!("{score}_std"))?));
    }
    let rankings = SCORES.map(|score| Ranking { score, bars: Vec::new() });
    let mut found = Importances { features: 0, rows: 0, repeats: 0, scores: rankings.into() };
    for record in reader.records() {
        let record = record.map_err(ReportError::tabulating(path))?;
        let count = |place| need_cell(path, &header, &record, place, "a count");
        let number = |place| need_cell(path, &header, &record, place, "a number");
        (found.rows, found.repeats) = (count(rows)?, count(repeats)?);
        found.features += 1;
        for (ranking, &(mean, std)) in found.scores.iter_mut().zip(&figures) {
            let name = record.get(feature).unwrap_or_default().to_owned();
            ranking.bars.push(Bar { feature: name, mean: number(mean)?, std: number(std)? });
        }
    }
    for ranking in &mut found.scores {
        ranking.bars.sort_by(|one, other| other.mean.total_cmp(&one.mean));
        ranking.bars.truncate(MOST_DRAWN);
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use std::fmt::Write;

    use super::*;

    const HEADER: &str = "feature,inputs,rows,repeats,macro_f1_mean,macro_f1_std,mcc_mean,mcc_std,\
        log_loss_mean,log_loss_std\n";

    fn read(rows: &str) -> Result<Option<Importances>, ReportError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{HEADER}{rows}")).unwrap();
        read_importances(file.path())
    }

    #[test]
    fn each_score_has_its_own_order_and_at_most_thirty_features() {
        let mut rows = String::new();
        for place in 0..40 {
            let (mean, other) = (0.5 - f64::from(place) / 100.0, f64::from(place));
            writeln!(rows, "f{place},1,300,5,{mean},0.1,{mean},0.1,{other},0").unwrap();
        }
        let found = read(&rows).unwrap().unwrap();
        assert_eq!((found.features, found.rows, found.repeats), (40, 300, 5));
        let firsts = found.scores.iter().map(|ranking| ranking.bars[0].feature.as_str());
        assert_eq!(firsts.collect::<Vec<_>>(), ["f0", "f0", "f39"]);
        assert!(found.scores.iter().all(|ranking| ranking.bars.len() == 30));
    }

    #[test]
    fn a_cell_that_is_no_number_is_named_and_a_file_that_is_not_there_is_none() {
        let said = read("a,1,300,5,0.1,0,much,0,0,0\n").unwrap_err().to_string();
        assert!(said.contains("line 2: `much` in column `mcc_mean` is not a number"), "{said}");
        assert!(read_importances(Path::new("/nowhere/importance.csv")).unwrap().is_none());
    }
}
