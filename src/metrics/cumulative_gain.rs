//! How much of a class is found among the rows where it is most probable.

use super::OneVsRest;
use super::curve::CurvePoint;

impl OneVsRest {
    /// The points of the cumulative gain curve, from (0, 0) to (1, 1): the share `x` of all rows, those first
    /// where the class is most probable, against the share `y` of the class's rows that are among them.
    ///
    /// Rows of one probability are one step. Empty for a class without rows, or with all of them.
    pub fn cumulative_gain(&self) -> Vec<CurvePoint> {
        if self.steps().is_none() {
            return Vec::new();
        }
        let total = self.total();
        let start = CurvePoint { x: 0.0, y: 0.0, threshold: None };
        let points = self.reached().map(|reached| CurvePoint {
            x: reached.rows.all() as f64 / total.all() as f64,
            y: reached.rows.positives as f64 / total.positives as f64,
            threshold: Some(reached.threshold),
        });
        std::iter::once(start).chain(points).collect()
    }
}

/// The share of the class that is found in the first `share` of the rows, on the line between two points;
/// `None` where no two points enclose it.
pub fn gain_at(points: &[CurvePoint], share: f64) -> Option<f64> {
    let around = |pair: &&[CurvePoint]| pair[0].x <= share && share <= pair[1].x;
    let pair = points.windows(2).find(around)?;
    let width = pair[1].x - pair[0].x;
    let part = if width > 0.0 { (share - pair[0].x) / width } else { 1.0 };
    Some(pair[0].y + part * (pair[1].y - pair[0].y))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use super::*;
    use crate::metrics::Scored;

    #[test]
    fn the_share_found_rises_with_the_share_looked_at_and_ties_are_one_step() {
        let table = [0.1, 0.9, 0.4, 0.6, 0.4, 0.6, 0.8, 0.2];
        let scored = Scored::new(&[1, 0, 1, 0], &table, 2).unwrap();
        let points = OneVsRest::rank(&scored, 1).cumulative_gain();
        let places: Vec<_> = points.iter().map(|point| (point.x, point.y)).collect();
        assert_eq!(places, [(0.0, 0.0), (0.25, 0.5), (0.75, 1.0), (1.0, 1.0)]);
        let found = [0.0, 0.125, 0.5, 1.0].map(|share| gain_at(&points, share));
        assert_eq!(found, [Some(0.0), Some(0.25), Some(0.75), Some(1.0)]);
        assert_eq!((gain_at(&points, 1.5), gain_at(&[], 0.5)), (None, None));
    }
}
