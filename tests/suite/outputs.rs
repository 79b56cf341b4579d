//! What a sweep writes.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{Bench, ai4i, forewarn, run, table};

fn json_file(bench: &Bench, name: &str) -> Value {
    serde_json::from_str(&bench.read(name)).unwrap()
}

#[test]
fn curves_have_a_row_for_every_trial_and_epoch() {
    let bench = Bench::new();
    bench.sweep("run");
    let text = bench.read("run/curves.csv");
    assert!(text.starts_with(
        "trial,fold,seed,epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,test_loss,\
         test_accuracy,variant,family,learning_rate,optimizer,epochs,hidden,batch_size,weight_decay,dropout,\
         activation,embedding,norm,class_weight,label_smoothing,focal_gamma,l1,\
         clip_grad_norm,max_norm,input_noise,lr_schedule,early_stopping\n"
    ));
    let rows = table(&bench.file("run/curves.csv"));
    assert_eq!(rows.len(), 4 * 3);
    for trial in 0..4 {
        let epochs: Vec<&str> = rows
            .iter()
            .filter(|row| row["trial"] == trial.to_string())
            .map(|row| row["epoch"].as_str())
            .collect();
        assert_eq!(epochs, ["1", "2", "3"]);
    }
}

#[test]
fn trials_are_ranked_by_validation_alone() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["rank_by"] = json!("valid_loss");
    bench.write_grid(&grid);
    bench.sweep("run");
    let rows = table(&bench.file("run/trials.csv"));
    let losses: Vec<f64> = rows.iter().map(|row| row["valid_loss"].parse().unwrap()).collect();
    assert!(losses.is_sorted(), "{losses:?}");
    let ranks: Vec<&str> = rows.iter().map(|row| row["rank"].as_str()).collect();
    assert_eq!(ranks, ["1", "2", "3", "4"]);
    assert!(rows.iter().all(|row| row["status"] == "finished"));
}

#[test]
fn the_best_epoch_is_the_one_with_the_best_validation_score() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["rank_by"] = json!("valid_loss");
    grid["grid"]["epochs"] = json!([12]);
    grid["grid"]["learning_rate"] = json!([0.3]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let curves = table(&bench.file("run/curves.csv"));
    for trial in table(&bench.file("run/trials.csv")) {
        let rows = curves.iter().filter(|row| row["trial"] == trial["trial"]);
        let loss = |row: &&HashMap<String, String>| row["valid_loss"].parse::<f64>().unwrap();
        let best = rows.min_by(|one, other| loss(one).total_cmp(&loss(other))).unwrap();
        assert_eq!(best["epoch"], trial["best_epoch"]);
        for column in ["valid_loss", "valid_accuracy", "test_loss", "test_accuracy"] {
            assert_eq!(best[column], trial[column], "{column}");
        }
    }
}

#[test]
fn a_trial_that_diverges_is_recorded_and_the_others_go_on() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.01, 1e30]);
    grid["grid"]["optimizer"] = json!(["sgd"]);
    grid["grid"]["hidden"] = json!([[8, 8]]);
    bench.write_grid(&grid);
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    assert!(shown.contains("1 trial diverged"), "{shown}");
    let rows = table(&bench.file("run/trials.csv"));
    assert_eq!(
        (rows[0]["status"].as_str(), rows[0]["learning_rate"].as_str()),
        ("finished", "0.01")
    );
    assert_eq!((rows[1]["status"].as_str(), rows[1]["rank"].as_str()), ("diverged", ""));
    let epoch = rows[1]["diverged_epoch"].clone();
    let curves = table(&bench.file("run/curves.csv"));
    let last = curves.iter().rfind(|row| row["trial"] == rows[1]["trial"]).unwrap();
    assert_eq!(last["epoch"], epoch);
    assert!(!last["valid_loss"].parse::<f64>().unwrap().is_finite());
    let others = curves.iter().filter(|row| row["trial"] == rows[0]["trial"]);
    assert_eq!(others.count(), 3);
    assert_eq!(json_file(&bench, "run/run.json")["trials"]["diverged"], 1);
}

#[test]
fn a_sweep_in_which_every_trial_diverges_says_so() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([1e30]);
    grid["grid"]["optimizer"] = json!(["sgd"]);
    bench.write_grid(&grid);
    bench.forewarn(&["sweep", "grid.json", "--out", "run"]).code(7);
    assert!(!bench.file("run/best").exists());
    assert!(bench.file("run/report.html").exists());
}

#[test]
fn run_json_tells_how_the_run_was_made() {
    let bench = Bench::new();
    bench.sweep("run");
    let run = json_file(&bench, "run/run.json");
    assert_eq!(run["status"], "finished");
    assert_eq!(run["name"], "bench");
    assert_eq!(run["seed"], 7);
    assert_eq!(run["engine"], "native");
    assert_eq!(run["device"], "cpu");
    assert_eq!(run["data"]["rows"], 400);
    assert_eq!(run["data"]["sha256"].as_str().unwrap().len(), 64);
    let split = &run["split"];
    assert_eq!(
        (&split["train"], &split["valid"], &split["test"]),
        (&json!(280), &json!(60), &json!(60))
    );
    let counted: u64 = split["class_counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| class["train"].as_u64().unwrap() + class["valid"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, 340);
    assert!(run["versions"]["libtorch"].as_str().unwrap().starts_with("2."));
    assert!(run["command_line"].as_str().unwrap().contains("sweep grid.json"));
    assert_eq!(run["grid"]["grid"]["batch_size"], json!([64]), "defaults are filled in");
}

#[test]
fn the_winner_has_metrics_that_agree_with_its_row() {
    let bench = Bench::new();
    bench.sweep("run");
    let metrics = json_file(&bench, "run/best/metrics.json");
    let winner = &table(&bench.file("run/trials.csv"))[0];
    assert_eq!(metrics["trial"].to_string(), winner["trial"]);
    assert_eq!(metrics["epoch"].to_string(), winner["best_epoch"]);
    for part in ["train", "valid", "test"] {
        let pairs = [
            ("accuracy", &metrics[part]["accuracy"]),
            ("macro_f1", &metrics[part]["macro"]["f1"]),
            ("macro_recall", &metrics[part]["macro"]["recall"]),
            ("mcc", &metrics[part]["mcc"]),
            ("loss", &metrics[part]["loss"]),
        ];
        for (score, value) in pairs {
            let row: f64 = winner[&format!("{part}_{score}")].parse().unwrap();
            let difference = row - value.as_f64().unwrap();
            assert!(difference.abs() < 1e-5, "{part} {score} differs by {difference}");
        }
        let confusion = table(&bench.file(&format!("run/best/confusion_{part}.csv")));
        let cell = |row: usize, class: &str| confusion[row][class].parse::<u64>().unwrap();
        let right = cell(0, "0") + cell(1, "1");
        let total = right + cell(0, "1") + cell(1, "0");
        let accuracy = metrics[part]["accuracy"].as_f64().unwrap();
        assert!((right as f64 / total as f64 - accuracy).abs() < 1e-12);
    }
}

#[test]
fn folds_give_a_curve_each_and_their_mean_ranks() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["split"] = json!({"folds": {"count": 4, "test": 0.2}});
    bench.write_grid(&grid);
    bench.sweep("run");
    let curves = table(&bench.file("run/curves.csv"));
    assert_eq!(curves.len(), 4 * 4 * 3);
    let folds: std::collections::BTreeSet<_> = curves.iter().map(|row| &row["fold"]).collect();
    assert_eq!(folds.len(), 4);
    assert_eq!(table(&bench.file("run/trials.csv")).len(), 4);
    assert_eq!(json_file(&bench, "run/run.json")["split"]["folds"], 4);
}

#[test]
fn a_generator_can_stand_for_a_file() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["data"]["source"] = json!({"synth": {"generator": "motor", "rows": 300, "seed": 5}});
    bench.write_grid(&grid);
    bench.sweep("run");
    let source = json_file(&bench, "run/run.json")["data"]["source"].clone();
    assert_eq!(source, "synth motor --rows 300 --seed 5");
}

#[test]
fn repairs_and_warnings_are_shown_and_recorded() {
    let bench = Bench::new();
    let text = ai4i(3000).replace("No Failure\n", "No Failure \n");
    let constant = |(number, line): (usize, &str)| {
        if number == 0 { format!("{line},Plant\n") } else { format!("{line},A\n") }
    };
    let text: String = text.lines().enumerate().map(constant).collect();
    bench.write("data.csv", &format!("\u{feff}{text}"));
    let mut grid = bench.grid();
    grid["data"]["target"] = json!("Target");
    grid["data"]["drop"] = json!(["UDI", "Product ID", "Serial"]);
    bench.write_grid(&grid);
    let shown = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    for words in [
        "byte order mark",
        "trimmed spaces",
        "\"Plant\" is constant",
        "\"Serial\"",
        "\"Failure Type\" gives away",
    ] {
        assert!(shown.contains(words), "no {words:?} in: {shown}");
    }
    let data = json_file(&bench, "run/run.json")["data"].clone();
    assert_eq!(data["repairs"].as_array().unwrap().len(), 2);
    assert_eq!(data["warnings"].as_array().unwrap().len(), 2);
}

#[test]
fn run_json_names_the_engine_that_was_asked_for() {
    let bench = Bench::new();
    for engine in ["native", "torch"] {
        let arguments = ["sweep", "grid.json", "--out", "run", "--overwrite", "--engine", engine];
        let shown = bench.forewarn(&arguments).success().stdout();
        assert_eq!(json_file(&bench, "run/run.json")["engine"], engine);
        assert!(shown.contains(&format!("engine {engine}")), "{shown}");
    }
}

/// What the network makes of such rows is no reason to throw away what was trained.
#[test]
fn test_rows_that_overflow_the_network_do_not_lose_the_sweep() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = json!([]);
    grid["grid"]["hidden"] = json!([[64, 64]]);
    bench.write_grid(&grid);
    let text = bench.read("data.csv");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let labels: Vec<u32> = lines[1..].iter().map(|line| u32::from(line.ends_with("1.0"))).collect();
    let shares = json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}});
    let how: forewarn::spec::Split = serde_json::from_value(shares).unwrap();
    let classes = ["0".to_owned(), "1".to_owned()];
    let keys = forewarn::data::RowKeys {
        labels: &labels,
        classes: &classes,
        ..forewarn::data::RowKeys::default()
    };
    let fold = forewarn::data::split(&keys, &how, 7).unwrap().remove(0);
    let row = fold.part(forewarn::examples::Part::Test)[0] + 1;
    let class = lines[row].rsplit(',').next().unwrap().to_owned();
    lines[row] = format!("3e38,3e38,3e38,3e38,{class}");
    bench.write("data.csv", &(lines.join("\n") + "\n"));
    let said = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stderr();
    assert!(said.contains("no metrics of the best model on test rows"), "{said}");
    assert_eq!(json_file(&bench, "run/run.json")["status"], "finished");
    let metrics = json_file(&bench, "run/best/metrics.json");
    assert!(metrics["test"].is_null() && metrics["valid"]["accuracy"].is_number());
    assert!(bench.file("run/report.html").exists());
}

#[test]
fn networks_whose_cost_no_integer_holds_are_refused_one_by_one() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["hidden"] = json!([vec![1_000_000; 50], vec![1_000_000; 60]]);
    grid["grid"]["epochs"] = json!([1_000_000]);
    bench.write_grid(&grid);
    let said = bench.fails(7);
    assert!(said.contains("take smaller widths") && said.contains("4 failed"), "{said}");
}

#[test]
fn a_layer_too_wide_for_the_memory_fails_alone() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["hidden"] = json!([[8], [1_000_000, 1_000_000]]);
    bench.write_grid(&grid);
    let message = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).code(1).stderr();
    assert!(message.contains("take smaller widths"), "{message}");
    let rows = table(&bench.file("run/trials.csv"));
    let count = |status: &str| rows.iter().filter(|row| row["status"] == status).count();
    assert_eq!((count("finished"), count("failed")), (2, 2));
}

#[test]
fn the_winner_has_one_loss_however_sure_it_is_of_a_wrong_class() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = json!([]);
    grid["grid"]["hidden"] = json!([[]]);
    grid["grid"]["optimizer"] = json!(["sgd"]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let metrics = json_file(&bench, "run/best/metrics.json");
    let winner = &table(&bench.file("run/trials.csv"))[0];
    assert_eq!(winner["hidden"], "none");
    let row: f64 = winner["test_loss"].parse().unwrap();
    let loss = metrics["test"]["loss"].as_f64().unwrap();
    assert!(row > 37.0 && (row - loss).abs() < 1e-5 * row, "{row} and {loss}");
    assert!(metrics["test"]["log_loss"].as_f64().unwrap() < 36.1, "scikit-learn clips");
}

#[test]
fn a_reader_that_goes_away_does_not_stop_a_sweep() {
    let bench = Bench::new();
    let mut child = crate::support::forewarn(bench.path())
        .args(["sweep", "grid.json", "--out", "run"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(bench.file("run/report.html").is_file());
}

#[test]
fn curves_end_in_the_order_of_the_trials_whatever_ends_first() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([40, 1, 2]);
    grid["grid"]["hidden"] = json!([[8]]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let rows = table(&bench.file("run/curves.csv"));
    let epochs: Vec<u32> = rows.iter().map(|row| row["epochs"].parse().unwrap()).collect();
    let expected: Vec<u32> = [40, 1, 2].iter().flat_map(|&n| vec![n; 2 * n as usize]).collect();
    assert_eq!(epochs, expected);
}

#[test]
fn progress_is_plain_lines_where_no_terminal_listens_and_nothing_if_quiet() {
    let bench = Bench::new();
    let loud = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stderr();
    assert!(!loud.contains('\u{1b}'), "no control characters in a log");
    for words in ["4/4 trials, best valid_macro_f1 ", "(trial ", " rounds/s, 0 s left"] {
        assert!(loud.contains(words), "no {words:?} in: {loud}");
    }
    let quiet = bench.forewarn(&["sweep", "grid.json", "--out", "other", "--quiet"]).success();
    assert!(quiet.stdout().is_empty() && quiet.stderr().is_empty());
}

#[test]
fn the_binary_runs_from_any_directory() {
    let bench = Bench::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let grid = bench.file("grid.json");
    let mut command = forewarn(elsewhere.path());
    command.env_remove("LD_LIBRARY_PATH").args(["sweep", grid.to_str().unwrap(), "-q"]);
    run(&mut command).success();
    assert!(elsewhere.path().join("outputs/bench/trials.csv").is_file());
}

#[test]
fn without_best_weights_a_trial_is_what_its_last_epoch_is() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([2, 6]);
    grid["grid"]["learning_rate"] = json!([0.1]);
    grid["restore_best_weights"] = json!(false);
    bench.write_grid(&grid);
    bench.sweep("run");
    let curves = table(&bench.file("run/curves.csv"));
    for trial in table(&bench.file("run/trials.csv")) {
        assert_eq!(trial["best_epoch"], trial["epochs"]);
        let is_last = |row: &&HashMap<String, String>| {
            row["trial"] == trial["trial"] && row["epoch"] == trial["epochs"]
        };
        let last = curves.iter().find(is_last).unwrap();
        for column in ["valid_loss", "valid_accuracy", "test_loss", "test_accuracy"] {
            assert_eq!(trial[column], last[column], "{column}");
        }
    }
    // Another trial of the same seed ended on another epoch when the best was kept.
    grid["restore_best_weights"] = json!(true);
    bench.write_grid(&grid);
    bench.sweep("best");
    let trials = table(&bench.file("best/trials.csv"));
    assert!(trials.iter().any(|trial| trial["best_epoch"] != trial["epochs"]), "{trials:?}");
}
