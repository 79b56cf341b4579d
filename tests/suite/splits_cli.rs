//! Splits by group and by time through the real binary: what is refused, and what run.json tells.

use serde_json::{Value, json};

use crate::support::{Bench, motor, table};

/// A bench whose rows have a machine (40 rows each, in turn) and a time (four rows an hour).
fn bench(split: Value) -> (Bench, Value) {
    let bench = Bench::new();
    let text = motor(400);
    let (header, rows) = text.split_once('\n').unwrap();
    let row = |(row, line): (usize, &str)| {
        let (day, hour) = (1 + row / 96, row / 4 % 24);
        format!("{},2015-01-{day:02} {hour:02}:00,{line}\n", row % 10)
    };
    let rows: String = rows.lines().enumerate().map(row).collect();
    bench.write("data.csv", &format!("machineID,datetime,{header}\n{rows}"));
    let mut grid = bench.grid();
    grid["data"]["features"] = json!(["RPM", "Temperature", "Vibration", "Current"]);
    grid["data"]["group"] = json!("machine id");
    grid["data"]["time"] = json!("datetime");
    grid["split"] = split;
    bench.write_grid(&grid);
    (bench, grid)
}

/// The bench, changed by `change`, must be refused with `code` and name all `words`.
fn refuses(split: Value, code: i32, change: impl FnOnce(&Bench, &mut Value), words: &[&str]) {
    let (bench, mut grid) = bench(split);
    change(&bench, &mut grid);
    bench.write_grid(&grid);
    let message = bench.fails(code);
    for word in words {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
    assert!(!bench.file("run").exists(), "a refused run leaves no folder");
}

fn by_time() -> Value {
    json!({"shares": {"train": 0.6, "valid": 0.2, "test": 0.2, "by": "time", "gap": "5h"}})
}

fn by_group() -> Value {
    json!({"folds": {"count": 3, "test": 0.2, "by": "group"}})
}

fn take(key: &'static str) -> impl FnOnce(&Bench, &mut Value) {
    move |_, grid| {
        grid["data"].as_object_mut().unwrap().remove(key);
    }
}

fn set(pointer: &'static str, value: Value) -> impl FnOnce(&Bench, &mut Value) {
    move |_, grid| *grid.pointer_mut(pointer).unwrap() = value
}

fn in_table(from: &'static str, to: &'static str) -> impl FnOnce(&Bench, &mut Value) {
    move |bench, _| bench.write("data.csv", &bench.read("data.csv").replacen(from, to, 1))
}

#[test]
fn a_split_without_its_column_is_refused_with_what_to_write() {
    let words = ["split.folds.by", "data.group", r#""group": "machineID""#];
    refuses(by_group(), 3, take("group"), &words);
    let words = ["split.shares.by", "data.time", r#""time": "datetime""#];
    refuses(by_time(), 3, take("time"), &words);
}

#[test]
fn a_gap_without_time_is_refused() {
    let change = set("/split/shares/by", json!("random"));
    refuses(by_time(), 3, change, &["split.shares.gap", r#""by": "time""#]);
    let change = set("/split/shares/gap", json!("5"));
    refuses(by_time(), 3, change, &["split.shares.gap", "no length of time", "\"5h\""]);
}

#[test]
fn the_target_is_no_group() {
    refuses(by_group(), 3, set("/data/group", json!("Motor Fails")), &["data.group", "target"]);
}

#[test]
fn the_key_of_old_is_not_known() {
    let split = json!({"folds": {"count": 3, "test": 0.2, "stratified": true}});
    refuses(split, 3, |_, _| {}, &["stratified", "keys: count, test, by, gap, seed"]);
}

#[test]
fn a_column_that_is_not_there_is_named_with_the_columns() {
    refuses(by_group(), 4, set("/data/group", json!("pump")), &["pump", "machineID"]);
}

#[test]
fn a_row_without_time_or_group_is_named() {
    let change = in_table("2015-01-01 01:00", "");
    refuses(by_time(), 4, change, &["data.csv", "row 5", "datetime", "missing"]);
    refuses(by_group(), 4, in_table("\n3,", "\n,"), &["row 4", "machineID", "missing"]);
}

#[test]
fn a_cell_that_is_no_time_is_named_with_what_to_do() {
    let change = in_table("2015-01-01 01:00", "1/1/15 1:00");
    refuses(by_time(), 4, change, &["row 5", "datetime", "1/1/15 1:00", "parse_dates", "steps"]);
}

#[test]
fn fewer_groups_than_parts_are_refused_with_both_counts() {
    let change = set("/split/folds/count", json!(10));
    refuses(by_group(), 4, change, &["10 groups", "11 parts", "data.group"]);
}

#[test]
fn a_gap_that_leaves_nothing_is_refused() {
    let change = set("/split/shares/gap", json!("2days"));
    refuses(by_time(), 4, change, &["no valid row", "shorter gap"]);
}

fn split_of(bench: &Bench) -> Value {
    bench.sweep("run");
    serde_json::from_str::<Value>(&bench.read("run/run.json")).unwrap()["split"].clone()
}

#[test]
fn run_json_tells_a_split_by_time_and_when_its_parts_are() {
    let split = split_of(&bench(by_time()).0);
    let description = "60 % train, 20 % valid, 20 % test, in time order, gap 5h";
    assert_eq!(split["description"], description);
    // 400 rows are a hundred hours; the four hours before valid and before test lie in the gap.
    assert_eq!(
        (&split["train"], &split["valid"], &split["test"]),
        (&json!(224), &json!(64), &json!(80))
    );
    let times = json!({
        "train": ["2015-01-01 00:00", "2015-01-03 07:00"],
        "valid": ["2015-01-03 12:00", "2015-01-04 03:00"],
        "test": ["2015-01-04 08:00", "2015-01-05 03:00"],
    });
    assert_eq!(split["times"], times);
}

#[test]
fn run_json_tells_a_split_by_group() {
    let split = split_of(&bench(by_group()).0);
    assert_eq!(split["description"], "20 % test, 3 folds of the rest, by machine id");
    assert_eq!((&split["folds"], &split["test"]), (&json!(3), &json!(80)));
    assert!(split.get("times").is_none());
    // Each machine is in one part of a fold, is validated on in one fold, or tested on in all.
    let folds = split["groups"].as_array().unwrap();
    let labels = |fold: &Value, part: &str| -> Vec<String> {
        serde_json::from_value(fold[part].clone()).unwrap()
    };
    let machines: Vec<String> = (0..10).map(|machine| machine.to_string()).collect();
    let mut validated = labels(&folds[0], "test");
    for fold in folds {
        let parts = ["train", "valid", "test"].map(|part| labels(fold, part));
        assert_eq!(parts[2], labels(&folds[0], "test"));
        let mut all = parts.concat();
        all.sort();
        assert_eq!(all, machines);
        validated.extend(parts[1].clone());
    }
    validated.sort();
    assert_eq!((folds.len(), validated), (3, machines));
    assert_eq!(split["train"], json!(40 * labels(&folds[0], "train").len()));
}

#[test]
fn run_json_counts_groups_that_are_too_many_to_list() {
    for (machines, listed) in [(1000, true), (1001, false)] {
        let shares = json!({"shares": {"train": 0.6, "valid": 0.2, "test": 0.2, "by": "group"}});
        let (bench, grid) = bench(shares);
        let text = motor(machines);
        let (header, rows) = text.split_once('\n').unwrap();
        let row = |(row, line): (usize, &str)| format!("m{row},2015-01-01 00:00,{line}\n");
        let rows: String = rows.lines().enumerate().map(row).collect();
        bench.write("data.csv", &format!("machineID,datetime,{header}\n{rows}"));
        bench.write_grid(&grid);
        let groups = split_of(&bench)["groups"][0].clone();
        let parts = ["train", "valid", "test"].map(|part| match &groups[part] {
            Value::Array(labels) => labels.len() as u64,
            count => count.as_u64().unwrap(),
        });
        assert_eq!(groups["train"].is_array(), listed);
        assert_eq!(parts.iter().sum::<u64>(), machines as u64);
    }
}

#[test]
fn without_test_rows_a_run_has_no_test_scores_and_uses_every_row() {
    for split in [
        json!({"shares": {"train": 0.8, "valid": 0.2, "test": 0}}),
        json!({"folds": {"count": 3, "test": 0}}),
        json!({"folds": {"count": 3, "test": 0, "by": "group"}}),
        json!({"shares": {"train": 0.8, "valid": 0.2, "test": 0, "by": "time"}}),
        json!({"folds": {"count": 3, "test": 0, "by": "time", "gap": "3h"}}),
    ] {
        let (bench, mut grid) = bench(split.clone());
        grid["grid"]["seed"] = json!([0, 1]);
        grid["model"] = json!({"refit": true, "ensemble": {}, "thresholds": "f1"});
        bench.write_grid(&grid);
        for engine in ["native", "torch"] {
            let arguments = ["sweep", "grid.json", "--out", engine, "--engine", engine];
            let shown = bench.forewarn(&arguments).success().stdout();
            assert!(shown.contains(", 0 test rows"), "{shown}");
            assert!(!bench.file(&format!("{engine}/best/importance.csv")).exists());
            let trials = table(&bench.file(&format!("{engine}/trials.csv")));
            assert!(trials.iter().all(|trial| trial["test_loss"].is_empty()), "{split}");
            assert!(trials.iter().all(|trial| !trial["valid_loss"].is_empty()), "{split}");
            let curves = table(&bench.file(&format!("{engine}/curves.csv")));
            assert!(curves.iter().all(|row| row["test_accuracy"].is_empty()), "{split}");
            let metrics = bench.read(&format!("{engine}/best/metrics.json"));
            let metrics: serde_json::Value = serde_json::from_str(&metrics).unwrap();
            assert!(metrics["test"].is_null());
            // The first block of a split by time is never validated on, but refitted on.
            assert_eq!(metrics["train"]["rows"], 400, "{split}");
        }
        let shown = bench.forewarn(&["compare", "native:0", "native:1"]).success().stdout();
        assert!(shown.contains("valid less that of"), "{shown}");
    }
}
