//! The curves of `src/metrics` against scikit-learn's, over cases of `golden/metrics.json`: made by
//! `golden/curves.py`.

use forewarn::metrics::{CurvePoint, OneVsRest, Reliability, Scored};
use serde_json::Value;

use crate::support::root;

const TOLERANCE: f64 = 1e-12;

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("tests/golden").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn assert_close(place: &str, ours: &[f64], theirs: &Value) {
    let theirs = numbers(theirs);
    let close = ours.iter().zip(&theirs).all(|(ours, theirs)| (ours - theirs).abs() <= TOLERANCE);
    assert!(ours.len() == theirs.len() && close, "{place}: {ours:?} is not {theirs:?}");
}

/// Panics unless the points are theirs: `[x, y, thresholds but for the first point's]`.
fn assert_curve(place: &str, ours: &[CurvePoint], theirs: &Value) {
    let [x, y]: [Vec<f64>; 2] =
        [ours.iter().map(|point| point.x).collect(), ours.iter().map(|point| point.y).collect()];
    assert_close(&format!("{place}, x"), &x, &theirs[0]);
    assert_close(&format!("{place}, y"), &y, &theirs[1]);
    assert_eq!(ours[0].threshold, None, "{place}");
    let thresholds: Vec<f64> = ours[1..].iter().map(|point| point.threshold.unwrap()).collect();
    assert_close(&format!("{place}, thresholds"), &thresholds, &theirs[2]);
}

#[test]
fn the_curves_of_every_class_and_the_reliability_are_scikit_learns() {
    let (golden, inputs) = (read("curves.json"), read("metrics.json"));
    let mut drawn = 0;
    for case in golden["cases"].as_array().unwrap() {
        let input = &inputs["cases"][case["place"].as_u64().unwrap() as usize];
        let truth: Vec<u32> =
            numbers(&input["truth"]).into_iter().map(|label| label as u32).collect();
        let table = numbers(&input["probabilities"]);
        let classes = case["classes"].as_array().unwrap();
        let scored = Scored::new(&truth, &table, classes.len()).unwrap();
        for (class, theirs) in classes.iter().enumerate() {
            let place = format!("{} with {} classes, class {class}", input["kind"], classes.len());
            let ranked = OneVsRest::rank(&scored, class as u32);
            let curves = [
                ("roc", ranked.roc_curve()),
                ("precision_recall", ranked.precision_recall_curve()),
                ("cumulative_gain", ranked.cumulative_gain()),
            ];
            for (name, ours) in curves {
                if theirs.is_null() {
                    assert!(ours.is_empty(), "{place}, {name}");
                } else {
                    assert_curve(&format!("{place}, {name}"), &ours, &theirs[name]);
                    drawn += 1;
                }
            }
        }
        let (ours, theirs) = (Reliability::compute(&scored), &case["reliability"]);
        let column = |read: fn(&forewarn::metrics::Bin) -> f64| -> Vec<f64> {
            ours.bins.iter().map(read).collect()
        };
        let place = input["kind"].to_string();
        assert_close(&place, &column(|bin| bin.rows as f64), &theirs["rows"]);
        assert_close(&place, &column(|bin| bin.mean_confidence), &theirs["mean_confidence"]);
        assert_close(&place, &column(|bin| bin.accuracy), &theirs["accuracy"]);
        let error = ours.expected_calibration_error().unwrap();
        assert!((error - theirs["error"].as_f64().unwrap()).abs() <= TOLERANCE, "{place}");
    }
    assert!(drawn > 30, "{drawn}");
}
