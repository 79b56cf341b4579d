//! The receiver operating characteristic of one class against the rest.

use super::OneVsRest;
use super::curve::CurvePoint;

impl OneVsRest {
    /// The points of the ROC curve, from (0, 0) to (1, 1): false positive rate `x`, true positive rate `y`.
    ///
    /// As `sklearn.metrics.roc_curve` gives them: rows of one probability are one step, and a point
    /// between two equal steps, which lies on the line of its neighbours, is left out. Empty for a class
    /// without rows, or with all of them.
    pub fn roc_curve(&self) -> Vec<CurvePoint> {
        let Some(steps) = self.steps() else { return Vec::new() };
        let total = self.total();
        let is_corner = |place: usize| {
            place == 0 || steps.get(place + 1).is_none_or(|next| next.rows != steps[place].rows)
        };
        let start = CurvePoint { x: 0.0, y: 0.0, threshold: None };
        let corners = self.reached().enumerate().filter(|(place, _)| is_corner(*place));
        let points = corners.map(|(_, reached)| CurvePoint {
            x: reached.rows.negatives as f64 / total.negatives as f64,
            y: reached.rows.positives as f64 / total.positives as f64,
            threshold: Some(reached.threshold),
        });
        std::iter::once(start).chain(points).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::metrics::{Scored, thin};

    fn area(points: &[CurvePoint]) -> f64 {
        points.windows(2).map(|pair| (pair[1].x - pair[0].x) * (pair[0].y + pair[1].y) / 2.0).sum()
    }

    #[test]
    fn the_area_below_the_points_is_the_auc_of_the_ranking_also_when_they_are_thinned() {
        let truth: Vec<u32> = (0..20_000_u32).map(|row| u32::from(row % 9 == 0)).collect();
        let told = truth.iter().zip(0_u32..).map(|(&label, row)| {
            let share = f64::from(row * 7919 % 5003 + 3000 * label) / 8003.0;
            [1.0 - share, share]
        });
        let table: Vec<f64> = told.flatten().collect();
        for class in 0..2 {
            let ranked = OneVsRest::rank(&Scored::new(&truth, &table, 2).unwrap(), class);
            let (points, auc) = (ranked.roc_curve(), ranked.roc_auc().unwrap());
            assert!(points.len() > 1000 && (area(&points) - auc).abs() < 1e-12);
            let few = thin(&points, 200);
            assert!(few.len() <= 200 && (area(&few) - auc).abs() < 1e-3, "{}", area(&few) - auc);
        }
    }

    #[test]
    fn a_class_without_rows_or_with_all_of_them_has_no_curve() {
        let ranked = |class| {
            OneVsRest::rank(&Scored::new(&[0, 0], &[0.5, 0.5, 0.25, 0.75], 2).unwrap(), class)
        };
        for class in 0..2 {
            assert!(ranked(class).roc_curve().is_empty());
            assert!(ranked(class).precision_recall_curve().is_empty());
            assert!(ranked(class).cumulative_gain().is_empty());
        }
    }
}
