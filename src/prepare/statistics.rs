//! Statistics of numbers: mean, median, quantiles.

use std::collections::HashMap;

/// The mean; 0 of none.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Mean and population standard deviation.
pub(super) fn deviation(values: &[f64]) -> (f64, f64) {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / values.len().max(1) as f64).sqrt())
}

/// The middle value, or the mean of the two in the middle; 0 of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let lower = sorted.get((sorted.len().max(1) - 1) / 2).copied().unwrap_or(0.0);
    f64::midpoint(lower, upper)
}

/// The values in ascending order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The quantile at `share` (0 to 1) of ascending values, between two of them in proportion, as
/// numpy's; 0 of none.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let at = |place: usize| sorted.get(place).copied().unwrap_or(0.0);
    if part == 0.0 {
        return at(low);
    }
    let (lower, upper) = (at(low), at(low + 1));
    // From the nearer end, as numpy computes it.
    if part < 0.5 { lower + (upper - lower) * part } else { upper - (upper - lower) * (1.0 - part) }
}

/// The value that occurs most often, the smallest of equals; 0 of none.
pub(super) fn most_frequent(values: &[f64]) -> f64 {
    let mut best = (0, 0.0);
    for run in sorted(values).chunk_by(|one, other| one.total_cmp(other).is_eq()) {
        if run.len() > best.0 {
            best = (run.len(), run[0]);
        }
    }
    best.1
}

/// The text that occurs most often, the first in alphabetical order of equals.
pub(super) fn most_frequent_text(cells: Vec<String>) -> Option<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for cell in cells {
        *counts.entry(cell).or_default() += 1;
    }
    let better = |one: &(String, usize), other: &(String, usize)| {
        one.1.cmp(&other.1).then_with(|| other.0.cmp(&one.0))
    };
    counts.into_iter().max_by(better).map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]

    use super::*;

    #[test]
    fn statistics_of_few_values() {
        assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
        assert_eq!(median(&[5.0, 1.0, 2.0, 9.0]), 3.5);
        assert_eq!(quantile(&[0.0, 10.0, 20.0, 30.0], 0.25), 7.5);
        assert_eq!(most_frequent(&[3.0, 1.0, 3.0, 1.0]), 1.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn the_first_of_equally_frequent_texts_is_taken() {
        let cells = ["b", "a", "b", "a", "c"].map(str::to_owned).to_vec();
        assert_eq!(most_frequent_text(cells), Some("a".to_owned()));
        assert_eq!(most_frequent_text(Vec::new()), None);
    }
}
