//! curves.csv: one row a trial, fold and round.

use std::fmt::Write as _;

use crate::sweep::{Columns, CurveRow};

/// The columns before the hyperparameters.
const FIGURES: [&str; 10] = [
    "trial",
    "fold",
    "seed",
    "epoch",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
    "test_loss",
    "test_accuracy",
];

/// The first line.
pub(super) fn header(columns: &Columns) -> String {
    // The seed has a column of its own.
    let names: Vec<&str> = FIGURES.into_iter().chain(columns.names_but_seed()).collect();
    format!("{}\n", names.join(","))
}

/// A row, with its line break.
pub(super) fn line(row: &CurveRow<'_>, columns: &Columns) -> String {
    let CurveRow { trial, fold, epoch } = row;
    let seed = trial.recipe().seed().map(|seed| seed.to_string()).unwrap_or_default();
    let mut line = format!("{},{fold},{seed},{}", trial.number, epoch.epoch);
    for means in [epoch.train, epoch.valid, epoch.test] {
        if means.accuracy.is_nan() {
            // No rows are of this part.
            line.push_str(",,");
            continue;
        }
        // Seven digits are what 32-bit training has; f32 prints no more than it needs.
        let _ = write!(line, ",{},{}", means.loss as f32, means.accuracy as f32);
    }
    for value in columns.values_but_seed(trial) {
        line.push(',');
        line.push_str(&value);
    }
    line.push('\n');
    line
}
