//! Distances in 64 bits, summed in one order on all machines.

use crate::elementary::{exp, ln};

/// Terms side by side in a sum.
const LANES: usize = 8;

/// Sums a term for each pair of values: eight sums in turn, then their sum.
#[inline(always)]
fn sum(one: &[f32], other: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest = (ones.remainder(), others.remainder());
    for (one, other) in ones.zip(others) {
        for lane in 0..LANES {
            sums[lane] += term(f64::from(one[lane]), f64::from(other[lane]));
        }
    }
    for (sum, (&one, &other)) in sums.iter_mut().zip(rest.0.iter().zip(rest.1)) {
        *sum += term(f64::from(one), f64::from(other));
    }
    let halves: [f64; 4] = std::array::from_fn(|lane| sums[lane] + sums[lane + 4]);
    (halves[0] + halves[2]) + (halves[1] + halves[3])
}

/// The root of the sum of squared differences.
#[inline(always)]
pub(super) fn euclidean(one: &[f32], other: &[f32]) -> f64 {
    sum(one, other, |a, b| (a - b) * (a - b)).sqrt()
}

/// The sum of absolute differences.
#[inline(always)]
pub(super) fn manhattan(one: &[f32], other: &[f32]) -> f64 {
    sum(one, other, |a, b| (a - b).abs())
}

/// The greatest absolute difference; NaN when one is NaN.
#[inline(always)]
pub(super) fn chebyshev(one: &[f32], other: &[f32]) -> f64 {
    let mut greatest = 0.0;
    for (&a, &b) in one.iter().zip(other) {
        let apart = (f64::from(a) - f64::from(b)).abs();
        greatest = if apart > greatest || apart.is_nan() { apart } else { greatest };
    }
    greatest
}

/// The p-th root of the sum of p-th powers of absolute differences. They are taken in parts of the
/// greatest, so that no power is too large or too small for 64 bits.
#[inline(always)]
pub(super) fn minkowski(one: &[f32], other: &[f32], p: f64) -> f64 {
    let greatest = chebyshev(one, other);
    if greatest == 0.0 || !greatest.is_finite() {
        return greatest;
    }
    // A difference of 0 has no logarithm: its power comes to 0 as that of any other so small does.
    let power = |a: f64, b: f64| exp(p * ln(((a - b).abs() / greatest).max(1e-300)));
    greatest * exp(ln(sum(one, other, power)) / p)
}

/// What a row is multiplied by to have length 1: 0 for a row of zeros, and for one that is infinite.
pub(super) fn inverse_length(row: &[f32]) -> f64 {
    let length = sum(row, row, |a, _| a * a).sqrt();
    if length == 0.0 { 0.0 } else { 1.0 / length }
}

/// Half the square of the distance between rows at length 1, which is 1 less the cosine between
/// them. With a row of zeros it is 1.
#[inline(always)]
pub(super) fn cosine(one: &[f32], other: &[f32], inverse_lengths: [f64; 2]) -> f64 {
    let [first, second] = inverse_lengths;
    if first == 0.0 || second == 0.0 {
        return 1.0;
    }
    let apart = |a: f64, b: f64| a * first - b * second;
    (0.5 * sum(one, other, |a, b| apart(a, b) * apart(a, b))).min(2.0)
}
