//! curves.csv: one row a network and epoch.

use std::fmt::Write as _;

use crate::sweep::{AXES, CurveRow};

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
pub(super) fn header() -> String {
    // The seed has its column among the figures.
    let axes = AXES.iter().filter(|axis| **axis != "seed");
    let names: Vec<&str> = FIGURES.iter().chain(axes).copied().collect();
    format!("{}\n", names.join(","))
}

/// A row, with its line break.
pub(super) fn line(row: &CurveRow<'_>) -> String {
    let CurveRow { trial, fold, epoch } = row;
    let mut line = format!("{},{fold},{},{}", trial.number, trial.seed, epoch.epoch);
    for means in [epoch.train, epoch.valid, epoch.test] {
        if means.accuracy.is_nan() {
            // No rows are of this part.
            line.push_str(",,");
            continue;
        }
        // Seven digits are what 32-bit training has; f32 prints no more than it needs.
        let _ = write!(line, ",{},{}", means.loss as f32, means.accuracy as f32);
    }
    for (axis, value) in AXES.iter().zip(trial.settings()) {
        if *axis != "seed" {
            line.push(',');
            line.push_str(&value);
        }
    }
    line.push('\n');
    line
}
