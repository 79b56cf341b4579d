//! Precision against recall of one class against the rest.

use super::OneVsRest;
use super::curve::CurvePoint;

impl OneVsRest {
    /// The points of the precision-recall curve, from recall 0 on: recall `x`, precision `y`.
    ///
    /// As `sklearn.metrics.precision_recall_curve` gives them, in reverse order: first the point
    /// (0, 1), which no threshold has, then one for each probability, the highest first. Between two points the curve
    /// is a step: the precision of the second holds. Empty for a class without rows, or with all of them.
    pub fn precision_recall_curve(&self) -> Vec<CurvePoint> {
        if self.steps().is_none() {
            return Vec::new();
        }
        let total = self.total();
        let start = CurvePoint { x: 0.0, y: 1.0, threshold: None };
        let points = self.reached().map(|reached| CurvePoint {
            x: reached.rows.positives as f64 / total.positives as f64,
            y: reached.rows.positives as f64 / reached.rows.all() as f64,
            threshold: Some(reached.threshold),
        });
        std::iter::once(start).chain(points).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::metrics::Scored;

    #[test]
    fn the_area_below_the_steps_is_the_average_precision_of_the_ranking() {
        let truth = [1, 0, 1, 1, 0, 0, 1, 0];
        let of_class_1 = [0.9, 0.8, 0.8, 0.7, 0.6, 0.4, 0.4, 0.1];
        let table: Vec<f64> = of_class_1.iter().flat_map(|share| [1.0 - share, *share]).collect();
        let ranked = OneVsRest::rank(&Scored::new(&truth, &table, 2).unwrap(), 1);
        let points = ranked.precision_recall_curve();
        assert_eq!(points.len(), 7, "one for each probability, and the start");
        let area: f64 = points.windows(2).map(|pair| (pair[1].x - pair[0].x) * pair[1].y).sum();
        assert!((area - ranked.pr_auc().unwrap()).abs() < 1e-15);
    }
}
