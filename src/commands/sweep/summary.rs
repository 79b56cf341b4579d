//! What a sweep prints before and after training.

use std::collections::BTreeMap;

use super::families::print_families;
use crate::commands::numbers::range;
use crate::commands::progress::describe;
use crate::metrics::{Intervals, PartMetrics, Score};
use crate::plural::{counted, grouped};
use crate::record::{KeptModel, RunFile, RunFolder};
use crate::spec::Family;
use crate::sweep::{Outcome, Status, Varied, Winner};

/// The grid, the table with what was repaired, the split, the device.
pub(super) fn announce(file: &RunFile, packs: usize) {
    let data = &file.data;
    let trials = counted(file.trials.total, "trial");
    say!("grid    {}: {trials} in {}", file.name, counted(packs, "pack"));
    let (rows, columns) = (counted(data.rows, "row"), counted(data.columns, "column"));
    say!("data    {}: {rows}, {columns}", data.source);
    for repair in &data.repairs {
        say!("note    {repair}");
    }
    for note in &data.notes {
        say!("note    {note}");
    }
    for warning in &data.warnings {
        say!("warning {warning}");
    }
    let split = &file.split;
    let folds = if split.folds > 1 { format!(", {} folds", split.folds) } else { String::new() };
    let trained_on = match split.trained_on {
        rows if rows == split.train => String::new(),
        rows => format!(" ({} trained on)", grouped(rows)),
    };
    say!(
        "split   {} train{trained_on}, {} valid, {} test rows{folds}; {} classes of {:?}",
        grouped(split.train),
        grouped(split.valid),
        grouped(split.test),
        data.classes.len(),
        data.target
    );
    say!("device  {}, {}, engine {}", file.device, counted(file.jobs, "worker"), file.engine);
}

/// The test scores of a run's models.
#[derive(Default)]
pub(super) struct RunSummary {
    /// Whether they are the final models that the key `model` asks for, not the winner as trained by the sweep.
    pub is_final: bool,
    pub best: Option<PartMetrics>,
    pub ensemble: Option<PartMetrics>,
    pub stacked: Option<PartMetrics>,
    /// How many models the ensemble has.
    pub members: usize,
    /// The saved model of each family, if the run has several.
    pub kept: BTreeMap<Family, KeptModel>,
}

/// The five best trials, the winner on test rows, and where everything is.
pub(super) fn summarise(
    outcome: &Outcome,
    (file, score): (&RunFile, Score),
    summary: &RunSummary,
    folder: &RunFolder,
) {
    let grid = &file.grid;
    let varied = Varied::among(outcome.results.iter().map(|result| &result.trial));
    let finished = outcome.results.iter().filter(|result| result.scores.is_some());
    for (place, result) in finished.take(5).enumerate() {
        say!("{:>4}    {}", place + 1, describe(result, (&grid.rank_by, score), &varied));
    }
    print_families(outcome, (file, score), &summary.kept);
    let diverged =
        outcome.results.iter().filter(|result| matches!(result.status, Status::Diverged(_)));
    match diverged.count() {
        0 => {}
        trials => say!("note    {} diverged: the loss was not finite", counted(trials, "trial")),
    }
    let intervals = summary.best.as_ref().filter(|_| !summary.is_final).map(|best| &best.intervals);
    let winner = outcome.winner(score);
    if let Some(scores) = winner.and_then(|winner| on_test(winner, intervals)) {
        say!("test    {scores}");
    }
    let refitted = match (grid.model.refit, grid.model.bagged) {
        (true, _) => ", refitted on train and validation rows",
        (_, true) => ", the mean of the folds' models",
        _ => "",
    };
    if let Some(best) = summary.best.as_ref().filter(|_| summary.is_final) {
        say!("best    {} (on test rows{refitted})", figures(best));
    }
    if let Some(ensemble) = &summary.ensemble {
        let models = counted(summary.members, "model");
        say!("mean    {} (on test rows, of {models}{refitted})", figures(ensemble));
    }
    if let Some(stacked) = &summary.stacked {
        say!("stacked {} (on test rows{refitted})", figures(stacked));
    }
    say!("wrote   {}", folder.file("report.html").display());
}

/// Scores with their intervals.
fn figures(metrics: &PartMetrics) -> String {
    let PartMetrics { scores, intervals, .. } = metrics;
    let of_rates = (&scores.macro_average, &intervals.macro_average);
    let figures = [
        ("accuracy", scores.accuracy, intervals.accuracy),
        ("macro F1", of_rates.0.f1, of_rates.1.f1),
        ("macro recall", of_rates.0.recall, of_rates.1.recall),
        ("MCC", scores.mcc, intervals.mcc),
    ];
    let shown =
        figures.map(|(name, score, interval)| format!("{name} {score:.4} {}", range(interval)));
    shown.join(", ")
}

/// The winner's scores on test rows: over folds their means and deviations, else with the intervals.
fn on_test(winner: &Winner, intervals: Option<&Intervals>) -> Option<String> {
    // Without test rows there are no scores.
    let [_, _, mean] = winner.result.scores.filter(|[_, _, test]| !test.accuracy.is_nan())?;
    let deviation = winner.result.deviations().map(|[_, _, test]| test);
    let figures = [
        ("accuracy", mean.accuracy, deviation.map(|scores| scores.accuracy)),
        ("macro F1", mean.macro_f1, deviation.map(|scores| scores.macro_f1)),
        ("macro recall", mean.macro_recall, deviation.map(|scores| scores.macro_recall)),
        ("MCC", mean.mcc, deviation.map(|scores| scores.mcc)),
    ];
    let ranges = intervals.map(|intervals| {
        let rates = &intervals.macro_average;
        [intervals.accuracy, rates.f1, rates.recall, intervals.mcc].map(range)
    });
    let shown = figures.iter().enumerate().map(|(place, (name, score, deviation))| {
        match (deviation, &ranges) {
            (Some(deviation), _) => format!("{name} {score:.4} ± {deviation:.4}"),
            (None, Some(ranges)) => format!("{name} {score:.4} {}", ranges[place]),
            (None, None) => format!("{name} {score:.4}"),
        }
    });
    let whose = match winner.result.folds.len() {
        folds @ 2.. => format!("the winner's, mean and standard deviation of {folds} folds"),
        _ if ranges.is_some() => "the winner's, with 95 % intervals".to_owned(),
        _ => "the winner's".to_owned(),
    };
    Some(format!("{} ({whose})", shown.collect::<Vec<_>>().join(", ")))
}
