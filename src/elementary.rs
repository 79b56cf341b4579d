//! Elementary functions of 64-bit numbers, from additions, multiplications and divisions alone:
//! every machine computes the same bits, which a platform's own libm does not promise.
//!
//! There is no branch and no call in them, so that a loop over them becomes vectors of whatever
//! width the code around it is compiled for.

#![allow(clippy::inline_always)]

/// 1.5 · 2⁵²: adding it to a small number rounds it to an integer, held in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// ln 2 in two parts; the first has so few bits that its product with an exponent is exact.
const LN_2: [f64; 2] = [f64::from_bits(0x3fe6_2e42_fee0_0000), 1.908_214_929_270_587_7e-10];

/// Powers of r from the 13th down to the second in eʳ.
const EXP: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// Odd powers of s from the 21st down to the third in 2 artanh s, over s.
const ARTANH: [f64; 10] = [
    2.0 / 21.0,
    2.0 / 19.0,
    2.0 / 17.0,
    2.0 / 15.0,
    2.0 / 13.0,
    2.0 / 11.0,
    2.0 / 9.0,
    2.0 / 7.0,
    2.0 / 5.0,
    2.0 / 3.0,
];

/// eˣ to a unit in the last place; 0 below -708, infinite above 709, NaN of NaN.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // x = n · ln 2 + r with |r| ≤ ln 2 / 2.
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN_2[0]) - n * LN_2[1];
    // Taylor's series: what is left out is below 2⁻⁵⁷ of the value. 1 is added last, to a sum that
    // is small against it, so that little is rounded but the result.
    let mut series = 0.0;
    for coefficient in EXP {
        series = series * r + coefficient;
    }
    let value = 1.0 + (r + r * r * series);
    // 2ⁿ by writing n into the exponent.
    let value = value * f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52);
    let value = if x < -708.0 { 0.0 } else { value };
    let value = if x > 709.0 { f64::INFINITY } else { value };
    // Of NaN only the bits were looked at: let it pass.
    if x.is_nan() { x } else { value }
}

/// The natural logarithm of a positive, finite, normal number to two units in the last place; some
/// number of any other.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    // x = 2ᵉ · m with m in [√½, √2): subtracting the bits of √½ carries into the exponent.
    const HALF_ROOT: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    let bits = x.to_bits().wrapping_sub(HALF_ROOT);
    let m = f64::from_bits((bits & (u64::MAX >> 12)).wrapping_add(HALF_ROOT));
    // The exponent, biased so that it is positive, in the low bits of 2⁵².
    let biased = (bits.wrapping_add(1024 << 52) >> 52) | 4_503_599_627_370_496.0_f64.to_bits();
    let e = f64::from_bits(biased) - (4_503_599_627_370_496.0 + 1024.0);
    // ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| ≤ 0.172.
    let s = (m - 1.0) / (m + 1.0);
    let square = s * s;
    let mut series = 0.0;
    for coefficient in ARTANH {
        series = series * square + coefficient;
    }
    e * LN_2[0] + (2.0 * s + (s * square * series + e * LN_2[1]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // exact values are meant

    use super::*;

    #[test]
    fn exp_is_right_to_a_unit_in_the_last_place() {
        for at in 0..=200_000 {
            let x = -700.0 + f64::from(at) * 0.007_037;
            let (ours, theirs) = (exp(x), x.exp());
            assert!((ours - theirs).abs() <= 2.3e-16 * theirs, "{x}: {ours} {theirs}");
        }
        assert!(exp(0.0) == 1.0 && exp(-709.0) == 0.0 && exp(710.0) == f64::INFINITY);
        assert!(exp(f64::NEG_INFINITY) == 0.0 && exp(f64::INFINITY) == f64::INFINITY);
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn ln_is_right_to_two_units_in_the_last_place() {
        for at in 1..=200_000 {
            for scale in [1e-300, 1e-5, 1e-4, 0.3, 1e290] {
                let x = f64::from(at) * scale;
                let (ours, theirs) = (ln(x), x.ln());
                assert!((ours - theirs).abs() <= 4.5e-16 * theirs.abs(), "{x}: {ours} {theirs}");
            }
        }
        assert!(ln(1.0) == 0.0);
    }
}
