//! How a column's values are spread, by class: what the page draws of a column, bounded whatever the
//! number of rows.

use std::collections::HashMap;

use serde::Serialize;

use super::classes::Classes;
use super::shorten;
use super::sorted::{Sorted, inside, quantile, same};

/// The most bins of a histogram.
const MOST_BINS: usize = 40;

/// Up to this many different numbers are drawn as a bar each.
const MOST_BARS: usize = 12;

/// The most labels of a text column that are drawn; the others are one bar.
const MOST_LABELS: usize = 20;

/// The most outliers of a class that are drawn as points.
const MOST_POINTS: usize = 24;

/// The spread of a column. Counts are `[drawn classes][bins or bars]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Shape {
    /// A histogram, with a box for each drawn class.
    Bins {
        /// The lower end of the first bin.
        low: f64,
        /// The width of a bin.
        width: f64,
        /// Rows.
        counts: Vec<Vec<usize>>,
        /// One for each drawn class; `None` if it has no value.
        boxes: Vec<Option<BoxPlot>>,
    },
    /// A bar for each value.
    Bars {
        /// The values.
        labels: Vec<String>,
        /// Rows.
        counts: Vec<Vec<usize>>,
        /// How many values were left out, the rarest.
        left_out: usize,
    },
}

/// A box plot: whiskers at the last values within 1.5 interquartile ranges of the quartiles.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoxPlot {
    /// Lower whisker, lower quartile, median, upper quartile, upper whisker.
    pub marks: [f64; 5],
    /// How many values lie beyond the whiskers.
    pub outliers: usize,
    /// Some of them, evenly picked, the extremes among them.
    pub points: Vec<f64>,
}

/// The spread of numbers; `None` if there are none, or they are beyond 64-bit floats.
pub(super) fn spread(sorted: &Sorted, distinct: usize, classes: &Classes) -> Option<Shape> {
    let (low, high) = (*sorted.values.first()?, *sorted.values.last()?);
    if !(high - low).is_finite() {
        return None;
    }
    if distinct <= MOST_BARS {
        return Some(bars_of_numbers(sorted, classes));
    }
    let (bins, width) = bin(sorted, low, high);
    let mut counts = vec![vec![0; bins]; classes.drawn.len()];
    for (value, class) in sorted.values.iter().zip(&sorted.classes) {
        if let Some(drawn) = classes.drawn.iter().position(|other| other == class) {
            counts[drawn][(((value - low) / width) as usize).min(bins - 1)] += 1;
        }
    }
    let boxes = classes.drawn.iter().map(|class| box_plot(&sorted.of_class(*class))).collect();
    Some(Shape::Bins { low, width, counts, boxes })
}

/// Number and width of the bins: by the cube root of the rows (Rice's rule); whole numbers get bins of
/// whole width, which would else hold unlike numbers of them.
fn bin(sorted: &Sorted, low: f64, high: f64) -> (usize, f64) {
    let rows = sorted.values.len() as f64;
    let bins = (2.0 * rows.cbrt()).ceil().clamp(10.0, MOST_BINS as f64);
    if sorted.values.iter().all(|value| value.fract() == 0.0) {
        let width = ((high - low + 1.0) / bins).ceil();
        return ((((high - low + 1.0) / width).ceil() as usize).clamp(1, MOST_BINS), width);
    }
    (bins as usize, (high - low) / bins)
}

fn bars_of_numbers(sorted: &Sorted, classes: &Classes) -> Shape {
    let (mut labels, mut counts) = (Vec::new(), vec![Vec::new(); classes.drawn.len()]);
    let mut start = 0;
    for run in sorted.values.chunk_by(|one, other| same(*one, *other)) {
        let rows = &sorted.classes[start..start + run.len()];
        start += run.len();
        labels.push(run[0].to_string());
        for (counts, class) in counts.iter_mut().zip(&classes.drawn) {
            counts.push(rows.iter().filter(|other| *other == class).count());
        }
    }
    Shape::Bars { labels, counts, left_out: 0 }
}

/// The most frequent labels of text; `order` has the places of all, the most frequent first.
pub(super) fn bars(
    codes: &[u32],
    labels: &[&str],
    order: &[usize],
    classes: &Classes,
) -> Option<Shape> {
    if labels.is_empty() {
        return None;
    }
    let shown = &order[..order.len().min(MOST_LABELS)];
    let mut counts = vec![vec![0; shown.len()]; classes.drawn.len()];
    let bar_of: HashMap<usize, usize> =
        shown.iter().enumerate().map(|(bar, place)| (*place, bar)).collect();
    for (row, code) in codes.iter().enumerate() {
        let class = classes.of(row).map(|class| class as u32);
        let drawn = classes.drawn.iter().position(|other| Some(*other) == class);
        if let (Some(bar), Some(drawn)) = (bar_of.get(&(*code as usize)), drawn) {
            counts[drawn][*bar] += 1;
        }
    }
    let labels = shown.iter().map(|place| shorten(labels[*place])).collect();
    Some(Shape::Bars { labels, counts, left_out: order.len() - shown.len() })
}

fn box_plot(values: &[f64]) -> Option<BoxPlot> {
    if values.is_empty() {
        return None;
    }
    let (first, last) = inside(values);
    // Some values lie within the fences, unless these are beyond 64-bit floats.
    let (low, high) = (values.get(first)?, values.get(last.checked_sub(1)?)?);
    let [q25, q50, q75] = [0.25, 0.5, 0.75].map(|at| quantile(values, at));
    let outside: Vec<f64> = [&values[..first], &values[last..]].concat();
    let step = outside.len().div_ceil(MOST_POINTS).max(1);
    let mut points: Vec<f64> = outside.iter().copied().step_by(step).collect();
    points.extend(outside.last().filter(|_| step > 1));
    Some(BoxPlot { marks: [*low, q25, q50, q75, *high], outliers: outside.len(), points })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    fn shape(values: &[f64]) -> Option<Shape> {
        let sorted = Sorted::new(values, None);
        let distinct = sorted.distinct();
        spread(&sorted, distinct, &Classes::none())
    }

    #[test]
    fn whole_numbers_get_bins_of_whole_width_and_every_row_is_in_one() {
        let values: Vec<f64> = (0..1000).map(|row| f64::from(row % 101)).collect();
        let Some(Shape::Bins { low, width, counts, .. }) = shape(&values) else { panic!() };
        assert_eq!((low.to_bits(), width.fract().to_bits()), (0, 0));
        assert_eq!(counts[0].iter().sum::<usize>(), 1000);
        assert!(counts[0].len() <= MOST_BINS);
    }

    #[test]
    fn few_values_are_bars_and_none_are_nothing() {
        let Some(Shape::Bars { labels, counts, .. }) = shape(&[1.0, 0.0, 1.0]) else { panic!() };
        assert_eq!((labels, counts), (vec!["0".to_owned(), "1".to_owned()], vec![vec![1, 2]]));
        assert_eq!(shape(&[]), None);
        assert_eq!(shape(&[f64::MIN, f64::MAX]), None);
    }

    #[test]
    fn a_box_ends_at_values_and_keeps_the_extremes_of_many_outliers() {
        let mut values: Vec<f64> = (0..1000).map(f64::from).collect();
        values.extend((0..200).map(|k| 1e6 + f64::from(k)));
        let plot = box_plot(&values).unwrap();
        assert_eq!((plot.marks[0].to_bits(), plot.outliers), (0, 200));
        assert!(plot.points.len() <= MOST_POINTS + 1);
        assert!(plot.points.contains(&1e6) && plot.points.contains(&(1e6 + 199.0)));
    }

    #[test]
    fn the_most_frequent_labels_are_drawn() {
        let labels: Vec<String> = (0..30).map(|place| place.to_string()).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let order: Vec<usize> = (0..30).rev().collect();
        let classes = Classes { codes: Some(vec![0, 1, 1, 0]), count: 2, drawn: vec![1] };
        let shape = bars(&[29, 29, 28, 3], &labels, &order, &classes).unwrap();
        let Shape::Bars { labels, counts, left_out } = shape else { panic!() };
        assert_eq!((labels[0].as_str(), labels.len(), left_out), ("29", MOST_LABELS, 10));
        assert_eq!(counts[0][..3], [1, 1, 0]);
    }
}
