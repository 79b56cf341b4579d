//! The prepared rows that all trials of a run are trained and judged on.

use super::class_rows::{ClassRows, UnknownClass};
use crate::examples::Fold;
use crate::spec::{ClassWeight, GridFile};

/// The prepared rows of a run: the folds of the first preparation, then those of the next.
#[derive(Debug, Clone)]
pub struct Dataset<'a> {
    folds: &'a [Fold],
    /// Folds of a preparation.
    count: usize,
    classes: ClassRows,
}

impl<'a> Dataset<'a> {
    /// Takes `count` folds for each preparation, whose rows are of `classes`; class weights of the grid
    /// file must name none but these.
    ///
    /// # Errors
    /// [`UnknownClass`].
    pub fn new(
        folds: &'a [Fold],
        count: usize,
        classes: &[String],
        file: &GridFile,
    ) -> Result<Self, UnknownClass> {
        Ok(Self { folds, count, classes: ClassRows::count(classes, folds, file)? })
    }

    /// Number of folds of a preparation.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes.classes()
    }

    /// The place of a preparation's fold among all.
    pub fn place(&self, preparation: usize, fold: usize) -> usize {
        preparation * self.count + fold
    }

    /// A preparation's rows of a fold.
    pub fn fold(&self, preparation: usize, fold: usize) -> &'a Fold {
        &self.folds[self.place(preparation, fold)]
    }

    /// A preparation's rows of all folds.
    pub fn folds(&self, preparation: usize) -> &'a [Fold] {
        let first = self.place(preparation, 0);
        &self.folds[first..first + self.count]
    }

    /// The weight of the rows of each class at a place, `[classes]`; `None` where all weigh the same.
    pub fn weights(&self, class_weight: &ClassWeight, place: usize) -> Option<Vec<f32>> {
        self.classes.weights(class_weight, place)
    }
}
