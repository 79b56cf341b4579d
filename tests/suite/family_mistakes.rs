//! What families cannot take, through the real binary: axes, rows, cells, libraries.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::families::{has_libraries, library};
use crate::support::{Bench, forewarn, run, table};

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

#[test]
fn boosting_with_a_library_of_another_version_says_which() {
    if !has_libraries("families: libraries of other versions") {
        return;
    }
    let bench = Bench::new();
    let folder = bench.file("package/lib");
    fs::create_dir_all(&folder).unwrap();
    // LightGBM's package tells the version beside the library.
    fs::copy(library("FOREWARN_LIGHTGBM"), folder.join("lib_lightgbm.so")).unwrap();
    bench.write("package/VERSION.txt", "4.6.0\n");
    // XGBoost's library does itself; the names of its functions are looked up first.
    let source = include_str!("../../src/xgboost/library.rs");
    let is_name = |word: &&str| {
        word.starts_with("XG") && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let functions = source.split('"').filter(is_name).filter(|name| *name != "XGBoostVersion");
    let functions: String =
        functions.map(|name| format!("int {name}(void) {{ return -1; }}\n")).collect();
    let version = "void XGBoostVersion(int *a, int *b, int *c) { *a = 3; *b = 2; *c = 7; }\n";
    bench.write("other.c", &format!("{functions}{version}"));
    let compile = ["-shared", "-fPIC", "-o", "other.so", "other.c"];
    run(Command::new("cc").current_dir(bench.path()).args(compile)).success();
    for (family, variable, file, told) in [
        (
            "gradient_boosting",
            "FOREWARN_LIGHTGBM",
            "package/lib/lib_lightgbm.so",
            "is LightGBM 4.6.0",
        ),
        ("xgboost", "FOREWARN_XGBOOST", "other.so", "is XGBoost 3.2.7; 3.4 is needed"),
    ] {
        let mut grid = bench.grid();
        grid["variants"] = json!({"boosted": {"family": family}});
        bench.write_grid(&grid);
        let mut sweep = forewarn(bench.path());
        sweep.args(["sweep", "grid.json", "--out", "run"]).env(variable, bench.file(file));
        let message = run(&mut sweep).code(6).stderr();
        assert!(message.contains(told) && message.contains("make libtorch"), "{message}");
        assert!(!bench.file("run").exists(), "nothing was begun");
    }
}

/// Every family but networks, each in a variant of its own name, with few rounds.
fn variants() -> Value {
    let variant = |family: &str, rounds: &str| json!({"family": family, "grid": {rounds: [5]}});
    json!({
        "logistic": {"family": "logistic_regression"},
        "forest": variant("random_forest", "n_estimators"),
        "extra": variant("extra_trees", "n_estimators"),
        "boosting": variant("gradient_boosting", "num_iterations"),
        "xgboost": variant("xgboost", "n_estimators"),
        "neighbours": variant("knn", "n_neighbors"),
    })
}

#[test]
fn a_class_with_fewer_rows_than_folds_is_named_before_any_family_trains() {
    if !has_libraries("families: a class of two rows") {
        return;
    }
    let bench = Bench::new();
    let rows = (0..60).map(|row| format!("{row},{}\n", if row < 2 { 9 } else { row % 2 }));
    bench.write("data.csv", &format!("a,y\n{}", rows.collect::<String>()));
    for (name, variant) in variants().as_object().unwrap() {
        bench.write_grid(&json!({
            "name": "rare",
            "data": {"source": {"file": "data.csv"}, "target": "y"},
            "split": {"folds": {"count": 3, "test": 0.2}},
            "variants": {name: variant},
        }));
        let message = bench.fails(4);
        assert!(message.contains("\"9\"") && message.contains("2 row"), "{name}: {message}");
        assert!(!bench.file("run").exists(), "nothing was begun");
    }
}

#[test]
fn constant_columns_among_others_are_noted_and_change_no_family() {
    if !has_libraries("families: constant columns") {
        return;
    }
    let bench = Bench::new();
    let text = bench.read("data.csv");
    let add = |(row, line): (usize, &str)| match row {
        0 => format!("{line},still,kind\n"),
        _ => format!("{line},7.5,pump\n"),
    };
    bench.write("data.csv", &text.lines().enumerate().map(add).collect::<String>());
    let mut grid = bench.grid();
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    grid["variants"] = variants();
    grid["variants"]["network"] = json!({});
    grid["grid"]["hidden"] = json!([[4]]);
    grid["grid"]["learning_rate"] = json!([0.01]);
    bench.write_grid(&grid);
    let said = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    for name in ["still", "kind"] {
        assert!(said.contains(&format!("{name:?} is constant")), "{said}");
    }
    grid["data"]["drop"] = json!(["still", "kind"]);
    bench.write_grid(&grid);
    bench.sweep("without");
    let scores = |run: &str| {
        let trials = table(&bench.file(&format!("{run}/trials.csv")));
        assert_eq!(trials.len(), 7);
        assert!(trials.iter().all(|trial| trial["status"] == "finished"), "{trials:?}");
        let score = |row: &std::collections::HashMap<String, String>| {
            (row["family"].clone(), row["test_mcc"].clone())
        };
        trials.iter().map(score).collect::<std::collections::BTreeMap<_, _>>()
    };
    let (with, without) = (scores("run"), scores("without"));
    // A network has more first weights, and a forest draws among more columns.
    for family in ["gradient_boosting", "xgboost", "knn", "logistic_regression"] {
        assert_eq!(with[family], without[family], "{family}");
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
    // Networks, neighbours and a regression want a fill, and a forest an encoding.
    let network = json!({
        "learning_rate": [0.01], "optimizer": ["adam"], "epochs": [2], "hidden": [[4]]
    });
    for (variant, axes) in [
        (json!({"family": "knn"}), json!({})),
        (json!({"family": "logistic_regression"}), json!({})),
        (json!({}), network),
    ] {
        grid["variants"] = json!({"one": variant});
        grid["grid"] = axes;
        bench.write_grid(&grid);
        let message = bench.fails(4);
        assert!(message.contains("\"heat\" has") && message.contains("fill"), "{message}");
    }
    grid["grid"] = json!({});
    grid["variants"] = json!({"forest": {"family": "random_forest", "replace_steps": []}});
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("\"oil\"") && message.contains("one_hot"), "{message}");
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
    let mut all = variants();
    all["network"] = json!({});
    bench.write_grid(&json!({
        "name": "alike",
        "data": {"source": {"file": "data.csv"}, "target": "y"},
        "split": {"folds": {"count": 3, "test": 0.2}},
        "grid": {"learning_rate": [0.01], "optimizer": ["adam"], "epochs": [3], "hidden": [[4]]},
        "variants": all,
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
