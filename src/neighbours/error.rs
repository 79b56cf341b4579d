use thiserror::Error;

/// Why there are no neighbours to be found.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NeighboursError {
    /// There are no train rows.
    #[error("nearest neighbours need train rows, and there are none")]
    NoRows,
    /// There are no columns.
    #[error("nearest neighbours need at least one feature, and there is none")]
    NoColumns,
    /// Row numbers have 32 bits.
    #[error("nearest neighbours search at most 4294967295 train rows, and there are {rows}")]
    TooManyRows {
        /// Train rows.
        rows: usize,
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
    /// `p` is no power of a Minkowski distance.
    #[error("p is {p}: a Minkowski distance takes a p from 1 to 1000, or infinity")]
    Power {
        /// As given.
        p: f64,
    },
    /// More neighbours than train rows, or none.
    #[error("n_neighbors is {most}: it must be from 1 to the number of train rows, {rows}")]
    Most {
        /// Neighbours wanted.
        most: usize,
        /// Train rows.
        rows: usize,
    },
    /// Rows of another width.
    #[error("the rows have {given} features, and the train rows {wanted}")]
    Columns {
        /// Columns of the rows given.
        given: usize,
        /// Columns of the train rows.
        wanted: usize,
    },
}
