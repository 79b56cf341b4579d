//! trials.csv, the confusion matrices and the importance of features.

use std::io;
use std::path::Path;

use super::{RecordError, ScoreColumns, write_atomically};
use crate::importance::{Importances, SCORES};
use crate::sweep::{Columns, Status, TrialResult};

/// Writes trials.csv: ranked trials first, then those that did not finish.
///
/// # Errors
/// [`RecordError::Write`].
pub fn write_trials(
    path: &Path,
    results: &[TrialResult],
    columns: &Columns,
    scores: &ScoreColumns,
) -> Result<(), RecordError> {
    write_atomically(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        let mut header: Vec<String> = ["rank", "trial", "status"].map(str::to_owned).to_vec();
        header.extend(columns.names().map(str::to_owned));
        header.extend(["best_epoch", "epochs_trained", "diverged_epoch"].map(str::to_owned));
        for figure in ["", "_std"] {
            for part in ["train", "valid", "test"] {
                header.extend(scores.names().map(|score| format!("{part}_{score}{figure}")));
            }
        }
        header.push("seconds".to_owned());
        table.write_record(&header).map_err(io_error)?;
        for (place, result) in results.iter().enumerate() {
            table.write_record(row(place, result, columns, scores)).map_err(io_error)?;
        }
        table.flush()
    })
}

fn row(
    place: usize,
    result: &TrialResult,
    columns: &Columns,
    scores: &ScoreColumns,
) -> Vec<String> {
    let or_empty = |number: Option<u32>| number.map(|number| number.to_string());
    let (status, diverged_epoch) = match &result.status {
        Status::Finished => ("finished", None),
        Status::Diverged(epoch) => ("diverged", Some(*epoch)),
        Status::Failed(_) => ("failed", None),
    };
    let rank = result.scores.map(|_| (place + 1).to_string());
    let number = result.trial.number.to_string();
    let mut row = vec![rank.unwrap_or_default(), number, status.to_owned()];
    row.extend(columns.values(&result.trial));
    row.push(or_empty(result.best_epoch).unwrap_or_default());
    row.push(or_empty(result.epochs_trained).unwrap_or_default());
    row.push(or_empty(diverged_epoch).unwrap_or_default());
    for figures in [result.scores, result.deviations()] {
        match figures {
            Some(parts) => row.extend(parts.iter().flat_map(|part| scores.cells(part))),
            None => (0..3).for_each(|_| row.extend(scores.blanks())),
        }
    }
    row.push(format!("{:.4}", result.elapsed_s));
    row
}

/// Writes a confusion matrix: a row a true class, a column a predicted one.
///
/// # Errors
/// [`RecordError::Write`].
pub fn write_confusion(
    path: &Path,
    classes: &[String],
    counts: &[Vec<u64>],
) -> Result<(), RecordError> {
    write_atomically(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        let header = std::iter::once("true").chain(classes.iter().map(String::as_str));
        table.write_record(header).map_err(io_error)?;
        for (class, counts) in classes.iter().zip(counts) {
            let counts = counts.iter().map(ToString::to_string);
            let row = std::iter::once(class.clone()).chain(counts);
            table.write_record(row.collect::<Vec<_>>()).map_err(io_error)?;
        }
        table.flush()
    })
}

/// Writes the importance of features, a row each, the most important first.
///
/// # Errors
/// What the writer says.
pub fn write_importances(out: &mut dyn io::Write, found: &Importances) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    let mut header: Vec<String> =
        ["feature", "inputs", "rows", "repeats"].map(str::to_owned).to_vec();
    header
        .extend(SCORES.iter().flat_map(|score| ["mean", "std"].map(|of| format!("{score}_{of}"))));
    table.write_record(&header).map_err(io_error)?;
    for feature in &found.features {
        let counts = [feature.inputs, found.rows, found.repeats].map(|count| count.to_string());
        let figures = feature.mean.iter().zip(&feature.std).flat_map(|(mean, std)| [mean, std]);
        let row = std::iter::once(feature.feature.clone()).chain(counts);
        let row = row.chain(figures.map(ToString::to_string));
        table.write_record(row.collect::<Vec<_>>()).map_err(io_error)?;
    }
    table.flush()
}

pub(super) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
