//! Families of models other than networks: in one sweep with them, and each by itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use forewarn::model::{Ensemble, Member, Model};
use serde_json::{Value, json};

use crate::support::{
    Bench, ai4i, ask_python, forewarn, pytorch, root, run, skip, table, without_times,
};

/// The families, each with the name of the variant that trains it here.
const FAMILIES: [(&str, &str); 7] = [
    ("net", "mlp"),
    ("linear", "logistic_regression"),
    ("forest", "random_forest"),
    ("extra", "extra_trees"),
    ("boosted", "gradient_boosting"),
    ("xgb", "xgboost"),
    ("near", "knn"),
];

/// The libraries that families load, each with the variable that names it and its place among Python's
/// packages.
const LIBRARIES: [(&str, &str, &str); 2] = [
    ("lightgbm", "FOREWARN_LIGHTGBM", "lightgbm/lib/lib_lightgbm.so"),
    ("xgboost", "FOREWARN_XGBOOST", "xgboost/lib/libxgboost.so"),
];

/// Says aloud that a library is missing, where one is.
fn has_libraries(test: &str) -> bool {
    LIBRARIES.into_iter().all(|(name, variable, place)| {
        let packages = fs::read_dir(root().join(".libtorch/lib")).into_iter().flatten().flatten();
        let own = packages
            .map(|python| python.path().join("site-packages").join(place))
            .any(|library| library.exists());
        let found = own || std::env::var_os(variable).is_some();
        if !found {
            let why = format!("`make libtorch` fetches it; or name its library in {variable}");
            skip(test, name, &why);
        }
        found
    })
}

/// The files that hold a model.
const MODELS: [&str; 3] = ["model.txt", "xgboost.json", "model.safetensors"];

/// Every family on three folds of 400 rows, each with two lengths.
fn grid(bench: &Bench) -> Value {
    let mut grid = bench.grid();
    grid["grid"] = json!({
        "learning_rate": [0.01], "optimizer": ["adam"], "epochs": [2, 4], "hidden": [[8]],
        "seed": [0, 1], "class_weight": ["none", "balanced"]
    });
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    grid["variants"] = json!({
        "net": {},
        "linear": {"family": "logistic_regression", "grid": {"C": [0.1, 10], "max_iter": [1, 50]}},
        "forest": {
            "family": "random_forest",
            "grid": {"n_estimators": [3, 12], "max_depth": ["none", 3]},
            "replace_steps": []
        },
        "extra": {"family": "extra_trees", "grid": {"n_estimators": [2, 9]}},
        "boosted": {
            "family": "gradient_boosting",
            "grid": {"num_iterations": [4, 15], "bagging_fraction": [0.7], "bagging_freq": [1]},
            "replace_steps": []
        },
        "xgb": {
            "family": "xgboost",
            "grid": {"n_estimators": [4, 15], "subsample": [0.7], "colsample_bynode": [0.8]},
            "replace_steps": []
        },
        "near": {"family": "knn", "grid": {"n_neighbors": [1, 6], "weights": ["uniform", "distance"]}}
    });
    grid
}

/// All files of models and tables of a run, but for times.
fn files(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let families = FAMILIES.map(|(_, family)| format!("families/{family}"));
    for folder in ["best", "ensemble"].into_iter().chain(families.iter().map(String::as_str)) {
        let Ok(entries) = fs::read_dir(run.join(folder)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(run).unwrap().display().to_string();
            files.insert(name, fs::read(path).unwrap());
        }
    }
    for name in ["curves.csv", "folds.csv", "configurations.csv"] {
        files.insert(name.to_owned(), fs::read(run.join(name)).unwrap());
    }
    let families = fs::read_to_string(run.join("families.csv")).unwrap();
    files.insert("families.csv".to_owned(), without_times(&families).into_bytes());
    files
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    assert!(one.keys().eq(other.keys()), "{:?} and {:?}", one.keys(), other.keys());
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{name} differs");
    }
}

#[test]
fn all_families_give_the_same_bytes_whatever_the_threads_and_the_stops() {
    if !has_libraries("families: the same bytes") {
        return;
    }
    let bench = Bench::new();
    let mut grid = grid(&bench);
    grid["model"] = json!({"ensemble": {"candidates": 6, "size": 8}, "calibration": "temperature"});
    bench.write_grid(&grid);
    let sweep = |out: &str, jobs: &str| {
        bench
            .forewarn(&["sweep", "grid.json", "--out", out, "--jobs", jobs, "--quiet", "--resume"])
            .success();
    };
    sweep("one", "1");
    sweep("three", "3");
    assert_same(&bench.file("one"), &bench.file("three"));
    // Every family has finished trials, curves and a best model.
    let trials = table(&bench.file("one/trials.csv"));
    for (variant, family) in FAMILIES {
        let of_family: Vec<_> = trials.iter().filter(|row| row["family"] == family).collect();
        assert!(!of_family.is_empty() && of_family.iter().all(|row| row["status"] == "finished"));
        assert!(of_family.iter().all(|row| row["variant"] == variant), "{family}");
        assert!(bench.file(&format!("one/families/{family}/model.json")).exists(), "{family}");
    }
    // An axis that a family has not is an empty cell.
    let forest = trials.iter().find(|row| row["family"] == "random_forest").unwrap();
    assert_eq!((&*forest["hidden"], &*forest["n_neighbors"]), ("", ""));
    let near = trials.iter().find(|row| row["family"] == "knn").unwrap();
    assert_eq!((&*near["seed"], &*near["n_estimators"]), ("", ""));
    // Killed again and again, and stopped by trials, it comes to the same.
    for (kill, wait) in [20, 60, 110, 170, 240, 330].into_iter().enumerate() {
        let mut child = forewarn(bench.path())
            .args(["sweep", "grid.json", "--out", "killed", "--jobs", "2", "--resume", "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(400 + wait));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(kill < 6);
    }
    let some =
        ["sweep", "grid.json", "--out", "killed", "--quiet", "--resume", "--max-trials", "5"];
    bench.forewarn(&some).success();
    sweep("killed", "2");
    assert_same(&bench.file("one"), &bench.file("killed"));
}

#[test]
fn shorter_trainings_are_the_beginnings_of_longer_ones_and_any_trial_can_be_had() {
    if !has_libraries("families: lengths") {
        return;
    }
    let bench = Bench::new();
    bench.write_grid(&grid(&bench));
    bench.sweep("both");
    let both = table(&bench.file("both/trials.csv"));
    for (variant, axis, length) in [
        ("net", "epochs", 2),
        ("linear", "max_iter", 1),
        ("forest", "n_estimators", 3),
        ("extra", "n_estimators", 2),
        ("boosted", "num_iterations", 4),
        ("xgb", "n_estimators", 4),
        ("near", "n_neighbors", 1),
    ] {
        // The same grid with the shorter length alone.
        let mut short = grid(&bench);
        let own = if variant == "net" { "grid" } else { "variants" };
        if own == "grid" {
            short["grid"][axis] = json!([length]);
        } else {
            short["variants"][variant]["grid"][axis] = json!([length]);
        }
        let variants = short["variants"].as_object_mut().unwrap();
        variants.retain(|name, _| name == variant);
        bench.write_grid(&short);
        let out = format!("short_{variant}");
        bench.sweep(&out);
        let alone = table(&bench.file(&format!("{out}/trials.csv")));
        let number = |rows: &[std::collections::HashMap<String, String>]| {
            let found = rows.iter().find(|row| {
                let seeds = ["", "1"].contains(&row.get("seed").map_or("", String::as_str));
                row["variant"] == variant && row[axis] == length.to_string() && seeds
            });
            found.unwrap()["trial"].clone()
        };
        let settings = |rows: &[std::collections::HashMap<String, String>], trial: &str| {
            let row = rows.iter().find(|row| row["trial"] == trial).unwrap();
            (
                row["valid_loss"].clone(),
                row.get("class_weight").cloned().unwrap_or_default(),
                row["test_mcc"].clone(),
            )
        };
        let pairs = [("both", number(&both)), (&*out, number(&alone))];
        assert_eq!(settings(&both, &pairs[0].1), settings(&alone, &pairs[1].1), "{variant}");
        let models = pairs.map(|(run, trial)| {
            let out = format!("model_{run}_{variant}");
            bench.forewarn(&["model", &format!("{run}:{trial}"), "--out", &out]).success();
            let files = MODELS.map(|name| bench.file(&format!("{out}/{name}")));
            files.iter().find_map(|file| fs::read(file).ok()).unwrap()
        });
        assert!(models[0] == models[1], "{variant}: the models differ");
    }
    // The best of each family is the model of its trial.
    for (_, family) in FAMILIES {
        let best = format!("both/families/{family}");
        let metrics: Value =
            serde_json::from_str(&bench.read(&format!("{best}/metrics.json"))).unwrap();
        let trial = format!("both:{}", metrics["trial"]);
        bench.forewarn(&["model", &trial, "--out", "again", "--overwrite"]).success();
        for name in MODELS.into_iter().chain(["model.json", "metrics.json"]) {
            let [then, now] = [&best, "again"]
                .map(|folder| fs::read(bench.file(&format!("{folder}/{name}"))).ok());
            assert!(then == now, "{family}: {name}");
        }
    }
}

#[test]
fn a_row_alone_is_predicted_as_among_many_by_every_family() {
    if !has_libraries("families: predictions") {
        return;
    }
    let bench = Bench::new();
    bench.write_grid(&grid(&bench));
    bench.sweep("run");
    let text = bench.read("data.csv");
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    bench.write("row.csv", &format!("{header}\n{}\n", lines.nth(17).unwrap()));
    for (_, family) in FAMILIES {
        let model = format!("run/families/{family}");
        for (data, out) in [("data.csv", "many.csv"), ("row.csv", "alone.csv")] {
            bench
                .forewarn(&["predict", &model, "--data", data, "--out", out, "--overwrite"])
                .success();
        }
        let many = bench.read("many.csv");
        let alone = bench.read("alone.csv");
        assert_eq!(many.lines().nth(18), alone.lines().nth(1), "{family}");
        bench.forewarn(&["evaluate", &model, "--data", "data.csv"]).success();
        bench.forewarn(&["importance", &model, "--data", "data.csv", "--repeats", "1"]).success();
    }
}

#[test]
fn an_ensemble_chooses_among_every_family() {
    if !has_libraries("families: candidates") {
        return;
    }
    let bench = Bench::new();
    let mut grid = grid(&bench);
    grid["model"] = json!({"ensemble": {"candidates": 1, "candidates_per_family": 2, "size": 3}});
    bench.write_grid(&grid);
    let said = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    assert!(said.contains("the best 14 trials trained once more"), "{said}");
    for folder in ["best", "ensemble", "families/knn"] {
        let report = bench.read(&format!("run/{folder}/metrics_report.txt"));
        for words in
            ["valid rows", "test rows", "precision    recall  f1-score   support", "macro avg"]
        {
            assert!(report.contains(words), "{folder}: {report}");
        }
    }
}

/// What a run says of a grid with one more variant.
fn refused(change: impl FnOnce(&mut Value), code: i32) -> String {
    let bench = Bench::new();
    let mut grid = bench.grid();
    change(&mut grid);
    bench.write_grid(&grid);
    bench.fails(code)
}

#[test]
fn an_axis_of_another_family_is_named_with_the_family_that_has_it() {
    let forest = |axes: Value| {
        move |grid: &mut Value| {
            grid["variants"] = json!({"forest": {"family": "random_forest", "grid": axes}});
        }
    };
    let message = refused(forest(json!({"num_leaves": [7]})), 3);
    assert!(message.contains("variants.forest.grid.num_leaves"), "{message}");
    assert!(message.contains("one of gradient_boosting") && message.contains("n_estimators"));
    let message = refused(forest(json!({"n_estimator": [7]})), 3);
    assert!(message.contains("did you mean `n_estimators`?"), "{message}");
    let message = refused(forest(json!({"max_samples": [0.5], "bootstrap": [true, false]})), 3);
    assert!(message.contains("max_samples") && message.contains("bootstrap"), "{message}");
    let message = refused(|grid| grid["grid"]["n_estimators"] = json!([10]), 3);
    assert!(
        message.contains("grid.n_estimators") && message.contains("\"random_forest\""),
        "{message}"
    );
    let message = refused(|grid| grid["variants"] = json!({"x": {"family": "forest"}}), 3);
    assert!(message.contains("random_forest"), "{message}");
}

#[test]
fn a_file_without_networks_needs_no_axis_of_theirs_and_one_with_them_does() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid.as_object_mut().unwrap().remove("grid");
    grid["variants"] = json!({"near": {"family": "knn"}});
    bench.write_grid(&grid);
    bench.sweep("run");
    assert_eq!(table(&bench.file("run/trials.csv")).len(), 1);
    let message = refused(
        |grid| {
            grid["grid"] = json!({"seed": [1]});
            grid["variants"] = json!({"near": {"family": "knn"}, "net": {}});
        },
        3,
    );
    assert!(
        message.contains("`learning_rate` is missing") && message.contains("\"net\""),
        "{message}"
    );
}

#[test]
fn settings_that_the_rows_do_not_bear_are_refused_before_training() {
    let near = |count: u32| {
        move |grid: &mut Value| {
            grid["variants"] = json!({"near": {"family": "knn", "grid": {"n_neighbors": [count]}}});
        }
    };
    let message = refused(near(5000), 3);
    assert!(
        message.contains("variants.near.grid.n_neighbors") && message.contains("train rows"),
        "{message}"
    );
    let rows = |grid: &mut Value| {
        grid["variants"] = json!({
            "near": {"family": "knn"},
            "other": {"family": "random_forest", "replace_steps": [{"drop_rows": {"where": "rpm > 1600"}}]}
        });
    };
    let message = refused(rows, 4);
    assert!(
        message.contains("variants.other.replace_steps") && message.contains("same rows"),
        "{message}"
    );
}

#[test]
fn boosting_without_its_library_says_what_to_do() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    bench.write("text.so", "this is no library");
    let own = std::env::current_exe().unwrap();
    for (family, variable) in
        [("gradient_boosting", "FOREWARN_LIGHTGBM"), ("xgboost", "FOREWARN_XGBOOST")]
    {
        grid["variants"] = json!({"boosted": {"family": family}});
        bench.write_grid(&grid);
        for (library, why) in [
            (bench.file("nothing.so"), "no such file"),
            (bench.file("text.so"), "cannot be loaded as a library"),
            (own.clone(), "cannot be loaded as a library"),
        ] {
            let mut sweep = forewarn(bench.path());
            sweep.args(["sweep", "grid.json", "--out", "run"]).env(variable, &library);
            let message = run(&mut sweep).code(6).stderr();
            assert!(message.contains(why) && message.contains("make libtorch"), "{message}");
            assert!(message.contains(&format!("{family} needs the library")), "{message}");
            assert!(!bench.file("run").exists(), "nothing was begun");
        }
    }
}

/// A table with a category, missing cells and two classes.
fn gaps(bench: &Bench) {
    let row = |row: usize| {
        let load = (row * 37 % 101) as f64 / 10.0;
        let oil = ["low", "high", ""][row % 3];
        let heat =
            if row.is_multiple_of(7) { String::new() } else { format!("{}", 20 + row * 13 % 40) };
        let bad = u8::from(load > 6.0 || oil == "high" && row.is_multiple_of(2));
        format!("{load},{oil},{heat},{bad}\n")
    };
    let rows: String = (0..300).map(row).collect();
    bench.write("gaps.csv", &format!("load,oil,heat,bad\n{rows}"));
}

#[test]
fn missing_cells_and_categories_go_to_the_families_that_use_them() {
    if !has_libraries("families: missing cells") {
        return;
    }
    let bench = Bench::new();
    gaps(&bench);
    let mut grid = bench.grid();
    grid["data"] = json!({"source": {"file": "gaps.csv"}, "target": "bad"});
    grid["steps"] = json!([{"drop_columns": ["oil"]}]);
    grid["grid"] = json!({});
    grid["variants"] = json!({
        "forest": {"family": "random_forest", "grid": {"n_estimators": [20]}},
        "extra": {"family": "extra_trees", "grid": {"n_estimators": [20]}},
        "boosted": {"family": "gradient_boosting", "grid": {"min_data_per_group": [5]}, "replace_steps": []},
        "xgb": {"family": "xgboost", "replace_steps": []}
    });
    bench.write_grid(&grid);
    bench.sweep("run");
    let trials = table(&bench.file("run/trials.csv"));
    assert_eq!(trials.len(), 4);
    // The category tells: the families that have it are best.
    let mut best = [&*trials[0]["family"], &*trials[1]["family"]];
    best.sort_unstable();
    assert_eq!(best, ["gradient_boosting", "xgboost"]);
    let [lightgbm, xgboost] = ["gradient_boosting/model.txt", "xgboost/xgboost.json"]
        .map(|file| bench.read(&format!("run/families/{file}")));
    assert!(lightgbm.contains("num_cat=1") && xgboost.contains("\"categories\":[0"), "{xgboost}");
    // A category that training has not seen is a missing one.
    bench.write("new.csv", "load,oil,heat\n3.5,mineral,21\n3.5,,21\n");
    for family in best {
        let model = format!("run/families/{family}");
        let predict =
            ["predict", &model, "--data", "new.csv", "--out", "new_out.csv", "--overwrite"];
        bench.forewarn(&predict).success();
        let new = table(&bench.file("new_out.csv"));
        assert_eq!(new[0]["probability_1"], new[1]["probability_1"]);
    }
    // A network and neighbours want a fill, and a forest an encoding.
    grid["variants"] = json!({"near": {"family": "knn"}});
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("\"heat\" has") && message.contains("fill"), "{message}");
    grid["variants"] = json!({"forest": {"family": "random_forest", "replace_steps": []}});
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("\"oil\"") && message.contains("one_hot"), "{message}");
}

#[test]
fn model_folders_of_other_families_and_damaged_files_are_refused() {
    if !has_libraries("families: damaged models") {
        return;
    }
    let bench = Bench::new();
    bench.write_grid(&grid(&bench));
    bench.sweep("run");
    let evaluate = |model: &str| bench.forewarn(&["evaluate", model, "--data", "data.csv"]);
    for (_, family) in FAMILIES {
        let folder = format!("run/families/{family}");
        let sound = bench.read(&format!("{folder}/model.json"));
        for (_, other) in FAMILIES.into_iter().filter(|(_, other)| *other != family) {
            // Both kinds of forests are the same to who predicts.
            if family != "mlp"
                && [family, other].iter().all(|one| ["random_forest", "extra_trees"].contains(one))
            {
                continue;
            }
            let mut described: Value = serde_json::from_str(&sound).unwrap();
            described["family"] = json!(other);
            bench.write(&format!("{folder}/model.json"), &described.to_string());
            let message = evaluate(&folder).code(4).stderr();
            let named = message.contains("model.") || message.contains("xgboost.json");
            assert!(named, "{family} as {other}: {message}");
        }
        bench.write(&format!("{folder}/model.json"), &sound);
        let file = MODELS.map(|name| bench.file(&format!("{folder}/{name}")));
        let file = file.iter().find(|path| path.exists()).unwrap();
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        let message = evaluate(&folder).code(4).stderr();
        assert!(message.contains(file.file_name().unwrap().to_str().unwrap()), "{message}");
    }
    bench.forewarn(&["sweep", "grid.json", "--out", "run", "--quiet", "--overwrite"]).success();
    for (family, name, from, to) in [
        ("gradient_boosting", "model.txt", "left_child=", "left_child=1000000 "),
        ("gradient_boosting", "model.txt", "left_child=", "left_child=-1000000 "),
        ("gradient_boosting", "model.txt", "left_child=", "left_child=0 "),
        ("gradient_boosting", "model.txt", "split_feature=", "split_feature=99 "),
        ("gradient_boosting", "model.txt", "num_leaves=", "num_leaves=9999999"),
        ("xgboost", "xgboost.json", "\"left_children\":[1", "\"left_children\":[0"),
        ("xgboost", "xgboost.json", "\"left_children\":[1", "\"left_children\":[1000000"),
        ("xgboost", "xgboost.json", "\"split_indices\":[", "\"split_indices\":[9"),
        ("xgboost", "xgboost.json", "\"version\":[3,4,", "\"version\":[3,3,"),
        ("xgboost", "xgboost.json", "\"num_feature\":\"4\"", "\"num_feature\":\"5\""),
    ] {
        let file = bench.file(&format!("run/families/{family}/{name}"));
        let sound = fs::read_to_string(&file).unwrap();
        assert!(sound.contains(from), "{from}");
        fs::write(&file, sound.replacen(from, to, 1)).unwrap();
        let message = evaluate(&format!("run/families/{family}")).code(4).stderr();
        assert!(message.contains(name), "{message}");
        fs::write(&file, sound).unwrap();
    }
}

/// LightGBM's and XGBoost's own Python open their files, and ten lines of NumPy a forest; all say what we
/// say.
#[test]
fn files_open_where_such_models_live() {
    let test = "families: files in Python";
    if !has_libraries(test) {
        return;
    }
    let Some(python) = pytorch(test) else { return };
    let probe = Command::new(&python)
        .args(["-c", "import lightgbm, xgboost"])
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        return skip(
            test,
            "pytorch",
            "its Python lacks lightgbm or xgboost: `make test` fetches them",
        );
    }
    let bench = Bench::new();
    let whole = ai4i(6000);
    bench.write("data.csv", &whole);
    bench.write(
        "some.csv",
        &whole.lines().take(200).map(|line| format!("{line}\n")).collect::<String>(),
    );
    let mut grid = grid(&bench);
    grid["data"] = json!({
        "source": {"file": "data.csv"},
        "target": "Failure Type",
        "features": ["Air temperature [K]", "Rotational speed [rpm]", "Torque [Nm]", "Tool wear [min]"]
    });
    grid["steps"] = json!([]);
    let variants = grid["variants"].as_object_mut().unwrap();
    variants.retain(|name, _| {
        ["forest", "extra", "boosted", "xgb", "near", "linear"].contains(&name.as_str())
    });
    bench.write_grid(&grid);
    bench.sweep("run");
    for (_, family) in FAMILIES.into_iter().filter(|(_, family)| *family != "mlp") {
        let model = format!("run/families/{family}");
        bench
            .forewarn(&[
                "predict",
                &model,
                "--data",
                "some.csv",
                "--out",
                "told.csv",
                "--overwrite",
            ])
            .success();
        let docs = fs::read_to_string(root().join("docs/families.md")).unwrap();
        let mut blocks = docs.split("```python\n").skip(1);
        let of_family = |block: &&str| block.lines().next().unwrap().contains(family);
        let block = blocks.find(of_family).unwrap().split("```").next().unwrap();
        let question = json!({
            "code": block,
            "folder": bench.file(&model),
            "predictions": bench.file("told.csv"),
        });
        let furthest = ask_python(&python, &root().join("tests/python/families.py"), &question);
        // Predictions are written with the digits of 32-bit floats.
        assert!(furthest.as_f64().unwrap() < 1e-6, "{family}: {furthest}");
    }
}

/// A folder of every format and family that was ever written, with what its model said then.
#[test]
fn models_of_earlier_formats_are_read_and_say_what_they_said() {
    let models = root().join("tests/models");
    let bench = Bench::new();
    let mut folders: Vec<_> = fs::read_dir(&models).unwrap().flatten().collect();
    folders.retain(|entry| entry.path().is_dir());
    assert!(folders.len() >= 8, "{folders:?}");
    for folder in folders.iter().map(fs::DirEntry::path) {
        let model = folder.to_str().unwrap();
        let rows = models.join("rows.csv");
        let rows = rows.to_str().unwrap();
        let predict = ["predict", model, "--data", rows, "--out", "now.csv", "--overwrite"];
        bench.forewarn(&predict).success();
        let then = table(&folder.join("predicted.csv"));
        let now = table(&bench.file("now.csv"));
        assert_eq!(then.len(), now.len());
        for (then, now) in then.iter().zip(&now) {
            assert_eq!(then["predicted"], now["predicted"], "{model}");
            let number = |row: &std::collections::HashMap<String, String>| {
                row["probability_1"].parse::<f64>().unwrap()
            };
            assert!((number(then) - number(now)).abs() < 1e-6, "{model}");
        }
    }
}

/// The tensors of all members are in one file, which is larger than any of them alone may be.
#[test]
fn an_ensemble_of_many_models_is_read_again() {
    let models = root().join("tests/models");
    let [network, forest] = ["format_5_mlp", "format_5_random_forest"]
        .map(|name| Ensemble::load(&models.join(name)).unwrap().members()[0].model.clone());
    let of = |model: Model| Member { input: 0, weight: 1.0 / 400.0, model };
    let members = (0..200).flat_map(|_| [of(network.clone()), of(forest.clone())]).collect();
    let ensemble = Ensemble::mean(members, network.description.decision.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    ensemble.save(folder.path()).unwrap();
    assert!(fs::metadata(folder.path().join("model.safetensors")).unwrap().len() > 200_000);
    assert_eq!(Ensemble::load(folder.path()).unwrap().members().len(), 400);
}

/// A row every so many rounds, and one where a training ends; what is trained is the same.
#[test]
fn curves_are_thinned_and_nothing_else_changes() {
    if !has_libraries("families: thinned curves") {
        return;
    }
    let bench = Bench::new();
    let mut grid = grid(&bench);
    grid["grid"]["lr_schedule"] = json!([{"reduce_on_plateau": {"patience": 0, "threshold": 0.5}}]);
    grid["restore_best_weights"] = json!(false);
    bench.write_grid(&grid);
    bench.sweep("all");
    grid["curve_every"] = json!(5);
    bench.write_grid(&grid);
    bench.sweep("some");
    assert!(bench.read("all/folds.csv") == bench.read("some/folds.csv"));
    let rows = |run: &str, trial: &str| -> Vec<u32> {
        let rows = table(&bench.file(&format!("{run}/curves.csv")));
        let of_trial = rows.iter().filter(|row| row["trial"] == trial && row["fold"] == "0");
        of_trial.map(|row| row["epoch"].parse().unwrap()).collect()
    };
    for trial in table(&bench.file("some/trials.csv")) {
        let [all, some] = ["all", "some"].map(|run| rows(run, &trial["trial"]));
        let last = *all.last().unwrap();
        let kept = all.iter().copied().filter(|round| round.is_multiple_of(5) || *round == last);
        assert_eq!(some, kept.collect::<Vec<_>>(), "{trial:?}");
    }
}

/// Where no row tells anything, every family trains and says how often each class is there.
#[test]
fn rows_that_are_all_alike_are_no_obstacle_to_any_family() {
    if !has_libraries("families: rows all alike") {
        return;
    }
    let bench = Bench::new();
    let rows = (0..60).map(|row| format!("1,2,x,{}\n", u8::from(row % 3 == 0)));
    bench.write("data.csv", &format!("a,b,c,y\n{}", rows.collect::<String>()));
    let variant = |family: &str, rounds: &str| json!({"family": family, "grid": {rounds: [5]}});
    bench.write_grid(&json!({
        "name": "alike",
        "data": {"source": {"file": "data.csv"}, "target": "y"},
        "split": {"folds": {"count": 3, "test": 0.2}},
        "grid": {"learning_rate": [0.01], "optimizer": ["adam"], "epochs": [3], "hidden": [[4]]},
        "variants": {
            "network": {},
            "logistic": {"family": "logistic_regression"},
            "forest": variant("random_forest", "n_estimators"),
            "extra": variant("extra_trees", "n_estimators"),
            "boosting": variant("gradient_boosting", "num_iterations"),
            "xgboost": variant("xgboost", "n_estimators"),
            "neighbours": variant("knn", "n_neighbors"),
        },
        "model": {"ensemble": {}, "stacked": {}}
    }));
    let said = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    assert!(said.contains(r#""a" is constant"#) && said.contains(r#""c" is constant"#), "{said}");
    let trials = table(&bench.file("run/trials.csv"));
    assert_eq!(trials.len(), 7);
    for trial in &trials {
        assert_eq!(trial["status"], "finished", "{trial:?}");
        // A network of few steps, and neighbours among equals, are near the shares and not at them.
        let near = !matches!(trial["family"].as_str(), "mlp" | "knn");
        let loss: f64 = trial["valid_loss"].parse().unwrap();
        // The entropy of one row in three is 0.637.
        assert!(!near || (0.6..0.7).contains(&loss), "{trial:?}");
    }
    bench.forewarn(&["predict", "run/stacked", "--data", "data.csv", "--out", "p.csv"]).success();
}
