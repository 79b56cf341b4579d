//! `forewarn model`: a trial of a run retrained, and its model saved.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;

use serde::Deserialize;
use serde_json::Value;

use super::facts::run_file;
use super::keep::keep;
use super::memory;
use super::sources::open;
use super::stop::Stop;
use super::{check_trials, place, settings, unprepared};
use crate::cli::Model;
use crate::commands::failure::{Exit, Failure};
use crate::data::Table;
use crate::engine::device::DeviceChoice;
use crate::engine::{self, EngineChoice};
use crate::finals::as_trained;
use crate::prepare::{Tables, check_expressions, prepare};
use crate::spec::{self, Source, Study};
use crate::sweep;
use crate::untrusted::{MOST_JSON, readable};

/// The part of run.json that a trial's bytes depend on.
#[derive(Deserialize)]
struct Recorded {
    engine: RecordedEngine,
    data: RecordedTable,
    grid: Value,
}

/// The engines by their names.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordedEngine {
    Native,
    Torch,
}

#[derive(Deserialize)]
struct RecordedTable {
    source: String,
    sha256: String,
    #[serde(default)]
    tables: BTreeMap<String, RecordedTable>,
}

pub(in crate::commands) fn run(arguments: &Model) -> Result<Exit, Failure> {
    let (run, number) = &arguments.trial;
    let described = arguments.out.join("model.json");
    if described.exists() && !arguments.overwrite {
        let place = described.display();
        let text = format!("{place} already exists: give --overwrite to replace it");
        return Err(Failure::new(Exit::Output, text));
    }
    let (recorded, study) = read(run)?;
    let (table, tables) = load(arguments, &recorded, &study)?;
    let Some(trial) = sweep::trial(&study.file, *number) else {
        let (run, last) = (run.display(), study.file.trials().saturating_sub(1));
        let text = format!("{run}: it has no trial {number}: its trials are 0 to {last}");
        return Err(Failure::new(Exit::Data, text));
    };
    trial.recipe().library()?;
    let prepared = prepare(&table, &tables, &study.file, study.file.seed);
    let prepared = prepared.map_err(|error| unprepared(&study, error))?;
    let choice = match recorded.engine {
        RecordedEngine::Native => EngineChoice::Native,
        RecordedEngine::Torch => EngineChoice::Torch,
    };
    let placement = place(choice, &DeviceChoice::Auto)?;
    let engine = engine::choose(choice, &placement, &prepared.folds)?;
    let workers = placement.workers(std::thread::available_parallelism().map_or(1, usize::from));
    let memory = memory::limit(None, &placement, workers)?;
    let settings = settings(&study, &prepared, workers, memory)?;
    check_trials(&study, slice::from_ref(&trial), &settings.data)?;
    let stop = Stop::listen();
    let cx = settings.context(engine.as_ref(), stop.flag());
    let trained = sweep::retrain(&cx, &[&trial], &settings)?;
    let best = trained.into_iter().flatten().enumerate().reduce(|one, other| {
        if other.1.valid.beats(&one.1.valid, settings.rank_by) { other } else { one }
    });
    let Some((fold, trained)) = best else {
        let text = format!("trial {number} diverged: it has no model");
        return Err(Failure::new(Exit::NothingFinished, text));
    };
    let device = placement.to_string();
    let file = run_file(&study.file, (&table, &tables), &prepared, &device, workers);
    let model = (fold, trained.epoch, &trained.fitted);
    let kept = as_trained(&trial, model, engine.as_ref(), &prepared, &file);
    keep(&arguments.out, "the model", kept, &prepared.classes)?;
    say!("wrote trial {number}, {} of fold {fold}, to {}", trial.family(), arguments.out.display());
    Ok(Exit::Done)
}

/// The facts of run.json, and its grid.
fn read(run: &Path) -> Result<(Recorded, Study), Failure> {
    let path = run.join("run.json");
    let data = |error: String| Failure::new(Exit::Data, format!("{}: {error}", path.display()));
    let file = readable(run, "run.json", MOST_JSON).map_err(|error| data(error.to_string()))?;
    let text = fs::read_to_string(file)
        .map_err(|error| data(format!("{error}: name a run's folder, which holds run.json")))?;
    let recorded: Recorded =
        serde_json::from_str(&text).map_err(|error| data(error.to_string()))?;
    let study = spec::parse(&path, &recorded.grid.to_string())?;
    check_expressions(&study.file).map_err(|(key, why)| study.wrong(&key, &why))?;
    Ok((recorded, study))
}

/// The tables that the run was trained on.
fn load(arguments: &Model, recorded: &Recorded, study: &Study) -> Result<(Table, Tables), Failure> {
    let data = &study.file.data;
    let table = match (&arguments.data, &data.source) {
        (Some(path), _) => Table::load(path)?,
        (None, Source::File(_)) => regular(&recorded.data.source)
            .and_then(|path| Ok(Table::load(&path)?))
            .map_err(|failure| failure.advise("--data FILE names it".to_owned()))?,
        (None, source) => open(study, source)?,
    };
    check(&table, &recorded.data)?;
    let mut tables = crate::commands::load_tables(&arguments.tables)?;
    for (name, source) in &data.tables {
        let Some(then) = recorded.data.tables.get(name) else { continue };
        if !tables.contains_key(name) {
            let table = match source {
                Source::File(_) => Table::load_beside(&regular(&then.source)?)?,
                source => open(study, source)?,
            };
            tables.insert(name.clone(), table);
        }
        check(&tables[name], then)?;
    }
    Ok((table, tables))
}

/// A file that run.json names. Somebody else may have written it: a pipe or a device, which users name
/// themselves where they mean it, might never end.
fn regular(source: &str) -> Result<PathBuf, Failure> {
    // A workbook's sheet stands after its file.
    let file = source.rsplit_once('#').map_or(source, |(file, _)| file);
    let endless = |path: &&str| fs::metadata(path).is_ok_and(|at| !at.is_file() && !at.is_dir());
    match [source, file].iter().find(|path| endless(path)) {
        Some(path) => {
            let text = format!("{path}: run.json names it, and it is not a regular file");
            Err(Failure::new(Exit::Data, text))
        }
        None => Ok(PathBuf::from(source)),
    }
}

/// Checks that a table is the one that the run was trained on.
fn check(table: &Table, recorded: &RecordedTable) -> Result<(), Failure> {
    if table.sha256 == recorded.sha256 {
        return Ok(());
    }
    let text = format!(
        "{}: it is another table than the run was trained on, or has changed since: its SHA-256 is {}, \
         that of the run's was {}",
        table.source, table.sha256, recorded.sha256
    );
    Err(Failure::new(Exit::Data, text))
}
