//! Training curves, streamed from `curves.csv`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::ErrorKind;
use std::path::Path;

use csv::StringRecord;

use super::columns::{find_column, need_cell, read_cell};
use super::error::ReportError;
use crate::untrusted::Lines;

/// A part of the data that a model is scored on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    Train,
    Valid,
    Test,
}

/// What is drawn against the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Loss,
    Accuracy,
}

impl Split {
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl Quantity {
    pub const ALL: [Self; 2] = [Self::Loss, Self::Accuracy];

    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
        }
    }
}

/// The column of `curves.csv` that holds a quantity of a split, as `valid_loss`.
pub(super) fn series_name(split: Split, quantity: Quantity) -> String {
    format!("{}_{}", split.name(), quantity.name())
}

/// One trial over its epochs, the mean over its folds; NaN where a fold was not finite.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub folds: usize,
    pub epochs: Vec<u64>,
    series: [Vec<f64>; 6],
}

impl Curve {
    /// The values of one series, one for each epoch.
    pub fn values(&self, split: Split, quantity: Quantity) -> &[f64] {
        &self.series[place(split, quantity)]
    }
}

/// Where a series stands among the six.
pub(super) fn place(split: Split, quantity: Quantity) -> usize {
    split as usize * Quantity::ALL.len() + quantity as usize
}

/// Running sums over the folds of a trial: epoch, six sums, how many folds.
type Sums = BTreeMap<u64, ([f64; 6], usize)>;

/// Reads the curves of `wanted` trials only; a run without `curves.csv` has none.
///
/// Memory grows with the wanted trials and their epochs, not with the file.
///
/// # Errors
/// As [`each_row`].
pub(super) fn read_curves(path: &Path, wanted: &[u64]) -> Result<HashMap<u64, Curve>, ReportError> {
    let mut sums: HashMap<u64, Sums> = wanted.iter().map(|&trial| (trial, Sums::new())).collect();
    each_row(path, wanted, |trial, epoch, values| {
        let Some(sums) = sums.get_mut(&trial) else { return };
        let (totals, folds) = sums.entry(epoch).or_default();
        for (total, value) in totals.iter_mut().zip(values) {
            *total += value;
        }
        *folds += 1;
    })?;
    Ok(sums
        .into_iter()
        .filter(|(_, sums)| !sums.is_empty())
        .map(|(trial, sums)| (trial, average(&sums)))
        .collect())
}

/// Hands on trial, epoch and the six values in the order of [`place`] of every row of the `wanted` trials, one a
/// fold; a file that does not exist has none.
///
/// # Errors
/// [`ReportError::Read`], [`ReportError::Csv`], [`ReportError::MissingColumn`] or
/// [`ReportError::BadCell`].
pub(super) fn each_row(
    path: &Path,
    wanted: &[u64],
    mut take: impl FnMut(u64, u64, [f64; 6]),
) -> Result<(), ReportError> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(ReportError::reading(path)(source)),
    };
    let wanted: HashSet<u64> = wanted.iter().copied().collect();
    let mut reader = csv::Reader::from_reader(Lines::new(file));
    let header = reader.headers().map_err(ReportError::tabulating(path))?.clone();
    let places = Places::find(path, &header)?;
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).map_err(ReportError::tabulating(path))? {
        let trial = need_cell(path, &header, &row, places.trial, "a whole number")?;
        if !wanted.contains(&trial) {
            continue;
        }
        // No run has more epochs, and an axis beyond 2^53 would have no ticks to step by.
        let epoch: u32 = need_cell(path, &header, &row, places.epoch, "a number of an epoch")?;
        let mut values = [f64::NAN; 6];
        for (value, &index) in values.iter_mut().zip(&places.series) {
            let cell: Option<f64> = read_cell(path, &header, &row, index, "a number")?;
            *value = cell.map_or(f64::NAN, drawable);
        }
        take(trial, u64::from(epoch), values);
    }
    Ok(())
}

/// A value with room for an axis around it: what is beyond is as good as infinite, or as zero. An
/// axis that reaches the largest or the subnormal numbers never comes to its last tick.
fn drawable(value: f64) -> f64 {
    match value.abs() {
        size if size > 1e300 => f64::INFINITY.copysign(value),
        size if size < 1e-300 => 0.0,
        _ => value,
    }
}

fn average(sums: &Sums) -> Curve {
    let series = std::array::from_fn(|place| {
        sums.values().map(|(totals, folds)| totals[place] / *folds as f64).collect()
    });
    Curve {
        folds: sums.values().map(|(_, folds)| *folds).max().unwrap_or(0),
        epochs: sums.keys().copied().collect(),
        series,
    }
}

struct Places {
    trial: usize,
    epoch: usize,
    series: [usize; 6],
}

impl Places {
    fn find(path: &Path, header: &StringRecord) -> Result<Self, ReportError> {
        let mut series = [0; 6];
        for split in Split::ALL {
            for quantity in Quantity::ALL {
                series[place(split, quantity)] =
                    find_column(path, header, &series_name(split, quantity))?;
            }
        }
        Ok(Self {
            trial: find_column(path, header, "trial")?,
            epoch: find_column(path, header, "epoch")?,
            series,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    const HEADER: &str = "trial,fold,seed,epoch,train_loss,train_accuracy,valid_loss,\
        valid_accuracy,test_loss,test_accuracy,learning_rate\n";

    fn read(rows: &str, wanted: &[u64]) -> HashMap<u64, Curve> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{HEADER}{rows}")).unwrap();
        read_curves(file.path(), wanted).unwrap()
    }

    #[test]
    fn folds_are_averaged_epoch_by_epoch_in_the_order_of_epochs() {
        let rows = "3,0,1,2,1,0,4,0,0,0,a\n3,0,1,1,1,0,2,0,0,0.5,a\n3,1,1,1,1,0,4,0,0,1,a\n";
        let curve = &read(rows, &[3])[&3];
        assert_eq!((curve.folds, curve.epochs.as_slice()), (2, [1, 2].as_slice()));
        assert_eq!(curve.values(Split::Valid, Quantity::Loss), [3.0, 4.0]);
        assert_eq!(curve.values(Split::Test, Quantity::Accuracy), [0.75, 0.0]);
    }

    #[test]
    fn trials_that_are_not_wanted_are_skipped() {
        let curves = read("3,0,1,1,1,0,4,0,0,0,a\n4,0,1,1,1,0,4,0,0,0,a\n", &[4, 5]);
        assert_eq!(curves.keys().collect::<Vec<_>>(), [&4]);
    }

    #[test]
    fn losses_that_are_not_finite_stay_so() {
        let curve = &read("3,0,1,1,NaN,0,inf,0,,0,a\n", &[3])[&3];
        assert!(curve.values(Split::Train, Quantity::Loss)[0].is_nan());
        assert!(curve.values(Split::Valid, Quantity::Loss)[0].is_infinite());
        assert!(curve.values(Split::Test, Quantity::Loss)[0].is_nan());
    }

    #[test]
    fn values_and_epochs_that_no_axis_can_hold_are_gaps_and_errors() {
        let curve = &read("3,0,1,1,1e308,0,-1e308,0,1e300,0,a\n", &[3])[&3];
        assert_eq!(curve.values(Split::Train, Quantity::Loss), [f64::INFINITY]);
        assert_eq!(curve.values(Split::Valid, Quantity::Loss), [f64::NEG_INFINITY]);
        assert_eq!(curve.values(Split::Test, Quantity::Loss), [1e300]);
        let curve = &read("3,0,1,1,1e-320,0,0,0,0,0,a\n", &[3])[&3];
        assert_eq!(curve.values(Split::Train, Quantity::Loss), [0.0]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{HEADER}3,0,1,9000000000000000000,0,0,0,0,0,0,a\n"))
            .unwrap();
        let message = read_curves(file.path(), &[3]).unwrap_err().to_string();
        assert!(message.contains("line 2") && message.contains("epoch"), "{message}");
    }

    #[test]
    fn a_run_without_curves_has_none() {
        assert!(read_curves(Path::new("/nowhere/curves.csv"), &[1]).unwrap().is_empty());
    }
}
