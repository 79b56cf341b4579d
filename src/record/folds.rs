//! folds.csv: one row a trial and fold.

use std::path::Path;

use super::tables::io_error;
use super::{RecordError, ScoreColumns, write_atomically};
use crate::sweep::{Columns, TrialResult};

/// Writes folds.csv: the trials that finished, in the order of their numbers, on each fold; scores at the
/// fold's own best epoch.
///
/// # Errors
/// [`RecordError::Write`].
pub fn write_folds(
    path: &Path,
    results: &[TrialResult],
    columns: &Columns,
    scores: &ScoreColumns,
) -> Result<(), RecordError> {
    let mut results: Vec<&TrialResult> = results.iter().collect();
    results.sort_by_key(|result| result.trial.number);
    write_atomically(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        let mut header: Vec<String> = ["trial", "fold"].map(str::to_owned).to_vec();
        header.extend(columns.names().map(str::to_owned));
        for part in ["train", "valid", "test"] {
            header.extend(scores.names().map(|score| format!("{part}_{score}")));
        }
        table.write_record(&header).map_err(io_error)?;
        for result in results {
            for (fold, parts) in result.folds.iter().enumerate() {
                let mut row = vec![result.trial.number.to_string(), fold.to_string()];
                row.extend(columns.values(&result.trial));
                row.extend(parts.iter().flat_map(|part| scores.cells(part)));
                table.write_record(&row).map_err(io_error)?;
            }
        }
        table.flush()
    })
}
