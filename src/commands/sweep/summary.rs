//! What a sweep prints before and after its run.

use crate::commands::progress::describe;
use crate::record::{RunFile, RunFolder};
use crate::spec::Split;
use crate::sweep::{Outcome, Status, Varied};

/// The grid, the table with what was repaired, the split, the device.
pub(super) fn announce(file: &RunFile, packs: usize) {
    let data = &file.data;
    say!("grid    {}: {} trial(s) in {packs} pack(s)", file.name, file.trials.total);
    say!("data    {}: {} rows, {} columns", data.source, data.rows, data.columns);
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
        rows => format!(" ({rows} trained on)"),
    };
    say!(
        "split   {} train{trained_on}, {} valid, {} test rows{folds}; {} classes of {:?}",
        split.train,
        split.valid,
        split.test,
        data.classes.len(),
        data.target
    );
    say!("device  {}, {} worker(s), engine {}", file.device, file.jobs, file.engine);
}

/// The five best trials, the winner on test rows, and where everything is.
pub(super) fn summarise(outcome: &Outcome, file: &RunFile, folder: &RunFolder) {
    let grid = &file.grid;
    let varied = Varied::among(outcome.results.iter().map(|result| &result.trial));
    let finished = outcome.results.iter().filter(|result| result.scores.is_some());
    for (place, result) in finished.take(5).enumerate() {
        say!("{:>4}    {}", place + 1, describe(result, grid.rank_by, &varied));
    }
    let diverged =
        outcome.results.iter().filter(|result| matches!(result.status, Status::Diverged(_)));
    match diverged.count() {
        0 => {}
        trials => say!("note    {trials} trial(s) diverged: their loss stopped being finite"),
    }
    let means = match &grid.split {
        Split::Folds(folds) => format!(", mean of {} folds", folds.count.get()),
        Split::Shares(_) => String::new(),
    };
    if let Some([_, _, test]) = outcome.winner.as_ref().and_then(|winner| winner.result.scores) {
        say!(
            "test    accuracy {:.4}, macro F1 {:.4}, macro recall {:.4}, MCC {:.4} (the winner's{means})",
            test.accuracy,
            test.macro_f1,
            test.macro_recall,
            test.mcc
        );
    }
    say!("wrote   {}", folder.file("report.html").display());
}
