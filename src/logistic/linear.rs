use pulp::Arch;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::LogisticError;
use super::lines::{Columns, Line, ROWS, WIDTH};
use super::margins::Margins;
use super::probabilities::ln_1p;
use crate::elementary::exp;
use crate::examples::Matrix;

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    columns: usize,
    weights: Vec<f64>,
    intercepts: Vec<f64>,
}

impl Linear {
    /// Takes `weights` as `[classes, columns]` and `intercepts` as `[classes]`.
    ///
    /// # Errors
    /// [`LogisticError::Coefficients`] without classes, when there are not as many numbers as that
    /// takes, or when one is not finite.
    pub fn new(
        classes: usize,
        columns: usize,
        weights: Vec<f64>,
        intercepts: Vec<f64>,
    ) -> Result<Self, LogisticError> {
        let fit = classes > 0
            && classes.checked_mul(columns) == Some(weights.len())
            && intercepts.len() == classes
            && weights.iter().chain(&intercepts).all(|value| value.is_finite());
        if !fit {
            return Err(LogisticError::Coefficients { classes, columns });
        }
        Ok(Self { columns, weights, intercepts })
    }

    /// Takes coefficients that fit.
    pub(super) fn unchecked(columns: usize, weights: Vec<f64>, intercepts: Vec<f64>) -> Self {
        Self { columns, weights, intercepts }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.intercepts.len()
    }

    /// Number of features.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// What a feature adds to the logit of a class, `[classes, columns]`.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The logits of a row of zeros, `[classes]`.
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// The logarithms of the classes' probabilities, `[rows, classes]`. Those of a row depend on no
    /// other row. A row of numbers that are none has such probabilities too.
    ///
    /// # Errors
    /// [`LogisticError::Coefficients`] when `rows` have not the model's number of columns.
    pub fn log_probabilities(&self, rows: &Matrix) -> Result<Vec<f64>, LogisticError> {
        let (classes, columns) = (self.classes(), rows.columns());
        if columns != self.columns {
            return Err(LogisticError::Coefficients { classes, columns });
        }
        let arch = Arch::new();
        let coefficients: Vec<f64> = (0..classes)
            .flat_map(|class| {
                let weights = &self.weights[class * columns..(class + 1) * columns];
                weights.iter().copied().chain([self.intercepts[class]])
            })
            .collect();
        let chunk = |first: usize| {
            let count = (rows.rows() - first).min(ROWS);
            let columns = Columns::of(rows, first, count, true);
            let length = columns.length(0);
            let mut margins = vec![Line::default(); classes * length];
            arch.dispatch(Margins {
                length,
                coefficients: &coefficients,
                columns: columns.chunk(0),
                out: &mut margins,
            });
            let row = |row: usize| {
                let at = |class: usize| margins[class * length + row / WIDTH].0[row % WIDTH];
                logarithms((0..classes).map(at).collect())
            };
            (0..count).flat_map(row).collect::<Vec<f64>>()
        };
        let firsts: Vec<usize> = (0..rows.rows()).step_by(ROWS).collect();
        let chunks: Vec<Vec<f64>> = firsts.into_par_iter().map(chunk).collect();
        Ok(chunks.concat())
    }
}

/// Logits to logarithms of probabilities.
fn logarithms(mut logits: Vec<f64>) -> Vec<f64> {
    let mut first = 0;
    for (at, &logit) in logits.iter().enumerate() {
        if logit > logits[first] {
            first = at;
        }
    }
    let greatest = logits.get(first).copied().unwrap_or(0.0);
    let share = |(at, logit): (usize, &f64)| if at == first { 0.0 } else { exp(logit - greatest) };
    let others: f64 = logits.iter().enumerate().map(share).sum();
    let rest = ln_1p(others);
    for logit in &mut logits {
        *logit = (*logit - greatest) - rest;
    }
    logits
}
