//! The score that ranks: any that metrics.json has.

use serde_json::{Value, json};

use crate::browser::dump;
use crate::support::{Bench, ai4i, skip, table};

/// Two classes of AI4I's machine failure, a network beside trees and neighbours.
fn bench(rank_by: &Value) -> Bench {
    let bench = Bench::new();
    bench.write("data.csv", &ai4i(1200));
    bench.write_grid(&json!({
        "name": "ranked",
        "data": {
            "source": {"file": "data.csv"},
            "target": "Target",
            "drop": ["UDI", "Product ID", "Failure Type"],
        },
        "rank_by": rank_by,
        "grid": {"learning_rate": [0.01], "optimizer": ["adam"], "epochs": [4], "hidden": [[8]]},
        "variants": {
            "network": {},
            "forest": {"family": "random_forest", "grid": {"n_estimators": [3, 9]}},
            "neighbours": {"family": "knn", "grid": {"n_neighbors": [1, 5]}},
        },
    }));
    bench
}

fn number(row: &std::collections::HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {:?}", row[column]))
}

#[test]
fn any_score_of_metrics_json_ranks_the_trials() {
    let costs = json!({"normal": "0", "miss": 50, "false_alarm": 1});
    let cases = [
        (json!("valid_log_loss"), "valid_log_loss", "/valid/log_loss", false),
        (
            json!("valid_balanced_accuracy"),
            "valid_balanced_accuracy",
            "/valid/balanced_accuracy",
            true,
        ),
        (json!("valid_macro_precision"), "valid_macro_precision", "/valid/macro/precision", true),
        (json!("valid_weighted_f1"), "valid_weighted_f1", "/valid/weighted/f1", true),
        (json!("valid_roc_auc_ovr"), "valid_roc_auc_ovr", "/valid/roc_auc_ovr", true),
        (json!({"valid_pr_auc": "1"}), "valid_pr_auc_1", "/valid/per_class/1/pr_auc", true),
        (json!({"valid_recall": "1"}), "valid_recall_1", "/valid/per_class/1/recall", true),
        (json!({"valid_cost": costs}), "valid_cost", "", false),
    ];
    for (rank_by, column, pointer, rises) in cases {
        let bench = bench(&rank_by);
        bench.sweep("run");
        let trials = table(&bench.file("run/trials.csv"));
        let scores: Vec<f64> = trials.iter().map(|row| number(row, column)).collect();
        let in_order =
            scores.windows(2).all(|pair| (pair[0] >= pair[1]) == rises || pair[0] == pair[1]);
        assert!(scores.len() == 5 && in_order, "{column}: {scores:?}");
        let metrics: Value = serde_json::from_str(&bench.read("run/best/metrics.json")).unwrap();
        let count = |place: &str| metrics.pointer(place).unwrap().as_f64().unwrap();
        let expected = if pointer.is_empty() {
            let mistakes = 50.0 * count("/valid/confusion/1/0") + count("/valid/confusion/0/1");
            mistakes / count("/valid/rows")
        } else {
            count(pointer)
        };
        assert!((scores[0] - expected).abs() < 1e-6, "{column}: {} {expected}", scores[0]);
        assert_eq!(trials[0]["trial"], metrics["trial"].to_string(), "{column}");
        let folds = table(&bench.file("run/folds.csv"));
        assert!(folds[0].contains_key(column), "{column}");
        assert!(bench.read("run/report.html").contains(column));
    }
}

#[test]
fn both_engines_tell_the_same_scores_of_probabilities() {
    let of_engine = |engine: &str| {
        let bench = bench(&json!({"valid_roc_auc": "1"}));
        bench.forewarn(&["sweep", "grid.json", "--out", "run", "--engine", engine]).success();
        let rows = table(&bench.file("run/trials.csv"));
        let network = rows.iter().find(|row| row["family"] == "mlp").unwrap();
        ["train", "valid", "test"].map(|part| number(network, &format!("{part}_roc_auc_1")))
    };
    for (ours, theirs) in of_engine("native").into_iter().zip(of_engine("torch")) {
        assert!((ours - theirs).abs() < 1e-3, "{ours} {theirs}");
    }
}

#[test]
fn seeds_and_folds_are_ranked_by_their_mean() {
    let bench = bench(&json!({"valid_f1": "1"}));
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    grid["model"] = json!({"refit": true, "ensemble": {"rank_by": {"valid_pr_auc": "1"}}});
    bench.write_grid(&grid);
    bench.sweep("run");
    let configurations = table(&bench.file("run/configurations.csv"));
    let best = number(&configurations[0], "mean_valid_f1_1");
    assert_eq!(configurations[0]["rank_valid_f1_1"], "1");
    let trial = &table(&bench.file("run/trials.csv"))[0];
    assert!((number(trial, "valid_f1_1") - best).abs() < 1e-6);
    let folds = table(&bench.file("run/folds.csv"));
    let of_best = folds.iter().filter(|row| row["trial"] == trial["trial"]);
    let mean = of_best.map(|row| number(row, "valid_f1_1")).sum::<f64>() / 3.0;
    assert!((mean - best).abs() < 1e-6, "{mean} {best}");
    let said = bench.forewarn(&["compare", "run:forest", "run:neighbours"]).success().stdout();
    assert!(said.contains("valid_f1_1") && said.contains("\nf1_1\n"), "{said}");
}

/// A score that only this run's tables have stands on both pages, beside the families that it ranks.
#[test]
fn the_pages_show_the_score_that_ranks_and_the_stacked_model() {
    let bench = bench(&json!({"valid_f1": "1"}));
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    grid["model"] = json!({"bagged": true, "stacked": {}, "ensemble": {"size": 3}});
    bench.write_grid(&grid);
    bench.sweep("run");
    grid["seed"] = json!(8);
    bench.write_grid(&grid);
    bench.sweep("other");
    bench.forewarn(&["compare", "run", "other", "--out", "look"]).success();
    let name = "the_pages_show_the_score_that_ranks_and_the_stacked_model";
    let Some(report) = dump(&bench, "run/report.html") else {
        return skip(name, "chromium", "it is not installed");
    };
    let families = table(&bench.file("run/families.csv"));
    let mean = number(&families[0], "mean_valid_f1_1");
    assert!(report.contains(&format!("{mean:.4}")) && report.contains("validation f1_1"));
    assert!(
        report.contains("Stacked model of 3 trials")
            && report.contains("the mean of the models of 3 folds")
    );
    let ensemble: Value = serde_json::from_str(&bench.read("run/ensemble/metrics.json")).unwrap();
    let first = &ensemble["members"][0]["trial"];
    // The fold models of a trial are one entry.
    assert!(report.contains(&format!("trial {first} (")), "{first}");
    let compared = dump(&bench, "look/compare.html").unwrap();
    assert!(compared.contains("f1_1, which ranks"));
    assert!(compared.contains("configuration of each family that is best by valid_f1_1"));
}

#[test]
fn a_score_that_no_row_can_tell_is_refused_before_training() {
    let refused = |rank_by: Value, key: &str, told: &str| {
        let bench = bench(&rank_by);
        let message = bench.fails(3);
        assert!(message.contains(key) && message.contains(told), "{message}");
        assert!(!bench.file("run").exists());
    };
    refused(
        json!({"valid_recall": "broken"}),
        "rank_by.valid_recall",
        r#"no class "broken", it has "0", "1""#,
    );
    let costs = json!({"normal": "ok", "miss": 50, "false_alarm": 1});
    refused(json!({"valid_cost": costs}), "rank_by.valid_cost.normal", "no class");
    refused(json!("valid_recall"), "rank_by", r#"{"valid_recall": "broken"}"#);
    refused(json!({"valid_loss": "1"}), "rank_by", r#""valid_macro_f1""#);
    // The failures are over before the validation rows begin.
    let bench = bench(&json!({"valid_recall": "1"}));
    let row = |row: u32| {
        format!(
            "2024-01-01 {:02}:{:02},{row},{}\n",
            row / 60,
            row % 60,
            u8::from(row < 40 && row.is_multiple_of(5))
        )
    };
    bench.write("data.csv", &format!("t,x,y\n{}", (0..100).map(row).collect::<String>()));
    bench.write_grid(&json!({
        "name": "lacking",
        "data": {"source": {"file": "data.csv"}, "target": "y", "time": "t"},
        "split": {"shares": {"train": 0.6, "valid": 0.2, "test": 0.2, "by": "time"}},
        "rank_by": {"valid_recall": "1"},
        "variants": {"neighbours": {"family": "knn", "grid": {"n_neighbors": [1]}}},
    }));
    let message = bench.fails(3);
    assert!(message.contains("the validation rows have none of class \"1\""), "{message}");
}
