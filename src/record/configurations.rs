//! configurations.csv: one row a combination of hyperparameters, over its seeds and folds.

use std::path::Path;

use super::tables::io_error;
use super::{RecordError, ScoreColumns, write_atomically};
use crate::metrics::Score;
use crate::sweep::{Columns, TrialResult, by_part, configurations};
use crate::train::PartScores;

/// The parts whose scores the table has, with their places among those of a trial.
const PARTS: [(&str, usize); 2] = [("valid", 1), ("test", 2)];

/// Writes configurations.csv: best mean first, then those with a trial that did not finish.
///
/// # Errors
/// [`RecordError::Write`].
pub fn write_configurations(
    path: &Path,
    results: &[TrialResult],
    columns: &Columns,
    (scores, rank_by): (&ScoreColumns, Score),
) -> Result<(), RecordError> {
    write_atomically(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        let mut header = vec![format!("rank_valid_{}", scores.ranked())];
        header.extend(columns.names_but_seed().map(str::to_owned));
        header.extend(["trials", "finished"].map(str::to_owned));
        header.extend(figure_names(scores));
        table.write_record(&header).map_err(io_error)?;
        for (place, found) in configurations(results, columns, rank_by).iter().enumerate() {
            let mut row = vec![found.ranked().map(|_| (place + 1).to_string()).unwrap_or_default()];
            row.extend(found.settings(columns));
            row.extend([found.trials(), found.finished()].map(|count| count.to_string()));
            row.extend(figures(&found.scores(), scores));
            table.write_record(&row).map_err(io_error)?;
        }
        table.flush()
    })
}

/// The columns of [`figures`].
pub(super) fn figure_names(scores: &ScoreColumns) -> Vec<String> {
    let of_part = |part: &str| {
        let of_score = |score: &str| ["mean", "std"].map(|of| format!("{of}_{part}_{score}"));
        scores.names().flat_map(of_score).collect::<Vec<_>>()
    };
    PARTS.iter().flat_map(|(part, _)| of_part(part)).collect()
}

/// Mean and deviation of each score on validation and test rows; empty cells where no trial finished.
pub(super) fn figures(folds: &[[PartScores; 3]], scores: &ScoreColumns) -> Vec<String> {
    if folds.is_empty() {
        return (0..2 * PARTS.len()).flat_map(|_| scores.blanks()).collect();
    }
    let [means, deviations] =
        [PartScores::mean, PartScores::deviation].map(|figure| by_part(folds, figure));
    let of_part = |(_, part): (&str, usize)| {
        let figures = scores.cells(&means[part]).into_iter().zip(scores.cells(&deviations[part]));
        figures.flat_map(|(mean, deviation)| [mean, deviation])
    };
    PARTS.into_iter().flat_map(of_part).collect()
}
