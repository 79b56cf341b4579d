//! What `evaluate` and `predict` say of rows that are not like those of training.

use serde_json::{Value, json};

use crate::support::{Bench, motor};

/// A bench with a run on 400 hourly rows of `machines` machines in turn, whose steps are these.
fn bench(machines: usize, steps: Value) -> Bench {
    let bench = Bench::new();
    bench.write("data.csv", &hourly(400, machines));
    let mut grid = bench.grid();
    grid["data"]["features"] = json!(["RPM", "Temperature", "Vibration", "Current"]);
    grid["data"]["group"] = json!("machine");
    grid["data"]["time"] = json!("time");
    grid["steps"] = steps;
    bench.write_grid(&grid);
    bench.sweep("run");
    bench
}

/// Each machine has a row an hour.
fn hourly(rows: usize, machines: usize) -> String {
    let text = motor(rows);
    let (header, lines) = text.split_once('\n').unwrap();
    let row = |(row, line): (usize, &str)| {
        let hour = row / machines;
        let (day, hour) = (1 + hour / 24, hour % 24);
        format!("{},2015-01-{day:02} {hour:02}:00,{line}\n", row % machines)
    };
    let lines: String = lines.lines().enumerate().map(row).collect();
    format!("machine,time,{header}\n{lines}")
}

/// The first `rows` rows of the table as another.
fn cut(bench: &Bench, rows: usize) {
    let text = bench.read("data.csv");
    bench.write("new.csv", &text.split_inclusive('\n').take(rows + 1).collect::<String>());
}

/// What `predict` and `evaluate` say of new.csv.
fn said(bench: &Bench) -> [String; 2] {
    let predict =
        ["predict", "run", "--data", "new.csv", "--out", "out.csv", "--overwrite"].as_slice();
    let evaluate = ["evaluate", "run", "--data", "new.csv"].as_slice();
    [predict, evaluate].map(|arguments| bench.forewarn(arguments).success().stdout())
}

fn count(text: &str, words: &str) -> usize {
    text.lines().filter(|line| line.contains(words)).count()
}

#[test]
fn rows_with_less_before_them_than_the_longest_window_are_counted_in_one_note() {
    let rolling = json!({"rolling": {"windows": ["3h", "6h"], "functions": ["mean"]}});
    let bench = bench(2, json!([rolling, {"scale": {}}]));
    // Of each machine the rows of the hours 0 to 5.
    for (rows, short) in [(5, 5), (12, 12), (100, 12)] {
        cut(&bench, rows);
        for said in said(&bench) {
            let note = format!("{short} rows with less than 6h of history before them");
            assert!(said.contains(&note), "{rows}: {said}");
            assert_eq!(count(&said, "of history"), 1, "{said}");
        }
    }
    let swept = bench.forewarn(&["sweep", "grid.json", "--out", "again"]).success().stdout();
    assert_eq!(count(&swept, "of history"), 0, "{swept}");
}

#[test]
fn windows_of_rows_and_lags_count_the_rows_before() {
    let steps = json!([
        {"rolling": {"windows": [4], "functions": ["max"]}},
        {"lag": {"columns": ["RPM"], "rows": [2]}},
        {"fill": {"with": {"constant": 0}}},
        {"scale": {}}
    ]);
    let bench = bench(2, steps);
    cut(&bench, 40);
    for said in said(&bench) {
        assert!(said.contains("6 rows with less than 3 rows of history"), "{said}");
    }
}

#[test]
fn rows_without_a_prediction_are_not_counted_as_short_of_history() {
    let steps = json!([{"lag": {"rows": [3]}}, {"drop_missing": {}}, {"scale": {}}]);
    let bench = bench(2, steps);
    cut(&bench, 40);
    for said in said(&bench) {
        assert!(said.contains("left out 6 rows") && !said.contains("of history"), "{said}");
    }
}

#[test]
fn steps_that_look_at_their_own_row_need_no_history() {
    let bench = bench(1, json!([{"scale": {}}]));
    cut(&bench, 1);
    for said in said(&bench) {
        assert!(!said.contains("of history"), "{said}");
    }
}

#[test]
fn the_table_that_a_model_was_trained_on_is_told_from_others() {
    let bench = bench(1, json!([{"scale": {}}]));
    let evaluate =
        |file: &str| bench.forewarn(&["evaluate", "run", "--data", file]).success().stdout();
    let note = "this is the table that the model was trained on";
    bench.write("copy.csv", &bench.read("data.csv"));
    for file in ["data.csv", "copy.csv"] {
        let said = evaluate(file);
        assert!(said.contains(note) && said.contains("best/metrics.json"), "{said}");
    }
    cut(&bench, 399);
    assert!(!evaluate("new.csv").contains(note));
}

#[test]
fn rows_beyond_what_training_saw_are_counted_and_the_worst_column_named() {
    let bench = bench(1, json!([{"scale": {}}]));
    // The first row has the medians of the table.
    let rows = [
        ["1586", "24", "0.12", "3.5"],
        ["1586", "24", "0.12", "9000"],
        ["1586", "24", "0.12", "-9000"],
        ["90000", "24", "0.12", "9000"],
    ];
    let text = |rows: &[[&str; 4]]| {
        let line = |(row, cells): (usize, &[&str; 4])| {
            format!("0,2015-01-01 {row:02}:00,{},{}\n", cells.join(","), row % 2)
        };
        let rows: String = rows.iter().enumerate().map(line).collect();
        format!("machine,time,RPM,Temperature,Vibration,Current,Motor Fails\n{rows}")
    };
    bench.write("new.csv", &text(&rows));
    for said in said(&bench) {
        let note = "3 rows with an input outside the range of the train rows, most often \"Current\" (in 3)";
        assert!(said.contains(note), "{said}");
    }
    bench.write("new.csv", &text(&[rows[0], rows[0]]));
    for said in said(&bench) {
        assert!(!said.contains("beyond"), "{said}");
    }
}

#[test]
fn a_model_whose_ranges_are_none_is_refused() {
    let bench = bench(1, json!([{"scale": {}}]));
    let sound: Value = serde_json::from_str(&bench.read("run/best/model.json")).unwrap();
    assert_eq!(sound["ranges"].as_array().unwrap().len(), 4);
    for ranges in [json!([]), json!([[1, 0], [0, 1], [0, 1], [0, 1]])] {
        let mut model = sound.clone();
        model["ranges"] = ranges;
        bench.write("run/best/model.json", &model.to_string());
        let evaluate = ["evaluate", "run", "--data", "data.csv"];
        let message = bench.forewarn(&evaluate).code(4).stderr();
        assert!(message.contains("model.json: ranges are not one for each input"), "{message}");
    }
}
