//! The key `model`: refit, ensemble, calibration and thresholds; see `combined_models` for bagged and stacked ones.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Bench, forewarn, pytorch, root, table};

/// A grid of eight trials on three folds, with a final model.
pub fn bench(model: Value) -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["seed"] = json!([0, 1]);
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    grid["model"] = model;
    bench.write_grid(&grid);
    bench
}

pub fn read(bench: &Bench, name: &str) -> Value {
    serde_json::from_str(&bench.read(name)).unwrap()
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn a_refit_is_trained_and_prepared_on_all_rows_but_those_of_the_test() {
    let bench = bench(json!({"refit": true}));
    bench.sweep("run");
    let (model, metrics) =
        (read(&bench, "run/best/model.json"), read(&bench, "run/best/metrics.json"));
    assert_eq!(model["provenance"]["fold"], Value::Null);
    assert_eq!([&metrics["train"]["rows"], &metrics["valid"]["rows"]], [320, 320]);
    assert_eq!(metrics["test"]["rows"], 80);
    let winner = &table(&bench.file("run/trials.csv"))[0];
    assert_eq!(winner["best_epoch"], model["provenance"]["epoch"].to_string());
    // The mean of all rows that are no test rows: so it is not that of any fold.
    let centers = |run: &str| {
        let steps = read(&bench, &format!("{run}/best/model.json"))["preparation"]["steps"].take();
        steps[1]["scale"]["columns"]["RPM"]["linear"]["center"].as_f64().unwrap()
    };
    let mut grid: Value = read(&bench, "grid.json");
    grid["model"] = json!({});
    bench.write_grid(&grid);
    bench.sweep("plain");
    let [refitted, plain] = ["run", "plain"].map(centers);
    assert!((refitted - plain).abs() > 1e-6 && (refitted - plain).abs() < 50.0);
    let best = read(&bench, "plain/best/model.json");
    assert!(best["provenance"]["fold"].is_u64() && best["decision"]["temperature"] == 1.0);
    assert!(!bench.file("plain/ensemble").exists());
}

#[test]
fn final_models_depend_on_no_thread_and_on_both_engines_alike() {
    let asked = json!({
        "refit": true, "ensemble": {"size": 6, "candidates": 5}, "calibration": "temperature",
        "thresholds": "f1"
    });
    let bench = bench(asked);
    for (out, more) in
        [("one", ["--jobs", "1"]), ("four", ["--jobs", "4"]), ("torch", ["--engine", "torch"])]
    {
        let arguments = ["sweep", "grid.json", "--out", out, "--quiet", more[0], more[1]];
        bench.forewarn(&arguments).success();
    }
    for name in ["best", "ensemble"] {
        for file in ["model.json", "model.safetensors", "metrics.json", "confusion_test.csv"] {
            let bytes =
                |run: &str| std::fs::read(bench.file(&format!("{run}/{name}/{file}"))).unwrap();
            assert!(bytes("one") == bytes("four"), "{name}/{file}");
        }
        let loss = |run: &str| {
            number(&read(&bench, &format!("{run}/{name}/metrics.json"))["test"]["loss"])
        };
        assert!((loss("one") - loss("torch")).abs() < 1e-3, "{} {}", loss("one"), loss("torch"));
    }
}

#[test]
fn pytorch_averages_an_ensemble_by_the_readmes_lines_and_comes_to_the_same_probabilities() {
    let name =
        "pytorch_averages_an_ensemble_by_the_readmes_lines_and_comes_to_the_same_probabilities";
    let Some(python) = pytorch(name) else { return };
    let asked = json!({
        "refit": true, "calibration": "temperature",
        "ensemble": {"size": 8, "candidates": 8, "rank_by": "valid_loss"}
    });
    let bench = bench(asked);
    bench.sweep("outputs/pumps");
    let model = read(&bench, "outputs/pumps/ensemble/model.json");
    let members = model["members"].as_array().unwrap();
    assert!(members.len() > 1, "an ensemble of one would show nothing");
    let weights: f64 = members.iter().map(|member| number(&member["weight"])).sum();
    assert!((weights - 1.0).abs() < 1e-12);
    assert!(members.iter().all(|member| (number(&member["temperature"]) - 1.0).abs() > 1e-6));
    bench
        .forewarn(&["predict", "outputs/pumps/ensemble", "--data", "data.csv", "--out", "p.csv"])
        .success();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let snippet = readme.split("```python\n").find(|block| block.contains("\"members\"")).unwrap();
    let snippet = snippet.split("```").next().unwrap();
    let script = format!(
        "import csv\n{snippet}\n\
         rows = []\n\
         for row in csv.DictReader(open('data.csv')):\n    \
             rows.append([row[column] for column in model['members'][0]['model']['inputs']])\n\
         steps = model['members'][0]['model']['preparation']['steps']\n\
         scale = [step['scale']['columns'] for step in steps if 'scale' in step][0]\n\
         names = model['members'][0]['model']['inputs']\n\
         linear = [scale[name]['linear'] for name in names]\n\
         rows = [[(float(value) - line['center']) / line['scale'] for value, line in zip(row, linear)] for row in rows]\n\
         print(json.dumps(probabilities(torch.tensor(rows)).tolist()))\n"
    );
    let output =
        Command::new(&python).current_dir(bench.path()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: Vec<[f64; 2]> = serde_json::from_slice(&output.stdout).unwrap();
    let ours = table(&bench.file("p.csv"));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let ours: f64 = ours["probability_1"].parse().unwrap();
        assert!((ours - theirs[1]).abs() < 1e-5, "{ours} {theirs:?}");
    }
}

#[test]
fn validation_rows_bear_out_what_is_chosen_on_them() {
    let plain = bench(json!({"refit": true}));
    plain.sweep("run");
    let plain = read(&plain, "run/best/metrics.json");
    let valid = |model: Value| {
        let bench = bench(model);
        bench.sweep("run");
        read(&bench, "run/best/metrics.json")["valid"].take()
    };
    let calibrated = valid(json!({"refit": true, "calibration": "temperature"}));
    assert!(number(&calibrated["loss"]) < number(&plain["valid"]["loss"]));
    assert_eq!(calibrated["confusion"], plain["valid"]["confusion"]);
    let f1 = valid(json!({"refit": true, "thresholds": "f1"}));
    assert!(number(&f1["macro"]["f1"]) >= number(&plain["valid"]["macro"]["f1"]));
    let recall = valid(json!({"refit": true, "thresholds": {"recall": {"1": 0.95}}}));
    assert!(number(&recall["per_class"][1]["recall"]) >= 0.95, "{recall}");
    assert!(number(&plain["valid"]["per_class"][1]["recall"]) < 0.95);
    let costs = json!({"cost": {"normal": "0", "miss": 20, "false_alarm": 1}});
    let cheap = valid(json!({"refit": true, "thresholds": costs}));
    let cost = |metrics: &Value| {
        let count = |truth: usize, told: usize| number(&metrics["confusion"][truth][told]);
        20.0 * count(1, 0) + count(0, 1)
    };
    assert!(cost(&cheap) < cost(&plain["valid"]), "{cheap}");
}

#[test]
fn members_that_prepare_the_rows_in_different_ways_are_averaged_as_they_were_trained() {
    let bench = bench(json!({"refit": true, "ensemble": {"candidates": 8}}));
    let mut grid = read(&bench, "grid.json");
    grid["steps"] = json!([{"scale": {}}]);
    grid["variants"] = json!({
        "plain": {"grid": {"embedding": [{"kind": "periodic", "width": 2}]}},
        "bins": {"steps": [{"bins": {"count": 3}}], "grid": {
            "embedding": [{"kind": "periodic", "width": 2}]
        }}
    });
    grid["grid"]["epochs"] = json!([15]);
    grid["grid"]["hidden"] = json!([[8]]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let model = read(&bench, "run/ensemble/model.json");
    let inputs = |member: &Value| member["model"]["inputs"].as_array().unwrap().len();
    let widths: BTreeSet<usize> = model["members"].as_array().unwrap().iter().map(inputs).collect();
    assert_eq!(widths.len(), 2, "members of both ways are to be averaged");
    // What the run measured on its own rows is what the saved files say of the same table.
    let metrics = read(&bench, "run/ensemble/metrics.json");
    let arguments = ["evaluate", "run/ensemble", "--data", "data.csv", "--out", "all.json"];
    bench.forewarn(&arguments).success();
    let all = read(&bench, "all.json");
    let weighted = |score: &str| {
        let parts = [("train", 320.0), ("test", 80.0)];
        parts.map(|(part, rows)| number(&metrics[part][score]) * rows).iter().sum::<f64>() / 400.0
    };
    for score in ["accuracy", "loss"] {
        assert!((number(&all[score]) - weighted(score)).abs() < 1e-6, "{score}");
    }
    // A feature is shuffled in both preparations at once.
    let said =
        bench.forewarn(&["importance", "run/ensemble", "--data", "data.csv"]).success().stdout();
    assert!(said.contains("RPM") && said.contains("400 rows"), "{said}");
}

#[test]
fn predict_and_evaluate_tell_the_class_by_the_thresholds() {
    let bench = bench(json!({"refit": true, "thresholds": {"recall": {"1": 0.97}}}));
    bench.sweep("run");
    bench.forewarn(&["predict", "run", "--data", "data.csv", "--out", "p.csv"]).success();
    let model = read(&bench, "run/best/model.json");
    let threshold = number(&model["decision"]["thresholds"][1]);
    assert!(threshold < 0.5, "{threshold}");
    let mut between = 0;
    for row in table(&bench.file("p.csv")) {
        let probability: f64 = row["probability_1"].parse().unwrap();
        assert_eq!(row["predicted"] == "1", probability >= threshold, "{probability} {threshold}");
        between += usize::from(row["predicted"] == "1" && probability < 0.5);
    }
    assert!(between > 0, "no row shows the difference");
    let arguments = ["evaluate", "run", "--data", "data.csv", "--out", "metrics.json"];
    bench.forewarn(&arguments).success();
    let told = table(&bench.file("p.csv"));
    let right = told.iter().filter(|row| row["Motor Fails"].starts_with(&row["predicted"])).count();
    let accuracy = number(&read(&bench, "metrics.json")["accuracy"]);
    assert!((accuracy - right as f64 / 400.0).abs() < 1e-9);
}

#[test]
fn another_final_model_is_made_of_the_same_trials() {
    let bench = bench(json!({}));
    bench.sweep("run");
    let trials = bench.read("run/trials.csv");
    let mut grid = read(&bench, "grid.json");
    grid["model"] = json!({"refit": true, "ensemble": {}});
    bench.write_grid(&grid);
    let arguments = ["sweep", "grid.json", "--out", "run", "--resume"];
    let shown = bench.forewarn(&arguments).success().stdout();
    assert!(shown.contains("8 of 8 trials had ended"), "{shown}");
    assert!(shown.contains("refitted on train and validation rows"), "{shown}");
    assert_eq!(bench.read("run/trials.csv"), trials);
    assert!(bench.file("run/ensemble/model.safetensors").exists());
    let told =
        |bench: &Bench| bench.read("run/report.html").contains(r#""ensemble":{"members":[{"#);
    assert!(told(&bench));
    grid["model"] = json!({});
    bench.write_grid(&grid);
    bench.forewarn(&arguments).success();
    assert!(!bench.file("run/ensemble/model.json").exists() && !told(&bench));
    assert_ne!(read(&bench, "run/best/model.json")["provenance"]["fold"], Value::Null);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_before_its_final_model_goes_on_to_it() {
    let bench = bench(json!({"refit": true, "ensemble": {"candidates": 8}, "stacked": {}}));
    let mut grid = read(&bench, "grid.json");
    grid["grid"]["epochs"] = json!([150]);
    bench.write_grid(&grid);
    let mut child = forewarn(bench.path())
        .args(["sweep", "grid.json", "--out", "run", "--quiet"])
        .spawn()
        .unwrap();
    let started = Instant::now();
    let ended = || std::fs::read_to_string(bench.file("run/journal.jsonl")).unwrap_or_default();
    while ended().lines().count() < 9 && started.elapsed() < Duration::from_mins(5) {
        std::thread::sleep(Duration::from_millis(2));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(read(&bench, "run/run.json")["status"], "interrupted");
    assert!(bench.file("run/best/model.json").exists() && !bench.file("run/ensemble").exists());
    assert!(!bench.file("run/stacked").exists());
    bench.forewarn(&["sweep", "grid.json", "--out", "run", "--resume"]).success();
    bench.sweep("whole");
    let files = ["best/model.safetensors", "ensemble/model.json", "ensemble/metrics.json"];
    for file in files.into_iter().chain(["stacked/model.json", "stacked/metrics.json"]) {
        let bytes = |run: &str| std::fs::read(bench.file(&format!("{run}/{file}"))).unwrap();
        assert!(bytes("run") == bytes("whole"), "{file}");
    }
}

#[test]
fn mistakes_in_the_key_model_are_told_with_their_place() {
    for (model, said) in [
        (json!({"thresholds": {"recall": {"2": 0.9}}}), "the target has no class \"2\""),
        (json!({"thresholds": {"recall": {"1": 1.5}}}), "ratio above 0 and at most 1"),
        (json!({"thresholds": {"recall": {}}}), "name a class"),
        (json!({"thresholds": "best"}), "thresholds"),
        (json!({"thresholds": {"cost": {"normal": "0", "miss": 0, "false_alarm": 1}}}), "above 0"),
        (
            json!({"thresholds": {"cost": {"normal": "x", "miss": 2, "false_alarm": 1}}}),
            "class \"x\"",
        ),
        (json!({"ensemble": {"size": 0}}), "between 1 and"),
        (json!({"calibration": "isotonic"}), "temperature"),
        (json!({"refit": "yes"}), "model.refit"),
    ] {
        let message = bench(model.clone()).fails(3);
        assert!(message.contains(said) && message.contains("grid.json:"), "{model}: {message}");
    }
}

#[test]
fn an_ensemble_that_none_could_have_written_is_refused() {
    let bench = bench(json!({"ensemble": {"rank_by": "valid_loss", "candidates": 8}}));
    bench.sweep("run");
    let sound = read(&bench, "run/ensemble/model.json");
    assert!(sound["members"].as_array().unwrap().len() > 1);
    let refused = |change: &dyn Fn(&mut Value), said: &str| {
        let mut model = sound.clone();
        change(&mut model);
        bench.write("run/ensemble/model.json", &model.to_string());
        let arguments = ["evaluate", "run/ensemble", "--data", "data.csv"];
        let message = bench.forewarn(&arguments).code(4).stderr();
        assert!(message.contains("run/ensemble/model.json") && message.contains(said), "{message}");
    };
    refused(&|model| model["members"] = json!([]), "0 members");
    refused(&|model| model["members"][0]["weight"] = json!(0.9999), "shares of 1");
    refused(&|model| model["members"][0]["weight"] = json!(-1), "shares of 1");
    for wrong in [json!(0), json!(-1), json!(1e9)] {
        refused(&|model| model["members"][0]["temperature"] = wrong.clone(), "temperatures");
    }
    refused(&|model| model["decision"]["temperature"] = json!(0), "decision");
    refused(&|model| model["decision"]["thresholds"] = json!([1.0]), "decision");
    refused(&|model| model["format"] = json!(99), "format 99");
    refused(
        &|model| model["members"][1]["model"]["classes"] = json!(["0", "2"]),
        "different classes",
    );
    refused(&|model| model["members"][1]["model"]["ranges"] = json!([]), "members[1]");
    refused(&|model| model["members"][1]["input"] = json!(1), "shares of 1");
    let stacker = json!({"coef": [[1.0, 0.0], [0.0, 1.0]], "intercept": [0.0, 0.0]});
    let second = |model: &mut Value| {
        let members = model["members"].as_array_mut().unwrap();
        for member in members {
            member["input"] = json!(1);
        }
    };
    refused(&second, "numbered in order");
    refused(
        &|model| {
            model["stacker"] = stacker.clone();
            model["stacker"]["coef"][0] = json!([1.0]);
        },
        "2 classes",
    );
    let wide = json!({"coef": [vec![1.0; 4], vec![0.0; 4]], "intercept": [0.0, 0.0]});
    refused(&|model| model["stacker"] = wide.clone(), "stacker does not fit");
}
