//! What keeps a forest from being grown or read.

/// Why there is no forest.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ForestError {
    /// Nothing to grow a tree on.
    #[error("a forest needs at least one row to train on")]
    NoRows,
    /// The table is beyond 32-bit row numbers.
    #[error("a forest takes at most {most} rows, not {rows}: train on a sample of them")]
    TooManyRows {
        /// Rows given.
        rows: usize,
        /// Rows that can be had.
        most: usize,
    },
    /// Labels and rows differ in number.
    #[error("{labels} labels do not fit {rows} rows: give every row one label")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Rows given.
        rows: usize,
    },
    /// A label without a class.
    #[error("label {label} is not below the number of classes, {classes}")]
    Label {
        /// The label.
        label: u32,
        /// Number of classes.
        classes: u32,
    },
    /// More classes than a row's label can tell apart.
    #[error("a forest tells at most {most} classes apart, not {classes}")]
    TooManyClasses {
        /// Classes given.
        classes: u32,
        /// Classes that can be had.
        most: u32,
    },
    /// Class weights that weigh nothing.
    #[error(
        "class weights are one finite number of at least 0 for each of the {classes} classes, above \
         0 for a class that has rows"
    )]
    ClassWeights {
        /// Number of classes.
        classes: u32,
    },
    /// A setting out of its range.
    #[error("{setting} is {value}: give {range}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What it was.
        value: String,
        /// What it may be.
        range: &'static str,
    },
    /// Arrays or bytes that no forest was written as.
    #[error("this is not a forest: {reason}")]
    Damaged {
        /// What is wrong.
        reason: String,
    },
}

impl ForestError {
    /// Arrays or bytes that no forest was written as.
    pub(super) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged { reason: reason.into() }
    }
}
