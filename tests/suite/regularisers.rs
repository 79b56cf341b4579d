//! Regularisers: what they leave alone, how tables show them, and which do not go together.

use std::collections::HashSet;

use forewarn::engine::device::DeviceChoice;
use forewarn::engine::native::NativeEngine;
use forewarn::engine::torch::{Placement, TorchEngine};
use forewarn::engine::{Engine, Member, OptimizerSettings, PackPlan, RateFactors, Regularisers};
use forewarn::examples::{Examples, Fold, Matrix};
use forewarn::network::{Activation, Architecture, Norm, Weights};
use forewarn::random::Streams;
use serde_json::{Value, json};

use crate::support::{Bench, GO_ON, table};

/// Each regulariser alone.
fn each() -> Vec<Regularisers> {
    let none = Regularisers::default();
    vec![
        Regularisers { label_smoothing: 0.2, ..none },
        Regularisers { focal_gamma: 2.0, ..none },
        Regularisers { l1: 0.01, ..none },
        Regularisers { clip_grad_norm: Some(0.2), ..none },
        Regularisers { max_norm: Some(0.5), ..none },
        Regularisers { input_noise: 0.1, ..none },
    ]
}

/// 150 rows of three classes.
fn fold() -> Fold {
    let values = (0..150 * 4).map(|at| (at as f32 * 0.7).sin()).collect();
    let labels = (0..150).map(|row: u32| row * row % 3).collect();
    let rows = Examples { features: Matrix::new(4, values), labels };
    Fold { train: rows.clone(), valid: rows.clone(), test: rows, ..Fold::default() }
}

/// What a pack of members with these regularisers learns in three epochs of steps of 32 rows, the
/// last of 22.
fn trained(engine: &dyn Engine, regularisers: &[Regularisers]) -> Vec<Weights> {
    let member = |&regularisers: &Regularisers| Member {
        learning_rate: 0.01,
        weight_decay: 0.0,
        dropout: 0.0,
        class_weights: None,
        regularisers,
        fold: 0,
        streams: Streams::new(1, 2, 0),
    };
    let (hidden, activation, norm) = (vec![9, 5], Activation::Relu, Norm::None);
    let plan = PackPlan {
        needs_probabilities: false,
        architecture: Architecture {
            inputs: 4,
            embedding: None,
            hidden,
            classes: 3,
            activation,
            norm,
        },
        batch_size: 32,
        optimizer: OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false },
        members: regularisers.iter().map(member).collect(),
    };
    let mut pack = engine.start(&plan, 0, &GO_ON).unwrap();
    let constant = vec![RateFactors::ONE; regularisers.len()];
    (0..3).for_each(|_| {
        assert_eq!(pack.train_epoch(&constant).unwrap().len(), regularisers.len());
    });
    pack.keep_best(&vec![true; regularisers.len()]).unwrap();
    (0..regularisers.len()).map(|member| pack.best_weights(member).unwrap()).collect()
}

#[test]
fn a_network_without_regularisers_learns_the_same_beside_one_that_has_some() {
    let folds = [fold()];
    let placement = Placement::find(&DeviceChoice::Cpu).unwrap();
    let torch = TorchEngine::new(&placement, &folds).unwrap();
    for engine in [&NativeEngine::new(&folds) as &dyn Engine, &torch] {
        let none = Regularisers::default();
        let alone = trained(engine, &[none, none]);
        for how in each() {
            let beside = trained(engine, &[none, how]);
            assert!(alone[0] == beside[0], "{} {how:?}", engine.name());
            assert!(alone[1] != beside[1], "{} {how:?} changes nothing", engine.name());
        }
    }
}

/// The axes with a value beside the default.
fn axes() -> Vec<(&'static str, Value)> {
    vec![
        ("label_smoothing", json!([0, 0.2])),
        ("focal_gamma", json!([0, 2])),
        ("l1", json!([0, 0.01])),
        ("clip_grad_norm", json!(["none", 0.2])),
        ("max_norm", json!(["none", 0.5])),
        ("input_noise", json!([0, 0.1])),
        ("norm", json!(["none", "batch"])),
        ("norm", json!(["none", "layer"])),
    ]
}

#[test]
fn every_value_is_a_training_of_its_own_and_the_default_that_of_a_grid_without_the_axis() {
    let bench = Bench::new();
    let losses = |changes: &dyn Fn(&mut Value)| {
        let mut grid = bench.grid();
        grid["grid"]["hidden"] = json!([[8, 4]]);
        changes(&mut grid);
        bench.write_grid(&grid);
        bench.forewarn(&["sweep", "grid.json", "--out", "run", "-q", "--overwrite"]).success();
        table(&bench.file("run/trials.csv"))
    };
    let plain = losses(&|_| ());
    let plain: HashSet<&String> = plain.iter().map(|row| &row["valid_loss"]).collect();
    for (axis, values) in axes() {
        let trials = losses(&|grid| grid["grid"][axis] = values.clone());
        assert_eq!(trials.len(), 4, "{axis}");
        let defaults = trials.iter().filter(|row| row[axis] == "0" || row[axis] == "none");
        let defaults: HashSet<&String> = defaults.map(|row| &row["valid_loss"]).collect();
        assert_eq!(defaults, plain, "{axis}");
        let all: HashSet<&String> = trials.iter().map(|row| &row["valid_loss"]).collect();
        assert_eq!(all.len(), 4, "{axis} changes nothing");
    }
}

#[test]
fn focal_loss_of_smoothed_labels_is_refused_and_each_has_its_variant() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["focal_gamma"] = json!([0, 2]);
    grid["grid"]["label_smoothing"] = json!([0, 0.1]);
    bench.write_grid(&grid);
    let message = bench.fails(3);
    let expected =
        "grid.focal_gamma: a trial cannot have both focal_gamma and label_smoothing above 0";
    assert!(message.contains(expected), "{message}");
    grid["grid"]["focal_gamma"] = json!([0]);
    let smoothed = json!({"grid": {"focal_gamma": [1]}});
    grid["variants"] = json!({"smoothed": {}, "focal": smoothed});
    bench.write_grid(&grid);
    let message = bench.fails(3);
    assert!(message.contains("variants.focal.grid.focal_gamma: a trial cannot"), "{message}");
    grid["variants"]["focal"]["grid"]["label_smoothing"] = json!([0]);
    bench.write_grid(&grid);
    bench.sweep("run");
    assert_eq!(table(&bench.file("run/trials.csv")).len(), 4 * 2 + 4);
}
