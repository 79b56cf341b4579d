//! Rows times coefficients: what the classes of a row are worth before they become probabilities.

use pulp::{Simd, WithSimd};

use super::lines::{Line, WIDTH};

/// Columns that are added at once: they stay in the first cache for all classes.
const COLUMNS: usize = 4;

/// `out[k] = Σ_j coefficients[k, j] · columns[j]`, in a chunk. Every element is one chain of fused
/// multiply-adds in the order of the columns.
#[derive(Debug)]
pub(super) struct Margins<'a> {
    /// Lines of a column.
    pub length: usize,
    /// `[classes, columns]`.
    pub coefficients: &'a [f64],
    /// `[columns, length]`.
    pub columns: &'a [Line],
    /// `[classes, length]`.
    pub out: &'a mut [Line],
}

impl WithSimd for Margins<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { length, coefficients, columns, out } = self;
        out.fill(Line::default());
        let length = length.max(1);
        let width = columns.len() / length;
        let whole = width / COLUMNS * COLUMNS;
        for first in (0..whole).step_by(COLUMNS) {
            let columns = &columns[first * length..(first + COLUMNS) * length];
            for (class, out) in out.chunks_exact_mut(length).enumerate() {
                let coefficients = &coefficients[class * width + first..][..COLUMNS];
                add::<S, COLUMNS>(simd, coefficients, columns, out);
            }
        }
        for column in whole..width {
            let columns = &columns[column * length..(column + 1) * length];
            for (class, out) in out.chunks_exact_mut(length).enumerate() {
                add::<S, 1>(simd, &coefficients[class * width + column..][..1], columns, out);
            }
        }
    }
}

/// Adds `COUNT` columns to a class.
#[inline(always)]
fn add<S: Simd, const COUNT: usize>(
    simd: S,
    coefficients: &[f64],
    columns: &[Line],
    out: &mut [Line],
) {
    let length = out.len();
    let coefficients: [S::f64s; COUNT] =
        std::array::from_fn(|at| simd.splat_f64s(coefficients[at]));
    let columns: [&[Line]; COUNT] =
        std::array::from_fn(|at| &columns[at * length..(at + 1) * length]);
    for (place, out) in out.iter_mut().enumerate() {
        for vector in 0..WIDTH / S::F64_LANES {
            let mut sum = out.lanes::<S>()[vector];
            for at in 0..COUNT {
                let column = columns[at][place].lanes::<S>()[vector];
                sum = simd.mul_add_f64s(coefficients[at], column, sum);
            }
            out.lanes_mut::<S>()[vector] = sum;
        }
    }
}
