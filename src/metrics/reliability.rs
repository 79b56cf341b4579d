//! Whether probabilities are as good as their word.

use super::{Scored, argmax};

/// How many bins there are.
const BINS: usize = 10;

/// The rows whose confidence lies in one bin, 1 at least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Confidence above this (0 lies in the first bin).
    pub lower: f64,
    /// Confidence up to this.
    pub upper: f64,
    /// How many rows.
    pub rows: u64,
    /// The mean of their confidence.
    pub mean_confidence: f64,
    /// The share of them whose most probable class is the true one.
    pub accuracy: f64,
}

/// Confidence, the probability of a row's most probable class, beside the accuracy of that class, in ten
/// bins of equal width. Bins without rows are left out.
///
/// As `sklearn.calibration.calibration_curve` with `strategy="uniform"` and 10 bins, asked whether the
/// most probable class is the true one. Thresholds of a decision play no part.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// In the order of their confidence.
    pub bins: Vec<Bin>,
}

/// Sums of one bin.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rows: u64,
    confidence: f64,
    right: u64,
}

impl Reliability {
    /// Sorts the rows of a split into bins.
    pub fn compute(scored: &Scored<'_>) -> Self {
        let mut sums = [Sums::default(); BINS];
        for (truth, row) in scored.iter() {
            let Some(predicted) = argmax(row) else { continue };
            // The rounding of a single-precision softmax may go beyond 1.
            let confidence = row[predicted as usize].min(1.0);
            let bin = &mut sums[bin_of(confidence)];
            bin.rows += 1;
            bin.confidence += confidence;
            bin.right += u64::from(predicted == truth);
        }
        let filled = sums.iter().enumerate().filter(|(_, sums)| sums.rows > 0);
        let bins = filled.map(|(place, sums)| Bin {
            lower: place as f64 / BINS as f64,
            upper: (place + 1) as f64 / BINS as f64,
            rows: sums.rows,
            mean_confidence: sums.confidence / sums.rows as f64,
            accuracy: sums.right as f64 / sums.rows as f64,
        });
        Self { bins: bins.collect() }
    }

    /// The expected calibration error (Naeini et al. 2015; Guo et al. 2017): how far confidence and accuracy
    /// are apart, the mean of the bins weighted by their rows; `None` without rows.
    pub fn expected_calibration_error(&self) -> Option<f64> {
        let rows: f64 = self.bins.iter().map(|bin| bin.rows as f64).sum();
        let apart = self
            .bins
            .iter()
            .map(|bin| bin.rows as f64 / rows * (bin.accuracy - bin.mean_confidence).abs());
        (rows > 0.0).then(|| apart.sum())
    }
}

/// The bin of a confidence: a bin's upper edge belongs to it. The edges have the bits of
/// `numpy.linspace(0, 1, 11)`.
fn bin_of(confidence: f64) -> usize {
    (1..BINS).filter(|&edge| confidence > edge as f64 * (1.0 / BINS as f64)).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use super::*;

    #[test]
    fn rows_are_binned_by_their_confidence_and_empty_bins_are_left_out() {
        let table = [0.6, 0.4, 0.45, 0.55, 0.9, 0.1, 0.05, 0.95, 1.0, 0.0];
        let found = Reliability::compute(&Scored::new(&[0, 0, 0, 1, 1], &table, 2).unwrap());
        let shown = |bin: &Bin| (bin.lower, bin.upper, bin.rows, bin.accuracy);
        let bins: Vec<_> = found.bins.iter().map(shown).collect();
        assert_eq!(bins, [(0.5, 0.6, 2, 0.5), (0.8, 0.9, 1, 1.0), (0.9, 1.0, 2, 0.5)]);
        assert_eq!(found.bins[0].mean_confidence, f64::midpoint(0.6, 0.55));
        // 2/5 * |0.5 - 0.575| + 1/5 * |1 - 0.9| + 2/5 * |0.5 - 0.975|
        let error = found.expected_calibration_error().unwrap();
        assert!((error - (0.4 * 0.075 + 0.2 * 0.1 + 0.4 * 0.475)).abs() < 1e-15, "{error}");
    }

    #[test]
    fn an_edge_belongs_to_the_bin_below_it_as_in_numpy() {
        // numpy.searchsorted(numpy.linspace(0, 1, 11)[1:-1], values)
        let values = [0.0, 0.1, 0.3, 0.1 * 3.0, 0.7, 0.1 * 7.0, 0.700_000_1, 0.9, 1.0];
        assert_eq!(values.map(bin_of), [0, 0, 2, 2, 6, 6, 7, 8, 9]);
    }
}
