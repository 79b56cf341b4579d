//! Sums over rows and over units, and transposition.

use pulp::{Simd, WithSimd};

use super::panels::{Line, Panels, PanelsMut, WIDTH, panels};

/// `out[n] = out[n] + Σ_r rows[r, n]`, or without the first term: the gradient of a bias.
#[derive(Debug)]
pub(super) struct ColumnSums<'a> {
    /// Rows to sum over.
    pub rows: usize,
    /// `[rows, n]`.
    pub values: Panels<'a>,
    /// `[n]`.
    pub out: &'a mut [Line],
    /// Whether to add to `out`.
    pub accumulate: bool,
}

impl WithSimd for ColumnSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (panel, out) in self.out.iter_mut().enumerate() {
            let lines = &self.values.panel(panel)[..self.rows];
            for (lane, out) in out.lanes_mut::<S>().iter_mut().enumerate() {
                let mut sums = [simd.splat_f32s(0.0); CHAINS];
                let mut chunks = lines.chunks_exact(CHAINS);
                for chunk in &mut chunks {
                    for (sum, line) in sums.iter_mut().zip(chunk) {
                        *sum = simd.add_f32s(*sum, line.lanes::<S>()[lane]);
                    }
                }
                for (sum, line) in sums.iter_mut().zip(chunks.remainder()) {
                    *sum = simd.add_f32s(*sum, line.lanes::<S>()[lane]);
                }
                let sum =
                    simd.add_f32s(simd.add_f32s(sums[0], sums[1]), simd.add_f32s(sums[2], sums[3]));
                *out = if self.accumulate { simd.add_f32s(*out, sum) } else { sum };
            }
        }
    }
}

/// Independent sums, so that an addition need not wait for the one before.
const CHAINS: usize = 4;

/// Σ over rows of `term`.
#[inline(always)]
pub(super) fn sum_rows<S: Simd>(simd: S, rows: usize, term: impl Fn(usize) -> S::f32s) -> S::f32s {
    let mut sums = [simd.splat_f32s(0.0); CHAINS];
    let whole = rows / CHAINS * CHAINS;
    for row in (0..whole).step_by(CHAINS) {
        for chain in 0..CHAINS {
            sums[chain] = simd.add_f32s(sums[chain], term(row + chain));
        }
    }
    for row in whole..rows {
        sums[row - whole] = simd.add_f32s(sums[row - whole], term(row));
    }
    simd.add_f32s(simd.add_f32s(sums[0], sums[1]), simd.add_f32s(sums[2], sums[3]))
}

/// Σ over `width` units of `term`, given panel, row and vector, for each of sixteen rows. Every
/// vector width adds in the same order, and what stands beyond the units is left out.
#[inline(always)]
pub(super) fn sum_units<S: Simd>(
    simd: S,
    width: usize,
    term: impl Fn(usize, usize, usize) -> S::f32s,
) -> Line {
    let mut sums = [Line::default(); WIDTH];
    for panel in 0..panels(width) {
        let units = (width - panel * WIDTH).min(WIDTH);
        for (row, sum) in sums.iter_mut().enumerate() {
            let mut line = Line::default();
            for (lane, value) in line.lanes_mut::<S>().iter_mut().enumerate() {
                *value = term(panel, row, lane);
            }
            line.0[units..].fill(0.0);
            for (sum, value) in sum.lanes_mut::<S>().iter_mut().zip(line.lanes::<S>()) {
                *sum = simd.add_f32s(*sum, *value);
            }
        }
    }
    let mut turned = [Line::default(); WIDTH];
    transpose_block(&sums, &mut turned);
    for half in [8, 4, 2, 1] {
        let (low, high) = turned.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            for (low, high) in low.lanes_mut::<S>().iter_mut().zip(high.lanes::<S>()) {
                *low = simd.add_f32s(*low, *high);
            }
        }
    }
    turned[0]
}

/// Writes `from` `[rows, columns]` as `to` `[columns, rows]`.
pub(super) fn transpose(from: Panels<'_>, columns: usize, mut to: PanelsMut<'_>) {
    for (block, target) in (0..from.rows).step_by(WIDTH).enumerate() {
        let rows = target..(target + WIDTH).min(from.rows);
        for first in (0..columns).step_by(WIDTH) {
            let length = (columns - first).min(WIDTH);
            let source = &from.panel(first / WIDTH)[rows.clone()];
            let out = &mut to.panel(block)[first..first + length];
            match (source.try_into(), out.try_into()) {
                (Ok(source), Ok(out)) => transpose_block(source, out),
                _ => transpose_edge(source, &mut to.panel(block)[first..first + length]),
            }
        }
    }
}

/// A whole block: of fixed bounds, so that the compiler makes it of vector shuffles; never inlined
/// into code for AVX-512, where it makes it of scattered stores, twice as slow.
#[inline(never)]
pub(super) fn transpose_block(from: &[Line; WIDTH], to: &mut [Line; WIDTH]) {
    for (row, line) in from.iter().enumerate() {
        for column in 0..WIDTH {
            to[column].0[row] = line.0[column];
        }
    }
}

/// A block at the edge of the matrix.
fn transpose_edge(from: &[Line], to: &mut [Line]) {
    for (column, out) in to.iter_mut().enumerate() {
        for (value, line) in out.0.iter_mut().zip(from) {
            *value = line.0[column % WIDTH];
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // exact values are meant

    use super::*;
    use crate::engine::native::panels::Buffer;

    #[test]
    fn a_transposed_matrix_has_rows_and_columns_exchanged() {
        for (rows, columns) in [(1, 1), (8, 5), (16, 16), (24, 40), (40, 17), (6, 32)] {
            let (mut from, mut to) = (Buffer::new(rows, columns), Buffer::new(columns, rows));
            for column in 0..columns {
                for row in 0..rows {
                    let value = (row * 1000 + column) as f32;
                    from.view_mut().panel(column / WIDTH)[row].0[column % WIDTH] = value;
                }
            }
            // Weights have rows in eights, buffers in sixteens.
            let height = rows.next_multiple_of(8);
            let panels = from.view().lines.chunks(rows.next_multiple_of(16));
            let narrow: Vec<Line> = panels.flat_map(|panel| &panel[..height]).copied().collect();
            let narrow = Panels { rows: height, lines: &narrow };
            transpose(narrow, columns, to.view_mut());
            for column in 0..columns {
                for row in 0..rows {
                    let value = to.view().panel(row / WIDTH)[column].0[row % WIDTH];
                    assert!(value == (row * 1000 + column) as f32, "{rows} {columns}");
                }
            }
        }
    }
}
