//! What pandas' `describe` says of a column of numbers, and its outliers.

use serde::Serialize;

use super::sorted::{fences_between, inside, quantile};

/// Statistics of the numbers that are not missing; `None` if there are too few, or they are
/// beyond 64-bit floats.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Numbers {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation with n - 1.
    pub std: Option<f64>,
    /// The least.
    pub min: Option<f64>,
    /// Lower quartile; quantiles are linear between two values.
    pub q25: Option<f64>,
    /// Median.
    pub q50: Option<f64>,
    /// Upper quartile.
    pub q75: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// Values beyond 1.5 interquartile ranges from the quartiles.
    pub outliers: usize,
}

impl Numbers {
    /// The statistics of `sorted` values.
    pub(super) fn of(sorted: &[f64]) -> Self {
        let finite = |value: f64| value.is_finite().then_some(value);
        let (mean, std) = moments(sorted);
        let (below, above) = inside(sorted);
        Self {
            mean: finite(mean),
            std: finite(std),
            min: sorted.first().copied().and_then(finite),
            q25: finite(quantile(sorted, 0.25)),
            q50: finite(quantile(sorted, 0.5)),
            q75: finite(quantile(sorted, 0.75)),
            max: sorted.last().copied().and_then(finite),
            outliers: below + sorted.len() - above,
        }
    }

    /// The bounds beyond which values are outliers; `None` if the quartiles are equal, since most
    /// values are then the same and the rule has no meaning.
    pub fn fences(&self) -> Option<(f64, f64)> {
        let (lower, upper) = (self.q25?, self.q75?);
        (lower < upper).then(|| fences_between(lower, upper))
    }
}

/// Mean and standard deviation with n - 1; NaN where there are too few values.
pub(super) fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = sum(values, |value| value) / count;
    let squares = sum(values, |value| (value - mean) * (value - mean));
    (mean, (squares / (count - 1.0)).sqrt())
}

/// A sum whose error does not grow with the number of values: of sums of a thousand each.
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    values.chunks(1024).map(|chunk| chunk.iter().map(|value| of(*value)).sum::<f64>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_a_mean_but_no_deviation() {
        let numbers = Numbers::of(&[4.0]);
        assert_eq!((numbers.mean, numbers.std, numbers.q25), (Some(4.0), None, Some(4.0)));
        assert_eq!(Numbers::of(&[]).mean, None);
    }

    #[test]
    fn numbers_beyond_floats_have_no_statistics_but_do_not_fail() {
        let numbers = Numbers::of(&[-1e308, 1e308, 1e308]);
        assert_eq!((numbers.std, numbers.max), (None, Some(1e308)));
        assert_eq!(Numbers::of(&[f64::NEG_INFINITY, f64::INFINITY]).mean, None);
    }
}
