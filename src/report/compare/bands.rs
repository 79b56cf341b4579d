//! Curves of a side: mean and deviation over its trainings, epoch by epoch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::report::curves::each_row;
use crate::report::error::ReportError;
use crate::report::page_data::MAX_POINTS_PER_CURVE;

/// Running means and squares of the six series at an epoch.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// How many trainings, one a trial and fold.
    pub trainings: usize,
    pub means: [f64; 6],
    squares: [f64; 6],
}

impl Tally {
    fn add(&mut self, values: [f64; 6]) {
        self.trainings += 1;
        for ((mean, square), value) in self.means.iter_mut().zip(&mut self.squares).zip(values) {
            let apart = value - *mean;
            *mean += apart / self.trainings as f64;
            *square += apart * (value - *mean);
        }
    }

    /// The standard deviation of a series, of the population.
    pub fn deviation(&self, place: usize) -> f64 {
        (self.squares[place] / self.trainings as f64).sqrt()
    }
}

/// The curves of a side; NaN where a value of a training was not finite.
#[derive(Debug, Clone)]
pub(super) struct Band {
    /// Every how many epochs are kept, from the first: a power of two.
    pub stride: u64,
    /// By epoch.
    pub tallies: BTreeMap<u64, Tally>,
}

impl Band {
    fn new() -> Self {
        Self { stride: 1, tallies: BTreeMap::new() }
    }

    /// Where more epochs are there than are drawn, every second is let go: those that stay have lost
    /// no training, whatever the order of the rows.
    fn add(&mut self, epoch: u64, values: [f64; 6]) {
        if !self.keeps(epoch) {
            return;
        }
        self.tallies.entry(epoch).or_default().add(values);
        if self.tallies.len() > MAX_POINTS_PER_CURVE {
            self.stride *= 2;
            let tallies = std::mem::take(&mut self.tallies).into_iter();
            self.tallies = tallies.filter(|(epoch, _)| self.keeps(*epoch)).collect();
        }
    }

    fn keeps(&self, epoch: u64) -> bool {
        epoch.saturating_sub(1).is_multiple_of(self.stride)
    }
}

/// Reads the bands of sides of one run, each the numbers of its trials. Memory grows with the sides,
/// not with the file.
///
/// # Errors
/// As [`each_row`].
pub(super) fn read_bands(path: &Path, sides: &[&BTreeSet<u64>]) -> Result<Vec<Band>, ReportError> {
    let mut bands = vec![Band::new(); sides.len()];
    let wanted: Vec<u64> = sides.iter().flat_map(|trials| trials.iter().copied()).collect();
    each_row(path, &wanted, |trial, epoch, values| {
        let own = bands.iter_mut().zip(sides).filter(|(_, trials)| trials.contains(&trial));
        own.for_each(|(band, _)| band.add(epoch, values));
    })?;
    Ok(bands)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use std::fmt::Write;

    use super::*;

    const HEADER: &str = "trial,fold,seed,epoch,train_loss,train_accuracy,valid_loss,\
        valid_accuracy,test_loss,test_accuracy,learning_rate\n";

    fn read(rows: &str, sides: &[&[u64]]) -> Vec<Band> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{HEADER}{rows}")).unwrap();
        let sides: Vec<BTreeSet<u64>> =
            sides.iter().map(|trials| trials.iter().copied().collect()).collect();
        read_bands(file.path(), &sides.iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_band_is_mean_and_deviation_over_trials_and_folds() {
        let rows = "0,0,0,1,1,0,4,0,0,0.5,a\n0,1,0,1,3,0,8,0,0,0.5,a\n\
            1,0,0,1,8,0,6,0,0,0.5,a\n0,0,0,2,5,0,1,0,0,1,a\n";
        let bands = read(rows, &[&[0, 1], &[1]]);
        let first = &bands[0].tallies[&1];
        assert_eq!((first.trainings, first.means[0], first.means[5]), (3, 4.0, 0.5));
        // (9 + 1 + 16) / 3.
        assert!((first.deviation(0) - (26.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(bands[0].tallies[&2].trainings, 1);
        assert_eq!(bands[1].tallies[&1].means[0], 8.0);
        assert!(!bands[1].tallies.contains_key(&2));
    }

    #[test]
    fn a_value_that_is_not_finite_makes_a_gap() {
        let bands = read("0,0,0,1,NaN,0,inf,0,0,0.5,a\n0,1,0,1,3,0,8,0,0,0.5,a\n", &[&[0]]);
        let tally = &bands[0].tallies[&1];
        assert!(!tally.means[0].is_finite() && !tally.means[2].is_finite());
        assert_eq!(tally.means[5], 0.5);
    }

    #[test]
    fn long_curves_are_thinned_alike_in_any_order_of_their_rows() {
        let row = |trial: u64, epoch: u64| {
            let mut row = String::new();
            writeln!(row, "{trial},0,0,{epoch},{},0,0,0,0,0,a", epoch * (trial + 1)).unwrap();
            row
        };
        let by_trial: String =
            (0..2).flat_map(|trial| (1..=5000).map(move |epoch| row(trial, epoch))).collect();
        let by_epoch: String =
            (1..=5000).rev().flat_map(|epoch| (0..2).map(move |trial| row(trial, epoch))).collect();
        let means = |rows: &str| -> Vec<(u64, usize, f64)> {
            let tallies = &read(rows, &[&[0, 1]])[0].tallies;
            tallies.iter().map(|(epoch, one)| (*epoch, one.trainings, one.means[0])).collect()
        };
        let found = means(&by_trial);
        assert_eq!(found, means(&by_epoch));
        assert_eq!(found.len(), 625);
        assert_eq!(found[1], (9, 2, 13.5));
    }

    #[test]
    fn a_run_without_curves_has_empty_bands() {
        let trials = BTreeSet::from([1]);
        let bands = read_bands(Path::new("/nowhere/curves.csv"), &[&trials]).unwrap();
        assert!(bands[0].tallies.is_empty());
    }
}
