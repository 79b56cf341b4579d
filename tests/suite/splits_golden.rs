//! Folds by time and by group against scikit-learn's, over the cases of `golden/splits.json`.

use forewarn::data::{FoldRows, RowKeys, split};
use forewarn::examples::Part;
use forewarn::spec::Split;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::root;

const HOUR: i64 = 3_600_000;

#[derive(Deserialize)]
struct Golden {
    by_time: Vec<ByTime>,
    by_group: Vec<ByGroup>,
}

/// Hourly rows in order, the last `test` of which are test rows.
#[derive(Deserialize)]
struct ByTime {
    rows: usize,
    test: usize,
    count: usize,
    gap: usize,
    folds: Vec<TimeFold>,
}

#[derive(Deserialize)]
struct TimeFold {
    train: Vec<usize>,
    valid: Vec<usize>,
}

/// Each row's group, and the sizes of `GroupKFold`'s parts.
#[derive(Deserialize)]
struct ByGroup {
    groups: Vec<u32>,
    count: usize,
    sizes: Vec<usize>,
}

fn golden() -> Golden {
    let text = std::fs::read_to_string(root().join("tests/golden/splits.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn folds(groups: Option<&[u32]>, times: Option<&[i64]>, how: Value) -> Vec<FoldRows> {
    let how: Split = serde_json::from_value(how).unwrap();
    let rows = groups.map_or(0, <[u32]>::len) + times.map_or(0, <[i64]>::len);
    let (labels, classes) = (vec![0; rows], ["a".to_owned()]);
    split(&RowKeys { labels: &labels, classes: &classes, groups, times }, &how, 3).unwrap()
}

#[test]
fn folds_by_time_are_those_of_time_series_split() {
    for case in golden().by_time {
        let times: Vec<i64> = (0..case.rows as i64).map(|hour| hour * HOUR).collect();
        let test = case.test as f64 / case.rows as f64;
        let found = folds(
            None,
            Some(&times),
            json!({"folds": {"count": case.count, "test": test, "by": "time"}}),
        );
        assert_eq!(found.len(), case.folds.len());
        for (found, expected) in found.iter().zip(&case.folds) {
            assert_eq!(found.part(Part::Valid), expected.valid);
            let ungapped = expected.train.len() + case.gap;
            assert_eq!(found.part(Part::Train), (0..ungapped).collect::<Vec<_>>());
            assert_eq!(found.part(Part::Test).len(), case.test);
        }
    }
}

/// Between hourly rows, `gap` rows are left out by a gap of one hour more.
#[test]
fn the_gap_takes_the_train_rows_that_that_of_time_series_split_takes() {
    for case in golden().by_time {
        let times: Vec<i64> = (0..case.rows as i64).map(|hour| hour * HOUR).collect();
        let test = case.test as f64 / case.rows as f64;
        let gap = format!("{}h", case.gap + 1);
        let how = json!({"folds": {"count": case.count, "test": test, "by": "time", "gap": gap}});
        let found = folds(None, Some(&times), how);
        for (number, (found, expected)) in found.iter().zip(&case.folds).enumerate() {
            assert_eq!(found.part(Part::Train), expected.train);
            // Only the last fold's validation rows lie next to the test rows.
            let last = number + 1 == case.count;
            let kept = expected.valid.len() - if last { case.gap } else { 0 };
            assert_eq!(found.part(Part::Valid), &expected.valid[..kept]);
        }
    }
}

#[test]
fn parts_by_group_are_as_even_as_those_of_group_k_fold() {
    for case in golden().by_group {
        let parts = case.count as f64 + 1.0;
        let how = json!({"folds": {"count": case.count, "test": 1.0 / parts, "by": "group"}});
        let found = folds(Some(&case.groups), None, how);
        let mut sizes: Vec<usize> = found.iter().map(|fold| fold.part(Part::Valid).len()).collect();
        sizes.push(found[0].part(Part::Test).len());
        let even = case.groups.len() as f64 / parts;
        let miss = |sizes: &[usize]| {
            sizes.iter().map(|&size| (size as f64 / even - 1.0).abs()).sum::<f64>() / parts
        };
        let (miss, theirs) = (miss(&sizes), miss(&case.sizes));
        assert!(miss <= theirs + 0.01, "{miss} of {theirs}: {sizes:?} of {:?}", case.sizes);
    }
}
