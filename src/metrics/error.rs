//! Why the metrics can refuse their input.

use thiserror::Error;

/// Why a score could not be computed, and what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MetricsError {
    /// The number of classes is zero or too large for a square table of counts.
    #[error("cannot score {classes} classes: pass between 1 and {limit}")]
    ClassCount {
        /// The number of classes asked for.
        classes: usize,
        /// The largest number accepted.
        limit: usize,
    },
    /// The counts do not fill a square table.
    #[error("{classes} classes need {expected} counts but {found} came: pass them row by row")]
    CountsShape {
        /// The number of classes asked for.
        classes: usize,
        /// `classes * classes`.
        expected: usize,
        /// How many counts were passed.
        found: usize,
    },
    /// The counts add up to more than a `u64` holds.
    #[error("the counts add up to more than {max}: split the rows over several tables", max = u64::MAX)]
    CountOverflow,
    /// A true label names no class.
    #[error("true label {truth} is outside the {classes} classes: encode labels as 0..{classes}")]
    TruthOutOfRange {
        /// The label found.
        truth: u32,
        /// The number of classes.
        classes: usize,
    },
    /// A predicted label names no class.
    #[error(
        "predicted label {predicted} is outside the {classes} classes: \
         check that the model's output width is {classes}"
    )]
    PredictionOutOfRange {
        /// The label found.
        predicted: u32,
        /// The number of classes.
        classes: usize,
    },
    /// There is nothing to score.
    #[error("the split has no rows: give it at least one before scoring it")]
    NoRows,
    /// The probabilities do not fill a `[rows, classes]` table.
    #[error(
        "{rows} rows of {classes} classes need rows * classes probabilities but {found} came: \
         pass them row by row, one per class"
    )]
    ProbabilitiesShape {
        /// The number of true labels.
        rows: usize,
        /// The number of classes.
        classes: usize,
        /// How many probabilities were passed.
        found: usize,
    },
    /// A probability is NaN, negative or above 1.
    #[error(
        "row {row} gives class {class} the probability {value}: \
         pass softmax outputs in 0..=1, and look for a diverged training if this is NaN"
    )]
    ProbabilityRange {
        /// Row, counted from 0.
        row: usize,
        /// Class, counted from 0.
        class: usize,
        /// The value found.
        value: f64,
    },
    /// A row of probabilities does not sum to 1.
    #[error("the probabilities of row {row} sum to {sum}, not 1: pass softmax outputs, not logits")]
    ProbabilitySum {
        /// Row, counted from 0.
        row: usize,
        /// The sum found.
        sum: f64,
    },
    /// The class names do not match the classes.
    #[error("{classes} classes came with {names} names: pass exactly one name per class")]
    ClassNames {
        /// The number of classes scored.
        classes: usize,
        /// How many names were passed.
        names: usize,
    },
}
