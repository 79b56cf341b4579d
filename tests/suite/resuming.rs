//! Runs that are stopped at any moment and gone on with: nothing lost, nothing trained twice, the
//! bytes of a run that was never stopped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use forewarn::random::{Purpose, Streams};
use rand::RngExt;
use serde_json::{Value, json};

use crate::support::{Bench, forewarn, without_times};

/// A bench with a sweep of 36 trials on 3 folds, two lengths of the epochs axis, some of them
/// diverging: about half a second.
fn bench() -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.01, 0.001, 1e30]);
    grid["grid"]["norm"] = json!(["none", "batch"]);
    grid["grid"]["epochs"] = json!([4, 160]);
    grid["grid"]["hidden"] = json!([[8], [16, 8], [4]]);
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    bench.write_grid(&grid);
    bench
}

/// The command of a user who begins with `--resume` and goes on with it.
fn command(out: &str) -> [&str; 8] {
    ["sweep", "grid.json", "--out", out, "--jobs", "2", "--resume", "--quiet"]
}

fn begin(bench: &Bench, out: &str) -> Child {
    let mut command_line = forewarn(bench.path());
    command_line.args(command(out)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn finish(bench: &Bench, out: &str) {
    bench.forewarn(&command(out)).success();
}

/// All files of a run, without the journal, whose lines are in the order of the workers.
fn outputs(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["", "best", "plots"] {
        for entry in fs::read_dir(run.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && !path.ends_with("journal.jsonl") {
                let name = path.strip_prefix(run).unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

/// Takes out the times, which differ from run to run, and the name of the folder.
fn timeless(name: &Path, bytes: &[u8], out: &str) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match name.to_str().unwrap() {
        "run.json" => {
            let mut run: Value = serde_json::from_str(&text).unwrap();
            for key in ["started_at", "finished_at", "elapsed_s"] {
                assert!(!run[key].is_null(), "{key}");
                run[key] = Value::Null;
            }
            // Its place tells the keys' order too.
            let text = serde_json::to_string(&run).unwrap();
            text.replace(&format!("--out {out} "), "")
        }
        // The page shows run.json and trials.csv, which are compared themselves.
        "report.html" => {
            let parts = text.split("<script type=\"application/json\"");
            let without_data =
                parts.map(|part| part.split_once("</script>").map_or(part, |it| it.1));
            without_data.collect()
        }
        "trials.csv" => {
            let cut = |line: &str| line.rsplit_once(',').unwrap().0.to_owned() + "\n";
            text.lines().map(cut).collect()
        }
        "families.csv" => without_times(&text),
        // Seconds stand in none of the others.
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Compares all outputs of two runs, times aside.
fn assert_same(bench: &Bench, one: &str, other: &str) {
    let (left, right) = (outputs(&bench.file(one)), outputs(&bench.file(other)));
    assert!(left.keys().eq(right.keys()), "{:?}\n{:?}", left.keys(), right.keys());
    assert!(left.len() >= 13, "{:?}", left.keys());
    for (name, bytes) in &left {
        let (left, right) = (timeless(name, bytes, one), timeless(name, &right[name], other));
        assert!(left == right, "{} of {one} and {other} differ", name.display());
    }
}

/// The numbers of the trials that finished or diverged, as often as the journal has them.
fn ended(bench: &Bench, out: &str) -> Vec<u64> {
    let lines = bench.read(&format!("{out}/journal.jsonl"));
    let entries = lines.lines().skip(1).map(|line| {
        let entry: Value = serde_json::from_str(&line[9..]).unwrap();
        entry["trial"].as_u64().unwrap()
    });
    entries.collect()
}

fn assert_each_trained_once(bench: &Bench, out: &str) {
    let mut numbers = ended(bench, out);
    numbers.sort_unstable();
    assert_eq!(numbers, (0..36).collect::<Vec<_>>(), "trials in the journal of {out}");
}

/// How many trials the journal has; a line that was being written at the end is no line.
fn whole_lines(bench: &Bench, out: &str) -> usize {
    bench.read(&format!("{out}/journal.jsonl")).matches('\n').count() - 1
}

/// Waits until the run has begun, or has ended.
fn wait_for_journal(bench: &Bench, out: &str, child: &mut Child) {
    let journal = bench.file(out).join("journal.jsonl");
    while !journal.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Fifty runs, each killed at a moment of its own, every third of them once more while it is gone on
/// with; every seventh is stopped by Ctrl-C instead.
#[test]
fn a_run_killed_at_any_moment_ends_with_the_bytes_of_one_that_was_not() {
    let bench = bench();
    let mut child = begin(&bench, "whole");
    wait_for_journal(&bench, "whole", &mut child);
    let started = Instant::now();
    assert!(child.wait().unwrap().success());
    let length = started.elapsed();
    assert_each_trained_once(&bench, "whole");
    let mut moments = Streams::new(1, 2, 3).generator(Purpose::Shuffle, 0);
    let (mut begun, mut stopped_in_training) = (0, 0);
    for run in 0..50 {
        let out = format!("run{run:02}");
        for _ in 0..if run % 3 == 0 { 2 } else { 1 } {
            let mut child = begin(&bench, &out);
            // Most moments are to lie between the first line of the journal and the end.
            if run % 10 > 0 {
                wait_for_journal(&bench, &out, &mut child);
            }
            std::thread::sleep(length.mul_f64(moments.random_range(0.0..1.0)));
            if run % 7 == 6 {
                let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            } else {
                child.kill().unwrap();
            }
            child.wait().unwrap();
        }
        if bench.file(&out).join("journal.jsonl").exists() {
            begun += 1;
            stopped_in_training += usize::from((1..36).contains(&whole_lines(&bench, &out)));
        }
        finish(&bench, &out);
        assert_same(&bench, "whole", &out);
        assert_each_trained_once(&bench, &out);
        fs::remove_dir_all(bench.file(&out)).unwrap();
    }
    // The moments are to hit what they are for.
    assert!(begun >= 40 && stopped_in_training >= 10, "{begun} begun, {stopped_in_training}");
}

/// Kills while a file stands beside its place, just before it is moved there, in the first run and in
/// one that is gone on with.
#[test]
fn a_run_killed_while_its_files_are_moved_into_place_is_finished_by_the_next() {
    let bench = bench();
    finish(&bench, "whole");
    let draft = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .into_iter()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(".forewarn-"))
    };
    let mut caught = 0;
    for run in 0..40 {
        if caught == 6 {
            break;
        }
        let skipped = run % 12;
        let out = format!("run{run}");
        let folder = bench.file(&out);
        let places = [folder.clone(), folder.join("best"), folder.join("plots")];
        let mut child = begin(&bench, &out);
        let (mut seen, mut before) = (0, false);
        while child.try_wait().unwrap().is_none() {
            let now = places.iter().any(|place| draft(place));
            seen += usize::from(now && !before);
            before = now;
            if now && seen > skipped {
                child.kill().unwrap();
                child.wait().unwrap();
                caught += usize::from(places.iter().any(|place| draft(place)));
                break;
            }
        }
        finish(&bench, &out);
        assert_same(&bench, "whole", &out);
        assert_each_trained_once(&bench, &out);
        assert!(!places.iter().any(|place| draft(place)), "a draft is left in {out}");
    }
    assert!(caught == 6, "only {caught} runs were killed beside a draft");
}

#[test]
fn a_run_is_gone_on_with_in_another_place_and_with_other_workers() {
    let bench = bench();
    finish(&bench, "whole");
    let part = ["sweep", "grid.json", "--out", "part", "--resume", "--quiet", "--max-trials", "7"];
    bench.forewarn(&part).success();
    // A network of two lengths is two trials, and is not trained by halves.
    assert_eq!(ended(&bench, "part").len(), 6);
    fs::rename(bench.file("part"), bench.file("moved")).unwrap();
    fs::rename(bench.file("data.csv"), bench.file("moved.csv")).unwrap();
    let rest = ["sweep", "grid.json", "--out", "moved", "--data", "moved.csv", "--resume", "-q"];
    let rest = [rest.as_slice(), &["--jobs", "1"]].concat();
    bench.forewarn(&rest).success();
    assert!(bench.read("whole/curves.csv") == bench.read("moved/curves.csv"));
    assert_each_trained_once(&bench, "moved");
}

#[test]
fn a_finished_run_is_not_trained_again_and_its_files_are_made_again() {
    let bench = bench();
    finish(&bench, "whole");
    finish(&bench, "run");
    for file in ["trials.csv", "curves.csv", "best/model.json", "report.html"] {
        fs::remove_file(bench.file("run").join(file)).unwrap();
    }
    let journal = bench.read("run/journal.jsonl");
    let run = bench.read("run/run.json");
    finish(&bench, "run");
    assert_same(&bench, "whole", "run");
    assert!(bench.read("run/journal.jsonl") == journal, "something was trained");
    assert!(bench.read("run/run.json") == run, "its times are those of the training");
}

/// A run of the torch engine, whose packs are several networks: killed and gone on with.
#[test]
fn packs_of_the_torch_engine_are_gone_on_with_whole() {
    let bench = bench();
    let sweep = |out: &str, more: &[&str]| {
        let arguments = ["sweep", "grid.json", "--out", out, "--engine", "torch", "--resume", "-q"];
        bench.forewarn(&[arguments.as_slice(), more].concat()).success();
    };
    sweep("whole", &[]);
    sweep("part", &["--max-trials", "20"]);
    let some = ended(&bench, "part").len();
    assert!((1..=20).contains(&some), "{some}");
    sweep("part", &[]);
    assert!(bench.read("whole/curves.csv") == bench.read("part/curves.csv"));
    assert_each_trained_once(&bench, "part");
    // Killed in the middle of packs, some of whose trials have ended at the shorter length.
    let mut between = 0;
    for run in 0..8 {
        let out = format!("killed{run}");
        let mut child = forewarn(bench.path());
        let arguments =
            ["sweep", "grid.json", "--out", &out, "--engine", "torch", "--resume", "-q"];
        let mut child = child.args(arguments).stderr(Stdio::null()).spawn().unwrap();
        wait_for_journal(&bench, &out, &mut child);
        // The journal's first line, and so many trials.
        let lines = 2 + 2 * run;
        while bench.read(&format!("{out}/journal.jsonl")).lines().count() < lines
            && child.try_wait().unwrap().is_none()
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        between += usize::from((1..36).contains(&whole_lines(&bench, &out)));
        sweep(&out, &[]);
        for file in ["curves.csv", "best/model.safetensors", "best/metrics.json"] {
            let bytes = |run: &str| fs::read(bench.file(run).join(file)).unwrap();
            assert!(bytes("whole") == bytes(&out), "{file} of {out}");
        }
        assert_each_trained_once(&bench, &out);
    }
    assert!(between >= 4, "only {between} runs were killed while they trained");
}

#[test]
fn a_time_budget_ends_a_run_cleanly_ranked_and_to_be_gone_on_with() {
    let bench = bench();
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["grid"]["epochs"] = json!([2, 1_000_000]);
    bench.write_grid(&grid);
    let started = Instant::now();
    let arguments = ["sweep", "grid.json", "--out", "run", "--time-budget", "1500ms"];
    let ended = bench.forewarn(&arguments).success();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(ended.stderr().contains("--resume"), "{}", ended.stderr());
    let run: Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
    assert_eq!(run["status"], "stopped");
    let trials = crate::support::table(&bench.file("run/trials.csv"));
    assert!(!trials.is_empty() && trials.iter().all(|trial| trial["epochs"] == "2"));
    assert_eq!(trials[0]["rank"], "1");
    assert!(bench.file("run/report.html").is_file());
    // Too small a budget for any trial is said, and nothing is lost by it.
    let before = bench.read("run/journal.jsonl");
    let more = ["sweep", "grid.json", "--out", "run", "--time-budget", "1ms", "--resume", "-q"];
    let message = bench.forewarn(&more).code(7).stderr();
    assert!(message.contains("no trial ended within --time-budget"), "{message}");
    assert_eq!(bench.read("run/journal.jsonl"), before);
    let none = ["sweep", "grid.json", "--out", "none", "--time-budget", "1ms"];
    let message = bench.forewarn(&none).code(7).stderr();
    assert!(message.contains("no trial ended") && message.contains("0 of 36"), "{message}");
}
