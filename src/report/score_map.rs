//! How the score depends on each pair of hyperparameters: the data of the heat map.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::trials::{TrialRow, TrialStatus, TrialTable};

/// An axis with more values than this cannot be read as a heat map and is left out.
const MAX_VALUES_PER_AXIS: usize = 40;

/// Every axis of the sweep, the one that matters most first, and a table for each pair.
#[derive(Debug, Serialize)]
pub(super) struct ScoreMap {
    pub axes: Vec<Axis>,
    pub pairs: Vec<PairTable>,
    /// Axes with too many values to draw.
    pub left_out: Vec<String>,
    /// How many finished trials went into the tables.
    pub trials: usize,
}

/// A hyperparameter that took more than one value.
#[derive(Debug, Serialize)]
pub(super) struct Axis {
    pub name: String,
    pub values: Vec<String>,
    /// Main effect: the standard deviation of the mean score per value, weighted by trials.
    pub effect: f64,
    #[serde(skip)]
    column: usize,
}

/// Scores over two axes; `row` is absent in a sweep of one axis.
#[derive(Debug, Serialize)]
pub(super) struct PairTable {
    pub row: Option<usize>,
    pub column: usize,
    pub cells: Vec<Cell>,
}

/// The trials that share one value of each of the two axes.
#[derive(Debug, Serialize, PartialEq)]
pub(super) struct Cell {
    pub row: usize,
    pub column: usize,
    pub best: f64,
    pub mean: f64,
    pub trials: usize,
}

/// Summarises the finished trials over every pair of axes.
///
/// Axes are ranked by the variance of the mean score per value, the main-effect variance of a
/// one-way analysis of variance.
pub(super) fn map_scores(table: &TrialTable, lower_is_better: bool) -> ScoreMap {
    let scored: Vec<(&TrialRow, f64)> = table
        .rows
        .iter()
        .filter(|row| row.status == TrialStatus::Finished)
        .filter_map(|row| row.score.map(|score| (row, score)))
        .collect();
    let rows: Vec<&TrialRow> = scored.iter().map(|(row, _)| *row).collect();
    let (mut axes, mut left_out) = (Vec::new(), Vec::new());
    for column in table.differing_settings(&rows) {
        let name = table.columns.get(column).cloned().unwrap_or_default();
        let measured = measure_axis(name, column, &scored);
        if measured.values.len() > MAX_VALUES_PER_AXIS {
            left_out.push(measured.name);
        } else {
            axes.push(measured);
        }
    }
    axes.sort_by(|a, b| b.effect.total_cmp(&a.effect));
    let pairs = pair_axes(axes.len())
        .into_iter()
        .map(|(row, column)| tabulate(&axes, row, column, &scored, lower_is_better))
        .collect();
    ScoreMap { axes, pairs, left_out, trials: scored.len() }
}

/// Every pair of places once; a single axis is paired with none.
fn pair_axes(count: usize) -> Vec<(Option<usize>, usize)> {
    if count == 1 {
        return vec![(None, 0)];
    }
    (0..count).flat_map(|row| (row + 1..count).map(move |column| (Some(row), column))).collect()
}

fn measure_axis(name: String, column: usize, scored: &[(&TrialRow, f64)]) -> Axis {
    let mut groups: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for (row, score) in scored {
        let group = groups.entry(value_at(row, column)).or_default();
        group.0 += score;
        group.1 += 1;
    }
    let total = scored.len() as f64;
    let mean = scored.iter().map(|(_, score)| score).sum::<f64>() / total;
    let variance = groups
        .values()
        .map(|(sum, count)| *count as f64 * (sum / *count as f64 - mean).powi(2))
        .sum::<f64>()
        / total;
    let mut values: Vec<String> = groups.keys().map(|&value| value.to_owned()).collect();
    values.sort_by(|a, b| compare_values(a, b));
    Axis { name, values, effect: variance.sqrt(), column }
}

fn tabulate(
    axes: &[Axis],
    row: Option<usize>,
    column: usize,
    scored: &[(&TrialRow, f64)],
    lower_is_better: bool,
) -> PairTable {
    let place = |index: Option<usize>, trial: &TrialRow| {
        let Some(chosen) = index.and_then(|index| axes.get(index)) else {
            return 0;
        };
        let value = value_at(trial, chosen.column);
        chosen.values.iter().position(|known| known == value).unwrap_or(0)
    };
    let mut groups: BTreeMap<(usize, usize), (f64, f64, usize)> = BTreeMap::new();
    for (trial, score) in scored {
        let key = (place(row, trial), place(Some(column), trial));
        let group = groups.entry(key).or_insert((*score, 0.0, 0));
        group.0 = if lower_is_better { group.0.min(*score) } else { group.0.max(*score) };
        group.1 += score;
        group.2 += 1;
    }
    let cells = groups
        .into_iter()
        .map(|((row, column), (best, sum, trials))| Cell {
            row,
            column,
            best,
            mean: sum / trials as f64,
            trials,
        })
        .collect();
    PairTable { row, column, cells }
}

fn value_at(row: &TrialRow, column: usize) -> &str {
    row.cells.get(column).map_or("", String::as_str)
}

/// Orders values as numbers where they are numbers, layer sizes (`64-32`) layer by layer.
fn compare_values(a: &str, b: &str) -> Ordering {
    match (sort_key(a), sort_key(b)) {
        (Some(a), Some(b)) => {
            let by_part = a.iter().zip(&b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne());
            by_part.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

fn sort_key(value: &str) -> Option<Vec<f64>> {
    // A number first: the hyphen of `1e-3` does not part two layers.
    if let Ok(number) = value.parse() {
        return Some(vec![number]);
    }
    value.split('-').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    fn table(rows: &[(&str, &str, f64)]) -> TrialTable {
        let rows = rows.iter().enumerate().map(|(place, (rate, hidden, score))| TrialRow {
            rank: Some(place as u64 + 1),
            trial: place as u64,
            status: TrialStatus::Finished,
            best_epoch: Some(1),
            score: score.is_finite().then_some(*score),
            cells: vec![(*rate).to_owned(), (*hidden).to_owned()],
        });
        TrialTable {
            columns: vec!["learning_rate".to_owned(), "hidden".to_owned()],
            settings: 0..2,
            rows: rows.collect(),
        }
    }

    #[test]
    fn the_axis_whose_means_spread_most_comes_first() {
        let map = map_scores(
            &table(&[("0.1", "8", 0.5), ("0.1", "16", 0.9), ("0.2", "8", 0.6), ("0.2", "16", 1.0)]),
            false,
        );
        let names: Vec<&str> = map.axes.iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!(names, ["hidden", "learning_rate"]);
        assert!((map.axes[0].effect - 0.2).abs() < 1e-12);
        assert_eq!(map.axes[0].values, ["8", "16"]);
    }

    #[test]
    fn a_cell_holds_the_best_and_the_mean_of_its_trials() {
        let rows = [("0.1", "8", 0.4), ("0.1", "8", 0.6), ("0.2", "16", 0.7)];
        let best = |lower| map_scores(&table(&rows), lower).pairs[0].cells[0].best;
        assert_eq!((best(false), best(true)), (0.6, 0.4));
        let cell = &map_scores(&table(&rows), false).pairs[0].cells[0];
        assert_eq!((cell.mean, cell.trials), (0.5, 2));
    }

    #[test]
    fn one_axis_makes_one_row_and_no_axis_makes_no_table() {
        let map = map_scores(&table(&[("0.1", "8", 0.4), ("0.2", "8", 0.6)]), false);
        assert_eq!((map.pairs.len(), map.pairs[0].row), (1, None));
        assert!(map_scores(&table(&[("0.1", "8", 0.4)]), false).pairs.is_empty());
    }

    #[test]
    fn trials_without_a_finite_score_are_left_out() {
        let map = map_scores(&table(&[("0.1", "8", 0.4), ("0.2", "8", f64::NAN)]), false);
        assert!(map.axes.is_empty());
        assert_eq!(map.trials, 1);
    }

    #[test]
    fn values_are_ordered_as_numbers_and_layer_by_layer() {
        let mut values = ["128-64", "64-32", "64", "1e-3", "relu", "0.01"];
        values.sort_by(|a, b| compare_values(a, b));
        assert_eq!(values, ["1e-3", "0.01", "64", "64-32", "128-64", "relu"]);
    }
}
