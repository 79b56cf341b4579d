//! Balancing against imbalanced-learn's, in all that random numbers do not decide.

use std::collections::{BTreeMap, BTreeSet};

use forewarn::prepare::balance::{Resampled, Rows, median_deviation, resample};
use forewarn::random::Streams;
use forewarn::spec::Balance;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::balance_checker::{Checker, neighbours, new_rows};
use crate::support::root;

#[derive(Deserialize)]
struct Golden {
    strategies: Vec<Sizes>,
    least_rows: Vec<LeastRows>,
    cases: Vec<Case>,
}

/// Class sizes before and after; none where imbalanced-learn refuses.
#[derive(Deserialize)]
struct Sizes {
    before: Vec<usize>,
    algorithm: String,
    sampling_strategy: Value,
    after: Option<Vec<usize>>,
}

#[derive(Deserialize)]
struct LeastRows {
    rows: usize,
    k_neighbors: usize,
    accepted: bool,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    k_neighbors: usize,
    sampling_strategy: Value,
    labels: Vec<u32>,
    numeric: Vec<Vec<f64>>,
    categorical: Vec<Vec<u32>>,
    neighbours: BTreeMap<usize, Vec<usize>>,
    median_std: BTreeMap<u32, f64>,
    new_labels: Vec<u32>,
    new_numeric: Vec<Vec<f64>>,
    new_categorical: Vec<Vec<u32>>,
}

fn read_golden() -> Golden {
    let text = std::fs::read_to_string(root().join("tests/golden/balance.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn names(classes: usize) -> Vec<String> {
    (0..classes).map(|class| class.to_string()).collect()
}

fn labels_of(sizes: &[usize]) -> Vec<u32> {
    let classes = sizes.iter().enumerate();
    classes.flat_map(|(class, &rows)| vec![class as u32; rows]).collect()
}

fn sizes_of(labels: &[u32], classes: usize) -> Vec<usize> {
    let count = |class| labels.iter().filter(|&&label| label == class as u32).count();
    (0..classes).map(count).collect()
}

fn algorithm(json: Value) -> Balance {
    serde_json::from_value(json).unwrap()
}

const STREAMS: Streams = Streams::new(42, 0, 0);

impl Case {
    /// Hands `check` the rows, and what is made of them with so many rows of each class.
    fn with<T>(&self, strategy: &Value, check: impl FnOnce(Rows, Resampled) -> T) -> T {
        let numeric: Vec<&[f64]> = self.numeric.iter().map(Vec::as_slice).collect();
        let categorical: Vec<&[u32]> = self.categorical.iter().map(Vec::as_slice).collect();
        let classes = names(3);
        let rows = Rows {
            numeric: &numeric,
            categorical: &categorical,
            labels: &self.labels,
            classes: &classes,
        };
        let name = if categorical.is_empty() { "smote" } else { "smote_nc" };
        let settings = json!({"k_neighbors": self.k_neighbors, "sampling_strategy": strategy});
        let resampled = resample(&algorithm(json!({ name: settings })), &rows, &STREAMS).unwrap();
        check(rows, resampled)
    }

    /// So many new rows that each row of classes 1 and 2 is drawn as a base.
    fn with_many<T>(&self, check: impl FnOnce(Rows, Resampled) -> T) -> T {
        self.with(&json!({"1": 500, "2": 500}), check)
    }
}

#[test]
fn every_strategy_gives_the_class_sizes_of_imbalanced_learn() {
    for case in read_golden().strategies {
        let name = format!("{} {} of {:?}", case.algorithm, case.sampling_strategy, case.before);
        let (classes, labels) = (names(case.before.len()), labels_of(&case.before));
        let rows = Rows { numeric: &[], categorical: &[], labels: &labels, classes: &classes };
        let how = json!({case.algorithm: {"sampling_strategy": case.sampling_strategy}});
        // A strategy of the other direction is no grid file.
        let found = serde_json::from_value(how).ok();
        let found = found.and_then(|how| resample(&how, &rows, &STREAMS).ok());
        let after = found.map(|found| sizes_of(&found.labels(&labels), classes.len()));
        assert_eq!(after, case.after, "{name}");
    }
}

#[test]
fn a_class_is_too_small_where_it_is_for_imbalanced_learn() {
    for case in read_golden().least_rows {
        let (classes, labels) = (names(2), labels_of(&[20, case.rows]));
        let column: Vec<f64> = (0..labels.len()).map(|row| row as f64).collect();
        let rows =
            Rows { numeric: &[&column], categorical: &[], labels: &labels, classes: &classes };
        let how = algorithm(json!({"smote": {"k_neighbors": case.k_neighbors}}));
        let found = resample(&how, &rows, &STREAMS);
        assert_eq!(found.is_ok(), case.accepted, "{} {}", case.rows, case.k_neighbors);
    }
}

#[test]
fn every_row_has_the_nearest_neighbours_of_imbalanced_learn() {
    for case in read_golden().cases {
        let found = case.with_many(|_, resampled| neighbours(&resampled));
        assert_eq!(found, case.neighbours, "{}", case.name);
    }
}

#[test]
fn a_category_weighs_as_much_as_for_imbalanced_learn() {
    let mut compared = 0;
    for case in read_golden().cases {
        for (&class, &expected) in &case.median_std {
            let numeric: Vec<&[f64]> = case.numeric.iter().map(Vec::as_slice).collect();
            let rows = case.labels.iter().enumerate().filter(|(_, label)| **label == class);
            let rows: Vec<usize> = rows.map(|(row, _)| row).collect();
            let found = median_deviation(&numeric, &rows);
            assert!((found - expected).abs() < 1e-12, "{}: {found} {expected}", case.name);
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
}

#[test]
fn the_rows_of_imbalanced_learn_could_be_ours() {
    for case in read_golden().cases {
        case.with_many(|rows, resampled| {
            let checker = Checker { rows, neighbours: neighbours(&resampled) };
            for (at, &class) in case.new_labels.iter().enumerate() {
                let numbers: Vec<f64> = case.new_numeric.iter().map(|column| column[at]).collect();
                let codes: Vec<u32> =
                    case.new_categorical.iter().map(|column| column[at]).collect();
                assert!(checker.accepts(class, &numbers, &codes), "{} {at}", case.name);
            }
        });
    }
}

#[test]
fn our_rows_could_be_those_of_imbalanced_learn() {
    for case in read_golden().cases {
        case.with(&case.sampling_strategy, |rows, resampled| {
            let made = resampled.labels(&case.labels);
            assert_eq!(made[case.labels.len()..], case.new_labels, "{}", case.name);
            let checker = Checker { rows, neighbours: case.neighbours.clone() };
            for (class, numbers, codes) in new_rows(&resampled, &rows) {
                assert!(checker.accepts(class, &numbers, &codes), "{} {numbers:?}", case.name);
            }
        });
    }
}

#[test]
fn a_row_beside_the_line_or_without_the_vote_could_be_nobodys() {
    let mut codes_refused = 0;
    for case in read_golden().cases {
        case.with_many(|rows, resampled| {
            let checker = Checker { rows, neighbours: neighbours(&resampled) };
            for (class, mut numbers, mut codes) in new_rows(&resampled, &rows) {
                if let Some(code) = codes.first_mut() {
                    *code += 100;
                    assert!(!checker.accepts(class, &numbers, &codes), "{}", case.name);
                    codes[0] -= 100;
                    codes_refused += 1;
                }
                numbers[0] += 1e-3;
                assert!(!checker.accepts(class, &numbers, &codes), "{}", case.name);
            }
        });
    }
    assert!(codes_refused > 0);
}

#[test]
fn the_golden_file_draws_on_every_kind_of_case() {
    let golden = read_golden();
    let categories: BTreeSet<usize> =
        golden.cases.iter().map(|case| case.categorical.len()).collect();
    assert_eq!(categories, [0, 1, 2, 3].into());
    assert!(golden.strategies.iter().filter(|case| case.after.is_none()).count() > 50);
    assert!(golden.strategies.iter().filter(|case| case.after.is_some()).count() > 100);
}
