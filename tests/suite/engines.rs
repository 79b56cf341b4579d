//! What the engines promise of each other and of themselves, on shapes that fill no vector.

use chacha20::ChaCha8Rng;
use forewarn::engine::device::DeviceChoice;
use forewarn::engine::native::NativeEngine;
use forewarn::engine::torch::{Placement, TorchEngine};
use forewarn::engine::{
    Engine, Member, OptimizerSettings, Pack, PackPlan, RateFactors, Regularisers, Snapshot,
};
use forewarn::examples::{Examples, Fold, Matrix, Part};
use forewarn::network::{Activation, Architecture, Embedding, Norm, Weights};
use forewarn::random::Streams;
use pulp::Arch;
use rand::{RngExt, SeedableRng};

use crate::support::GO_ON;

pub const ADAM: OptimizerSettings =
    OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false };

const ACTIVATIONS: [Activation; 5] =
    [Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Gelu, Activation::Silu];

const NORMS: [Norm; 3] = [Norm::None, Norm::Batch, Norm::Layer];

/// Every regulariser, but for focal loss in the place of smoothed labels.
const FOCAL: Regularisers = Regularisers { label_smoothing: 0.0, focal_gamma: 1.5, ..REGULARISED };

/// Every regulariser that goes together.
const REGULARISED: Regularisers = Regularisers {
    label_smoothing: 0.1,
    focal_gamma: 0.0,
    l1: 0.001,
    clip_grad_norm: Some(0.3),
    max_norm: Some(0.9),
    input_noise: 0.1,
};

fn examples(rows: usize, (inputs, classes): (usize, usize), seed: u64) -> Examples {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..rows * inputs).map(|_| generator.random::<f32>() * 4.0 - 2.0).collect();
    let features = Matrix::new(inputs, values);
    let label = |row: &[f32]| (row[0].abs() * row[1].abs() * classes as f32 / 4.0) as u32;
    let labels = features.values().chunks_exact(inputs).map(label).collect();
    Examples { features, labels }
}

pub fn fold(shape: (usize, usize), train: usize, seed: u64) -> Fold {
    Fold {
        train: examples(train, shape, seed),
        valid: examples(70, shape, seed + 1),
        test: examples(30, shape, seed + 2),
        numbers: (0..shape.0).collect(),
        ..Fold::default()
    }
}

pub fn member(dropout: f64, fold: usize, seed: u64) -> Member {
    let streams = Streams::new(11, seed, fold as u32);
    let regularisers = Regularisers::default();
    Member {
        learning_rate: 0.005,
        weight_decay: 0.01,
        dropout,
        class_weights: None,
        regularisers,
        fold,
        streams,
    }
}

pub fn plan(hidden: &[usize], batch_size: usize, members: Vec<Member>) -> PackPlan {
    let architecture = Architecture {
        inputs: 5,
        embedding: None,
        hidden: hidden.to_vec(),
        classes: 3,
        activation: Activation::Relu,
        norm: Norm::None,
    };
    PackPlan { architecture, batch_size, optimizer: ADAM, needs_probabilities: false, members }
}

/// The same plan with an embedding of every input.
fn embedded(plan: &PackPlan, frequencies: usize, width: usize) -> PackPlan {
    let numbers = (0..plan.architecture.inputs).collect();
    let embedding = Some(Embedding { numbers, frequencies, sigma: 0.3, width });
    let architecture = Architecture { embedding, ..plan.architecture.clone() };
    PackPlan { architecture, ..plan.clone() }
}

/// The same plan with a norm.
fn normed(plan: &PackPlan, norm: Norm) -> PackPlan {
    let architecture = Architecture { norm, ..plan.architecture.clone() };
    PackPlan { architecture, ..plan.clone() }
}

pub fn torch(folds: &[Fold]) -> TorchEngine {
    TorchEngine::new(&Placement::find(&DeviceChoice::Cpu).unwrap(), folds).unwrap()
}

/// Losses on validation rows of a pack of `members` after each of some epochs, by epoch and member.
fn losses(pack: &mut dyn Pack, members: usize, epochs: usize) -> Vec<Vec<f64>> {
    let epoch = |_| {
        pack.train_epoch(&vec![RateFactors::ONE; members]).unwrap();
        let valid = pack.evaluate(Part::Valid, Snapshot::Current).unwrap();
        valid.into_iter().map(|evaluation| evaluation.loss).collect()
    };
    (0..epochs).map(epoch).collect()
}

pub fn assert_near(ours: &[Vec<f64>], theirs: &[Vec<f64>], tolerance: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours.len(), theirs.len());
        for (one, other) in ours.iter().zip(theirs) {
            assert!((one - other).abs() < tolerance, "{what}: {one} and {other}");
        }
    }
}

#[test]
fn both_engines_learn_the_same_with_every_setting_of_a_member_on_every_shape() {
    // Widths around 16, more than one panel, no hidden layer, batches of one pass and of several.
    let shapes: [(&[usize], usize); 7] = [
        (&[], 32),
        (&[1], 7),
        (&[16], 64),
        (&[17, 4], 64),
        (&[33, 48, 5], 33),
        (&[8, 8], 300),
        (&[40], 1000),
    ];
    let norms = shapes.into_iter().flat_map(|shape| NORMS.map(|norm| (shape, norm)));
    for ((hidden, batch), norm) in norms {
        for dropout in [0.0, 0.3] {
            let folds = [fold((5, 3), 700, 1)];
            let class_weights = Some(vec![0.2, 1.0, 6.0]);
            let weighted = Member { class_weights, ..member(dropout, 0, 4) };
            let regularised = Member { regularisers: REGULARISED, ..weighted.clone() };
            let focal = Member { regularisers: FOCAL, ..regularised.clone() };
            let members = vec![member(dropout, 0, 3), weighted, regularised, focal];
            let mut plan = plan(hidden, batch, members);
            plan.architecture.norm = norm;
            // With a norm so many members come to a kink of ReLU, where a last bit decides.
            if norm != Norm::None {
                plan.architecture.activation = Activation::Tanh;
            }
            let native =
                losses(NativeEngine::new(&folds).start(&plan, 0, &GO_ON).unwrap().as_mut(), 4, 4);
            let torch = losses(torch(&folds).start(&plan, 0, &GO_ON).unwrap().as_mut(), 4, 4);
            assert_near(
                &native,
                &torch,
                2e-5,
                &format!("{hidden:?}, {norm:?}, batch {batch}, {dropout}"),
            );
        }
    }
}

#[test]
fn both_engines_learn_the_same_with_every_shape_of_an_embedding() {
    // Frequencies and widths around the blocks of four and sixteen, batches of one pass and of several,
    // the last of which is no whole block.
    let shapes: [(&[usize], usize, (usize, usize)); 5] = [
        (&[], 32, (1, 1)),
        (&[16], 64, (16, 4)),
        (&[17, 4], 33, (5, 3)),
        (&[8], 300, (17, 18)),
        (&[8, 8], 700, (3, 5)),
    ];
    for (hidden, batch, (frequencies, width)) in shapes {
        for dropout in [0.0, 0.3] {
            let mut folds = [fold((5, 3), 700, 1)];
            folds[0].numbers = vec![0, 2, 4];
            let regularised = Member { regularisers: REGULARISED, ..member(dropout, 0, 4) };
            let members = vec![member(dropout, 0, 3), regularised];
            let plan = embedded(&plan(hidden, batch, members), frequencies, width);
            let native =
                losses(NativeEngine::new(&folds).start(&plan, 0, &GO_ON).unwrap().as_mut(), 2, 4);
            let torch = losses(torch(&folds).start(&plan, 0, &GO_ON).unwrap().as_mut(), 2, 4);
            assert_near(&native, &torch, 2e-5, &format!("{hidden:?}, {frequencies}, {width}"));
        }
    }
}

#[test]
fn both_engines_learn_the_same_with_every_activation_and_many_classes() {
    for activation in ACTIVATIONS {
        let folds = [fold((19, 40), 300, 5)];
        let mut plan = plan(&[24, 10], 50, vec![member(0.1, 0, 3)]);
        plan.architecture.inputs = 19;
        plan.architecture.classes = 40;
        plan.architecture.activation = activation;
        let native =
            losses(NativeEngine::new(&folds).start(&plan, 0, &GO_ON).unwrap().as_mut(), 1, 3);
        let torch = losses(torch(&folds).start(&plan, 0, &GO_ON).unwrap().as_mut(), 1, 3);
        assert_near(&native, &torch, 2e-5, activation.name());
    }
}

#[test]
fn folds_whose_rows_differ_in_width_are_trained_as_if_each_were_alone() {
    let mut folds = [fold((5, 3), 300, 1), fold((4, 3), 300, 5), fold((18, 3), 300, 9)];
    folds[0].numbers = vec![1, 4];
    folds[1].numbers = vec![];
    let both = |engine: &dyn Engine, plan: &PackPlan| -> (Vec<Vec<f64>>, Vec<Weights>) {
        let mut pack = engine.start(plan, 0, &GO_ON).unwrap();
        let losses = losses(pack.as_mut(), plan.members.len(), 3);
        pack.keep_best(&vec![true; plan.members.len()]).unwrap();
        let weights = (0..plan.members.len()).map(|member| pack.best_weights(member).unwrap());
        (losses, weights.collect())
    };
    let (native, torch) = (NativeEngine::new(&folds), torch(&folds));
    for engine in [&native as &dyn Engine, &torch] {
        let mut together = plan(&[16, 7], 64, (0..3).map(|fold| member(0.2, fold, 3)).collect());
        together.architecture.inputs = 18;
        for (frequencies, numbers) in [(0, [0; 3]), (4, [2, 0, 18])] {
            let with = |plan: &PackPlan| match frequencies {
                0 => plan.clone(),
                frequencies => embedded(plan, frequencies, 3),
            };
            let (losses, weights) = both(engine, &with(&together));
            for (place, inputs) in [5, 4, 18].into_iter().enumerate() {
                let mut alone = plan(&[16, 7], 64, vec![member(0.2, place, 3)]);
                alone.architecture.inputs = inputs;
                let (lone, own) = both(engine, &with(&alone));
                assert_eq!(own[0], weights[place], "{}", engine.name());
                let columns = inputs + 3 * numbers[place];
                assert_eq!(weights[place].layers[0].weight.len(), columns * 16);
                let ours: Vec<f64> = losses.iter().map(|epoch| epoch[place]).collect();
                assert_eq!(ours, lone.concat(), "{}", engine.name());
            }
        }
    }
}

/// The instruction sets that this machine has.
fn instruction_sets() -> Vec<Arch> {
    #[allow(unused_mut)]
    let mut sets = vec![Arch::Scalar, Arch::new()];
    #[cfg(target_arch = "x86_64")]
    sets.extend(pulp::x86::V3::try_new().map(Arch::V3));
    sets
}

#[test]
fn every_instruction_set_computes_the_same_bits() {
    let sets = instruction_sets();
    let optimizers = [
        ADAM,
        OptimizerSettings::Adam { betas: (0.8, 0.9), eps: 1e-6, decoupled: true },
        OptimizerSettings::Sgd { momentum: 0.9, nesterov: true },
        OptimizerSettings::Sgd { momentum: 0.0, nesterov: false },
        OptimizerSettings::RmsProp { alpha: 0.9, eps: 1e-6, momentum: 0.5 },
    ];
    let bits = |arch: Arch, plan: &PackPlan, folds: &[Fold]| -> (Weights, u64) {
        let engine = NativeEngine::with(arch, folds);
        let mut pack = engine.start(plan, 0, &GO_ON).unwrap();
        let last = losses(pack.as_mut(), 1, 2)[1][0];
        pack.keep_best(&[true]).unwrap();
        (pack.best_weights(0).unwrap(), last.to_bits())
    };
    let kinds = ACTIVATIONS.into_iter().zip(optimizers);
    for ((activation, optimizer), norm) in kinds.flat_map(|kind| NORMS.map(|norm| (kind, norm))) {
        let none = Regularisers::default();
        for (dropout, regularisers) in [(0.0, none), (0.2, REGULARISED), (0.0, FOCAL)] {
            let folds = [fold((5, 3), 150, 1)];
            let member = Member { regularisers, ..member(dropout, 0, 1) };
            let mut plan = plan(&[35, 18], 20, vec![member]);
            plan.architecture.activation = activation;
            plan.architecture.norm = norm;
            plan.optimizer = optimizer;
            for plan in [embedded(&plan, 7, 3), plan] {
                let first = bits(sets[0], &plan, &folds);
                assert!(f64::from_bits(first.1).is_finite());
                for &set in &sets[1..] {
                    let same = bits(set, &plan, &folds) == first;
                    assert!(same, "{set:?} {activation:?} {norm:?}");
                }
            }
        }
    }
}

#[test]
fn a_network_learns_the_same_alone_and_in_a_pack_of_folds() {
    // Folds of unequal numbers of rows.
    let folds = [fold((5, 3), 150, 1), fold((5, 3), 161, 7)];
    let on_fold = |fold| {
        let plain = (0..3).map(move |seed| member(0.1 * seed as f64, fold, seed));
        plain.chain([Member { regularisers: REGULARISED, ..member(0.0, fold, 3) }])
    };
    let members: Vec<Member> = (0..2).flat_map(on_fold).collect();
    let (native, torch) = (NativeEngine::new(&folds), torch(&folds));
    // The README states the tolerance of the torch engine.
    for (engine, tolerance) in [(&native as &dyn Engine, f64::MIN_POSITIVE), (&torch, 1e-4)] {
        let losses = |members: &[Member]| {
            let mut plan = plan(&[16, 8], 32, members.to_vec());
            plan.architecture.norm = Norm::Batch;
            losses(engine.start(&plan, 0, &GO_ON).unwrap().as_mut(), members.len(), 5)
        };
        let packed = losses(&members);
        for (place, member) in members.iter().enumerate() {
            let ours: Vec<_> = packed.iter().map(|epoch| vec![epoch[place]]).collect();
            let alone = losses(std::slice::from_ref(member));
            assert_near(&alone, &ours, tolerance, engine.name());
        }
    }
}

#[test]
fn members_that_leave_change_nothing_for_those_that_stay() {
    let folds = [fold((5, 3), 150, 1), fold((5, 3), 161, 7)];
    let regularised = |seed, fold| Member { regularisers: REGULARISED, ..member(0.2, fold, seed) };
    let members = vec![member(0.0, 0, 0), regularised(1, 0), member(0.0, 1, 0), regularised(1, 1)];
    let plain = plan(&[16, 8], 32, members);
    let normed = [Norm::Batch, Norm::Layer].map(|norm| normed(&plain, norm));
    let plans = [&embedded(&plain, 4, 2), &plain, &normed[0], &normed[1]];
    let (native, torch) = (NativeEngine::new(&folds), torch(&folds));
    let engines = [(&native as &dyn Engine, f64::MIN_POSITIVE), (&torch, 1e-5)];
    let cases = engines.map(|engine| plans.map(|plan| (engine, plan)));
    for ((engine, tolerance), plan) in cases.into_iter().flatten() {
        let mut whole = engine.start(plan, 0, &GO_ON).unwrap();
        let mut shrunk = engine.start(plan, 0, &GO_ON).unwrap();
        for pack in [&mut whole, &mut shrunk] {
            losses(pack.as_mut(), 4, 2);
            pack.keep_best(&[true; 4]).unwrap();
        }
        shrunk.retain(&[false, true, false, true]).unwrap();
        for (place, member) in [1, 3].into_iter().enumerate() {
            assert_eq!(shrunk.best_weights(place).unwrap(), whole.best_weights(member).unwrap());
        }
        let whole: Vec<_> = losses(whole.as_mut(), 4, 2).iter().map(|e| vec![e[1], e[3]]).collect();
        assert_near(&losses(shrunk.as_mut(), 2, 2), &whole, tolerance, engine.name());
        shrunk.retain(&[false, true]).unwrap();
        let last: Vec<_> = losses(shrunk.as_mut(), 1, 1);
        assert_eq!(last[0].len(), 1);
        shrunk.retain(&[false]).unwrap();
        assert_eq!(shrunk.train_epoch(&[]).unwrap(), vec![]);
    }
}

#[test]
fn best_weights_are_those_of_the_kept_epoch() {
    let folds = [fold((5, 3), 150, 1)];
    let mut plan = plan(&[16, 8], 32, vec![member(0.0, 0, 0), member(0.0, 0, 1)]);
    plan.architecture.norm = Norm::Batch;
    let (native, torch) = (NativeEngine::new(&folds), torch(&folds));
    for engine in [&native as &dyn Engine, &torch] {
        let mut pack = engine.start(&plan, 0, &GO_ON).unwrap();
        pack.train_epoch(&[RateFactors::ONE, RateFactors::ONE]).unwrap();
        pack.keep_best(&[true, true]).unwrap();
        let first = pack.evaluate(Part::Valid, Snapshot::Current).unwrap();
        pack.train_epoch(&[RateFactors::ONE, RateFactors::ONE]).unwrap();
        pack.keep_best(&[false, true]).unwrap();
        let second = pack.evaluate(Part::Valid, Snapshot::Current).unwrap();
        let best = pack.evaluate(Part::Valid, Snapshot::Best).unwrap();
        assert_ne!(first, second);
        assert_eq!(best, vec![first[0].clone(), second[1].clone()]);
    }
}

#[test]
fn a_network_that_blows_up_has_a_loss_that_is_not_finite_in_both_engines() {
    let folds = [fold((5, 3), 150, 1)];
    for (activation, norm) in ACTIVATIONS.into_iter().flat_map(|one| NORMS.map(|norm| (one, norm)))
    {
        let mut plan = plan(&[16, 8], 32, vec![member(0.0, 0, 0)]);
        plan.architecture.activation = activation;
        plan.architecture.norm = norm;
        plan.optimizer = OptimizerSettings::Sgd { momentum: 0.9, nesterov: false };
        plan.members[0].learning_rate = 1e30;
        let (native, torch) = (NativeEngine::new(&folds), torch(&folds));
        for engine in [&native as &dyn Engine, &torch] {
            let last = losses(engine.start(&plan, 0, &GO_ON).unwrap().as_mut(), 1, 3)[2][0];
            assert!(!last.is_finite(), "{} {activation:?} {norm:?}: {last}", engine.name());
        }
    }
}
