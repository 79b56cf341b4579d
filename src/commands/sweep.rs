//! `forewarn sweep`: from the grid file to the run's folder.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::failure::{Exit, Failure};
use super::progress::{Progress, describe};
use super::score::measure;
use crate::cli::Sweep;
use crate::data::Table;
use crate::engine::Engine;
use crate::engine::torch::{Placement, TorchEngine};
use crate::examples::Part;
use crate::model::{Description, Model, Provenance};
use crate::prepare::{Prepared, prepare};
use crate::record::{
    ClassCount, CurveLog, DataFacts, RunFile, RunFolder, RunStatus, SplitFacts, TrialCounts,
    Versions, now, write_atomically, write_confusion, write_trials,
};
use crate::report::write_report;
use crate::spec::{self, GridFile, Source, Study};
use crate::sweep::{self, AXES, Outcome, Settings, Status, Winner};
use crate::synth;

/// A grid of more trials is trained only when the user says so.
const MOST_TRIALS: u64 = 10_000;

pub(super) fn run(arguments: &Sweep) -> Result<Exit, Failure> {
    let started = Instant::now();
    let mut study = spec::load(&arguments.grid)?;
    study.file.seed = arguments.seed.unwrap_or(study.file.seed);
    confirm(&study, arguments)?;
    let placement = Placement::find(&arguments.device)?;
    let table = load(&study, arguments)?;
    let prepared = prepare(&table, &study.file, study.file.seed)?;
    let jobs = sweep::plan(sweep::trials(&study.file.grid), placement.pack_size());
    let default_out = || PathBuf::from("outputs").join(&study.file.name);
    let out = arguments.out.clone().unwrap_or_else(default_out);
    let folder = RunFolder::claim(&out, arguments.overwrite)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = placement.workers(arguments.jobs.map_or(cores, usize::from));
    let engine = TorchEngine::new(&placement, &prepared.folds)?;
    let mut file = run_file(&study.file, &table, &prepared, &placement.to_string(), workers);
    file.trials.total = jobs.iter().map(|job| job.trials.len()).sum();
    engine.name().clone_into(&mut file.engine);
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
    let outcome = sweep::run(&engine, jobs, &settings, &stop, &progress)?;
    progress.finish();
    drop(progress);
    log.close()?;

    write_trials(&folder.file("trials.csv"), &outcome.results)?;
    if let Some(winner) = &outcome.winner {
        keep(&folder, winner, &engine, &prepared, &file)?;
    }
    conclude(&mut file, &outcome, started);
    file.write(&folder.file("run.json"))?;
    write_report(folder.path())?;
    if !arguments.quiet {
        summarise(&outcome, &study.file, &folder);
    }
    for failure in &file.failures {
        eprintln!("{failure}");
    }
    Ok(exit(&file, arguments))
}

/// Asks before a very large grid is trained.
fn confirm(study: &Study, arguments: &Sweep) -> Result<(), Failure> {
    let trials = study.trials();
    if trials <= MOST_TRIALS || arguments.yes {
        return Ok(());
    }
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        eprint!("The grid makes {trials} trials. Train them all? [y/N] ");
        let _ = std::io::stderr().flush();
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

/// The first Ctrl-C raises the flag, which every pack reads once an epoch; a second one leaves.
fn listen_for_interrupts() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    let interrupted = AtomicBool::new(false);
    // Without a handler Ctrl-C ends the process at once, as it always did.
    let _ = ctrlc::set_handler(move || {
        if interrupted.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
        raised.store(true, Ordering::Relaxed);
    });
    stop
}

/// Everything of run.json that is known before the first epoch.
fn run_file(
    grid: &GridFile,
    table: &Table,
    prepared: &Prepared,
    device: &str,
    jobs: usize,
) -> RunFile {
    let command_line = std::env::args().collect::<Vec<_>>().join(" ");
    RunFile {
        name: grid.name.clone(),
        status: RunStatus::Running,
        command_line,
        started_at: now(),
        finished_at: None,
        elapsed_s: 0.0,
        device: device.to_owned(),
        engine: String::new(),
        jobs,
        seed: grid.seed,
        rank_by: grid.rank_by.name().to_owned(),
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
            features: prepared.recipe.names(),
            classes: prepared.classes.clone(),
        },
        split: split_facts(grid, prepared),
        trials: TrialCounts::default(),
        failures: Vec::new(),
        grid: grid.clone(),
    }
}

fn split_facts(grid: &GridFile, prepared: &Prepared) -> SplitFacts {
    let fold = &prepared.folds[0];
    let count = |part: Part, class: usize| {
        fold.part(part).labels.iter().filter(|&&label| label as usize == class).count()
    };
    let counts = prepared.classes.iter().enumerate().map(|(number, class)| ClassCount {
        class: class.clone(),
        train: count(Part::Train, number),
        valid: count(Part::Valid, number),
        test: count(Part::Test, number),
    });
    let description = match &grid.split {
        spec::Split::Shares(shares) => format!(
            "{} % train, {} % valid, {} % test{}",
            100.0 * shares.train.get(),
            100.0 * shares.valid.get(),
            100.0 * shares.test.get(),
            if shares.stratified { ", stratified" } else { "" }
        ),
        spec::Split::Folds(folds) => format!(
            "{} % test, {} folds of the rest{}",
            100.0 * folds.test.get(),
            folds.count.get(),
            if folds.stratified { ", stratified" } else { "" }
        ),
    };
    SplitFacts {
        description,
        folds: prepared.folds.len(),
        train: fold.train.labels.len(),
        valid: fold.valid.labels.len(),
        test: fold.test.labels.len(),
        class_counts: counts.collect(),
    }
}

fn announce(file: &RunFile, packs: usize) {
    let data = &file.data;
    println!("grid    {}: {} trials in {packs} packs", file.name, file.trials.total);
    println!("data    {}: {} rows, {} columns", data.source, data.rows, data.columns);
    for repair in &data.repairs {
        println!("note    {repair}");
    }
    for note in &data.notes {
        println!("note    {note}");
    }
    for warning in &data.warnings {
        println!("warning {warning}");
    }
    let split = &file.split;
    let folds = if split.folds > 1 { format!(", {} folds", split.folds) } else { String::new() };
    println!(
        "split   {} train, {} valid, {} test rows{folds}; {} classes of {:?}",
        split.train,
        split.valid,
        split.test,
        data.classes.len(),
        data.target
    );
    println!("device  {}, {} worker(s)", file.device, file.jobs);
}

/// Writes the winner's model, metrics and confusion matrices into best/.
fn keep(
    folder: &RunFolder,
    winner: &Winner,
    engine: &dyn Engine,
    prepared: &Prepared,
    file: &RunFile,
) -> Result<(), Failure> {
    let trial = &winner.result.trial;
    let provenance = Provenance {
        run: file.name.clone(),
        trial: trial.number,
        fold: winner.fold,
        epoch: winner.epoch,
        data_sha256: file.data.sha256.clone(),
        forewarn: file.versions.forewarn.to_owned(),
    };
    let description = Description::new(
        (winner.architecture.clone(), trial.dropout),
        (prepared.target.clone(), prepared.classes.clone()),
        prepared.recipe.clone(),
        prepared.pipelines[winner.fold].clone(),
        provenance,
    );
    let model = Model { description, weights: winner.weights.clone() };
    let best = folder.file("best");
    model.save(&best)?;
    let mut metrics = serde_json::Map::new();
    metrics.insert("trial".to_owned(), trial.number.into());
    metrics.insert("fold".to_owned(), winner.fold.into());
    metrics.insert("epoch".to_owned(), winner.epoch.into());
    for part in Part::ALL {
        let measured = measure(engine, &model, prepared.folds[winner.fold].part(part))?;
        let path = best.join(format!("confusion_{}.csv", part.name()));
        write_confusion(&path, &prepared.classes, &measured.confusion)?;
        let value = serde_json::to_value(measured);
        let value = value.map_err(|error| Failure::new(Exit::Other, error.to_string()))?;
        metrics.insert(part.name().to_owned(), value);
    }
    write_atomically(&best.join("metrics.json"), |out| {
        serde_json::to_writer_pretty(&mut *out, &metrics)?;
        out.write_all(b"\n")
    })?;
    Ok(())
}

/// Fills in what is known after the last epoch.
fn conclude(file: &mut RunFile, outcome: &Outcome, started: Instant) {
    file.status = if outcome.interrupted { RunStatus::Interrupted } else { RunStatus::Finished };
    file.finished_at = Some(now());
    file.elapsed_s = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    for result in &outcome.results {
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

/// The five best trials, the winner on test rows, and where everything is.
fn summarise(outcome: &Outcome, grid: &GridFile, folder: &RunFolder) {
    let count = |axis: usize| {
        let values = outcome.results.iter().map(|result| result.trial.settings()[axis].clone());
        values.collect::<std::collections::BTreeSet<_>>().len()
    };
    let varied: Vec<usize> = (0..AXES.len()).filter(|&axis| count(axis) > 1).collect();
    let finished = outcome.results.iter().filter(|result| result.scores.is_some());
    for (place, result) in finished.take(5).enumerate() {
        println!("{:>4}    {}", place + 1, describe(result, grid.rank_by, &varied));
    }
    let diverged =
        outcome.results.iter().filter(|result| matches!(result.status, Status::Diverged(_)));
    match diverged.count() {
        0 => {}
        trials => println!("note    {trials} trial(s) diverged: their loss stopped being finite"),
    }
    if let Some([_, _, test]) = outcome.winner.as_ref().and_then(|winner| winner.result.scores) {
        println!(
            "test    accuracy {:.4}, macro F1 {:.4}, macro recall {:.4}, MCC {:.4} (the winner's)",
            test.accuracy, test.macro_f1, test.macro_recall, test.mcc
        );
    }
    println!("wrote   {}", folder.file("report.html").display());
}

fn exit(file: &RunFile, arguments: &Sweep) -> Exit {
    if file.status == RunStatus::Interrupted {
        if !arguments.quiet {
            eprintln!(
                "stopped: {} of {} trials had ended",
                file.trials.finished, file.trials.total
            );
        }
        Exit::Interrupted
    } else if file.trials.finished == 0 {
        eprintln!(
            "error: no trial finished: {} diverged, {} failed",
            file.trials.diverged, file.trials.failed
        );
        Exit::NothingFinished
    } else if file.trials.failed > 0 {
        Exit::Other
    } else {
        Exit::Done
    }
}
