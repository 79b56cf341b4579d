//! Times of the step, the epoch and the sweep, beside the limit of the processor.
//!
//! Throughputs are floating-point operations (Gelem/s reads GFLOP/s), a fused multiply-add counted as
//! two, of the products alone: forward, gradients of the weights, gradients of the values.
#![allow(missing_docs, clippy::unwrap_used, clippy::inline_always)]

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use forewarn::engine::device::DeviceChoice;
use forewarn::engine::native::NativeEngine;
use forewarn::engine::torch::{Placement, TorchEngine};
use forewarn::engine::{
    Engine, Member, OptimizerSettings, PackPlan, RateFactors, Regularisers, Snapshot,
};
use forewarn::examples::{Examples, Fold, Matrix, Part};
use forewarn::families::Dataset;
use forewarn::metrics::{Rate, Score};
use forewarn::network::{Activation, Architecture, Norm};
use forewarn::random::Streams;
use forewarn::spec::{Fixed, GridFile};
use forewarn::sweep::{
    self, Candidates, CurveRow, MemoryLimit, Observer, Outcome, Settings, TrialResult, Winner,
};
use pulp::{Arch, Simd, WithSimd};

/// The flag of a run that is not to stop.
static GO_ON: AtomicBool = AtomicBool::new(false);

/// Inputs and classes of the AI4I networks.
const SHAPE: (usize, usize) = (8, 6);

fn examples(rows: usize) -> Examples {
    let (inputs, classes) = SHAPE;
    let values = (0..rows * inputs).map(|at| (at as f32 * 0.7).sin()).collect();
    let labels = (0..rows).map(|row| (row * row % classes) as u32).collect();
    Examples { features: Matrix::new(inputs, values), labels }
}

fn fold(train: usize, rest: usize) -> Fold {
    Fold {
        train: examples(train),
        valid: examples(rest),
        test: examples(rest),
        numbers: (0..SHAPE.0).collect(),
        ..Fold::default()
    }
}

fn plan(hidden: &[usize], batch_size: usize, members: u64) -> PackPlan {
    let member = |seed| Member {
        learning_rate: 0.001,
        weight_decay: 0.0,
        dropout: 0.0,
        class_weights: None,
        regularisers: Regularisers::default(),
        fold: 0,
        streams: Streams::new(1, seed, 0),
    };
    let (inputs, classes) = SHAPE;
    let hidden = hidden.to_vec();
    PackPlan {
        architecture: Architecture {
            inputs,
            embedding: None,
            hidden,
            classes,
            activation: Activation::Relu,
            norm: Norm::None,
        },
        batch_size,
        optimizer: OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false },
        needs_probabilities: false,
        members: (0..members).map(member).collect(),
    }
}

/// Operations of one network's products in a step on so many rows; the first layer's gradient goes
/// no further back.
fn operations(plan: &PackPlan, rows: usize) -> u64 {
    let layers = plan.architecture.layers().into_iter().enumerate();
    let products = layers.map(|(index, (inputs, outputs))| {
        let passes = if index == 0 { 2 } else { 3 };
        passes * 2 * rows * inputs * outputs
    });
    products.sum::<usize>() as u64
}

/// Fused multiply-adds on registers alone, enough of them in flight to hide their latency.
struct MultiplyAdds(u64);

impl WithSimd for MultiplyAdds {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let mut sums = [simd.splat_f32s(0.0); 12];
        let (factor, term) = (simd.splat_f32s(black_box(0.9)), simd.splat_f32s(black_box(0.1)));
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        sums.iter().map(|&sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

/// Width of this processor's vectors.
struct Lanes;

impl WithSimd for Lanes {
    type Output = u64;

    fn with_simd<S: Simd>(self, _: S) -> u64 {
        S::F32_LANES as u64
    }
}

/// The limit: one core's fused multiply-adds.
fn limit(criterion: &mut Criterion) {
    let arch = Arch::new();
    let mut group = criterion.benchmark_group("limit");
    group.throughput(Throughput::Elements(12 * 2 * 1000 * arch.dispatch(Lanes)));
    group.bench_function("fused multiply-adds", |bencher| {
        bencher.iter(|| arch.dispatch(MultiplyAdds(1000)));
    });
}

/// One step of one network: an epoch of as many rows as the batch.
fn step(criterion: &mut Criterion) {
    let placement = Placement::find(&DeviceChoice::Cpu).unwrap();
    let mut group = criterion.benchmark_group("step");
    for (hidden, batch) in [([64, 32], 64), ([128, 64], 64), ([64, 32], 256), ([256, 128], 256)] {
        let folds = [fold(batch, 1)];
        let name = format!("8-{}-{}-6 batch {batch}", hidden[0], hidden[1]);
        let native = NativeEngine::new(&folds);
        let torch = TorchEngine::new(&placement, &folds).unwrap();
        for (engine, members) in [(&native as &dyn Engine, 1), (&torch, 8)] {
            let plan = plan(&hidden, batch, members);
            group.throughput(Throughput::Elements(members * operations(&plan, batch)));
            let mut pack = engine.start(&plan, 0, &GO_ON).unwrap();
            let factors = vec![RateFactors::ONE; plan.members.len()];
            let name = format!("{name}, {} {members}", engine.name());
            group.bench_function(name, |bencher| {
                bencher.iter(|| pack.train_epoch(&factors).unwrap());
            });
        }
    }
}

/// One epoch of one network over 7,000 rows, batch 64, and its exact passes over 2 x 1,500.
fn epoch(criterion: &mut Criterion) {
    let placement = Placement::find(&DeviceChoice::Cpu).unwrap();
    let folds = [fold(7000, 1500)];
    let native = NativeEngine::new(&folds);
    let torch = TorchEngine::new(&placement, &folds).unwrap();
    let mut group = criterion.benchmark_group("epoch");
    let cases: [(&dyn Engine, u64, &[usize]); 4] = [
        (&native, 1, &[16]),
        (&native, 1, &[64, 32]),
        (&native, 1, &[128, 64, 32]),
        (&torch, 8, &[64, 32]),
    ];
    for (engine, members, hidden) in cases {
        let mut pack = engine.start(&plan(hidden, 64, members), 0, &GO_ON).unwrap();
        let factors = vec![RateFactors::ONE; members as usize];
        group.throughput(Throughput::Elements(members));
        group.bench_function(format!("{hidden:?}, {} {members}", engine.name()), |bencher| {
            bencher.iter(|| {
                pack.train_epoch(&factors).unwrap();
                pack.evaluate(Part::Valid, Snapshot::Current).unwrap();
                pack.evaluate(Part::Test, Snapshot::Current).unwrap()
            });
        });
    }
}

/// Follows nothing.
struct Nobody;

impl Observer for Nobody {
    fn round_ended(&self, _: &[CurveRow<'_>], _: usize) {}
    fn trials_ended(&self, _: &[TrialResult], _: Option<&Winner>) {}
}

/// A whole sweep but for its files: 8 learning rates, 10 epochs, all cores.
fn whole_sweep(criterion: &mut Criterion) {
    let file: GridFile = serde_json::from_value(serde_json::json!({
        "name": "bench",
        "data": {"source": {"file": "bench.csv"}, "target": "y"},
        "grid": {
            "learning_rate": [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02],
            "optimizer": ["adam"], "epochs": [10], "hidden": [[64, 32]]
        }
    }))
    .unwrap();
    let folds = [fold(7000, 1500)];
    let classes: Vec<String> = (0..SHAPE.1).map(|class| class.to_string()).collect();
    let fixed = Fixed::default();
    let settings = Settings {
        data: Dataset::new(&folds, 1, &classes, &file).unwrap(),
        fixed: &fixed,
        rank_by: Score::Macro(Rate::F1),
        restore_best: true,
        curve_every: 1,
        seed: 1,
        workers: std::thread::available_parallelism().map_or(1, usize::from),
        memory: MemoryLimit::NONE,
        candidates: Candidates::default(),
    };
    let engine = NativeEngine::new(&folds);
    let mut group = criterion.benchmark_group("sweep");
    group.throughput(Throughput::Elements(80));
    group.bench_function("80 epochs of 8-64-32-6", |bencher| {
        bencher.iter(|| {
            let jobs = sweep::plan(sweep::trials(&file), &engine);
            let cx = settings.context(&engine, &GO_ON);
            sweep::run(cx, jobs, &settings, Outcome::default(), &Nobody).unwrap()
        });
    });
}

criterion_group!(benches, limit, step, epoch, whole_sweep);
criterion_main!(benches);
