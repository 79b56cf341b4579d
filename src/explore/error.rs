//! What can be wrong with a table that is looked at.

use crate::data::DataError;

/// Why a table cannot be looked at. Rows count from 1, below the header.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum ExploreError {
    /// A column does not exist.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A cell of the time column is not a time.
    #[error(
        "{path}: row {row}: {column:?} holds {value:?}, which is not a time {}: correct the cell, or \
         give --time-format (such as \"%d.%m.%Y %H:%M\")", expected(.format.as_deref())
    )]
    NoTime { path: String, row: usize, column: String, value: String, format: Option<String> },
    /// No column is of times where they are asked for.
    #[error(
        "{path}: no column reads as times {}: name one by --time, to be told which of its cells does not",
        expected(.format.as_deref())
    )]
    NoTimes { path: String, format: Option<String> },
    /// A column of times that may be read in several ways.
    #[error(
        "{path}: {column:?} reads as times in several formats, {}: give --time {column:?} and the right \
         one by --time-format", quoted(.formats)
    )]
    Ambiguous { path: String, column: String, formats: Vec<&'static str> },
    /// The page's data cannot be encoded.
    #[error("cannot encode the page's data: {source}")]
    Encode { source: serde_json::Error },
}

/// Formats in quotes, with "and" between them.
pub(super) fn quoted(formats: &[&str]) -> String {
    formats.iter().map(|format| format!("{format:?}")).collect::<Vec<_>>().join(" and ")
}

fn expected(format: Option<&str>) -> String {
    format.map_or_else(|| "of ISO 8601".to_owned(), |format| format!("of the format {format:?}"))
}
