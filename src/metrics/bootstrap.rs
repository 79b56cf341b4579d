//! How far the scores move when the rows are drawn again.

use std::cmp::Reverse;

use chacha20::ChaCha8Rng;
use serde::Serialize;

use super::{Averages, ClassScores, Confusion, MetricsError};
use crate::random::{Purpose, Streams, binomial};

/// How often the rows are drawn again.
const RESAMPLES: usize = 1000;

/// The shares of the resamples below the ends of an interval.
const ENDS: [f64; 2] = [0.025, 0.975];

/// A 95 % interval: its lower and its upper end.
pub type Interval = [f64; 2];

/// The intervals of the scores that are read off a confusion matrix.
///
/// Percentile bootstrap: as many rows as there are, drawn from them with replacement, 1,000 times; the
/// ends are the percentiles 2.5 and 97.5 of the scores, interpolated linearly. A draw of rows moves
/// nothing but the counts, so the counts are drawn, multinomially. Where a resample lacks a class, its
/// scores are those of any split that lacks it. Rows count as independent. The draws are the same for
/// the same table. Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Intervals {
    /// Of [`Confusion::accuracy`].
    pub accuracy: Interval,
    /// Of [`Confusion::balanced_accuracy`].
    pub balanced_accuracy: Interval,
    /// Of [`Confusion::mcc`].
    pub mcc: Interval,
    /// Of [`Confusion::macro_average`].
    #[serde(rename = "macro")]
    pub macro_average: RateIntervals,
    /// Of [`Confusion::weighted_average`].
    #[serde(rename = "weighted")]
    pub weighted_average: RateIntervals,
    /// Of every class, in label order.
    pub per_class: Vec<RateIntervals>,
}

/// The intervals of the scores of one class, or of their averages.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateIntervals {
    /// Of the precision.
    pub precision: Interval,
    /// Of the recall.
    pub recall: Interval,
    /// Of the specificity.
    pub specificity: Interval,
    /// Of the F1 score.
    pub f1: Interval,
}

impl Intervals {
    /// Draws the rows of a table again; the time grows with its cells, and with a 32nd of its rows.
    ///
    /// # Errors
    ///
    /// None that a table can meet; those of [`Confusion::from_counts`] are passed on.
    pub fn bootstrap(confusion: &Confusion) -> Result<Self, MetricsError> {
        let mut generator = Streams::new(0, 0, 0).generator(Purpose::Bootstrap, 0);
        let mut drawn = vec![Vec::with_capacity(RESAMPLES); figures(confusion).len()];
        let cells = cells(confusion);
        for _ in 0..RESAMPLES {
            let resample = resample(confusion, &cells, &mut generator)?;
            for (column, figure) in drawn.iter_mut().zip(figures(&resample)) {
                column.push(figure);
            }
        }
        let mut intervals = drawn.into_iter().map(interval);
        let mut next = || intervals.next().unwrap_or_default();
        let [accuracy, balanced_accuracy, mcc] = std::array::from_fn(|_| next());
        let mut rates =
            || RateIntervals { precision: next(), recall: next(), specificity: next(), f1: next() };
        let [macro_average, weighted_average] = std::array::from_fn(|_| rates());
        let per_class = confusion.labels().map(|_| rates()).collect();
        Ok(Self { accuracy, balanced_accuracy, mcc, macro_average, weighted_average, per_class })
    }
}

/// All scores of a table, in the order of the fields of [`Intervals`].
fn figures(confusion: &Confusion) -> Vec<f64> {
    let mut figures = vec![confusion.accuracy(), confusion.balanced_accuracy(), confusion.mcc()];
    for mean in [confusion.macro_average(), confusion.weighted_average()] {
        let Averages { precision, recall, specificity, f1 } = mean;
        figures.extend([precision, recall, specificity, f1]);
    }
    for ClassScores { precision, recall, specificity, f1, .. } in confusion.per_class() {
        figures.extend([precision, recall, specificity, f1]);
    }
    figures
}

/// The cells that hold rows, as places in the row-major table, the fullest first: few rows are then
/// left to be dealt to the others.
fn cells(confusion: &Confusion) -> Vec<(usize, u64)> {
    let counts = confusion.rows().into_iter().flatten().enumerate();
    let mut cells: Vec<(usize, u64)> = counts.filter(|&(_, count)| count > 0).collect();
    cells.sort_by_key(|&(_, count)| Reverse(count));
    cells
}

/// A table of as many rows, drawn from those of `confusion` with replacement.
fn resample(
    confusion: &Confusion,
    cells: &[(usize, u64)],
    generator: &mut ChaCha8Rng,
) -> Result<Confusion, MetricsError> {
    let classes = confusion.classes();
    let mut counts = vec![0; classes * classes];
    // Rows that are still to be drawn, and from how many.
    let (mut open, mut whole) = (confusion.total(), confusion.total());
    for &(cell, count) in cells {
        let drawn = binomial(open, (count, whole), generator);
        counts[cell] = drawn;
        open -= drawn;
        whole -= count;
    }
    Confusion::from_counts(classes, counts)
}

/// The interval of what was drawn.
fn interval(mut drawn: Vec<f64>) -> Interval {
    drawn.sort_by(f64::total_cmp);
    ENDS.map(|share| {
        let place = share * (drawn.len() - 1) as f64;
        let (low, high) = (drawn[place.floor() as usize], drawn[place.ceil() as usize]);
        low + place.fract() * (high - low)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use super::*;

    fn intervals(classes: usize, counts: &[u64]) -> Intervals {
        Intervals::bootstrap(&Confusion::from_counts(classes, counts.to_vec()).unwrap()).unwrap()
    }

    #[test]
    fn the_ends_are_interpolated_percentiles() {
        let [low, high] = interval((0..=1000).rev().map(f64::from).collect());
        assert_eq!([low, high], [25.0, 975.0]);
        let [low, high] = interval((0..=10).map(f64::from).collect());
        assert!((low - 0.25).abs() < 1e-12 && (high - 9.75).abs() < 1e-12);
    }

    #[test]
    fn perfect_predictions_have_intervals_without_width() {
        let found = intervals(3, &[40, 0, 0, 0, 9, 0, 0, 0, 500]);
        assert_eq!([found.accuracy, found.balanced_accuracy, found.mcc], [[1.0; 2]; 3]);
        for rates in found.per_class.iter().chain([&found.macro_average, &found.weighted_average]) {
            let RateIntervals { precision, recall, specificity, f1 } = *rates;
            assert_eq!([precision, recall, specificity, f1], [[1.0; 2]; 4]);
        }
    }

    #[test]
    fn a_class_of_two_rows_has_the_widest_interval_that_there_is() {
        let found = intervals(2, &[500, 0, 1, 1]);
        assert_eq!(found.per_class[1].recall, [0.0, 1.0]);
        assert!(found.accuracy[0] > 0.99);
    }

    #[test]
    fn four_times_the_rows_halve_the_width() {
        let width = |[low, high]: Interval| high - low;
        let few = width(intervals(2, &[300, 100, 80, 120]).accuracy);
        let many = width(intervals(2, &[1200, 400, 320, 480]).accuracy);
        assert!((few / many - 2.0).abs() < 0.2, "{few} and {many}");
    }
}
