//! Families of models other than networks: in one sweep with them, and each by itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Bench, forewarn, root, skip, table, without_times};

/// The families, each with the name of the variant that trains it here.
pub const FAMILIES: [(&str, &str); 7] = [
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

/// Where the library lies that the variable names; nothing where the machine lacks it.
fn find_library(variable: &str) -> Option<PathBuf> {
    let (_, _, place) = LIBRARIES.into_iter().find(|(_, name, _)| *name == variable)?;
    let packages = fs::read_dir(root().join(".libtorch/lib")).into_iter().flatten().flatten();
    let mut own = packages.map(|python| python.path().join("site-packages").join(place));
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| own.find(|library| library.exists()))
}

/// Where the library lies that the variable names, which must be there.
pub fn library(variable: &str) -> PathBuf {
    find_library(variable).unwrap()
}

/// Says aloud that a library is missing, where one is.
pub fn has_libraries(test: &str) -> bool {
    LIBRARIES.into_iter().all(|(name, variable, _)| {
        let found = find_library(variable).is_some();
        if !found {
            let why = format!("`make libtorch` fetches it; or name its library in {variable}");
            skip(test, name, &why);
        }
        found
    })
}

/// The files that hold a model.
pub const MODELS: [&str; 3] = ["model.txt", "xgboost.json", "model.safetensors"];

/// Every family on three folds of 400 rows, each with two lengths.
pub fn grid(bench: &Bench) -> Value {
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
    assert!(said.contains("model   from the best 14 trials\n"), "{said}");
    for folder in ["best", "ensemble", "families/knn"] {
        let report = bench.read(&format!("run/{folder}/metrics_report.txt"));
        for words in
            ["valid rows", "test rows", "precision    recall  f1-score   support", "macro avg"]
        {
            assert!(report.contains(words), "{folder}: {report}");
        }
    }
    // A session that has not trained them has lost what they predict.
    let before = files(&bench.path().join("run"));
    let said =
        bench.forewarn(&["sweep", "grid.json", "--out", "run", "--resume"]).success().stdout();
    assert!(said.contains("the best 14 trials, 14 of them trained once more"), "{said}");
    assert!(
        before == files(&bench.path().join("run")),
        "predictions that are made again are others"
    );
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
