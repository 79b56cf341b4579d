//! Ways of measuring distance: quickly in 32 bits, with an error that is known, and exactly.

use pulp::Simd;

use super::exact::{chebyshev, cosine, euclidean, manhattan, minkowski};
use super::power::{ERROR, exp2, log2};
use super::{Metric, Settings};

/// A row, and what it is multiplied by to have length 1 where the cosine needs that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub values: &'a [f32],
    pub inverse_length: f64,
}

/// How far the comparison in 32 bits looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// What the sum of a row within reach is not above.
    pub limit: f32,
    /// The base 2 logarithm of the unit that differences are measured in; for powers alone.
    pub scale: f32,
}

/// A distance, as a sum over columns in 32 bits and exactly in 64.
pub(super) trait Measure: Copy + Sync {
    /// Adds a column to a sum. Whatever the sum is in 32 bits, it is above the limit of a reach only
    /// if the exact distance is above the distance that the reach is for.
    fn add<S: Simd>(self, simd: S, sum: S::f32s, apart: S::f32s, scale: f32) -> S::f32s;

    /// The reach for a distance.
    fn reach(self, distance: f64) -> Reach;

    /// The exact distance.
    fn distance(self, one: Row<'_>, other: Row<'_>) -> f64;
}

/// What a sum of `columns` roundings may be off by, in parts of itself: twice 2⁻²⁴ for each, and for
/// those of the difference, the product and the limit. The factor 2 covers what roundings in 64 bits
/// come to, and powers of the factors.
fn slack(columns: usize) -> f64 {
    (columns + 8) as f64 * f64::from(f32::EPSILON)
}

/// A limit in 32 bits, not below the given one. Sums of the least numbers of 32 bits have no
/// relative error; they are all within reach.
fn limit(exact: f64) -> f32 {
    (exact as f32).next_up() + f32::MIN_POSITIVE
}

/// Sums of squared differences.
#[derive(Debug, Clone, Copy)]
pub(super) struct Euclidean(f64);

impl Measure for Euclidean {
    #[inline(always)]
    fn add<S: Simd>(self, simd: S, sum: S::f32s, apart: S::f32s, _: f32) -> S::f32s {
        simd.mul_add_f32s(apart, apart, sum)
    }

    fn reach(self, distance: f64) -> Reach {
        Reach { limit: limit(distance * distance * (1.0 + self.0)), scale: 0.0 }
    }

    #[inline(always)]
    fn distance(self, one: Row<'_>, other: Row<'_>) -> f64 {
        euclidean(one.values, other.values)
    }
}

/// Sums of absolute differences.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manhattan(f64);

impl Measure for Manhattan {
    #[inline(always)]
    fn add<S: Simd>(self, simd: S, sum: S::f32s, apart: S::f32s, _: f32) -> S::f32s {
        simd.add_f32s(sum, abs(simd, apart))
    }

    fn reach(self, distance: f64) -> Reach {
        Reach { limit: limit(distance * (1.0 + self.0)), scale: 0.0 }
    }

    #[inline(always)]
    fn distance(self, one: Row<'_>, other: Row<'_>) -> f64 {
        manhattan(one.values, other.values)
    }
}

/// The greatest absolute difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chebyshev(f64);

impl Measure for Chebyshev {
    #[inline(always)]
    fn add<S: Simd>(self, simd: S, sum: S::f32s, apart: S::f32s, _: f32) -> S::f32s {
        // Whichever of the two a maximum with NaN is, a row with a NaN is infinitely far: if the
        // NaN is lost it comes within reach, and is sorted out by its exact distance.
        simd.max_f32s(sum, abs(simd, apart))
    }

    fn reach(self, distance: f64) -> Reach {
        Reach { limit: limit(distance * (1.0 + self.0)), scale: 0.0 }
    }

    #[inline(always)]
    fn distance(self, one: Row<'_>, other: Row<'_>) -> f64 {
        chebyshev(one.values, other.values)
    }
}

/// Sums of powers of differences, measured in parts of the distance that is looked for: the sum at
/// this distance is 1, so that no power of interest is too large or too small for 32 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Minkowski {
    p: f64,
    limit: f32,
}

impl Measure for Minkowski {
    #[inline(always)]
    fn add<S: Simd>(self, simd: S, sum: S::f32s, apart: S::f32s, scale: f32) -> S::f32s {
        let logarithm = log2(simd, abs(simd, apart));
        let parts = simd.sub_f32s(logarithm, simd.splat_f32s(scale));
        let power = exp2(simd, simd.mul_f32s(parts, simd.splat_f32s(self.p as f32)));
        simd.add_f32s(sum, power)
    }

    fn reach(self, distance: f64) -> Reach {
        // Differences below 2⁻¹²⁶ count as 2⁻¹²⁷: in parts of 2⁻⁶⁰ that is nothing. The reach is
        // too wide for smaller distances. log₂ of the platform is used here alone: what it may be
        // off by is in the slack, and reaches no result.
        let scale = distance.log2().max(-60.0) as f32;
        Reach { limit: self.limit, scale: if distance.is_finite() { scale } else { f32::MAX } }
    }

    #[inline(always)]
    fn distance(self, one: Row<'_>, other: Row<'_>) -> f64 {
        minkowski(one.values, other.values, self.p)
    }
}

/// Sums of squared differences of rows at length 1, which are twice 1 less the cosine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cosine(f64);

impl Measure for Cosine {
    #[inline(always)]
    fn add<S: Simd>(self, simd: S, sum: S::f32s, apart: S::f32s, _: f32) -> S::f32s {
        simd.mul_add_f32s(apart, apart, sum)
    }

    fn reach(self, distance: f64) -> Reach {
        // Rows at length 1 are rounded to 32 bits: each end is off by 2⁻²⁴ of the length, half of
        // what is granted here.
        let apart = (2.0 * distance).sqrt() + 2.0 * f64::from(f32::EPSILON);
        Reach { limit: limit(apart * apart * (1.0 + self.0)), scale: 0.0 }
    }

    #[inline(always)]
    fn distance(self, one: Row<'_>, other: Row<'_>) -> f64 {
        cosine(one.values, other.values, [one.inverse_length, other.inverse_length])
    }
}

/// The measure of a metric.
#[derive(Debug, Clone, Copy)]
pub(super) enum Distance {
    Euclidean(Euclidean),
    Manhattan(Manhattan),
    Chebyshev(Chebyshev),
    Minkowski(Minkowski),
    Cosine(Cosine),
}

impl Distance {
    /// The measure of rows of so many columns. Minkowski distances that have a name are measured as
    /// what they are.
    pub(super) fn new(settings: Settings, columns: usize) -> Self {
        let slack = slack(columns + 2);
        match settings.metric {
            Metric::Euclidean => Self::Euclidean(Euclidean(slack)),
            Metric::Manhattan => Self::Manhattan(Manhattan(slack)),
            Metric::Chebyshev => Self::Chebyshev(Chebyshev(slack)),
            Metric::Cosine => Self::Cosine(Cosine(slack)),
            Metric::Minkowski if settings.p <= 1.0 => Self::Manhattan(Manhattan(slack)),
            Metric::Minkowski if settings.p.total_cmp(&2.0).is_eq() => {
                Self::Euclidean(Euclidean(slack))
            }
            Metric::Minkowski if settings.p.is_infinite() => Self::Chebyshev(Chebyshev(slack)),
            Metric::Minkowski => {
                // Errors of the logarithm are multiplied by p, and by ln 2 below 1.
                let limit = limit(1.0 + slack + (settings.p + 2.0) * ERROR);
                Self::Minkowski(Minkowski { p: settings.p, limit })
            }
        }
    }
}

/// The absolute value. (pulp's own may stay a call for every vector.)
#[inline(always)]
fn abs<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let bits = simd.and_u32s(simd.transmute_u32s_f32s(x), simd.splat_u32s(0x7fff_ffff));
    simd.transmute_f32s_u32s(bits)
}
