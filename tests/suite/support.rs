//! What the tests share: the binary, small tables and grids, PyTorch, and skipping aloud.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};
use tempfile::TempDir;

/// The flag of a run that is not to stop.
pub static GO_ON: AtomicBool = AtomicBool::new(false);

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The real binary, to be run in `folder`.
pub fn forewarn(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forewarn"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// A program that has ended.
pub struct Ended(Output);

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Ended {
    Ended(command.output().unwrap())
}

impl Ended {
    /// It must have ended with this exit code.
    pub fn code(self, code: i32) -> Self {
        let (shown, said) = (self.stdout(), self.stderr());
        assert_eq!(self.0.status.code(), Some(code), "it printed:\n{shown}\n{said}");
        self
    }

    /// It must have done what it was told to.
    pub fn success(self) -> Self {
        self.code(0)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}

/// A folder with a table `data.csv` of 400 generated rows and a grid `grid.json` of four trials.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.write("data.csv", &motor(400));
        bench.write_grid(&bench.grid());
        bench
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// The grid, to be changed and written with [`Bench::write_grid`].
    pub fn grid(&self) -> Value {
        json!({
            "name": "bench",
            "seed": 7,
            "data": {"source": {"file": "data.csv"}, "target": "Motor Fails"},
            "grid": {
                "learning_rate": [0.01, 0.001],
                "optimizer": ["adam"],
                "epochs": [3],
                "hidden": [[8], [8, 4]]
            }
        })
    }

    pub fn write_grid(&self, grid: &Value) {
        self.write("grid.json", &serde_json::to_string_pretty(grid).unwrap());
    }

    pub fn forewarn(&self, arguments: &[&str]) -> Ended {
        run(forewarn(self.path()).args(arguments))
    }

    /// Runs the grid into `out`, which must succeed.
    pub fn sweep(&self, out: &str) {
        self.forewarn(&["sweep", "grid.json", "--out", out, "--quiet"]).success();
    }

    /// Runs the grid, which must end with `code`; returns what went to the standard error.
    pub fn fails(&self, code: i32) -> String {
        self.forewarn(&["sweep", "grid.json", "--out", "run"]).code(code).stderr()
    }
}

/// A generated table.
pub fn motor(rows: usize) -> String {
    generated(forewarn::synth::Generator::Motor, rows)
}

/// A generated table.
pub fn ai4i(rows: usize) -> String {
    generated(forewarn::synth::Generator::Ai4i, rows)
}

fn generated(generator: forewarn::synth::Generator, rows: usize) -> String {
    let mut bytes = Vec::new();
    forewarn::synth::write(generator, rows, 5, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The rows of a CSV file by column name.
pub fn table(path: &Path) -> Vec<std::collections::HashMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// families.csv without its times, which differ from run to run.
pub fn without_times(families: &str) -> String {
    let header = families.lines().next().unwrap_or_default();
    let times = forewarn::record::FAMILY_TIMES;
    assert!(header.ends_with(&times.join(",")), "{header}");
    let cut = |line: &str| line.rsplitn(times.len() + 1, ',').last().unwrap().to_owned() + "\n";
    families.lines().map(cut).collect()
}

/// Says aloud that a test was skipped: a line for the end of `make test`. Where `FOREWARN_REQUIRE`
/// names what is missing, as it does in CI, that is a failure.
pub fn skip(test: &str, missing: &str, why: &str) {
    let required = std::env::var("FOREWARN_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|name| name == missing), "{test} needs {missing}: {why}");
    let line = format!("SKIPPED {test}: no {missing}: {why}\n");
    eprint!("{line}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped");
    let mut file = fs::File::options().append(true).create(true).open(file).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}

/// A Python that has PyTorch, or nothing (and says so).
pub fn pytorch(test: &str) -> Option<PathBuf> {
    let own = root().join(".libtorch/bin/python");
    let python = std::env::var_os("FOREWARN_PYTHON").map_or(own, PathBuf::from);
    let probe = Command::new(&python)
        .args(["-c", "import torch, numpy, safetensors.torch"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if probe.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    skip(
        test,
        "pytorch",
        "`make test` fetches it; or name a Python that has it in FOREWARN_PYTHON",
    );
    None
}

/// Runs a Python program on JSON and reads JSON back.
pub fn ask_python(python: &Path, script: &Path, question: &Value) -> Value {
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = question.to_string();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{} failed", script.display());
    serde_json::from_slice(&output.stdout).unwrap()
}
