//! What the page is told: a bounded extract of the run, whatever the number of trials.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::anova::{Anova, explain};
use super::axes::{Axis, Scored};
use super::curves::{Curve, Quantity, Split, series_name};
use super::diagnostics::Diagnostics;
use super::importance::Importances;
use super::record::{BestMetrics, EnsembleMetrics, RunRecord};
use super::score_map::{ScoreMap, map_scores};
use super::slices::{Slices, slice};
use super::trials::{TrialRow, TrialTable};

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
    /// The hyperparameters in which the trials with a score differ.
    pub axes: Vec<Axis>,
    pub anova: Option<Anova>,
    pub score_map: ScoreMap,
    pub slices: Slices,
    /// The family whose trials the score is explained by, where the run has others too.
    pub explained_family: Option<&'a str>,
    pub winner: Option<Winner<'a>>,
    pub ensemble: Option<EnsembleMetrics>,
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

/// The models of a run: the winner's card, the ensemble, and what the winner goes by.
pub(super) type Models<'a> = (Option<Winner<'a>>, Option<EnsembleMetrics>, Option<Importances>);

/// Gathers the data of the page; `best` are the trials whose curves are drawn.
pub(super) fn collect_page_data<'a>(
    run: &'a RunRecord,
    table: &'a TrialTable,
    best: &[&'a TrialRow],
    curves: &HashMap<u64, Curve>,
    (winner, ensemble, importance): Models<'a>,
    diagnostics: Option<Diagnostics>,
) -> PageData<'a> {
    let every: Vec<&TrialRow> = table.rows.iter().collect();
    let varying = table.differing_settings(&every);
    let draw = |row: &&'a TrialRow| {
        let curve = curves.get(&row.trial)?;
        Some(draw_curve(row, curve, &varying))
    };
    let lower_is_better = run.rank_by.ends_with("loss");
    let scored = Scored::of(table);
    let anova = explain(&scored, lower_is_better);
    let order: Vec<usize> = match &anova {
        Some(found) => found.single.iter().flat_map(|share| share.axes.iter().copied()).collect(),
        None => (0..scored.axes.len()).collect(),
    };
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
        score_map: map_scores(&scored, &order, lower_is_better),
        slices: slice(&scored, lower_is_better),
        explained_family: scored.family,
        anova,
        axes: scored.axes,
        winner,
        ensemble,
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
