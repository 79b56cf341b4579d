//! What is drawn of the curves: a bounded number of classes.

use std::collections::HashSet;

use serde::Serialize;

use super::tables::{Bins, Curve};
use crate::examples::Part;
use crate::metrics::{Bin, CurvePoint, Reliability, gain_at};
use crate::report::record::{ClassMetrics, PartsMetrics, SplitMetrics};

/// How many classes are drawn at most: as many as there are colours that can be told apart.
pub(super) const MOST_CLASSES: usize = 8;

/// The share of the rows of which a legend says how much of the class is among them.
const FIRST_ROWS: f64 = 0.1;

/// The curves of the winner and its reliability, part by part: test, valid, train rows.
#[derive(Debug, Serialize)]
pub(in crate::report) struct Diagnostics {
    /// The classes that are drawn, in the order of their colours.
    pub classes: Vec<String>,
    /// How many classes have curves.
    pub of_classes: usize,
    /// The part whose average precision chose the classes, the lowest first; `None` if all are drawn.
    pub chosen_on: Option<&'static str>,
    pub parts: Vec<DrawnPart>,
    pub reliability: Vec<DrawnReliability>,
}

/// The curves on the rows of a part.
#[derive(Debug, Serialize)]
pub(in crate::report) struct DrawnPart {
    pub part: &'static str,
    /// How many rows, where that is known.
    pub rows: Option<u64>,
    pub classes: Vec<DrawnClass>,
}

/// The curves of a class, each point `[x, y, threshold]`.
#[derive(Debug, Serialize)]
pub(in crate::report) struct DrawnClass {
    /// Which of the drawn classes.
    pub place: usize,
    pub rows: Option<u64>,
    pub roc_auc: Option<f64>,
    pub average_precision: Option<f64>,
    /// The share of the class in the first tenth of the rows.
    pub gain: Option<f64>,
    pub roc: Vec<DrawnPoint>,
    pub precision_recall: Vec<DrawnPoint>,
    pub cumulative_gain: Vec<DrawnPoint>,
}

/// A point rounded for drawing, and its threshold.
pub(in crate::report) type DrawnPoint = (f64, f64, Option<f64>);

/// Confidence beside accuracy on the rows of a part.
#[derive(Debug, Serialize)]
pub(in crate::report) struct DrawnReliability {
    pub part: &'static str,
    /// Before calibration, and after it where the model is calibrated.
    pub lines: Vec<DrawnBins>,
}

/// The bins of one line.
#[derive(Debug, Serialize)]
pub(in crate::report) struct DrawnBins {
    /// Whether the probabilities are calibrated.
    pub is_after: bool,
    pub expected_calibration_error: Option<f64>,
    pub bins: Vec<DrawnBin>,
}

/// See [`Bin`].
#[derive(Debug, Serialize)]
pub(in crate::report) struct DrawnBin {
    pub lower: f64,
    pub upper: f64,
    pub rows: u64,
    pub mean_confidence: f64,
    pub accuracy: f64,
}

/// Test rows first, as everywhere on the page.
const ORDER: [Part; 3] = [Part::Test, Part::Valid, Part::Train];

impl Diagnostics {
    /// Takes what is drawn from the ROC, precision-recall and gain curves, and the bins.
    pub(super) fn new(
        curves: &[Vec<Curve>; 3],
        reliability: &[Bins],
        metrics: Option<&PartsMetrics>,
    ) -> Self {
        let metrics = Known { metrics };
        let (classes, of_classes, chosen_on) = choose(curves, &metrics);
        let draw = |part| draw_part(part, curves, &classes, &metrics);
        let parts = ORDER.into_iter().map(draw).filter(|part| !part.classes.is_empty()).collect();
        let of_part = |part| reliability.iter().find(|bins| bins.part == part);
        let reliability = ORDER.into_iter().filter_map(of_part).map(draw_bins).collect();
        let chosen_on = chosen_on.map(Part::name);
        Self { classes, of_classes, chosen_on, parts, reliability }
    }
}

/// What `metrics.json` says, where it is there.
struct Known<'a> {
    metrics: Option<&'a PartsMetrics>,
}

impl<'a> Known<'a> {
    fn part(&self, part: Part) -> Option<&'a SplitMetrics> {
        let metrics = self.metrics?;
        match part {
            Part::Train => metrics.train.as_ref(),
            Part::Valid => metrics.valid.as_ref(),
            Part::Test => metrics.test.as_ref(),
        }
    }

    fn class(&self, part: Part, name: &str) -> Option<&'a ClassMetrics> {
        self.part(part)?.per_class.iter().find(|one| one.class == name)
    }

    fn score(&self, part: Part, class: &str, name: &str) -> Option<f64> {
        self.class(part, class)?.scores.get(name)?.as_f64()
    }
}

/// The classes to draw, how many there are, and the part that chose them: all in their order, or of
/// many those with the lowest average precision, and of equals those with the fewest rows.
fn choose(curves: &[Vec<Curve>; 3], metrics: &Known) -> (Vec<String>, usize, Option<Part>) {
    let mut classes: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    for curve in curves.iter().flatten() {
        if seen.insert(curve.class.as_str()) {
            classes.push(&curve.class);
        }
    }
    let count = classes.len();
    let has_curves = |part: &Part| curves.iter().flatten().any(|curve| curve.part == *part);
    let by = ORDER.into_iter().find(has_curves).filter(|_| count > MOST_CLASSES);
    if let Some(part) = by {
        let rank = |class: &str| {
            let score = |name| metrics.score(part, class, name).unwrap_or(f64::INFINITY);
            [score("pr_auc"), score("support")]
        };
        let mut ranked: Vec<([f64; 2], &str)> =
            classes.iter().map(|class| (rank(class), *class)).collect();
        ranked.sort_by(|([one, few], _), ([other, many], _)| {
            one.total_cmp(other).then_with(|| few.total_cmp(many))
        });
        classes = ranked.into_iter().map(|(_, class)| class).take(MOST_CLASSES).collect();
    }
    (classes.into_iter().map(str::to_owned).collect(), count, by)
}

fn draw_part(
    part: Part,
    curves: &[Vec<Curve>; 3],
    classes: &[String],
    metrics: &Known,
) -> DrawnPart {
    let draw = |(place, class): (usize, &String)| {
        let find = |curves: &Vec<Curve>| -> Vec<CurvePoint> {
            let found = curves.iter().find(|one| one.part == part && one.class == *class);
            found.map(|curve| curve.points.clone()).unwrap_or_default()
        };
        let [roc, precision_recall, gain] = curves.each_ref().map(find);
        let drawn = DrawnClass {
            place,
            rows: metrics.class(part, class).and_then(|one| one.scores.get("support")?.as_u64()),
            roc_auc: metrics.score(part, class, "roc_auc"),
            average_precision: metrics.score(part, class, "pr_auc"),
            gain: gain_at(&gain, FIRST_ROWS),
            roc: round(&roc),
            precision_recall: round(&precision_recall),
            cumulative_gain: round(&gain),
        };
        let is_drawn = [&roc, &precision_recall, &gain].iter().any(|points| !points.is_empty());
        is_drawn.then_some(drawn)
    };
    DrawnPart {
        part: part.name(),
        rows: metrics.part(part).and_then(|metrics| metrics.rows),
        classes: classes.iter().enumerate().filter_map(draw).collect(),
    }
}

/// Places to a tenth of a pixel, thresholds to four digits.
fn round(points: &[CurvePoint]) -> Vec<DrawnPoint> {
    let place = |share: f64| (share * 1e4).round() / 1e4;
    let digits = |threshold: f64| format!("{threshold:.3e}").parse().ok();
    let round =
        |point: &CurvePoint| (place(point.x), place(point.y), point.threshold.and_then(digits));
    points.iter().map(round).collect()
}

fn draw_bins(bins: &Bins) -> DrawnReliability {
    let lines = bins.of.iter().zip([false, true]).filter(|(bins, _)| !bins.is_empty());
    let lines = lines.map(|(bins, is_after)| DrawnBins {
        is_after,
        expected_calibration_error: Reliability { bins: bins.clone() }.expected_calibration_error(),
        bins: bins.iter().map(draw_bin).collect(),
    });
    DrawnReliability { part: bins.part.name(), lines: lines.collect() }
}

fn draw_bin(bin: &Bin) -> DrawnBin {
    let Bin { lower, upper, rows, mean_confidence, accuracy } = *bin;
    DrawnBin { lower, upper, rows, mean_confidence, accuracy }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use serde_json::json;

    use super::*;

    fn curve(part: Part, class: &str) -> Curve {
        let point = |x, y| CurvePoint { x, y, threshold: Some(1.0 / 3.0) };
        let points = vec![point(0.0, 0.0), point(0.2, 0.666_666), point(1.0, 1.0)];
        Curve { part, class: class.to_owned(), points }
    }

    fn metrics(classes: usize) -> PartsMetrics {
        let class = |place: usize| {
            let score = 1.0 - (place / 2) as f64 / 100.0;
            json!({"class": place.to_string(), "support": 50 - place, "pr_auc": score})
        };
        let per_class: Vec<_> = (0..classes).map(class).collect();
        serde_json::from_value(json!({"test": {"rows": 60, "per_class": per_class}})).unwrap()
    }

    #[test]
    fn of_many_classes_those_with_the_lowest_average_precision_on_test_rows_are_drawn() {
        let all = || (0..12).map(|class| curve(Part::Test, &class.to_string()));
        let valid = all().map(|one| Curve { part: Part::Valid, ..one });
        let curves = [all().chain(valid).collect(), Vec::new(), Vec::new()];
        let drawn = Diagnostics::new(&curves, &[], Some(&metrics(12)));
        assert_eq!(drawn.classes, ["11", "10", "9", "8", "7", "6", "5", "4"]);
        assert_eq!((drawn.of_classes, drawn.chosen_on), (12, Some("test")));
        let parts: Vec<_> =
            drawn.parts.iter().map(|part| (part.part, part.classes.len())).collect();
        assert_eq!(parts, [("test", 8), ("valid", 8)]);
        assert_eq!((drawn.parts[0].rows, drawn.parts[1].rows), (Some(60), None));
    }

    #[test]
    fn few_classes_are_all_drawn_in_their_order_with_what_is_known_of_them() {
        let curves = ["1", "0"].map(|class| curve(Part::Test, class)).to_vec();
        let drawn = Diagnostics::new(&[curves.clone(), Vec::new(), curves], &[], None);
        assert_eq!(
            (drawn.chosen_on, &drawn.classes[..]),
            (None, &["1", "0"].map(str::to_owned)[..])
        );
        let class = &drawn.parts[0].classes[0];
        assert_eq!(class.roc[1], (0.2, 0.6667, Some(0.3333)));
        assert_eq!((class.roc_auc, class.precision_recall.len()), (None, 0));
        assert!((class.gain.unwrap() - 0.333_333).abs() < 1e-9);
    }
}
