//! The data of the page: a bounded extract of the run, whatever the number of trials.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::curves::{Curve, Quantity, Split, series_name};
use super::diagnostics::Diagnostics;
use super::explained::{Explained, explain_families};
use super::families::Families;
use super::importance::Importances;
use super::record::{BestMetrics, EnsembleMetrics, RunRecord};
use super::trials::{TrialRow, TrialTable};
use crate::spec::RankBy;

/// How many trials the table of the page lists at most.
const MAX_LISTED_TRIALS: usize = 2_000;

/// How many points of a curve the page draws at most.
pub(super) const MAX_POINTS_PER_CURVE: usize = 1_000;

/// How many significant digits a point of a curve keeps: more than a screen can show.
const CURVE_DIGITS: i32 = 6;

/// Everything that is inlined into the page.
#[derive(Debug, Serialize)]
pub(super) struct PageData<'a> {
    pub run: &'a RunRecord,
    pub grid_text: Option<String>,
    pub lower_is_better: bool,
    /// The hyperparameter columns that take more than one value.
    pub varying: Vec<&'a str>,
    pub table: ListedTrials<'a>,
    pub curves: Vec<DrawnCurve<'a>>,
    /// Of the winner's family, where the run has several.
    #[serde(flatten)]
    pub explained: Explained<'a>,
    pub other_families: Vec<Explained<'a>>,
    pub families: Option<Families>,
    pub winner: Option<Winner<'a>>,
    pub ensemble: Option<EnsembleMetrics>,
    pub stacked: Option<EnsembleMetrics>,
    pub importance: Option<Importances>,
    pub diagnostics: Option<Diagnostics>,
}

/// The rows of the ranked table, cut to the best ones.
#[derive(Debug, Serialize)]
pub(super) struct ListedTrials<'a> {
    pub columns: &'a [String],
    pub settings: &'a [String],
    pub rows: Vec<&'a [String]>,
    pub total: usize,
}

/// A curve with what its tooltip says.
#[derive(Debug, Serialize)]
pub(super) struct DrawnCurve<'a> {
    pub trial: u64,
    pub rank: Option<u64>,
    pub best_epoch: Option<u64>,
    pub folds: usize,
    /// Every how many epochs a point is kept.
    pub stride: usize,
    /// The values of the varying settings, in their order.
    pub settings: Vec<&'a str>,
    pub epochs: Vec<u64>,
    pub series: BTreeMap<String, Vec<Option<f64>>>,
}

/// The trial on the winner card.
#[derive(Debug, Serialize)]
pub(super) struct Winner<'a> {
    pub trial: u64,
    pub rank: Option<u64>,
    pub best_epoch: Option<u64>,
    /// Every setting, named by `table.settings`.
    pub settings: &'a [String],
    /// Absent when `best/metrics.json` is not there.
    pub metrics: Option<&'a BestMetrics>,
}

/// The models of a run.
#[derive(Debug)]
pub(super) struct Models<'a> {
    /// The winner's card.
    pub winner: Option<Winner<'a>>,
    pub ensemble: Option<EnsembleMetrics>,
    pub stacked: Option<EnsembleMetrics>,
    /// Feature importance of the winner.
    pub importance: Option<Importances>,
    /// The best configuration of each family.
    pub families: Option<Families>,
    /// The curves of the winner by class, and its reliability.
    pub diagnostics: Option<Diagnostics>,
}

/// Gathers the data of the page; `best` are the trials whose curves are drawn.
pub(super) fn collect_page_data<'a>(
    run: &'a RunRecord,
    table: &'a TrialTable,
    best: &[&'a TrialRow],
    curves: &HashMap<u64, Curve>,
    Models { winner, ensemble, stacked, importance, families, diagnostics }: Models<'a>,
) -> PageData<'a> {
    let every: Vec<&TrialRow> = table.rows.iter().collect();
    let varying = table.differing_settings(&every);
    let draw = |row: &&'a TrialRow| {
        let curve = curves.get(&row.trial)?;
        Some(draw_curve(row, curve, &varying))
    };
    let lower_is_better = RankBy::falls(&run.rank_by);
    let (explained, other_families) = explain_families(table, lower_is_better);
    PageData {
        run,
        grid_text: run.rest.get("grid").and_then(|grid| serde_json::to_string_pretty(grid).ok()),
        lower_is_better,
        varying: names(table, &varying),
        table: ListedTrials {
            columns: &table.columns,
            settings: table.columns.get(table.settings.clone()).unwrap_or_default(),
            rows: table.rows.iter().take(MAX_LISTED_TRIALS).map(|row| &*row.cells).collect(),
            total: table.rows.len(),
        },
        curves: best.iter().filter_map(draw).collect(),
        explained,
        other_families,
        families,
        winner,
        ensemble,
        stacked,
        importance,
        diagnostics,
    }
}

impl<'a> Winner<'a> {
    /// Puts a row of the table on the card.
    pub fn new(table: &TrialTable, row: &'a TrialRow, metrics: Option<&'a BestMetrics>) -> Self {
        Self {
            trial: row.trial,
            rank: row.rank,
            best_epoch: row.best_epoch,
            settings: row.cells.get(table.settings.clone()).unwrap_or_default(),
            metrics,
        }
    }
}

fn names<'a>(table: &'a TrialTable, columns: &[usize]) -> Vec<&'a str> {
    columns.iter().filter_map(|&column| table.columns.get(column).map(String::as_str)).collect()
}

fn draw_curve<'a>(row: &'a TrialRow, curve: &Curve, varying: &[usize]) -> DrawnCurve<'a> {
    let stride = curve.epochs.len().div_ceil(MAX_POINTS_PER_CURVE).max(1);
    let mut series = BTreeMap::new();
    for split in Split::ALL {
        for quantity in Quantity::ALL {
            let values = curve.values(split, quantity).iter().step_by(stride);
            series.insert(series_name(split, quantity), values.map(|&v| shorten(v)).collect());
        }
    }
    DrawnCurve {
        trial: row.trial,
        rank: row.rank,
        best_epoch: row.best_epoch,
        folds: curve.folds,
        stride,
        settings: varying.iter().filter_map(|&c| row.cells.get(c).map(String::as_str)).collect(),
        epochs: curve.epochs.iter().step_by(stride).copied().collect(),
        series,
    }
}

/// Rounds to [`CURVE_DIGITS`] significant digits; `None` when not finite.
pub(super) fn shorten(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let digits = CURVE_DIGITS as usize - 1;
    format!("{value:.digits$e}").parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    #[test]
    fn points_keep_six_digits_and_gaps_stay_gaps() {
        assert_eq!(shorten(0.123_456_789), Some(0.123_457));
        assert_eq!(shorten(1_234_567.0), Some(1_234_570.0));
        assert_eq!(shorten(0.0), Some(0.0));
        assert_eq!(shorten(f64::NAN), None);
        assert_eq!(shorten(f64::INFINITY), None);
    }
}
