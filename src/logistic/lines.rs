//! Columns as the kernels take them: eight rows side by side in one cache line.
//!
//! Every vector width in use divides 8, so one layout and one source serve them all. Sums over rows
//! run in eight lanes, whatever the width, which are then added in one order.

use std::ops::Range;

use pulp::Simd;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::examples::Matrix;

/// Rows of a line.
pub(super) const WIDTH: usize = 8;
/// Lines of a column in a chunk. The number is odd, or the lines of all columns would fall into the
/// same few places of the processor's first cache; and a column of a chunk is long enough to be
/// fetched ahead.
const LINES: usize = 63;
/// Rows of a chunk.
pub(super) const ROWS: usize = LINES * WIDTH;

/// A number for each of eight rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Line(pub [f64; WIDTH]);

impl Line {
    /// The line as vectors, `WIDTH / S::F64_LANES` of them.
    #[inline(always)]
    pub fn lanes<S: Simd>(&self) -> &[S::f64s] {
        S::as_simd_f64s(&self.0).0
    }

    /// The line as vectors, to be written.
    #[inline(always)]
    pub fn lanes_mut<S: Simd>(&mut self) -> &mut [S::f64s] {
        S::as_mut_simd_f64s(&mut self.0).0
    }

    /// The sum of the eight, in one order on all machines.
    #[inline(always)]
    pub fn sum(&self) -> f64 {
        let halves: [f64; 4] = std::array::from_fn(|lane| self.0[lane] + self.0[lane + 4]);
        (halves[0] + halves[2]) + (halves[1] + halves[3])
    }
}

/// Columns over rows, chunk after chunk, in each of them column after column. Rows that fill up the
/// last line hold zeros.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub width: usize,
    /// The lines of all chunks.
    lines: Vec<Line>,
}

impl Columns {
    /// Zeros.
    pub fn new(rows: usize, width: usize) -> Self {
        let lines = vec![Line::default(); rows.div_ceil(WIDTH) * width];
        Self { rows, width, lines }
    }

    /// The columns of `matrix` from a row on, and one of ones if asked for.
    pub fn of(matrix: &Matrix, first: usize, rows: usize, ones: bool) -> Self {
        let columns = matrix.columns();
        let width = columns + usize::from(ones);
        let mut all = Self::new(rows, width);
        for row in 0..rows {
            let (chunk, within) = (row / ROWS, row % ROWS);
            let length = all.length(chunk);
            let place = within / WIDTH;
            let lines = all.chunk_mut(chunk);
            let values: &[f32] = if columns == 0 { &[] } else { matrix.row(first + row) };
            for (column, &value) in values.iter().enumerate() {
                lines[column * length + place].0[within % WIDTH] = f64::from(value);
            }
            if ones {
                lines[columns * length + place].0[within % WIDTH] = 1.0;
            }
        }
        all
    }

    /// Number of chunks.
    pub fn chunks(&self) -> usize {
        self.rows.div_ceil(ROWS)
    }

    /// Lines of a column in a chunk.
    pub fn length(&self, chunk: usize) -> usize {
        (self.rows.div_ceil(WIDTH) - chunk * LINES).min(LINES)
    }

    /// The lines of a chunk's rows among those of all.
    pub fn places(&self, chunk: usize) -> Range<usize> {
        let first = chunk * LINES;
        first..first + self.length(chunk)
    }

    /// The columns of a chunk.
    pub fn chunk(&self, chunk: usize) -> &[Line] {
        let start = chunk * LINES * self.width;
        &self.lines[start..start + self.length(chunk) * self.width]
    }

    /// The columns of a chunk, to be written.
    pub fn chunk_mut(&mut self, chunk: usize) -> &mut [Line] {
        let start = chunk * LINES * self.width;
        let length = self.length(chunk) * self.width;
        &mut self.lines[start..start + length]
    }

    /// Fills each chunk by a function of its number, and gives what that returns, in order.
    pub fn fill<T: Send>(&mut self, fill: impl Fn(usize, &mut [Line]) -> T + Sync) -> Vec<T> {
        if self.width == 0 {
            return (0..self.chunks()).map(|chunk| fill(chunk, &mut [])).collect();
        }
        let chunks: Vec<_> = self.lines.chunks_mut(LINES * self.width).collect();
        chunks.into_par_iter().enumerate().map(|(chunk, lines)| fill(chunk, lines)).collect()
    }

    /// `self + step · other`, of columns alike.
    pub fn plus(&self, step: f64, other: &Self) -> Self {
        let mut sum = self.clone();
        for (line, other) in sum.lines.iter_mut().zip(&other.lines) {
            for lane in 0..WIDTH {
                line.0[lane] += step * other.0[lane];
            }
        }
        sum
    }
}
