//! Tables as people pass them round: the same rows, spelt in every way, give the same curves.

use std::fs;

use serde_json::json;

use crate::support::{Bench, ai4i};

/// The curves that the bench's grid makes of a table with these bytes.
fn curves(bytes: &[u8]) -> String {
    let bench = Bench::new();
    fs::write(bench.file("data.csv"), bytes).unwrap();
    let mut grid = bench.grid();
    grid["data"]["target"] = json!("Failure Type");
    grid["data"]["features"] = json!(["Type", "Air temperature [K]", "Torque [Nm]"]);
    bench.write_grid(&grid);
    bench.sweep("run");
    bench.read("run/curves.csv")
}

#[test]
fn every_spelling_of_a_table_gives_the_same_curves() {
    let plain = ai4i(3000);
    let bom = format!("\u{feff}{plain}").replace('\n', "\r\n");
    let header = plain.replacen("Air temperature [K]", " Air_temperature ", 1).replacen(
        "Failure Type",
        "failure.type",
        1,
    );
    let spellings = [
        ("byte order mark and CR LF", bom),
        ("tabs", plain.replace(',', "\t")),
        ("semicolons", plain.replace(',', ";")),
        ("no final newline", plain.trim_end().to_owned()),
        ("empty trailing rows", format!("{plain},,,,,,,,,\n,,,,,,,,,\n\n")),
        ("other header", header),
        ("spaces after labels", plain.replace("Failure\n", "Failure \n")),
        ("one decimal more", plain.replace(".5,", ".50,")),
        ("a column more", plain.lines().map(|line| format!("{line},\n")).collect()),
    ];
    let expected = curves(plain.as_bytes());
    for (name, text) in spellings {
        assert!(text != plain, "{name}");
        assert!(curves(text.as_bytes()) == expected, "{name}");
    }
}

#[test]
fn two_columns_that_a_name_could_mean_are_both_named() {
    let bench = Bench::new();
    let text = ai4i(3000).replacen("Tool wear [min]", "Air temperature [C]", 1);
    bench.write("data.csv", &text);
    let mut grid = bench.grid();
    grid["data"]["target"] = json!("Failure Type");
    grid["data"]["features"] = json!(["air_temperature"]);
    bench.write_grid(&grid);
    let message = bench.fails(4);
    assert!(
        message.contains("Air temperature [K]") && message.contains("Air temperature [C]"),
        "{message}"
    );
}

#[test]
fn a_note_names_what_was_repaired() {
    let bench = Bench::new();
    bench.write("data.csv", &bench.read("data.csv").replace(',', "\t"));
    let ended = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success();
    let shown = ended.stdout();
    assert!(shown.contains("separator is a tab"), "{shown}");
    let ended = bench.forewarn(&["sweep", "nothing.json"]).code(3);
    assert!(ended.stderr().contains("nothing.json"));
}
