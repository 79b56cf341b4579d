//! True labels beside the class probabilities a model gave them.

use super::confusion::MAX_CLASSES;
use super::{Confusion, MetricsError};

/// Overshoot above 1 that a softmax computed in `f32` may show.
const RANGE_TOLERANCE: f64 = 1e-6;
/// How far a row may sum from 1: wide enough for `f32`, narrow enough to catch logits.
const SUM_TOLERANCE: f64 = 1e-3;

/// The rows of a split: each one's true class and the probability given to every class.
///
/// Holding both sides under their names leaves no pair of arguments to swap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored<'a> {
    truth: &'a [u32],
    probabilities: &'a [f64],
    classes: usize,
    thresholds: Option<&'a [f64]>,
}

impl<'a> Scored<'a> {
    /// Pairs `truth` (`[rows]`, labels `0..classes`) with `probabilities` (row-major
    /// `[rows, classes]`, each row summing to 1 within 0.001).
    ///
    /// # Errors
    ///
    /// [`MetricsError::ClassCount`], [`MetricsError::NoRows`],
    /// [`MetricsError::ProbabilitiesShape`], [`MetricsError::TruthOutOfRange`],
    /// [`MetricsError::ProbabilityRange`] or [`MetricsError::ProbabilitySum`], whichever the
    /// input runs into first.
    pub fn new(
        truth: &'a [u32],
        probabilities: &'a [f64],
        classes: usize,
    ) -> Result<Self, MetricsError> {
        if classes == 0 || classes > MAX_CLASSES {
            return Err(MetricsError::ClassCount { classes, limit: MAX_CLASSES });
        }
        let rows = truth.len();
        if rows == 0 {
            return Err(MetricsError::NoRows);
        }
        let found = probabilities.len();
        if rows.checked_mul(classes) != Some(found) {
            return Err(MetricsError::ProbabilitiesShape { rows, classes, found });
        }
        if let Some(&truth) = truth.iter().find(|&&label| label as usize >= classes) {
            return Err(MetricsError::TruthOutOfRange { truth, classes });
        }
        for (row, values) in probabilities.chunks_exact(classes).enumerate() {
            check_row(row, values)?;
        }
        Ok(Self { truth, probabilities, classes, thresholds: None })
    }

    /// The same rows, whose classes are predicted by [`decide`].
    #[must_use]
    pub fn decided(self, thresholds: Option<&'a [f64]>) -> Self {
        Self { thresholds, ..self }
    }

    /// Number of rows, at least 1.
    pub fn rows(&self) -> usize {
        self.truth.len()
    }

    /// Number of classes, at least 1.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Each row's true class and its probabilities (`[classes]`), in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'a [f64])> + use<'a> {
        self.truth.iter().copied().zip(self.probabilities.chunks_exact(self.classes))
    }

    /// The predicted class of each row (`[rows]`): the most probable one, the first of ties,
    /// unless there are thresholds.
    pub fn predictions(&self) -> Vec<u32> {
        // A row is never empty, so the fallback is never taken.
        self.iter().map(|(_, row)| decide(row, self.thresholds).unwrap_or(0)).collect()
    }

    /// Counts the predictions against the truth.
    ///
    /// # Errors
    ///
    /// None that a checked split can meet; the table's own checks are passed on.
    pub fn confusion(&self) -> Result<Confusion, MetricsError> {
        let mut confusion = Confusion::new(self.classes)?;
        for (&truth, predicted) in self.truth.iter().zip(self.predictions()) {
            confusion.add(truth, predicted)?;
        }
        Ok(confusion)
    }
}

fn check_row(row: usize, values: &[f64]) -> Result<(), MetricsError> {
    let allowed = 0.0..=1.0 + RANGE_TOLERANCE;
    if let Some((class, &value)) = values.iter().enumerate().find(|(_, v)| !allowed.contains(*v)) {
        return Err(MetricsError::ProbabilityRange { row, class, value });
    }
    let sum: f64 = values.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(MetricsError::ProbabilitySum { row, sum });
    }
    Ok(())
}

/// The class whose probability is the largest in parts of its threshold, the first of ties; without
/// thresholds, the most probable one. `None` where there are no classes.
pub fn decide(probabilities: &[f64], thresholds: Option<&[f64]>) -> Option<u32> {
    let Some(thresholds) = thresholds else { return argmax(probabilities) };
    let parts = probabilities.iter().zip(thresholds);
    argmax(&parts.map(|(probability, threshold)| probability / threshold).collect::<Vec<f64>>())
}

/// Index of the largest value, the first of ties; `None` for an empty slice.
///
/// The first NaN counts as the largest, as in numpy, so a broken row is not mistaken for a sound
/// one.
pub fn argmax<T: PartialOrd>(values: &[T]) -> Option<u32> {
    let mut best: Option<(usize, &T)> = None;
    for (index, value) in values.iter().enumerate() {
        let is_nan = value.partial_cmp(value).is_none();
        if is_nan || best.is_none_or(|(_, largest)| value > largest) {
            best = Some((index, value));
        }
        if is_nan {
            break;
        }
    }
    best.map(|(index, _)| index as u32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    #[test]
    fn argmax_takes_the_first_of_equal_maxima() {
        assert_eq!(argmax(&[0.2, 0.4, 0.4]), Some(1));
        assert_eq!(argmax(&[0.5_f32, 0.5]), Some(0));
        assert_eq!(argmax::<f64>(&[]), None);
    }

    #[test]
    fn argmax_stops_at_the_first_nan_as_numpy_does() {
        assert_eq!(argmax(&[0.1, f64::NAN, 0.9, f64::NAN]), Some(1));
    }

    #[test]
    fn predictions_and_confusion_follow_the_most_probable_class() {
        let scored = Scored::new(&[0, 1, 1], &[0.9, 0.1, 0.5, 0.5, 0.0, 1.0], 2).unwrap();
        assert_eq!(scored.predictions(), [0, 0, 1]);
        assert_eq!(scored.confusion().unwrap().rows(), [[1, 0], [1, 1]]);
    }

    #[test]
    fn a_table_of_the_wrong_size_is_refused() {
        let short = Scored::new(&[0, 1], &[0.5, 0.5, 1.0], 2);
        assert_eq!(short, Err(MetricsError::ProbabilitiesShape { rows: 2, classes: 2, found: 3 }));
        assert_eq!(Scored::new(&[], &[], 2), Err(MetricsError::NoRows));
        assert!(matches!(Scored::new(&[0], &[], 0), Err(MetricsError::ClassCount { .. })));
    }

    #[test]
    fn a_label_beyond_the_classes_is_refused() {
        let beyond = Scored::new(&[2], &[0.5, 0.5], 2);
        assert_eq!(beyond, Err(MetricsError::TruthOutOfRange { truth: 2, classes: 2 }));
    }

    #[test]
    fn nan_and_values_outside_zero_to_one_are_refused_with_their_place() {
        let refused = |row: &[f64]| Scored::new(&[0], row, 2).unwrap_err();
        assert!(matches!(
            refused(&[1.0, f64::NAN]),
            MetricsError::ProbabilityRange { row: 0, class: 1, .. }
        ));
        assert!(matches!(refused(&[-0.5, 1.5]), MetricsError::ProbabilityRange { class: 0, .. }));
        assert!(matches!(refused(&[0.5, 0.6]), MetricsError::ProbabilitySum { row: 0, .. }));
    }

    #[test]
    fn the_rounding_of_a_single_precision_softmax_is_let_through() {
        assert!(Scored::new(&[0], &[1.000_000_1, 0.0], 2).is_ok());
        assert!(Scored::new(&[0], &[f64::from(1.0_f32 / 3.0); 3], 3).is_ok());
    }
}
