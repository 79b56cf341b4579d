//! What the rows' classes ask for, as what each coefficient is asked for: margins backwards.

use pulp::{Simd, WithSimd};

use super::lines::{Line, WIDTH};

/// Columns that are summed at once: as many running sums as hide the latency of a fused
/// multiply-add.
const COLUMNS: usize = 4;

/// `out[k, j] = Σ_row slopes[k] · columns[j]`, in a chunk. Every element is the sum of eight chains of
/// fused multiply-adds in the order of the lines.
#[derive(Debug)]
pub(super) struct Pull<'a> {
    /// Lines of a column.
    pub length: usize,
    /// `[classes, length]`.
    pub slopes: &'a [Line],
    /// `[columns, length]`.
    pub columns: &'a [Line],
    /// `[classes, columns]`.
    pub out: &'a mut [f64],
}

impl WithSimd for Pull<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F64_LANES {
            8 => self.run::<S, 1>(simd),
            4 => self.run::<S, 2>(simd),
            2 => self.run::<S, 4>(simd),
            _ => self.run::<S, 8>(simd),
        }
    }
}

impl Pull<'_> {
    /// `VECTORS` make a line.
    #[inline(always)]
    fn run<S: Simd, const VECTORS: usize>(self, simd: S) {
        let length = self.length.max(1);
        let width = self.columns.len() / length;
        for first in (0..width).step_by(COLUMNS) {
            // Beyond the last column, the last one again.
            let columns: [&[Line]; COLUMNS] = std::array::from_fn(|at| {
                &self.columns[(first + at).min(width - 1) * length..][..length]
            });
            for (class, slopes) in self.slopes.chunks_exact(length).enumerate() {
                let sums = tile::<S, VECTORS>(simd, slopes, columns);
                let out = &mut self.out[class * width + first..(class + 1) * width];
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out = sum.sum();
                }
            }
        }
    }
}

/// The sums of a class and some columns, in lanes.
#[inline(always)]
fn tile<S: Simd, const VECTORS: usize>(
    simd: S,
    slopes: &[Line],
    columns: [&[Line]; COLUMNS],
) -> [Line; COLUMNS] {
    debug_assert!(VECTORS * S::F64_LANES == WIDTH);
    let mut sums = [[simd.splat_f64s(0.0); VECTORS]; COLUMNS];
    // Slices of one length in step: no place in them has to be checked.
    let [first, second, third, fourth] = columns.map(<[Line]>::iter);
    let columns = first.zip(second).zip(third.zip(fourth));
    for (slope, ((a, b), (c, d))) in slopes.iter().zip(columns) {
        let slope = slope.lanes::<S>();
        for (sums, column) in sums.iter_mut().zip([a, b, c, d]) {
            let column = column.lanes::<S>();
            for vector in 0..VECTORS {
                sums[vector] = simd.mul_add_f64s(slope[vector], column[vector], sums[vector]);
            }
        }
    }
    let mut stored = [Line::default(); COLUMNS];
    for (line, sums) in stored.iter_mut().zip(&sums) {
        for (lane, &sum) in line.lanes_mut::<S>().iter_mut().zip(sums) {
            *lane = sum;
        }
    }
    stored
}
