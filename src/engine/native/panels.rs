//! Matrices as the kernels take them: panels of 16 columns, a row of a panel one cache line.
//!
//! Every vector width in use divides 16, so one layout and one source serve them all.

use pulp::Simd;

/// Columns of a panel.
pub(super) const WIDTH: usize = 16;

/// Rows of a matrix that kernels write come in multiples of this. What stands in rows and columns
/// beyond the matrix is not zero, and reaches nothing but other such places: every inner dimension
/// is run through to its exact length.
pub(super) const ROWS: usize = 8;

/// Sixteen floats in one cache line.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Line(pub [f32; WIDTH]);

impl Line {
    /// The line as vectors, `WIDTH / S::F32_LANES` of them.
    #[inline(always)]
    pub fn lanes<S: Simd>(&self) -> &[S::f32s] {
        S::as_simd_f32s(&self.0).0
    }

    /// The line as vectors, to be written.
    #[inline(always)]
    pub fn lanes_mut<S: Simd>(&mut self) -> &mut [S::f32s] {
        S::as_mut_simd_f32s(&mut self.0).0
    }
}

/// Number of panels of so many columns.
pub(super) fn panels(columns: usize) -> usize {
    columns.div_ceil(WIDTH)
}

/// Rows of memory for so many rows.
pub(super) fn padded(rows: usize) -> usize {
    rows.next_multiple_of(ROWS)
}

/// A matrix, panel after panel, each `rows` lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panels<'a> {
    /// Rows in memory.
    pub rows: usize,
    /// All lines.
    pub lines: &'a [Line],
}

impl<'a> Panels<'a> {
    /// The lines of one panel.
    #[inline(always)]
    pub fn panel(self, index: usize) -> &'a [Line] {
        &self.lines[index * self.rows..(index + 1) * self.rows]
    }
}

/// A matrix to be written.
#[derive(Debug)]
pub(super) struct PanelsMut<'a> {
    /// Rows in memory.
    pub rows: usize,
    /// All lines.
    pub lines: &'a mut [Line],
}

impl PanelsMut<'_> {
    /// The lines of one panel.
    #[inline(always)]
    pub fn panel(&mut self, index: usize) -> &mut [Line] {
        &mut self.lines[index * self.rows..(index + 1) * self.rows]
    }
}

/// A matrix of its own.
#[derive(Debug, Clone)]
pub(super) struct Buffer {
    rows: usize,
    lines: Vec<Line>,
}

impl Buffer {
    /// Zeros. Rows come in whole blocks of sixteen, so that blocks can be turned.
    pub fn new(rows: usize, columns: usize) -> Self {
        let rows = rows.next_multiple_of(WIDTH);
        Self { rows, lines: vec![Line::default(); rows * panels(columns)] }
    }

    /// To be read.
    pub fn view(&self) -> Panels<'_> {
        Panels { rows: self.rows, lines: &self.lines }
    }

    /// To be written.
    pub fn view_mut(&mut self) -> PanelsMut<'_> {
        PanelsMut { rows: self.rows, lines: &mut self.lines }
    }
}
