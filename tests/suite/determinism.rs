//! The same grid, data and seed give the same bytes.

use forewarn::data::{RowKeys, split};
use forewarn::examples::Part;
use serde_json::json;

use crate::support::{Bench, table};

/// A bench whose grid makes several packs of several shapes.
fn bench() -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["optimizer"] = json!(["adam", "sgd", "rmsprop"]);
    grid["grid"]["dropout"] = json!([0, 0.3]);
    grid["grid"]["class_weight"] = json!(["none", "balanced"]);
    grid["grid"]["seed"] = json!([0, 1, 2]);
    let regularised = json!({
        "label_smoothing": [0.1], "focal_gamma": [0], "l1": [0.001], "clip_grad_norm": [0.5],
        "max_norm": [1], "input_noise": [0, 0.1], "dropout": [0], "class_weight": ["balanced"]
    });
    let mut focal = regularised.clone();
    focal["label_smoothing"] = json!([0]);
    focal["focal_gamma"] = json!([2]);
    focal["embedding"] = json!([{"kind": "periodic", "frequencies": 5}]);
    let normed =
        json!({"norm": ["batch", "layer"], "optimizer": ["adam"], "batch_size": [64, 300]});
    grid["variants"] = json!({
        "base": {}, "regularised": {"grid": regularised}, "focal": {"grid": focal},
        "normed": {"grid": normed}
    });
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    bench.write_grid(&grid);
    bench
}

#[test]
fn curves_are_the_same_bytes_for_any_number_of_workers() {
    let bench = bench();
    let curves: Vec<String> = ["1", "2", "4"]
        .iter()
        .map(|jobs| {
            let out = format!("run{jobs}");
            let arguments = ["sweep", "grid.json", "--out", &out, "--jobs", jobs, "-q"];
            bench.forewarn(&arguments).success();
            bench.read(&format!("{out}/curves.csv"))
        })
        .collect();
    assert!(curves[0].lines().count() > 100);
    assert!(curves[0] == curves[1], "--jobs 2 differs from --jobs 1");
    assert!(curves[0] == curves[2], "--jobs 4 differs from --jobs 1");
    for file in [
        "best/model.safetensors",
        "best/metrics.json",
        "best/confusion_test.csv",
        "best/importance.csv",
        "best/roc.csv",
        "best/reliability.csv",
    ] {
        let bytes = |jobs| std::fs::read(bench.file(&format!("run{jobs}/{file}"))).unwrap();
        assert!(bytes(1) == bytes(4), "{file}");
    }
}

#[test]
fn another_seed_gives_other_curves() {
    let bench = Bench::new();
    bench.sweep("one");
    bench.forewarn(&["sweep", "grid.json", "--out", "two", "--seed", "8", "-q"]).success();
    assert!(bench.read("one/curves.csv") != bench.read("two/curves.csv"));
}

#[test]
fn a_trial_does_not_depend_on_the_rest_of_the_grid() {
    let bench = Bench::new();
    bench.sweep("many");
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.001]);
    grid["grid"]["hidden"] = json!([[8, 4]]);
    bench.write_grid(&grid);
    bench.sweep("one");
    let many = table(&bench.file("many/curves.csv"));
    let same = |row: &&std::collections::HashMap<String, String>| {
        row["hidden"] == "8-4" && row["learning_rate"] == "0.001"
    };
    let many: Vec<_> = many.iter().filter(same).collect();
    let one = table(&bench.file("one/curves.csv"));
    assert_eq!((many.len(), one.len()), (3, 3));
    for (many, one) in many.iter().zip(&one) {
        for column in ["train_loss", "valid_loss", "test_loss"] {
            let difference =
                many[column].parse::<f64>().unwrap() - one[column].parse::<f64>().unwrap();
            assert!(difference.abs() < 1e-4, "{column} differs by {difference}");
        }
    }
}

/// Changing validation or test rows changes nothing in what was fitted and trained.
#[test]
fn nothing_is_learnt_from_validation_or_test_rows() {
    let bench = Bench::new();
    bench.sweep("before");
    let shares = json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}});
    let how: forewarn::spec::Split = serde_json::from_value(shares).unwrap();
    let text = bench.read("data.csv");
    let lines: Vec<&str> = text.lines().collect();
    let label = |line: &&str| u32::from(line.ends_with("1.0"));
    let labels: Vec<u32> = lines[1..].iter().map(label).collect();
    let classes = ["0".to_owned(), "1".to_owned()];
    let keys = RowKeys { labels: &labels, classes: &classes, ..RowKeys::default() };
    let fold = split(&keys, &how, 7).unwrap().remove(0);
    let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
    for row in fold.part(Part::Valid).iter().chain(fold.part(Part::Test)) {
        let class = changed[row + 1].rsplit(',').next().unwrap().to_owned();
        changed[row + 1] = format!("1e6,-500,77,{},{class}", row * 1000);
    }
    bench.write("data.csv", &(changed.join("\n") + "\n"));
    bench.sweep("after");
    let curves = |run: &str| {
        let rows = table(&bench.file(&format!("{run}/curves.csv")));
        rows.iter().map(|row| row["train_loss"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(curves("before"), curves("after"));
    let preparation = |run: &str| {
        let model = bench.read(&format!("{run}/best/model.json"));
        serde_json::from_str::<serde_json::Value>(&model).unwrap()["preparation"].clone()
    };
    assert_eq!(preparation("before"), preparation("after"));
    let rows = table(&bench.file("after/trials.csv"));
    let before = table(&bench.file("before/trials.csv"));
    assert_ne!(rows[0]["valid_loss"], before[0]["valid_loss"], "the rows were indeed changed");
}
