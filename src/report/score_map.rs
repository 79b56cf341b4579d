//! How the score depends on each pair of hyperparameters: the data of the heat map.

use std::collections::BTreeMap;

use serde::Serialize;

use super::axes::{Axis, Scored, Summary};

/// An axis with more values than this cannot be read as a heat map and is left out.
const MAX_VALUES_PER_AXIS: usize = 40;

/// A table of scores for each pair of axes.
#[derive(Debug, Serialize)]
pub(super) struct ScoreMap {
    /// Places of the axes in the order in which they are offered.
    pub order: Vec<usize>,
    pub pairs: Vec<PairTable>,
    /// Places of the axes with too many values to draw.
    pub left_out: Vec<usize>,
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
    #[serde(flatten)]
    pub scores: Summary,
}

/// Summarises the scores over every pair of axes; `order` are the places of all axes, the one that
/// matters most first.
pub(super) fn map_scores(trials: &Scored, order: &[usize], lower_is_better: bool) -> ScoreMap {
    let is_short = |place: &usize| trials.axes[*place].values.len() <= MAX_VALUES_PER_AXIS;
    let (order, left_out): (Vec<usize>, Vec<usize>) =
        order.iter().partition(|&place| is_short(place));
    let pairs = pair_axes(&order);
    let pairs =
        pairs.into_iter().map(|(row, column)| tabulate(trials, row, column, lower_is_better));
    ScoreMap { pairs: pairs.collect(), order, left_out }
}

/// Every pair of places once; a single axis is paired with none.
fn pair_axes(places: &[usize]) -> Vec<(Option<usize>, usize)> {
    if let [place] = places {
        return vec![(None, *place)];
    }
    let pairs = places.iter().enumerate().flat_map(|(index, row)| {
        places[index + 1..].iter().map(move |column| (Some(*row), *column))
    });
    pairs.collect()
}

fn tabulate(
    trials: &Scored,
    row: Option<usize>,
    column: usize,
    lower_is_better: bool,
) -> PairTable {
    let level = |axis: Option<&Axis>, trial: usize| axis.map_or(0, |axis| axis.levels[trial]);
    let (down, across) = (row.map(|row| &trials.axes[row]), &trials.axes[column]);
    let mut groups: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for (trial, score) in trials.scores.iter().enumerate() {
        let key = (level(down, trial), level(Some(across), trial));
        groups.entry(key).or_default().push(*score);
    }
    let cells = groups.into_iter().map(|((row, column), scores)| Cell {
        row,
        column,
        scores: Summary::of(&scores, lower_is_better),
    });
    PairTable { row, column, cells: cells.collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;
    use crate::report::axes::tests::table;

    fn map(rows: &[(&[&str], f64)], order: &[usize], lower_is_better: bool) -> ScoreMap {
        let table = table(&["learning_rate", "hidden"], rows);
        map_scores(&Scored::of(&table), order, lower_is_better)
    }

    #[test]
    fn a_cell_holds_the_best_and_the_mean_of_its_trials() {
        let rows: [(&[&str], f64); 3] =
            [(&["0.1", "8"], 0.4), (&["0.1", "8"], 0.6), (&["0.2", "16"], 0.7)];
        let cell = |lower| map(&rows, &[1, 0], lower).pairs[0].cells[0].scores;
        assert_eq!((cell(false).best, cell(true).best), (0.6, 0.4));
        assert_eq!((cell(false).mean, cell(false).trials), (0.5, 2));
    }

    #[test]
    fn pairs_follow_the_order_and_rows_come_first() {
        let rows: [(&[&str], f64); 2] = [(&["0.1", "8"], 0.4), (&["0.2", "16"], 0.6)];
        let map = map(&rows, &[1, 0], false);
        assert_eq!((map.order, map.pairs[0].row, map.pairs[0].column), (vec![1, 0], Some(1), 0));
    }

    #[test]
    fn one_axis_makes_one_row_and_no_axis_makes_no_table() {
        let one: [(&[&str], f64); 2] = [(&["0.1", "8"], 0.4), (&["0.2", "8"], 0.6)];
        let map = map(&one, &[0], false);
        assert_eq!((map.pairs.len(), map.pairs[0].row), (1, None));
        assert!(super::tests::map(&one[..1], &[], false).pairs.is_empty());
    }

    #[test]
    fn an_axis_of_too_many_values_is_left_out() {
        let values: Vec<String> = (0..41).map(|value| value.to_string()).collect();
        let cells: Vec<[&str; 2]> = values.iter().map(|value| [value.as_str(), "8"]).collect();
        let rows: Vec<(&[&str], f64)> = cells.iter().map(|cells| (&cells[..], 0.5)).collect();
        let map = map(&rows, &[0], false);
        assert!(map.order.is_empty() && map.pairs.is_empty());
        assert_eq!(map.left_out, [0]);
    }
}
