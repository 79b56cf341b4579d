//! Trials that differ only in `epochs` are trained once: their figures are those of separate runs.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{Bench, table};

/// Networks that learn, and some that blow up at once or on the way.
fn grid(bench: &Bench, epochs: &[u32]) -> Value {
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!(epochs);
    grid["grid"]["optimizer"] = json!(["sgd", "adam"]);
    grid["grid"]["learning_rate"] = json!([0.01, 0.3, 1e30]);
    // So much decay multiplies the weights of sgd by -9 a step: they blow up after some epochs.
    grid["grid"]["weight_decay"] = json!([0, 1000]);
    grid["grid"]["hidden"] = json!([[8, 4]]);
    grid["grid"]["dropout"] = json!([0, 0.2]);
    grid["split"] = json!({"folds": {"count": 2, "test": 0.2}});
    grid
}

type Row = HashMap<String, String>;

/// Rows of a table by the hyperparameters and what else tells them apart, without what a row says of
/// its place and time.
fn rows(bench: &Bench, file: &str) -> HashMap<Vec<String>, Row> {
    let keys = ["learning_rate", "optimizer", "epochs", "dropout", "weight_decay", "fold", "epoch"];
    let rows = table(&bench.file(file)).into_iter().map(|mut row| {
        let key: Vec<String> = keys.iter().filter_map(|key| row.remove(*key)).collect();
        let _ = ["trial", "rank", "seconds"].map(|column| row.remove(column));
        (key, row)
    });
    rows.collect()
}

#[test]
fn one_training_gives_the_rows_of_separate_runs_in_both_engines() {
    for engine in ["native", "torch"] {
        let bench = Bench::new();
        let sweep = |out: &str, epochs: &[u32]| {
            bench.write_grid(&grid(&bench, epochs));
            let arguments = ["sweep", "grid.json", "--engine", engine, "--out", out, "-q"];
            bench.forewarn(&arguments).success();
        };
        sweep("together", &[6, 2, 9]);
        let mut apart: [HashMap<Vec<String>, Row>; 2] = Default::default();
        for epochs in [2, 6, 9] {
            let out = format!("apart{epochs}");
            sweep(&out, &[epochs]);
            apart[0].extend(rows(&bench, &format!("{out}/curves.csv")));
            apart[1].extend(rows(&bench, &format!("{out}/trials.csv")));
        }
        let together = [rows(&bench, "together/curves.csv"), rows(&bench, "together/trials.csv")];
        assert!(together[0].len() > 300 && together[1].len() == 72, "{engine}");
        let status = |epochs: &str| {
            let key = ["0.01", "sgd", epochs, "0", "1000"].map(str::to_owned);
            together[1][key.as_slice()]["status"].clone()
        };
        assert_eq!((status("2"), status("9")), ("finished".to_owned(), "diverged".to_owned()));
        assert!(together == apart, "{engine}: the rows differ");
    }
}

#[test]
fn the_model_kept_is_that_of_the_winners_own_run() {
    let bench = Bench::new();
    bench.write_grid(&grid(&bench, &[5, 1, 12]));
    bench.sweep("together");
    let winner = table(&bench.file("together/trials.csv")).remove(0);
    let mut alone = grid(&bench, &[winner["epochs"].parse().unwrap()]);
    alone["grid"]["learning_rate"] = json!([winner["learning_rate"].parse::<f64>().unwrap()]);
    alone["grid"]["optimizer"] = json!([winner["optimizer"]]);
    alone["grid"]["dropout"] = json!([winner["dropout"].parse::<f64>().unwrap()]);
    alone["grid"]["weight_decay"] = json!([winner["weight_decay"].parse::<f64>().unwrap()]);
    bench.write_grid(&alone);
    bench.sweep("alone");
    let weights =
        |run: &str| std::fs::read(bench.file(run).join("best/model.safetensors")).unwrap();
    assert!(weights("together") == weights("alone"));
}

#[test]
fn rows_of_the_curves_stand_in_the_order_of_the_trials() {
    let bench = Bench::new();
    bench.write_grid(&grid(&bench, &[4, 2]));
    bench.sweep("run");
    let rows = table(&bench.file("run/curves.csv"));
    let order: Vec<(u32, u32, u32)> = rows
        .iter()
        .map(|row| ["trial", "epoch", "fold"].map(|column| row[column].parse().unwrap()))
        .map(|[trial, epoch, fold]| (trial, epoch, fold))
        .collect();
    assert!(order.is_sorted());
}
