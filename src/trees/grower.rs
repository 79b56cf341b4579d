//! What all trees of a forest share, and the door to growing them.

use std::sync::atomic::AtomicBool;

use super::columns::Columns;
use super::draws::{Roll, tally};
use super::error::ForestError;
use super::growth::Growth;
use super::impurity::{Judge, tabulate};
use super::settings::Settings;
use super::tree::{Node, Share, Tree};
use crate::examples::Matrix;
use crate::random::{Purpose, Streams};

/// Rows to train on.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// `[rows, columns]`; NaN is a missing cell.
    pub features: &'a Matrix,
    /// `[rows]`, each below `classes`.
    pub labels: &'a [u32],
    /// Number of classes.
    pub classes: u32,
    /// The weight of each class, `[classes]`; 1 where `None`. Rows of a class without weight are
    /// left out.
    pub class_weights: Option<&'a [f32]>,
}

/// Grows trees, each a function of the rows, the settings, the streams and its number.
///
/// Trees may be grown on any number of threads at once.
pub struct Grower {
    settings: Settings,
    streams: Streams,
    columns: Columns,
    roll: Roll,
    /// Rows of the table.
    rows: usize,
    class_weights: Vec<f64>,
    logarithms: Vec<f64>,
}

/// Row numbers and sums of weights are kept in 32 bits, node numbers in 31.
const MOST_ROWS: usize = 1 << 30;
/// Classes are kept in 16 bits.
const MOST_CLASSES: u32 = 1 << 16;

impl Grower {
    /// Puts the columns in order, on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`ForestError`] where a setting is out of its range, there are no rows or too many of them, a
    /// label has no class, or no class with rows has a weight.
    pub fn new(rows: Rows, settings: Settings, streams: Streams) -> Result<Self, ForestError> {
        settings.check()?;
        let class_weights = check(rows)?;
        let roll = Roll::new(rows.labels, &class_weights);
        if roll.len() == 0 {
            return Err(ForestError::ClassWeights { classes: rows.classes });
        }
        let columns = Columns::new(rows.features, settings.splitter);
        let rows = rows.labels.len();
        let logarithms = tabulate(settings.criterion, &class_weights, rows);
        Ok(Self { settings, streams, columns, roll, rows, class_weights, logarithms })
    }

    /// Grows tree `number`; `None` if told to `stop` before it is done.
    pub fn tree(&self, number: u32, stop: &AtomicBool) -> Option<Tree> {
        let mut generator = self.streams.generator(Purpose::Tree, u64::from(number));
        let samples = if self.settings.bootstrap {
            let fraction = self.settings.max_samples.unwrap_or(1.0);
            let draws = ((fraction * self.rows as f64) as usize).max(1);
            self.roll.draw(draws, &mut generator)
        } else {
            self.roll.all()
        };
        let mut judge = Judge {
            criterion: self.settings.criterion,
            class_weights: &self.class_weights,
            logarithms: &self.logarithms,
            min_rows: self.settings.min_samples_leaf as usize,
            min_weight: 0.0,
        };
        let weight = judge.weight(&tally(&samples, self.class_weights.len()));
        judge.min_weight = self.settings.min_weight_fraction_leaf * weight;
        Growth::new(&self.settings, &self.columns, &judge, samples, generator).grow(stop)
    }

    /// Bytes of memory that a grower takes at most, and so many trees of it, `at_once` of which grow at
    /// the same time; the rows have so many rows, columns and classes.
    pub fn bytes_estimate(
        (rows, columns, classes): (usize, usize, usize),
        settings: &Settings,
        trees: usize,
        at_once: usize,
    ) -> usize {
        let leaves = settings.most_leaves(rows);
        let ranks = rows.saturating_mul(columns).saturating_mul(2 * size_of::<u32>());
        // Every row its own leaf, a split for each but one, and the shares of pure leaves; above
        // them, what the growth of one tree takes.
        let tree = leaves.saturating_mul(2 * size_of::<Node>() + size_of::<Share>() + 4);
        let growth = rows.saturating_mul(320).saturating_mul(at_once);
        let pending = rows.min(4096).saturating_mul(classes).saturating_mul(3 * size_of::<u64>());
        ranks
            .saturating_add(tree.saturating_mul(trees))
            .saturating_add(growth)
            .saturating_add(pending)
    }
}

/// The weights of the classes.
fn check(rows: Rows) -> Result<Vec<f64>, ForestError> {
    let Rows { features, labels, classes, class_weights } = rows;
    if labels.is_empty() {
        return Err(ForestError::NoRows);
    }
    if labels.len() > MOST_ROWS {
        return Err(ForestError::TooManyRows { rows: labels.len(), most: MOST_ROWS });
    }
    if classes > MOST_CLASSES {
        return Err(ForestError::TooManyClasses { classes, most: MOST_CLASSES });
    }
    if features.columns() > 0 && features.rows() != labels.len() {
        return Err(ForestError::Labels { labels: labels.len(), rows: features.rows() });
    }
    if let Some(&label) = labels.iter().find(|label| **label >= classes) {
        return Err(ForestError::Label { label, classes });
    }
    let Some(weights) = class_weights else { return Ok(vec![1.0; classes as usize]) };
    let is_weight = |weight: &f32| weight.is_finite() && *weight >= 0.0;
    if weights.len() != classes as usize || !weights.iter().all(is_weight) {
        return Err(ForestError::ClassWeights { classes });
    }
    Ok(weights.iter().copied().map(f64::from).collect())
}
