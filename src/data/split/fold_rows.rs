//! The row numbers of a split's parts, and the rows themselves.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, IdxCa, IdxSize};

use crate::data::DataError;
use crate::examples::Part;

/// Row numbers of the parts of one fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldRows {
    pub(super) train: Vec<usize>,
    pub(super) valid: Vec<usize>,
    pub(super) test: Vec<usize>,
}

impl FoldRows {
    /// The row numbers of a part.
    pub fn part(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.train,
            Part::Valid => &self.valid,
            Part::Test => &self.test,
        }
    }

    /// What is trained on once everything is chosen: the train and validation rows of all folds, with
    /// their test rows.
    pub fn whole(folds: &[Self]) -> Self {
        let used = folds.iter().flat_map(|fold| fold.train.iter().chain(&fold.valid));
        let train: BTreeSet<usize> = used.copied().collect();
        let test = folds.first().map(|fold| fold.test.clone()).unwrap_or_default();
        Self { train: train.into_iter().collect(), valid: Vec::new(), test }
    }

    /// Renumbers the rows of a split of some of a table's rows: row `n` becomes `numbers[n]`.
    pub fn number_by(&mut self, numbers: &[usize]) {
        for part in [&mut self.train, &mut self.valid, &mut self.test] {
            for row in part.iter_mut() {
                *row = numbers[*row];
            }
        }
    }
}

/// The given rows of a frame, in that order.
///
/// # Errors
/// [`DataError::Frame`] when a row does not exist.
pub fn take(frame: &DataFrame, rows: &[usize]) -> Result<DataFrame, DataError> {
    let rows: Vec<IdxSize> = rows.iter().map(|&row| row as IdxSize).collect();
    frame.take(&IdxCa::from_vec("rows".into(), rows)).map_err(|error| DataError::Frame {
        path: "the split".to_owned(),
        reason: error.to_string(),
    })
}
