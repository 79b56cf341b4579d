//! Solving for a step by the Cholesky factors of the second derivatives.

use pulp::{Arch, Simd, WithSimd};

use super::curvature::Curvature;
use super::lines::{Line, WIDTH};

/// Solves `matrix · x = right`. Where the matrix is singular in 64 bits, its diagonal is raised until
/// it is not: the step is shorter then where nothing tells how long it should be.
pub(super) fn solve(arch: Arch, matrix: &Curvature, right: &[f64]) -> Vec<f64> {
    let count = matrix.count;
    let greatest = (0..count).map(|at| matrix.row(at)[at]).fold(f64::MIN_POSITIVE, f64::max);
    let mut raise = 0.0;
    loop {
        if let Some(factor) = arch.dispatch(Factor { matrix, raise: raise * greatest }) {
            return substitute(&factor, right);
        }
        raise = if raise == 0.0 { 1e-14 } else { raise * 100.0 };
        if raise > 1e6 {
            // Only with numbers that are none.
            return vec![0.0; count];
        }
    }
}

/// Rows of a lower triangle, each padded with zeros to whole lines.
struct Triangle {
    count: usize,
    /// Lines of a row.
    across: usize,
    lines: Vec<Line>,
}

impl Triangle {
    fn row(&self, row: usize) -> &[Line] {
        &self.lines[row * self.across..(row + 1) * self.across]
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.row(row)[column / WIDTH].0[column % WIDTH]
    }
}

/// The lower triangle whose product with its transpose is the matrix; `None` if a pivot is not
/// above what rounding leaves of it.
struct Factor<'a> {
    matrix: &'a Curvature,
    raise: f64,
}

impl WithSimd for Factor<'_> {
    type Output = Option<Triangle>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Option<Triangle> {
        let count = self.matrix.count;
        let across = count.div_ceil(WIDTH).max(1);
        let mut lines = vec![Line::default(); count * across];
        for i in 0..count {
            let (above, own) = lines.split_at_mut(i * across);
            let own = &mut own[..across];
            let values = self.matrix.row(i);
            for j in 0..i {
                let other = &above[j * across..(j + 1) * across];
                let used = j.div_ceil(WIDTH);
                let rest = values[j] - dot(simd, &own[..used], &other[..used]);
                own[j / WIDTH].0[j % WIDTH] = rest / other[j / WIDTH].0[j % WIDTH];
            }
            let used = i.div_ceil(WIDTH);
            let diagonal = values[i] + self.raise;
            let pivot = diagonal - dot(simd, &own[..used], &own[..used]);
            if pivot.is_nan() || pivot <= diagonal * 1e-15 {
                return None;
            }
            own[i / WIDTH].0[i % WIDTH] = pivot.sqrt();
        }
        Some(Triangle { count, across, lines })
    }
}

/// The sum of products; eight chains of fused multiply-adds, then their sum.
#[inline(always)]
fn dot<S: Simd>(simd: S, one: &[Line], other: &[Line]) -> f64 {
    let mut sums = Line::default();
    for vector in 0..WIDTH / S::F64_LANES {
        let mut sum = simd.splat_f64s(0.0);
        for (one, other) in one.iter().zip(other) {
            let (one, other) = (one.lanes::<S>()[vector], other.lanes::<S>()[vector]);
            sum = simd.mul_add_f64s(one, other, sum);
        }
        sums.lanes_mut::<S>()[vector] = sum;
    }
    sums.sum()
}

/// Solves by the triangle, then by its transpose.
fn substitute(triangle: &Triangle, right: &[f64]) -> Vec<f64> {
    let mut x = right.to_vec();
    for i in 0..triangle.count {
        let mut rest = x[i];
        for (j, value) in x[..i].iter().enumerate() {
            rest -= triangle.at(i, j) * value;
        }
        x[i] = rest / triangle.at(i, i);
    }
    for i in (0..triangle.count).rev() {
        x[i] /= triangle.at(i, i);
        let value = x[i];
        for (j, rest) in x[..i].iter_mut().enumerate() {
            *rest -= triangle.at(i, j) * value;
        }
    }
    x
}
