//! Columns of a CSV file, found by name.

use std::path::Path;
use std::str::FromStr;

use csv::StringRecord;

use super::error::ReportError;

/// Where a named column stands in the file at `path`.
///
/// # Errors
/// [`ReportError::MissingColumn`] when no column has that name.
pub(super) fn find_column(
    path: &Path,
    header: &StringRecord,
    column: &str,
) -> Result<usize, ReportError> {
    header.iter().position(|name| name == column).ok_or_else(|| ReportError::MissingColumn {
        path: path.to_path_buf(),
        column: column.to_owned(),
        found: header.iter().collect::<Vec<_>>().join(", "),
    })
}

/// Reads one cell as `T`; an empty cell is `None`.
///
/// # Errors
/// [`ReportError::BadCell`] when the cell holds something else.
pub(super) fn read_cell<T: FromStr>(
    path: &Path,
    header: &StringRecord,
    row: &StringRecord,
    index: usize,
    expected: &'static str,
) -> Result<Option<T>, ReportError> {
    let text = row.get(index).unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| bad_cell(path, header, row, index, expected))
}

/// Reads one cell as `T`; an empty cell is an error as well.
///
/// # Errors
/// [`ReportError::BadCell`] when the cell is empty or holds something else.
pub(super) fn need_cell<T: FromStr>(
    path: &Path,
    header: &StringRecord,
    row: &StringRecord,
    index: usize,
    expected: &'static str,
) -> Result<T, ReportError> {
    read_cell(path, header, row, index, expected)?
        .ok_or_else(|| bad_cell(path, header, row, index, expected))
}

/// An error about one cell.
pub(super) fn bad_cell(
    path: &Path,
    header: &StringRecord,
    row: &StringRecord,
    index: usize,
    expected: &'static str,
) -> ReportError {
    ReportError::BadCell {
        path: path.to_path_buf(),
        line: row.position().map_or(0, csv::Position::line),
        column: header.get(index).unwrap_or_default().to_owned(),
        value: row.get(index).unwrap_or_default().to_owned(),
        expected,
    }
}
