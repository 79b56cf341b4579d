//! Feature importance: best/importance.csv, `forewarn importance`, the page.

use std::collections::HashMap;

use serde_json::json;

use crate::browser::dump;
use crate::support::{Bench, ai4i, skip, table};

/// A run on 2,000 rows in the shape of AI4I, with categories, bins and a derived feature.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("data.csv", &ai4i(2000));
    bench.write_grid(&json!({
        "name": "bench",
        "seed": 7,
        "data": {"source": {"file": "data.csv"}, "target": "Target", "drop": ["UDI", "Product ID", "Failure Type"]},
        "steps": [
            {"derive": {"power": "torque * rotational_speed"}},
            {"bins": {"columns": ["power"]}},
            {"scale": {}},
            {"one_hot": {}}
        ],
        "grid": {"learning_rate": [0.01], "optimizer": ["adam"], "epochs": [30], "hidden": [[16]]}
    }));
    bench
}

fn by_feature(bench: &Bench, file: &str) -> HashMap<String, HashMap<String, String>> {
    let rows = table(&bench.file(file)).into_iter();
    rows.map(|row| (row["feature"].clone(), row)).collect()
}

#[test]
fn the_winner_has_the_importance_of_the_columns_before_they_were_encoded() {
    let bench = bench();
    bench.sweep("run");
    let found = by_feature(&bench, "run/best/importance.csv");
    assert_eq!(found.len(), 7, "{found:?}");
    assert_eq!((found["Type"]["inputs"].as_str(), found["Type"]["rows"].as_str()), ("3", "300"));
    let model: serde_json::Value =
        serde_json::from_str(&bench.read("run/best/model.json")).unwrap();
    let inputs = model["inputs"].as_array().unwrap();
    let of_power = inputs.iter().filter(|name| name.as_str().unwrap().starts_with("power"));
    let of_power = of_power.count();
    assert!(of_power > 1, "{inputs:?}");
    assert_eq!(found["power"]["inputs"], of_power.to_string());
    let counts = found.values().map(|row| row["inputs"].parse::<usize>().unwrap());
    assert_eq!(counts.sum::<usize>(), inputs.len());
    let rows = table(&bench.file("run/best/importance.csv"));
    let falls: Vec<f64> = rows.iter().map(|row| row["macro_f1_mean"].parse().unwrap()).collect();
    assert!(falls.is_sorted_by(|one, other| one >= other) && falls[0] > 0.05, "{falls:?}");
}

#[test]
fn any_labelled_table_can_be_asked_of() {
    let bench = bench();
    bench.sweep("run");
    bench.write("new.csv", &ai4i(2500));
    let arguments =
        ["importance", "run", "--data", "new.csv", "--out", "told.csv", "--repeats", "3"];
    let shown = bench.forewarn(&arguments).success().stdout();
    let told = table(&bench.file("told.csv"));
    assert_eq!((told[0]["rows"].as_str(), told[0]["repeats"].as_str()), ("2500", "3"));
    for row in &told {
        let number = |column: &str| row[column].parse::<f64>().unwrap();
        let figures = format!("{:7.4} ± {:.4}", number("macro_f1_mean"), number("macro_f1_std"));
        let line = shown.lines().find(|line| line.starts_with(&row["feature"])).unwrap();
        assert!(line.contains(&figures), "{line}: {figures}");
    }
    let evaluated = bench.forewarn(&["evaluate", "run", "--data", "new.csv"]).success().stdout();
    let mcc = shown.split(", MCC ").nth(1).unwrap().split(',').next().unwrap();
    assert!(evaluated.contains(&format!("MCC {mcc}")), "{shown}{evaluated}");
    let refused = bench.forewarn(&arguments).code(5).stderr();
    assert!(refused.contains("told.csv already exists"), "{refused}");
    let piped = ["importance", "run", "--data", "new.csv", "--out", "-", "--repeats", "3"];
    assert_eq!(bench.forewarn(&piped).success().stdout(), bench.read("told.csv"));
}

#[test]
fn the_page_draws_a_bar_and_a_whisker_for_each_feature() {
    let bench = bench();
    bench.sweep("run");
    let Some(document) = dump(&bench, "run/report.html") else {
        let name = "the_page_draws_a_bar_and_a_whisker_for_each_feature";
        return skip(name, "chromium", "it is not installed");
    };
    assert!(document.contains(r#"<p id="notice" role="alert" hidden"#), "a part is not drawn");
    let drawn: Vec<&str> = document.split(r#"<g class="importance">"#).skip(1).collect();
    let rows = table(&bench.file("run/best/importance.csv"));
    assert_eq!(drawn.len(), rows.len());
    for (bar, row) in drawn.iter().zip(&rows) {
        assert!(bar.starts_with(&format!("<title>{}: ", row["feature"])), "{bar}");
        assert!(bar.contains("<rect") && bar.contains("<line"), "{bar}");
    }
    assert!(document.contains("shuffled among 300 test rows: mean of 5 shuffles"));
}
