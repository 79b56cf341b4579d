//! Every step beside what pandas and scikit-learn make of the same table (tests/golden/steps.py).
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::{Value, json};

use super::columns::Kind;
use super::rows::{Rows, Tables};
use super::start::start;
use super::steps::FittedStep;
use super::train_rows::TrainRows;
use crate::data::{RowKeys, Table, split};
use crate::spec::{self, GridFile};

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/steps.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn table(golden: &Value, name: &str) -> Table {
    Table::parse(name, golden[name].as_str().unwrap().as_bytes()).unwrap()
}

fn grid(case: &Value) -> GridFile {
    let mut steps = case["before"].as_array().unwrap().clone();
    steps.push(case["step"].clone());
    let target = if case["step"].get("label").is_some() { "next" } else { "y" };
    let grid = json!({
        "name": "x",
        "data": {
            "source": {"file": "table"}, "target": target, "time": "t", "group": "m",
            "tables": {"events": {"file": "events"}, "once": {"file": "once"}, "machines": {"file": "machines"}}
        },
        "steps": steps,
        "split": {"shares": {"train": 0.6, "valid": 0.2, "test": 0.2, "by": "time"}},
        "grid": {"learning_rate": [0.1], "optimizer": ["adam"], "epochs": [1], "hidden": [[4]]}
    });
    spec::parse(std::path::Path::new("x.json"), &grid.to_string()).unwrap().file
}

/// Does the steps of a grid as training does them, on the first fold.
fn done<'t>(table: &'t Table, tables: &'t Tables, grid: &GridFile) -> Rows<'t> {
    let (mut rows, _) = start(table, tables, grid, &grid.steps).unwrap();
    let times = rows.times("t").unwrap();
    let labels = rows.text("y").unwrap().into_iter().map(|cell| u32::from(cell.unwrap() == "yes"));
    let (labels, classes): (Vec<u32>, _) = (labels.collect(), ["no".to_owned(), "yes".to_owned()]);
    let keys = RowKeys { labels: &labels, classes: &classes, groups: None, times: Some(&times) };
    let folds = split(&keys, &grid.split, 1).unwrap();
    let train = TrainRows::of(&folds[0], &labels);
    for step in &grid.steps {
        let fitted = FittedStep::fit(step, &mut rows, &train).unwrap();
        // As it stands in a model.
        let written = serde_json::to_string(&fitted).unwrap();
        let fitted: FittedStep = serde_json::from_str(&written).unwrap();
        fitted.apply(&mut rows).unwrap();
    }
    rows
}

/// The cells of a column as the golden file has them.
fn cells(rows: &Rows, name: &str) -> Vec<Value> {
    match rows.kind(name).unwrap() {
        Kind::Number => rows.numbers(name).unwrap().into_iter().map(Value::from).collect(),
        Kind::Text => rows.text(name).unwrap().into_iter().map(Value::from).collect(),
        Kind::Time => rows.times(name).unwrap().into_iter().map(Value::from).collect(),
    }
}

fn agree(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-12 * one.abs().max(1.0),
        _ => one == other,
    }
}

#[test]
fn every_step_gives_what_pandas_and_scikit_learn_give() {
    let golden = golden();
    let main = table(&golden, "table");
    let beside = ["events", "once", "machines"];
    let tables: Tables =
        beside.iter().map(|name| ((*name).to_owned(), table(&golden, name))).collect();
    let cases = golden["cases"].as_array().unwrap();
    for case in cases {
        let rows = done(&main, &tables, &grid(case));
        for (name, wanted) in case["columns"].as_object().unwrap() {
            let (found, wanted) = (cells(&rows, name), wanted.as_array().unwrap());
            assert_eq!(found.len(), wanted.len(), "{}: {name}", case["step"]);
            for (row, (found, wanted)) in found.iter().zip(wanted).enumerate() {
                assert!(
                    agree(found, wanted),
                    "{}: {name}: place {row}: {found}, not {wanted}",
                    case["step"]
                );
            }
        }
    }
    // No kind of step is left out; the rows that balancing makes have a golden file of their own.
    for kind in [
        "drop_duplicates",
        "drop_missing",
        "drop_rows",
        "parse_dates",
        "fill",
        "clip",
        "iqr_outliers",
        "derive",
        "time_parts",
        "rolling",
        "difference",
        "lag",
        "resample",
        "join",
        "count_events",
        "time_since",
        "label",
        "one_hot",
        "ordinal",
        "bins",
        "scale",
    ] {
        assert!(cases.iter().any(|case| case["step"].get(kind).is_some()), "{kind}");
    }
}
