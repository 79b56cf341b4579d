//! k nearest neighbours, as scikit-learn's `KNeighborsClassifier` on 32-bit rows.
//!
//! One search for the most neighbours serves every smaller k: the neighbours come sorted by
//! distance, and among equal distances by the number of the train row, so that those of a smaller k
//! stand first. (scikit-learn leaves the order of equal distances to its algorithm.)
//!
//! A row that was trained on is its own neighbour, at distance 0, as in scikit-learn's
//! `predict_proba` of the train rows.
//!
//! All rows are compared in 32 bits, and those that may be among the nearest again in 64 bits. What
//! is found is exact, and depends neither on the other rows searched for, nor on threads, nor on
//! the processor.

// Vectors are registers only where everything on the way is inlined; and lanes are counted.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

mod error;
mod exact;
mod found;
mod measure;
mod memory;
mod nearest;
mod packed;
mod power;
mod search;
mod settings;

pub use error::NeighboursError;
pub use memory::memory;
pub use nearest::Nearest;
pub use settings::{Metric, Settings, Weights};

use std::sync::atomic::AtomicBool;

use pulp::Arch;

use crate::examples::Matrix;
use measure::Distance;
use packed::Packed;

/// Train rows to search.
#[derive(Debug, Clone)]
pub struct Neighbours {
    train: Matrix,
    labels: Vec<u32>,
    classes: usize,
    settings: Settings,
    packed: Packed,
}

impl Neighbours {
    /// Takes the train rows, their `labels` `[rows]`, and the number of classes.
    ///
    /// # Errors
    /// [`NeighboursError`] without rows or columns, when labels do not fit, or when `p` is no power
    /// that a distance can have.
    pub fn new(
        train: Matrix,
        labels: Vec<u32>,
        classes: usize,
        settings: Settings,
    ) -> Result<Self, NeighboursError> {
        settings.check()?;
        if train.columns() == 0 {
            return Err(NeighboursError::NoColumns);
        }
        let rows = train.rows();
        if rows == 0 {
            return Err(NeighboursError::NoRows);
        }
        if u32::try_from(rows).is_err() {
            return Err(NeighboursError::TooManyRows { rows });
        }
        if labels.len() != rows {
            return Err(NeighboursError::Labels { labels: labels.len(), rows });
        }
        if let Some(row) = labels.iter().position(|&label| label as usize >= classes) {
            return Err(NeighboursError::Label { row, label: labels[row], classes });
        }
        let packed = Packed::new(&train, settings.metric);
        Ok(Self { train, labels, classes, settings, packed })
    }

    /// The train rows.
    pub fn train(&self) -> &Matrix {
        &self.train
    }

    /// The class of each train row.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How distances are measured, and neighbours weighted.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// The `most` nearest train rows of each of `rows`; nothing once `stop` is set. A distance that
    /// is not a number, as between two infinities, counts as infinite.
    ///
    /// # Errors
    /// [`NeighboursError`] when `most` is 0 or above the number of train rows, or when `rows` have
    /// not the train rows' columns.
    pub fn search(
        &self,
        rows: &Matrix,
        most: usize,
        stop: &AtomicBool,
    ) -> Result<Option<Nearest>, NeighboursError> {
        if most == 0 || most > self.train.rows() {
            return Err(NeighboursError::Most { most, rows: self.train.rows() });
        }
        if rows.columns() != self.train.columns() {
            let (given, wanted) = (rows.columns(), self.train.columns());
            return Err(NeighboursError::Columns { given, wanted });
        }
        let found = search::search(Arch::new(), self, rows, most, stop);
        Ok(found.map(|(numbers, distances)| {
            let labels = numbers.iter().map(|&row| self.labels[row as usize]).collect();
            Nearest { k: most, rows: numbers, labels, distances }
        }))
    }

    /// The share of each class among the first `k` neighbours, weighted as the settings say:
    /// `[rows, classes]`, as [`Nearest::probabilities`].
    pub fn probabilities(&self, nearest: &Nearest, k: usize) -> Vec<f64> {
        nearest.probabilities(k, self.classes, self.settings.weights)
    }

    /// How distances are measured.
    fn distance(&self) -> Distance {
        Distance::new(self.settings, self.train.columns())
    }
}

#[cfg(test)]
mod tests;
