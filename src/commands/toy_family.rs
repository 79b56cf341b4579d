//! A family that only tests know, through every command: whatever takes a family takes any.
//!
//! The commands run in processes of their own, which is this test binary called once more.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use clap::Parser;

use crate::cli::Cli;

/// The words of the command line, one a line, for [`a_command_of_its_own`].
const WORDS: &str = "FOREWARN_TEST_WORDS";

/// Not a test but the process that the others start.
#[test]
#[ignore = "the other tests of this file start it"]
fn a_command_of_its_own() {
    let words = env::var(WORDS).unwrap();
    let cli = Cli::parse_from(["forewarn"].into_iter().chain(words.lines()));
    let ended = format!("{:?}", super::run(cli));
    assert_eq!(ended, format!("{:?}", std::process::ExitCode::SUCCESS));
}

fn start(folder: &Path, words: &[&str]) -> Child {
    let name = "commands::toy_family::a_command_of_its_own";
    let mut process = Process::new(env::current_exe().unwrap());
    process.args([name, "--exact", "--ignored", "--nocapture"]).current_dir(folder);
    process.env(WORDS, words.join("\n")).stdout(Stdio::null()).stderr(Stdio::null());
    process.spawn().unwrap()
}

fn run(folder: &Path, words: &[&str]) {
    assert!(start(folder, words).wait().unwrap().success(), "{words:?}");
}

#[test]
fn a_new_family_is_swept_killed_resumed_averaged_and_asked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let row = |row: usize| format!("{},{},{}\n", row % 17, row * 7 % 23, usize::from(row % 17 > 8));
    let rows: String = (0..200).map(row).collect();
    fs::write(folder.join("data.csv"), format!("load,heat,bad\n{rows}")).unwrap();
    let grid = r#"{
        "name": "toys", "data": {"source": {"file": "data.csv"}, "target": "bad"},
        "split": {"folds": {"count": 2, "test": 0.2}},
        "variants": {
            "toy": {"family": "toy", "grid": {"n_estimators": [5, 20, 40]}},
            "near": {"family": "knn", "grid": {"n_neighbors": [3]}}
        },
        "rank_by": "valid_loss",
        "model": {"ensemble": {"candidates": 4, "size": 4}}
    }"#;
    fs::write(folder.join("grid.json"), grid).unwrap();
    let sweep = |out: &'static str| ["sweep", "grid.json", "--out", out, "--quiet", "--resume"];
    run(folder, &sweep("whole"));
    for wait in [30, 80, 140, 220] {
        let mut child = start(folder, &sweep("killed"));
        thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    run(folder, &sweep("killed"));
    for name in ["curves.csv", "folds.csv", "families/toy/model.safetensors", "ensemble/model.json"]
    {
        let [whole, killed] =
            ["whole", "killed"].map(|run| fs::read(folder.join(run).join(name)).unwrap());
        assert!(whole == killed, "{name} differs");
    }
    let trials = fs::read_to_string(folder.join("whole/trials.csv")).unwrap();
    assert_eq!(trials.matches(",finished,toy,toy,").count(), 3, "{trials}");
    run(folder, &["model", "whole:1", "--out", "again"]);
    for model in ["whole/families/toy", "again", "whole/ensemble"] {
        run(folder, &["predict", model, "--data", "data.csv", "--out", "told.csv", "--overwrite"]);
        run(folder, &["evaluate", model, "--data", "data.csv"]);
    }
}
