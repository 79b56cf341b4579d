//! What users get wrong, through the real binary: the exit code, and what the message names.

use std::fs;

use serde_json::json;

use crate::support::Bench;

/// Writes `data.csv`, runs the grid, and checks that it is refused as wrong data naming `words`.
fn refuses_table(bytes: &[u8], words: &[&str]) {
    let bench = Bench::new();
    fs::write(bench.file("data.csv"), bytes).unwrap();
    let message = bench.fails(4);
    for word in ["data.csv"].iter().chain(words) {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
    assert!(!bench.file("run").exists(), "a refused run leaves no folder");
    assert!(!message.contains("panicked"), "{message}");
}

/// Changes the grid, runs it, and checks that it is refused with `code`, naming `words`.
pub fn refuses_grid(code: i32, change: impl FnOnce(&mut serde_json::Value), words: &[&str]) {
    let bench = Bench::new();
    let mut grid = bench.grid();
    change(&mut grid);
    bench.write_grid(&grid);
    let message = bench.fails(code);
    for word in words {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
    assert!(!bench.file("run").exists(), "a refused run leaves no folder");
}

const HEADER: &str = "RPM,Temperature,Vibration,Current,Motor Fails\n";

/// `rows` rows of numbers under the header, every third of class 1.
fn rows(rows: usize) -> String {
    let row = |row: usize| format!("{},{},0.1,3.5,{}\n", 1500 + row, 20 + row % 7, row % 3 / 2);
    (0..rows).map(row).fold(HEADER.to_owned(), |text, row| text + &row)
}

#[test]
fn a_grid_that_is_not_there_is_named() {
    let bench = Bench::new();
    let message = bench.forewarn(&["sweep", "nowhere.json"]).code(3).stderr();
    assert!(message.contains("nowhere.json"), "{message}");
}

#[test]
fn a_table_that_is_not_there_is_named() {
    let bench = Bench::new();
    fs::remove_file(bench.file("data.csv")).unwrap();
    let message = bench.fails(4);
    assert!(message.contains("data.csv") && message.contains("no such file"), "{message}");
}

#[test]
fn a_directory_is_no_table() {
    let bench = Bench::new();
    let ended = bench.forewarn(&["sweep", "grid.json", "--data", "."]).code(4);
    assert!(ended.stderr().contains("directory"));
}

#[test]
fn an_empty_file_is_no_table() {
    refuses_table(b"", &["empty"]);
}

#[test]
fn a_header_alone_is_no_table() {
    refuses_table(HEADER.as_bytes(), &["no rows"]);
}

#[test]
fn a_python_source_is_no_table() {
    let source =
        b"import torch\n\ndef train(model, rows):\n    for row in rows:\n        model(row)\n";
    refuses_table(source, &["is it a CSV"]);
}

#[test]
fn a_picture_is_no_table() {
    refuses_table(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", &["image"]);
}

#[test]
fn a_packed_file_that_was_cut_off_is_no_table() {
    refuses_table(b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &["gzip", "cut off"]);
}

#[test]
fn a_target_that_is_not_there_is_named_with_the_columns() {
    refuses_grid(
        4,
        |grid| grid["data"]["target"] = json!("Motor Fail?"),
        &["Motor Fail?", "Motor Fails", "RPM"],
    );
}

#[test]
fn a_target_of_one_class_is_refused() {
    refuses_table(rows(30).replace(",1\n", ",0\n").as_bytes(), &["Motor Fails", "one class"]);
}

#[test]
fn a_class_too_small_for_the_split_is_named_with_its_count() {
    let text = rows(30).replace(",1\n", ",0\n") + "1,1,1,1,9\n2,2,2,2,9\n";
    refuses_table(text.as_bytes(), &["\"9\"", "2 row"]);
}

#[test]
fn a_target_with_a_value_for_every_row_is_refused() {
    let grid = |grid: &mut serde_json::Value| grid["data"]["target"] = json!("RPM");
    refuses_grid(4, grid, &["RPM", "different values"]);
}

#[test]
fn text_in_a_numeric_column_is_named_by_line_column_and_value() {
    let text = rows(30).replace("1507,", "broken,");
    refuses_table(text.as_bytes(), &["line 9", "RPM", "broken"]);
}

#[test]
fn an_infinity_is_named_by_line_and_column() {
    let text = rows(30).replace("1507,", "inf,");
    refuses_table(text.as_bytes(), &["line 9", "RPM", "inf"]);
}

#[test]
fn a_nan_is_a_missing_cell_and_named_by_row_and_column() {
    let text = rows(30).replace("1507,", "NaN,");
    refuses_table(text.as_bytes(), &["row 8", "RPM", "fill"]);
}

#[test]
fn a_missing_target_is_named_by_row() {
    let text = rows(30) + "1,1,1,1,\n";
    refuses_table(text.as_bytes(), &["row 31", "Motor Fails", "missing"]);
}

#[test]
fn a_ragged_row_is_named_by_line() {
    let text = rows(30) + "1,1,1\n";
    refuses_table(text.as_bytes(), &["line 32", "3 cells"]);
}

#[test]
fn broken_json_is_named_by_line_and_column() {
    let bench = Bench::new();
    bench.write("grid.json", "{\n  \"name\": \"x\",\n  \"seed\" 3\n}\n");
    let message = bench.fails(3);
    assert!(message.contains("grid.json:3:10"), "{message}");
}

#[test]
fn a_misspelt_key_names_the_nearest() {
    let bench = Bench::new();
    let text = bench.read("grid.json").replace("learning_rate", "learing_rate");
    bench.write("grid.json", &text);
    let message = bench.fails(3);
    assert!(message.contains("`learing_rate`") && message.contains("`learning_rate`"), "{message}");
    assert!(message.contains("grid.json:"), "{message}");
}

#[test]
fn an_expression_that_does_not_parse_is_named() {
    let derive = json!([{"derive": {"power": "RPM *"}}]);
    let told = ["grid.json:", "steps[0].derive.power", "RPM *"];
    refuses_grid(3, |grid| grid["steps"] = derive, &told);
}

#[test]
fn an_expression_over_a_column_that_is_not_there_names_the_columns() {
    let derive = json!([{"derive": {"power": "torque * 2"}}]);
    let told = ["grid.json:", "steps[0] (derive)", "derive.power", "torque", "RPM"];
    refuses_grid(4, |grid| grid["steps"] = derive, &told);
}

#[test]
fn a_division_by_zero_is_named_by_its_row() {
    // RPM is 1517 in row 18 alone.
    let bench = Bench::new();
    bench.write("data.csv", &rows(30));
    let mut grid = bench.grid();
    grid["steps"] = json!([{"derive": {"ratio": "Current / (RPM - 1517)"}}]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("row 18: \"ratio\" comes to inf"), "{message}");
}

#[test]
fn an_expression_that_looks_at_other_rows_is_refused() {
    let derive = json!([{"derive": {"centred": "RPM - AVG(RPM)"}}]);
    refuses_grid(3, |grid| grid["steps"] = derive, &["derive.centred", "beyond its row"]);
}

#[test]
fn the_target_in_another_spelling_is_no_feature() {
    let features = json!(["RPM", "motor_fails"]);
    refuses_grid(4, |grid| grid["data"]["features"] = features, &["motor_fails", "Motor Fails"]);
}

#[test]
fn a_feature_that_is_dropped_is_refused() {
    let change = |grid: &mut serde_json::Value| {
        grid["data"]["features"] = json!(["RPM", "Current (A)"]);
        grid["data"]["drop"] = json!(["rpm"]);
    };
    refuses_grid(4, change, &["RPM", "data.drop"]);
}

#[test]
fn a_column_that_is_named_twice_is_refused() {
    let features = json!(["RPM", "rpm"]);
    refuses_grid(4, |grid| grid["data"]["features"] = features, &["second time", "rpm"]);
}

#[test]
fn a_dropped_name_that_fits_two_columns_is_an_error() {
    let bench = Bench::new();
    bench.write("data.csv", &rows(30).replacen("Temperature,Vibration", "Leak [a],Leak [b]", 1));
    let mut grid = bench.grid();
    grid["data"]["drop"] = json!(["leak"]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("Leak [a]") && message.contains("Leak [b]"), "{message}");
}

#[test]
fn text_used_as_numbers_is_named_by_its_own_line() {
    let bench = Bench::new();
    let add = |(row, line): (usize, &str)| match row {
        0 => format!("{line},Code\n"),
        1..=5 => format!("{line},{row}\n"),
        _ => format!("{line},k{}\n", row % 3),
    };
    bench.write("data.csv", &rows(30).lines().enumerate().map(add).collect::<String>());
    let mut grid = bench.grid();
    grid["steps"] = json!([{"derive": {"twice": "Code * 2"}}]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(message.contains("line 7") && message.contains("k0"), "{message}");
}

#[test]
fn numbers_too_large_to_scale_are_refused() {
    refuses_table(
        rows(30).replace("0.1,", "1e300,").replacen("1e300,", "-1e300,", 9).as_bytes(),
        &["too large"],
    );
}

#[test]
fn a_folder_with_files_of_the_users_is_no_run_and_keeps_them() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.file("run/plots")).unwrap();
    bench.write("run/plots/thesis.svg", "mine");
    bench.sweep("run");
    bench.forewarn(&["sweep", "grid.json", "--out", "run", "--overwrite", "-q"]).success();
    assert_eq!(bench.read("run/plots/thesis.svg"), "mine");
}

#[test]
fn a_device_that_is_not_there_lists_those_that_are() {
    let bench = Bench::new();
    let ended = bench.forewarn(&["sweep", "grid.json", "--device", "cuda:99"]).code(6);
    let message = ended.stderr();
    assert!(message.contains("cuda:99") && message.contains("devices: cpu"), "{message}");
}

#[test]
fn the_native_engine_has_no_gpu() {
    let bench = Bench::new();
    let arguments = ["sweep", "grid.json", "--engine", "native", "--device", "cuda"];
    let message = bench.forewarn(&arguments).code(6).stderr();
    assert!(message.contains("--engine torch"), "{message}");
}

#[test]
fn a_device_that_is_no_device_is_a_wrong_command_line() {
    let bench = Bench::new();
    let message = bench.forewarn(&["sweep", "grid.json", "--device", "gpu"]).code(2).stderr();
    assert!(message.contains("auto, cpu, cuda"), "{message}");
}

#[test]
fn a_finished_run_is_not_replaced_without_overwrite() {
    let bench = Bench::new();
    bench.sweep("run");
    let before = bench.read("run/run.json");
    let message = bench.fails(5);
    assert!(message.contains("finished run") && message.contains("--overwrite"), "{message}");
    assert_eq!(bench.read("run/run.json"), before);
    bench.forewarn(&["sweep", "grid.json", "--out", "run", "--overwrite", "-q"]).success();
    assert_ne!(bench.read("run/run.json"), before);
}

#[test]
fn a_single_value_where_an_axis_belongs_says_how_to_write_it() {
    refuses_grid(3, |grid| grid["grid"]["epochs"] = json!(5), &["grid.epochs", "such as [5]"]);
}

#[test]
fn decimal_commas_are_named_for_what_they_are() {
    let text = rows(30).replace(',', ";").replace(";0.1;", ";0,1;");
    refuses_table(text.as_bytes(), &["Vibration", "0,1", "decimals with a point"]);
}

#[test]
fn what_was_noticed_about_a_file_is_said_also_where_it_cannot_be_used() {
    refuses_table((rows(30) + "9,,,,\n").as_bytes(), &["note    the last"]);
}

#[test]
fn an_output_folder_that_is_a_file_is_refused() {
    let bench = Bench::new();
    bench.write("run", "a file");
    let message = bench.fails(5);
    assert!(message.contains("run"), "{message}");
    assert_eq!(bench.read("run"), "a file");
}

#[test]
fn an_output_folder_that_cannot_be_written_is_named() {
    let bench = Bench::new();
    // Not even root makes folders there.
    let ended = bench.forewarn(&["sweep", "grid.json", "--out", "/proc/forewarn"]).code(5);
    assert!(ended.stderr().contains("cannot write /proc/forewarn"));
}
