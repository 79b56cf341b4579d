//! run.json of a run that somebody else may have made: a trial of it is trained again, by the real binary.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use forewarn::spec;
use serde_json::{Value, json};

use super::mutate::Dice;
use super::{Door, json as json_text};
use crate::support::{Bench, motor};

/// The memory of the process in KiB, address space and all: what asks for more is aborted.
const MOST_KIB: u64 = 4 << 20;

/// A training that takes longer is none that a test should wait for.
const PATIENCE: Duration = Duration::from_secs(4);

/// Larger sizes and more rounds than this are sound, and not tried: they take what they take.
const LARGEST: f64 = 1000.0;

/// The documented exit codes of a command that was not interrupted and whose command line is right.
const CODES: [i32; 7] = [0, 1, 3, 4, 5, 6, 7];

/// What run.json may hold elsewhere.
const WORDS: &str = "/dev/zero|/dev/stdin|/proc/self/mem|/dev/zero#x|run|run/run.json|data.csv|data.csv#x|native|torch|\
    mlp|knn|random_forest|logistic_regression|RPM|Motor Fails|file|synth|sql|none|adam|finished";

fn word(dice: &mut Dice) -> String {
    dice.one_of(WORDS, '|').to_owned()
}

/// run.json of a run on 80 rows, of a file or of a generator.
fn sound(bench: &Bench, source: Value, out: &str) -> Vec<u8> {
    let mut grid = bench.grid();
    grid["data"]["source"] = source;
    grid["data"]["tables"] = json!({"events": {"file": "data.csv"}});
    grid["grid"]["hidden"] = json!([[4]]);
    grid["variants"] = json!({
        "network": {},
        "forest": {"family": "random_forest", "grid": {"n_estimators": [2, 4]}},
        "near": {"family": "knn", "grid": {"n_neighbors": [1, 3]}},
        "linear": {"family": "logistic_regression"},
    });
    bench.write_grid(&grid);
    bench.sweep(out);
    fs::read(bench.file(&format!("{out}/run.json"))).unwrap()
}

/// Whether it holds a sound grid with a size or a number of rounds beyond [`LARGEST`].
fn is_large(bytes: &[u8]) -> bool {
    fn largest(value: &Value) -> f64 {
        match value {
            Value::Number(number) => number.as_f64().unwrap_or(f64::INFINITY),
            Value::Array(items) => items.iter().map(largest).fold(0.0, f64::max),
            Value::Object(members) => members.values().map(largest).fold(0.0, f64::max),
            _ => 0.0,
        }
    }
    let Ok(Value::Object(run)) = serde_json::from_slice(bytes) else { return false };
    let Some(grid) = run.get("grid") else { return false };
    let is_sound = spec::parse(Path::new("run.json"), &grid.to_string()).is_ok();
    is_sound && [&grid["grid"], &grid["variants"]].into_iter().map(largest).any(|it| it > LARGEST)
}

/// Trains trial `number` again.
fn train_again(bench: &Bench, number: usize) -> String {
    let said = bench.file("said");
    let limited = format!("ulimit -v {MOST_KIB}; exec \"$0\" \"$@\"");
    let trial = format!("run:{number}");
    let mut child = Command::new("sh")
        .current_dir(bench.path())
        .args(["-c", &limited, env!("CARGO_BIN_EXE_forewarn")])
        .args(["model", &trial, "--out", "again", "--overwrite"])
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return "ok: still at work".to_owned();
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let said = String::from_utf8_lossy(&fs::read(&said).unwrap()).into_owned();
    let code = status.code().unwrap_or_else(|| panic!("{status}: {said}"));
    assert!(CODES.contains(&code) && !said.contains("panicked"), "exit code {code}: {said}");
    match code {
        0 => "ok: a model".to_owned(),
        _ => format!("{code}: {}", said.lines().next().unwrap_or_default()),
    }
}

/// run.json: one of its trials is trained again.
pub fn door() -> Door {
    let bench = Bench::new();
    bench.write("data.csv", &motor(80));
    let made = json!({"synth": {"generator": "motor", "rows": 80, "seed": 5}});
    let seeds =
        vec![sound(&bench, json!({"file": "data.csv"}), "run"), sound(&bench, made, "made")];
    let enter = move |bytes: &[u8]| {
        if is_large(bytes) {
            return "ok: not tried".to_owned();
        }
        fs::write(bench.file("run/run.json"), bytes).unwrap();
        train_again(&bench, bytes.len() % 7)
    };
    let mutate =
        |dice: &mut Dice, bytes: &[u8], other: &[u8]| json_text::mutate(dice, bytes, other, word);
    Door { name: "run_file", seeds, mutate, enter: Box::new(enter) }
}
