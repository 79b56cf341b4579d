//! Sums over rows of products of columns, in tiles that stay in registers.

use pulp::{Simd, WithSimd};

use super::lines::Line;

/// Columns of the left and of the right side in a tile: so many running sums as hide the latency of
/// a fused multiply-add, and fit sixteen registers.
const LEFT: usize = 3;
const RIGHT: usize = 3;

/// `out[m, n] = out[m, n] + Σ_row left[m] · right[n]` for m ≤ n, in a chunk; others are left as they
/// are. Every element is the sum of eight
/// chains of fused multiply-adds in the order of the lines.
#[derive(Debug)]
pub(super) struct Products<'a> {
    /// Lines of a column.
    pub length: usize,
    /// `[m, length]`.
    pub left: &'a [Line],
    /// `[n, length]`.
    pub right: &'a [Line],
    /// `[m, n]`.
    pub out: &'a mut [f64],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let length = self.length.max(1);
        let (height, width) = (self.left.len() / length, self.right.len() / length);
        for m in (0..height).step_by(LEFT) {
            for n in (m / RIGHT * RIGHT..width).step_by(RIGHT) {
                let sums = self.tile(simd, (m, height), (n, width));
                for (m, sums) in (m..height).zip(&sums) {
                    for (n, sum) in (n..width).zip(sums) {
                        if m <= n {
                            self.out[m * width + n] += sum.sum();
                        }
                    }
                }
            }
        }
    }
}

impl Products<'_> {
    /// The sums of a tile in lanes, from a column and of so many on either side.
    #[inline(always)]
    fn tile<S: Simd>(
        &self,
        simd: S,
        (m, height): (usize, usize),
        (n, width): (usize, usize),
    ) -> [[Line; RIGHT]; LEFT] {
        let length = self.length;
        // Beyond the last column, the last one again.
        let left: [&[Line]; LEFT] =
            std::array::from_fn(|at| &self.left[(m + at).min(height - 1) * length..][..length]);
        let right: [&[Line]; RIGHT] =
            std::array::from_fn(|at| &self.right[(n + at).min(width - 1) * length..][..length]);
        let mut stored = [[Line::default(); RIGHT]; LEFT];
        for vector in 0..8 / S::F64_LANES {
            let mut sums = [[simd.splat_f64s(0.0); RIGHT]; LEFT];
            // Slices of one length in step: no place in them has to be checked.
            let (lefts, rights) = (left[0].iter().zip(left[1]), right[0].iter().zip(right[1]));
            let (lefts, rights) = (lefts.zip(left[2]), rights.zip(right[2]));
            for (((l0, l1), l2), ((r0, r1), r2)) in lefts.zip(rights) {
                let lane = |line: &Line| line.lanes::<S>()[vector];
                let (left, right) = ([l0, l1, l2].map(lane), [r0, r1, r2].map(lane));
                for at in 0..LEFT {
                    for other in 0..RIGHT {
                        sums[at][other] =
                            simd.mul_add_f64s(left[at], right[other], sums[at][other]);
                    }
                }
            }
            for at in 0..LEFT {
                for other in 0..RIGHT {
                    stored[at][other].lanes_mut::<S>()[vector] = sums[at][other];
                }
            }
        }
        stored
    }
}
