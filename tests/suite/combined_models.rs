//! The key `model`: bagged and stacked models.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::final_models::{bench, number, read};
use crate::support::{Bench, forewarn, table};

/// A grid of two families on folds, the trees on rows of their own preparation.
fn families(model: Value) -> Bench {
    let bench = bench(model);
    let mut grid: Value = read(&bench, "grid.json");
    grid["variants"] = json!({
        "network": {},
        "forest": {"family": "random_forest", "grid": {"n_estimators": [5, 20]}, "replace_steps": []},
        "neighbours": {"family": "knn", "grid": {"n_neighbors": [3, 9]}},
    });
    bench.write_grid(&grid);
    bench
}

/// The probability of the second class that a model predicts of each row.
fn predicted(bench: &Bench, model: &str) -> Vec<f64> {
    let out = "predicted.csv";
    bench
        .forewarn(&["predict", model, "--data", "data.csv", "--out", out, "--overwrite"])
        .success();
    table(&bench.file(out)).iter().map(|row| row["probability_1"].parse().unwrap()).collect()
}

#[test]
fn a_bagged_model_is_the_mean_of_the_fold_models() {
    let bench = bench(json!({"bagged": true, "calibration": "temperature"}));
    bench.sweep("run");
    let (model, metrics) =
        (read(&bench, "run/best/model.json"), read(&bench, "run/best/metrics.json"));
    let members = model["members"].as_array().unwrap();
    let folds: Vec<u64> =
        members.iter().map(|one| one["model"]["provenance"]["fold"].as_u64().unwrap()).collect();
    assert_eq!(folds, [0, 1, 2]);
    let winner = &table(&bench.file("run/trials.csv"))[0];
    let trial: u64 = winner["trial"].parse().unwrap();
    let of_winner = |one: &Value| one["model"]["provenance"]["trial"] == trial;
    assert!(members.iter().all(of_winner) && metrics["bagged"] == 3);
    // Its validation rows are those of all folds, its train rows those of no model alone.
    assert_eq!((&metrics["valid"]["rows"], &metrics["test"]["rows"]), (&json!(320), &json!(80)));
    assert_eq!(metrics["train"], Value::Null);
    assert!(bench.file("run/best/importance.csv").exists());
    // Alone, uncalibrated, the fold models have the mean that the whole has.
    bench.write("whole.json", &model.to_string());
    let mut grid: Value = read(&bench, "grid.json");
    grid["model"] = json!({"bagged": true});
    bench.write_grid(&grid);
    bench.sweep("plain");
    let whole = predicted(&bench, "plain");
    let mut sums = vec![0.0; whole.len()];
    for fold in 0..3 {
        let mut alone: Value = read(&bench, "plain/best/model.json");
        for (place, member) in alone["members"].as_array_mut().unwrap().iter_mut().enumerate() {
            member["weight"] = json!(if place == fold { 1.0 - 2e-9 } else { 1e-9 });
        }
        bench.write("plain/best/model.json", &alone.to_string());
        for (sum, share) in sums.iter_mut().zip(predicted(&bench, "plain")) {
            *sum += share / 3.0;
        }
    }
    assert!(whole.iter().zip(&sums).all(|(whole, sum)| (whole - sum).abs() < 1e-6));
}

#[test]
fn a_stacked_model_takes_the_best_of_each_family_and_is_explained_like_any() {
    let bench = families(json!({"refit": true, "stacked": {}, "ensemble": {"size": 4}}));
    for (out, jobs) in [("one", "1"), ("four", "4")] {
        bench.forewarn(&["sweep", "grid.json", "--out", out, "--quiet", "--jobs", jobs]).success();
    }
    for file in ["model.json", "model.safetensors", "metrics.json"] {
        let bytes =
            |run: &str| std::fs::read(bench.file(&format!("{run}/stacked/{file}"))).unwrap();
        assert!(bytes("one") == bytes("four"), "{file}");
    }
    let (model, metrics) =
        (read(&bench, "one/stacked/model.json"), read(&bench, "one/stacked/metrics.json"));
    let families: Vec<&str> = model["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["model"]["family"].as_str().unwrap())
        .collect();
    let families: BTreeSet<&str> = families.into_iter().collect();
    assert_eq!(families.into_iter().collect::<Vec<_>>(), ["knn", "mlp", "random_forest"]);
    assert!(number(&metrics["C"]) > 0.0 && metrics["valid"]["rows"] == 320);
    // By hand: a regression on the logarithms of what the families' models predict.
    let coef = model["stacker"]["coef"].as_array().unwrap();
    let row =
        |place: usize| coef[place].as_array().unwrap().iter().map(number).collect::<Vec<f64>>();
    let intercepts: Vec<f64> =
        model["stacker"]["intercept"].as_array().unwrap().iter().map(number).collect();
    let mut inputs: Vec<Vec<f64>> = Vec::new();
    for place in 0..3 {
        let mut alone: Value = read(&bench, "one/stacked/model.json");
        alone.as_object_mut().unwrap().remove("stacker");
        for (other, member) in alone["members"].as_array_mut().unwrap().iter_mut().enumerate() {
            member["weight"] = json!(if other == place { 1.0 - 2e-9 } else { 1e-9 });
            member.as_object_mut().unwrap().remove("input");
        }
        let folder = format!("alone{place}");
        std::fs::create_dir(bench.file(&folder)).unwrap();
        std::fs::copy(
            bench.file("one/stacked/model.safetensors"),
            bench.file(&format!("{folder}/model.safetensors")),
        )
        .unwrap();
        bench.write(&format!("{folder}/model.json"), &alone.to_string());
        inputs.push(predicted(&bench, &folder));
    }
    let ours = predicted(&bench, "one/stacked");
    for (place, &ours) in ours.iter().enumerate() {
        let logs: Vec<f64> = inputs
            .iter()
            .flat_map(|share| [1.0 - share[place], share[place]].map(|share| share.max(1e-4).ln()))
            .collect();
        let logit = |class: usize| {
            intercepts[class]
                + row(class).iter().zip(&logs).map(|(one, log)| one * log).sum::<f64>()
        };
        let expected = 1.0 / (1.0 + (logit(0) - logit(1)).exp());
        assert!((ours - expected).abs() < 1e-3, "{ours} {expected}");
    }
    for model in ["one/stacked", "one/ensemble"] {
        bench.forewarn(&["evaluate", model, "--data", "data.csv"]).success();
        let said = bench.forewarn(&["importance", model, "--data", "data.csv"]).success().stdout();
        assert!(said.contains("RPM"), "{said}");
    }
}

#[test]
fn models_that_cannot_be_bagged_or_stacked_are_refused_with_the_reason() {
    let refused = |split: Value, model: Value, code: i32, told: [&str; 2]| {
        let bench = bench(model);
        let mut grid: Value = read(&bench, "grid.json");
        grid["split"] = split;
        bench.write_grid(&grid);
        let message = bench.fails(code);
        assert!(told.iter().all(|told| message.contains(told)), "{message}");
    };
    let folds = json!({"folds": {"count": 3, "test": 0.2}});
    let shares = json!({"shares": {"train": 0.6, "valid": 0.2, "test": 0.2}});
    let both = json!({"bagged": true, "refit": true});
    refused(folds, both, 3, ["model.bagged", "fitted anew"]);
    refused(shares.clone(), json!({"bagged": true}), 3, ["model.bagged", "on folds"]);
    // Without folds the validation rows there are serve.
    let bench = bench(json!({"stacked": {"C": 0.1}}));
    let mut grid: Value = read(&bench, "grid.json");
    grid["split"] = shares;
    bench.write_grid(&grid);
    bench.sweep("run");
    assert_eq!(read(&bench, "run/stacked/metrics.json")["C"], 0.1);
}

/// Killed while it trains, while it makes its final models, and while it writes them.
#[test]
fn a_bagged_model_of_a_sweep_that_was_killed_has_the_bytes_of_one_that_was_not() {
    let bench = families(json!({
        "bagged": true, "ensemble": {"size": 4}, "stacked": {}, "calibration": "temperature"
    }));
    let mut grid: Value = read(&bench, "grid.json");
    grid["grid"]["epochs"] = json!([30]);
    bench.write_grid(&grid);
    bench.sweep("whole");
    let trials = table(&bench.file("whole/trials.csv")).len();
    let command = ["sweep", "grid.json", "--out", "killed", "--jobs", "2", "--resume", "--quiet"];
    let mut unfinished = 0;
    for (ended, milliseconds) in [(1, 0), (trials / 2, 0), (trials, 0), (trials, 60), (trials, 250)]
    {
        let mut child = forewarn(bench.path());
        let mut child =
            child.args(command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The journal has a line of its own before those of the trials.
        let lines =
            || std::fs::read_to_string(bench.file("killed/journal.jsonl")).unwrap_or_default();
        while lines().lines().count() <= ended && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        unfinished += usize::from(!child.wait().unwrap().success());
    }
    assert!(unfinished >= 2, "only {unfinished} were killed");
    bench.forewarn(&command).success();
    for folder in ["best", "ensemble", "stacked"] {
        for file in ["model.json", "model.safetensors", "metrics.json"] {
            let bytes =
                |run: &str| std::fs::read(bench.file(&format!("{run}/{folder}/{file}"))).unwrap();
            assert!(bytes("whole") == bytes("killed"), "{folder}/{file}");
        }
    }
    assert_eq!(read(&bench, "killed/best/metrics.json")["bagged"], 3);
    for file in ["curves.csv", "folds.csv", "best/importance.csv"] {
        assert!(
            bench.read(&format!("whole/{file}")) == bench.read(&format!("killed/{file}")),
            "{file}"
        );
    }
}
