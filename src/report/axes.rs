//! The hyperparameters that a run varied, and the trials that have a score.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::trials::{TrialRow, TrialStatus, TrialTable};

/// The finished trials with a finite score, of one family where a run has several, whose axes are their own;
/// and the hyperparameters in which they differ.
#[derive(Debug)]
pub(super) struct Scored<'a> {
    /// The trials, best first.
    pub trials: Vec<&'a TrialRow>,
    /// `[trials]`.
    pub scores: Vec<f64>,
    /// In the order of the table.
    pub axes: Vec<Axis>,
}

/// A hyperparameter that took more than one value.
#[derive(Debug, Serialize)]
pub(super) struct Axis {
    pub name: String,
    /// Numbers rising, lists of widths layer by layer, then texts.
    pub values: Vec<String>,
    /// The place of every trial's value among the values, `[trials]`.
    #[serde(skip)]
    pub levels: Vec<usize>,
}

impl<'a> Scored<'a> {
    /// Picks the trials of a family, by its column and name, out of the table; or of all.
    pub fn of_family(table: &'a TrialTable, family: Option<(usize, &str)>) -> Self {
        let finished = table.rows.iter().filter(|row| row.status == TrialStatus::Finished);
        let finished = finished.filter(|row| row.is_of(family));
        let (trials, scores): (Vec<&TrialRow>, Vec<f64>) =
            finished.filter_map(|row| row.score.map(|score| (row, score))).unzip();
        let columns = table.differing_settings(&trials);
        let name = |column: usize| table.columns.get(column).cloned().unwrap_or_default();
        let axes = columns.into_iter().map(|column| Axis::of(name(column), column, &trials));
        Self { axes: axes.collect(), trials, scores }
    }
}

impl Axis {
    fn of(name: String, column: usize, trials: &[&TrialRow]) -> Self {
        let cells = trials.iter().map(|row| row.cells.get(column).map_or("", String::as_str));
        let cells: Vec<&str> = cells.collect();
        let mut values = cells.clone();
        values.sort_by(|one, other| compare_values(one, other));
        values.dedup();
        let places: BTreeMap<&str, usize> =
            values.iter().enumerate().map(|(place, value)| (*value, place)).collect();
        let levels = cells.iter().filter_map(|cell| places.get(cell).copied()).collect();
        Self { name, values: values.into_iter().map(str::to_owned).collect(), levels }
    }
}

/// The scores of some trials, in short.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Summary {
    pub best: f64,
    pub mean: f64,
    pub trials: usize,
}

impl Summary {
    /// Of one trial at least.
    pub fn of(scores: &[f64], lower_is_better: bool) -> Self {
        let better = if lower_is_better { f64::min } else { f64::max };
        Self {
            best: scores.iter().copied().reduce(better).unwrap_or(f64::NAN),
            mean: scores.iter().sum::<f64>() / scores.len() as f64,
            trials: scores.len(),
        }
    }
}

/// Orders values as numbers where they are numbers, layer sizes (`64-32`) layer by layer; those that
/// are equal as such (`0.10` and `0.1`) as texts.
fn compare_values(one: &str, other: &str) -> Ordering {
    let by_number = match (sort_key(one), sort_key(other)) {
        (Some(one), Some(other)) => {
            let by_part = one.iter().zip(&other).map(|(one, other)| one.total_cmp(other));
            by_part.fold(Ordering::Equal, Ordering::then).then(one.len().cmp(&other.len()))
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    by_number.then(one.cmp(other))
}

fn sort_key(value: &str) -> Option<Vec<f64>> {
    // A number first: the hyphen of `1e-3` does not part two layers.
    if let Ok(number) = value.parse() {
        return Some(vec![number]);
    }
    value.split('-').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    /// A table of finished trials: their hyperparameters, and their score, the last of each row.
    pub fn table(settings: &[&str], rows: &[(&[&str], f64)]) -> TrialTable {
        let rows = rows.iter().enumerate().map(|(place, (cells, score))| TrialRow {
            rank: Some(place as u64 + 1),
            trial: place as u64,
            status: TrialStatus::Finished,
            best_epoch: Some(1),
            score: score.is_finite().then_some(*score),
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        });
        TrialTable {
            columns: settings.iter().map(|name| (*name).to_owned()).collect(),
            settings: 0..settings.len(),
            rows: rows.collect(),
        }
    }

    impl<'a> Scored<'a> {
        /// All trials of a table.
        pub fn of(table: &'a TrialTable) -> Self {
            Self::of_family(table, None)
        }
    }

    #[test]
    fn axes_are_the_settings_that_differ_between_trials_with_a_score() {
        let rows: [(&[&str], f64); 3] =
            [(&["0.1", "8", "a"], 0.5), (&["0.01", "8", "a"], 0.4), (&["0.1", "8", "b"], f64::NAN)];
        let table = table(&["learning_rate", "hidden", "variant"], &rows);
        let scored = Scored::of(&table);
        assert_eq!(scored.scores, [0.5, 0.4]);
        let [axis] = scored.axes.as_slice() else { panic!("{:?}", scored.axes) };
        assert_eq!(axis.name, "learning_rate");
        assert_eq!(axis.values, ["0.01", "0.1"]);
        assert_eq!(axis.levels, [1, 0]);
    }

    #[test]
    fn the_trials_of_a_family_differ_in_its_own_settings() {
        let rows: [(&[&str], f64); 4] = [
            (&["knn", "5", ""], 0.9),
            (&["mlp", "", "8"], 0.8),
            (&["knn", "1", ""], 0.7),
            (&["mlp", "", "4"], 0.6),
        ];
        let several = table(&["family", "n_neighbors", "hidden"], &rows);
        assert_eq!(several.families(), [(0, "knn"), (0, "mlp")]);
        let scored = Scored::of_family(&several, Some((0, "knn")));
        assert_eq!(scored.scores, [0.9, 0.7]);
        let names: Vec<&str> = scored.axes.iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!(names, ["n_neighbors"]);
        let one = table(&["family", "n_neighbors", "hidden"], &[rows[0], rows[2]]);
        assert!(one.families().is_empty());
    }

    #[test]
    fn values_are_ordered_as_numbers_and_layer_by_layer() {
        let mut values = ["128-64", "64-32", "64", "1e-3", "relu", "0.10", "0.01", "0.1", "none"];
        values.sort_by(|one, other| compare_values(one, other));
        let sorted = ["1e-3", "0.01", "0.1", "0.10", "64", "64-32", "128-64", "none", "relu"];
        assert_eq!(values, sorted);
    }
}
