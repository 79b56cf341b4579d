//! The four plots of a run: the best trials compared, and the winner on its own.

use std::collections::HashMap;
use std::ops::Range;

use plotters::style::RGBColor;

use super::chart::{Chart, Line, Mark, draw_chart};
use super::curves::{Curve, Quantity, Split};
use super::error::ReportError;
use super::trials::{TrialRow, TrialTable};

/// How many trials are compared in one plot: as many as can be told apart.
const COMPARED_TRIALS: usize = 6;

/// A loss that spans more than this factor is drawn on a log scale.
const LOG_SCALE_RATIO: f64 = 100.0;

/// Colours that differ in lightness as well as in hue, so that they stay apart for readers with
/// red-green or blue-yellow colour blindness and in grey print.
const PALETTE: [RGBColor; COMPARED_TRIALS] = [
    RGBColor(11, 83, 148),
    RGBColor(224, 112, 16),
    RGBColor(38, 152, 126),
    RGBColor(162, 34, 92),
    RGBColor(96, 178, 232),
    RGBColor(70, 62, 58),
];

/// A plot ready to be written: its file name and its SVG text.
#[derive(Debug)]
pub(super) struct Plot {
    pub file_name: String,
    pub svg: String,
}

/// Draws `best_valid_{loss,accuracy}.svg` and `winner_{loss,accuracy}.svg`.
///
/// A plot without a single finite value is not drawn.
///
/// # Errors
/// [`ReportError::Draw`].
pub(super) fn draw_plots(
    run_name: &str,
    rank_by: &str,
    table: &TrialTable,
    curves: &HashMap<u64, Curve>,
    winner: Option<&TrialRow>,
) -> Result<Vec<Plot>, ReportError> {
    let best = table.best(COMPARED_TRIALS);
    let mut charts = Vec::new();
    for quantity in Quantity::ALL {
        let subtitle = format!("{run_name}, ranked by {rank_by}");
        let lines = compare_trials(table, &best, curves, quantity);
        let title = format!("Validation {} of the best trials", quantity.name());
        let file_name = format!("best_valid_{}.svg", quantity.name());
        charts.push((file_name, lay_out(title, subtitle, quantity, lines, None)));
    }
    if let Some((row, curve)) = winner.and_then(|row| Some((row, curves.get(&row.trial)?))) {
        for quantity in Quantity::ALL {
            let title = format!("{} of the winner, trial {}", capital(quantity), row.trial);
            let lines = winner_lines(curve, quantity);
            let subtitle = winner_subtitle(run_name, curve);
            let file_name = format!("winner_{}.svg", quantity.name());
            charts.push((file_name, lay_out(title, subtitle, quantity, lines, row.best_epoch)));
        }
    }
    charts
        .into_iter()
        .filter_map(|(file_name, chart)| Some((file_name, chart?)))
        .map(|(file_name, chart)| match draw_chart(&chart) {
            Ok(svg) => Ok(Plot { file_name, svg }),
            Err(reason) => Err(ReportError::Draw { plot: file_name, reason }),
        })
        .collect()
}

fn compare_trials(
    table: &TrialTable,
    best: &[&TrialRow],
    curves: &HashMap<u64, Curve>,
    quantity: Quantity,
) -> Vec<Line> {
    let differing = table.differing_settings(best);
    best.iter()
        .zip(PALETTE)
        .filter_map(|(row, colour)| {
            let curve = curves.get(&row.trial)?;
            let label = label_trial(table, row, &differing);
            Some(Line { label, colour, points: points(curve, Split::Valid, quantity) })
        })
        .collect()
}

/// Names a trial by its number and its values in `columns`.
fn label_trial(table: &TrialTable, row: &TrialRow, columns: &[usize]) -> String {
    let settings: Vec<String> = columns
        .iter()
        .filter_map(|&column| {
            Some(format!("{} {}", table.columns.get(column)?, row.cells.get(column)?))
        })
        .collect();
    if settings.is_empty() {
        return format!("trial {}", row.trial);
    }
    format!("trial {}: {}", row.trial, settings.join(", "))
}

fn winner_lines(curve: &Curve, quantity: Quantity) -> Vec<Line> {
    Split::ALL
        .into_iter()
        .zip(PALETTE)
        .map(|(split, colour)| Line {
            label: split.name().to_owned(),
            colour,
            points: points(curve, split, quantity),
        })
        .collect()
}

fn winner_subtitle(run_name: &str, curve: &Curve) -> String {
    if curve.folds > 1 {
        format!("{run_name}, mean of {} folds", curve.folds)
    } else {
        run_name.to_owned()
    }
}

fn points(curve: &Curve, split: Split, quantity: Quantity) -> Vec<(f64, f64)> {
    let epochs = curve.epochs.iter().map(|&epoch| epoch as f64);
    epochs.zip(curve.values(split, quantity).iter().copied()).collect()
}

/// Chooses the ranges and the scale; `None` when no value is finite.
fn lay_out(
    title: String,
    subtitle: String,
    quantity: Quantity,
    lines: Vec<Line>,
    best_epoch: Option<u64>,
) -> Option<Chart> {
    let all = || lines.iter().flat_map(|line| line.points.iter());
    let (low, high) = extent(all().map(|(_, value)| *value))?;
    let (first, last) = extent(all().map(|(epoch, _)| *epoch))?;
    let log_y = quantity == Quantity::Loss && low > 0.0 && high / low > LOG_SCALE_RATIO;
    let y_range = match quantity {
        _ if log_y => low / 1.2..high * 1.2,
        Quantity::Loss => pad(low, high, 0.0, f64::INFINITY),
        Quantity::Accuracy => pad(low, high, 0.0, 1.0),
    };
    let side = ((last - first) * 0.015).max(0.5);
    Some(Chart {
        title,
        subtitle,
        y_name: if log_y { "loss (log scale)" } else { quantity.name() }.to_owned(),
        log_y,
        x_range: first - side..last + side,
        y_range,
        lines,
        mark: best_epoch
            .map(|epoch| Mark { epoch: epoch as f64, label: format!("best epoch, {epoch}") })
            .filter(|mark| (first..=last).contains(&mark.epoch)),
    })
}

/// The least and the greatest finite value.
fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// Zooms to the data with a little room, inside the values that are possible.
fn pad(low: f64, high: f64, floor: f64, ceiling: f64) -> Range<f64> {
    let room = ((high - low) * 0.06).max(high.abs() * 1e-3).max(1e-6);
    // A hair past the bound keeps a line that lies on it whole.
    let hair = room * 0.2;
    (low - room).max(floor - hair)..(high + room).min(ceiling + hair)
}

fn capital(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Loss => "Loss",
        Quantity::Accuracy => "Accuracy",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    fn lines(values: &[f64]) -> Vec<Line> {
        let points = values.iter().enumerate().map(|(i, v)| (i as f64 + 1.0, *v)).collect();
        vec![Line { label: "a".to_owned(), colour: PALETTE[0], points }]
    }

    fn chart(quantity: Quantity, values: &[f64], best: Option<u64>) -> Option<Chart> {
        lay_out(String::new(), String::new(), quantity, lines(values), best)
    }

    #[test]
    fn the_accuracy_axis_zooms_to_the_data_and_stays_near_one() {
        let range = chart(Quantity::Accuracy, &[0.95, 0.99, 1.0], None).unwrap().y_range;
        assert!(range.start > 0.94 && range.end < 1.001, "{range:?}");
    }

    #[test]
    fn a_loss_over_two_decades_is_drawn_on_a_log_scale() {
        assert!(chart(Quantity::Loss, &[5.0, 0.01], None).unwrap().log_y);
        assert!(!chart(Quantity::Loss, &[5.0, 0.1], None).unwrap().log_y);
        assert!(!chart(Quantity::Loss, &[5.0, 0.0], None).unwrap().log_y);
    }

    #[test]
    fn values_that_are_not_finite_do_not_stretch_the_axis() {
        let range = chart(Quantity::Loss, &[1.0, f64::INFINITY, f64::NAN], None).unwrap().y_range;
        assert!(range.end < 1.1, "{range:?}");
        assert!(chart(Quantity::Loss, &[f64::NAN], None).is_none());
    }

    #[test]
    fn one_epoch_still_has_an_axis() {
        let chart = chart(Quantity::Loss, &[1.0], Some(1)).unwrap();
        assert!(chart.x_range.start < 1.0 && chart.x_range.end > 1.0);
        assert!(draw_chart(&chart).unwrap().contains("<circle"));
    }

    #[test]
    fn a_best_epoch_outside_the_curve_is_not_marked() {
        assert!(chart(Quantity::Loss, &[1.0, 2.0], Some(9)).unwrap().mark.is_none());
    }
}
