//! How often each class was predicted for each true class.

use super::MetricsError;

/// Most classes a table is made for: the square of it is still a modest allocation.
pub const MAX_CLASSES: usize = 4096;

/// A confusion matrix: rows are true classes, columns are predicted classes.
///
/// ```
/// # use forewarn::metrics::{Confusion, MetricsError};
/// // 8 of 10 healthy rows and 1 of 2 failures were predicted right.
/// let confusion = Confusion::from_counts(2, vec![8, 2, 1, 1])?;
/// assert_eq!(confusion.accuracy(), 0.75);
/// assert_eq!(confusion.macro_recall(), (0.8 + 0.5) / 2.0);
/// # Ok::<(), MetricsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// Row-major `[classes, classes]`.
    counts: Vec<u64>,
    /// Sum of `counts`, kept so that no sum over part of the table can overflow.
    total: u64,
}

impl Confusion {
    /// An empty table for labels `0..classes`.
    ///
    /// # Errors
    ///
    /// [`MetricsError::ClassCount`] unless `classes` lies in `1..=`[`MAX_CLASSES`].
    pub fn new(classes: usize) -> Result<Self, MetricsError> {
        let cells = cells(classes)?;
        Ok(Self { classes, counts: vec![0; cells], total: 0 })
    }

    /// A table from row-major counts, `[classes, classes]`, rows being the true classes.
    ///
    /// # Errors
    ///
    /// [`MetricsError::ClassCount`] as in [`Confusion::new`]; [`MetricsError::CountsShape`] unless
    /// there are `classes * classes` counts; [`MetricsError::CountOverflow`] when their sum does
    /// not fit a `u64`.
    pub fn from_counts(classes: usize, counts: Vec<u64>) -> Result<Self, MetricsError> {
        let expected = cells(classes)?;
        let found = counts.len();
        if found != expected {
            return Err(MetricsError::CountsShape { classes, expected, found });
        }
        let total = counts
            .iter()
            .try_fold(0_u64, |sum, &count| sum.checked_add(count))
            .ok_or(MetricsError::CountOverflow)?;
        Ok(Self { classes, counts, total })
    }

    /// Counts one row of true class `truth` for which `predicted` was predicted.
    ///
    /// # Errors
    ///
    /// [`MetricsError::TruthOutOfRange`] or [`MetricsError::PredictionOutOfRange`] when a label
    /// names no class; [`MetricsError::CountOverflow`] when the table is full. Nothing is counted
    /// then.
    pub fn add(&mut self, truth: u32, predicted: u32) -> Result<(), MetricsError> {
        let classes = self.classes;
        if truth as usize >= classes {
            return Err(MetricsError::TruthOutOfRange { truth, classes });
        }
        let cell = self
            .cell(truth, predicted)
            .ok_or(MetricsError::PredictionOutOfRange { predicted, classes })?;
        self.total = self.total.checked_add(1).ok_or(MetricsError::CountOverflow)?;
        if let Some(count) = self.counts.get_mut(cell) {
            *count += 1;
        }
        Ok(())
    }

    /// Rows of true class `truth` predicted as `predicted`; 0 for a label that names no class.
    pub fn count(&self, truth: u32, predicted: u32) -> u64 {
        self.cell(truth, predicted).and_then(|cell| self.counts.get(cell)).copied().unwrap_or(0)
    }

    /// Number of classes, at least 1.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of rows counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The table as one vector per true class.
    pub fn rows(&self) -> Vec<Vec<u64>> {
        self.counts.chunks_exact(self.classes).map(<[u64]>::to_vec).collect()
    }

    /// Rows whose true class is `class`.
    pub fn support(&self, class: u32) -> u64 {
        self.labels().map(|predicted| self.count(class, predicted)).sum()
    }

    /// Rows predicted as `class`.
    pub fn predicted(&self, class: u32) -> u64 {
        self.labels().map(|truth| self.count(truth, class)).sum()
    }

    /// Rows predicted as what they are: the trace of the table.
    pub fn correct(&self) -> u64 {
        self.labels().map(|class| self.count(class, class)).sum()
    }

    /// Every label of the table, in order.
    pub(super) fn labels(&self) -> std::ops::Range<u32> {
        0..self.classes as u32
    }

    fn cell(&self, truth: u32, predicted: u32) -> Option<usize> {
        let (truth, predicted) = (truth as usize, predicted as usize);
        let known = truth < self.classes && predicted < self.classes;
        known.then(|| truth * self.classes + predicted)
    }
}

fn cells(classes: usize) -> Result<usize, MetricsError> {
    if classes == 0 || classes > MAX_CLASSES {
        return Err(MetricsError::ClassCount { classes, limit: MAX_CLASSES });
    }
    Ok(classes * classes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    #[test]
    fn rows_are_true_classes_and_columns_are_predictions() {
        let mut confusion = Confusion::new(2).unwrap();
        confusion.add(0, 1).unwrap();
        confusion.add(0, 1).unwrap();
        confusion.add(1, 1).unwrap();
        assert_eq!(confusion.rows(), [[0, 2], [0, 1]]);
        assert_eq!(confusion.count(0, 1), 2);
        assert_eq!((confusion.support(0), confusion.predicted(1)), (2, 3));
        assert_eq!((confusion.correct(), confusion.total()), (1, 3));
    }

    #[test]
    fn counting_rows_equals_building_from_counts() {
        let mut counted = Confusion::new(2).unwrap();
        for (truth, predicted) in [(0, 0), (1, 0), (1, 0)] {
            counted.add(truth, predicted).unwrap();
        }
        assert_eq!(counted, Confusion::from_counts(2, vec![1, 0, 2, 0]).unwrap());
    }

    #[test]
    fn a_label_that_names_no_class_is_refused_and_leaves_the_table_as_it_was() {
        let mut confusion = Confusion::new(2).unwrap();
        let refused = confusion.add(2, 0);
        assert_eq!(refused, Err(MetricsError::TruthOutOfRange { truth: 2, classes: 2 }));
        let refused = confusion.add(0, 2);
        assert_eq!(refused, Err(MetricsError::PredictionOutOfRange { predicted: 2, classes: 2 }));
        assert_eq!(confusion, Confusion::new(2).unwrap());
        assert_eq!(confusion.count(0, 2), 0);
    }

    #[test]
    fn a_table_that_is_empty_huge_or_not_square_is_refused() {
        assert!(matches!(Confusion::new(0), Err(MetricsError::ClassCount { .. })));
        assert!(matches!(Confusion::new(usize::MAX), Err(MetricsError::ClassCount { .. })));
        let refused = Confusion::from_counts(2, vec![1; 3]);
        assert_eq!(refused, Err(MetricsError::CountsShape { classes: 2, expected: 4, found: 3 }));
    }

    #[test]
    fn counts_beyond_64_bits_are_refused_rather_than_wrapped() {
        let refused = Confusion::from_counts(2, vec![u64::MAX, 1, 0, 0]);
        assert_eq!(refused, Err(MetricsError::CountOverflow));
        let mut full = Confusion::from_counts(2, vec![u64::MAX, 0, 0, 0]).unwrap();
        assert_eq!(full.add(1, 1), Err(MetricsError::CountOverflow));
        assert_eq!(full.count(1, 1), 0);
    }
}
