//! The best configuration of each family, and how far it is from the first: numbers worked out by hand.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

use std::path::Path;

use super::*;
use crate::metrics::Rate;
use crate::spec;
use crate::sweep::{Standing, Trial, standings, trials};

const GRID: &str = r#"{
    "name": "hand", "data": {"source": {"file": "x.csv"}, "target": "y"},
    "variants": {
        "forest": {"family": "random_forest", "grid": {"n_estimators": [10, 20], "seed": [0, 1]}},
        "near": {"family": "knn", "grid": {"n_neighbors": [1, 5]}}
    }
}"#;

/// The macro F1 of a trial on the validation rows of its folds; `None` where it diverged.
type Folds<'a> = Option<&'a [f64]>;

/// A trial with these scores; on test rows they are a tenth lower.
fn result(trial: Trial, folds: Folds<'_>, elapsed_s: f64) -> TrialResult {
    let scores = |macro_f1| PartScores { macro_f1, loss: 1.0, ..PartScores::default() };
    let of_fold = |&f1: &f64| [scores(1.0), scores(f1), scores(f1 - 0.1)];
    let folds: Vec<_> = folds.unwrap_or_default().iter().map(of_fold).collect();
    let finished = !folds.is_empty();
    TrialResult {
        trial,
        status: if finished { Status::Finished } else { Status::Diverged(3) },
        best_epoch: finished.then_some(1),
        epochs_trained: finished.then_some(1),
        scores: finished.then(|| by_part(&folds, PartScores::mean)),
        folds,
        elapsed_s,
    }
}

/// Forests of 10 trees with the seeds 0 and 1, of 20 trees with them, and 1 and 5 neighbours.
fn run(folds: [Folds<'_>; 6]) -> Vec<TrialResult> {
    let file = spec::parse(Path::new("x.json"), GRID).unwrap().file;
    let mut trials = trials(&file);
    trials.sort_by_key(|trial| {
        let number = |axis: &str| {
            let cell = trial.params.cell(axis);
            cell.and_then(|cell| cell.parse::<u32>().ok())
        };
        (number("n_estimators").unwrap_or(100), number("seed"), number("n_neighbors"))
    });
    assert_eq!(trials.len(), 6);
    let all = trials.into_iter().zip(folds).enumerate();
    all.map(|(place, (trial, folds))| result(trial, folds, 6.0 + place as f64)).collect()
}

fn standing(results: &[TrialResult]) -> Vec<Standing<'_>> {
    let columns = Columns::of(results.iter().map(|result| &result.trial));
    standings(results, &columns, Score::Macro(Rate::F1), 0.0)
}

fn axis(best: &Configuration<'_>, name: &str) -> String {
    best.first.trial.params.cell(name).unwrap_or_default()
}

fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-12
}

#[test]
fn the_best_configuration_is_that_of_the_best_mean_over_seeds_and_folds() {
    // The best trial of all is a forest of 10 trees, whose other seed spoils its mean (0.6).
    let results = run([
        Some(&[0.9, 0.9]),
        Some(&[0.3, 0.3]),
        Some(&[0.8, 0.6]),
        Some(&[0.7, 0.7]),
        Some(&[0.5, 0.4]),
        Some(&[0.6, 0.5]),
    ]);
    let found = standing(&results);
    let families: Vec<_> = found.iter().map(|one| one.best.family().name()).collect();
    assert_eq!(families, ["random_forest", "knn"]);
    let [forest, near] = found.as_slice() else { panic!("{families:?}") };
    assert_eq!(
        (axis(&forest.best, "n_estimators"), axis(&near.best, "n_neighbors")),
        ("20".into(), "5".into())
    );
    // (0.8 + 0.6 + 0.7 + 0.7) / 4, and the root of (0.01 + 0.01 + 0 + 0) / 4.
    let [mean, deviation] = [PartScores::mean, PartScores::deviation]
        .map(|of| by_part(&forest.best.scores(), of)[1].macro_f1);
    assert!(is_near(mean, 0.7) && is_near(deviation, 0.005_f64.sqrt()), "{mean} {deviation}");
    // Its two trials took 8 and 9 seconds on two folds each.
    assert!(is_near(forest.best.seconds().unwrap(), 17.0 / 4.0));
    assert!(forest.apart.is_none());
    // Neighbours have no seed: 0.6 and 0.5 beside the means 0.75 and 0.65 on the two folds.
    let apart = near.apart.unwrap();
    let (valid, test) = (apart.valid.unwrap(), apart.test.unwrap());
    assert_eq!(apart.pairs, 2);
    assert!(is_near(valid.mean, -0.15) && is_near(test.mean, -0.15));
    let [low, high] = valid.interval.unwrap();
    assert!((low + 0.15).abs() < 1e-9 && (high + 0.15).abs() < 1e-9, "both folds say the same");
}

#[test]
fn a_configuration_that_lost_a_seed_is_passed_over() {
    let results = run([
        Some(&[0.9, 0.9]),
        None,
        Some(&[0.4, 0.4]),
        Some(&[0.4, 0.4]),
        Some(&[0.5, 0.5]),
        None,
    ]);
    let found = standing(&results);
    assert_eq!(found[0].best.family().name(), "knn");
    assert_eq!(axis(&found[1].best, "n_estimators"), "20", "though the other has 0.9 on one seed");
    assert_eq!((found[1].best.trials(), found[1].best.finished()), (2, 2));
}

#[test]
fn a_family_without_a_whole_configuration_comes_last_with_what_it_has() {
    let results = run([
        None,
        Some(&[0.9, 0.9]),
        Some(&[0.8, 0.8]),
        None,
        Some(&[0.5, 0.3]),
        Some(&[0.2, 0.2]),
    ]);
    let found = standing(&results);
    let [near, forest] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(near.best.family().name(), "knn");
    assert_eq!((axis(&forest.best, "n_estimators"), forest.best.finished()), ("10".into(), 1));
    // 0.9 - 0.5 and 0.9 - 0.3.
    let valid = forest.apart.unwrap().valid.unwrap();
    assert!(is_near(valid.mean, 0.5), "{valid}");
    // The deviation of 0.4 and 0.6 is 0.1 · √2, so the error of their mean is 0.1; t with 1 degree of
    // freedom is 12.706.
    let [low, high] = valid.interval.unwrap();
    assert!((low - (0.5 - 1.270_620_473)).abs() < 1e-6 && (high - 1.770_620_473).abs() < 1e-6);
    // Where nothing of a family finished, it is not there.
    let results = run([None, None, None, None, Some(&[0.5, 0.3]), None]);
    assert_eq!(standing(&results).len(), 1);
}

#[test]
fn equal_families_stand_in_the_order_of_their_trials() {
    let same: Folds<'_> = Some(&[0.5, 0.5]);
    let mut results = run([same; 6]);
    results.reverse();
    let numbers: Vec<usize> = standing(&results).iter().map(|one| one.best.number()).collect();
    assert_eq!(numbers, [0, 4]);
}
