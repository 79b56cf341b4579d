//! The torch engine against PyTorch itself: optimizers step by step, an epoch, packs.

use std::path::Path;

use chacha20::ChaCha8Rng;
use forewarn::engine::device::DeviceChoice;
use forewarn::engine::torch::{Placement, TorchEngine};
use forewarn::engine::{Engine, Member, OptimizerSettings, PackPlan, Which};
use forewarn::examples::{Examples, Fold, Matrix, Part};
use forewarn::network::{Activation, Architecture, Weights, first_weights};
use forewarn::random::{Purpose, Streams, shuffle};
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{ask_python, pytorch, root};

const INPUTS: usize = 5;
const CLASSES: usize = 3;

/// Rows whose class depends on them, so that there is something to learn.
fn examples(rows: usize, generator: &mut ChaCha8Rng) -> Examples {
    let values: Vec<f32> =
        (0..rows * INPUTS).map(|_| generator.random::<f32>() * 4.0 - 2.0).collect();
    let label = |row: &[f32]| match row[0] + row[1] * row[2] {
        sum if sum > 0.7 => 2,
        sum if sum > -0.5 => 1,
        _ => 0,
    };
    let labels = values.chunks_exact(INPUTS).map(label).collect();
    Examples { features: Matrix::new(INPUTS, values), labels }
}

fn fold() -> Fold {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    Fold {
        train: examples(150, &mut generator),
        valid: examples(40, &mut generator),
        test: examples(30, &mut generator),
    }
}

fn engine(fold: &Fold) -> TorchEngine {
    let placement = Placement::find(&DeviceChoice::Cpu).unwrap();
    TorchEngine::new(&placement, std::slice::from_ref(fold)).unwrap()
}

fn member(learning_rate: f64, weight_decay: f64, seed: u64) -> Member {
    Member { learning_rate, weight_decay, dropout: 0.0, streams: Streams::new(11, seed, 0) }
}

fn plan(optimizer: OptimizerSettings, batch_size: usize, members: Vec<Member>) -> PackPlan {
    let activation = Activation::Relu;
    let architecture =
        Architecture { inputs: INPUTS, hidden: vec![16, 8], classes: CLASSES, activation };
    PackPlan { architecture, batch_size, optimizer, fold: 0, members }
}

/// What PyTorch makes of the tasks: weights and each epoch's figures.
fn references(python: &Path, tasks: &[Value]) -> Vec<Value> {
    let answer = ask_python(python, &root().join("tests/python/reference.py"), &json!(tasks));
    let answers = answer.as_array().unwrap().clone();
    assert_eq!(answers.len(), tasks.len());
    answers
}

/// Asks for the same member's training.
fn task(plan: &PackPlan, member: &Member, fold: &Fold, epochs: u64, optimizer: &Value) -> Value {
    let mut modules = Vec::new();
    for (layer, (inputs, outputs)) in plan.architecture.layers().into_iter().enumerate() {
        if layer > 0 {
            modules.push(json!([plan.architecture.activation.module(), []]));
        }
        modules.push(json!(["Linear", [inputs, outputs]]));
    }
    let weights = first_weights(&plan.architecture, &member.streams);
    let weights: Vec<_> = weights.iter().map(|layer| json!([layer.weight, layer.bias])).collect();
    let order = |epoch: u64| {
        let mut rows: Vec<usize> = (0..fold.train.labels.len()).collect();
        shuffle(&mut rows, &mut member.streams.generator(Purpose::Shuffle, epoch));
        rows
    };
    let rows = |examples: &Examples| {
        let rows = examples.features.values().chunks_exact(INPUTS);
        rows.map(<[f32]>::to_vec).collect::<Vec<_>>()
    };
    json!({
        "modules": modules,
        "weights": weights,
        "features": rows(&fold.train),
        "labels": fold.train.labels,
        "valid_features": rows(&fold.valid),
        "valid_labels": fold.valid.labels,
        "orders": (1..=epochs).map(order).collect::<Vec<_>>(),
        "batch_size": plan.batch_size,
        "optimizer": optimizer,
    })
}

/// The largest difference between our weights and PyTorch's.
fn furthest(ours: &Weights, theirs: &Value) -> f64 {
    let mut furthest = 0.0_f64;
    for (layer, theirs) in ours.iter().zip(theirs.as_array().unwrap()) {
        for (ours, theirs) in [(&layer.weight, &theirs[0]), (&layer.bias, &theirs[1])] {
            let theirs = theirs.as_array().unwrap();
            assert_eq!(ours.len(), theirs.len());
            for (ours, theirs) in ours.iter().zip(theirs) {
                furthest = furthest.max((f64::from(*ours) - theirs.as_f64().unwrap()).abs());
            }
        }
    }
    furthest
}

#[test]
fn every_optimizer_takes_pytorchs_steps() {
    let Some(python) = pytorch("every_optimizer_takes_pytorchs_steps") else { return };
    let adam = |decoupled| OptimizerSettings::Adam { betas: (0.9, 0.99), eps: 1e-7, decoupled };
    let sgd = |momentum, nesterov| OptimizerSettings::Sgd { momentum, nesterov };
    let rmsprop = |momentum| OptimizerSettings::RmsProp { alpha: 0.95, eps: 1e-7, momentum };
    let cases = [
        (sgd(0.0, false), json!({"name": "SGD"})),
        (sgd(0.9, false), json!({"name": "SGD", "momentum": 0.9})),
        (sgd(0.9, true), json!({"name": "SGD", "momentum": 0.9, "nesterov": true})),
        (adam(false), json!({"name": "Adam", "betas": [0.9, 0.99], "eps": 1e-7})),
        (adam(true), json!({"name": "AdamW", "betas": [0.9, 0.99], "eps": 1e-7})),
        (rmsprop(0.0), json!({"name": "RMSprop", "alpha": 0.95, "eps": 1e-7})),
        (rmsprop(0.8), json!({"name": "RMSprop", "alpha": 0.95, "eps": 1e-7, "momentum": 0.8})),
    ];
    let fold = fold();
    let engine = engine(&fold);
    let (mut tasks, mut ours) = (Vec::new(), Vec::new());
    for (settings, mut theirs) in cases {
        for weight_decay in [0.0, 0.05] {
            // Five steps an epoch, the last of 22 rows; four epochs: twenty steps.
            let members = vec![member(0.01, weight_decay, 0), member(0.003, 0.0, 1)];
            let plan = plan(settings, 32, members);
            let mut pack = engine.start(&plan, 0).unwrap();
            for _ in 0..4 {
                pack.train_epoch().unwrap();
            }
            pack.keep_best(&[true, true]).unwrap();
            for (number, member) in plan.members.iter().enumerate() {
                theirs["lr"] = json!(member.learning_rate);
                theirs["weight_decay"] = json!(member.weight_decay);
                tasks.push(task(&plan, member, &fold, 4, &theirs));
                ours.push(pack.best_weights(number).unwrap());
            }
        }
    }
    for ((task, ours), theirs) in tasks.iter().zip(&ours).zip(references(&python, &tasks)) {
        let furthest = furthest(ours, &theirs["weights"]);
        assert!(furthest < 1e-5, "{}: weights differ by {furthest}", task["optimizer"]);
    }
}

#[test]
fn an_epoch_has_pytorchs_figures_for_every_activation() {
    let Some(python) = pytorch("an_epoch_has_pytorchs_figures_for_every_activation") else {
        return;
    };
    let fold = fold();
    let engine = engine(&fold);
    let activations = [
        Activation::Relu,
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Gelu,
        Activation::Silu,
    ];
    let settings = OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false };
    let plan_of = |activation| {
        let mut plan = plan(settings, 16, vec![member(0.01, 0.0, 4)]);
        plan.architecture.activation = activation;
        plan
    };
    let adam = json!({"name": "Adam", "lr": 0.01});
    let tasks = activations.map(plan_of).map(|plan| task(&plan, &plan.members[0], &fold, 2, &adam));
    for (activation, reference) in activations.into_iter().zip(references(&python, &tasks)) {
        let plan = plan_of(activation);
        let mut pack = engine.start(&plan, 0).unwrap();
        for epoch in reference["epochs"].as_array().unwrap() {
            let train = pack.train_epoch().unwrap()[0];
            let valid = pack.evaluate(Part::Valid, Which::Current).unwrap().remove(0);
            let pairs = [
                ("train_loss", train.loss),
                ("train_accuracy", train.accuracy),
                ("valid_loss", valid.loss),
                ("valid_accuracy", valid.confusion.accuracy()),
            ];
            for (name, ours) in pairs {
                let theirs = epoch[name].as_f64().unwrap();
                assert!(
                    (ours - theirs).abs() < 1e-5,
                    "{activation:?} {name}: {ours}, not {theirs}"
                );
            }
        }
    }
}

/// The README states this tolerance.
const ALONE_OR_PACKED: f64 = 1e-4;

#[test]
fn a_network_learns_the_same_alone_and_in_a_pack() {
    let fold = fold();
    let engine = engine(&fold);
    let settings = OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false };
    let dropped = |dropout, seed| Member { dropout, ..member(0.01, 0.0, seed) };
    let members: Vec<Member> = (0..8).map(|seed| dropped(0.1 * seed as f64, seed)).collect();
    let epochs = 5;
    let losses = |members: Vec<Member>| -> Vec<f64> {
        let plan = plan(settings, 32, members);
        let mut pack = engine.start(&plan, 0).unwrap();
        for _ in 0..epochs {
            pack.train_epoch().unwrap();
        }
        let valid = pack.evaluate(Part::Valid, Which::Current).unwrap();
        valid.into_iter().map(|evaluation| evaluation.loss).collect()
    };
    let packed = losses(members.clone());
    for (member, packed) in members.into_iter().zip(packed) {
        let alone = losses(vec![member])[0];
        assert!((alone - packed).abs() < ALONE_OR_PACKED, "{alone} alone, {packed} in a pack");
    }
}

#[test]
fn best_weights_are_those_of_the_kept_epoch() {
    let fold = fold();
    let engine = engine(&fold);
    let settings = OptimizerSettings::Sgd { momentum: 0.0, nesterov: false };
    let plan = plan(settings, 32, vec![member(0.05, 0.0, 0), member(0.05, 0.0, 1)]);
    let mut pack = engine.start(&plan, 0).unwrap();
    pack.train_epoch().unwrap();
    pack.keep_best(&[true, true]).unwrap();
    let first = pack.evaluate(Part::Valid, Which::Current).unwrap();
    pack.train_epoch().unwrap();
    pack.keep_best(&[false, true]).unwrap();
    let second = pack.evaluate(Part::Valid, Which::Current).unwrap();
    let best = pack.evaluate(Part::Valid, Which::Best).unwrap();
    assert_ne!(first, second);
    assert_eq!(best, vec![first[0].clone(), second[1].clone()]);
}
