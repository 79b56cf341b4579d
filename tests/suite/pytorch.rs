//! Both engines against PyTorch itself: optimizers step by step, an epoch, packs.

use std::path::Path;

use chacha20::ChaCha8Rng;
use forewarn::engine::device::DeviceChoice;
use forewarn::engine::native::NativeEngine;
use forewarn::engine::torch::{Placement, TorchEngine};
use forewarn::engine::{
    Engine, Member, OptimizerSettings, PackPlan, RateFactors, Regularisers, Snapshot,
};
use forewarn::examples::{Examples, Fold, Matrix, Part};
use forewarn::network::{Activation, Architecture, Embedding, Norm, Weights, first_weights};
use forewarn::random::{Purpose, Streams, draw_normal, shuffle};
use rand::{Rng, RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{GO_ON, ask_python, pytorch, root};

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

pub fn fold() -> Fold {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    Fold {
        train: examples(150, &mut generator),
        valid: examples(40, &mut generator),
        test: examples(30, &mut generator),
        numbers: vec![0, 2, 3],
        ..Fold::default()
    }
}

/// Both engines on the same rows.
pub fn engines(fold: &Fold) -> [Box<dyn Engine + '_>; 2] {
    let folds = std::slice::from_ref(fold);
    let placement = Placement::find(&DeviceChoice::Cpu).unwrap();
    [Box::new(NativeEngine::new(folds)), Box::new(TorchEngine::new(&placement, folds).unwrap())]
}

pub fn member(learning_rate: f64, weight_decay: f64, seed: u64) -> Member {
    let streams = Streams::new(11, seed, 0);
    let regularisers = Regularisers::default();
    Member {
        learning_rate,
        weight_decay,
        dropout: 0.0,
        class_weights: None,
        regularisers,
        fold: 0,
        streams,
    }
}

/// Each regulariser alone, and all that go together.
fn regularisers() -> Vec<Regularisers> {
    let none = Regularisers::default();
    vec![
        Regularisers { label_smoothing: 0.15, ..none },
        Regularisers { focal_gamma: 2.0, ..none },
        Regularisers { l1: 0.01, ..none },
        Regularisers { clip_grad_norm: Some(0.2), ..none },
        Regularisers { max_norm: Some(0.6), ..none },
        Regularisers { input_noise: 0.2, ..none },
        Regularisers {
            label_smoothing: 0.1,
            focal_gamma: 0.0,
            l1: 0.003,
            clip_grad_norm: Some(0.3),
            max_norm: Some(0.6),
            input_noise: 0.1,
        },
        Regularisers {
            label_smoothing: 0.0,
            focal_gamma: 1.5,
            l1: 0.003,
            clip_grad_norm: Some(0.3),
            max_norm: Some(0.6),
            input_noise: 0.1,
        },
    ]
}

pub fn plan(optimizer: OptimizerSettings, batch_size: usize, members: Vec<Member>) -> PackPlan {
    let activation = Activation::Relu;
    let architecture = Architecture {
        inputs: INPUTS,
        embedding: None,
        hidden: vec![16, 8],
        classes: CLASSES,
        activation,
        norm: Norm::None,
    };
    PackPlan { architecture, batch_size, optimizer, needs_probabilities: false, members }
}

/// The optimizer with another eps, where it has one.
fn with_eps(optimizer: OptimizerSettings, eps: f64) -> OptimizerSettings {
    match optimizer {
        OptimizerSettings::Sgd { .. } => optimizer,
        OptimizerSettings::Adam { betas, decoupled, .. } => {
            OptimizerSettings::Adam { betas, eps, decoupled }
        }
        OptimizerSettings::RmsProp { alpha, momentum, .. } => {
            OptimizerSettings::RmsProp { alpha, eps, momentum }
        }
    }
}

/// An embedding of the numbers of [`fold`].
fn embedding() -> Embedding {
    Embedding { numbers: vec![0, 2, 3], frequencies: 5, sigma: 0.5, width: 3 }
}

/// What PyTorch makes of the tasks: weights and each epoch's figures.
pub fn references(python: &Path, tasks: &[Value]) -> Vec<Value> {
    let answer = ask_python(python, &root().join("tests/python/reference.py"), &json!(tasks));
    let answers = answer.as_array().unwrap().clone();
    assert_eq!(answers.len(), tasks.len());
    answers
}

/// Asks for the same member's training.
pub fn task(
    plan: &PackPlan,
    member: &Member,
    fold: &Fold,
    epochs: u64,
    optimizer: &Value,
) -> Value {
    let how = &member.regularisers;
    let mut modules = Vec::new();
    if let Some(Embedding { numbers, frequencies, sigma, width }) = &plan.architecture.embedding {
        modules.push(json!(["PeriodicEmbedding", [numbers, frequencies, sigma, width]]));
    }
    for (layer, (inputs, outputs)) in plan.architecture.layers().into_iter().enumerate() {
        if layer > 0 {
            if let Some(norm) = plan.architecture.norm.module() {
                modules.push(json!([norm, [inputs]]));
            }
            modules.push(json!([plan.architecture.activation.module(), []]));
            modules.push(json!(["Masked", []]));
        }
        modules.push(json!(["Linear", [inputs, outputs]]));
    }
    let weights = first_weights(&plan.architecture, &member.streams);
    let weights = weights.tensors();
    let order = |epoch: u64| {
        let mut rows: Vec<usize> = (0..fold.train.labels.len()).collect();
        shuffle(&mut rows, &mut member.streams.generator(Purpose::Shuffle, epoch));
        rows
    };
    let rows = |examples: &Examples| {
        let rows = examples.features.values().chunks_exact(INPUTS);
        rows.map(<[f32]>::to_vec).collect::<Vec<_>>()
    };
    // By epoch, in the order in which its rows come.
    let noise = |epoch: u64| {
        let mut generator = member.streams.generator(Purpose::InputNoise, epoch);
        let row = |_| -> Vec<f64> {
            (0..INPUTS).map(|_| how.input_noise * draw_normal(&mut generator)).collect()
        };
        (0..fold.train.labels.len()).map(row).collect::<Vec<_>>()
    };
    // By epoch and hidden layer.
    let masks = |epoch: u64| {
        let masks = plan.architecture.hidden.iter().enumerate().map(|(layer, &width)| {
            let place = epoch << 32 | layer as u64;
            let mut generator = member.streams.generator(Purpose::Dropout, place);
            let (dropped, kept) = (member.dropout * 2.0_f64.powi(32), 1.0 / (1.0 - member.dropout));
            let mut factor = |_| if f64::from(generator.next_u32()) < dropped { 0.0 } else { kept };
            let row = |_| (0..width).map(&mut factor).collect();
            (0..fold.train.labels.len()).map(row).collect::<Vec<Vec<f64>>>()
        });
        masks.collect::<Vec<_>>()
    };
    json!({
        "modules": modules,
        "weights": weights,
        "features": rows(&fold.train),
        "labels": fold.train.labels,
        "valid_features": rows(&fold.valid),
        "valid_labels": fold.valid.labels,
        "orders": (1..=epochs).map(order).collect::<Vec<_>>(),
        "noise": (1..=epochs).map(noise).collect::<Vec<_>>(),
        "masks": (1..=epochs).map(masks).collect::<Vec<_>>(),
        "batch_size": plan.batch_size,
        "optimizer": optimizer,
        "class_weights": member.class_weights,
        "regularisers": {
            "label_smoothing": how.label_smoothing,
            "focal_gamma": how.focal_gamma,
            "l1": how.l1,
            "clip_grad_norm": how.clip_grad_norm,
            "max_norm": how.max_norm,
        },
        "lr_schedule": "constant",
    })
}

/// The largest difference between our weights and PyTorch's.
pub fn furthest(ours: &Weights, theirs: &Value) -> f64 {
    let mut furthest = 0.0_f64;
    let (ours, theirs) = (ours.tensors(), theirs.as_array().unwrap());
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        let theirs = theirs.as_array().unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            furthest = furthest.max((f64::from(*ours) - theirs.as_f64().unwrap()).abs());
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
    let engines = engines(&fold);
    let (mut tasks, mut ours) = (Vec::new(), Vec::new());
    for (settings, mut theirs) in cases {
        for weight_decay in [0.0, 0.05] {
            // Five steps an epoch, the last of 22 rows; four epochs: twenty steps.
            let class_weights = Some(vec![0.3, 1.0, 7.5]);
            let weighted = Member { class_weights, ..member(0.01, weight_decay, 0) };
            let members = vec![
                member(0.01, weight_decay, 0),
                member(0.003, 0.0, 1),
                Member { weight_decay: 0.0, ..weighted.clone() },
            ];
            let regularised = |one: Member| {
                let how = regularisers().into_iter();
                how.map(move |regularisers| Member { regularisers, ..one.clone() })
            };
            let both = [member(0.01, weight_decay, 0), weighted];
            // So many members come to a kink of ReLU, where a last bit decides on a gradient.
            let mut smooth = plan(settings, 32, both.into_iter().flat_map(regularised).collect());
            smooth.architecture.activation = Activation::Tanh;
            // Of the many parameters of an embedding some have next to no gradient. A small eps makes
            // of that a step as of any other, and rounding decides on its way.
            let optimizer = with_eps(settings, 0.1);
            let mut embedded = PackPlan { optimizer, ..smooth.clone() };
            embedded.architecture.embedding = Some(embedding());
            let plain = plan(settings, 32, members);
            for (plan, eps) in [(plain, 1e-7), (smooth, 1e-7), (embedded, 0.1)] {
                if theirs.get("eps").is_some() {
                    theirs["eps"] = json!(eps);
                }
                let constant = vec![RateFactors::ONE; plan.members.len()];
                let mut packs =
                    engines.each_ref().map(|engine| engine.start(&plan, 0, &GO_ON).unwrap());
                for pack in &mut packs {
                    (0..4).for_each(|_| {
                        assert_eq!(pack.train_epoch(&constant).unwrap().len(), constant.len());
                    });
                    pack.keep_best(&vec![true; constant.len()]).unwrap();
                }
                for (number, member) in plan.members.iter().enumerate() {
                    theirs["lr"] = json!(member.learning_rate);
                    theirs["weight_decay"] = json!(member.weight_decay);
                    tasks.push(task(&plan, member, &fold, 4, &theirs));
                    ours.push(packs.each_ref().map(|pack| pack.best_weights(number).unwrap()));
                }
            }
        }
    }
    for ((task, ours), theirs) in tasks.iter().zip(&ours).zip(references(&python, &tasks)) {
        for (ours, engine) in ours.iter().zip(&engines) {
            let furthest = furthest(ours, &theirs["weights"]);
            let (name, optimizer, how) = (engine.name(), &task["optimizer"], &task["regularisers"]);
            assert!(furthest < 1e-5, "{name}: {optimizer} {how}: weights differ by {furthest}");
        }
    }
}

#[test]
fn an_epoch_has_pytorchs_loss_and_accuracy_for_every_activation() {
    let Some(python) = pytorch("an_epoch_has_pytorchs_loss_and_accuracy_for_every_activation")
    else {
        return;
    };
    let fold = fold();
    let engines = engines(&fold);
    // Class weights and regularisers change what is learnt; the losses that are told stay plain.
    let weights = Some(vec![0.2, 5.0, 1.0]);
    let unregularised = Regularisers::default();
    let mut cases = vec![
        (Activation::Relu, None, unregularised, None),
        (Activation::Relu, weights.clone(), unregularised, None),
        (Activation::Tanh, None, unregularised, None),
        (Activation::Sigmoid, None, unregularised, None),
        (Activation::Gelu, None, unregularised, None),
        (Activation::Silu, None, unregularised, None),
        (Activation::Relu, None, unregularised, Some(embedding())),
    ];
    for embedding in [None, Some(embedding())] {
        let case = |how| (Activation::Tanh, weights.clone(), how, embedding.clone());
        cases.extend(regularisers().into_iter().map(case));
    }
    let settings = OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false };
    let plan_of = |(activation, class_weights, regularisers, embedding)| {
        let member = Member { class_weights, regularisers, ..member(0.01, 0.0, 4) };
        let mut plan = plan(settings, 16, vec![member]);
        plan.architecture.activation = activation;
        plan.architecture.embedding = embedding;
        plan
    };
    let adam = json!({"name": "Adam", "lr": 0.01});
    let plans = cases.iter().cloned().map(plan_of);
    let tasks: Vec<_> = plans.map(|plan| task(&plan, &plan.members[0], &fold, 2, &adam)).collect();
    for (case, reference) in cases.into_iter().zip(references(&python, &tasks)) {
        let (activation, how) = (case.0, case.2);
        let plan = plan_of(case);
        for engine in &engines {
            let mut pack = engine.start(&plan, 0, &GO_ON).unwrap();
            for epoch in reference["epochs"].as_array().unwrap() {
                let train = pack.train_epoch(&[RateFactors::ONE]).unwrap()[0];
                let valid = pack.evaluate(Part::Valid, Snapshot::Current).unwrap().remove(0);
                let pairs = [
                    ("train_loss", train.loss),
                    ("train_accuracy", train.accuracy),
                    ("valid_loss", valid.loss),
                    ("valid_accuracy", valid.confusion.accuracy()),
                ];
                for (name, ours) in pairs {
                    let theirs = epoch[name].as_f64().unwrap();
                    let apart = (ours - theirs).abs();
                    let engine = engine.name();
                    assert!(
                        apart < 1e-5,
                        "{engine} {activation:?} {how:?} {name}: {ours}, not {theirs}"
                    );
                }
            }
        }
    }
}
