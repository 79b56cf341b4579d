//! Nothing is learnt from validation or test rows: whatever stands in them, what is fitted and
//! trained is the same to the bit.

use chacha20::ChaCha8Rng;
use forewarn::data::{FoldRows, RowKeys, Table, split};
use forewarn::engine::native::NativeEngine;
use forewarn::engine::{
    Engine, Member, OptimizerSettings, PackPlan, RateFactors, Regularisers, Snapshot,
};
use forewarn::examples::Part;
use forewarn::network::{Activation, Architecture, Norm, Weights};
use forewarn::prepare::{Prepared, Tables, prepare};
use forewarn::random::Streams;
use forewarn::spec;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{Bench, GO_ON, table};

const CLASSES: usize = 3;

/// Rows of cells: two numbers, a category, the class; with gaps in all but the class.
type Cells = Vec<[String; 4]>;

fn pick(generator: &mut ChaCha8Rng, cells: &[&str]) -> String {
    cells[generator.random_range(0..cells.len())].to_owned()
}

fn cells(rows: usize, generator: &mut ChaCha8Rng) -> Cells {
    let row = |row: usize| {
        let mut number = |gap: f64| {
            let value = (generator.random::<f64>() * 20.0 - 5.0).round();
            if generator.random_bool(gap) { String::new() } else { value.to_string() }
        };
        let numbers = [number(0.1), number(0.3)];
        let category = pick(generator, &["a", "b", "b", "c", ""]);
        let [x, z] = numbers;
        [x, z, category, format!("k{}", row % CLASSES)]
    };
    (0..rows).map(row).collect()
}

fn prepared(cells: &Cells, grid: &Value) -> Result<Prepared, String> {
    // Twelve machines in turn, three rows a minute.
    let line = |(row, cells): (usize, &[String; 4])| {
        format!("{},{},2015-01-31 06:{:02}\n", cells.join(","), row * 7 % 12, row / 3)
    };
    let rows: String = cells.iter().enumerate().map(line).collect();
    let table = Table::parse("x.csv", format!("x,z,c,y,m,t\n{rows}").as_bytes()).unwrap();
    let grid = spec::parse(std::path::Path::new("x.json"), &grid.to_string()).unwrap().file;
    prepare(&table, &Tables::new(), &grid, 5).map_err(|error| error.to_string())
}

/// Puts other cells into some validation and test rows of a fold, at least into one; the classes
/// too, where they do not steer the split.
fn change(cells: &Cells, rows: &FoldRows, classes: bool, generator: &mut ChaCha8Rng) -> Cells {
    let others = [rows.part(Part::Valid), rows.part(Part::Test)].concat();
    let certain = others[generator.random_range(0..others.len())];
    let mut changed = cells.clone();
    for row in others {
        if row != certain && generator.random_bool(0.4) {
            continue;
        }
        let [x, z, category, class] = &mut changed[row];
        *x = pick(generator, &["1e30", "-1e30", "123456"]);
        *z = pick(generator, &["1e-30", "NA", "", "-77", "1e20"]);
        *category = pick(generator, &["unseen", "another", "", "a"]);
        if classes {
            *class = format!("k{}", generator.random_range(0..CLASSES));
        }
    }
    changed
}

/// Train losses by epoch, and the weights of the last one.
fn train(prepared: &Prepared, plan: &PackPlan) -> (Vec<u64>, Weights) {
    let engine = NativeEngine::new(&prepared.folds);
    let mut pack = engine.start(plan, 0, &GO_ON).unwrap();
    let mut losses = Vec::new();
    for _ in 0..3 {
        losses.push(pack.train_epoch(&[RateFactors::ONE]).unwrap()[0].loss.to_bits());
        // As the epoch loop does: looking must change nothing either.
        for part in [Part::Valid, Part::Test] {
            pack.evaluate(part, Snapshot::Current).unwrap();
        }
        pack.keep_best(&[true]).unwrap();
    }
    (losses, pack.best_weights(0).unwrap())
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn weight_bits(weights: &Weights) -> Vec<Vec<u32>> {
    weights.tensors().into_iter().map(bits).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn changing_validation_or_test_rows_changes_nothing_that_is_fitted_or_trained(
        (rows, seed) in (45_usize..90, any::<u64>()),
        missing in prop::sample::select(vec!["mean", "median", "most_frequent"]),
        scale in prop::sample::select(vec!["standard", "min_max", "robust", "quantile_normal"]),
        outliers in prop::sample::select(vec!["clip", "remove"]),
        edges in prop::sample::select(vec!["target", "quantiles"]),
        encode in prop::sample::select(vec!["thresholds", "piecewise_linear", "one_hot"]),
        balance in prop::sample::select(vec!["smote", "random_over", "random_under"]),
        by_folds in any::<bool>(),
        by in prop::sample::select(vec!["stratified", "random", "group", "time"]),
        (sgd, hidden) in (any::<bool>(), prop::collection::vec(1_usize..20, 0..3)),
    ) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let split = if by_folds {
            json!({"folds": {"count": 3, "test": 0.2, "by": by}})
        } else {
            let (train, rest) = (0.6, 0.2);
            json!({"shares": {"train": train, "valid": rest, "test": rest, "by": by}})
        };
        let stratified = by == "stratified";
        let balance = match balance {
            "smote" => json!({"smote": {"k_neighbors": 1}}),
            other => json!({other: {}}),
        };
        let grid = json!({
            "name": "x",
            "data": {
                "source": {"file": "x.csv"}, "target": "y", "features": ["x", "z", "c"],
                "group": "m", "time": "t",
            },
            "steps": [
                {"derive": {"d": "x * 2 + coalesce(z, 1)"}},
                {"fill": {"with": missing}},
                {"fill": {"with": "most_frequent"}},
                {"iqr_outliers": {"action": outliers, "columns": ["x"]}},
                {"one_hot": {"unseen": "ignore"}},
                {"bins": {"by": edges, "count": 4, "encode": encode, "min_rows": 2}},
                {"scale": {"method": scale}},
                {"balance": balance},
            ],
            "split": split,
            "grid": {"learning_rate": [0.1], "optimizer": ["adam"], "epochs": [1], "hidden": [[4]]}
        });
        let cells = cells(rows, &mut generator);
        let before = prepared(&cells, &grid);
        // A split without strata may leave a class out of the train rows, which is an error.
        prop_assume!(before.is_ok());
        let before = before.unwrap();
        let fold = generator.random_range(0..before.folds.len());
        let changed = change(&cells, &before.rows[fold], !stratified, &mut generator);
        let after = prepared(&changed, &grid);
        // Another fold trains on the changed rows, and may lack a class now.
        prop_assume!(after.is_ok() || !by_folds || stratified);
        let after = after.unwrap();

        prop_assert_eq!(&before.rows[fold], &after.rows[fold]);
        prop_assert_eq!(&before.pipelines[fold], &after.pipelines[fold]);
        let (old, new) = (&before.folds[fold], &after.folds[fold]);
        prop_assert_eq!(bits(old.train.features.values()), bits(new.train.features.values()));
        prop_assert_eq!(&old.train.labels, &new.train.labels);
        prop_assert!(
            old.valid.features != new.valid.features || old.test.features != new.test.features,
            "the rows were indeed changed"
        );

        let streams = Streams::new(seed, 3, fold as u32);
        let member = Member {
            learning_rate: 0.01,
            weight_decay: 0.01,
            dropout: 0.2,
            class_weights: None,
            regularisers: Regularisers::default(),
            fold,
            streams,
        };
        let plan = PackPlan {
            needs_probabilities: false,
            architecture: Architecture {
                inputs: before.pipelines[fold].inputs.len(),
                embedding: None,
                hidden,
                classes: CLASSES,
                activation: Activation::Tanh,
                norm: Norm::None,
            },
            batch_size: 16,
            optimizer: if sgd {
                OptimizerSettings::Sgd { momentum: 0.9, nesterov: true }
            } else {
                OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false }
            },
            members: vec![member],
        };
        let (old_losses, old_weights) = train(&before, &plan);
        let (new_losses, new_weights) = train(&after, &plan);
        prop_assert_eq!(old_losses, new_losses);
        prop_assert_eq!(weight_bits(&old_weights), weight_bits(&new_weights));
    }
}

/// What a run keeps and chooses, without what it says of test rows.
fn chosen(bench: &Bench, run: &str) -> (Vec<u8>, Value, Vec<Vec<String>>) {
    let weights = std::fs::read(bench.file(&format!("{run}/best/model.safetensors"))).unwrap();
    let model: Value =
        serde_json::from_str(&bench.read(&format!("{run}/best/model.json"))).unwrap();
    let kept = json!([
        model["preparation"],
        model["provenance"]["trial"],
        model["provenance"]["fold"],
        model["provenance"]["epoch"],
    ]);
    let mut rows = Vec::new();
    for (file, columns) in [
        ("trials.csv", vec!["rank", "trial", "best_epoch", "valid_loss", "train_loss"]),
        ("curves.csv", vec!["trial", "fold", "epoch", "train_loss", "valid_loss"]),
    ] {
        for row in table(&bench.file(&format!("{run}/{file}"))) {
            rows.push(columns.iter().map(|column| row[*column].clone()).collect());
        }
    }
    (weights, kept, rows)
}

#[test]
fn changing_test_rows_changes_neither_the_winner_nor_its_weights_nor_any_best_epoch() {
    for how in [
        json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}}),
        json!({"folds": {"count": 3, "test": 0.2}}),
    ] {
        let bench = Bench::new();
        let mut grid = bench.grid();
        grid["split"] = how.clone();
        grid["grid"]["epochs"] = json!([2, 6]);
        bench.write_grid(&grid);
        bench.sweep("before");
        let how: spec::Split = serde_json::from_value(how).unwrap();
        let text = bench.read("data.csv");
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        let label = |line: &String| u32::from(line.ends_with("1.0"));
        let labels: Vec<u32> = lines[1..].iter().map(label).collect();
        let classes = ["0".to_owned(), "1".to_owned()];
        let keys = RowKeys { labels: &labels, classes: &classes, ..RowKeys::default() };
        for &row in split(&keys, &how, 7).unwrap()[0].part(Part::Test) {
            let class = lines[row + 1].rsplit(',').next().unwrap().to_owned();
            lines[row + 1] = format!("1e6,-500,77,{},{class}", row * 1000);
        }
        bench.write("data.csv", &(lines.join("\n") + "\n"));
        bench.sweep("after");
        assert_eq!(chosen(&bench, "before"), chosen(&bench, "after"));
        let judged =
            |run: &str| table(&bench.file(&format!("{run}/trials.csv")))[0]["test_loss"].clone();
        assert_ne!(judged("before"), judged("after"), "the rows were indeed changed");
    }
}
