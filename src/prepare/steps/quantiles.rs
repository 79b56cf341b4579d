//! Numbers brought to a normal distribution by their rank among the train rows.

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc_inv;

use crate::prepare::statistics;

/// The most quantiles that are kept, as scikit-learn's `n_quantiles`.
const MOST: usize = 1000;

/// The least distance of a rank from 0 and 1, scikit-learn's: the ends are 5.2 deviations out.
const EDGE: f64 = 1e-7 - f64::EPSILON;

/// Quantiles of the train rows, from the smallest to the largest value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantiles(Vec<f64>);

impl Quantiles {
    /// As many quantiles as there are values, but no more than a thousand. Up to that they are the
    /// values themselves: computed from shares, as scikit-learn does, rounding parts equal ones.
    pub(super) fn fit(values: &[f64]) -> Self {
        let sorted = statistics::sorted(values);
        if sorted.len() <= MOST {
            return Self(sorted);
        }
        let share = |place: usize| place as f64 / (MOST - 1) as f64;
        let mut quantiles: Vec<f64> =
            (0..MOST).map(|place| statistics::quantile(&sorted, share(place))).collect();
        // Rounding must not turn two equal quantiles round.
        for place in 1..quantiles.len() {
            quantiles[place] = quantiles[place].max(quantiles[place - 1]);
        }
        Self(quantiles)
    }

    /// The quantile of the normal distribution at the rank of a value; NaN of NaN. A constant column
    /// becomes 0.
    pub(super) fn normal(&self, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let (Some(&first), Some(&last)) = (self.0.first(), self.0.last()) else { return 0.0 };
        if first >= last {
            return 0.0;
        }
        let rank = if value <= first {
            0.0
        } else if value >= last {
            1.0
        } else {
            self.rank(value)
        };
        inverse_normal(rank.clamp(EDGE, 1.0 - EDGE))
    }

    /// The rank of a value between the first and the last; in the middle of equal quantiles.
    fn rank(&self, value: f64) -> f64 {
        let quantiles = &self.0;
        let steps = (quantiles.len() - 1) as f64;
        // The first quantile that is not below, and the first above.
        let low = quantiles.partition_point(|&one| one < value);
        let high = quantiles.partition_point(|&one| one <= value);
        if low < high {
            return f64::midpoint(low as f64, (high - 1) as f64) / steps;
        }
        let (below, above) = (quantiles[low - 1], quantiles[low]);
        ((low - 1) as f64 + (value - below) / (above - below)) / steps
    }

    /// Whether the quantiles can be computed with.
    pub(super) fn is_sound(&self) -> bool {
        let spread = |pair: &[f64]| pair[0] <= pair[1] && (pair[1] - pair[0]).is_finite();
        self.0.len() <= MOST
            && self.0.iter().all(|one| one.is_finite())
            && self.0.windows(2).all(spread)
    }
}

/// The quantile of the standard normal distribution at `rank`, in (0, 1).
fn inverse_normal(rank: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_of_the_normal_distribution_is_known_at_some_ranks() {
        // scipy.special.ndtri
        for (rank, value) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.025, -1.959_963_984_540_054),
            (0.9, 1.281_551_565_544_600_4),
            (1e-7, -5.199_337_582_192_817),
            (0.999, 3.090_232_306_167_813_5),
            (1e-12, -7.034_483_825_301_132),
        ] {
            assert!((inverse_normal(rank) - value).abs() < 1e-13 * value.abs().max(1.0), "{rank}");
        }
    }
}
