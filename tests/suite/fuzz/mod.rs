//! Hostile bytes at every door that takes a user's file: each input ends in an error or in a value,
//! never in a panic, an abort, a hang, or a gigabyte of memory.
//!
//! A door is a function from bytes to an outcome, with sound inputs to start from and a way to break
//! them ([`doors`], [`models`] and the rooms beside them). In the gate each runs a fixed number of cases from a fixed seed; `make fuzz` runs
//! them by the clock from a new seed. An input that comes to an outcome which none before came to is
//! kept and broken further: what is guided by coverage elsewhere is guided by error messages here.
//!
//! One more door is one more function there and one more test below.

mod doors;
mod explore;
mod families;
mod files;
mod journal;
mod json;
mod models;
mod mutate;
mod report;
mod run_file;
mod sql;
mod tables;
mod tensors;
mod watch;

use std::collections::HashMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Dice;
use watch::Watch;

/// A place where a user's bytes come in.
struct Door {
    /// What its files in `target/tmp/fuzz/` are called.
    name: &'static str,
    /// Sound inputs.
    seeds: Vec<Vec<u8>>,
    /// Breaks an input, with pieces of another if it likes.
    mutate: Mutate,
    /// What becomes of an input: `ok` with a word on what kind of success, else the error's message.
    /// A panic is a finding, and so is a broken promise that it asserts.
    enter: Box<Enter>,
}

type Mutate = fn(&mut Dice, &[u8], &[u8]) -> Vec<u8>;
type Enter = dyn FnMut(&[u8]) -> String;

#[test]
fn a_malicious_grid_file_is_an_error_or_a_grid() {
    run(doors::grid(), 600);
}

#[test]
fn a_malicious_expression_is_an_error_or_a_feature() {
    run(doors::derive(), 800);
}

#[test]
fn a_malicious_table_is_an_error_or_a_table() {
    run(doors::table(), 600);
}

#[test]
fn a_malicious_file_of_another_kind_is_an_error_or_a_table() {
    run(doors::file(), 400);
}

#[test]
fn a_malicious_table_is_an_error_or_is_looked_at() {
    run(explore::door(), 600);
}

#[test]
fn a_malicious_table_of_families_is_an_error_or_a_report() {
    run(families::door(), 400);
}

#[test]
fn a_malicious_model_description_is_an_error_or_a_model() {
    run(models::description(), 1500);
}

#[test]
fn a_malicious_weights_file_is_an_error_or_a_model() {
    run(models::weights(), 500);
}

#[test]
fn a_malicious_description_of_neighbours_is_an_error_or_a_model() {
    run(models::description_of_neighbours(), 500);
}

#[test]
fn a_malicious_description_of_a_stacked_model_is_an_error_or_a_model() {
    run(models::description_of_stacked(), 500);
}

#[test]
fn a_malicious_file_of_trees_is_an_error_or_a_model() {
    run(models::trees(), 600);
}

#[test]
fn a_malicious_file_of_neighbours_is_an_error_or_a_model() {
    run(models::rows_of_neighbours(), 400);
}

#[test]
fn a_malicious_file_of_coefficients_is_an_error_or_a_model() {
    run(models::coefficients(), 400);
}

#[test]
fn a_malicious_booster_is_an_error_or_a_model() {
    run(models::booster(), 1500);
}

#[test]
fn a_malicious_model_of_xgboost_is_an_error_or_a_model() {
    run(models::xgboost(), 1500);
}

#[test]
fn a_malicious_journal_is_an_error_or_a_run_to_go_on_with() {
    run(journal::journal(), 400);
}

#[test]
fn a_malicious_run_file_is_an_error_or_a_model_of_one_of_its_trials() {
    run(run_file::door(), 60);
}

#[test]
fn a_malicious_table_of_curves_is_an_error_or_a_report() {
    run(report::curves(), 250);
}

#[test]
fn a_malicious_table_of_bins_is_an_error_or_a_report() {
    run(report::bins(), 250);
}

/// An input longer than this is neither kept nor tried.
const LONGEST: usize = 4 << 20;
/// An input longer than this is tried, but not kept.
const LONGEST_KEPT: usize = 1 << 14;
const MOST_KEPT: usize = 4000;

/// Runs a door for so many cases; by the clock instead where `FOREWARN_FUZZ_SECONDS` says how long.
fn run(mut door: Door, cases: u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let time = number("FOREWARN_FUZZ_SECONDS").map(Duration::from_secs);
    let clock = || std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let new_seed = if time.is_some() { clock() } else { 1 };
    let seed = number("FOREWARN_FUZZ_SEED").unwrap_or(new_seed);
    let mut dice = Dice::new(seed);
    // The gate leaves the files of a long run beside it alone.
    let folder = if time.is_some() { "fuzz" } else { "fuzz-gate" };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    fs::create_dir_all(&folder).unwrap();
    let mut record = Record::new(door.name, folder);
    let watch = Watch::new(record.file("now"), time.is_some());
    let (mut sound, mut odd) = (std::mem::take(&mut door.seeds), Vec::new());
    let started = Instant::now();
    let mut done = 0;
    for seed in &sound {
        let outcome = record.enter(&mut door, &watch, seed);
        assert!(outcome.is_some_and(|outcome| is_sound(&outcome)), "a seed must be sound");
    }
    while time.map_or(done < cases, |time| started.elapsed() < time) {
        // Most inputs are one step from a sound one: further away all end at the same first check.
        let from = if dice.one_in(3) { &odd } else { &sound };
        let from = if from.is_empty() { &sound } else { from };
        let (base, other) = (dice.pick(from).clone(), dice.pick(&sound).clone());
        let input = mutate::broken(&mut dice, &base, &other, door.mutate);
        if input.len() > LONGEST {
            continue;
        }
        done += 1;
        let Some(outcome) = record.enter(&mut door, &watch, &input) else { continue };
        let kept = if is_sound(&outcome) { &mut sound } else { &mut odd };
        if record.is_new(&outcome) && kept.len() < MOST_KEPT && input.len() <= LONGEST_KEPT {
            kept.push(input);
        }
    }
    if time.is_some() {
        let (name, seconds) = (door.name, started.elapsed().as_secs());
        let (outcomes, findings) = (record.outcomes.len(), record.findings.len());
        eprintln!(
            "{name}: seed {seed}, {seconds} s, {done} cases, {outcomes} outcomes, {findings} findings"
        );
        record.write_outcomes();
    }
    let findings: Vec<&String> = record.findings.values().collect();
    assert!(findings.is_empty(), "{} (seed {seed}): {findings:#?}", door.name);
}

fn is_sound(outcome: &str) -> bool {
    outcome.starts_with("ok")
}

/// What became of the inputs of one door.
struct Record {
    door: &'static str,
    folder: PathBuf,
    /// How often each outcome was met.
    outcomes: HashMap<String, u64>,
    /// One line a finding, by its gist.
    findings: HashMap<String, String>,
}

impl Record {
    fn new(door: &'static str, folder: PathBuf) -> Self {
        Self { door, folder, outcomes: HashMap::new(), findings: HashMap::new() }
    }

    fn file(&self, what: &str) -> PathBuf {
        self.folder.join(format!("{}-{what}", self.door))
    }

    /// The outcome of one input; nothing where it is a finding.
    fn enter(&mut self, door: &mut Door, watch: &Watch, input: &[u8]) -> Option<String> {
        // A process that is killed cannot say by what: the input lies there beforehand.
        fs::write(self.file("now"), input).unwrap();
        watch.begin();
        let outcome = catch_unwind(AssertUnwindSafe(|| (door.enter)(input)));
        let complaint = watch.end();
        match (outcome, complaint) {
            (Ok(outcome), None) => Some(outcome),
            (Ok(_), Some(complaint)) => self.find(complaint, input),
            (Err(panic), _) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref().map(|text: &&str| (*text).into()));
                self.find(format!("panic: {}", text.unwrap_or_default()), input)
            }
        }
    }

    fn find(&mut self, what: String, input: &[u8]) -> Option<String> {
        let (gist, file) = (gist(&what), self.file(&format!("finding-{}", self.findings.len())));
        self.findings.entry(gist).or_insert_with(|| {
            fs::write(&file, input).unwrap();
            let line =
                format!("{} by {}", what.chars().take(300).collect::<String>(), file.display());
            eprintln!("{line}");
            line
        });
        None
    }

    fn is_new(&mut self, outcome: &str) -> bool {
        let met = self.outcomes.entry(gist(outcome)).or_insert(0);
        *met += 1;
        *met == 1
    }

    fn write_outcomes(&self) {
        let mut lines: Vec<_> = self.outcomes.iter().map(|(gist, met)| (met, gist)).collect();
        lines.sort_unstable_by(|one, other| other.cmp(one));
        let text: String = lines.iter().map(|(met, gist)| format!("{met}\t{gist}\n")).collect();
        fs::write(self.file("outcomes"), text).unwrap();
    }
}

/// A message without its numbers and quoted parts: what kind of message it is.
fn gist(message: &str) -> String {
    let mut gist = String::new();
    let mut quote = None;
    let mut characters = message.chars().take(2000);
    while let Some(c) = characters.next() {
        if c == '\\' {
            characters.next();
            continue;
        }
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => continue,
            None if matches!(c, '"' | '`' | '\'') => quote = Some(c),
            None => {}
        }
        if !c.is_ascii_digit() && gist.len() < 160 {
            gist.push(if c.is_control() { ' ' } else { c });
        }
    }
    gist
}

#[test]
fn messages_of_one_kind_have_one_gist() {
    let gists = ["row 3: \"a \\\" b\" is 1e5", "row 41: \"\" is 2e77"].map(gist);
    assert_eq!(gists[0], gists[1]);
    assert_ne!(gists[0], gist("row 3: \"a b\" was 1e5"));
}
