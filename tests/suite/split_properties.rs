//! What holds of every split by group and by time, whatever the rows.

use std::collections::BTreeSet;

use forewarn::data::{FoldRows, RowKeys, SplitError, split};
use forewarn::examples::Part;
use forewarn::spec::Split;
use proptest::prelude::*;
use serde_json::{Value, json};

fn how(json: Value) -> Split {
    serde_json::from_value(json).unwrap()
}

/// A split into shares, or into folds.
fn plan(by: &str, folds: Option<u32>, rest: f64, gap: i64) -> Split {
    let gap = (gap > 0).then(|| format!("{gap}ms"));
    if let Some(count) = folds {
        return how(json!({"folds": {"count": count, "test": rest, "by": by, "gap": gap}}));
    }
    let train = 1.0 - 2.0 * rest;
    how(json!({"shares": {"train": train, "valid": rest, "test": rest, "by": by, "gap": gap}}))
}

/// All rows are of one class: the split is not to fail for lack of one.
fn parted(
    groups: Option<&[u32]>,
    times: Option<&[i64]>,
    how: &Split,
    seed: u64,
) -> Result<Vec<FoldRows>, SplitError> {
    let rows = groups.map_or(0, <[u32]>::len) + times.map_or(0, <[i64]>::len);
    let (labels, classes) = (vec![0; rows], ["a".to_owned()]);
    split(&RowKeys { labels: &labels, classes: &classes, groups, times }, how, seed)
}

/// The rows of the three parts in one list.
fn all(fold: &FoldRows) -> Vec<usize> {
    let mut rows = Part::ALL.map(|part| fold.part(part)).concat();
    rows.sort_unstable();
    rows
}

fn is_ascending(fold: &FoldRows) -> bool {
    Part::ALL.iter().all(|part| fold.part(*part).is_sorted())
}

/// By how much parts miss their rows, on average, as shares of what they should have.
fn miss(sizes: &[usize], wanted: &[f64]) -> f64 {
    let misses = sizes.iter().zip(wanted).map(|(&size, wanted)| (size as f64 / wanted - 1.0).abs());
    misses.sum::<f64>() / wanted.len() as f64
}

/// The least that three parts can miss, of all ways to deal groups of these sizes.
fn least_miss(sizes: &[usize], wanted: &[f64]) -> f64 {
    let ways = 3_usize.pow(sizes.len() as u32);
    let way = |number: usize| {
        let mut parts = [0; 3];
        sizes.iter().fold(number, |number, size| {
            parts[number % 3] += size;
            number / 3
        });
        parts
    };
    let filled = (0..ways).map(way).filter(|parts| parts.iter().all(|&rows| rows > 0));
    filled.map(|parts| miss(&parts, wanted)).fold(f64::INFINITY, f64::min)
}

proptest! {
    #[test]
    fn no_group_is_on_both_sides_and_every_row_is_in_one_part(
        groups in prop::collection::vec(0_u32..12, 1..150),
        folds in prop::option::of(2_u32..6),
        (rest, seed) in (0.05..0.4, any::<u64>()),
    ) {
        let split = parted(Some(&groups), None, &plan("group", folds, rest, 0), seed);
        let distinct: BTreeSet<u32> = groups.iter().copied().collect();
        let parts = folds.map_or(3, |count| count as usize + 1);
        if distinct.len() < parts {
            let few = SplitError::FewGroups { groups: distinct.len(), parts };
            prop_assert_eq!(split, Err(few));
            return Ok(());
        }
        let split = split.unwrap();
        prop_assert_eq!(split.len(), folds.unwrap_or(1) as usize);
        for fold in &split {
            prop_assert_eq!(all(fold), (0..groups.len()).collect::<Vec<_>>());
            prop_assert!(is_ascending(fold));
            let of = |part: Part| -> BTreeSet<u32> {
                fold.part(part).iter().map(|&row| groups[row]).collect()
            };
            let sum: usize = Part::ALL.iter().map(|part| of(*part).len()).sum();
            prop_assert_eq!(sum, distinct.len(), "no group is in two parts");
            prop_assert!(Part::ALL.iter().all(|part| !of(*part).is_empty()));
            prop_assert_eq!(fold.part(Part::Test), split[0].part(Part::Test));
        }
        if folds.is_some() {
            let valid = split.iter().flat_map(|fold| fold.part(Part::Valid)).copied();
            let mut once: Vec<usize> = valid.chain(split[0].part(Part::Test).to_vec()).collect();
            once.sort_unstable();
            prop_assert_eq!(once, (0..groups.len()).collect::<Vec<_>>(), "each row validates once");
        }
    }

    #[test]
    fn groups_are_dealt_nearly_as_close_to_the_shares_as_can_be(
        sizes in prop::collection::vec(prop_oneof![1_usize..30, 100_usize..400], 3..8),
        (rest, seed) in (0.1..0.34, any::<u64>()),
    ) {
        let groups = sizes.iter().zip(0..).flat_map(|(&size, code)| vec![code; size]);
        let groups: Vec<u32> = groups.collect();
        let fold = &parted(Some(&groups), None, &plan("group", None, rest, 0), seed).unwrap()[0];
        let wanted = [1.0 - 2.0 * rest, rest, rest].map(|share| share * groups.len() as f64);
        let dealt = Part::ALL.map(|part| fold.part(part).len());
        let (miss, least) = (miss(&dealt, &wanted), least_miss(&sizes, &wanted));
        prop_assert!(miss <= 1.1 * least + 0.015, "{miss} of {least}: {dealt:?} of {wanted:?}");
    }

    #[test]
    fn parts_follow_each_other_in_time_and_rows_of_one_time_stay_together(
        times in prop::collection::vec(-40_i64..40, 1..150),
        folds in prop::option::of(2_u32..6),
        (rest, gap) in (0.05..0.4, prop_oneof![Just(0_i64), 1_i64..12]),
    ) {
        let split = parted(None, Some(&times), &plan("time", folds, rest, gap), 0);
        let distinct = times.iter().collect::<BTreeSet<_>>().len();
        let parts = folds.map_or(3, |count| count as usize + 2);
        if distinct < parts {
            prop_assert_eq!(split, Err(SplitError::FewTimes { times: distinct, parts }));
            return Ok(());
        }
        if gap > 0 && matches!(split, Err(SplitError::GapTooLong { .. })) {
            return Ok(());
        }
        let split = split.unwrap();
        prop_assert_eq!(split.len(), folds.unwrap_or(1) as usize);
        for (number, fold) in split.iter().enumerate() {
            prop_assert!(is_ascending(fold));
            prop_assert!(Part::ALL.iter().all(|part| !fold.part(*part).is_empty()));
            let of = |part: Part| fold.part(part).iter().map(|&row| times[row]);
            let (first, last) = (|part| of(part).min().unwrap(), |part| of(part).max().unwrap());
            for (before, after) in [(Part::Train, Part::Valid), (Part::Valid, Part::Test)] {
                prop_assert!(last(before) < first(after));
                prop_assert!(first(after) - last(before) >= gap);
            }
            // What is left out lies in a gap, or between this fold's validation rows and the test.
            let used: BTreeSet<usize> = all(fold).into_iter().collect();
            prop_assert_eq!(used.len(), all(fold).len(), "each row at most once");
            let (valid, test) = (first(Part::Valid), first(Part::Test));
            let next = split.get(number + 1).map_or(test, |next| {
                next.part(Part::Valid).iter().map(|&row| times[row]).min().unwrap()
            });
            for row in (0..times.len()).filter(|row| !used.contains(row)) {
                let time = times[row];
                let in_gap = |start: i64| time < start && start - time < gap;
                let later_block = time >= next && time < test;
                prop_assert!(in_gap(valid) || in_gap(test) || later_block, "row {row} is lost");
            }
        }
    }

    #[test]
    fn shares_of_different_times_are_exact(rows in 10_usize..400, rest in 0.1..0.4) {
        // The times run backwards: the last rows are the first to be trained on.
        let times: Vec<i64> = (0..rows as i64).rev().collect();
        let fold = &parted(None, Some(&times), &plan("time", None, rest, 0), 0).unwrap()[0];
        prop_assert_eq!(all(fold), (0..rows).collect::<Vec<_>>());
        let test = fold.part(Part::Test);
        prop_assert!((test.len() as f64 - rest * rows as f64).abs() <= 0.5 + 1e-9);
        prop_assert_eq!(test, (0..test.len()).collect::<Vec<_>>());
    }
}

#[test]
fn times_at_both_ends_of_the_integers_are_split() {
    let times = [i64::MIN, i64::MAX, 0, 1];
    let fold = &parted(None, Some(&times), &plan("time", None, 0.25, 1), 0).unwrap()[0];
    assert_eq!(Part::ALL.map(|part| fold.part(part).to_vec()), [vec![0, 2], vec![3], vec![1]]);
}

#[test]
fn a_gap_that_takes_a_part_is_an_error_that_names_it() {
    let times: Vec<i64> = (0..100).collect();
    let error = |folds, gap| parted(None, Some(&times), &plan("time", folds, 0.1, gap), 0);
    let of = |part, fold| Err(SplitError::GapTooLong { part, fold });
    assert_eq!(error(None, 20), of(Part::Valid, None));
    assert_eq!(error(None, 200), of(Part::Train, None));
    assert_eq!(error(Some(2), 40), of(Part::Train, Some(1)));
}

#[test]
fn a_class_that_comes_late_or_in_few_groups_is_an_error_that_names_the_fold() {
    let labels: Vec<u32> = (0..100).map(|row| u32::from(row >= 40)).collect();
    let classes = ["a".to_owned(), "b".to_owned()];
    let times: Vec<i64> = (0..100).collect();
    let groups: Vec<u32> = (0..100).map(|row| row / 20).collect();
    let keys =
        RowKeys { labels: &labels, classes: &classes, groups: Some(&groups), times: Some(&times) };
    let error = split(&keys, &plan("time", Some(2), 0.1, 0), 0).unwrap_err().to_string();
    assert!(error.starts_with("no train row of fold 1 is of class \"b\""), "{error}");
    assert!(error.contains("larger train share"), "{error}");
    let error = |seed| split(&keys, &plan("group", None, 0.4, 0), seed).err();
    let error = (0..50).find_map(error).unwrap().to_string();
    assert!(error.contains("another seed"), "{error}");
}
