//! Calibration by a single number.

use crate::metrics::log_softmax;

/// The lowest and the highest temperature: beyond, probabilities would be told that no validation
/// rows can bear out.
const TEMPERATURES: [f64; 2] = [0.05, 20.0];

/// More halvings than 64 bits can tell apart.
const HALVINGS: usize = 64;

/// The temperature with the lowest cross-entropy on labelled rows (Guo et al. 2017), from their
/// log-probabilities `[rows, classes]`.
pub fn temperature(labels: &[u32], logs: &[f64], classes: usize) -> f64 {
    let [low, high] = TEMPERATURES;
    // The cross-entropy is convex in the reciprocal: its slope rises, and is 0 once at most.
    let (mut below, mut above) = (1.0 / high, 1.0 / low);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(below, above);
        if slope(labels, logs, classes, middle) <= 0.0 { below = middle } else { above = middle }
    }
    (1.0 / f64::midpoint(below, above)).clamp(low, high)
}

/// Whether [`temperature`] could have found it.
pub fn is_temperature(temperature: f64) -> bool {
    let [low, high] = TEMPERATURES;
    (low..=high).contains(&temperature)
}

/// Log-probabilities `[rows, classes]` divided by a temperature, and normalised again.
#[allow(clippy::float_cmp)] // exactly 1 leaves every bit as it is
pub fn tempered(mut logs: Vec<f64>, classes: usize, temperature: f64) -> Vec<f64> {
    if temperature != 1.0 {
        for row in logs.chunks_exact_mut(classes.max(1)) {
            for log in row.iter_mut() {
                *log /= temperature;
            }
            log_softmax(row);
        }
    }
    logs
}

/// The derivative of the sum of the rows' cross-entropies by the reciprocal of the temperature.
fn slope(labels: &[u32], logs: &[f64], classes: usize, reciprocal: f64) -> f64 {
    let rows = logs.chunks_exact(classes.max(1)).zip(labels);
    let of_row = |(row, &label): (&[f64], &u32)| {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut weighted) = (0.0, 0.0);
        for log in row {
            // What has no probability has none at any temperature.
            let share = ((log - largest) * reciprocal).exp();
            sum += share;
            weighted += if share > 0.0 { share * log } else { 0.0 };
        }
        weighted / sum - row[label as usize].max(f64::MIN_POSITIVE.ln())
    };
    rows.map(of_row).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_is_too_sure_gets_a_higher_temperature() {
        // Says 0.9 and is right in two of three rows: the best is to say 2/3, at
        // T = ln 9 / ln 2.
        let logs = [0.9_f64.ln(), 0.1_f64.ln()].repeat(3);
        let found = temperature(&[0, 0, 1], &logs, 2);
        assert!((found - 9.0_f64.ln() / 2.0_f64.ln()).abs() < 1e-9, "{found}");
    }

    #[test]
    fn rows_that_are_all_right_or_all_wrong_end_at_the_bounds() {
        let logs = [0.9_f64.ln(), 0.1_f64.ln()];
        assert!((temperature(&[0], &logs, 2) - 0.05).abs() < 1e-9);
        assert!((temperature(&[1], &logs, 2) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_class_without_probability_is_no_obstacle() {
        let logs = [0.0, f64::NEG_INFINITY, 0.9_f64.ln(), 0.1_f64.ln()];
        assert!(temperature(&[1, 0], &logs, 2).is_finite());
    }
}
