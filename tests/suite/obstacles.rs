//! Disks that fill up, files that may not grow, folders that go away, rights that are lost: a clear
//! error, nothing half-written, and a run that is gone on with when the cause is gone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Bench, Ended, forewarn, run, skip, table};

/// A bench with a sweep that writes some hundred KiB of curves, and as much of journal.
fn bench() -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.01, 0.003, 0.001]);
    grid["grid"]["epochs"] = json!([30, 600]);
    bench.write_grid(&grid);
    bench
}

/// Every file of the run is whole: JSON that reads, tables whose rows have all cells.
fn assert_whole(run: &Path) {
    for entry in
        fs::read_dir(run).unwrap().chain(fs::read_dir(run.join("best")).into_iter().flatten())
    {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(!name.starts_with(".forewarn-"), "{name}");
        match path.extension().and_then(|end| end.to_str()) {
            Some("json") => {
                serde_json::from_str::<Value>(&fs::read_to_string(&path).unwrap()).expect(&name);
            }
            Some("csv") => drop(table(&path)),
            _ => {}
        }
    }
    let curves = run.join("curves.csv");
    assert!(!curves.exists() || fs::read_to_string(&curves).unwrap().ends_with('\n'));
}

fn arguments(out: &str) -> [&str; 7] {
    ["sweep", "grid.json", "--out", out, "--resume", "--jobs", "2"]
}

/// Goes on with the run of a failed call, and compares it with one that met no obstacle.
fn assert_goes_on(bench: &Bench, out: &str) {
    bench.forewarn(&arguments(out)).success();
    for file in ["curves.csv", "best/model.safetensors", "best/metrics.json"] {
        let bytes = |run: &str| fs::read(bench.file(run).join(file)).unwrap();
        assert!(bytes("whole") == bytes(out), "{file}");
    }
    let journal = bench.read(&format!("{out}/journal.jsonl"));
    assert_eq!(journal.lines().count(), 1 + 12, "each trial has ended once");
}

/// The message names a file of the run, what the system said, and how to go on.
fn assert_clear(ended: Ended, reason: &str) {
    let message = ended.code(5).stderr();
    assert!(message.contains("error: cannot write ") && message.contains(reason), "{message}");
    assert!(message.contains("--resume") && !message.contains("panicked"), "{message}");
}

#[test]
fn a_disk_that_fills_up_at_any_moment_costs_nothing_but_time() {
    let name = "a_disk_that_fills_up_at_any_moment_costs_nothing_but_time";
    let bench = bench();
    bench.forewarn(&arguments("whole")).success();
    let disk = bench.file("disk");
    fs::create_dir(&disk).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(&disk).stderr(Stdio::null());
    if !mount.status().is_ok_and(|status| status.success()) {
        return skip(name, "tmpfs", "mounting a small disk takes root");
    }
    let outcome = std::panic::catch_unwind(|| {
        // Room for nothing, for some rows, for training but not for the outputs.
        let sizes = ["curves.csv", "journal.jsonl", "report.html"];
        let sizes = sizes.map(|name| bench.read(&format!("whole/{name}")).len());
        let whole_kib = sizes.iter().sum::<usize>() / 1024;
        for (attempt, percent) in [0, 10, 40, 60, 80, 100].into_iter().enumerate() {
            let room_kib = 4 + whole_kib * percent / 100;
            let out = format!("disk/run{attempt}");
            let ballast = vec![0; (8192 - room_kib) * 1024];
            fs::write(disk.join("ballast"), ballast).unwrap();
            let ended = bench.forewarn(&arguments(&out));
            assert_clear(ended, "No space left");
            assert_whole(&disk.join(format!("run{attempt}")));
            fs::remove_file(disk.join("ballast")).unwrap();
            assert_goes_on(&bench, &out);
            fs::remove_dir_all(disk.join(format!("run{attempt}"))).unwrap();
        }
    });
    assert!(Command::new("umount").arg(&disk).status().unwrap().success());
    outcome.unwrap();
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_no_end_by_signal() {
    let bench = bench();
    bench.forewarn(&arguments("whole")).success();
    let journal_kib = bench.read("whole/journal.jsonl").len() / 1024;
    for (attempt, percent) in [0, 20, 60, 95].into_iter().enumerate() {
        // The journal's first line alone takes more than a KiB.
        let kib = 2 + journal_kib * percent / 100;
        let out = format!("run{attempt}");
        let mut limited = Command::new("bash");
        limited.current_dir(bench.path()).arg("-c");
        limited.arg(format!("ulimit -f {kib}; exec \"$0\" \"$@\""));
        limited.arg(env!("CARGO_BIN_EXE_forewarn")).args(arguments(&out));
        assert_clear(run(&mut limited), "File too large");
        assert_whole(&bench.file(&out));
        assert_goes_on(&bench, &out);
    }
}

#[test]
fn a_folder_that_is_removed_ends_the_run_within_seconds() {
    let bench = bench();
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["grid"]["epochs"] = json!([100_000]);
    bench.write_grid(&grid);
    let mut sweep = forewarn(bench.path());
    sweep.args(arguments("run")).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = sweep.spawn().unwrap();
    let started = Instant::now();
    while fs::metadata(bench.file("run/curves.csv")).map_or(0, |data| data.len()) < 5000 {
        assert!(started.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::remove_dir_all(bench.file("run")).unwrap();
    let removed = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(removed.elapsed() < Duration::from_secs(10));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{message}");
    assert!(message.contains("journal.jsonl: it is gone"), "{message}");
    assert!(!bench.file("run").exists(), "it was not made again by halves");
}

#[test]
fn rights_that_are_lost_in_the_middle_cost_nothing_but_time() {
    let name = "rights_that_are_lost_in_the_middle_cost_nothing_but_time";
    let bench = bench();
    bench.forewarn(&arguments("whole")).success();
    // Rights do not bind root, so the sweep is another user's.
    let nobody = 65_534;
    let root =
        fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let command = || {
        let mut command = forewarn(bench.path());
        if root {
            command.uid(nobody).gid(nobody);
        }
        command
    };
    fs::set_permissions(bench.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let probe = command().arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        return skip(name, "unprivileged", "another user cannot run the program where it lies");
    }
    let rights = |mode| fs::set_permissions(bench.file("run"), fs::Permissions::from_mode(mode));
    let mut sweep = command();
    let child = sweep.args(arguments("run")).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = child.unwrap();
    let started = Instant::now();
    while fs::metadata(bench.file("run/curves.csv")).map_or(0, |data| data.len()) < 5000 {
        assert!(started.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(1));
    }
    rights(0o555).unwrap();
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{message}");
    assert!(message.contains("Permission denied") && message.contains("--resume"), "{message}");
    assert_whole(&bench.file("run"));
    // While they are missing, that is said before anything is trained.
    let again = run(command().args(arguments("run"))).code(5).stderr();
    assert!(again.contains("Permission denied"), "{again}");
    rights(0o777).unwrap();
    assert_goes_on(&bench, "run");
}
