//! Class weights: what they stand for, what they leave alone, and how tables show them.

use std::collections::HashSet;

use forewarn::engine::device::DeviceChoice;
use forewarn::engine::native::NativeEngine;
use forewarn::engine::torch::{Placement, TorchEngine};
use forewarn::engine::{Engine, Member, OptimizerSettings, PackPlan, RateFactors, Regularisers};
use forewarn::examples::{Examples, Fold, Matrix};
use forewarn::network::{Activation, Architecture, Norm, Weights};
use forewarn::random::Streams;
use serde_json::{Value, json};

use crate::support::{Bench, GO_ON, motor, table};

/// 150 rows of three classes, the last one rare; or all of one class.
fn fold(one_class: bool) -> Fold {
    let values = (0..150 * 4).map(|at| (at as f32 * 0.7).sin()).collect();
    let label = |row: u32| match row % 10 {
        _ if one_class => 1,
        0 => 2,
        rest => rest % 2,
    };
    let rows = Examples { features: Matrix::new(4, values), labels: (0..150).map(label).collect() };
    Fold { train: rows.clone(), valid: rows.clone(), test: rows, ..Fold::default() }
}

/// What a pack of members with these class weights learns in three epochs of steps of 32 rows, the
/// last of 22; and the last train losses.
fn trained(engine: &dyn Engine, class_weights: &[Option<[f32; 3]>]) -> (Vec<Weights>, Vec<f64>) {
    let member = |class_weights: &Option<[f32; 3]>| Member {
        learning_rate: 0.01,
        weight_decay: 0.0,
        dropout: 0.0,
        class_weights: class_weights.map(Vec::from),
        regularisers: Regularisers::default(),
        fold: 0,
        streams: Streams::new(1, 2, 0),
    };
    let plan = PackPlan {
        needs_probabilities: false,
        architecture: Architecture {
            inputs: 4,
            embedding: None,
            hidden: vec![9],
            classes: 3,
            activation: Activation::Relu,
            norm: Norm::None,
        },
        batch_size: 32,
        optimizer: OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false },
        members: class_weights.iter().map(member).collect(),
    };
    let mut pack = engine.start(&plan, 0, &GO_ON).unwrap();
    let members = class_weights.len();
    let factors = vec![RateFactors::ONE; members];
    let mut losses = Vec::new();
    for _ in 0..3 {
        losses = pack.train_epoch(&factors).unwrap().iter().map(|train| train.loss).collect();
    }
    pack.keep_best(&vec![true; members]).unwrap();
    ((0..members).map(|member| pack.best_weights(member).unwrap()).collect(), losses)
}

/// Hands both engines to `look`.
fn with_engines(fold: &Fold, look: impl Fn(&dyn Engine)) {
    let folds = std::slice::from_ref(fold);
    look(&NativeEngine::new(folds));
    look(&TorchEngine::new(&Placement::find(&DeviceChoice::Cpu).unwrap(), folds).unwrap());
}

#[test]
fn a_network_without_weights_learns_the_same_beside_one_that_has_some() {
    with_engines(&fold(false), |engine| {
        let (alone, losses) = trained(engine, &[None, None]);
        let (beside, beside_losses) = trained(engine, &[None, Some([0.2, 1.0, 8.0])]);
        assert!(alone[0] == beside[0] && losses[0] == beside_losses[0], "{}", engine.name());
        assert!(alone[1] != beside[1], "{}: the weights change nothing", engine.name());
    });
}

#[test]
fn weights_that_are_all_the_same_are_none_to_the_bit() {
    with_engines(&fold(false), |engine| {
        let none = trained(engine, &[None; 3]);
        let same = trained(engine, &[Some([3.0; 3]), Some([0.1; 3]), Some([1e6; 3])]);
        assert!(none == same, "{}", engine.name());
    });
}

#[test]
fn a_batch_of_one_class_is_not_weighted() {
    with_engines(&fold(true), |engine| {
        let (none, weighted) =
            (trained(engine, &[None]), trained(engine, &[Some([1.0, 0.3, 7.0])]));
        assert!(none == weighted, "{}", engine.name());
    });
}

#[test]
fn the_lightest_and_the_heaviest_weights_train_to_finite_losses() {
    with_engines(&fold(false), |engine| {
        let (light, heavy) = ([1e-6, 1e6, 1e-6], [1e6, 1e-6, 1e6]);
        let (weights, losses) = trained(engine, &[Some(light), Some(heavy)]);
        assert!(losses.iter().all(|loss| loss.is_finite()), "{}: {losses:?}", engine.name());
        let finite = |weights: &Weights| {
            weights.tensors().into_iter().flatten().all(|weight| weight.is_finite())
        };
        assert!(weights.iter().all(finite), "{}", engine.name());
    });
}

/// The curves of a sweep with this axis, without the column that names it; in either engine.
fn curves(bench: &Bench, engine: &str, class_weight: Option<Value>) -> Vec<String> {
    let mut grid = bench.grid();
    if let Some(class_weight) = class_weight {
        grid["grid"]["class_weight"] = class_weight;
    }
    bench.write_grid(&grid);
    let arguments = ["sweep", "grid.json", "--engine", engine, "--out", "run", "-q", "--overwrite"];
    bench.forewarn(&arguments).success();
    let text = bench.read("run/curves.csv");
    let column = text.lines().next().unwrap().split(',').position(|name| name == "class_weight");
    let without = |line: &str| {
        let cells = line.split(',').enumerate().filter(|(place, _)| Some(*place) != column);
        cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(",")
    };
    text.lines().map(without).collect()
}

#[test]
fn balanced_is_the_map_that_it_stands_for_and_none_the_default() {
    let bench = Bench::new();
    for engine in ["native", "torch"] {
        let balanced = curves(&bench, engine, Some(json!(["balanced"])));
        let run: Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
        let counts = run["split"]["class_counts"].as_array().unwrap().iter();
        let counts: Vec<f64> = counts.map(|count| count["train"].as_f64().unwrap()).collect();
        let weight = |class: usize| counts.iter().sum::<f64>() / (2.0 * counts[class]);
        let map = json!([{"1": weight(1), "0": weight(0)}]);
        assert!(balanced == curves(&bench, engine, Some(map)), "{engine}");
        let none = curves(&bench, engine, Some(json!(["none"])));
        assert!(none == curves(&bench, engine, None) && none != balanced, "{engine}");
    }
}

/// A sweep over class weights, names of classes that a table could be broken by among them, is the
/// same with a stop in it; other weights are refused.
#[test]
fn a_sweep_over_class_weights_is_gone_on_with() {
    let bench = Bench::new();
    let odd = "1\",a=2;b";
    let quoted = format!(",\"{}\"\n", odd.replace('"', "\"\""));
    bench.write("data.csv", &motor(400).replace(",1.0\n", &quoted));
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([2, 4]);
    grid["grid"]["class_weight"] = json!(["balanced", {odd: 20, "0.0": 0.5}, "none"]);
    bench.write_grid(&grid);
    bench.sweep("whole");
    let stopped = ["sweep", "grid.json", "--out", "run", "-q", "--max-trials", "5"];
    bench.forewarn(&stopped).success();
    assert!(table(&bench.file("run/trials.csv")).len() < 24);
    let resume = ["sweep", "grid.json", "--out", "run", "-q", "--resume"];
    bench.forewarn(&resume).success();
    for file in ["curves.csv", "best/metrics.json", "best/model.json"] {
        assert!(
            bench.read(&format!("run/{file}")) == bench.read(&format!("whole/{file}")),
            "{file}"
        );
    }
    let trials = table(&bench.file("run/trials.csv"));
    assert_eq!(trials.len(), 24);
    let shown = |text: &str| trials.iter().filter(|row| row["class_weight"] == text).count();
    assert_eq!(["none", "balanced", "1%22%2Ca%3D2%3Bb=20;0.0=0.5"].map(shown), [8, 8, 8]);
    let longest = trials.iter().filter(|row| row["epochs"] == "4").map(|row| &row["valid_loss"]);
    assert_eq!(longest.collect::<HashSet<_>>().len(), 12, "each is a training of its own");
    grid["grid"]["class_weight"] = json!(["balanced", {odd: 21, "0.0": 0.5}, "none"]);
    bench.write_grid(&grid);
    let message = bench.forewarn(&resume).code(5).stderr();
    assert!(message.contains("grid.grid.class_weight was"), "{message}");
}

#[test]
fn run_json_has_the_train_rows_before_and_after_balancing_which_weights_compound() {
    let swept = |steps: Value, class_weight: Value| {
        let bench = Bench::new();
        let mut grid = bench.grid();
        grid["steps"] = steps;
        grid["grid"]["class_weight"] = class_weight;
        bench.write_grid(&grid);
        let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
        let run: Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
        (shown, run["split"].clone())
    };
    let scaled = json!([{"scale": {}}]);
    let balanced = json!([{"scale": {}}, {"balance": {"random_over": {}}}]);
    let (shown, plain) = swept(scaled, json!(["none", "balanced"]));
    assert!(!shown.contains("compound") && !shown.contains("trained on"), "{shown}");
    let (shown, split) = swept(balanced.clone(), json!(["none"]));
    assert!(!shown.contains("compound"), "{shown}");
    let counts = |split: &Value, key: &str| -> Vec<u64> {
        let classes = split["class_counts"].as_array().unwrap().iter();
        classes.map(|class| class[key].as_u64().unwrap()).collect()
    };
    let before = counts(&plain, "train");
    assert_eq!(before, counts(&plain, "trained_on"));
    assert_eq!(before, counts(&split, "train"));
    let most = *before.iter().max().unwrap();
    assert!(before.iter().any(|&rows| rows < most));
    assert_eq!(counts(&split, "trained_on"), [most, most]);
    assert_eq!(split["train"], plain["train"]);
    assert_eq!(split["trained_on"], json!(2 * most));
    assert!(shown.contains(&format!("({} trained on)", 2 * most)), "{shown}");
    for weights in [json!(["none", {"1": 5}]), json!(["balanced"])] {
        let (shown, _) = swept(balanced.clone(), weights);
        let warnings = shown.lines().filter(|line| line.starts_with("warning"));
        let warnings = warnings.filter(|line| line.contains("balance and class_weight compound"));
        assert_eq!(warnings.count(), 1, "{shown}");
    }
}
