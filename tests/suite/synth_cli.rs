//! `forewarn synth` as a user calls it.

use crate::support::Bench;

#[test]
fn a_file_that_is_there_is_not_replaced_unless_told_to() {
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
    assert!(message.contains("ai4i") && message.contains("motor"), "{message}");
}
