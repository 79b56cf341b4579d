//! families.csv: one row a family, its best configuration and the difference from the first.

use std::collections::BTreeMap;
use std::path::Path;

use super::configurations::{figure_names, figures};
use super::tables::io_error;
use super::{RecordError, ScoreColumns, write_atomically};
use crate::metrics::Difference;
use crate::spec::Family;
use crate::sweep::{Columns, Standing};

/// The columns of times, which alone may differ between two runs of the same grid: the last ones.
pub const FAMILY_TIMES: [&str; 2] = ["seconds", "predict_1000_rows_s"];

/// The saved model of a family.
#[derive(Debug, Clone, Copy)]
pub struct KeptModel {
    /// Its trial.
    pub trial: usize,
    /// Seconds to predict a thousand prepared rows on one thread, where they were measured.
    pub predict_seconds: Option<f64>,
}

/// Writes families.csv: `standings`, the best first, each with its saved model.
///
/// # Errors
/// [`RecordError::Write`].
pub fn write_families(
    path: &Path,
    standings: &[Standing<'_>],
    kept: &BTreeMap<Family, KeptModel>,
    columns: &Columns,
    scores: &ScoreColumns,
) -> Result<(), RecordError> {
    write_atomically(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(header(columns, scores)).map_err(io_error)?;
        for (place, standing) in standings.iter().enumerate() {
            let kept = kept.get(&standing.best.family());
            table.write_record(row(place, standing, kept, (columns, scores))).map_err(io_error)?;
        }
        table.flush()
    })
}

fn header(columns: &Columns, scores: &ScoreColumns) -> Vec<String> {
    let mut header = vec![format!("rank_valid_{}", scores.ranked()), "trial".to_owned()];
    header.extend(columns.names_but_seed().map(str::to_owned));
    header.extend(["trials", "finished"].map(str::to_owned));
    header.extend(figure_names(scores));
    header.push("pairs".to_owned());
    let score = scores.ranked();
    for part in ["valid", "test"] {
        header.extend(["", "_low", "_high"].map(|end| format!("difference_{part}_{score}{end}")));
    }
    header.push("kept_trial".to_owned());
    header.extend(FAMILY_TIMES.map(str::to_owned));
    header
}

fn row(
    place: usize,
    Standing { best, apart }: &Standing<'_>,
    kept: Option<&KeptModel>,
    (columns, columns_of_scores): (&Columns, &ScoreColumns),
) -> Vec<String> {
    let mut row = vec![(place + 1).to_string(), best.number().to_string()];
    row.extend(best.settings(columns));
    row.extend([best.trials(), best.finished()].map(|count| count.to_string()));
    let scores = best.scores();
    let alone = scores.len() == 1;
    // One training deviates from nothing.
    let spread = |(place, cell): (usize, String)| {
        if alone && place % 2 == 1 { String::new() } else { cell }
    };
    row.extend(figures(&scores, columns_of_scores).into_iter().enumerate().map(spread));
    row.push(apart.map(|apart| apart.pairs.to_string()).unwrap_or_default());
    for difference in [apart.and_then(|apart| apart.valid), apart.and_then(|apart| apart.test)] {
        row.extend(of_difference(difference));
    }
    row.push(kept.map(|kept| kept.trial.to_string()).unwrap_or_default());
    let times = [best.seconds(), kept.and_then(|kept| kept.predict_seconds)];
    row.extend(times.map(|time| time.map(|time| format!("{time:.6}")).unwrap_or_default()));
    row
}

fn of_difference(found: Option<Difference>) -> [String; 3] {
    let cell =
        |value: Option<f64>| value.map(|value| (value as f32).to_string()).unwrap_or_default();
    let interval = found.and_then(|found| found.interval);
    [
        cell(found.map(|found| found.mean)),
        cell(interval.map(|[low, _]| low)),
        cell(interval.map(|[_, high]| high)),
    ]
}
