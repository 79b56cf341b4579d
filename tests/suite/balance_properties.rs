//! What must hold of balanced rows whatever the table.

use std::collections::BTreeSet;

use forewarn::prepare::balance::{BalanceError, Resampled, Rows, resample};
use forewarn::random::Streams;
use forewarn::spec::Balance;
use proptest::prelude::*;

use crate::balance_checker::{Checker, neighbours, new_rows};

const STREAMS: Streams = Streams::new(42, 0, 0);

/// Rows of three classes, with ties among numbers and categories.
#[derive(Debug, Clone)]
struct Table {
    numeric: Vec<Vec<f64>>,
    categorical: Vec<Vec<u32>>,
    labels: Vec<u32>,
    classes: Vec<String>,
}

impl Table {
    fn resample(&self, how: &str, streams: Streams) -> Result<Resampled, BalanceError> {
        self.with(|rows| resample(&read(how), &rows, &streams))
    }

    fn with<T>(&self, look: impl FnOnce(Rows) -> T) -> T {
        let numeric: Vec<&[f64]> = self.numeric.iter().map(Vec::as_slice).collect();
        let categorical: Vec<&[u32]> = self.categorical.iter().map(Vec::as_slice).collect();
        let (labels, classes) = (&self.labels, &self.classes);
        look(Rows { numeric: &numeric, categorical: &categorical, labels, classes })
    }

    fn size(&self, class: u32) -> usize {
        self.labels.iter().filter(|&&label| label == class).count()
    }
}

fn read(how: &str) -> Balance {
    serde_json::from_str(how).unwrap()
}

/// Tables with at least four rows of each class.
fn tables() -> impl Strategy<Value = Table> {
    let rows = prop::collection::vec(0..3_u32, 0..40);
    (1..4_usize, 1..3_usize, rows).prop_flat_map(|(numbers, codes, more)| {
        let labels = [[0, 1, 2].repeat(4), more].concat();
        let number = prop_oneof![(-2..3_i8).prop_map(f64::from), -1e6..1e6];
        (
            prop::collection::vec(prop::collection::vec(number, labels.len()), numbers),
            prop::collection::vec(prop::collection::vec(0..4_u32, labels.len()), codes),
            Just(labels).prop_shuffle(),
        )
            .prop_map(|(numeric, categorical, labels)| Table {
                numeric,
                categorical,
                labels,
                classes: ["none", "heat", "wear"].map(str::to_owned).to_vec(),
            })
    })
}

const SMOTE_NC: &str = r#"{"smote_nc": {"k_neighbors": 3}}"#;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_stays_first_and_every_class_reaches_the_majority(table in tables()) {
        let most = (0..3).map(|class| table.size(class)).max().unwrap();
        for how in [SMOTE_NC, r#"{"random_over": {}}"#] {
            let made = table.resample(how, STREAMS).unwrap();
            prop_assert!(made.kept[..table.labels.len()].iter().copied().eq(0..table.labels.len()));
            let labels = made.labels(&table.labels);
            prop_assert_eq!(labels.len(), 3 * most);
            let new = &labels[table.labels.len()..];
            prop_assert!(new.is_sorted());
            for class in 0..3 {
                let added = new.iter().filter(|&&label| label == class).count();
                prop_assert_eq!(table.size(class) + added, most);
            }
        }
    }

    #[test]
    fn a_new_row_lies_between_neighbours_of_its_class_and_has_their_categories(table in tables()) {
        let made = table.resample(SMOTE_NC, STREAMS).unwrap();
        for row in &made.new {
            let nearest = made.nearest(row);
            let distinct: BTreeSet<&usize> = nearest.iter().chain([&row.base]).collect();
            prop_assert_eq!(distinct.len(), 4);
            prop_assert!(distinct.iter().all(|&&one| table.labels[one] == row.class));
            prop_assert!(nearest.contains(&row.neighbour) && (0.0..1.0).contains(&row.gap));
        }
        table.with(|rows| {
            let checker = Checker { rows, neighbours: neighbours(&made) };
            for (class, numbers, codes) in new_rows(&made, &rows) {
                prop_assert!(checker.accepts(class, &numbers, &codes), "{class} {numbers:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_number_leaves_the_range_of_its_class(table in tables()) {
        let made = table.resample(SMOTE_NC, STREAMS).unwrap();
        for column in &table.numeric {
            for (row, value) in made.new.iter().zip(made.interpolate(column)) {
                let (base, neighbour) = (column[row.base], column[row.neighbour]);
                prop_assert!(base.min(neighbour) <= value && value <= base.max(neighbour));
            }
        }
    }

    #[test]
    fn rows_drawn_once_more_are_of_their_class(table in tables()) {
        let how = r#"{"random_over": {"sampling_strategy": {"wear": 90}}}"#;
        let made = table.resample(how, STREAMS).unwrap();
        let more = &made.kept[table.labels.len()..];
        prop_assert_eq!(more.len(), 90 - table.size(2));
        prop_assert!(more.iter().all(|&row| table.labels[row] == 2));
    }

    #[test]
    fn rows_that_stay_keep_their_order(table in tables()) {
        let least = (0..3).map(|class| table.size(class)).min().unwrap();
        let made = table.resample(r#"{"random_under": {}}"#, STREAMS).unwrap();
        prop_assert!(made.kept.is_sorted_by(|one, other| one < other));
        prop_assert_eq!(made.kept.len(), 3 * least);
    }

    #[test]
    fn classes_that_are_not_meant_stay_whole_also_with_replacement(table in tables()) {
        let how = r#"{"random_under": {"replacement": true, "sampling_strategy": {"heat": 3}}}"#;
        let made = table.resample(how, STREAMS).unwrap();
        prop_assert!(made.kept.is_sorted());
        let others = |rows: &[usize]| -> Vec<usize> {
            rows.iter().copied().filter(|&row| table.labels[row] != 1).collect()
        };
        let all: Vec<usize> = (0..table.labels.len()).collect();
        prop_assert_eq!(others(&made.kept), others(&all));
        prop_assert_eq!(made.kept.len(), others(&all).len() + 3);
    }

    /// The same drawing, as far as the class and its rows are the same.
    #[test]
    fn the_new_rows_of_a_class_do_not_depend_on_other_classes(table in tables()) {
        let how = r#"{"smote_nc": {"k_neighbors": 3, "sampling_strategy": {"wear": 60}}}"#;
        let made = table.resample(how, STREAMS).unwrap();
        let mut other = table.clone();
        for (row, label) in table.labels.iter().enumerate().filter(|(_, label)| **label != 2) {
            other.labels[row] = 1 - label;
            other.numeric.iter_mut().for_each(|column| column[row] *= 2.0);
        }
        prop_assert_eq!(other.resample(how, STREAMS).unwrap(), made);
    }
}

/// A table of some size: 3000, 700 and 300 rows.
fn large() -> Table {
    let labels: Vec<u32> = [vec![0; 3000], vec![1; 700], vec![2; 300]].concat();
    let wave = |row: usize, column: usize| ((row * (column + 3)) as f64).sin();
    Table {
        numeric: (0..5).map(|c| (0..4000).map(|row| wave(row, c)).collect()).collect(),
        categorical: vec![(0..4000).map(|row| row % 3).collect()],
        labels,
        classes: ["none", "heat", "wear"].map(str::to_owned).to_vec(),
    }
}

#[test]
fn the_seed_decides_the_rows() {
    let table = large();
    for how in [SMOTE_NC, r#"{"random_over": {}}"#, r#"{"random_under": {}}"#] {
        let made = |seed, fold| table.resample(how, Streams::new(seed, 0, fold)).unwrap();
        assert!(made(1, 0) == made(1, 0));
        assert!(made(1, 0) != made(2, 0) && made(1, 0) != made(1, 1));
    }
}

#[test]
fn any_number_of_threads_makes_the_same_rows() {
    let table = large();
    let made = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| table.resample(SMOTE_NC, STREAMS).unwrap())
    };
    assert!(made(1) == made(4));
}

#[test]
fn every_neighbour_of_every_row_is_drawn_equally_often_and_gaps_are_even() {
    let mut table = large();
    table.categorical.clear();
    let how = r#"{"smote": {"k_neighbors": 2, "sampling_strategy": {"wear": 600300}}}"#;
    let made = table.resample(how, STREAMS).unwrap();
    // 300 rows with two neighbours: 600 pairs, each to be drawn a thousand times.
    let mut pairs: Vec<_> = made.new.iter().map(|row| (row.base, row.neighbour)).collect();
    pairs.sort_unstable();
    let drawn: Vec<f64> = pairs.chunk_by(|a, b| a == b).map(|run| run.len() as f64).collect();
    assert_eq!(drawn.len(), 600);
    let chi_squared: f64 = drawn.iter().map(|drawn| (drawn - 1000.0).powi(2) / 1000.0).sum();
    assert!((450.0..750.0).contains(&chi_squared), "{chi_squared}");
    let mean = made.new.iter().map(|row| row.gap).sum::<f64>() / 600_000.0;
    assert!((mean - 0.5).abs() < 0.002, "{mean}");
}

#[test]
fn a_class_with_too_few_rows_is_named() {
    let table = large();
    let how = r#"{"smote_nc": {"k_neighbors": 100}}"#;
    let small = Table { labels: (0..4000).map(|row| u32::from(row < 100)).collect(), ..table };
    let error = small.resample(how, STREAMS).unwrap_err().to_string();
    assert!(error.contains(r#"class "heat" has 100 train rows"#), "{error}");
    // A class that gets no new rows may be as small as it is.
    let how = r#"{"smote_nc": {"k_neighbors": 100, "sampling_strategy": {"none": 4000}}}"#;
    assert!(small.resample(how, STREAMS).is_ok());
}

#[test]
fn features_that_an_algorithm_cannot_use_are_refused() {
    let table = large();
    let error = |table: &Table, how| table.resample(how, STREAMS).unwrap_err();
    let (smote, smote_nc) = (r#"{"smote": {}}"#, r#"{"smote_nc": {}}"#);
    assert_eq!(error(&table, smote), BalanceError::Categories { columns: 1 });
    let numbers = Table { categorical: Vec::new(), ..table.clone() };
    assert_eq!(error(&numbers, smote_nc), BalanceError::NoCategories);
    let categories = Table { numeric: Vec::new(), ..table };
    assert_eq!(error(&categories, smote_nc), BalanceError::NoNumbers);
}

#[test]
fn numbers_as_large_as_they_come_stay_numbers() {
    let mut table = large();
    for value in table.numeric.iter_mut().flatten() {
        *value = value.signum() * f64::MAX;
    }
    let made = table.resample(SMOTE_NC, STREAMS).unwrap();
    assert!(made.interpolate(&table.numeric[0]).iter().all(|value| value.is_finite()));
}
