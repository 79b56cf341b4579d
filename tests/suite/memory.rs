//! `--memory`: what a run really takes, as the kernel counts it.
#![cfg(target_os = "linux")]

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Bench, forewarn};

/// The most that a process has had in memory by now, in megabytes; nothing once it is gone.
fn most_mb(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// Runs the grid to its end; gives the most that it had in memory, in megabytes.
fn peak_mb(bench: &Bench, more: &[&str]) -> f64 {
    let mut command = forewarn(bench.path());
    command.args(["sweep", "grid.json", "--out", "run", "--overwrite", "--jobs", "2"]).args(more);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0.0;
    while child.try_wait().unwrap().is_none() {
        peak = most_mb(child.id()).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    peak
}

fn packs(bench: &Bench) -> usize {
    let journal = bench.read("run/journal.jsonl");
    let head: Value = serde_json::from_str(&journal.lines().next().unwrap()[9..]).unwrap();
    usize::try_from(head["made_of"]["packs"].as_u64().unwrap()).unwrap()
}

#[test]
fn a_run_stays_within_the_memory_that_it_may_take() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([1]);
    grid["grid"]["hidden"] = json!([[2]]);
    bench.write_grid(&grid);
    let least = ["native", "torch"].map(|engine| peak_mb(&bench, &["--engine", engine]));
    grid["grid"]["learning_rate"] = json!([0.01, 0.009, 0.008, 0.007, 0.006, 0.005, 0.004, 0.003]);
    grid["grid"]["hidden"] = json!([[1000, 1000]]);
    grid["split"] = json!({"folds": {"count": 5, "test": 0.2}});
    bench.write_grid(&grid);
    for (engine, least) in ["native", "torch"].into_iter().zip(least) {
        // Room for one pack of a network on five folds, not for two of them.
        let room = if engine == "native" { 150.0 } else { 300.0 };
        let limit = format!("{}MB", (least + room).round());
        let free = peak_mb(&bench, &["--engine", engine]);
        let whole = packs(&bench);
        let within = peak_mb(&bench, &["--engine", engine, "--memory", &limit]);
        assert!(within <= least + room, "{engine}: {within} of {limit}");
        assert!(free > least + room, "{engine}: {free} without a limit is no more than {limit}");
        // One native network on five folds is a pack; eight of torch's are one, and are cut.
        let cut = packs(&bench);
        assert!(if engine == "native" { cut == whole } else { cut > whole }, "{whole} to {cut}");
    }
}
