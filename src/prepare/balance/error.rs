//! What can be wrong when classes are balanced.

use crate::plural::counted;

/// Why the classes of the train rows cannot be balanced.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum BalanceError {
    /// Rows are asked for by the name of a class that no train row has.
    #[error(
        "sampling_strategy names the class {class:?}, which no train row has (they have {known}): \
         correct or remove it"
    )]
    UnknownClass { class: String, known: String },
    /// Over-sampling cannot leave rows out.
    #[error(
        "sampling_strategy asks for {} of class {class:?}, which has {rows}: \
         over-sampling leaves none out, so ask for {rows} or more, or use random_under",
        counted(*.wanted, "row")
    )]
    FewerRows { class: String, rows: usize, wanted: usize },
    /// Under-sampling cannot make rows.
    #[error(
        "sampling_strategy asks for {} of class {class:?}, which has {rows}: \
         under-sampling makes none, so ask for {rows} or fewer, or over-sample",
        counted(*.wanted, "row")
    )]
    MoreRows { class: String, rows: usize, wanted: usize },
    /// A ratio is one of two classes.
    #[error(
        "sampling_strategy is the ratio {ratio}, which needs two classes, and the train rows have \
         {classes}: write rows by class, such as {{\"worn\": 500}}"
    )]
    RatioOfMany { ratio: f64, classes: usize },
    /// The classes are less unequal than a ratio asks for.
    #[error(
        "sampling_strategy {ratio} comes to {} of class {class:?}, which has {rows}: \
         take a higher ratio", counted(*.wanted, "row")
    )]
    RatioTooLow { ratio: f64, class: String, rows: usize, wanted: usize },
    /// A class has no more rows than a new one shall have neighbours.
    #[error(
        "class {class:?} has {}, too few for k_neighbors {k}: take a smaller \
         k_neighbors, or name in sampling_strategy the classes that shall get new rows",
        counted(*.rows, "train row")
    )]
    TooFewRows { class: String, rows: usize, k: usize },
    /// SMOTE has no answer for categories.
    #[error(
        "smote computes new rows from numbers, and the features have {} of categories: use smote_nc, or \
         encode them in a step before", counted(*.columns, "column")
    )]
    Categories { columns: usize },
    /// SMOTE and SMOTE-NC measure distances between numbers.
    #[error("smote and smote_nc need at least one feature of numbers: use random_over")]
    NoNumbers,
    /// SMOTE-NC is for numbers and categories.
    #[error("smote_nc needs at least one feature of categories: use smote")]
    NoCategories,
}
