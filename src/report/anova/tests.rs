#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

use serde_json::Value;

use super::*;
use crate::random::{Purpose, Streams, draw_normal};
use crate::report::axes::tests::table;

/// Explains scores of trials with these values of some axes.
fn explained(names: &[&str], trials: &[(Vec<String>, f64)], lower_is_better: bool) -> Anova {
    let cells: Vec<Vec<&str>> =
        trials.iter().map(|(cells, _)| cells.iter().map(String::as_str).collect()).collect();
    let rows = cells.iter().zip(trials).map(|(cells, (_, score))| (&cells[..], *score));
    let table = table(names, &rows.collect::<Vec<_>>());
    explain(&Scored::of(&table), lower_is_better).unwrap()
}

fn verdicts(found: &Anova) -> Vec<(usize, Verdict)> {
    found.single.iter().map(|share| (share.axes[0], share.verdict)).collect()
}

/// Every combination of levels of axes of these sizes.
fn grid(sizes: &[usize]) -> Vec<Vec<usize>> {
    sizes.iter().fold(vec![Vec::new()], |cells, size| {
        let longer = cells.iter().flat_map(|cell| {
            (0..*size).map(move |level| cell.iter().copied().chain([level]).collect())
        });
        longer.collect()
    })
}

fn cells(levels: &[usize]) -> Vec<String> {
    levels.iter().map(ToString::to_string).collect()
}

#[test]
fn shares_are_those_of_numpys_analysis_of_variance() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/anova.json");
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut pairs, mut limits) = (0, 0);
    for case in golden["cases"].as_array().unwrap() {
        let names: Vec<&str> =
            case["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let trials = case["trials"].as_array().unwrap().iter().map(|trial| {
            let levels = trial["levels"].as_array().unwrap().iter().map(ToString::to_string);
            (levels.collect(), trial["score"].as_f64().unwrap())
        });
        let found = explained(&names, &trials.collect::<Vec<_>>(), false);
        for share in &found.single {
            let name = names[share.axes[0]];
            let expected = case["single"][name].as_f64().unwrap().max(0.0);
            assert!((share.share - expected).abs() < 1e-9, "{name}: {} {expected}", share.share);
            let Some(limit) = case["limits"][name].as_f64() else { continue };
            assert!((share.by_chance.unwrap() / limit - 1.0).abs() < 1e-6, "{name}: {limit}");
            limits += 1;
        }
        for share in &found.pairs {
            let name = format!("{} {}", names[share.axes[0]], names[share.axes[1]]);
            let Some(expected) = case["pairs"][&name].as_f64() else { continue };
            assert!((share.share - expected).abs() < 1e-9, "{name}: {} {expected}", share.share);
            pairs += 1;
        }
    }
    assert!(pairs >= 2 && limits >= 9, "{pairs} {limits}");
}

#[test]
fn a_share_by_hand() {
    // Means by rate 0.3 and 0.7, by width 0.4 and 0.6; their sum is the score of every trial.
    let score = |rate: &str, width: &str, score| (vec![rate.to_owned(), width.to_owned()], score);
    let trials = [
        score("0.1", "8", 0.2),
        score("0.1", "16", 0.4),
        score("0.2", "8", 0.6),
        score("0.2", "16", 0.8),
    ];
    let found = explained(&["learning_rate", "hidden"], &trials, false);
    let shares: Vec<f64> = found.single.iter().map(|share| share.share).collect();
    // 4 · 0.2² and 4 · 0.1² of 0.2.
    assert!((shares[0] - 0.8).abs() < 1e-12 && (shares[1] - 0.2).abs() < 1e-12, "{shares:?}");
    assert!(found.rest < 1e-12 && found.repeats.is_none());
}

/// In how many of 200 reports on noise alone something looks important.
fn false_alarms(names: &[&str], sizes: &[usize], shared: Option<usize>) -> usize {
    let alarms = (0..200).filter(|draw| {
        let mut random = Streams::new(*draw, 0, 0).generator(Purpose::Shuffle, 0);
        let mut by_training = std::collections::HashMap::new();
        let trials = grid(sizes).into_iter().map(|levels| {
            let mut training = levels.clone();
            if let Some(axis) = shared {
                training[axis] = 0;
            }
            let noise = *by_training.entry(training).or_insert_with(|| draw_normal(&mut random));
            (cells(&levels), noise)
        });
        let found = explained(names, &trials.collect::<Vec<_>>(), false);
        let mut told = found.single.iter().chain(&found.pairs);
        told.any(|one| one.verdict == Verdict::AboveNoise)
    });
    alarms.count()
}

#[test]
fn noise_alone_seldom_looks_important() {
    // Two lists, axes and pairs, each wrong once in twenty times.
    let names = ["a", "b", "c", "seed"];
    assert!((1..=32).contains(&false_alarms(&names, &[4, 3, 2, 2], None)));
    assert!((1..=32).contains(&false_alarms(&names[..3], &[4, 3, 4], None)));
    // Trials of one training are no evidence of one another.
    assert!(false_alarms(&["a", "epochs", "seed"], &[4, 5, 3], Some(1)) <= 32);
    assert!(false_alarms(&["a", "b", "epochs"], &[4, 3, 5], Some(2)) <= 32);
}

#[test]
fn the_seed_is_noise_however_much_it_moves() {
    let score = |levels: &[usize]| levels[1] as f64 + 0.001 * (levels[0] * levels[1]) as f64;
    let trials = grid(&[3, 4]).into_iter().map(|levels| (cells(&levels), score(&levels)));
    let found = explained(&["learning_rate", "seed"], &trials.collect::<Vec<_>>(), false);
    assert_eq!(verdicts(&found), [(0, Verdict::Noise), (1, Verdict::Noise)]);
    assert!(found.repeats.unwrap() > 0.99 && found.pairs.is_empty());
}

#[test]
fn an_axis_above_the_noise_of_the_seeds_stands_first() {
    let score = |levels: &[usize]| {
        levels[1] as f64 + 0.1 * levels[0] as f64 + 0.05 * ((levels[1] * 7 + levels[2]) % 3) as f64
    };
    let trials = grid(&[2, 4, 3]).into_iter().map(|levels| (cells(&levels), score(&levels)));
    let trials: Vec<_> = trials.collect();
    let found = explained(&["dropout", "learning_rate", "seed"], &trials, false);
    assert_eq!(
        verdicts(&found),
        [(1, Verdict::AboveNoise), (0, Verdict::AboveNoise), (2, Verdict::Noise)]
    );
}

#[test]
fn a_trial_for_every_value_tells_of_no_noise() {
    let trials: Vec<_> = (0..4).map(|level| (cells(&[level]), level as f64)).collect();
    let found = explained(&["learning_rate"], &trials, false);
    assert_eq!(verdicts(&found), [(0, Verdict::Unknown)]);
    assert!(found.repeats.is_none() && (found.single[0].share - 1.0).abs() < 1e-12);
}

#[test]
fn variants_explain_what_tells_them_apart_and_their_axes_what_is_within() {
    // Dropout is tried in one of three variants, and only there does it vary.
    let trial = |dropout: &str, variant: &str, seed: &str, score: f64| {
        ([dropout, variant, seed].map(str::to_owned).to_vec(), score)
    };
    let trials = [
        trial("0", "plain", "0", 0.50),
        trial("0", "plain", "1", 0.51),
        trial("0.1", "dropout", "0", 0.80),
        trial("0.1", "dropout", "1", 0.81),
        trial("0.3", "dropout", "0", 0.90),
        trial("0.3", "dropout", "1", 0.91),
        trial("0", "smote", "0", 0.60),
        trial("0", "smote", "1", 0.61),
    ];
    let found = explained(&["dropout", "variant", "seed"], &trials, false);
    let share = |axis: usize| found.single.iter().find(|one| one.axes == [axis]).unwrap().share;
    let total: f64 = {
        let mean = trials.iter().map(|trial| trial.1).sum::<f64>() / 8.0;
        trials.iter().map(|trial| (trial.1 - mean).powi(2)).sum()
    };
    // Within its variant, the two values lie 0.05 from their mean, four trials.
    assert!((share(0) - 4.0 * 0.0025 / total).abs() < 1e-9, "{}", share(0));
    let sum: f64 = found.single.iter().map(|one| one.share).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
}

#[test]
fn losses_of_many_sizes_are_compared_by_their_logarithms() {
    let trials: Vec<_> = grid(&[2, 2])
        .into_iter()
        .map(|levels| {
            (cells(&levels), 10_f64.powi(levels[0] as i32 * 3) * 2_f64.powi(levels[1] as i32))
        })
        .collect();
    let found = explained(&["learning_rate", "hidden"], &trials, true);
    assert!(found.logarithm && found.rest < 1e-9, "{found:?}");
    assert!(!explained(&["learning_rate", "hidden"], &trials, false).logarithm);
}

#[test]
fn equal_scores_and_scores_beyond_all_numbers_explain_nothing() {
    for scores in [[0.5, 0.5], [1e300, -1e300]] {
        let rows: [(&[&str], f64); 2] = [(&["0.1"], scores[0]), (&["0.2"], scores[1])];
        assert!(explain(&Scored::of(&table(&["learning_rate"], &rows)), false).is_none());
    }
    assert!(explain(&Scored::of(&table(&["learning_rate"], &[])), false).is_none());
}
