//! Ctrl-C, a disk that is full: what is written is whole.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Bench, skip, table};

/// A bench whose sweep takes minutes.
fn long_bench() -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([1, 100_000]);
    bench.write_grid(&grid);
    bench
}

fn start(folder: &Path, out: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_forewarn"))
        .current_dir(folder)
        .args(["sweep", "grid.json", "--out", out, "--jobs", "2"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the run has written some rows.
fn wait_for_rows(curves: &Path) {
    let started = Instant::now();
    while std::fs::metadata(curves).map_or(0, |data| data.len()) < 5_000 {
        assert!(started.elapsed() < Duration::from_mins(1), "no rows are written");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, name: &str) {
    let number = child.id().to_string();
    assert!(Command::new("kill").args([name, &number]).status().unwrap().success());
}

/// Every row of curves.csv has all its cells and ends with a line break.
fn assert_whole(curves: &Path) {
    let text = std::fs::read_to_string(curves).unwrap();
    assert!(text.ends_with('\n'));
    let rows = table(curves);
    assert!(rows.len() > 10 && rows.iter().all(|row| row.len() == 18));
}

#[test]
fn ctrl_c_ends_a_sweep_within_seconds_and_keeps_whole_rows() {
    let bench = long_bench();
    let mut child = start(bench.path(), "run");
    wait_for_rows(&bench.file("run/curves.csv"));
    signal(&child, "-INT");
    let asked = Instant::now();
    let status = child.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(10));
    assert_eq!(status.code(), Some(130));
    assert_whole(&bench.file("run/curves.csv"));
    let run: serde_json::Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
    assert_eq!(run["status"], "interrupted");
    // The trials that had ended are ranked, and the best of them is kept.
    let trials = table(&bench.file("run/trials.csv"));
    assert!(trials.len() >= 2, "{trials:?}");
    assert!(trials.iter().all(|trial| trial["epochs"] == "1" && trial["status"] == "finished"));
    for file in ["best/model.safetensors", "report.html", "plots/winner_loss.svg"] {
        assert!(bench.file("run").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_second_ctrl_c_leaves_at_once() {
    for _ in 0..5 {
        let bench = long_bench();
        let mut child = start(bench.path(), "run");
        wait_for_rows(&bench.file("run/curves.csv"));
        signal(&child, "-INT");
        std::thread::sleep(Duration::from_millis(5));
        signal(&child, "-INT");
        let status = child.wait().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(status.code(), Some(130));
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_folder_that_another_run_writes_is_refused() {
    let bench = long_bench();
    let mut child = start(bench.path(), "run");
    wait_for_rows(&bench.file("run/curves.csv"));
    let second = ["sweep", "grid.json", "--out", "run", "--overwrite"];
    let message = bench.forewarn(&second).code(5).stderr();
    assert!(message.contains("another run"), "{message}");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_whole(&bench.file("run/curves.csv"));
}

#[test]
fn a_killed_sweep_leaves_whole_rows_and_is_not_taken_for_finished() {
    let bench = long_bench();
    let mut child = start(bench.path(), "run");
    wait_for_rows(&bench.file("run/curves.csv"));
    signal(&child, "-KILL");
    child.wait().unwrap();
    assert_whole(&bench.file("run/curves.csv"));
    let message = bench.fails(5);
    assert!(message.contains("unfinished run"), "{message}");
}

#[test]
fn a_full_disk_is_an_error_that_names_the_file_and_leaves_whole_rows() {
    let name = "a_full_disk_is_an_error_that_names_the_file_and_leaves_whole_rows";
    let bench = long_bench();
    let disk = bench.file("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.to_str().unwrap()])
        .stderr(Stdio::null())
        .status();
    if !mount.is_ok_and(|status| status.success()) {
        return skip(name, "tmpfs", "mounting a small disk takes root");
    }
    let mut child = start(bench.path(), "disk/run");
    let status = child.wait().unwrap();
    let mut message = String::new();
    child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
    let whole = std::panic::catch_unwind(|| assert_whole(&disk.join("run/curves.csv")));
    assert!(Command::new("umount").arg(&disk).status().unwrap().success());
    assert_eq!(status.code(), Some(5), "{message}");
    assert!(message.contains("curves.csv") && message.contains("No space left"), "{message}");
    assert!(whole.is_ok());
}
