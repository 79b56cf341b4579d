//! Ctrl-C, a second process, a killed run: what is written is whole, and the user is told how to go on.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Bench, forewarn, table};

/// A bench whose sweep takes minutes.
fn long_bench() -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([1, 100_000]);
    bench.write_grid(&grid);
    bench
}

fn start(folder: &Path, more: &[&str]) -> Child {
    forewarn(folder)
        .args(["sweep", "grid.json", "--out", "run", "--jobs", "2"])
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the run has written some bytes of rows.
fn wait_for_rows(curves: &Path, bytes: u64) {
    let started = Instant::now();
    while std::fs::metadata(curves).map_or(0, |data| data.len()) < bytes {
        assert!(started.elapsed() < Duration::from_mins(1), "no rows are written");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, name: &str) {
    let number = child.id().to_string();
    assert!(Command::new("kill").args([name, &number]).status().unwrap().success());
}

fn said(child: &mut Child) -> String {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

/// Every row of curves.csv has all its cells and ends with a line break.
fn assert_whole(curves: &Path) {
    let text = std::fs::read_to_string(curves).unwrap();
    assert!(text.ends_with('\n'));
    let cells = |line: &str| line.split(',').count();
    let header = cells(text.lines().next().unwrap());
    assert!(text.lines().count() > 11 && text.lines().all(|line| cells(line) == header));
}

#[test]
fn ctrl_c_ends_a_sweep_within_seconds_and_keeps_whole_rows() {
    let bench = long_bench();
    let mut child = start(bench.path(), &[]);
    wait_for_rows(&bench.file("run/curves.csv"), 5000);
    signal(&child, "-INT");
    let asked = Instant::now();
    let status = child.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(10));
    assert_eq!(status.code(), Some(130));
    let said = said(&mut child);
    let how = "to resume: ";
    assert!(
        said.contains(how) && said.contains("sweep --resume grid.json --out run --jobs 2"),
        "{said}"
    );
    assert_whole(&bench.file("run/curves.csv"));
    let run: serde_json::Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
    assert_eq!(run["status"], "interrupted");
    // The trials that had ended are ranked, and the best of them is kept.
    let trials = table(&bench.file("run/trials.csv"));
    assert!(!trials.is_empty());
    assert!(trials.iter().all(|trial| trial["epochs"] == "1" && trial["status"] == "finished"));
    for file in ["best/model.safetensors", "report.html", "plots/winner_loss.svg"] {
        assert!(bench.file("run").join(file).is_file(), "{file}");
    }
}

/// An epoch of these networks takes half a minute and more.
#[test]
fn ctrl_c_does_not_wait_for_the_end_of_an_epoch() {
    let bench = Bench::new();
    bench.write("data.csv", &crate::support::motor(60_000));
    let mut grid = bench.grid();
    grid["grid"]["hidden"] = json!([[2048, 2048]]);
    grid["grid"]["batch_size"] = json!([20_000]);
    bench.write_grid(&grid);
    for engine in ["native", "torch"] {
        let mut child = start(bench.path(), &["--engine", engine, "--overwrite"]);
        wait_for_rows(&bench.file("run/curves.csv"), 1);
        std::thread::sleep(Duration::from_millis(1500));
        signal(&child, "-INT");
        let asked = Instant::now();
        let status = child.wait().unwrap();
        // No trial has ended, and that it was stopped is what the user is told.
        assert_eq!(status.code(), Some(130), "{engine}");
        let took = asked.elapsed();
        // A step of libtorch is one call, which nothing interrupts.
        let most = if engine == "native" { 5 } else { 30 };
        assert!(took < Duration::from_secs(most), "{engine}: {took:?}");
        assert_eq!(bench.read("run/curves.csv").lines().count(), 1, "an epoch had ended");
    }
}

#[test]
fn a_second_ctrl_c_leaves_at_once() {
    for _ in 0..5 {
        let bench = long_bench();
        let mut child = start(bench.path(), &[]);
        wait_for_rows(&bench.file("run/curves.csv"), 5000);
        signal(&child, "-INT");
        std::thread::sleep(Duration::from_millis(5));
        signal(&child, "-INT");
        let status = child.wait().unwrap();
        let said = said(&mut child);
        assert_eq!(status.code(), Some(130));
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_folder_that_another_run_writes_is_refused() {
    let bench = long_bench();
    let mut child = start(bench.path(), &[]);
    wait_for_rows(&bench.file("run/curves.csv"), 5000);
    for how in ["--overwrite", "--resume", "--quiet"] {
        let second = ["sweep", "grid.json", "--out", "run", how];
        let message = bench.forewarn(&second).code(5).stderr();
        assert!(message.contains("another run"), "{message}");
    }
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_whole(&bench.file("run/curves.csv"));
}

#[test]
fn a_killed_sweep_leaves_whole_rows_and_is_not_taken_for_finished() {
    let bench = long_bench();
    let mut child = start(bench.path(), &[]);
    wait_for_rows(&bench.file("run/curves.csv"), 5000);
    signal(&child, "-KILL");
    child.wait().unwrap();
    assert_whole(&bench.file("run/curves.csv"));
    let message = bench.fails(5);
    assert!(message.contains("unfinished run") && message.contains("--resume"), "{message}");
}
