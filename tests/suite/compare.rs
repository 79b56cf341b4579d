//! `forewarn compare`: variants, trials and runs side by side.

use serde_json::{Value, json};

use crate::support::{Bench, table};

/// A bench with a run of a plain network beside one that hardly learns, and one that is the plain one.
fn run(split: &Value, seeds: &[u32]) -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["split"] = split.clone();
    grid["grid"]["learning_rate"] = json!([0.03]);
    grid["grid"]["epochs"] = json!([20]);
    grid["grid"]["hidden"] = json!([[8]]);
    grid["grid"]["seed"] = json!(seeds);
    grid["variants"] = json!({
        "plain": {},
        "slow": {"grid": {"learning_rate": [1e-6, 1e-7]}},
        "same": {}
    });
    bench.write_grid(&grid);
    bench.sweep("run");
    bench
}

fn folds() -> Value {
    json!({"folds": {"count": 3, "test": 0.2}})
}

#[test]
fn variants_are_set_beside_the_first_with_what_is_more_than_noise() {
    let bench = run(&folds(), &[0, 1]);
    let said = bench.forewarn(&["compare", "run"]).success().stdout();
    assert!(said.contains("over 6 pairs of equal seed and fold"), "{said}");
    assert!(said.contains("plain  0, 1"), "{said}");
    assert!(said.contains("slow   2, 3; learning_rate 0.000001"), "{said}");
    let accuracy = said.split("\n\n").find(|block| block.starts_with("accuracy")).unwrap();
    let line = |name: &str| accuracy.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("slow").ends_with("more than noise"), "{said}");
    assert!(line("same").ends_with("+0.0000 (+0.0000 to +0.0000), within the noise"), "{said}");
    // The means are those of trials.csv over the seeds.
    let trials = table(&bench.file("run/trials.csv"));
    let plain = trials.iter().filter(|row| row["variant"] == "plain");
    let sum: f64 = plain.map(|row| row["test_accuracy"].parse::<f64>().unwrap()).sum();
    assert_eq!(line("plain").split_whitespace().nth(3), Some(format!("{:.4}", sum / 2.0).as_str()));
}

#[test]
fn a_row_of_folds_csv_is_a_trial_on_a_fold() {
    let bench = run(&folds(), &[0]);
    let folds = table(&bench.file("run/folds.csv"));
    let trials = table(&bench.file("run/trials.csv"));
    assert_eq!(folds.len(), 3 * trials.len());
    for trial in &trials {
        let own: Vec<f64> = folds
            .iter()
            .filter(|row| row["trial"] == trial["trial"])
            .map(|row| row["valid_macro_f1"].parse().unwrap())
            .collect();
        let mean: f64 = trial["valid_macro_f1"].parse().unwrap();
        assert!((own.iter().sum::<f64>() / 3.0 - mean).abs() < 1e-6);
    }
}

#[test]
fn trials_and_runs_are_named_and_pairs_need_the_same_rows() {
    let bench = run(&folds(), &[0, 1]);
    let compare = |sides: &[&str]| bench.forewarn(&[&["compare"], sides].concat());
    let said = compare(&["run:same", "run:3"]).success().stdout();
    assert!(said.contains("bench:same") && said.contains("bench:3"), "{said}");
    let said = compare(&["run:0", "run:nobody"]).code(4).stderr();
    assert!(said.contains("no finished trial or variant \"nobody\""), "{said}");
    let said = compare(&["nowhere", "run"]).code(4).stderr();
    assert!(said.contains("nowhere/run.json"), "{said}");

    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["name"] = json!("other");
    grid["variants"] = json!({"only": {}});
    bench.write_grid(&grid);
    bench.sweep("other");
    let said = compare(&["run", "other"]).success().stdout();
    assert!(said.contains("over 6 pairs"), "{said}");
    let said = compare(&["other"]).code(2).stderr();
    assert!(said.contains("name a second run"), "{said}");

    grid["seed"] = json!(8);
    bench.write_grid(&grid);
    bench.sweep("otherwise");
    let said = compare(&["run", "otherwise"]).success().stdout();
    assert!(said.contains("differ in the seed: nothing is compared pair by pair"), "{said}");
    assert!(!said.contains("noise"), "{said}");
}

#[test]
fn a_run_without_a_finished_trial_is_told_and_damaged_scores_are_named() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([1e30]);
    grid["grid"]["optimizer"] = json!(["sgd"]);
    bench.write_grid(&grid);
    bench.fails(7);
    let said = bench.forewarn(&["compare", "run"]).code(4).stderr();
    assert!(said.contains("run: none of its trials finished"), "{said}");
    let bench = run(&folds(), &[0]);
    let damaged = bench.read("run/folds.csv").replacen(",constant,", ",constant", 1);
    bench.write("run/folds.csv", &damaged);
    let said = bench.forewarn(&["compare", "run"]).code(4).stderr();
    assert!(said.contains("run/folds.csv"), "{said}");
    bench.write("run/folds.csv", "fold,trial\n0,0\n");
    let said = bench.forewarn(&["compare", "run"]).code(4).stderr();
    assert!(said.contains("no column `train_loss`"), "{said}");
}

#[test]
fn one_training_of_each_side_tells_of_no_noise() {
    let bench = run(&json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}}), &[0]);
    let said = bench.forewarn(&["compare", "run"]).success().stdout();
    assert!(said.contains("one training of each side tells of no noise"), "{said}");
    let bench = run(&json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}}), &[0, 1, 2]);
    let said = bench.forewarn(&["compare", "run"]).success().stdout();
    assert!(said.contains("over 3 pairs of equal seed: it holds the noise of the first"), "{said}");
}
