//! Norms of the hidden layers: against PyTorch, and what their files may hold.

use forewarn::engine::native::NativeEngine;
use forewarn::engine::{
    Engine, Member, OptimizerSettings, PackPlan, RateFactors, Regularisers, Snapshot,
};
use forewarn::examples::{Fold, Part};
use forewarn::families::Fitted;
use forewarn::model::Ensemble;
use forewarn::network::{Activation, Norm, Weights};
use serde_json::{Value, json};

use crate::pytorch::{engines, fold, furthest, member, plan, references, task};
use crate::support::{Bench, GO_ON, pytorch};

const EPOCHS: u64 = 4;

/// Members that differ in what norms have to get on with.
fn members(weight_decay: f64) -> Vec<Member> {
    let plain = member(0.01, weight_decay, 0);
    let none = Regularisers::default();
    let with = |regularisers| Member { regularisers, ..plain.clone() };
    vec![
        plain.clone(),
        Member { dropout: 0.3, ..plain.clone() },
        with(Regularisers { max_norm: Some(0.6), ..none }),
        with(Regularisers { l1: 0.003, clip_grad_norm: Some(0.3), input_noise: 0.1, ..none }),
        Member { class_weights: Some(vec![0.3, 1.0, 7.5]), dropout: 0.2, ..plain.clone() },
    ]
}

/// Plans of all norms: batches of several steps, of one pass, and with a last step on a single row.
fn plans() -> Vec<(PackPlan, Value)> {
    // The bias before a batch norm has no gradient but rounding, which a small eps would magnify.
    let eps = 1e-2;
    let adam = |decoupled| OptimizerSettings::Adam { betas: (0.9, 0.99), eps, decoupled };
    let optimizers = [
        (
            OptimizerSettings::Sgd { momentum: 0.9, nesterov: true },
            json!({"name": "SGD", "momentum": 0.9, "nesterov": true}),
        ),
        (adam(false), json!({"name": "Adam", "betas": [0.9, 0.99], "eps": eps})),
        (adam(true), json!({"name": "AdamW", "betas": [0.9, 0.99], "eps": eps})),
        (
            OptimizerSettings::RmsProp { alpha: 0.95, eps, momentum: 0.5 },
            json!({"name": "RMSprop", "alpha": 0.95, "eps": eps, "momentum": 0.5}),
        ),
    ];
    let mut plans = Vec::new();
    for norm in [Norm::Batch, Norm::Layer] {
        let activations = [Activation::Tanh, Activation::Silu, Activation::Gelu, Activation::Relu];
        for ((optimizer, theirs), activation) in optimizers.iter().zip(activations) {
            for (batch_size, weight_decay) in [(32, 0.05), (149, 0.0)] {
                let mut plan = plan(*optimizer, batch_size, members(weight_decay));
                plan.architecture.norm = norm;
                plan.architecture.activation = activation;
                plan.architecture.hidden = vec![19, 8];
                plans.push((plan, theirs.clone()));
            }
        }
    }
    plans
}

/// What an engine comes to: each epoch's losses by member, and the weights.
fn trained(engine: &dyn Engine, plan: &PackPlan) -> (Vec<Vec<[f64; 2]>>, Vec<Weights>) {
    let mut pack = engine.start(plan, 0, &GO_ON).unwrap();
    let constant = vec![RateFactors::ONE; plan.members.len()];
    let epoch = |_| {
        let train = pack.train_epoch(&constant).unwrap();
        let valid = pack.evaluate(Part::Valid, Snapshot::Current).unwrap();
        train.iter().zip(&valid).map(|(train, valid)| [train.loss, valid.loss]).collect()
    };
    let epochs = (0..EPOCHS).map(epoch).collect();
    pack.keep_best(&vec![true; plan.members.len()]).unwrap();
    (epochs, (0..plan.members.len()).map(|member| pack.best_weights(member).unwrap()).collect())
}

#[test]
fn norms_have_pytorchs_weights_running_statistics_and_losses() {
    let name = "norms_have_pytorchs_weights_running_statistics_and_losses";
    let Some(python) = pytorch(name) else { return };
    let fold = fold();
    let engines = engines(&fold);
    let plans = plans();
    let mut tasks = Vec::new();
    for (plan, theirs) in &plans {
        for member in &plan.members {
            let mut theirs = theirs.clone();
            theirs["lr"] = json!(member.learning_rate);
            theirs["weight_decay"] = json!(member.weight_decay);
            tasks.push(task(plan, member, &fold, EPOCHS, &theirs));
        }
    }
    let mut references = references(&python, &tasks).into_iter();
    for (plan, optimizer) in &plans {
        let ours = engines.each_ref().map(|engine| trained(engine.as_ref(), plan));
        for (number, member) in plan.members.iter().enumerate() {
            let theirs = references.next().unwrap();
            for ((epochs, weights), engine) in ours.iter().zip(&engines) {
                let what = format!(
                    "{} {:?} {optimizer} batch {}: {member:?}",
                    engine.name(),
                    plan.architecture.norm,
                    plan.batch_size
                );
                let furthest = furthest(&weights[number], &theirs["weights"]);
                assert!(furthest < 1e-5, "{what}: weights differ by {furthest}");
                for (ours, theirs) in epochs.iter().zip(theirs["epochs"].as_array().unwrap()) {
                    for (name, ours) in ["train_loss", "valid_loss"].into_iter().zip(ours[number]) {
                        let theirs = theirs[name].as_f64().unwrap();
                        assert!((ours - theirs).abs() < 1e-5, "{what}: {name} {ours}, {theirs}");
                    }
                }
            }
        }
    }
}

/// The running statistics of the first norm.
fn statistics(fold: &Fold, batch_size: usize) -> [forewarn::network::RunningStatistics; 2] {
    let (mut plan, _) = plans().swap_remove(0);
    plan.batch_size = batch_size;
    plan.members.truncate(1);
    let mut running = engines(fold).each_ref().map(|engine| {
        let mut pack = engine.start(&plan, 0, &GO_ON).unwrap();
        pack.train_epoch(&[RateFactors::ONE]).unwrap();
        pack.keep_best(&[true]).unwrap();
        pack.best_weights(0).unwrap().norms.swap_remove(0).running
    });
    running.each_mut().map(|running| running.take().unwrap())
}

#[test]
fn a_step_on_a_single_row_leaves_the_running_statistics_alone() {
    let fold = fold();
    for (one, other) in statistics(&fold, 149).into_iter().zip(statistics(&fold, 75)) {
        assert!((one.batches - 1.0).abs() < 1e-9, "150 rows are a step of 149 and one of a row");
        assert!((other.batches - 2.0).abs() < 1e-9);
        assert!(one.var.iter().all(|&var| var > 0.0) && one != other);
    }
}

#[test]
fn members_of_other_norms_are_networks_of_their_own_with_the_memory_of_whole_batches() {
    let fold = fold();
    let engine = NativeEngine::new(std::slice::from_ref(&fold));
    let bytes = |norm, batch_size| {
        let (mut plan, _) = plans().swap_remove(0);
        plan.architecture.norm = norm;
        plan.batch_size = batch_size;
        engine.bytes(&plan)
    };
    assert!(bytes(Norm::None, 100) < bytes(Norm::Layer, 100));
    assert!(bytes(Norm::Layer, 100) <= bytes(Norm::Batch, 100));
    // No batch is larger than the 150 train rows.
    assert!((bytes(Norm::Batch, 150) - bytes(Norm::Batch, 1_000_000)).abs() < 1.0);
}

#[test]
fn a_batch_norm_of_batches_of_one_row_is_refused() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["norm"] = json!(["none", "batch"]);
    grid["grid"]["batch_size"] = json!([1, 64]);
    bench.write_grid(&grid);
    let message = bench.fails(3);
    assert!(message.contains("grid.batch_size: a batch norm needs"), "{message}");
    grid["grid"]["norm"] = json!(["none"]);
    grid["variants"] = json!({"plain": {}, "normed": {"grid": {"norm": ["batch"]}}});
    bench.write_grid(&grid);
    let message = bench.fails(3);
    assert!(message.contains("variants.normed.grid.norm: a batch norm needs"), "{message}");
}

#[test]
fn running_statistics_that_are_none_are_refused() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["norm"] = json!(["batch"]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let model = Ensemble::load(&bench.file("run")).unwrap().members()[0].model.clone();
    let refused = |name: &str, change: &dyn Fn(&mut forewarn::network::RunningStatistics)| {
        let mut model = model.clone();
        let Fitted::Network(network) = &mut model.fitted else { panic!("no network") };
        change(network.weights.norms[0].running.as_mut().unwrap());
        Ensemble::alone(model).save(&bench.file("run/best")).unwrap();
        let message = bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).code(4).stderr();
        assert!(message.contains(&format!("model.safetensors: 1.{name} holds")), "{message}");
    };
    for value in [-1e-6, f32::NAN, f32::INFINITY] {
        refused("running_var", &|running| running.var[2] = value);
    }
    refused("running_mean", &|running| running.mean[0] = f32::NEG_INFINITY);
    refused("num_batches_tracked", &|running| running.batches = -3.0);
    Ensemble::alone(model).save(&bench.file("run/best")).unwrap();
    bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).success();
}
