//! Forests written and read again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

use proptest::prelude::*;

use super::tests::{forest, table};
use super::{Forest, ForestArrays, ForestError, Settings};
use crate::examples::Matrix;

fn forests() -> [Forest; 2] {
    let table = table(200, 5);
    let fine = Settings { min_samples_leaf: 2, ..Settings::random_forest() };
    [forest(&table, fine, 4), forest(&table, Settings::extra_trees(), 3)]
}

#[test]
fn arrays_and_bytes_give_the_forest_back() {
    let empty = Forest { classes: 2, columns: 3, trees: Vec::new() };
    for forest in forests().into_iter().chain([empty]) {
        let arrays = forest.arrays().unwrap();
        let read = Forest::from_arrays(&arrays, forest.columns, forest.classes).unwrap();
        assert_eq!(read, forest);
        assert_eq!(read.arrays().unwrap(), arrays);
        assert_eq!(Forest::from_bytes(&forest.to_bytes()).unwrap(), forest);
    }
}

#[test]
fn bytes_are_few() {
    let [_, forest] = forests();
    let nodes: usize = forest.trees.iter().map(super::Tree::nodes).sum();
    assert!(forest.to_bytes().len() < nodes * 4, "{} {nodes}", forest.to_bytes().len());
}

#[test]
fn every_end_of_the_bytes_but_the_last_is_too_soon() {
    for forest in forests() {
        let bytes = forest.to_bytes();
        for end in 0..bytes.len() {
            assert!(Forest::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
        assert!(Forest::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }
}

/// A walk through a forest that was read ends, and gives shares.
fn assert_sound(forest: &Forest) {
    let width = forest.columns.min(9) as usize;
    let rows = Matrix::new(width, vec![0.5; width * 20]);
    if forest.classes < 1000 {
        let found = forest.probabilities(&rows);
        assert!(found.iter().all(|share| (0.0..=1.001).contains(share)));
    }
}

type Change = fn(&mut ForestArrays);

#[test]
fn arrays_that_are_no_forest_are_told_from_one() {
    let [forest, _] = forests();
    let good = forest.arrays().unwrap();
    let changes: [(&str, Change); 16] = [
        ("a threshold less", |arrays| arrays.threshold.truncate(9)),
        ("a share less", |arrays| arrays.shares.truncate(9)),
        ("no tree starts", |arrays| arrays.tree_starts.clear()),
        ("trees that start late", |arrays| arrays.tree_starts[0] = 1),
        ("trees that end late", |arrays| *arrays.tree_starts.last_mut().unwrap() += 1),
        ("trees that start before the last", |arrays| arrays.tree_starts.swap(1, 2)),
        ("an empty tree", |arrays| arrays.tree_starts[1] = 0),
        ("a tree cut short", |arrays| arrays.tree_starts[1] -= 1),
        ("a column that there is not", |arrays| arrays.feature[0] = 5),
        ("no column", |arrays| arrays.feature[0] = -2),
        ("no threshold", |arrays| arrays.threshold[0] = f32::NAN),
        ("a child before its parent", |arrays| arrays.right[0] = 0),
        ("a child beyond the tree", |arrays| arrays.right[0] = arrays.tree_starts[1]),
        ("a child of another node", |arrays| arrays.right[0] += 1),
        ("a left child elsewhere", |arrays| arrays.left[0] += 1),
        ("shares of more than all", |arrays| arrays.shares[..3].fill(0.5)),
    ];
    for (name, change) in changes {
        let mut arrays = good.clone();
        change(&mut arrays);
        let found = Forest::from_arrays(&arrays, forest.columns, forest.classes);
        assert!(matches!(found, Err(ForestError::Damaged { .. })), "{name}");
    }
    assert!(Forest::from_arrays(&good, forest.columns, 2).is_err());
    assert!(Forest::from_arrays(&good, 2, forest.classes).is_err());
    assert!(Forest::from_arrays(&ForestArrays::default(), 2, 2).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: 4000, ..ProptestConfig::default()
    })]

    #[test]
    fn changed_bytes_are_an_error_or_another_forest(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for forest in forests() {
            let mut bytes = forest.to_bytes();
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Ok(read) = Forest::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
                assert_sound(&read);
            }
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_forest(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for bytes in [bytes.clone(), [vec![1, 3, 3, 1], bytes].concat()] {
            if let Ok(read) = Forest::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
                assert_sound(&read);
            }
        }
    }

    #[test]
    fn changed_arrays_are_an_error_or_another_forest(
        which in 0..7_u8, at in any::<prop::sample::Index>(), value in any::<u32>(), small in 0..30_u32,
        is_small in any::<bool>(),
    ) {
        let [forest, _] = forests();
        let value = if is_small { small } else { value };
        let mut arrays = forest.arrays().unwrap();
        let place = |length: usize| at.index(length);
        match which {
            0 => { let at = place(arrays.tree_starts.len()); arrays.tree_starts[at] = value; }
            1 => { let at = place(arrays.feature.len()); arrays.feature[at] = value as i32; }
            2 => { let at = place(arrays.threshold.len()); arrays.threshold[at] = f32::from_bits(value); }
            3 => { let at = place(arrays.left.len()); arrays.left[at] = value; }
            4 => { let at = place(arrays.right.len()); arrays.right[at] = value; }
            5 => { let at = place(arrays.missing_left.len()); arrays.missing_left[at] = value as u8; }
            _ => { let at = place(arrays.shares.len()); arrays.shares[at] = f32::from_bits(value); }
        }
        if let Ok(read) = Forest::from_arrays(&arrays, forest.columns, forest.classes) {
            assert_sound(&read);
        }
    }
}
