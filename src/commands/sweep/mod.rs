//! `forewarn sweep`: from the grid file to the run's folder.

mod facts;
mod families;
mod importance;
mod keep;
mod memory;
mod model;
mod session;
mod sources;
mod stop;
mod summary;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::failure::{Exit, Failure};
use crate::cli::Sweep;
use crate::engine::device::DeviceChoice;
use crate::engine::torch::Placement;
use crate::engine::{self, EngineChoice};
use crate::families::Dataset;
use crate::finals;
use crate::metrics::Score;
use crate::prepare::{NotReady, Prepared, check_expressions, prepare};
use crate::record::{Earlier, RunFolder};
use crate::spec::{self, RankBy, Study};
use crate::sweep::{self, Job, MemoryLimit, Settings, Trial};
use facts::{fingerprint, run_file};
pub(super) use model::run as model;
use session::Session;
use sources::{load, load_beside, remind};
use stop::Stop;

/// A grid of more trials is trained only when the user says so.
const MOST_TRIALS: u64 = 10_000;

pub(super) fn run(arguments: &Sweep) -> Result<Exit, Failure> {
    let started = Instant::now();
    let mut study = spec::load(&arguments.grid)?;
    study.file.seed = arguments.seed.unwrap_or(study.file.seed);
    check_expressions(&study.file).map_err(|(key, why)| study.wrong(&key, &why))?;
    let default_out = || PathBuf::from("outputs").join(&study.file.name);
    let out = arguments.out.clone().unwrap_or_else(default_out);
    train(arguments, &study, &out, started).map_err(|failure| remind(failure, arguments, &out))
}

/// Prepares everything, trains, and writes the run into `out`.
fn train(arguments: &Sweep, study: &Study, out: &Path, started: Instant) -> Result<Exit, Failure> {
    confirm(study, arguments)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.jobs.map_or(cores, usize::from);
    // What is done before and after the training keeps to --jobs, too.
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let placement = place(arguments.engine, &arguments.device)?;
    let trials = sweep::trials(&study.file);
    let libraries = trials.iter().filter_map(|trial| trial.recipe().library().transpose());
    let libraries: BTreeMap<_, _> = libraries.collect::<Result<_, _>>()?;
    let table = load(study, arguments)?;
    let tables = load_beside(study, arguments)?;
    let prepared = prepare(&table, &tables, &study.file, study.file.seed).map_err(|error| {
        // Repairs explain best why a file cannot be used.
        for repair in &table.repairs {
            complain!("note    {repair}");
        }
        unprepared(study, error)
    })?;
    check_thresholds(study, &prepared.classes)?;
    let engine = engine::choose(arguments.engine, &placement, &prepared.folds)?;
    let workers = placement.workers(threads);
    let memory = memory::limit(arguments.memory, &placement, workers)?;
    let settings = settings(study, &prepared, workers, memory)?;
    check_trials(study, &trials, &settings.data)?;
    let greedy = study.file.model.ensemble.as_ref();
    let ensemble_score =
        greedy.map(|greedy| score(study, &prepared, "model.ensemble.rank_by", &greedy.rank_by));
    let ensemble_score = ensemble_score.transpose()?;
    let stop = Stop::listen();
    let cx = settings.context(engine.as_ref(), stop.flag());
    let jobs = sweep::plan(trials.clone(), engine.as_ref());
    let jobs = sweep::fit(jobs, settings.memory.cut, &|job: &Job| job.size(&cx, &settings).bytes);
    let mut file =
        run_file(&study.file, (&table, &tables), &prepared, &placement.to_string(), workers);
    file.trials.total = trials.len();
    file.versions.libraries = libraries;
    engine.name().clone_into(&mut file.engine);
    file.data.notes.extend(placement.note.clone());
    let fingerprint = fingerprint(&file, jobs.len(), placement.on_cpu())?;

    if let Some(budget) = arguments.time_budget {
        let waits = stop.after(budget, started);
        waits.map_err(|error| Failure::new(Exit::Other, format!("--time-budget: {error}")))?;
    }
    let earlier = match (arguments.overwrite, arguments.resume) {
        (true, _) => Earlier::Replace,
        (false, true) => Earlier::Resume,
        (false, false) => Earlier::Keep,
    };
    let folder = RunFolder::claim(out, earlier)?;
    let session = Session {
        arguments,
        engine: engine.as_ref(),
        placement: &placement,
        prepared: &prepared,
        settings: &settings,
        ensemble_score,
        trials: &trials,
        stop: &stop,
        folder: &folder,
        started,
    };
    session.go(file, jobs, fingerprint)
}

/// The settings that all jobs of a run share.
fn settings<'a>(
    study: &'a Study,
    prepared: &'a Prepared,
    workers: usize,
    memory: MemoryLimit,
) -> Result<Settings<'a>, Failure> {
    let (folds, count) = (prepared.folds.as_slice(), prepared.rows.len());
    Ok(Settings {
        data: Dataset::new(folds, count, &prepared.classes, &study.file)?,
        fixed: &study.file.fixed,
        rank_by: score(study, prepared, "rank_by", &study.file.rank_by)?,
        restore_best: study.file.restore_best_weights,
        curve_every: study.file.curve_every.get(),
        seed: study.file.seed,
        workers,
        memory,
        candidates: finals::candidates(&study.file.model),
    })
}

/// The score that a key of the grid file names, which the validation rows must be able to tell.
fn score(
    study: &Study,
    prepared: &Prepared,
    key: &str,
    rank_by: &RankBy,
) -> Result<Score, Failure> {
    let wrong = |below: &str, why: &str| study.wrong(&format!("{key}.{below}"), why);
    if let Some((below, class)) = rank_by.class() {
        let Some(label) = prepared.classes.iter().position(|known| known == class) else {
            let known: Vec<String> =
                prepared.classes.iter().map(|class| format!("{class:?}")).collect();
            let why = format!("the target has no class {class:?}, it has {}", known.join(", "));
            return Err(wrong(below, &why).into());
        };
        let folds = 0..prepared.rows.len();
        let lacks = |fold: &usize| {
            let labels = &prepared.at(0, Some(*fold)).0.valid.labels;
            !labels.contains(&(label as u32))
        };
        if let Some(fold) = folds.into_iter().find(lacks) {
            let rows = match prepared.rows.len() {
                1 => "the validation rows have".to_owned(),
                _ => format!("the validation rows of fold {fold} have"),
            };
            let why = format!(
                "{rows} none of class {class:?}, so that no trial has this score there: take fewer \
                 folds, another split, or a score of all classes"
            );
            return Err(wrong(below, &why).into());
        }
    }
    // Every class that it may name is known by now.
    Score::resolve(rank_by, &prepared.classes)
        .ok_or_else(|| study.wrong(key, "it names a class that the target does not have").into())
}

/// Why a table cannot be prepared, with the place of the step in the grid file.
fn unprepared(study: &Study, error: NotReady) -> Failure {
    match error.step() {
        Some(key) => Failure::new(Exit::Data, format!("{}: {error}", study.place(key))),
        None => error.into(),
    }
}

/// Checks that every trial can be trained on its rows.
fn check_trials(study: &Study, trials: &[Trial], data: &Dataset<'_>) -> Result<(), Failure> {
    for trial in trials {
        let Err((axis, why)) = trial.recipe().check(data, trial.preparation) else { continue };
        let key = format!("variants.{}.grid.{axis}", trial.variant);
        return Err(study.wrong(&key, &why).into());
    }
    Ok(())
}

/// Checks that the classes that thresholds name exist.
fn check_thresholds(study: &Study, classes: &[String]) -> Result<(), Failure> {
    let named = study.file.model.thresholds.classes();
    let unknown = named.into_iter().find(|(_, name)| !classes.iter().any(|class| class == name));
    let Some((key, name)) = unknown else { return Ok(()) };
    let known: Vec<String> = classes.iter().map(|class| format!("{class:?}")).collect();
    let problem = format!("the target has no class {name:?}, it has {}", known.join(", "));
    Err(study.wrong(&format!("model.thresholds.{key}"), &problem).into())
}

/// The devices to train on; the native engine's is the CPU.
fn place(choice: EngineChoice, device: &DeviceChoice) -> Result<Placement, Failure> {
    let device = match (choice, device) {
        (EngineChoice::Native, DeviceChoice::Auto) => &DeviceChoice::Cpu,
        (EngineChoice::Native, DeviceChoice::Cuda | DeviceChoice::CudaDevices(_)) => {
            let text =
                "--engine native trains on the CPU: leave out --device, or take --engine torch";
            return Err(Failure::new(Exit::Device, text.to_owned()));
        }
        (_, device) => device,
    };
    Ok(Placement::find(device)?)
}

/// Asks before a very large grid is trained.
fn confirm(study: &Study, arguments: &Sweep) -> Result<(), Failure> {
    let trials = study.file.trials();
    if trials <= MOST_TRIALS || arguments.yes {
        return Ok(());
    }
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        complain!("The grid makes {trials} trials. Train them all? [y/N]");
        let mut answer = String::new();
        let _ = std::io::stdin().read_line(&mut answer);
        if matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
    }
    let path = arguments.grid.display();
    let text = format!(
        "{path}: the grid makes {trials} trials, more than {MOST_TRIALS}: take values off its \
         axes, or give --yes to train them all"
    );
    Err(Failure::new(Exit::Grid, text))
}
