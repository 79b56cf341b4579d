//! Variants: each trains what a grid file of its own would, and the winner keeps its own preparation.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{Bench, table};

/// Variants: the grid alone, another axis, train rows made equal in number, and the grid once more.
fn variants() -> Value {
    json!({
        "plain": {},
        "dropout": {"grid": {"dropout": [0.3], "hidden": [[8]]}},
        "smote": {"steps": [{"balance": {"smote": {}}}]},
        "again": {}
    })
}

/// The grid file that trains what one of [`variants`] does.
fn alone(bench: &Bench, variant: &str) -> Value {
    let mut grid = bench.grid();
    match variant {
        "dropout" => {
            grid["grid"]["dropout"] = json!([0.3]);
            grid["grid"]["hidden"] = json!([[8]]);
        }
        "smote" => {
            grid["steps"] = json!([{"one_hot": {}}, {"scale": {}}, {"balance": {"smote": {}}}]);
        }
        _ => {}
    }
    grid
}

/// Rows of a table without what they say of their place, time and variant.
fn rows(bench: &Bench, file: &str, variant: &str) -> Vec<HashMap<String, String>> {
    let rows = table(&bench.file(file)).into_iter();
    let mut rows: Vec<_> = rows.filter(|row| row["variant"] == variant).collect();
    rows.sort_by_key(|row| {
        let number = |name: &str| row.get(name).map_or(0, |value| value.parse::<usize>().unwrap());
        (number("trial"), number("fold"), number("epoch"))
    });
    for row in &mut rows {
        for column in ["trial", "rank", "seconds", "variant"] {
            row.remove(column);
        }
    }
    rows
}

#[test]
fn a_variant_trains_what_a_grid_file_of_its_own_does_in_both_engines() {
    for (engine, split) in [
        ("native", json!({"folds": {"count": 2, "test": 0.2}})),
        ("torch", json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}})),
    ] {
        let bench = Bench::new();
        let sweep = |out: &str, mut grid: Value| {
            grid["split"] = split.clone();
            bench.write_grid(&grid);
            let arguments = ["sweep", "grid.json", "--engine", engine, "--out", out, "-q"];
            bench.forewarn(&arguments).success();
        };
        let mut grid = bench.grid();
        grid["variants"] = variants();
        sweep("together", grid);
        for (variant, trials) in [("plain", 4), ("dropout", 2), ("smote", 4), ("again", 4)] {
            sweep(variant, alone(&bench, variant));
            for file in ["curves.csv", "trials.csv"] {
                let ours = rows(&bench, &format!("together/{file}"), variant);
                let apart = rows(&bench, &format!("{variant}/{file}"), "base");
                assert!(ours == apart, "{engine}, {variant}: {file}");
                assert!(file == "curves.csv" || ours.len() == trials, "{engine}, {variant}");
            }
        }
    }
}

#[test]
fn the_winner_keeps_the_steps_of_its_variant() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = json!([]);
    // Numbers as they are, which networks learn badly from, and scaled.
    grid["variants"] = json!({
        "raw": {"grid": {"learning_rate": [1e-9]}},
        "scaled": {"steps": [{"scale": {}}], "grid": {"epochs": [30]}}
    });
    bench.write_grid(&grid);
    bench.sweep("run");
    assert_eq!(table(&bench.file("run/trials.csv"))[0]["variant"], "scaled");
    let model: Value = serde_json::from_str(&bench.read("run/best/model.json")).unwrap();
    assert!(model["preparation"]["steps"][0]["scale"].is_object(), "{model}");
    bench.forewarn(&["evaluate", "run", "--data", "data.csv", "--out", "all.json"]).success();
    let metrics = |file: &str| serde_json::from_str::<Value>(&bench.read(file)).unwrap();
    let (all, best) = (metrics("all.json"), metrics("run/best/metrics.json"));
    let right = |part: &Value| part["rows"].as_f64().unwrap() * part["accuracy"].as_f64().unwrap();
    let parts = ["train", "valid", "test"].map(|part| right(&best[part]));
    assert!((right(&all) - parts.iter().sum::<f64>()).abs() < 1e-6, "{all} {best}");
}

#[test]
fn a_run_of_variants_goes_on_where_it_was_stopped() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["variants"] = variants();
    bench.write_grid(&grid);
    bench.sweep("whole");
    let sweep = ["sweep", "grid.json", "--out", "parts", "--quiet"];
    bench.forewarn(&[&sweep[..], &["--max-trials", "6"]].concat()).success();
    assert_eq!(table(&bench.file("parts/trials.csv")).len(), 6);
    bench.forewarn(&[&sweep[..], &["--resume"]].concat()).success();
    for file in ["curves.csv", "best/model.safetensors", "best/metrics.json"] {
        let [whole, parts] =
            ["whole", "parts"].map(|run| std::fs::read(bench.file(run).join(file)).unwrap());
        assert!(whole == parts, "{file}");
    }
}

#[test]
fn what_is_wrong_with_a_variant_is_said_at_its_place() {
    let bench = Bench::new();
    let fails = |variants: Value| {
        let mut grid = bench.grid();
        grid["variants"] = variants;
        bench.write_grid(&grid);
        bench.fails(3)
    };
    for (variants, expected) in [
        (json!({}), "no variant is named: leave the key out"),
        (json!({"a,b": {}}), "the name \"a,b\" stands in tables: use letters, digits"),
        (json!({"a": {"grid": {"dropuot": [0]}}}), "did you mean `dropout`?"),
        (json!({"a": {"grid": {"dropout": []}}}), "variants.a.grid.dropout"),
        (
            json!({"a": {"steps": [{"drop_missing": {}}]}}),
            "variants.a.steps[0].drop_missing: it changes which rows there are",
        ),
        (
            json!({"a": {"steps": [{"balance": {"smote": {}}}, {"lag": {"rows": [1]}}]}}),
            "variants.a.steps[1].lag: it looks at other rows",
        ),
        (json!({"a": {"steps": [{"derive": {"x": "1 +"}}]}}), "variants.a.steps[0].derive.x"),
    ] {
        let said = fails(variants);
        assert!(said.contains(expected), "{said}");
    }
    let mut grid = bench.grid();
    grid["variants"] = json!({"a": {}, "b": {"steps": [{"clip": {"columns": ["x"], "lower": 0}}]}});
    bench.write_grid(&grid);
    let said = bench.fails(4);
    assert!(said.contains("variants.b.steps[0] (clip)"), "{said}");
    grid["variants"] = json!({"a": {"grid": {"class_weight": [{"worn": 2}]}}});
    bench.write_grid(&grid);
    let said = bench.fails(4);
    assert!(said.contains("grid.class_weight names the class \"worn\""), "{said}");
}
