//! Steps in a grid file, through the rooms and through the binary.

use std::fmt::Write as _;

use forewarn::data::Table;
use forewarn::prepare::{Pipeline, Tables, prepare};
use forewarn::spec::{self, GridFile};
use forewarn::synth::{Fleet, FleetTable};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Bench, root, table};

/// The tables of a small fleet as text, by the names that grids/azure.json gives them.
fn fleet() -> Vec<(&'static str, String)> {
    let fleet = Fleet { machines: 4, days: 40, seed: 3 };
    let text = |table: FleetTable| {
        let mut bytes = Vec::new();
        fleet.write(table, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    vec![
        ("telemetry", text(FleetTable::Telemetry)),
        ("errors", text(FleetTable::Errors)),
        ("maintenance", text(FleetTable::Maintenance)),
        ("failures", text(FleetTable::Failures)),
        ("machines", text(FleetTable::Machines)),
    ]
}

fn parse(texts: &[(&'static str, String)]) -> (Table, Tables) {
    let parse = |(name, text): &(&'static str, String)| {
        ((*name).to_owned(), Table::parse(name, text.as_bytes()).unwrap())
    };
    (parse(&texts[0]).1, texts[1..].iter().map(parse).collect())
}

/// grids/azure.json, with chance deciding which rows go where: a small fleet has few failures.
fn azure() -> GridFile {
    let mut grid = spec::load(&root().join("grids/azure.json")).unwrap().file;
    grid.split = serde_json::from_value(json!({
        "shares": {"train": 0.6, "valid": 0.2, "test": 0.2}
    }))
    .unwrap();
    grid
}

fn fitted(texts: &[(&'static str, String)]) -> Pipeline {
    let (telemetry, tables) = parse(texts);
    prepare(&telemetry, &tables, &azure(), 1).unwrap().pipelines[0].clone()
}

/// The inputs of every row as bits, by its line in the telemetry; the first one is missing.
fn inputs(pipeline: &Pipeline, texts: &[(&'static str, String)]) -> Vec<Option<Vec<u32>>> {
    let (telemetry, tables) = parse(texts);
    let made = pipeline.transform(&telemetry, &tables, None).unwrap();
    let mut rows = vec![None; telemetry.rows()];
    for (place, row) in made.origin.iter().enumerate() {
        rows[*row] = Some(made.matrix.row(place).iter().map(|value| value.to_bits()).collect());
    }
    rows
}

/// Machine and time of a line of telemetry.
fn key(line: &str) -> (&str, &str) {
    let mut cells = line.split(',');
    let (time, machine) = (cells.next().unwrap(), cells.next().unwrap());
    (machine, time)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_comes_later_changes_no_earlier_feature(row in 0_usize..3800, table in 0_usize..4) {
        let before = fleet();
        let pipeline = fitted(&before);
        let mut after = before.clone();
        let line = before[0].1.lines().nth(row + 1).unwrap().to_owned();
        let (machine, time) = key(&line);
        match table {
            0 => {
                let changed = format!("{time},{machine},999,1,2,3");
                after[0].1 = before[0].1.replacen(&line, &changed, 1);
            }
            1 => writeln!(after[1].1, "{time},{machine},error2").unwrap(),
            2 => writeln!(after[2].1, "{time},{machine},comp3").unwrap(),
            // The target's table is no feature's at all.
            _ => writeln!(after[3].1, "{time},{machine},comp1").unwrap(),
        }
        let (old, new) = (inputs(&pipeline, &before), inputs(&pipeline, &after));
        let mut changed = 0;
        for ((line, old), new) in before[0].1.lines().skip(1).zip(&old).zip(&new) {
            let touched = key(line).0 == machine && key(line).1 >= time && table < 3;
            prop_assert!(touched || old == new, "{}: {:?}, then {:?}", line, old, new);
            changed += usize::from(old != new);
        }
        prop_assert_eq!(changed > 0, table < 3);
    }

    #[test]
    fn a_row_with_its_window_is_prepared_as_it_is_among_many(row in 30_usize..960, machine in 0_usize..4) {
        let texts = fleet();
        let pipeline = fitted(&texts);
        let lines: Vec<&str> = texts[0].1.lines().collect();
        let machines = lines[1..].chunk_by(|one, other| key(one).0 == key(other).0);
        let of_machine: Vec<&str> = machines.collect::<Vec<_>>()[machine].to_vec();
        // Windows of 24 hours hold 24 readings.
        let window = of_machine[row - 23..=row].join("\n");
        let mut alone = texts.clone();
        alone[0].1 = format!("{}\n{window}\n", lines[0]);
        let place = machine * of_machine.len() + row;
        let among = inputs(&pipeline, &texts)[place].clone();
        prop_assert!(among.is_some());
        prop_assert_eq!(inputs(&pipeline, &alone).pop().unwrap(), among);
    }
}

#[test]
fn a_fleet_is_swept_judged_and_predicted_from_its_five_tables() {
    let bench = Bench::new();
    let make = ["synth", "fleet", "--machines", "6", "--days", "60", "--out", "fleet"];
    bench.forewarn(&make).success();
    let mut grid: Value = serde_json::to_value(azure()).unwrap();
    grid["grid"] =
        json!({"learning_rate": [0.003], "optimizer": ["adam"], "epochs": [3], "hidden": [[16]]});
    grid["data"]["source"] = json!({"file": "fleet/PdM_telemetry.csv"});
    let names = ["errors", "maint", "failures", "machines"];
    for (name, file) in ["errors", "maintenance", "failures", "machines"].iter().zip(names) {
        grid["data"]["tables"][*name] = json!({"file": format!("fleet/PdM_{file}.csv")});
    }
    bench.write_grid(&grid);
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    assert!(shown.contains("so late that their next 24h are not known"), "{shown}");
    let run: Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
    let features = run["data"]["features"].as_array().unwrap();
    for name in [
        "volt",
        "volt_mean_24h",
        "vibration_std_3h",
        "error2_count_24h",
        "hours_since_comp4",
        "age",
    ] {
        assert!(features.contains(&json!(name)), "{name}: {features:?}");
    }
    assert!(!features.contains(&json!("machineID")) && !features.contains(&json!("datetime")));

    let tables: Vec<String> = ["errors", "maintenance", "failures", "machines"]
        .iter()
        .zip(names)
        .flat_map(|(name, file)| ["--table".to_owned(), format!("{name}=fleet/PdM_{file}.csv")])
        .collect();
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    let data = ["--data", "fleet/PdM_telemetry.csv"];
    let evaluate = [&["evaluate", "run"], data.as_slice(), tables.as_slice()].concat();
    let judged = bench.forewarn(&evaluate).success().stdout();
    assert!(judged.contains("left out") && judged.contains("comp1"), "{judged}");
    // The failures are what is to be foretold.
    let known = [&tables[..4], &tables[6..]].concat();
    let predict = [&["predict", "run", "--out", "out.csv"], data.as_slice(), &known].concat();
    bench.forewarn(&predict).success();
    let predictions = table(&bench.file("out.csv"));
    assert_eq!(predictions.len(), 6 * (60 * 24 + 1));
    // The first reading of a machine has no deviation, and so no prediction.
    assert_eq!(predictions[0]["predicted"], "");
    assert!(predictions[1..1440].iter().all(|row| !row["predicted"].is_empty()));

    // A week without an error is a good one.
    bench.write("fleet/PdM_errors.csv", "datetime,machineID,errorID\n");
    let quiet = [&predict, ["--overwrite"].as_slice()].concat();
    let shown = bench.forewarn(&quiet).success().stdout();
    assert!(shown.contains("table errors: none of its events"), "{shown}");

    let message = bench.forewarn(&["evaluate", "run", "--data", data[1]]).code(4).stderr();
    assert!(message.contains("no auxiliary table \"errors\""), "{message}");
}

#[test]
fn a_class_whose_train_rows_are_all_outliers_is_an_error() {
    let text: String = (0..60)
        .map(|row| {
            format!("{},{}\n", if row % 10 == 0 { 900 } else { row }, u8::from(row % 10 == 0))
        })
        .collect();
    let bench = Bench::new();
    bench.write("data.csv", &format!("x,y\n{text}"));
    let mut grid = bench.grid();
    grid["data"]["target"] = json!("y");
    grid["steps"] = json!([{"iqr_outliers": {"action": "remove"}}, {"scale": {}}]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("no train row of class \"1\" is left"), "{message}");
}

#[test]
fn a_model_with_a_label_alone_is_judged_by_the_events_of_its_table() {
    let bench = Bench::new();
    let row = |row: i32| {
        format!(
            "m{},2015-01-{:02} {:02}:00,{}\n",
            row % 2,
            1 + row / 48,
            row / 2 % 24,
            row * 7 % 13
        )
    };
    let rows: String = (0..400).map(row).collect();
    bench.write("data.csv", &format!("m,t,x\n{rows}"));
    let event = |day: i32| format!("m{},2015-01-{day:02} 05:00,broken\n", day % 2);
    bench.write("events.csv", &("m,t,e\n".to_owned() + &(1..9).map(event).collect::<String>()));
    let mut grid = bench.grid();
    grid["data"] = json!({
        "source": {"file": "data.csv"}, "target": "next", "group": "m", "time": "t",
        "tables": {"events": {"file": "events.csv"}},
    });
    let label = json!({"table": "events", "column": "e", "within": "9h", "otherwise": "none"});
    grid["steps"] = json!([{"label": label}, {"scale": {}}]);
    bench.write_grid(&grid);
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success();
    let said = shown.stdout() + &shown.stderr();
    assert!(said.contains("label makes rows share information"), "{said}");
    let evaluate = ["evaluate", "run", "--data", "data.csv", "--table", "events=events.csv"];
    let judged = bench.forewarn(&evaluate).success().stdout();
    assert!(judged.contains("broken"), "{judged}");
    grid["data"]["target"] = json!("t");
    grid["steps"] = json!([{"scale": {}}]);
    bench.write_grid(&grid);
    let message = bench.forewarn(&["sweep", "grid.json", "--out", "other"]).code(3).stderr();
    assert!(message.contains("data.time: it is the target"), "{message}");
    grid["data"]["target"] = json!("T");
    bench.write_grid(&grid);
    let message = bench.forewarn(&["sweep", "grid.json", "--out", "other"]).code(4).stderr();
    assert!(message.contains("data.group or data.time too"), "{message}");
}

#[test]
fn events_that_training_did_not_know_are_counted_aloud() {
    let mut texts = fleet();
    let pipeline = fitted(&texts);
    texts[1].1 = texts[1].1.replace(",error1", ",fault1");
    let (telemetry, tables) = parse(&texts);
    let made = pipeline.transform(&telemetry, &tables, None).unwrap();
    let told = |note: &String| note.contains("unknown kinds") && note.contains("fault1");
    assert!(made.notes.iter().any(told), "{:?}", made.notes);
}

/// The error of the bench's grid with these steps.
fn refuses(steps: Value, code: i32) -> String {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = steps;
    bench.write_grid(&grid);
    bench.fails(code)
}

#[test]
fn steps_in_an_impossible_order_are_an_error_of_the_grid_file() {
    for (steps, told) in [
        (
            json!([{"scale": {}}, {"drop_missing": {}}]),
            "steps[1].drop_missing: it changes which rows",
        ),
        (
            json!([{"balance": {"random_over": {}}}, {"lag": {}}]),
            "steps[1].lag: it looks at other rows",
        ),
        (json!([{"smooth": {}}]), "smooth"),
        (json!([{"rolling": {"windows": ["3x"], "functions": ["mean"]}}]), "a window is"),
        (json!([{"rolling": {"windows": [3], "functions": ["median"]}}]), "median"),
    ] {
        let message = refuses(steps, 3);
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn a_step_that_does_not_fit_the_table_is_named_by_its_place() {
    let rolling = |windows: Value| json!({"rolling": {"windows": windows, "functions": ["mean"]}});
    for (steps, told) in [
        (json!([{"scale": {"columns": ["Speed"]}}]), ["steps[0] (scale)", "no column \"Speed\""]),
        (json!([rolling(json!([3])), rolling(json!([3]))]), ["steps[1]", "already"]),
        (json!([{"drop_rows": {"where": "rpm > 0"}}]), ["steps[0]", "no row is left"]),
        (json!([{"ordinal": {"orders": {"RPM": ["a", "b"]}}}]), ["steps[0]", "row 1"]),
        (
            json!([{"drop_columns": ["RPM"]}, {"clip": {"columns": ["RPM"], "lower": 0}}]),
            ["steps[1]", "RPM"],
        ),
        (json!([{"balance": {"smote": {"sampling_strategy": {"2": 5}}}}]), ["steps[0]", "\"2\""]),
    ] {
        let message = refuses(steps, 4);
        assert!(told.iter().all(|told| message.contains(told)), "{message}");
    }
}

#[test]
fn a_table_whose_keys_repeat_is_not_joined_to_more_rows() {
    let bench = Bench::new();
    bench.write("data.csv", "m,t,x,y\n1,2015-01-01,5,a\n1,2015-01-02,6,b\n2,2015-01-01,7,a\n");
    bench.write("other.csv", "m,t,z\n1,2015-01-01,1\n2,2015-01-01,2\n1,2015-01-01,3\n");
    let mut grid = bench.grid();
    grid["data"] = json!({
        "source": {"file": "data.csv"}, "target": "y", "group": "m", "time": "t",
        "tables": {"other": {"file": "other.csv"}},
    });
    for (by, told) in [("group", "of m 1"), ("group_and_time", "of 1 at 2015-01-01 00:00")] {
        grid["steps"] = json!([{"join": {"table": "other", "by": by}}]);
        bench.write_grid(&grid);
        let message = bench.fails(4);
        assert!(message.contains("other.csv: rows 1 and 3") && message.contains(told), "{message}");
    }
}

#[test]
fn numbers_that_are_not_scaled_are_worth_a_warning() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = json!([]);
    bench.write_grid(&grid);
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success();
    let said = shown.stdout() + &shown.stderr();
    assert!(said.contains("\"RPM\" reaches beyond 100"), "{said}");
}

#[test]
fn rows_that_a_step_leaves_out_get_no_prediction() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = json!([{"drop_rows": {"where": "rpm > 1800"}}, {"scale": {}}]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let shown = bench
        .forewarn(&["predict", "run", "--data", "data.csv", "--out", "out.csv"])
        .success()
        .stdout();
    let rows = table(&bench.file("out.csv"));
    let fast = |row: &&std::collections::HashMap<String, String>| {
        row["RPM"].parse::<f64>().unwrap() > 1800.0
    };
    let without = rows.iter().filter(fast).count();
    assert!(without > 0 && shown.contains(&format!("left out {without} rows where")), "{shown}");
    assert_eq!(rows.len(), 400);
    assert!(rows.iter().all(|row| fast(&row) == row["predicted"].is_empty()));
}
