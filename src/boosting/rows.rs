//! The rows that LightGBM and XGBoost train on.

use crate::examples::Matrix;

/// Categories are below this: LightGBM keeps a bit for each up to the largest, in every split, and XGBoost a
/// bin in each histogram.
pub(crate) const CATEGORIES: f32 = 65_536.0;

/// Rows that no library of boosting takes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum RowsError {
    /// Nothing to learn from.
    #[error("boosting needs rows and columns to train on; there are {rows} x {columns}")]
    NoRows { rows: usize, columns: usize },
    /// Nothing to tell apart.
    #[error("boosting needs two classes or more; there are {classes}")]
    TooFewClasses { classes: usize },
    /// Labels that do not belong to the rows.
    #[error("{labels} labels for {rows} rows, each below {classes}, are wanted")]
    Labels { labels: usize, rows: usize, classes: usize },
    /// Weights that are no weights.
    #[error("{weights} class weights are given; {classes} are wanted, each finite and above 0")]
    Weights { weights: usize, classes: usize },
    /// A column that is not there.
    #[error("column {column} is to be categorical, and there are {columns}")]
    NoColumn { column: usize, columns: usize },
    /// Rows of another table.
    #[error("rows to evaluate have {found} columns, those to train on {wanted}")]
    Columns { wanted: usize, found: usize },
}

/// Rows to train on.
#[derive(Debug, Clone, Copy)]
pub struct TrainRows<'a> {
    /// `[rows, columns]`; NaN is a missing value. To LightGBM minus infinity is the least, and infinity
    /// cannot be told from the greatest number of its column; XGBoost refuses both.
    pub features: &'a Matrix,
    /// `[rows]`, each below `classes`.
    pub labels: &'a [u32],
    /// Number of classes, at least 2. A class without rows gets probabilities near 0.
    pub classes: usize,
    /// `[classes]`: what a row of each class weighs; 1 each where there are none.
    pub class_weights: Option<&'a [f64]>,
    /// Columns whose values are the numbers of categories, below 65,536; NaN is missing, and so is
    /// what is below 0, which XGBoost refuses.
    pub categorical: &'a [usize],
    /// `[columns]`: names for the model's text, where letters that its library refuses become `_`.
    pub names: &'a [String],
}

/// Rows that a trainer knows the probabilities of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Those trained on.
    Train,
    /// One of the sets to evaluate, by its number.
    Set(usize),
}

impl TrainRows<'_> {
    /// Checks all that both libraries need of the rows, and of the sets to evaluate, each `[rows, columns]`.
    ///
    /// # Errors
    /// [`RowsError`] names the first thing that is wrong.
    pub fn check(&self, sets: &[&Matrix]) -> Result<(), RowsError> {
        let Self { features, labels, classes, class_weights, categorical, .. } = *self;
        let (rows, columns) = (features.rows(), features.columns());
        if rows == 0 || columns == 0 {
            return Err(RowsError::NoRows { rows, columns });
        }
        if classes < 2 {
            return Err(RowsError::TooFewClasses { classes });
        }
        if labels.len() != rows || labels.iter().any(|label| *label as usize >= classes) {
            return Err(RowsError::Labels { labels: labels.len(), rows, classes });
        }
        if let Some(weights) = class_weights {
            // They are 32-bit floats to both.
            let is_weight = |weight: &f64| (*weight as f32).is_finite() && *weight as f32 > 0.0;
            if weights.len() != classes || !weights.iter().all(is_weight) {
                return Err(RowsError::Weights { weights: weights.len(), classes });
            }
        }
        let other = sets.iter().find(|set| set.rows() > 0 && set.columns() != columns);
        if let Some(set) = other {
            return Err(RowsError::Columns { wanted: columns, found: set.columns() });
        }
        match categorical.iter().find(|column| **column >= columns) {
            Some(&column) => Err(RowsError::NoColumn { column, columns }),
            None => Ok(()),
        }
    }
}
