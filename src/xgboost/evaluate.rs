//! Predictions of a model, bit for bit those of XGBoost.
//!
//! The sum of a row's leaves runs over the trees in their order, in 32 bits, and rows know nothing of
//! each other: the same row has the same bits alone and among others, on any number of threads. The
//! exponential is the standard library's, which is the C library's, which XGBoost calls too.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::text::{Model, TextError};
use crate::examples::Matrix;

/// Rows of a block. They stay in the processor's cache while every tree is asked about them.
const ROWS: usize = 64;

/// A trained model: its trees, and the text that Python's `xgboost.Booster` opens.
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

    /// The text, as XGBoost wrote it.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Number of classes, at least 2.
    pub fn classes(&self) -> usize {
        self.0.classes
    }

    /// Number of columns that it reads.
    pub fn columns(&self) -> usize {
        self.0.columns
    }

    /// Number of rounds.
    pub fn rounds(&self) -> usize {
        self.0.trees.len() / self.0.width()
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
    pub fn margins(&self, rows: &Matrix) -> Result<Vec<f32>, TextError> {
        let columns = self.0.columns;
        if rows.columns() != columns {
            return Err(TextError::Columns { wanted: columns, found: rows.columns() });
        }
        let width = self.0.width();
        let mut margins = vec![0.0; rows.rows() * width];
        let blocks = rows.values().par_chunks(ROWS * columns);
        blocks.zip(margins.par_chunks_mut(ROWS * width)).for_each(|(rows, margins)| {
            self.add(rows, margins);
        });
        Ok(margins)
    }

    /// The classes' probabilities, `[rows, classes]`. NaN is a missing value.
    ///
    /// # Errors
    /// [`TextError::Columns`] where the rows are not of the model's columns.
    pub fn probabilities(&self, rows: &Matrix) -> Result<Vec<f64>, TextError> {
        Ok(probabilities(self.margins(rows)?, self.0.width()))
    }

    /// Adds up the leaves of a block of rows.
    fn add(&self, rows: &[f32], margins: &mut [f32]) {
        let Model { columns, ref base, ref trees, .. } = self.0;
        for margins in margins.chunks_exact_mut(base.len()) {
            margins.copy_from_slice(base);
        }
        for round in trees.chunks_exact(base.len()) {
            for (class, tree) in round.iter().enumerate() {
                let margins = margins[class..].iter_mut().step_by(base.len());
                for (row, margin) in rows.chunks_exact(columns).zip(margins) {
                    *margin += tree.value(row);
                }
            }
        }
    }
}

/// The classes' probabilities, `[rows, classes]`, from `width` margins a row: one, of the second of two
/// classes, or one a class.
pub(super) fn probabilities(mut margins: Vec<f32>, width: usize) -> Vec<f64> {
    if width == 1 {
        let second = margins.into_iter().map(|margin| f64::from(sigmoid(margin)));
        return second.flat_map(|second| [1.0 - second, second]).collect();
    }
    margins.chunks_exact_mut(width).for_each(softmax);
    margins.into_iter().map(f64::from).collect()
}

/// XGBoost's logistic function, in 32 bits.
fn sigmoid(margin: f32) -> f32 {
    // Beyond it the exponential is infinite.
    const MOST: f32 = 88.7;
    1.0 / ((-margin).min(MOST).exp() + 1.0)
}

/// XGBoost's softmax: exponentials in 32 bits, their sum in 64.
fn softmax(margins: &mut [f32]) {
    let greatest = margins.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0_f64;
    for margin in margins.iter_mut() {
        *margin = (*margin - greatest).exp();
        sum += f64::from(*margin);
    }
    for margin in margins {
        *margin /= sum as f32;
    }
}
