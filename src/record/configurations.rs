//! configurations.csv: one row a combination of hyperparameters, over its seeds and folds.

use std::path::Path;

use indexmap::IndexMap;

use super::tables::io_error;
use super::{RecordError, ScoreColumns, write_atomically};
use crate::metrics::Score;
use crate::spec::RankBy;
use crate::sweep::{Columns, Status, TrialResult, by_part};
use crate::train::PartScores;

/// The parts whose scores the table has, with their places among those of a trial.
const PARTS: [(&str, usize); 2] = [("valid", 1), ("test", 2)];

/// Trials that differ in nothing but the seed.
#[derive(Debug, Default)]
struct Configuration {
    /// The least of their numbers.
    number: usize,
    trials: usize,
    finished: usize,
    /// The scores of those that finished, on each fold.
    folds: Vec<[PartScores; 3]>,
}

impl Configuration {
    /// The means on valid rows, which rank it; nothing where one of its trials did not finish, since
    /// those that did may owe it to their seeds.
    fn ranked(&self) -> Option<PartScores> {
        let [_, valid, _] = by_part(&self.folds, PartScores::mean);
        (self.finished == self.trials).then_some(valid)
    }
}

/// Writes configurations.csv: best mean first, then those with a trial that did not finish.
///
/// # Errors
/// [`RecordError::Write`].
pub fn write_configurations(
    path: &Path,
    results: &[TrialResult],
    columns: &Columns,
    (rank_by, score): (&RankBy, Score),
) -> Result<(), RecordError> {
    let scores = ScoreColumns::of(rank_by);
    write_atomically(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        let mut header = vec![format!("rank_{}", rank_by.name())];
        header.extend(columns.names_but_seed().map(str::to_owned));
        header.extend(["trials", "finished"].map(str::to_owned));
        for (part, _) in PARTS {
            for score in scores.names() {
                header.extend(["mean", "std"].map(|figure| format!("{figure}_{part}_{score}")));
            }
        }
        table.write_record(&header).map_err(io_error)?;
        for (place, (means, settings, found)) in
            rank(results, columns, score).into_iter().enumerate()
        {
            let mut row = vec![means.map(|_| (place + 1).to_string()).unwrap_or_default()];
            row.extend(settings);
            row.extend([found.trials, found.finished].map(|count| count.to_string()));
            row.extend(figures(&found.folds, &scores));
            table.write_record(&row).map_err(io_error)?;
        }
        table.flush()
    })
}

/// A configuration with the means that rank it and its settings.
type Ranked = (Option<PartScores>, Vec<String>, Configuration);

/// The configurations in the order of the table.
fn rank(results: &[TrialResult], columns: &Columns, rank_by: Score) -> Vec<Ranked> {
    let mut all: IndexMap<Vec<String>, Configuration> = IndexMap::new();
    let mut by_number: Vec<&TrialResult> = results.iter().collect();
    by_number.sort_by_key(|result| result.trial.number);
    for result in by_number {
        let first = Configuration { number: result.trial.number, ..Configuration::default() };
        let found = all.entry(columns.values_but_seed(&result.trial)).or_insert(first);
        found.trials += 1;
        found.finished += usize::from(result.status == Status::Finished);
        found.folds.extend(&result.folds);
    }
    let all = all.into_iter().map(|(settings, found)| (found.ranked(), settings, found));
    let mut ranked: Vec<Ranked> = all.collect();
    ranked.sort_by(|(ours, _, one), (theirs, _, other)| {
        let order = match (ours, theirs) {
            (Some(ours), Some(theirs)) => {
                theirs.beats(ours, rank_by).cmp(&ours.beats(theirs, rank_by))
            }
            _ => theirs.is_some().cmp(&ours.is_some()),
        };
        order.then(one.number.cmp(&other.number))
    });
    ranked
}

/// Mean and deviation of each score; empty cells where no trial finished.
fn figures(folds: &[[PartScores; 3]], scores: &ScoreColumns) -> Vec<String> {
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
