use thiserror::Error;

/// Why a logistic regression cannot be fitted, or is none.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LogisticError {
    /// `C` is no strength.
    #[error("C is {c}: it must be above 0")]
    Strength {
        /// As given.
        c: f64,
    },
    /// `l1_ratio` is no share.
    #[error("l1_ratio is {l1_ratio}: it must be from 0 to 1")]
    Ratio {
        /// As given.
        l1_ratio: f64,
    },
    /// `tol` is no tolerance.
    #[error("tol is {tol}: it must be above 0")]
    Tolerance {
        /// As given.
        tol: f64,
    },
    /// Class weights that are none, or of another number of classes.
    #[error("class weights must be {classes} numbers above 0, one for each class")]
    ClassWeights {
        /// Number of classes.
        classes: usize,
    },
    /// Rows and labels are not the same number.
    #[error("there are {labels} labels for {rows} train rows")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Train rows.
        rows: usize,
    },
    /// A label is no class.
    #[error("train row {row} has the label {label}, and there are {classes} classes")]
    Label {
        /// The train row, from 0.
        row: usize,
        /// Its label.
        label: u32,
        /// Number of classes.
        classes: usize,
    },
    /// There is nothing to tell apart.
    #[error(
        "logistic regression needs train rows of at least two classes, and there are {present}"
    )]
    Classes {
        /// Classes among the train rows.
        present: usize,
    },
    /// A value is NaN or infinite.
    #[error("train row {row} is not finite in feature {column}")]
    NotFinite {
        /// The train row, from 0.
        row: usize,
        /// The feature, from 0.
        column: usize,
    },
    /// Coefficients as numbers that are not a model.
    #[error("{classes} classes and {columns} features do not take these coefficients")]
    Coefficients {
        /// Number of classes.
        classes: usize,
        /// Number of features.
        columns: usize,
    },
}
