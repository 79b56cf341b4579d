//! Standard normal draws that are the same on every machine.

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

const STEPS_PER_SD: f64 = 4_294_967_296.0;

/// Draws from N(0, 1), rounded to a multiple of 2^-32.
///
/// `rand_distr` takes `ln` for the draws beyond 3.65 sd and compares one draw in a hundred with
/// an `exp`; maths libraries may differ there in the last bit. The rounding hides such a bit in
/// the value unless it straddles a step (below 1 in 10^5 of those tail draws), and a comparison
/// turns only where both sides agree to 16 digits.
pub fn draw_normal(rng: &mut impl Rng) -> f64 {
    let deviate: f64 = rng.sample(StandardNormal);
    (deviate * STEPS_PER_SD).round() / STEPS_PER_SD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Streams};

    #[test]
    fn draws_have_mean_0_and_variance_1_and_reach_into_both_tails() {
        let mut rng = Streams::new(1, 0, 0).generator(Purpose::InputNoise, 0);
        let draws: Vec<f64> = (0..100_000).map(|_| draw_normal(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        assert!(draws.iter().any(|draw| *draw > 3.7) && draws.iter().any(|draw| *draw < -3.7));
    }
}
