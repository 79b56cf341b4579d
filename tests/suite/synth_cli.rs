//! `forewarn synth` as a user calls it.

use forewarn::synth::FleetTable;
use serde_json::json;

use crate::support::Bench;

#[test]
fn an_existing_file_is_not_replaced_without_overwrite() {
    let bench = Bench::new();
    bench.write("table.csv", "mine");
    let arguments = ["synth", "motor", "--rows", "10", "--out", "table.csv"];
    assert!(bench.forewarn(&arguments).code(5).stderr().contains("--overwrite"));
    assert_eq!(bench.read("table.csv"), "mine");
    bench.forewarn(&[&arguments[..], &["--overwrite"]].concat()).success();
    assert_eq!(bench.read("table.csv").lines().count(), 11);
}

#[test]
fn a_dash_writes_to_the_standard_output() {
    let bench = Bench::new();
    let ended = bench.forewarn(&["synth", "ai4i", "--rows", "5", "--out", "-"]).success();
    assert_eq!(ended.stdout().lines().count(), 6);
}

#[test]
fn no_rows_are_refused() {
    let bench = Bench::new();
    let ended = bench.forewarn(&["synth", "ai4i", "--rows", "0", "--out", "-"]).code(2);
    assert!(ended.stderr().contains("at least 1 row"));
}

#[test]
fn an_unknown_generator_lists_those_there_are() {
    let bench = Bench::new();
    let ended = bench.forewarn(&["synth", "ai4j", "--out", "-"]).code(2);
    let message = ended.stderr();
    assert!(message.contains("ai4i|motor|fleet"), "{message}");
}

#[test]
fn a_fleet_is_five_tables_in_a_folder_that_is_made() {
    let bench = Bench::new();
    let arguments = ["synth", "fleet", "--machines", "2", "--days", "3", "--out", "a/fleet"];
    let ended = bench.forewarn(&arguments).success();
    assert!(ended.stdout().contains("2 machines and 3 days"));
    let lines = FleetTable::ALL
        .map(|table| bench.read(&format!("a/fleet/{}", table.file_name())).lines().count());
    assert_eq!([lines[0], lines[4]], [2 * (3 * 24 + 1) + 1, 3]);
}

#[test]
fn none_of_a_fleets_tables_is_written_over_one_without_overwrite() {
    let bench = Bench::new();
    bench.write("PdM_maint.csv", "mine");
    let arguments = ["synth", "fleet", "--machines", "2", "--days", "3", "--out", "."];
    let refused = bench.forewarn(&arguments).code(5).stderr();
    assert!(refused.contains("PdM_maint.csv") && refused.contains("--overwrite"), "{refused}");
    assert_eq!(bench.read("PdM_maint.csv"), "mine");
    assert!(!bench.file("PdM_telemetry.csv").exists());
    bench.forewarn(&[&arguments[..], &["--overwrite"]].concat()).success();
    assert!(bench.read("PdM_maint.csv").lines().count() > 8);
}

#[test]
fn a_fleet_whose_folder_cannot_be_made_is_an_error_that_names_it() {
    let bench = Bench::new();
    let ended = bench.forewarn(&["synth", "fleet", "--out", "data.csv/fleet"]).code(5);
    assert!(ended.stderr().contains("data.csv/fleet"));
}

#[test]
fn each_generator_takes_its_own_sizes_alone() {
    let bench = Bench::new();
    for wrong in [
        &["synth", "fleet", "--rows", "5", "--out", "x"][..],
        &["synth", "motor", "--machines", "5", "--out", "x"],
        &["synth", "ai4i", "--days", "5", "--out", "x"],
        &["synth", "fleet", "--machines", "0", "--out", "x"],
        &["synth", "fleet", "--days", "0", "--out", "x"],
        &["synth", "fleet", "--days", "65536", "--out", "x"],
        &["synth", "fleet", "--out", "-"],
        &["synth", "fleet"],
    ] {
        bench.forewarn(wrong).code(2);
    }
    assert!(!bench.file("x").exists() && !bench.file("-").exists());
}

#[test]
fn a_grid_cannot_name_a_fleet() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["data"]["source"] = json!({"synth": {"generator": "fleet", "rows": 10, "seed": 1}});
    bench.write_grid(&grid);
    let message = bench.fails(3);
    assert!(message.contains("fleet") && message.contains("motor"), "{message}");
}
