//! A natural logarithm that gives the same bits on every machine.

/// ln of a finite `x` above 0, to about two units in the last place.
///
/// The platform's own may differ from machine to machine in the last bit, which could turn the
/// choice between two splits.
pub(super) fn ln(x: f64) -> f64 {
    if x < f64::MIN_POSITIVE {
        // Scaled by 2⁵⁴ out of the denormal numbers.
        return ln(x * 18_014_398_509_481_984.0) - 54.0 * std::f64::consts::LN_2;
    }
    let bits = x.to_bits();
    let mut exponent = f64::from((bits >> 52) as i32 - 1023);
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1.0;
    }
    // ln m = 2 (s + s³/3 + s⁵/5 + …), and |s| is below 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        sum = (sum + 1.0 / odd) * square;
    }
    exponent * std::f64::consts::LN_2 + 2.0 * (s + s * sum)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::ln;

    #[test]
    fn logarithms_are_the_platforms_to_the_last_places() {
        for step in 1..20_000 {
            let x = f64::from(step) * 0.37;
            assert!((ln(x) - x.ln()).abs() <= 1e-15 * x.ln().abs().max(0.3), "{x}");
        }
        for x in [f64::MIN_POSITIVE, 5e-324, 1e-310, f64::MAX, 1.0, 2.0, 0.5] {
            assert!((ln(x) - x.ln()).abs() <= 1e-15 * x.ln().abs(), "{x}");
        }
    }
}
