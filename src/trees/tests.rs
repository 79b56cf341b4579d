//! Forests from end to end.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

use std::sync::atomic::AtomicBool;

use rand::Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::*;
use crate::examples::Matrix;
use crate::random::{Purpose, Streams, below};

/// Rows of three classes in `columns` columns, one cell in ten missing, half the columns coarse.
pub(super) fn table(rows: usize, columns: usize) -> (Matrix, Vec<u32>) {
    let mut generator = Streams::new(5, 5, 5).generator(Purpose::Bootstrap, 0);
    let mut cells = Vec::new();
    let mut labels = Vec::new();
    for _ in 0..rows {
        let row: Vec<f32> = (0..columns)
            .map(|column| {
                let cell = (generator.next_u32() >> 8) as f32 / 16_777_216.0;
                if column % 2 == 0 { (cell * 12.0).floor() } else { cell }
            })
            .collect();
        let sum = row.iter().take(3).sum::<f32>() + below(4, &mut generator) as f32;
        labels.push(u32::from(sum > 12.0) + u32::from(sum > 18.0));
        cells.extend(
            row.iter().map(|&cell| if below(10, &mut generator) == 0 { f32::NAN } else { cell }),
        );
    }
    (Matrix::new(columns, cells), labels)
}

pub(super) fn grower(table: &(Matrix, Vec<u32>), settings: Settings) -> Grower {
    let rows = Rows { features: &table.0, labels: &table.1, classes: 3, class_weights: None };
    Grower::new(rows, settings, Streams::new(1, 2, 3)).unwrap()
}

pub(super) fn forest(table: &(Matrix, Vec<u32>), settings: Settings, trees: u32) -> Forest {
    let grower = grower(table, settings);
    let stop = AtomicBool::new(false);
    let trees = (0..trees).map(|tree| grower.tree(tree, &stop).unwrap()).collect();
    Forest { classes: 3, columns: table.0.columns() as u32, trees }
}

fn accuracy(forest: &Forest, (rows, labels): &(Matrix, Vec<u32>)) -> f64 {
    let probabilities = forest.probabilities(rows);
    let hits = probabilities.chunks(3).zip(labels).filter(|(row, label)| {
        let label = row[**label as usize];
        row.iter().all(|other| *other <= label)
    });
    hits.count() as f64 / labels.len() as f64
}

const KINDS: [Settings; 2] = [Settings::random_forest(), Settings::extra_trees()];

#[test]
fn a_forest_is_the_same_on_any_number_of_threads() {
    let table = table(400, 6);
    for settings in KINDS {
        let one = forest(&table, settings, 8);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let trees: Vec<Tree> = pool.install(|| {
                let grower = grower(&table, settings);
                let stop = AtomicBool::new(false);
                (0..8).into_par_iter().map(|tree| grower.tree(tree, &stop).unwrap()).collect()
            });
            assert_eq!(Forest { trees, ..one.clone() }.to_bytes(), one.to_bytes());
        }
    }
}

#[test]
fn the_first_trees_of_a_forest_are_the_smaller_forest() {
    let table = table(300, 5);
    for settings in KINDS {
        let (few, many) = (forest(&table, settings, 5), forest(&table, settings, 12));
        assert_eq!(many.prefix(5).to_bytes(), few.to_bytes());
        assert_eq!(few.prefix(99), few);
        assert_ne!(many.trees[0], many.trees[1]);
        let mut sum = vec![0.0; 300 * 3];
        many.add_probabilities(0..5, &table.0, &mut sum);
        let mean: Vec<f64> = sum.iter().map(|sum| sum / 5.0).collect();
        assert_eq!(mean, few.probabilities(&table.0));
        many.add_probabilities(5..12, &table.0, &mut sum);
        let mean: Vec<f64> = sum.iter().map(|sum| sum / 12.0).collect();
        assert_eq!(mean, many.probabilities(&table.0));
    }
}

#[test]
fn a_forest_learns_what_a_tree_can_tell() {
    let table = table(2000, 6);
    let rest: Vec<f32> = table.0.values()[1500 * 6..].to_vec();
    let (known, unknown) = (
        (Matrix::new(6, table.0.values()[..1500 * 6].to_vec()), table.1[..1500].to_vec()),
        (Matrix::new(6, rest), table.1[1500..].to_vec()),
    );
    for settings in KINDS {
        let forest = forest(&known, settings, 40);
        assert!(accuracy(&forest, &known) > 0.98, "{settings:?}");
        assert!(accuracy(&forest, &unknown) > 0.75, "{settings:?}");
    }
}

#[test]
fn a_tree_is_not_grown_once_it_is_to_stop() {
    let table = table(100, 4);
    for max_leaf_nodes in [None, Some(7)] {
        let grower = grower(&table, Settings { max_leaf_nodes, ..Settings::random_forest() });
        assert_eq!(grower.tree(0, &AtomicBool::new(true)), None);
    }
}

#[test]
fn settings_hold_in_every_tree() {
    let table = table(500, 6);
    for base in KINDS {
        for tree in forest(&table, Settings { max_leaf_nodes: Some(9), ..base }, 5).trees {
            assert!((2..=9).contains(&tree.leaves()));
        }
        for tree in forest(&table, Settings { max_depth: Some(3), ..base }, 5).trees {
            assert!((2..=8).contains(&tree.leaves()));
        }
        let whole = forest(&table, base, 5);
        let cut = forest(&table, Settings { ccp_alpha: 0.01, ..base }, 5);
        let coarse = forest(&table, Settings { min_samples_leaf: 20, ..base }, 5);
        for ((whole, cut), coarse) in whole.trees.iter().zip(&cut.trees).zip(&coarse.trees) {
            assert!(cut.leaves() < whole.leaves() / 2, "{} {}", cut.leaves(), whole.leaves());
            assert!((2..=25).contains(&coarse.leaves()));
            assert_eq!(whole.nodes(), 2 * whole.leaves() - 1);
        }
    }
}

/// The probabilities of one row of a forest on rows with these cells.
fn of_rows(columns: usize, cells: &[f32], labels: &[u32], row: &[f32]) -> Vec<Vec<f64>> {
    let table = (Matrix::new(columns, cells.to_vec()), labels.to_vec());
    let row = Matrix::new(columns, row.to_vec());
    KINDS
        .map(|settings| {
            let settings = Settings { bootstrap: false, ..settings };
            forest(&table, settings, 3).probabilities(&row)
        })
        .to_vec()
}

#[test]
fn a_tree_without_rows_to_part_is_a_leaf() {
    let (nan, most) = (f32::NAN, f32::INFINITY);
    for (cells, labels, expected) in [
        (vec![1.0, 1.0, 1.0, 1.0], vec![0, 1, 1, 2], [0.25, 0.5, 0.25]),
        (vec![nan; 4], vec![0, 1, 1, 2], [0.25, 0.5, 0.25]),
        (vec![most; 4], vec![0, 1, 1, 2], [0.25, 0.5, 0.25]),
        (vec![1.0, 2.0, 3.0, 4.0], vec![1; 4], [0.0, 1.0, 0.0]),
        (vec![1.0], vec![2], [0.0, 0.0, 1.0]),
    ] {
        for found in of_rows(1, &cells, &labels, &[2.0]) {
            assert_eq!(found, expected, "{cells:?}");
        }
    }
}

#[test]
fn constant_columns_do_not_hide_the_one_that_parts() {
    let cells: Vec<f32> =
        (0..8).flat_map(|row| [[7.0; 9].as_slice(), &[row as f32]].concat()).collect();
    let labels = [0, 0, 0, 0, 1, 1, 1, 1];
    for found in of_rows(10, &cells, &labels, &[7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 9.0]) {
        assert_eq!(found, [0.0, 1.0, 0.0]);
    }
}

#[test]
fn infinite_cells_are_numbers_like_others() {
    let (least, most) = (f32::NEG_INFINITY, f32::INFINITY);
    let cells = [least, least, f32::MIN, -1.0, 1.0, f32::MAX, most, most];
    let labels = [0, 0, 1, 1, 2, 2, 0, 0];
    for (row, class) in [(least, 0), (f32::MIN, 1), (-1.0, 1), (f32::MAX, 2), (most, 0)] {
        for found in of_rows(1, &cells, &labels, &[row]) {
            assert_eq!(found[class], 1.0, "{row}");
        }
    }
}

#[test]
fn a_table_without_columns_has_the_shares_of_its_classes() {
    let table = (Matrix::new(0, Vec::new()), vec![0, 1, 1, 1]);
    let settings = Settings { bootstrap: false, ..Settings::random_forest() };
    let forest = forest(&table, settings, 2);
    let arrays = forest.arrays().unwrap();
    assert_eq!((arrays.feature, arrays.shares), (vec![-1; 2], [0.25, 0.75, 0.0].repeat(2)));
    // A row of a table with columns, none of which is asked for.
    assert_eq!(forest.probabilities(&Matrix::new(1, vec![3.0])), [0.25, 0.75, 0.0]);
}

#[test]
fn a_cell_beyond_those_known_goes_with_the_greater_side_when_missing() {
    let labels = [0, 0, 0, 1];
    for found in &of_rows(1, &[1.0, 2.0, 3.0, 9.0], &labels, &[f32::NAN])[..1] {
        assert_eq!(*found, [1.0, 0.0, 0.0]);
    }
    let labels = [1, 0, 0, 0];
    for found in &of_rows(1, &[1.0, 7.0, 8.0, 9.0], &labels, &[f32::NAN])[..1] {
        assert_eq!(*found, [1.0, 0.0, 0.0]);
    }
}

#[test]
fn what_cannot_be_trained_on_is_an_error() {
    let (features, labels) = table(10, 2);
    let good = Rows { features: &features, labels: &labels, classes: 3, class_weights: None };
    let new =
        |rows: Rows| Grower::new(rows, Settings::random_forest(), Streams::new(1, 2, 3)).err();
    assert_eq!(new(good), None);
    let none = Matrix::new(2, Vec::new());
    assert_eq!(new(Rows { features: &none, labels: &[], ..good }), Some(ForestError::NoRows));
    let error = Some(ForestError::Labels { labels: 9, rows: 10 });
    assert_eq!(new(Rows { labels: &labels[..9], ..good }), error);
    assert!(matches!(new(Rows { classes: 1, ..good }), Some(ForestError::Label { .. })));
    let many = Some(ForestError::TooManyClasses { classes: 70_000, most: 65_536 });
    assert_eq!(new(Rows { classes: 70_000, ..good }), many);
    for weights in [[1.0, 1.0, f32::NAN], [1.0, -1.0, 1.0], [0.0; 3]] {
        let error = Some(ForestError::ClassWeights { classes: 3 });
        assert_eq!(new(Rows { class_weights: Some(weights.as_slice()), ..good }), error);
    }
    let weights = [1.0; 2];
    let error = Some(ForestError::ClassWeights { classes: 3 });
    assert_eq!(new(Rows { class_weights: Some(&weights), ..good }), error);
}

#[test]
fn memory_stays_below_the_estimate() {
    let table = table(1000, 6);
    for settings in KINDS {
        let forest = forest(&table, settings, 4);
        assert!(forest.bytes() < Grower::bytes_estimate((1000, 6, 3), &settings, 4, 1));
    }
}
