//! Points of a curve of one class against the rest.

/// A point of a curve: what holds of the rows whose probability of the class reaches a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// A share, `0..=1`.
    pub x: f64,
    /// A share, `0..=1`.
    pub y: f64,
    /// The threshold; `None` at the start of the curve, which no row reaches.
    pub threshold: Option<f64>,
}

/// At most `most` of the points (2 at least), unmoved and in their order.
///
/// The rule: the way along the curve (the sum of `|Δx| + |Δy|`) is cut into `most - 1` equal lengths; of
/// the points that lie on one length the first is kept, and the last point of all. So points stay where the
/// curve moves, and gaps are below two lengths where the curve's own steps are below one.
pub fn thin(points: &[CurvePoint], most: usize) -> Vec<CurvePoint> {
    let most = most.max(2);
    let (Some(last), true) = (points.last(), points.len() > most) else { return points.to_vec() };
    let way: f64 = points.windows(2).map(step).sum();
    let lengths = (most - 1) as f64;
    let (mut kept, mut walked, mut next) = (Vec::with_capacity(most), 0.0, 0);
    for pair in points.windows(2) {
        let length = (walked / way * lengths) as usize;
        // Rounding may put the end of the way at the start of one length more.
        if length >= next && kept.len() + 1 < most {
            kept.push(pair[0]);
            next = length + 1;
        }
        walked += step(pair);
    }
    kept.push(*last);
    kept
}

/// How far two neighbours are from each other.
fn step(pair: &[CurvePoint]) -> f64 {
    (pair[1].x - pair[0].x).abs() + (pair[1].y - pair[0].y).abs()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use super::*;

    fn points(places: impl Iterator<Item = (f64, f64)>) -> Vec<CurvePoint> {
        places.map(|(x, y)| CurvePoint { x, y, threshold: None }).collect()
    }

    #[test]
    fn a_curve_of_few_points_keeps_them_all() {
        let few = points([(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)].into_iter());
        assert_eq!(thin(&few, 3), few);
        assert_eq!(thin(&[], 3), []);
    }

    #[test]
    fn of_many_points_the_ends_stay_and_the_others_do_not_move() {
        let many = points((0..=10_000).map(|place| {
            let x = f64::from(place) / 10_000.0;
            (x, x.powf(0.05))
        }));
        let kept = thin(&many, 200);
        assert!((100..=200).contains(&kept.len()), "{}", kept.len());
        assert_eq!((kept[0], *kept.last().unwrap()), (many[0], many[10_000]));
        let mut rest = many.iter();
        assert!(
            kept.iter().all(|point| rest.any(|other| other == point)),
            "moved, or out of order"
        );
        let short = kept.iter().position(|point| point.x > 0.001).unwrap();
        assert!(kept[short..].windows(2).all(|pair| step(pair) < 2.0 * 2.0 / 199.0));
    }

    #[test]
    fn points_at_one_place_have_no_way_to_cut() {
        let still = points(std::iter::repeat_n((0.5, 0.5), 10));
        assert_eq!(thin(&still, 4).len(), 2);
    }
}
