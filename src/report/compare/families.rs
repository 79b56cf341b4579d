//! The families of each run, side by side.

use std::collections::BTreeSet;

use serde::Serialize;

use super::sides::{Side, SideName};
use crate::examples::Part;
use crate::record::ScoreColumns;
pub use crate::report::difference::DrawnDifference;
use crate::report::error::ReportError;
pub use crate::report::families::Spread;
use crate::report::families::{MOST_FAMILIES, read_families};
use crate::report::record::RunRecord;
use crate::untrusted::readable;

/// The families of a run.
#[derive(Debug, Serialize)]
pub struct RunFamilies {
    /// The run's folder.
    pub run: String,
    /// The score by which the run ranks.
    pub rank_by: String,
    /// The place of that score in those of a family.
    pub ranked: usize,
    /// The best first.
    pub families: Vec<RunFamily>,
}

/// The best configuration of a family.
#[derive(Debug, Clone, Serialize)]
pub struct RunFamily {
    /// The family.
    pub family: String,
    /// The first of its trials.
    pub trial: Option<u64>,
    /// The scores on validation rows, in the order of the run's [`crate::record::ScoreColumns`].
    pub valid: Vec<Spread>,
    /// The scores on test rows.
    pub test: Vec<Spread>,
    /// How far it is from the run's best family on validation rows, by the score that ranks.
    pub valid_difference: Option<DrawnDifference>,
    /// The same on test rows.
    pub test_difference: Option<DrawnDifference>,
    /// Mean seconds of one training.
    pub seconds: Option<f64>,
    /// Seconds to predict 1,000 prepared rows on one thread.
    pub predict_seconds: Option<f64>,
}

/// The families of the runs that `names` name. A run of one family has that of its best side. None where no
/// run has several: what tells the sides apart is then said of each side.
pub(super) fn read(
    names: &[SideName],
    sides: &[Side],
    records: &[RunRecord],
) -> Result<Vec<RunFamilies>, ReportError> {
    let (mut found, mut seen, mut several) = (Vec::new(), BTreeSet::new(), false);
    for (name, record) in names.iter().zip(records) {
        if !seen.insert(&name.run) {
            continue;
        }
        let path = readable(&name.run, "families.csv", MOST_FAMILIES)
            .map_err(|source| ReportError::Read { path: name.run.join("families.csv"), source })?;
        let families = match read_families(&path, &record.rank_by)? {
            Some(read) => {
                several = true;
                let families = read.rows.into_iter().map(|row| RunFamily {
                    family: row.family,
                    trial: Some(row.trial),
                    valid: row.valid,
                    test: row.test,
                    valid_difference: row.valid_difference,
                    test_difference: row.test_difference,
                    seconds: row.seconds,
                    predict_seconds: row.predict_seconds,
                });
                families.collect()
            }
            None => sides
                .iter()
                .find(|side| side.run == name.run)
                .into_iter()
                .filter_map(of_side)
                .collect(),
        };
        let scores = ScoreColumns::named(&record.rank_by);
        found.push(RunFamilies {
            run: name.run.display().to_string(),
            rank_by: record.rank_by.clone(),
            ranked: scores.place(),
            families,
        });
    }
    Ok(if several { found } else { Vec::new() })
}

/// What a side tells of its family; the files that it is read from tell no times.
fn of_side(side: &Side) -> Option<RunFamily> {
    let spreads = |part: Part| {
        let of_score = |score| {
            let scores: Vec<f64> = side.by_training(part, score).into_values().collect();
            spread(&scores)
        };
        (0..side.scores()).map(of_score).collect()
    };
    Some(RunFamily {
        family: side.family()?.to_owned(),
        trial: side.trials.first().copied(),
        valid: spreads(Part::Valid),
        test: spreads(Part::Test),
        valid_difference: None,
        test_difference: None,
        seconds: None,
        predict_seconds: None,
    })
}

/// Mean and deviation, of the population as in families.csv.
fn spread(scores: &[f64]) -> Spread {
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let squares: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
    let deviation = (squares / scores.len() as f64).sqrt();
    Spread {
        mean: Some(mean).filter(|mean| mean.is_finite()),
        std: Some(deviation).filter(|deviation| scores.len() > 1 && deviation.is_finite()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_training_has_no_deviation_and_a_part_without_rows_no_mean() {
        assert_eq!(spread(&[0.25, 0.75]), Spread { mean: Some(0.5), std: Some(0.25) });
        assert_eq!(spread(&[0.25]), Spread { mean: Some(0.25), std: None });
        assert_eq!(spread(&[f64::NAN, f64::NAN]), Spread::default());
    }
}
