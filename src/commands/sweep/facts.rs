//! The facts of run.json, before the first epoch and after the last, and the fingerprint in the journal.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::commands::failure::{Exit, Failure};
use crate::data::Table;
use crate::examples::Part;
use crate::prepare::{Prepared, Tables};
use crate::record::{
    ClassCount, DataFacts, RunFile, RunStatus, SplitFacts, TableFacts, TrialCounts, Versions, now,
};
use crate::spec::{By, GridFile, Split};
use crate::sweep::{Status, TrialResult};

/// Everything of run.json that is known before the first epoch.
pub(super) fn run_file(
    grid: &GridFile,
    (table, tables): (&Table, &Tables),
    prepared: &Prepared,
    device: &str,
    jobs: usize,
) -> RunFile {
    RunFile {
        name: grid.name.clone(),
        status: RunStatus::Running,
        command_line: command_line(),
        started_at: now(),
        finished_at: None,
        elapsed_s: 0.0,
        device: device.to_owned(),
        engine: String::new(),
        jobs,
        seed: grid.seed,
        rank_by: grid.rank_by.name().into_owned(),
        versions: Versions::of_this_binary(),
        data: DataFacts {
            source: table.source.clone(),
            sha256: table.sha256.clone(),
            rows: table.rows(),
            columns: table.frame.width(),
            repairs: table.repairs.clone(),
            notes: prepared.notes.clone(),
            warnings: prepared.warnings.clone(),
            target: prepared.target.clone(),
            features: prepared.features.clone(),
            classes: prepared.classes.clone(),
            tables: tables.iter().map(table_facts).collect(),
        },
        split: split_facts(grid, prepared),
        trials: TrialCounts::default(),
        failures: Vec::new(),
        grid: grid.clone(),
    }
}

fn table_facts((name, table): (&String, &Table)) -> (String, TableFacts) {
    let (source, sha256) = (table.source.clone(), table.sha256.clone());
    let facts = TableFacts { source, sha256, rows: table.rows(), repairs: table.repairs.clone() };
    (name.clone(), facts)
}

fn split_facts(grid: &GridFile, prepared: &Prepared) -> SplitFacts {
    let fold = &prepared.folds[0];
    let count = |part: Part, class: usize| {
        fold.part(part).labels.iter().filter(|&&label| label as usize == class).count()
    };
    let classes = prepared.classes.iter().zip(&prepared.split_counts).enumerate();
    let counts = classes.map(|(number, (class, &train))| ClassCount {
        class: class.clone(),
        train,
        trained_on: count(Part::Train, number),
        valid: count(Part::Valid, number),
        test: count(Part::Test, number),
    });
    SplitFacts {
        description: describe(grid),
        folds: prepared.rows.len(),
        train: prepared.split_counts.iter().sum(),
        trained_on: fold.train.labels.len(),
        valid: fold.valid.labels.len(),
        test: fold.test.labels.len(),
        class_counts: counts.collect(),
        times: prepared.times.clone(),
        groups: prepared.groups.clone(),
    }
}

/// The split in words.
fn describe(grid: &GridFile) -> String {
    let parts = match &grid.split {
        Split::Shares(shares) => format!(
            "{} % train, {} % valid, {} % test",
            100.0 * shares.train.get(),
            100.0 * shares.valid.get(),
            100.0 * shares.test.get(),
        ),
        Split::Folds(folds) => {
            let test = 100.0 * folds.test.get();
            format!("{test} % test, {} folds of the rest", folds.count.get())
        }
    };
    let by = match grid.split.by() {
        By::Stratified => "stratified".to_owned(),
        By::Random => "random".to_owned(),
        By::Group => format!("by {}", grid.data.group.as_deref().unwrap_or_default()),
        By::Time => "in time order".to_owned(),
    };
    let gap = grid.split.gap().map(|gap| format!(", gap {gap}")).unwrap_or_default();
    format!("{parts}, {by}{gap}")
}

/// Everything that the numbers of a run depend on: what a resumed run must have in common with what
/// began it. A table that has moved is the same table, and the description of the grid changes no number.
pub(super) fn fingerprint(file: &RunFile, packs: usize, on_cpu: bool) -> Result<Value, Failure> {
    let grid = serde_json::to_value(&file.grid);
    let mut grid = grid.map_err(|error| Failure::new(Exit::Other, error.to_string()))?;
    if let Some(keys) = grid.as_object_mut() {
        keys.shift_remove("$schema");
        keys.shift_remove("description");
        // It is about what is made of the trials, which do not depend on it.
        keys.shift_remove("model");
    }
    if let Some(data) = grid.get_mut("data").and_then(Value::as_object_mut) {
        data.shift_remove("source");
        data.shift_remove("tables");
    }
    let tables = file.data.tables.iter().map(|(name, table)| (name, &table.sha256));
    let tables: BTreeMap<_, _> = tables.collect();
    let native = file.engine == "native";
    Ok(json!({
        "forewarn": file.versions.forewarn,
        "git_commit": file.versions.git_commit,
        "engine": file.engine,
        // The native engine's numbers come from no library and no device.
        "libtorch": if native { None } else { Some(file.versions.libtorch) },
        "libraries": file.versions.libraries,
        "device": if on_cpu { "cpu" } else { "cuda" },
        "packs": packs,
        "data_sha256": file.data.sha256,
        "tables_sha256": tables,
        "grid": grid,
    }))
}

/// Fills in what is known once training has ended.
pub(super) fn conclude(file: &mut RunFile, results: &[TrialResult], status: RunStatus) {
    file.status = status;
    for result in results {
        match &result.status {
            Status::Finished => file.trials.finished += 1,
            Status::Diverged(_) => file.trials.diverged += 1,
            Status::Failed(reason) => {
                file.trials.failed += 1;
                file.failures.push(format!("trial {} failed: {reason}", result.trial.number));
            }
        }
    }
}

/// The command that resumes a run which this process began or resumed.
pub(super) fn resuming() -> String {
    let kept = |argument: &String| argument != "--overwrite" && argument != "--resume";
    let mut words: Vec<String> = words().filter(kept).collect();
    // After the verb: after a `--` it would be taken for a file.
    words.insert(words.len().min(2), "--resume".to_owned());
    words.join(" ")
}

/// The command line as a shell would take it again.
fn command_line() -> String {
    words().collect::<Vec<_>>().join(" ")
}

/// The words of the command line, quoted where a shell needs it.
fn words() -> impl Iterator<Item = String> {
    std::env::args_os().map(|word| quoted(&word.to_string_lossy()))
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    let needs_quotes = word.is_empty() || !word.chars().all(plain);
    if needs_quotes { format!("'{}'", word.replace('\'', r"'\''")) } else { word.to_owned() }
}
