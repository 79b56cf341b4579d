//! Powers in 32 bits, for the comparison of Minkowski distances. They are off by far more than a
//! unit in the last place; [`ERROR`] says by how much.

use pulp::Simd;

/// 1.5 · 2²³: adding it to a small float rounds it to an integer, held in the low bits.
const ROUND: f32 = 12_582_912.0;

/// What a logarithm of [`log2`], less the scale of a reach, may be off by, roundings of the scale and
/// of the difference included; and what a power of [`exp2`] may be off by in parts of itself.
pub(super) const ERROR: f64 = 1.0 / 65_536.0;

/// The binary logarithm of a positive, finite, normal float; about -127 of 0, above 128 of infinity
/// and NaN.
#[inline(always)]
pub(super) fn log2<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
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
    // log₂ m = 2 / ln 2 · artanh s with s = (m - 1) / (m + 1), |s| ≤ 0.172.
    let s = simd.div_f32s(simd.sub_f32s(m, splat(1.0)), simd.add_f32s(m, splat(1.0)));
    let square = simd.mul_f32s(s, s);
    let mut series = splat(0.412_198_6);
    for coefficient in [0.577_078, 0.961_796_7, 2.885_39] {
        series = simd.mul_add_f32s(series, square, splat(coefficient));
    }
    simd.mul_add_f32s(series, s, e)
}

/// 2ˣ for x from -126 to 126; below and above as at these.
#[inline(always)]
pub(super) fn exp2<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |value: f32| simd.splat_f32s(value);
    let x = simd.max_f32s(simd.min_f32s(x, splat(126.0)), splat(-126.0));
    let rounded = simd.add_f32s(x, splat(ROUND));
    let r = simd.sub_f32s(x, simd.sub_f32s(rounded, splat(ROUND)));
    // Taylor's series to r⁵: the rest is below 3e-6 of the value.
    let mut power = splat(1.333_355_8e-3);
    for coefficient in [9.618_129e-3, 0.055_504_11, 0.240_226_5, std::f32::consts::LN_2, 1.0] {
        power = simd.mul_add_f32s(power, r, splat(coefficient));
    }
    let bits = simd.add_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(127));
    let bits = simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(23));
    simd.mul_f32s(power, simd.transmute_f32s_u32s(bits))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // exact values are meant

    use pulp::Scalar;

    use super::*;

    #[test]
    fn logarithms_and_powers_keep_to_a_third_of_their_error() {
        for at in 0..200_000 {
            let x = 1e-37 * 1.000_8_f32.powi(at);
            if x < f32::MAX {
                let apart = f64::from(log2(Scalar, x)) - f64::from(x).log2();
                assert!(apart.abs() < ERROR / 3.0, "{x}: {apart}");
            }
            let x = at as f32 * 1.25e-3 - 125.0;
            let apart = f64::from(exp2(Scalar, x)) / f64::from(x).exp2() - 1.0;
            assert!(apart.abs() < ERROR / 3.0, "{x}: {apart}");
        }
        assert!(log2(Scalar, 0.0_f32) < -126.0 && log2(Scalar, f32::INFINITY) >= 128.0);
        assert!(log2(Scalar, f32::NAN) > 128.0);
        assert!(exp2(Scalar, -1e30_f32) < 1.2e-38 && exp2(Scalar, 1e30_f32) > 8e37);
    }
}
