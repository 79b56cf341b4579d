//! The plots of the winner's curves: `roc.svg`, `precision_recall.svg`, `cumulative_gain.svg` and
//! `reliability.svg`.

use plotters::style::RGBColor;

use super::drawn::{
    Diagnostics, DrawnBins, DrawnClass, DrawnPart, DrawnPoint, DrawnReliability, MOST_CLASSES,
};
use super::unit_chart::{Entry, UnitChart, draw_unit_chart};
use crate::report::error::ReportError;
use crate::report::plots::Plot;

/// The colours of the page, which differ in lightness as well as in hue.
const COLOURS: [RGBColor; MOST_CLASSES] = [
    RGBColor(11, 83, 148),
    RGBColor(224, 112, 16),
    RGBColor(38, 152, 126),
    RGBColor(162, 34, 92),
    RGBColor(60, 155, 217),
    RGBColor(107, 95, 88),
    RGBColor(168, 136, 13),
    RGBColor(122, 79, 194),
];

/// The radius of a dot that stands for all rows, px.
const LARGEST_DOT: f64 = 14.0;

/// Draws the plots on test rows, or on validation rows where there are none; those that have nothing to draw
/// are left out. `model` names the run and the winner in every subtitle.
///
/// # Errors
/// [`ReportError::Draw`].
pub(in crate::report) fn draw_diagnostics(
    model: &str,
    found: &Diagnostics,
) -> Result<Vec<Plot>, ReportError> {
    let mut charts = Vec::new();
    if let Some(part) = found.parts.first() {
        charts.extend([
            ("roc.svg", roc(part, found)),
            ("precision_recall.svg", precision_recall(part, found)),
            ("cumulative_gain.svg", cumulative_gain(part, found)),
        ]);
    }
    charts.extend(found.reliability.first().map(|one| ("reliability.svg", reliability(one))));
    let draw = |(file_name, chart): (&str, UnitChart)| {
        let chart = UnitChart { subtitle: format!("{model}, {}", chart.subtitle), ..chart };
        match draw_unit_chart(&chart) {
            Ok(svg) => Ok(Plot { file_name: file_name.to_owned(), svg }),
            Err(reason) => Err(ReportError::Draw { plot: file_name.to_owned(), reason }),
        }
    };
    charts.into_iter().filter(|(_, chart)| !chart.entries.is_empty()).map(draw).collect()
}

fn roc(part: &DrawnPart, found: &Diagnostics) -> UnitChart {
    let entries =
        entries(part, found, |class| (places(&class.roc), labelled("AUC", class.roc_auc)));
    UnitChart {
        title: "ROC curves of the winner, one class against the rest".to_owned(),
        x_name: "false positive rate",
        y_name: "true positive rate",
        diagonal: Some("guessing"),
        ..of_part(part, found, entries)
    }
}

fn precision_recall(part: &DrawnPart, found: &Diagnostics) -> UnitChart {
    let entries = entries(part, found, |class| {
        let share = class.rows.zip(part.rows).map(|(rows, all)| rows as f64 / all as f64);
        let share = share.map(|share| format!(", share {share:.3}")).unwrap_or_default();
        let precision = labelled("average precision", class.average_precision);
        (steps(&class.precision_recall), precision + &share)
    });
    UnitChart {
        title: "Precision and recall of the winner, one class against the rest".to_owned(),
        x_name: "recall",
        y_name: "precision",
        ..of_part(part, found, entries)
    }
}

fn cumulative_gain(part: &DrawnPart, found: &Diagnostics) -> UnitChart {
    let entries = entries(part, found, |class| {
        let percent = class.gain.map(|gain| format!("{:.1} % in the first 10 %", 100.0 * gain));
        (places(&class.cumulative_gain), percent.unwrap_or_default())
    });
    UnitChart {
        title: "Cumulative gain of the winner, by class".to_owned(),
        x_name: "share of the rows, most probable first",
        y_name: "share of the class found",
        diagonal: Some("guessing"),
        ..of_part(part, found, entries)
    }
}

fn reliability(found: &DrawnReliability) -> UnitChart {
    let colour = |line: &DrawnBins| COLOURS[usize::from(!line.is_after)];
    let several = found.lines.len() > 1;
    let entries = found.lines.iter().rev().map(|line| {
        let rows: u64 = line.bins.iter().map(|bin| bin.rows).sum();
        let radius = |share: f64| (LARGEST_DOT * share.sqrt()).max(2.0) as i32;
        let name = match (line.is_after, several) {
            (true, _) => "after calibration",
            (false, true) => "before calibration",
            (false, false) => "the winner, not calibrated",
        };
        Entry {
            name: name.to_owned(),
            detail: labelled("calibration error", line.expected_calibration_error),
            colour: if several { colour(line) } else { COLOURS[0] },
            points: line.bins.iter().map(|bin| (bin.mean_confidence, bin.accuracy)).collect(),
            dots: line.bins.iter().map(|bin| radius(bin.rows as f64 / rows as f64)).collect(),
        }
    });
    UnitChart {
        title: "Reliability of the winner's probabilities".to_owned(),
        subtitle: name_rows(found.part, None),
        x_name: "confidence: probability of the predicted class",
        y_name: "accuracy",
        diagonal: Some("perfectly calibrated"),
        entries: entries.collect(),
        note: Some("The area of a dot is its share of the rows.".to_owned()),
    }
}

/// What the charts of classes have in common.
fn of_part(part: &DrawnPart, found: &Diagnostics, entries: Vec<Entry>) -> UnitChart {
    let note = found.chosen_on.map(|_| {
        format!("{} of {} classes: lowest average precision", found.classes.len(), found.of_classes)
    });
    let subtitle = name_rows(part.part, part.rows);
    UnitChart {
        title: String::new(),
        subtitle,
        x_name: "",
        y_name: "",
        diagonal: None,
        entries,
        note,
    }
}

fn entries(
    part: &DrawnPart,
    found: &Diagnostics,
    draw: impl Fn(&DrawnClass) -> (Vec<(f64, f64)>, String),
) -> Vec<Entry> {
    let entry = |class: &DrawnClass| {
        let (points, detail) = draw(class);
        let name = found.classes.get(class.place).cloned().unwrap_or_default();
        let colour = COLOURS[class.place % COLOURS.len()];
        Entry { name, detail, colour, points, dots: Vec::new() }
    };
    part.classes.iter().map(entry).filter(|entry| !entry.points.is_empty()).collect()
}

fn places(points: &[DrawnPoint]) -> Vec<(f64, f64)> {
    points.iter().map(|&(x, y, _)| (x, y)).collect()
}

/// The corners of steps: the precision of a point holds from the point before it.
fn steps(points: &[DrawnPoint]) -> Vec<(f64, f64)> {
    let pairs = points.windows(2).flat_map(|pair| [(pair[0].0, pair[1].1), (pair[1].0, pair[1].1)]);
    points.first().map(|&(x, y, _)| (x, y)).into_iter().chain(pairs).collect()
}

fn labelled(name: &str, score: Option<f64>) -> String {
    score.map(|score| format!("{name} {score:.3}")).unwrap_or_default()
}

fn name_rows(part: &str, rows: Option<u64>) -> String {
    let part = if part == "valid" { "validation" } else { part };
    rows.map_or(format!("{part} rows"), |rows| format!("{rows} {part} rows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_is_drawn_in_steps() {
        let points = [(0.0, 1.0, None), (0.5, 0.8, None), (1.0, 0.4, None)];
        let corners = [(0.0, 1.0), (0.0, 0.8), (0.5, 0.8), (0.5, 0.4), (1.0, 0.4)];
        assert_eq!(steps(&points), corners);
        assert!(steps(&[]).is_empty());
    }

    #[test]
    fn the_subtitle_says_which_rows() {
        assert_eq!(name_rows("valid", Some(60)), "60 validation rows");
        assert_eq!(name_rows("test", None), "test rows");
    }
}
