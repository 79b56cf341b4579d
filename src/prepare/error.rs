//! What can be wrong with a table when it is prepared.

use crate::data::DataError;

/// Why a table cannot be prepared. Rows count from 1, below the header.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum PrepareError {
    /// A column is not there, or not of the kind that is needed.
    #[error(transparent)]
    Data(#[from] DataError),
    /// An expression of `derive` cannot be computed.
    #[error("derive.{name}: {expression:?}: {reason}")]
    Expression { name: String, expression: String, reason: String },
    /// A derived feature has the name of a column or of a feature.
    #[error("derive.{name}: there is a column or a feature {name:?} already: choose another name")]
    DerivedTwice { name: String },
    /// A feature that is the target, or dropped.
    #[error(
        "{path}: data.features names {name:?}, but its column {column:?} is the target or stands in \
         data.drop: take it out of one of them"
    )]
    LeftOut { path: String, name: String, column: String },
    /// Two features are one column.
    #[error("{path}: data.features names the column {column:?} a second time by {name:?}")]
    FeatureTwice { path: String, name: String, column: String },
    /// Numbers whose squares are beyond 64-bit floats.
    #[error("{path}: the numbers of {column:?} are too large to be scaled: give it another unit")]
    TooLarge { path: String, column: String },
    /// A cell is missing and nothing says what to do about it.
    #[error(
        "{path}: {cells} cell(s) of {column:?} are missing, the first in row {row}: fill them in, \
         or set prepare.missing to drop_rows, mean, median or most_frequent"
    )]
    Missing { path: String, column: String, row: usize, cells: usize },
    /// A row to predict lacks a cell, and the model was trained on a table without gaps.
    #[error(
        "{path}: row {row}: {column:?} is missing, and the model has no value to fill it with: \
         fill it in, or train with prepare.missing set to mean, median or most_frequent"
    )]
    NoFill { path: String, column: String, row: usize },
    /// The target is missing in some rows.
    #[error(
        "{path}: the target {column:?} is missing in {cells} row(s), first in row {row}: fill them \
         in, or leave such rows out by setting prepare.missing to drop_rows, mean, median or \
         most_frequent"
    )]
    MissingTarget { path: String, column: String, row: usize, cells: usize },
    /// A row that is to be split by what it does not have.
    #[error(
        "{path}: row {row}: the {what} {column:?} is missing, and the rows are split by it: fill it \
         in or delete the row"
    )]
    MissingKey { path: String, column: String, what: &'static str, row: usize },
    /// A cell of the rows' times is none.
    #[error(
        "{path}: row {row}: the time {column:?} holds {value:?}, which is no time in ISO 8601 \
         (2015-01-31 06:00): write it so, or give its format in a parse_dates step of steps"
    )]
    NoTime { path: String, column: String, row: usize, value: String },
    /// A row to judge a model on has no class.
    #[error("{path}: the target {column:?} is missing in row {row}: fill it in or delete the row")]
    NoTarget { path: String, column: String, row: usize },
    /// A derived value is infinite or not a number.
    #[error("{path}: row {row}: {column:?} comes to {value}, which no network can learn from")]
    NotFinite { path: String, column: String, row: usize, value: f64 },
    /// A category that was not there when the pipeline was fitted.
    #[error(
        "{path}: row {row}: {column:?} holds {value:?}, which the train rows do not hold (they \
         hold {known}): correct it, or train with prepare.unseen_category set to ignore"
    )]
    UnseenCategory { path: String, column: String, row: usize, value: String, known: String },
    /// A text column with very many values is no category.
    #[error(
        "{path}: {column:?} is text with {distinct} different values: it looks like an identifier; \
         name it in data.drop"
    )]
    TooManyCategories { path: String, column: String, distinct: usize },
    /// No column is left to learn from.
    #[error("{path}: no feature is left: data.drop and the target take every column")]
    NoFeatures { path: String },
    /// Nothing to tell apart.
    #[error(
        "{path}: the target {column:?} has one class only, {class:?}: there is nothing to learn"
    )]
    OneClass { path: String, column: String, class: String },
    /// A target with a value for nearly every row.
    #[error(
        "{path}: the target {column:?} has {classes} different values, more than {limit}: is it a \
         number to be estimated rather than a class?"
    )]
    TooManyClasses { path: String, column: String, classes: usize, limit: usize },
    /// A class that the model does not know.
    #[error("{path}: row {row}: the target holds {value:?}; the model knows {known}")]
    UnknownClass { path: String, row: usize, value: String, known: String },
    /// Every row has a gap.
    #[error("{path}: no row is without a missing cell: prepare.missing = drop_rows leaves nothing")]
    NothingLeft { path: String },
}
