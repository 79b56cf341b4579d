//! Mistakes in a grid file, told by line, column and key, with what to write: through the real binary.

use std::fmt::Write as _;
use std::fs;

use forewarn::data::{Table, TableFormat};
use polars::prelude::{Int64Chunked, IntoColumn, TimeUnit};
use serde_json::{Value, json};

use crate::support::Bench;

/// The place of the value `text` that stands in a grid as it is written; its first one.
fn place(grid: &str, text: &str) -> String {
    let at = grid.find(text).unwrap_or_else(|| panic!("no {text} in {grid}"));
    let line = grid[..at].rsplit('\n').next().unwrap();
    format!("grid.json:{}:{}:", grid[..at].matches('\n').count() + 1, line.chars().count() + 1)
}

/// Runs the bench's grid after a change, which must end with exit code 3; what was said.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    let bench = Bench::new();
    let mut grid = bench.grid();
    change(&mut grid);
    bench.write_grid(&grid);
    bench.fails(3)
}

#[test]
fn a_step_of_the_wrong_shape_is_refused_with_the_right_one() {
    let rolling = json!({"rolling": {"windows": "3h", "functions": ["mean"]}});
    for (step, key, told) in [
        (json!({"fill": "median"}), "steps[1].fill: ", r#"{"fill": {"with": "median"}}"#),
        (json!({"fill": {"with": 0}}), "steps[1].fill.with: ", r#"{"with": {"constant": 0}}"#),
        (json!({"scale": "standard"}), "steps[1].scale: ", r#"{"scale": {"method": "standard"}}"#),
        (json!("one_hot"), "steps[1].one_hot: ", r#"write it as {"one_hot": {}}"#),
        (rolling, "steps[1].rolling.windows: ", r#"such as ["3h"]"#),
        (json!({"one_hot": {}, "scale": {}}), "steps[1]: ", "each step in braces of its own"),
        (json!({}), "steps[1]: ", r#"such as {"one_hot": {}}"#),
        (json!(5), "steps[1]: ", r#"such as {"one_hot": {}}"#),
        (json!({"scael": {}}), "steps[1]: ", "did you mean `scale`?"),
        (json!({"clip": {"lower": 0}}), "steps[1].clip: ", "the key `columns` is missing"),
        (json!({"derive": "RPM * 2"}), "steps[1].derive: ", r#"{"derive": {"power": "#),
        (json!({"balance": "smote"}), "steps[1].balance", r#"{"balance": {"smote": {"#),
    ] {
        let message = refused(|grid| grid["steps"] = json!([{"drop_missing": {}}, step]));
        assert!(message.contains(&format!(": {key}")) && message.contains(told), "{message}");
        assert!(!message.contains("variant") && !message.contains("struct"), "{message}");
    }
}

#[test]
fn the_line_and_column_are_those_of_the_value() {
    let bench = Bench::new();
    for (steps, text) in [
        (json!([{"drop_missing": {}}, "one_hot"]), "\"one_hot\""),
        (json!([{"scale": {"method": "minimax"}}]), "\"minimax\""),
        (json!([{"resample": {"every": "soon"}}]), "\"soon\""),
        (json!([{"scale": {}}, {"drop_rows": {"where": "RPM > 1"}}]), "{\n        \"where\""),
        (json!([{"rolling": {"windows": [2, "3h"], "functions": ["mean"]}}]), "\"3h\""),
        (json!([{"derive": {"é, {": "RPM", "b": "mean(RPM)"}}]), "\"mean(RPM)\""),
    ] {
        let mut grid = bench.grid();
        grid["steps"] = steps;
        bench.write_grid(&grid);
        let message = bench.fails(3);
        assert!(message.contains(&place(&bench.read("grid.json"), text)), "{message}");
    }
    let mut grid = bench.grid();
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2, "by": "time"}});
    bench.write_grid(&grid);
    assert!(bench.fails(3).contains(&place(&bench.read("grid.json"), "\"time\"")));
    // A step that does not fit the table is a matter of both.
    let mut grid = bench.grid();
    grid["steps"] = json!([{"drop_missing": {}}, {"scale": {"columns": ["Speed"]}}]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    let step = place(&bench.read("grid.json"), "{\n      \"scale\"");
    assert!(message.contains(&format!("{step} steps[1] (scale): data.csv")), "{message}");
}

#[test]
fn a_length_of_time_without_a_unit_is_offered_one() {
    let time =
        |gap: Value| json!({"train": 0.7, "valid": 0.1, "test": 0.2, "by": "time", "gap": gap});
    for gap in [json!(24), json!("24")] {
        let message = refused(|grid| grid["split"] = json!({"shares": time(gap)}));
        assert!(message.contains("split.shares.gap") && message.contains("\"24h\""), "{message}");
    }
    let count = json!({"table": "errors", "column": "e", "within": 24});
    for (step, told) in
        [(json!({"count_events": count}), "\"24h\""), (json!({"resample": {"every": 1}}), "\"1h\"")]
    {
        let message = refused(|grid| grid["steps"] = json!([step]));
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn a_name_that_is_nearly_right_is_offered_the_right_one() {
    let shares = json!({"train": 0.7, "valid": 0.1, "test": 0.2, "by": "stratify"});
    for (key, value, told) in [
        ("rank_by", json!("macro_f1"), "`valid_macro_f1`?"),
        ("rank_by", json!("f1"), "`valid_macro_f1`?"),
        ("split", json!({"shares": shares}), "`stratified`?"),
        ("steps", json!([{"scale": {"method": "minmax"}}]), "`min_max`?"),
        ("steps", json!([{"fill": {"with": "mode"}}]), "`most_frequent`?"),
        ("steps", json!([{"fill": {"with": "ffill"}}]), "`forward`?"),
    ] {
        let message = refused(|grid| grid[key] = value);
        assert!(message.contains(&format!("did you mean {told}")), "{message}");
    }
}

#[test]
fn what_the_grid_alone_shows_is_a_mistake_of_the_grid_file() {
    let rolling = |windows: Value| json!({"rolling": {"windows": windows, "functions": ["mean"]}});
    let join = |table: &str| json!({"join": {"table": table, "by": "group"}});
    for (step, told) in [
        (rolling(json!(["3h"])), ["steps[1].rolling.windows[0]", "data.time"]),
        (rolling(json!([])), ["steps[1].rolling.windows", "empty"]),
        (json!({"resample": {"every": "1h"}}), ["steps[1].resample", "data.time"]),
        (json!({"time_parts": {"parts": ["hour"]}}), ["steps[1].time_parts", "data.time"]),
        (join("other"), ["steps[1].join.table", "\"tables\": {\"other\""]),
        (join("error"), ["steps[1].join.table", "did you mean \"errors\"?"]),
        (join("errors"), ["steps[1].join", "data.group"]),
        (json!({"bins": {"count": 1}}), ["steps[1].bins.count", "between 2 and 256"]),
        (json!({"derive": {"p": "RPM *"}}), ["steps[1].derive.p", "RPM *"]),
        (json!({"derive": {"p": "mean(RPM)"}}), ["steps[1].derive.p", "\"mean\""]),
        (json!({"drop_rows": {"where": "RPM >"}}), ["steps[1].drop_rows.where", "RPM >"]),
    ] {
        let message = refused(|grid| {
            grid["data"]["tables"] = json!({"errors": {"file": "errors.csv"}});
            grid["steps"] = json!([{"drop_missing": {}}, step]);
        });
        assert!(told.iter().all(|told| message.contains(told)), "{message}");
    }
}

#[test]
fn smote_behind_one_hot_is_worth_a_warning_where_it_makes_fractions() {
    let bench = Bench::new();
    let add = |(row, line): (usize, &str)| match row {
        0 => format!("{line},Kind\n"),
        _ => format!("{line},{}\n", ["a", "b"][row / 3 % 2]),
    };
    bench.write(
        "kinds.csv",
        &bench.read("data.csv").lines().enumerate().map(add).collect::<String>(),
    );
    let smote = json!({"balance": {"smote": {"k_neighbors": 2}}});
    let smote_nc = json!({"balance": {"smote_nc": {"k_neighbors": 2}}});
    for (file, steps, warned) in [
        ("kinds.csv", json!([{"one_hot": {}}, {"scale": {}}, smote]), true),
        ("kinds.csv", json!([{"scale": {}}, smote_nc, {"one_hot": {}}]), false),
        ("data.csv", json!([{"one_hot": {}}, {"scale": {}}, smote]), false),
    ] {
        let mut grid = bench.grid();
        grid["data"]["source"]["file"] = json!(file);
        grid["steps"] = steps;
        bench.write_grid(&grid);
        let sweep = ["sweep", "grid.json", "--out", "run", "--overwrite"];
        let ended = bench.forewarn(&sweep).success();
        let said = ended.stdout() + &ended.stderr();
        assert_eq!(said.contains("take smote_nc, before one_hot"), warned, "{said}");
    }
}

/// A grid over `data.csv` of two machines' hours, with `errors.csv` whose dates are American.
fn with_american_errors(bench: &Bench) -> Value {
    let row = |row: i32| {
        let (day, hour) = (1 + row / 48, row / 2 % 24);
        format!("m{},2015-01-{day:02} {hour:02}:00,{},{}\n", row % 2, row * 7 % 13, row % 3 / 2)
    };
    bench.write("data.csv", &("m,t,x,y\n".to_owned() + &(0..400).map(row).collect::<String>()));
    let (mut american, mut iso) = ("m,t,e\n".to_owned(), "m,t,e\n".to_owned());
    for day in 1..9 {
        writeln!(american, "m{},1/{day}/15 5:00,error{}", day % 2, day % 3).unwrap();
        writeln!(iso, "m{},2015-01-{day:02} 05:00,error{}", day % 2, day % 3).unwrap();
    }
    bench.write("errors.csv", &american);
    bench.write("iso.csv", &iso);
    let mut grid = bench.grid();
    grid["data"] = json!({
        "source": {"file": "data.csv"}, "target": "y", "group": "m", "time": "t",
        "tables": {"errors": {"file": "errors.csv"}},
    });
    grid["split"] = json!({"shares": {"train": 0.6, "valid": 0.2, "test": 0.2, "by": "time"}});
    grid
}

#[test]
fn dates_of_a_second_table_are_read_in_their_format() {
    let bench = Bench::new();
    let mut grid = with_american_errors(&bench);
    let count = json!({"count_events": {"table": "errors", "column": "e", "within": "24h"}});
    let dates =
        json!({"parse_dates": {"table": "errors", "columns": ["T"], "format": "%m/%d/%y %H:%M"}});

    grid["steps"] = json!([count, {"scale": {}}]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("errors.csv: row 1") && message.contains("1/1/15 5:00"), "{message}");
    assert!(
        message.contains(r#"{"parse_dates": {"table": "errors", "columns": ["t"]"#),
        "{message}"
    );

    grid["steps"] = json!([dates, count, {"scale": {}}]);
    bench.write_grid(&grid);
    bench.sweep("american");
    let predict = |run: &str, errors: &str, out: &str| {
        let table = format!("errors={errors}");
        let rows = ["--data", "data.csv", "--table", &table];
        bench.forewarn(&[&["predict", run, "--out", out], rows.as_slice()].concat()).success();
        bench.forewarn(&[&["evaluate", run], rows.as_slice()].concat()).success();
        bench.read(out)
    };
    let american = predict("american", "errors.csv", "american.csv");

    // The same events, written as the time of the first table is.
    grid["steps"] = json!([count, {"scale": {}}]);
    grid["data"]["tables"]["errors"]["file"] = json!("iso.csv");
    bench.write_grid(&grid);
    bench.sweep("iso");
    assert_eq!(predict("iso", "iso.csv", "iso.csv.out"), american);
    let counted: Value = serde_json::from_str(&bench.read("american/best/model.json")).unwrap();
    assert!(counted["preparation"]["inputs"].to_string().contains("error1_count_24h"));
}

#[test]
fn a_table_that_is_not_there_names_its_key_and_the_option() {
    let bench = Bench::new();
    let mut grid = with_american_errors(&bench);
    grid["data"]["tables"]["errors"]["file"] = json!("fleet/errors.csv");
    grid["steps"] = json!([{"time_since": {"table": "errors", "column": "e"}}]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("fleet/errors.csv: no such file"), "{message}");
    assert!(message.contains("(data.tables.errors)"), "{message}");
    assert!(message.contains("--table errors=FILE"), "{message}");
    grid["data"]["source"]["file"] = json!("fleet/telemetry.csv");
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("(data.source)") && message.contains("--data FILE"), "{message}");
}

#[test]
fn a_time_beyond_the_year_9999_is_refused_by_row_and_column() {
    let bench = Bench::new();
    let year = |row: i32| if row == 7 { "YEAR".to_owned() } else { (1900 + row).to_string() };
    let row = |row: i32| format!("{}-01-01,{row},{}\n", year(row), row % 2);
    let text = "t,x,y\n".to_owned() + &(0..60).map(row).collect::<String>();
    let mut grid = bench.grid();
    grid["data"] = json!({"source": {"file": "data.csv"}, "target": "y", "time": "t"});
    let dates = json!({"parse_dates": {"columns": ["t"], "format": "%Y-%m-%d"}});
    let lag = json!({"lag": {"columns": ["x"]}});
    grid["steps"] = json!([dates, lag, {"drop_missing": {}}, {"scale": {}}]);
    bench.write_grid(&grid);
    for year in ["+12000", "+262000", "-0001"] {
        bench.write("data.csv", &text.replace("YEAR", year));
        let message = bench.fails(4);
        let told = format!("row 8: \"t\" holds \"{year}-01-01\", which is not a time as %Y-%m-%d");
        assert!(message.contains(&told) && message.contains("0 to 9999"), "{message}");
    }
    bench.write("data.csv", &text.replace("YEAR", "9999"));
    bench.sweep("run");

    // Parquet holds times of any year.
    for (milliseconds, shown) in [
        (316_516_204_800_000, "+12000-01-01 00:00"),
        (i64::MAX, "9223372036854775807"),
        (i64::MIN, "-9223372036854775808"),
    ] {
        let mut table = Table::load(&bench.file("data.csv")).unwrap();
        let mut times: Vec<i64> = (0..60).map(|day| day * 86_400_000).collect();
        times[7] = milliseconds;
        let times = Int64Chunked::from_vec("t".into(), times);
        let times = times.into_datetime(TimeUnit::Milliseconds, None);
        table.frame.with_column(times.into_column()).unwrap();
        let mut bytes = Vec::new();
        table.write(TableFormat::Parquet, &mut bytes).unwrap();
        fs::write(bench.file("data.parquet"), bytes).unwrap();
        let sweep = ["sweep", "grid.json", "--out", "far", "--data", "data.parquet"];
        let message = bench.forewarn(&sweep).code(4).stderr();
        let told = format!("data.parquet: row 8: \"t\" holds the time {shown}");
        assert!(message.contains(&told), "{message}");
    }
}
