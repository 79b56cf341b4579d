//! Tests of the whole room on tiny run folders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

use std::fmt::Write;

use super::*;
use serde_json::{Value, json};

const TRIALS: &str = "rank,trial,status,learning_rate,hidden,best_epoch,diverged_epoch,\
    valid_loss,valid_macro_f1,seconds\n\
    1,2,finished,0.01,64-32,2,,0.2,0.8,1.5\n\
    2,1,finished,0.1,<script>alert(1)</script>,1,,0.3,0.7,1.4\n\
    ,3,diverged,1,8,,1,NaN,NaN,0.1\n";

const CURVES: &str = "trial,fold,seed,epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,\
    test_loss,test_accuracy,learning_rate,hidden\n\
    1,0,1,1,0.9,0.5,0.8,0.6,0.8,0.6,0.1,8\n\
    2,0,1,1,0.7,0.6,0.6,0.7,0.6,0.7,0.01,64-32\n\
    3,0,1,1,NaN,0,inf,0,NaN,0,1,8\n\
    1,0,1,2,0.8,0.6,0.7,0.7,0.7,0.7,0.1,8\n\
    2,0,1,2,0.5,0.7,0.4,0.8,0.4,0.8,0.01,64-32\n";

fn run_json() -> Value {
    json!({"name": "a \"quoted\" </script><b>run</b>", "rank_by": "valid_macro_f1",
        "seed": 7, "grid": {"learning_rate": [0.01, 0.1, 1]}})
}

fn metrics_json(trial: u64) -> Value {
    let split = json!({"rows": 2, "loss": 0.1, "accuracy": 0.9, "macro": {"f1": 0.8},
        "per_class": [{"class": "ok", "support": 2, "f1": 1.0},
                      {"class": "absent", "support": 0, "f1": null}],
        "confusion": [[2, 0], [0, 0]]});
    json!({"trial": trial, "fold": 0, "epoch": 2, "train": split, "valid": split, "test": split})
}

fn run_folder(trials: &str, curves: Option<&str>, metrics: Option<&Value>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path();
    std::fs::write(run.join("run.json"), run_json().to_string()).unwrap();
    std::fs::write(run.join("trials.csv"), trials).unwrap();
    if let Some(curves) = curves {
        std::fs::write(run.join("curves.csv"), curves).unwrap();
    }
    if let Some(metrics) = metrics {
        std::fs::create_dir(run.join("best")).unwrap();
        std::fs::write(run.join("best/metrics.json"), metrics.to_string()).unwrap();
    }
    folder
}

/// Reads back the data that the page carries.
fn page_data(files: &ReportFiles) -> Value {
    let page = std::fs::read_to_string(&files.page).unwrap();
    let (_, rest) = page.split_once(r#"<script type="application/json" id="page-data">"#).unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn a_finished_run_gets_a_page_and_four_plots() {
    let folder = run_folder(TRIALS, Some(CURVES), Some(&metrics_json(2)));
    let files = write_report(folder.path()).unwrap();
    assert_eq!(files.plots.len(), 4);
    for plot in &files.plots {
        let svg = std::fs::read_to_string(plot).unwrap();
        assert!(svg.contains("<text") && !svg.contains("<script") && !svg.contains("<b>"));
    }
    let data = page_data(&files);
    assert_eq!(data["winner"]["trial"], 2);
    assert_eq!(data["winner"]["settings"], json!(["0.01", "64-32"]));
    assert_eq!(data["varying"], json!(["learning_rate", "hidden"]));
    assert_eq!(data["curves"][0]["series"]["valid_loss"], json!([0.6, 0.4]));
    assert_eq!(data["table"]["rows"].as_array().unwrap().len(), 3);
}

#[test]
fn the_same_run_gives_the_same_report() {
    let folder = run_folder(TRIALS, Some(CURVES), Some(&metrics_json(2)));
    let files = write_report(folder.path()).unwrap();
    let first = std::fs::read(&files.page).unwrap();
    write_report(folder.path()).unwrap();
    assert_eq!(std::fs::read(&files.page).unwrap(), first);
}

#[test]
fn markup_in_names_stays_text() {
    let folder = run_folder(TRIALS, Some(CURVES), Some(&metrics_json(2)));
    let files = write_report(folder.path()).unwrap();
    let page = std::fs::read_to_string(&files.page).unwrap();
    assert!(!page.contains("<b>run") && !page.contains("<script>alert"));
    assert_eq!(page_data(&files)["run"]["name"], "a \"quoted\" </script><b>run</b>");
}

#[test]
fn a_run_without_a_finished_trial_gets_a_page_without_a_winner() {
    let (header, _) = TRIALS.split_once('\n').unwrap();
    let folder = run_folder(&format!("{header}\n,3,diverged,1,8,,1,NaN,NaN,0.1\n"), None, None);
    let files = write_report(folder.path()).unwrap();
    assert!(files.plots.is_empty());
    let data = page_data(&files);
    assert!(data["winner"].is_null());
    assert_eq!(data["table"]["total"], 1);
}

#[test]
fn a_long_table_is_cut_and_only_the_best_twenty_keep_their_curves() {
    let (header, _) = TRIALS.split_once('\n').unwrap();
    let (mut trials, mut curves) = (format!("{header}\n"), String::new());
    curves.push_str(CURVES.split_once('\n').unwrap().0);
    for trial in 1..=2100 {
        writeln!(trials, "{trial},{trial},finished,0.1,8,1,,0.3,0.7,1").unwrap();
        write!(curves, "\n{trial},0,1,1,0.9,0.5,0.8,0.6,0.8,0.6,0.1,8").unwrap();
    }
    let folder = run_folder(&trials, Some(&curves), None);
    let data = page_data(&write_report(folder.path()).unwrap());
    assert_eq!(data["table"]["rows"].as_array().unwrap().len(), 2000);
    assert_eq!(data["table"]["total"], 2100);
    assert_eq!(data["curves"].as_array().unwrap().len(), 20);
    assert_eq!(data["slices"]["trials"], 2100);
}

#[test]
fn a_best_model_of_another_run_is_refused() {
    let folder = run_folder(TRIALS, Some(CURVES), Some(&metrics_json(77)));
    assert!(matches!(write_report(folder.path()), Err(ReportError::UnknownWinner { trial: 77 })));
}

#[test]
fn a_missing_ranking_column_is_named_in_the_message() {
    let folder = run_folder(&TRIALS.replace("valid_macro_f1", "valid_mcc"), Some(CURVES), None);
    let message = write_report(folder.path()).unwrap_err().to_string();
    assert!(message.contains("`valid_macro_f1`") && message.contains("valid_mcc"), "{message}");
}
