//! Sweeps over learning-rate schedules and early stopping.

use std::collections::HashMap;
use std::fs;

use serde_json::{Value, json};

use crate::support::{Bench, table};

/// Networks that stop early or not, at every schedule, on folds.
fn grid(bench: &Bench, epochs: &[u32]) -> Value {
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.03]);
    grid["grid"]["epochs"] = json!(epochs);
    grid["grid"]["hidden"] = json!([[8]]);
    grid["grid"]["lr_schedule"] = json!([
        "constant",
        {"step": {"step_size": 3}},
        {"cosine": {}},
        {"one_cycle": {}},
        {"reduce_on_plateau": {"patience": 1}}
    ]);
    grid["grid"]["early_stopping"] = json!(["none", {"patience": 3, "min_delta": 0.001}]);
    grid["split"] = json!({"folds": {"count": 2, "test": 0.2}});
    grid["rank_by"] = json!("valid_loss");
    grid
}

fn sweep(bench: &Bench, engine: &str, out: &str, more: &[&str]) {
    let arguments = ["sweep", "grid.json", "--engine", engine, "--out", out, "-q"];
    bench.forewarn(&[arguments.as_slice(), more].concat()).success();
}

type Row = HashMap<String, String>;

/// Rows of a table by the hyperparameters and what else tells them apart, without what a row says
/// of its place and time.
fn rows(bench: &Bench, file: &str) -> HashMap<Vec<String>, Row> {
    let keys = ["lr_schedule", "early_stopping", "epochs", "fold", "epoch"];
    let rows = table(&bench.file(file)).into_iter().map(|mut row| {
        let key: Vec<String> = keys.iter().filter_map(|key| row.remove(*key)).collect();
        let _ = ["trial", "rank", "seconds"].map(|column| row.remove(column));
        (key, row)
    });
    rows.collect()
}

fn number(row: &Row, column: &str) -> u32 {
    row[column].parse().unwrap()
}

#[test]
fn trainings_of_several_lengths_give_the_rows_of_separate_runs() {
    let bench = Bench::new();
    bench.write_grid(&grid(&bench, &[6, 30, 9]));
    sweep(&bench, "native", "together", &[]);
    let mut apart: [HashMap<Vec<String>, Row>; 2] = Default::default();
    for epochs in [6, 9, 30] {
        let out = format!("apart{epochs}");
        bench.write_grid(&grid(&bench, &[epochs]));
        sweep(&bench, "native", &out, &[]);
        apart[0].extend(rows(&bench, &format!("{out}/curves.csv")));
        apart[1].extend(rows(&bench, &format!("{out}/trials.csv")));
    }
    let together = [rows(&bench, "together/curves.csv"), rows(&bench, "together/trials.csv")];
    assert_eq!(together[1].len(), 30);
    assert!(together == apart, "the rows differ");
}

#[test]
fn a_network_that_gets_no_better_stops_and_keeps_its_best_epoch_in_both_engines() {
    for engine in ["native", "torch"] {
        let bench = Bench::new();
        let mut grid = grid(&bench, &[4, 60]);
        grid["grid"]["learning_rate"] = json!([0.03, 0.1, 1e30]);
        grid["grid"]["early_stopping"] = json!([{"patience": 5}]);
        grid["split"] = json!({"shares": {"train": 0.6, "valid": 0.2, "test": 0.2}});
        bench.write_grid(&grid);
        sweep(&bench, engine, "run", &[]);
        let trials = table(&bench.file("run/trials.csv"));
        let curves = table(&bench.file("run/curves.csv"));
        let mut stopped = 0;
        for trial in trials.iter().filter(|trial| trial["status"] == "finished") {
            let (epochs, trained) = (number(trial, "epochs"), number(trial, "epochs_trained"));
            let rows = curves.iter().filter(|row| row["trial"] == trial["trial"]);
            assert_eq!(rows.count(), trained as usize, "{engine}: {trial:?}");
            let best = number(trial, "best_epoch");
            assert!(trained == epochs || trained == best + 5, "{engine}: {trial:?}");
            assert!(best + 5 >= trained, "{engine}: {trial:?}");
            stopped += usize::from(trained < epochs);
        }
        assert!(stopped >= 4, "{engine}: {stopped} stopped");
        let diverged = trials.iter().find(|trial| trial["status"] == "diverged").unwrap();
        assert_eq!(diverged["epochs_trained"], "");
        // The network that was kept is the one that the row tells of.
        let winner = &trials[0];
        assert!(number(winner, "epochs_trained") < 60, "{engine}: the winner did not stop");
        let metrics: Value = serde_json::from_str(&bench.read("run/best/metrics.json")).unwrap();
        assert_eq!(metrics["epoch"].to_string(), winner["best_epoch"]);
        for part in ["train", "valid", "test"] {
            let told: f64 = winner[&format!("{part}_loss")].parse().unwrap();
            let kept = metrics[part]["loss"].as_f64().unwrap();
            assert!((told - kept).abs() < 1e-5, "{engine}, {part}: {told}, kept {kept}");
        }
    }
}

#[test]
fn curves_are_the_same_bytes_for_any_number_of_workers() {
    let bench = Bench::new();
    bench.write_grid(&grid(&bench, &[4, 12]));
    for engine in ["native", "torch"] {
        let curves = ["1", "3"].map(|jobs| {
            let out = format!("{engine}{jobs}");
            sweep(&bench, engine, &out, &["--jobs", jobs]);
            bench.read(&format!("{out}/curves.csv"))
        });
        assert!(curves[0] == curves[1], "{engine}: --jobs 3 differs from --jobs 1");
    }
}

#[test]
fn a_run_that_was_stopped_ends_with_the_bytes_of_one_that_was_not_in_both_engines() {
    let bench = Bench::new();
    bench.write_grid(&grid(&bench, &[4, 40]));
    for engine in ["native", "torch"] {
        let (whole, part) = (format!("{engine}_whole"), format!("{engine}_part"));
        sweep(&bench, engine, &whole, &[]);
        // The journal's first trials alone, as a run leaves them that is killed: some networks have
        // ended at one length and not at the other.
        let journal = bench.read(&format!("{whole}/journal.jsonl"));
        for kept in [1, 4, 11, 15] {
            fs::create_dir_all(bench.file(&part)).unwrap();
            let lines: String = journal.split_inclusive('\n').take(1 + kept).collect();
            assert_eq!(lines.lines().count(), 1 + kept);
            bench.write(&format!("{part}/journal.jsonl"), &lines);
            sweep(&bench, engine, &part, &["--resume"]);
            let timeless = |out: &str| -> Vec<String> {
                let text = bench.read(&format!("{out}/trials.csv"));
                text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
            };
            assert!(timeless(&whole) == timeless(&part), "{engine}: trials.csv after {kept}");
            for file in ["curves.csv", "best/model.safetensors", "best/metrics.json"] {
                let bytes = |run: &str| fs::read(bench.file(run).join(file)).unwrap();
                assert!(bytes(&whole) == bytes(&part), "{engine}: {file} after {kept}");
            }
            fs::remove_dir_all(bench.file(&part)).unwrap();
        }
    }
}

#[test]
fn mistakes_are_told_with_their_key_and_what_there_is() {
    let cases = [
        ("lr_schedule", json!("cosin"), ["grid.lr_schedule[1]", "did you mean `cosine`?"]),
        ("lr_schedule", json!("cosine"), ["grid.lr_schedule[1]", "it must be an object"]),
        ("lr_schedule", json!({"cosine": {"warm_up": 0.1}}), ["`warm_up`", "`warmup`"]),
        ("lr_schedule", json!({"one_cycle": {"pct_start": 1}}), ["pct_start", "between 0 and 1"]),
        ("lr_schedule", json!({"step": {"step_size": 0}}), ["step_size", "not 0"]),
        ("early_stopping", json!("never"), ["grid.early_stopping[1]", "{\"patience\": 10"]),
        ("early_stopping", json!({"patience": 0}), ["grid.early_stopping[1]", "1 epoch or more"]),
    ];
    for (axis, wrong, parts) in cases {
        let bench = Bench::new();
        let mut grid = bench.grid();
        grid["grid"][axis] =
            json!([if axis == "lr_schedule" { "constant" } else { "none" }, wrong]);
        bench.write_grid(&grid);
        let message = bench.fails(3);
        assert!(parts.iter().all(|part| message.contains(part)), "{wrong}: {message}");
    }
}
