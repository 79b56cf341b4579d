//! Predictions of a model, bit for bit those of LightGBM.
//!
//! The sum of a row's leaves runs over the trees in their order, in 64 bits, and rows know nothing of
//! each other: the same row has the same bits alone and among others, on any number of threads. The
//! exponential is the standard library's, which is the C library's, which LightGBM calls too.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::block::{Block, ROWS};
use super::text::{Model, Objective, TextError};
use crate::examples::Matrix;

/// A trained model: its trees, and the text that Python's `lightgbm.Booster` opens.
#[derive(Debug, Clone)]
pub struct Booster(Model);

impl Booster {
    /// Reads a model's text, which may be a stranger's, and checks it in full.
    ///
    /// # Errors
    /// [`TextError`] where the text is damaged, or is of a model that is no classifier.
    pub fn parse(text: String) -> Result<Self, TextError> {
        Model::parse(text).map(Self)
    }

    /// The text, as LightGBM wrote it.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Number of classes, at least 2.
    pub fn classes(&self) -> usize {
        self.0.classes
    }

    /// The columns' names, as LightGBM knows them.
    pub fn names(&self) -> &[String] {
        &self.0.names
    }

    /// Number of iterations.
    pub fn iterations(&self) -> usize {
        self.0.trees.len() / self.0.per_iteration
    }

    /// The model that a training of so many iterations would have come to; all of them where there
    /// are no more, and one at least.
    #[must_use]
    pub fn prefix(&self, iterations: usize) -> Self {
        Self(self.0.prefix(iterations.max(1)))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let trees: usize = self.0.trees.iter().map(super::tree::Tree::bytes).sum();
        trees + self.0.text.len()
    }

    /// The sums of the rows' leaves: `[rows, classes]`, or `[rows]` of the second class where there are
    /// two. NaN is a missing value.
    ///
    /// # Errors
    /// [`TextError::Columns`] where the rows are not of the model's columns.
    pub fn raw_scores(&self, rows: &Matrix) -> Result<Vec<f64>, TextError> {
        let columns = self.0.names.len();
        if rows.columns() != columns {
            return Err(TextError::Columns { wanted: columns, found: rows.columns() });
        }
        let width = self.0.per_iteration;
        let mut scores = vec![0.0; rows.rows() * width];
        let blocks = rows.values().par_chunks(ROWS * columns);
        blocks.zip(scores.par_chunks_mut(ROWS * width)).for_each(|(rows, scores)| {
            self.add(rows, scores);
        });
        Ok(scores)
    }

    /// The classes' probabilities, `[rows, classes]`. NaN is a missing value.
    ///
    /// # Errors
    /// [`TextError::Columns`] where the rows are not of the model's columns.
    pub fn probabilities(&self, rows: &Matrix) -> Result<Vec<f64>, TextError> {
        let mut scores = self.raw_scores(rows)?;
        if self.0.is_averaged {
            let iterations = self.iterations() as f64;
            for score in &mut scores {
                *score /= iterations;
            }
        }
        match self.0.objective {
            Objective::Binary { sigmoid } => {
                Ok(both(scores.iter().map(|score| 1.0 / (1.0 + (-sigmoid * score).exp()))))
            }
            Objective::Multiclass => {
                scores.chunks_exact_mut(self.0.classes).for_each(softmax);
                Ok(scores)
            }
        }
    }

    /// Adds up the leaves of a block of rows.
    fn add(&self, rows: &[f32], scores: &mut [f64]) {
        let Model { ref names, ref trees, per_iteration: width, .. } = self.0;
        let block = Block::new(rows, names.len());
        for iteration in trees.chunks_exact(width) {
            for (class, tree) in iteration.iter().enumerate() {
                tree.add(&block, &mut scores[class..], width);
            }
        }
    }
}

/// Both classes' probabilities from the second's: `[rows, 2]`.
pub(super) fn both(second: impl Iterator<Item = f64>) -> Vec<f64> {
    second.flat_map(|second| [1.0 - second, second]).collect()
}

/// LightGBM's softmax, in its order.
fn softmax(scores: &mut [f64]) {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - greatest).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}
