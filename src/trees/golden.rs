//! Trees beside those that scikit-learn grows on the same rows (tests/golden/trees.py).
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

use std::sync::atomic::AtomicBool;

use serde_json::Value;

use super::split::round_down;
use super::{Criterion, Forest, Grower, MaxFeatures, Rows, Settings, Tree};
use crate::examples::Matrix;
use crate::random::Streams;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../../tests/golden/trees.json")).unwrap()
}

fn settings(case: &Value) -> Settings {
    let given = &case["settings"];
    let count = |name: &str| given[name].as_u64().map(|count| count as u32);
    let number = |name: &str| given[name].as_f64().unwrap_or(0.0);
    Settings {
        criterion: match given["criterion"].as_str() {
            None => Criterion::Gini,
            Some("entropy") => Criterion::Entropy,
            Some("log_loss") => Criterion::LogLoss,
            Some(other) => panic!("{other}"),
        },
        max_features: MaxFeatures::All,
        bootstrap: false,
        max_depth: count("max_depth"),
        max_leaf_nodes: count("max_leaf_nodes"),
        min_samples_leaf: count("min_samples_leaf").unwrap_or(1),
        min_samples_split: count("min_samples_split").unwrap_or(2),
        min_weight_fraction_leaf: number("min_weight_fraction_leaf"),
        min_impurity_decrease: number("min_impurity_decrease"),
        ccp_alpha: number("ccp_alpha"),
        ..Settings::random_forest()
    }
}

fn grow(case: &Value, seed: u64) -> Tree {
    let cell = |cell: &Value| cell.as_f64().map_or(f32::NAN, |cell| cell as f32);
    let features = Matrix::new(4, case["x"].as_array().unwrap().iter().map(cell).collect());
    let label = |label: &Value| label.as_u64().unwrap() as u32;
    let labels: Vec<u32> = case["y"].as_array().unwrap().iter().map(label).collect();
    let weight = |weight: &Value| weight.as_f64().unwrap() as f32;
    let weights = case["settings"]["class_weight"].as_array();
    let weights: Option<Vec<f32>> = weights.map(|weights| weights.iter().map(weight).collect());
    let rows = Rows {
        features: &features,
        labels: &labels,
        classes: 3,
        class_weights: weights.as_deref(),
    };
    let grower = Grower::new(rows, settings(case), Streams::new(1, seed, 0)).unwrap();
    grower.tree(0, &AtomicBool::new(false)).unwrap()
}

#[test]
fn trees_are_those_of_scikit_learn() {
    for case in cases() {
        let name = &case["name"];
        for seed in 0..3 {
            let tree = grow(&case, seed);
            let expected = case["tree"].as_array().unwrap();
            assert_eq!(tree.nodes(), expected.len(), "nodes of {name}");
            let forest = Forest { classes: 3, columns: 4, trees: vec![tree] };
            let arrays = forest.arrays().unwrap();
            for (at, node) in expected.iter().enumerate() {
                let Some(feature) = node["feature"].as_i64() else {
                    assert_eq!(arrays.feature[at], -1, "node {at} of {name}");
                    let leaf = arrays.left[at] as usize;
                    let shares = &arrays.shares[leaf * 3..leaf * 3 + 3];
                    for (share, expected) in shares.iter().zip(node["leaf"].as_array().unwrap()) {
                        let expected = expected.as_f64().unwrap();
                        let off = (f64::from(*share) - expected).abs();
                        assert!(off < 1e-6, "{share} of node {at} of {name} is not {expected}");
                    }
                    continue;
                };
                assert_eq!(i64::from(arrays.feature[at]), feature, "feature {at} of {name}");
                let threshold = node["threshold"].as_f64().map_or(f32::INFINITY, round_down);
                assert_eq!(arrays.threshold[at], threshold, "threshold {at} of {name}");
                let missing_left = u8::from(node["missing_left"].as_bool().unwrap());
                assert_eq!(arrays.missing_left[at], missing_left, "missing {at} of {name}");
            }
        }
    }
}
