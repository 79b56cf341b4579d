//! What folds and repeated seeds say of a trial: deviations, and one row a configuration.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Bench, table};

/// A bench with these axes beside its own, ranked by the loss that curves.csv has.
fn bench(folds: usize, seeds: Value, rates: Value) -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    if folds > 1 {
        grid["split"] = json!({"folds": {"count": folds, "test": 0.15}});
    }
    grid["rank_by"] = json!("valid_loss");
    grid["grid"]["seed"] = seeds;
    grid["grid"]["learning_rate"] = rates;
    grid["grid"]["optimizer"] = json!(["sgd"]);
    bench.write_grid(&grid);
    bench
}

/// Mean and deviation of the population.
fn moments(values: &[f64]) -> [f64; 2] {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let center = mean(values);
    let squares: Vec<f64> = values.iter().map(|value| (value - center).powi(2)).collect();
    [center, mean(&squares).sqrt()]
}

fn is_near(cell: &str, value: f64) -> bool {
    (cell.parse::<f64>().unwrap() - value).abs() <= 2e-6 * (1.0 + value.abs())
}

/// For each trial and fold, the row of its best epoch in curves.csv.
fn best_epochs(bench: &Bench) -> BTreeMap<(String, String), [f64; 4]> {
    const COLUMNS: [&str; 4] = ["valid_loss", "valid_accuracy", "test_loss", "test_accuracy"];
    let mut best: BTreeMap<_, [f64; 4]> = BTreeMap::new();
    for row in table(&bench.file("run/curves.csv")) {
        let values = COLUMNS.map(|column| row[column].parse().unwrap());
        let held = best.entry((row["trial"].clone(), row["fold"].clone())).or_insert(values);
        if values[0] < held[0] {
            *held = values;
        }
    }
    best
}

#[test]
fn trials_have_the_deviations_of_their_folds() {
    let bench = bench(4, json!([0]), json!([0.1, 0.01]));
    bench.sweep("run");
    let best = best_epochs(&bench);
    let trials = table(&bench.file("run/trials.csv"));
    assert_eq!((trials.len(), best.len()), (4, 16));
    for trial in trials {
        let folds = best.iter().filter(|((number, _), _)| *number == trial["trial"]);
        let folds: Vec<[f64; 4]> = folds.map(|(_, values)| *values).collect();
        let columns = ["valid_loss", "valid_accuracy", "test_loss", "test_accuracy"];
        for (place, column) in columns.into_iter().enumerate() {
            let values: Vec<f64> = folds.iter().map(|values| values[place]).collect();
            let [mean, deviation] = moments(&values);
            assert!(place > 0 || deviation > 0.0, "folds have losses of their own");
            assert!(is_near(&trial[column], mean), "{column}");
            assert!(is_near(&trial[&format!("{column}_std")], deviation), "{column}");
        }
        for part in ["train", "valid", "test"] {
            for score in ["macro_f1", "macro_recall", "mcc"] {
                trial[&format!("{part}_{score}_std")].parse::<f64>().unwrap();
            }
        }
    }
    // Over folds alone a configuration is a trial.
    let configurations = table(&bench.file("run/configurations.csv"));
    let trials = table(&bench.file("run/trials.csv"));
    for (one, trial) in configurations.iter().zip(&trials) {
        assert_eq!(one["rank_valid_loss"], trial["rank"]);
        assert_eq!(one["mean_test_mcc"], trial["test_mcc"]);
        assert_eq!(one["std_test_mcc"], trial["test_mcc_std"]);
    }
}

#[test]
fn without_folds_and_seeds_there_is_nothing_to_deviate() {
    let bench = Bench::new();
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    assert!(!shown.contains('±'), "{shown}");
    assert!(!bench.file("run/configurations.csv").exists());
    for trial in table(&bench.file("run/trials.csv")) {
        let cells = trial.iter().filter(|(column, _)| column.ends_with("_std"));
        let cells: Vec<&str> = cells.map(|(_, cell)| cell.as_str()).collect();
        assert_eq!(cells, [""; 15]);
    }
}

#[test]
fn seeds_are_put_together_and_a_configuration_that_lost_one_has_no_rank() {
    let bench = bench(1, json!([0, 1, 2]), json!([0.1, 0.01, 1e30]));
    bench.sweep("run");
    let trials = table(&bench.file("run/trials.csv"));
    let rows = table(&bench.file("run/configurations.csv"));
    assert_eq!((trials.len(), rows.len()), (18, 6));
    let mut means = Vec::new();
    for row in &rows {
        assert!(!row.contains_key("seed"));
        assert_eq!(row["trials"], "3");
        let same = |axis: &&str| trials[0].contains_key(*axis);
        let axes = ["learning_rate", "hidden"];
        assert!(axes.iter().all(same));
        let of = trials.iter().filter(|trial| axes.iter().all(|axis| trial[*axis] == row[*axis]));
        let of: Vec<_> = of.collect();
        assert_eq!(of.len(), 3);
        let finished = of.iter().filter(|trial| trial["status"] == "finished").count();
        assert_eq!(row["finished"], finished.to_string());
        if finished < 3 {
            assert_eq!(row["rank_valid_loss"], "");
            continue;
        }
        for column in ["valid_loss", "valid_macro_f1", "test_accuracy", "test_mcc"] {
            let values: Vec<f64> = of.iter().map(|trial| trial[column].parse().unwrap()).collect();
            let [mean, deviation] = moments(&values);
            assert!(is_near(&row[&format!("mean_{column}")], mean), "{column}");
            assert!(is_near(&row[&format!("std_{column}")], deviation), "{column}");
        }
        means.push(row["mean_valid_loss"].parse::<f64>().unwrap());
    }
    assert!(means.len() >= 4 && means.is_sorted(), "{means:?}");
    let ranks: Vec<&str> = rows.iter().map(|row| row["rank_valid_loss"].as_str()).collect();
    assert_eq!(ranks[..4], ["1", "2", "3", "4"]);
    assert!(rows.last().unwrap()["learning_rate"].len() > 10, "what diverges comes last");
}

#[test]
fn deviations_come_back_from_the_journal_to_the_byte() {
    let bench = bench(3, json!([0, 1]), json!([0.1, 0.01]));
    bench.sweep("whole");
    bench.forewarn(&["sweep", "grid.json", "--out", "cut", "--max-trials", "3"]).success();
    assert!(bench.read("cut/configurations.csv") != bench.read("whole/configurations.csv"));
    bench.forewarn(&["sweep", "grid.json", "--out", "cut", "--resume"]).success();
    assert_eq!(bench.read("cut/configurations.csv"), bench.read("whole/configurations.csv"));
    let timeless = |out: &str| {
        let text = bench.read(&format!("{out}/trials.csv"));
        text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(timeless("cut"), timeless("whole"));
}

#[test]
fn the_summary_of_folds_has_mean_and_deviation() {
    let bench = bench(3, json!([0]), json!([0.1, 0.01]));
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    let winner = &table(&bench.file("run/trials.csv"))[0];
    let [mean, deviation] =
        ["test_accuracy", "test_accuracy_std"].map(|column| winner[column].parse::<f64>().unwrap());
    let told = format!("test    accuracy {mean:.4} ± {deviation:.4}, ");
    assert!(shown.contains(&told), "{told}: {shown}");
    assert!(shown.contains("mean and standard deviation of 3 folds"), "{shown}");
}
