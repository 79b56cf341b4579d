//! Every score of `src/metrics` against scikit-learn's, over the cases of `golden/metrics.json`.

use std::collections::BTreeSet;
use std::path::Path;

use forewarn::metrics::{Scored, SplitMetrics};
use serde::Deserialize;
use serde_json::Value;

const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    kind: String,
    classes: usize,
    truth: Vec<u32>,
    probabilities: Vec<f64>,
    predicted: Vec<u32>,
    expected: Value,
}

impl Case {
    fn scored(&self) -> Scored<'_> {
        Scored::new(&self.truth, &self.probabilities, self.classes).unwrap()
    }

    fn name(&self) -> String {
        format!("{} with {} classes", self.kind, self.classes)
    }

    fn expected(&self, pointer: &str) -> f64 {
        self.expected.pointer(pointer).and_then(Value::as_f64).unwrap()
    }
}

fn read_cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/metrics.json");
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str::<Golden>(&text).unwrap().cases
}

/// Panics unless both values have the same shape and the same numbers within the tolerance.
fn assert_close(place: &str, found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let keys = |map: &serde_json::Map<String, Value>| -> BTreeSet<String> {
                map.keys().cloned().collect()
            };
            assert_eq!(keys(found), keys(expected), "{place}");
            for (key, value) in found {
                assert_close(&format!("{place}/{key}"), value, &expected[key]);
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{place}");
            for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert_close(&format!("{place}/{index}"), found, expected);
            }
        }
        (Value::Number(found), Value::Number(expected)) => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            assert!((found - expected).abs() <= TOLERANCE, "{place}: {found} is not {expected}");
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}

#[test]
fn the_golden_file_covers_every_kind_of_classifier() {
    let cases = read_cases();
    let kinds: BTreeSet<&str> = cases.iter().map(|case| case.kind.as_str()).collect();
    let class_counts: BTreeSet<usize> = cases.iter().map(|case| case.classes).collect();
    assert!(cases.len() >= 40);
    assert_eq!(kinds.len(), 8);
    assert_eq!(class_counts, (2..=7).collect());
}

#[test]
fn every_score_of_a_split_equals_that_of_scikit_learn() {
    for case in read_cases() {
        let names: Vec<String> = (0..case.classes).map(|label| format!("class {label}")).collect();
        let metrics = SplitMetrics::compute(&case.scored(), &names).unwrap();
        // JSON writes NaN as null, which would pass for a missing area below.
        let areas = metrics.per_class.iter().flat_map(|class| [class.roc_auc, class.pr_auc]);
        assert!(areas.flatten().all(f64::is_finite), "{}", case.name());
        let found = serde_json::to_value(metrics).unwrap();
        assert_close(&case.name(), &found, &case.expected);
    }
}

#[test]
fn predictions_equal_the_argmax_of_numpy() {
    for case in read_cases() {
        assert_eq!(case.scored().predictions(), case.predicted, "{}", case.name());
    }
}

#[test]
fn the_scores_a_training_asks_for_each_epoch_equal_those_of_scikit_learn() {
    for case in read_cases() {
        let confusion = case.scored().confusion().unwrap();
        let pairs = [
            (confusion.accuracy(), "/accuracy"),
            (confusion.balanced_accuracy(), "/balanced_accuracy"),
            (confusion.mcc(), "/mcc"),
            (confusion.macro_f1(), "/macro/f1"),
            (confusion.macro_recall(), "/macro/recall"),
        ];
        for (found, pointer) in pairs {
            let expected = case.expected(pointer);
            assert!((found - expected).abs() <= TOLERANCE, "{} {pointer}", case.name());
        }
    }
}
