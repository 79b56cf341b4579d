//! What the intervals claim: against scipy, against the truth, and where a user reads them.

use forewarn::metrics::{Confusion, Interval, Intervals, RateIntervals};
use forewarn::random::{Purpose, Streams, below, binomial};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{Bench, root};

/// How far percentiles of 1,000 draws may lie from those of scipy's 20,000, in widths; beside that one
/// row, since scores move in steps.
const TOLERANCE: f64 = 0.08;

#[derive(Deserialize)]
struct Case {
    name: String,
    confusion: Vec<Vec<u64>>,
    expected: std::collections::BTreeMap<String, Interval>,
}

fn intervals(confusion: &Confusion) -> Intervals {
    Intervals::bootstrap(confusion).unwrap()
}

fn table(rows: &[Vec<u64>]) -> Confusion {
    Confusion::from_counts(rows.len(), rows.concat()).unwrap()
}

#[test]
fn intervals_are_those_of_scipy_but_for_the_draws() {
    #[derive(Deserialize)]
    struct Golden {
        cases: Vec<Case>,
    }
    let text = std::fs::read_to_string(root().join("tests/golden/bootstrap.json")).unwrap();
    let cases = serde_json::from_str::<Golden>(&text).unwrap().cases;
    assert_eq!(cases.len(), 6);
    let mut far = Vec::new();
    for case in cases {
        let confusion = table(&case.confusion);
        let row = 1.0 / confusion.total() as f64;
        let found = serde_json::to_value(intervals(&confusion)).unwrap();
        assert_eq!(case.expected.len(), 6 + 3 * case.confusion.len());
        for (place, expected) in &case.expected {
            let found: Interval =
                serde_json::from_value(found.pointer(place).unwrap().clone()).unwrap();
            let within = TOLERANCE * (expected[1] - expected[0]) + row;
            let near = |end: usize| (found[end] - expected[end]).abs() <= within;
            if !near(0) || !near(1) {
                far.push(format!("{} {place}: {found:?}, not {expected:?}", case.name));
            }
        }
    }
    assert!(far.is_empty(), "{}", far.join("\n"));
}

#[test]
fn an_interval_holds_the_true_accuracy_about_19_times_in_20() {
    let mut generator = Streams::new(1, 2, 3).generator(Purpose::Shuffle, 0);
    let holds = (0..400).filter(|_| {
        let right = binomial(300, (4, 5), &mut generator);
        let first = binomial(right, (1, 2), &mut generator);
        let wrong = 300 - right;
        let [low, high] = intervals(&table(&[vec![first, wrong], vec![0, right - first]])).accuracy;
        (low..=high).contains(&0.8)
    });
    let share = holds.count() as f64 / 400.0;
    assert!((0.92..=0.975).contains(&share), "{share}");
}

#[test]
fn an_interval_nearly_always_holds_its_own_score() {
    let mut generator = Streams::new(4, 5, 6).generator(Purpose::Shuffle, 0);
    let (mut held, mut all) = (0, 0);
    for _ in 0..100 {
        let classes = 2 + below(4, &mut generator);
        let counts = (0..classes * classes).map(|_| 1 + below(40, &mut generator) as u64);
        let confusion = Confusion::from_counts(classes, counts.collect()).unwrap();
        let found = intervals(&confusion);
        let mut pairs = vec![
            (found.accuracy, confusion.accuracy()),
            (found.balanced_accuracy, confusion.balanced_accuracy()),
            (found.mcc, confusion.mcc()),
            (found.macro_average.f1, confusion.macro_f1()),
            (found.macro_average.recall, confusion.macro_recall()),
            (found.weighted_average.specificity, confusion.weighted_average().specificity),
        ];
        for (rates, scores) in found.per_class.iter().zip(confusion.per_class()) {
            pairs.push((rates.precision, scores.precision));
            pairs.push((rates.recall, scores.recall));
        }
        all += pairs.len();
        held += pairs.iter().filter(|([low, high], score)| (low..=high).contains(&score)).count();
    }
    assert!(held as f64 >= 0.98 * all as f64, "{held} of {all}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ends_stand_in_order_and_in_range_and_are_the_same_each_time(
        counts in prop::collection::vec(prop_oneof![Just(0_u64), 0_u64..40], 9)
    ) {
        let confusion = Confusion::from_counts(3, counts).unwrap();
        let found = intervals(&confusion);
        let of = |rates: &RateIntervals| [rates.precision, rates.recall, rates.specificity, rates.f1];
        let rates = found.per_class.iter().chain([&found.macro_average, &found.weighted_average]);
        let shares = rates.flat_map(of).chain([found.accuracy, found.balanced_accuracy]);
        for [low, high] in shares {
            prop_assert!(0.0 <= low && low <= high && high <= 1.0 + 1e-12, "{low} {high}");
        }
        prop_assert!(found.mcc[0] <= found.mcc[1] && found.mcc[0] >= -1.0 - 1e-12);
        prop_assert_eq!(found, intervals(&confusion));
    }

    #[test]
    fn perfect_predictions_leave_no_width(rows in prop::collection::vec(1_u64..200, 1..6)) {
        let classes = rows.len();
        let mut counts = vec![0; classes * classes];
        for (class, &rows) in rows.iter().enumerate() {
            counts[class * classes + class] = rows;
        }
        let found = intervals(&Confusion::from_counts(classes, counts).unwrap());
        prop_assert_eq!([found.accuracy, found.macro_average.f1], [[1.0; 2]; 2]);
        for (rates, &rows) in found.per_class.iter().zip(&rows) {
            // A class of a few rows is missing in some resamples.
            prop_assert!(rows < 8 || rates.recall == [1.0; 2], "{:?}", rates);
        }
    }
}

#[test]
fn a_run_tells_the_intervals_of_its_winner_and_evaluate_those_of_a_table() {
    let bench = Bench::new();
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    let metrics: Value = serde_json::from_str(&bench.read("run/best/metrics.json")).unwrap();
    for part in ["train", "valid", "test"] {
        let part = &metrics[part];
        let places = ["/accuracy", "/balanced_accuracy", "/mcc", "/macro/f1", "/weighted/recall"];
        for place in places.into_iter().chain(["/per_class/0/recall", "/per_class/1/f1"]) {
            let score = part.pointer(place).unwrap().as_f64().unwrap();
            let ends = part["intervals"].pointer(place).unwrap();
            let [low, high] = [0, 1].map(|end| ends[end].as_f64().unwrap());
            assert!((low..=high).contains(&score), "{place}: {low} {score} {high}");
        }
    }
    let [low, high] = [0, 1].map(|end| metrics["test"]["intervals"]["accuracy"][end].as_f64());
    let accuracy = metrics["test"]["accuracy"].as_f64().unwrap();
    let told =
        format!("test    accuracy {accuracy:.4} ({:.3}-{:.3}), ", low.unwrap(), high.unwrap());
    assert!(shown.contains(&told) && shown.contains("95 % intervals"), "{told}: {shown}");

    let arguments = ["evaluate", "run", "--data", "data.csv", "--out", "all.json"];
    let shown = bench.forewarn(&arguments).success().stdout();
    let all: Value = serde_json::from_str(&bench.read("all.json")).unwrap();
    let [low, high] = [0, 1].map(|end| all["intervals"]["per_class"][1]["recall"][end].as_f64());
    let recall = all["per_class"][1]["recall"].as_f64().unwrap();
    let told = format!("{recall:.4} ({:.3}-{:.3})", low.unwrap(), high.unwrap());
    assert!(shown.contains(&told) && shown.contains("(95 %)"), "{told}: {shown}");
}
