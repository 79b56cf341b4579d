//! Matrix products on panels, in tiles that stay in registers.
//!
//! Every element of a product is one chain of fused multiply-adds over the inner dimension, in its
//! order, whatever the vector width or the tile: all machines compute the same bits.

use pulp::{Simd, WithSimd};

use super::functions::select;
use super::panels::{Line, Panels, PanelsMut, WIDTH};

/// What becomes of an element before it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finish<'a> {
    /// It stays as it is.
    Plain,
    /// max(x, 0).
    Relu,
    /// It passes a ReLU backwards: 0 where the ReLU's output, of the same shape, was not positive.
    WherePositive(Panels<'a>),
    /// It passes another activation backwards: times the slope there.
    TimesSlope(Panels<'a>),
}

/// A product that is computed tile by tile.
trait Tiled {
    /// Computes `HEIGHT` rows by `VECTORS` vectors, from `row` and the first column of `panel`.
    fn tile<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        row: usize,
        panel: usize,
    );
}

/// Covers `rows` by `panels` with tiles: as many running sums as hide the latency of a fused
/// multiply-add and fit the registers of the instruction set.
#[inline(always)]
fn cover<S: Simd>(simd: S, product: &mut impl Tiled, rows: usize, panels: usize) {
    match S::F32_LANES {
        // AVX-512: 8 rows by 2 vectors, of two panels where there are two.
        16 => {
            let paired = panels / 2 * 2;
            for panel in (0..paired).step_by(2) {
                (0..rows).step_by(8).for_each(|row| product.tile::<S, 8, 2>(simd, row, panel));
            }
            for panel in paired..panels {
                (0..rows).step_by(8).for_each(|row| product.tile::<S, 8, 1>(simd, row, panel));
            }
        }
        // AVX2: 4 rows by the 2 vectors of a panel.
        8 => {
            for panel in 0..panels {
                (0..rows).step_by(4).for_each(|row| product.tile::<S, 4, 2>(simd, row, panel));
            }
        }
        // NEON: 4 rows by the 4 vectors of a panel.
        4 => {
            for panel in 0..panels {
                (0..rows).step_by(4).for_each(|row| product.tile::<S, 4, 4>(simd, row, panel));
            }
        }
        // Plain code: one row.
        _ => {
            for panel in 0..panels {
                (0..rows).for_each(|row| product.tile::<S, 1, 16>(simd, row, panel));
            }
        }
    }
}

/// `out[r, n] = finish(start[n] + Σ_k left[r, k] · right[k, n])`: rows through a layer, forward or
/// backward.
#[derive(Debug)]
pub(super) struct RowProduct<'a> {
    /// Rows to compute; `left` and `out` hold as many as the next multiple of 8.
    pub rows: usize,
    /// Inner dimension.
    pub inner: usize,
    /// `[rows, inner]`.
    pub left: Panels<'a>,
    /// `[inner, columns]`.
    pub right: Panels<'a>,
    /// `[columns]`; nothing for zeros.
    pub start: Option<&'a [Line]>,
    /// `[rows, columns]`.
    pub out: PanelsMut<'a>,
    /// Applied to every element.
    pub finish: Finish<'a>,
}

impl WithSimd for RowProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let panels = self.out.lines.len() / self.out.rows;
        let rows = self.rows;
        cover(simd, &mut self, rows, panels);
    }
}

impl Tiled for RowProduct<'_> {
    #[inline(always)]
    fn tile<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        row: usize,
        panel: usize,
    ) {
        let in_line = WIDTH / S::F32_LANES;
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; HEIGHT];
        if let Some(start) = self.start {
            for vector in 0..VECTORS {
                let start = start[panel + vector / in_line].lanes::<S>()[vector % in_line];
                for sums in &mut sums {
                    sums[vector] = start;
                }
            }
        }
        for first in (0..self.inner).step_by(WIDTH) {
            let length = (self.inner - first).min(WIDTH);
            let left = &self.left.panel(first / WIDTH)[row..row + HEIGHT];
            let near = &self.right.panel(panel)[first..first + length];
            let far = far_panel::<S>(self.right, panel, VECTORS);
            let far = &far[first..first + length];
            let left: &[Line; HEIGHT] = left.try_into().unwrap_or(&[Line([0.0; 16]); HEIGHT]);
            for k in 0..length {
                let right = load::<S, VECTORS>(simd, &near[k], &far[k]);
                for (sums, left) in sums.iter_mut().zip(left) {
                    let left = simd.splat_f32s(left.0[k]);
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = simd.mul_add_f32s(left, right, *sum);
                    }
                }
            }
        }
        let zero = simd.splat_f32s(0.0);
        let out = &mut self.out;
        match self.finish {
            Finish::Plain => store::<S, HEIGHT, VECTORS>(out, (row, panel), sums, |_, _, sum| sum),
            // A comparison with NaN is false, so that NaN passes, as it does in PyTorch.
            Finish::Relu => store::<S, HEIGHT, VECTORS>(out, (row, panel), sums, |_, _, sum| {
                select(simd, simd.less_than_f32s(sum, zero), zero, sum)
            }),
            Finish::WherePositive(outputs) => {
                store::<S, HEIGHT, VECTORS>(out, (row, panel), sums, |line, lane, sum| {
                    let output = outputs.lines[line].lanes::<S>()[lane];
                    select(simd, simd.greater_than_f32s(output, zero), sum, zero)
                });
            }
            Finish::TimesSlope(slopes) => {
                store::<S, HEIGHT, VECTORS>(out, (row, panel), sums, |line, lane, sum| {
                    simd.mul_f32s(sum, slopes.lines[line].lanes::<S>()[lane])
                });
            }
        }
    }
}

/// `out[m, n] = out[m, n] + Σ_r left[r, m] · right[r, n]`, or without the first term: the gradient
/// of a weight from the rows of a batch.
#[derive(Debug)]
pub(super) struct ColumnProduct<'a> {
    /// Rows to sum over.
    pub rows: usize,
    /// Columns of `left`; `out` holds as many rows as the next multiple of 8.
    pub columns: usize,
    /// `[rows, columns]`.
    pub left: Panels<'a>,
    /// `[rows, n]`.
    pub right: Panels<'a>,
    /// `[columns, n]`.
    pub out: PanelsMut<'a>,
    /// Whether to add to `out`.
    pub accumulate: bool,
}

impl WithSimd for ColumnProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let panels = self.out.lines.len() / self.out.rows;
        let rows = self.columns;
        cover(simd, &mut self, rows, panels);
    }
}

impl Tiled for ColumnProduct<'_> {
    #[inline(always)]
    fn tile<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        row: usize,
        panel: usize,
    ) {
        let in_line = WIDTH / S::F32_LANES;
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; HEIGHT];
        if self.accumulate {
            for height in 0..HEIGHT {
                for vector in 0..VECTORS {
                    let line = (panel + vector / in_line) * self.out.rows + row + height;
                    sums[height][vector] = self.out.lines[line].lanes::<S>()[vector % in_line];
                }
            }
        }
        let left = &self.left.panel(row / WIDTH)[..self.rows];
        let near = &self.right.panel(panel)[..self.rows];
        let far = &far_panel::<S>(self.right, panel, VECTORS)[..self.rows];
        let offset = row % WIDTH;
        for ((left, near), far) in left.iter().zip(near).zip(far) {
            let right = load::<S, VECTORS>(simd, near, far);
            for (sums, &left) in sums.iter_mut().zip(&left.0[offset..offset + HEIGHT]) {
                let left = simd.splat_f32s(left);
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = simd.mul_add_f32s(left, right, *sum);
                }
            }
        }
        store::<S, HEIGHT, VECTORS>(&mut self.out, (row, panel), sums, |_, _, sum| sum);
    }
}

/// The panel beside `panel` when a tile of so many vectors reaches into it, else `panel` again.
#[inline(always)]
fn far_panel<S: Simd>(right: Panels<'_>, panel: usize, vectors: usize) -> &[Line] {
    right.panel(if vectors * S::F32_LANES > WIDTH { panel + 1 } else { panel })
}

/// A row of a tile's right side.
#[inline(always)]
fn load<S: Simd, const VECTORS: usize>(simd: S, near: &Line, far: &Line) -> [S::f32s; VECTORS] {
    let in_line = WIDTH / S::F32_LANES;
    let mut vectors = [simd.splat_f32s(0.0); VECTORS];
    for (number, vector) in vectors.iter_mut().enumerate() {
        let line = if number < in_line { near } else { far };
        *vector = line.lanes::<S>()[number % in_line];
    }
    vectors
}

/// Writes a tile; `finish` maps its vectors, given with line and lane. Bounds are constants here and
/// in the products' loops, so that a tile's sums are registers and never an array in memory.
#[inline(always)]
fn store<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
    out: &mut PanelsMut<'_>,
    (row, panel): (usize, usize),
    sums: [[S::f32s; VECTORS]; HEIGHT],
    finish: impl Fn(usize, usize, S::f32s) -> S::f32s,
) {
    let in_line = WIDTH / S::F32_LANES;
    for height in 0..HEIGHT {
        for vector in 0..VECTORS {
            let line = (panel + vector / in_line) * out.rows + row + height;
            let part = vector % in_line;
            out.lines[line].lanes_mut::<S>()[part] = finish(line, part, sums[height][vector]);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // exact values are meant

    use pulp::Arch;

    use super::*;
    use crate::engine::native::panels::{Buffer, panels};

    /// Numbers in [-1, 1) that repeat no pattern of the shapes below.
    fn filled(rows: usize, columns: usize, from: usize) -> Buffer {
        let mut buffer = Buffer::new(rows, columns);
        for panel in 0..panels(columns) {
            let lines = buffer.view_mut();
            let height = lines.rows;
            for (row, line) in lines.lines[panel * height..][..height].iter_mut().enumerate() {
                for (column, value) in line.0.iter_mut().enumerate() {
                    let place = (from + row * 131 + panel * 16 + column) as f32;
                    *value = (place * 0.7).sin();
                }
            }
        }
        buffer
    }

    fn at(buffer: &Buffer, row: usize, column: usize) -> f64 {
        f64::from(buffer.view().panel(column / WIDTH)[row].0[column % WIDTH])
    }

    const SHAPES: [(usize, usize, usize); 7] =
        [(1, 1, 1), (7, 5, 3), (8, 16, 16), (9, 17, 33), (64, 8, 64), (24, 64, 32), (50, 40, 100)];

    #[test]
    fn a_row_product_is_the_sum_over_the_inner_dimension_plus_its_start() {
        for (rows, inner, columns) in SHAPES {
            let (left, right) = (filled(rows, inner, 0), filled(inner, columns, 900));
            let bias = filled(1, columns, 50);
            let start: Vec<Line> =
                (0..panels(columns)).map(|panel| bias.view().panel(panel)[0]).collect();
            let mut out = Buffer::new(rows, columns);
            Arch::new().dispatch(RowProduct {
                rows,
                inner,
                left: left.view(),
                right: right.view(),
                start: Some(&start),
                out: out.view_mut(),
                finish: Finish::Plain,
            });
            for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |c| (row, c))) {
                let terms = (0..inner).map(|k| at(&left, row, k) * at(&right, k, column));
                let exact = terms.sum::<f64>() + at(&bias, 0, column);
                let apart = (at(&out, row, column) - exact).abs();
                assert!(apart < 3e-5, "{rows} {inner} {columns}: {row}, {column}: {apart}");
            }
        }
    }

    #[test]
    fn a_column_product_sums_over_the_rows_and_adds_to_what_was_there() {
        for (columns, rows, across) in SHAPES {
            let (left, right) = (filled(rows, columns, 0), filled(rows, across, 900));
            for accumulate in [true, false] {
                let before = filled(columns, across, 77);
                let mut out = before.clone();
                Arch::new().dispatch(ColumnProduct {
                    rows,
                    columns,
                    left: left.view(),
                    right: right.view(),
                    out: out.view_mut(),
                    accumulate,
                });
                for (m, n) in (0..columns).flat_map(|m| (0..across).map(move |n| (m, n))) {
                    let terms = (0..rows).map(|row| at(&left, row, m) * at(&right, row, n));
                    let old = if accumulate { at(&before, m, n) } else { 0.0 };
                    let apart = (at(&out, m, n) - (terms.sum::<f64>() + old)).abs();
                    assert!(apart < 3e-5, "{columns} {rows} {across}: {m}, {n}: {apart}");
                }
            }
        }
    }

    #[test]
    fn a_finish_is_applied_to_every_element() {
        let (left, right) = (filled(9, 5, 0), filled(5, 20, 900));
        let other = filled(9, 20, 33);
        let product = |finish| {
            let mut out = Buffer::new(9, 20);
            let (left, right, view) = (left.view(), right.view(), out.view_mut());
            let (rows, inner, start) = (9, 5, None);
            let product = RowProduct { rows, inner, left, right, start, out: view, finish };
            Arch::new().dispatch(product);
            out
        };
        let plain = product(Finish::Plain);
        let relu = product(Finish::Relu);
        let positive = product(Finish::WherePositive(other.view()));
        let slope = product(Finish::TimesSlope(other.view()));
        for (row, column) in (0..9).flat_map(|row| (0..20).map(move |column| (row, column))) {
            let [plain, relu, positive, slope, other] =
                [&plain, &relu, &positive, &slope, &other].map(|b| at(b, row, column));
            assert!(relu == plain.max(0.0));
            assert!(positive == if other > 0.0 { plain } else { 0.0 });
            assert!((slope - plain * other).abs() < 1e-6);
        }
    }
}
