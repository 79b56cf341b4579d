//! `forewarn sweep`: from the grid file to the run's folder.

mod facts;
mod summary;
mod winner;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

use super::failure::{Exit, Failure};
use super::progress::Progress;
use crate::cli::Sweep;
use crate::data::Table;
use crate::engine::device::DeviceChoice;
use crate::engine::native::NativeEngine;
use crate::engine::torch::{Placement, TorchEngine};
use crate::engine::{Engine, EngineChoice};
use crate::prepare::prepare;
use crate::record::{CurveLog, RunFile, RunFolder, RunStatus, write_trials};
use crate::report::write_report;
use crate::spec::{self, Source, Study};
use crate::sweep::{self, Settings};
use crate::synth;
use facts::{conclude, run_file};
use summary::{announce, summarise};
use winner::keep;

/// A grid of more trials is trained only when the user says so.
const MOST_TRIALS: u64 = 10_000;

pub(super) fn run(arguments: &Sweep) -> Result<Exit, Failure> {
    let started = Instant::now();
    let mut study = spec::load(&arguments.grid)?;
    study.file.seed = arguments.seed.unwrap_or(study.file.seed);
    confirm(&study, arguments)?;
    let placement = place(arguments)?;
    let table = load(&study, arguments)?;
    let prepared = prepare(&table, &study.file, study.file.seed).inspect_err(|_| {
        // What was noticed about the file is needed most where it cannot be used.
        for repair in &table.repairs {
            complain!("note    {repair}");
        }
    })?;
    let default_out = || PathBuf::from("outputs").join(&study.file.name);
    let out = arguments.out.clone().unwrap_or_else(default_out);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = placement.workers(arguments.jobs.map_or(cores, usize::from));
    let native = match arguments.engine {
        EngineChoice::Auto => placement.on_cpu() && NativeEngine::is_fast(),
        choice => choice == EngineChoice::Native,
    };
    let engine: Box<dyn Engine> = if native {
        Box::new(NativeEngine::new(&prepared.folds))
    } else {
        Box::new(TorchEngine::new(&placement, &prepared.folds)?)
    };
    let jobs = sweep::plan(sweep::trials(&study.file.grid), engine.pack_size());
    let mut file = run_file(&study.file, &table, &prepared, &placement.to_string(), workers);
    file.trials.total = jobs.iter().map(|job| job.trials().count()).sum();
    engine.name().clone_into(&mut file.engine);
    file.data.notes.extend(placement.note.clone());
    let folder = RunFolder::claim(&out, arguments.overwrite)?;
    if !arguments.quiet {
        announce(&file, jobs.len());
    }
    file.write(&folder.file("run.json"))?;

    let log = CurveLog::create(&folder.file("curves.csv"))?;
    let stop = listen_for_interrupts();
    let settings = Settings {
        fixed: study.file.fixed.clone(),
        rank_by: study.file.rank_by,
        seed: study.file.seed,
        folds: prepared.folds.len(),
        shape: (prepared.pipelines[0].inputs(), prepared.classes.len()),
        workers,
    };
    let folds = prepared.folds.len();
    let progress = Progress::new(&log, &stop, settings.rank_by, &jobs, folds, arguments.quiet);
    let outcome = sweep::run(engine.as_ref(), jobs, &settings, &stop, &progress)?;
    progress.finish();
    drop(progress);
    log.close()?;

    write_trials(&folder.file("trials.csv"), &outcome.results)?;
    if let Some(winner) = &outcome.winner {
        keep(&folder, winner, engine.as_ref(), &prepared, &file)?;
    }
    conclude(&mut file, &outcome, started);
    file.write(&folder.file("run.json"))?;
    write_report(folder.path())?;
    if !arguments.quiet {
        summarise(&outcome, &study.file, &folder);
    }
    for failure in &file.failures {
        complain!("{failure}");
    }
    Ok(exit(&file, arguments))
}

/// The devices to train on; the native engine's is the CPU.
fn place(arguments: &Sweep) -> Result<Placement, Failure> {
    let device = match (arguments.engine, &arguments.device) {
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
    let trials = study.trials();
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

/// The table: the file of `--data`, or else the grid file's file or generator.
fn load(study: &Study, arguments: &Sweep) -> Result<Table, Failure> {
    if let Some(path) = arguments.data.as_ref().or(study.data_path.as_ref()) {
        return Ok(Table::load(path)?);
    }
    let Source::Synth(wanted) = &study.file.data.source else {
        return Err(Failure::new(Exit::Other, "a grid without data passed its check".to_owned()));
    };
    let (generator, rows) = (wanted.generator, wanted.rows.get() as usize);
    let mut bytes = Vec::new();
    synth::write(generator, rows, wanted.seed, &mut bytes)
        .map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    let source = format!("synth {} --rows {rows} --seed {}", generator.name(), wanted.seed);
    Ok(Table::parse(&source, &bytes)?)
}

/// The first Ctrl-C raises the flag, which every pack reads once an epoch; a second one leaves at
/// once, without the clean-up of libraries that worker threads still use. A `kill` counts as one.
fn listen_for_interrupts() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag down, and then raises it. Where signals
        // cannot be caught they end the process at once, as they always did.
        let _ = register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(&stop));
        let _ = register(signal, Arc::clone(&stop));
    }
    stop
}

fn exit(file: &RunFile, arguments: &Sweep) -> Exit {
    if file.status == RunStatus::Interrupted {
        if !arguments.quiet {
            complain!("stopped: {} of {} trials had ended", file.trials.ended(), file.trials.total);
        }
        Exit::Interrupted
    } else if file.trials.finished == 0 {
        complain!(
            "error: no trial finished: {} diverged, {} failed",
            file.trials.diverged,
            file.trials.failed
        );
        Exit::NothingFinished
    } else if file.trials.failed > 0 {
        Exit::Other
    } else {
        Exit::Done
    }
}
