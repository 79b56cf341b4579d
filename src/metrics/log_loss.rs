//! Mean cross-entropy of the true classes.

use super::Scored;

/// Mean over the rows of `-ln(probability of the true class)`, in nats.
///
/// Probabilities are clipped to `[ε, 1 - ε]` with the ε of `f64`, as scikit-learn 1.5 and later do,
/// so one impossible row costs about 36.04 nats and a perfect one about 2.2e-16. Rows are not
/// rescaled to sum to 1, as they are not there.
///
/// scikit-learn clips `float32` input with the much larger ε of `f32`. Here probabilities are
/// `f64` and the ε is too, so widening an `f32` model's output before scoring lets a confident
/// mistake cost more than scikit-learn would report on the narrow array.
pub fn log_loss(scored: &Scored<'_>) -> f64 {
    let surprise = |(truth, row): (u32, &[f64])| {
        let probability = row.get(truth as usize).copied().unwrap_or(0.0);
        -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    };
    scored.iter().map(surprise).sum::<f64>() / scored.rows() as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    #[test]
    fn log_loss_is_the_mean_surprise_in_nats() {
        let scored = Scored::new(&[0, 1], &[0.5, 0.5, 0.75, 0.25], 2).unwrap();
        assert!((log_loss(&scored) - 8.0_f64.ln() / 2.0).abs() < 1e-15);
    }

    #[test]
    fn an_impossible_row_costs_a_finite_amount() {
        let scored = Scored::new(&[1], &[1.0, 0.0], 2).unwrap();
        assert_eq!(log_loss(&scored), 52.0 * 2.0_f64.ln());
    }

    #[test]
    fn a_uniform_guess_costs_the_logarithm_of_the_number_of_classes() {
        let scored = Scored::new(&[2], &[0.25; 4], 4).unwrap();
        assert_eq!(log_loss(&scored), 4.0_f64.ln());
    }
}
