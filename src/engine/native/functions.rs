//! Elementary functions on vectors, from additions, multiplications and fused multiply-adds alone:
//! every machine computes the same bits, which a platform's own libm does not promise.

use pulp::Simd;

/// 1.5 · 2²³: adding it to a small float rounds it to an integer, held in the low bits.
const ROUND: f32 = 12_582_912.0;

/// `if_true` where the mask is set, else `if_false`. (pulp's own may stay a call for every vector.)
#[inline(always)]
pub(super) fn select<S: Simd>(
    simd: S,
    mask: S::m32s,
    if_true: S::f32s,
    if_false: S::f32s,
) -> S::f32s {
    let bits = |value| simd.transmute_u32s_f32s(value);
    simd.transmute_f32s_u32s(simd.select_u32s(mask, bits(if_true), bits(if_false)))
}

/// The absolute value. (The same holds of pulp's own.)
#[inline(always)]
pub(super) fn abs<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let bits = simd.and_u32s(simd.transmute_u32s_f32s(x), simd.splat_u32s(0x7fff_ffff));
    simd.transmute_f32s_u32s(bits)
}

/// eˣ, to about 1 unit in the last place; 0 below -87.3, infinite above 88.3.
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |value: f32| simd.splat_f32s(value);
    // x = n · ln 2 + r with |r| ≤ ln 2 / 2; ln 2 in two parts, so that nothing cancels.
    let rounded = simd.mul_add_f32s(x, splat(std::f32::consts::LOG2_E), splat(ROUND));
    let n = simd.sub_f32s(rounded, splat(ROUND));
    let r = simd.mul_add_f32s(n, splat(-0.693_359_4), x);
    let r = simd.mul_add_f32s(n, splat(2.121_944_4e-4), r);
    // Taylor's series to r⁷: the rest is below 2⁻²⁷ of the value.
    let mut power = splat(1.0 / 5040.0);
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        power = simd.mul_add_f32s(power, r, splat(coefficient));
    }
    // 2ⁿ by writing n into the exponent. At n = 128 that reads infinity, and so does eˣ nearly.
    let bits = simd.add_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(127));
    let bits = simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(23));
    let value = simd.mul_f32s(power, simd.transmute_f32s_u32s(bits));
    let value = select(simd, simd.less_than_f32s(x, splat(-87.3)), splat(0.0), value);
    let large = simd.greater_than_f32s(x, splat(88.3));
    select(simd, large, splat(f32::INFINITY), value)
}

/// The natural logarithm of a positive, finite, normal float, to about 2 units in the last place;
/// NaN of NaN.
#[inline(always)]
pub(super) fn ln<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |value: f32| simd.splat_f32s(value);
    // x = 2ᵉ · m with m in [√½, √2): subtracting the bits of √½ carries into the exponent.
    let half_root = simd.splat_u32s(std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let bits = simd.sub_u32s(simd.transmute_u32s_f32s(x), half_root);
    let mantissa = simd.and_u32s(bits, simd.splat_u32s(0x007f_ffff));
    let m = simd.transmute_f32s_u32s(simd.add_u32s(mantissa, half_root));
    // The exponent as a float: biased by 128 so that it is positive, put into the low bits of 2²³.
    let biased = simd.add_u32s(bits, simd.splat_u32s(128 << 23));
    let biased = simd.wrapping_dyn_shr_u32s(biased, simd.splat_u32s(23));
    let biased = simd.or_u32s(biased, simd.splat_u32s(8_388_608.0_f32.to_bits()));
    let e = simd.sub_f32s(simd.transmute_f32s_u32s(biased), splat(8_388_608.0 + 128.0));
    // ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| ≤ 0.172: the series to s¹¹.
    let s = simd.div_f32s(simd.sub_f32s(m, splat(1.0)), simd.add_f32s(m, splat(1.0)));
    let square = simd.mul_f32s(s, s);
    let mut series = splat(2.0 / 11.0);
    for coefficient in [2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0] {
        series = simd.mul_add_f32s(series, square, splat(coefficient));
    }
    let tail = simd.mul_f32s(simd.mul_f32s(square, series), s);
    let small = simd.mul_add_f32s(e, splat(-2.121_944_4e-4), tail);
    let value = simd.add_f32s(small, simd.add_f32s(s, s));
    let value = simd.mul_add_f32s(e, splat(0.693_359_4), value);
    // Only the bits were looked at so far: let NaN pass.
    simd.add_f32s(value, simd.sub_f32s(x, x))
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(super) fn sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    simd.div_f32s(one, simd.add_f32s(one, exp(simd, simd.sub_f32s(simd.splat_f32s(0.0), x))))
}

/// The hyperbolic tangent.
#[inline(always)]
pub(super) fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |value: f32| simd.splat_f32s(value);
    // Away from 0: 1 - 2 / (e²ˣ + 1). Near it that cancels; there the odd series to x¹³.
    let twice = exp(simd, simd.add_f32s(x, x));
    let quotient = simd.div_f32s(splat(-2.0), simd.add_f32s(twice, splat(1.0)));
    let far = simd.add_f32s(splat(1.0), quotient);
    let square = simd.mul_f32s(x, x);
    let mut series = splat(21_844.0 / 6_081_075.0);
    for coefficient in [-1382.0 / 155_925.0, 62.0 / 2835.0, -17.0 / 315.0, 2.0 / 15.0, -1.0 / 3.0] {
        series = simd.mul_add_f32s(series, square, splat(coefficient));
    }
    let near = simd.mul_add_f32s(simd.mul_f32s(series, square), x, x);
    select(simd, simd.less_than_f32s(abs(simd, x), splat(0.4)), near, far)
}

/// The standard normal density and distribution function.
///
/// The latter by formula 7.1.26 of Abramowitz and Stegun's Handbook of Mathematical Functions (1964)
/// for erf, whose absolute error is 1.5e-7; in 32 bits this comes to 3e-7 of the distribution.
#[inline(always)]
pub(super) fn normal<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    let splat = |value: f32| simd.splat_f32s(value);
    let bell = exp(simd, simd.mul_f32s(simd.mul_f32s(x, x), splat(-0.5)));
    let z = simd.mul_f32s(abs(simd, x), splat(std::f32::consts::FRAC_1_SQRT_2));
    let t = simd.div_f32s(splat(1.0), simd.mul_add_f32s(z, splat(0.327_591_1), splat(1.0)));
    let mut series = splat(1.061_405_4);
    for coefficient in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        series = simd.mul_add_f32s(series, t, splat(coefficient));
    }
    // (1 - erf z) / 2, the share beyond |x|.
    let beyond = simd.mul_f32s(simd.mul_f32s(series, t), simd.mul_f32s(bell, splat(0.5)));
    let negative = simd.less_than_f32s(x, splat(0.0));
    let below = select(simd, negative, beyond, simd.sub_f32s(splat(1.0), beyond));
    (simd.mul_f32s(bell, splat(0.398_942_3)), below)
}

/// cos 2πcx and sin 2πcx to 5e-7 where |cx| is below 2²². Beyond, where neighbouring floats are half a
/// turn apart and more, 1 and 0; NaN where x is NaN, or c is no finite number.
#[inline(always)]
pub(super) fn cos_sin<S: Simd>(simd: S, c: S::f32s, x: S::f32s) -> (S::f32s, S::f32s) {
    let splat = |value: f32| simd.splat_f32s(value);
    // The angle in turns, what its rounding took away, and both without the whole turns.
    let turns = simd.mul_f32s(c, x);
    let rest = simd.mul_add_f32s(c, x, simd.sub_f32s(splat(0.0), turns));
    let whole = simd.sub_f32s(simd.add_f32s(turns, splat(ROUND)), splat(ROUND));
    let r = simd.add_f32s(simd.sub_f32s(turns, whole), rest);
    let far = simd.greater_than_f32s(abs(simd, turns), splat(4_194_304.0));
    let r = select(simd, far, simd.sub_f32s(c, c), r);
    // sin πr / r and cos πr by r², through the Chebyshev nodes of |r| ≤ 1/2.
    let square = simd.mul_f32s(r, r);
    let mut sin = splat(0.077_655_91);
    for coefficient in [-0.598_290_4, 2.550_077_4, -5.167_710_3, std::f32::consts::PI] {
        sin = simd.mul_add_f32s(sin, square, splat(coefficient));
    }
    let mut cos = splat(-0.024_395_932);
    for coefficient in [0.234_937_07, -1.335_212, 4.058_709, -4.934_802, 1.0] {
        cos = simd.mul_add_f32s(cos, square, splat(coefficient));
    }
    let sin = simd.mul_f32s(sin, r);
    // Of the double angle.
    let less = simd.sub_f32s(splat(0.0), simd.mul_f32s(sin, sin));
    (simd.mul_add_f32s(cos, cos, less), simd.mul_f32s(simd.add_f32s(sin, sin), cos))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // exact values are meant

    use pulp::{Arch, Scalar, WithSimd};

    use super::*;

    /// Values over a range, evenly.
    fn range(low: f32, high: f32) -> impl Iterator<Item = f32> {
        (0..=20_000).map(move |at| low + (high - low) * at as f32 / 20_000.0)
    }

    /// Largest distance from what 64 bits give: of the values themselves, and in parts of them.
    fn furthest(
        low: f32,
        high: f32,
        ours: impl Fn(f32) -> f32,
        theirs: impl Fn(f64) -> f64,
    ) -> (f64, f64) {
        let distances = range(low, high).map(|x| {
            let (ours, theirs) = (f64::from(ours(x)), theirs(f64::from(x)));
            let distance = (ours - theirs).abs();
            (distance, distance / theirs.abs().max(f64::MIN_POSITIVE))
        });
        distances.fold((0.0, 0.0), |(one, two), (three, four)| (one.max(three), two.max(four)))
    }

    const SCALAR: Scalar = Scalar;

    #[test]
    fn exp_is_right_to_a_unit_in_the_last_place() {
        let (_, relative) = furthest(-87.0, 88.0, |x| exp(SCALAR, x), f64::exp);
        assert!(relative < 1.2e-7, "{relative}");
        assert!(exp(SCALAR, 0.0) == 1.0);
        assert!(exp(SCALAR, -1000.0) == 0.0 && exp(SCALAR, f32::NEG_INFINITY) == 0.0);
        assert!(exp(SCALAR, 1000.0) == f32::INFINITY && exp(SCALAR, f32::INFINITY) > 1e38);
        assert!(exp(SCALAR, f32::NAN).is_nan());
    }

    #[test]
    fn ln_is_right_to_two_units_in_the_last_place() {
        for (low, high) in [(1.0, 2.0), (2.0, 100.0), (0.01, 1.0), (1e30, 1e38)] {
            let (absolute, relative) = furthest(low, high, |x| ln(SCALAR, x), f64::ln);
            assert!(relative < 2.4e-7 || absolute < 6e-8, "{low}..{high}: {absolute}, {relative}");
        }
        assert!(ln(SCALAR, 1.0) == 0.0);
        assert!(ln(SCALAR, f32::NAN).is_nan());
    }

    #[test]
    fn tanh_and_sigmoid_are_right_near_zero_and_far_from_it() {
        let (_, relative) = furthest(-0.5, 0.5, |x| tanh(SCALAR, x), f64::tanh);
        assert!(relative < 4e-7, "{relative}");
        let (absolute, _) = furthest(-20.0, 20.0, |x| tanh(SCALAR, x), f64::tanh);
        assert!(absolute < 2e-7, "{absolute}");
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let (_, relative) = furthest(-80.0, 80.0, |x| sigmoid(SCALAR, x), logistic);
        assert!(relative < 3e-7, "{relative}");
        assert!(tanh(SCALAR, 1e10) == 1.0 && sigmoid(SCALAR, 1e10) == 1.0);
        assert!(tanh(SCALAR, -1e10) == -1.0 && sigmoid(SCALAR, -1e10) == 0.0);
        assert!(tanh(SCALAR, f32::NAN).is_nan() && sigmoid(SCALAR, f32::NAN).is_nan());
    }

    /// The distribution function by Simpson's rule from 0.
    fn simpson(x: f64) -> f64 {
        let density = |t: f64| (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let (steps, width) = (2000, x / 2000.0);
        let inner: f64 = (1..steps)
            .map(|at| density(f64::from(at) * width) * if at % 2 == 0 { 2.0 } else { 4.0 })
            .sum();
        0.5 + (density(0.0) + inner + density(x)) * width / 3.0
    }

    #[test]
    fn the_normal_distribution_is_right_to_the_formulas_error() {
        for x in range(-6.0, 6.0).step_by(3) {
            let (density, below) = normal(SCALAR, x);
            let wide = f64::from(x);
            let exact = (-0.5 * wide * wide).exp() / (2.0 * std::f64::consts::PI).sqrt();
            assert!((f64::from(density) - exact).abs() < 1e-7, "{x}");
            assert!((f64::from(below) - simpson(wide)).abs() < 3.5e-7, "{x}");
        }
        assert!(normal(SCALAR, f32::NAN).1.is_nan());
    }

    #[test]
    fn cosines_and_sines_are_right_at_any_angle_and_finite_at_all() {
        for (c, low, high) in [(1.0, -1.0, 1.0), (0.37, -50.0, 50.0), (-1e-3, -1e4, 1e4)] {
            for x in range(low, high) {
                let (cos, sin) = cos_sin(SCALAR, c, x);
                let (exact_sin, exact_cos) =
                    (std::f64::consts::TAU * f64::from(c) * f64::from(x)).sin_cos();
                let apart =
                    (f64::from(cos) - exact_cos).abs().max((f64::from(sin) - exact_sin).abs());
                assert!(apart < 5e-7, "{c} {x}: {apart}");
            }
        }
        // The product of floats is exact: 2²² turns less a quarter, and then some.
        let (cos, sin) = cos_sin(SCALAR, 4_194_304.0 - 0.25, 1.0);
        assert!(cos.abs() < 5e-7 && (sin + 1.0).abs() < 5e-7, "{cos} {sin}");
        let (cos, sin) = cos_sin(SCALAR, 1000.001, 1000.003);
        let angle = f64::from(1000.001_f32) * f64::from(1000.003_f32) * std::f64::consts::TAU;
        assert!((f64::from(cos) - angle.cos()).abs() < 5e-7, "{cos}");
        assert!((f64::from(sin) - angle.sin()).abs() < 5e-7, "{sin}");
        for (c, x) in [(4_194_305.0, 1.0), (f32::MAX, 3.0), (-1e30, f32::MAX)] {
            assert!(cos_sin(SCALAR, c, x) == (1.0, 0.0), "{c} {x}");
        }
        for (c, x) in [(f32::NAN, 1.0), (1.0, f32::NAN), (f32::INFINITY, 1.0), (f32::INFINITY, 0.0)]
        {
            let (cos, sin) = cos_sin(SCALAR, c, x);
            assert!(cos.is_nan() && sin.is_nan(), "{c} {x}");
        }
    }

    /// All functions on sixteen values.
    struct All([f32; 16]);

    impl WithSimd for All {
        type Output = Vec<u32>;

        fn with_simd<S: Simd>(self, simd: S) -> Vec<u32> {
            let mut bits = Vec::new();
            for &x in S::as_simd_f32s(&self.0).0 {
                let (density, below) = normal(simd, x);
                let positive = simd.add_f32s(abs(simd, x), simd.splat_f32s(0.1));
                let results = [exp(simd, x), ln(simd, positive), tanh(simd, x), sigmoid(simd, x)];
                let (cos, sin) = cos_sin(simd, x, simd.splat_f32s(0.7));
                for result in results.into_iter().chain([density, below, cos, sin]) {
                    let mut values = [0.0_f32; 16];
                    simd.partial_store_f32s(&mut values, result);
                    bits.push(
                        values[..S::F32_LANES].iter().map(|v| v.to_bits()).collect::<Vec<_>>(),
                    );
                }
            }
            // By function, then by value, whatever the width of a vector.
            let mut sorted = Vec::new();
            for function in 0..8 {
                sorted.extend(bits.iter().skip(function).step_by(8).flatten().copied());
            }
            sorted
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        for start in range(-100.0, 90.0).step_by(16) {
            let values = std::array::from_fn(|at| start + at as f32 * 0.61);
            assert_eq!(Arch::new().dispatch(All(values)), Arch::Scalar.dispatch(All(values)));
        }
    }
}
