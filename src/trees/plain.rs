//! Columns as they are, for thresholds that are drawn between their least and greatest value.

use super::columns::are_apart;
use super::sample::Sample;

/// A column of the table.
pub(super) struct Plain {
    cells: Vec<f32>,
}

/// What the cells of a node's rows span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// The least value; without a value above `high`.
    pub(super) low: f32,
    /// The greatest value.
    pub(super) high: f32,
    /// Number of missing cells.
    pub(super) missing: usize,
    /// Number of cells.
    rows: usize,
}

impl Span {
    /// Whether no threshold parts the cells.
    pub(super) fn is_constant(&self) -> bool {
        self.missing == self.rows || (self.missing == 0 && !are_apart(self.low, self.high))
    }
}

impl Plain {
    pub(super) fn new(cells: &[f32]) -> Self {
        Self { cells: cells.to_vec() }
    }

    /// The cell of a sample.
    #[inline]
    pub(super) fn cell(&self, sample: Sample) -> f32 {
        self.cells[sample.row as usize]
    }

    /// Puts the cells of `samples` into `cells`, `[samples]`.
    pub(super) fn gather(&self, samples: &[Sample], cells: &mut Vec<f32>) -> Span {
        cells.clear();
        cells.extend(samples.iter().map(|&sample| self.cell(sample)));
        let mut lanes = Lanes::new();
        let (whole, rest) = cells.as_chunks();
        for cells in whole {
            lanes.add(cells);
        }
        let mut last = [f32::NAN; LANES];
        last[..rest.len()].copy_from_slice(rest);
        lanes.add(&last);
        let lesser = |one: f32, other: f32| if other < one { other } else { one };
        let greater = |one: f32, other: f32| if other > one { other } else { one };
        Span {
            low: lanes.low.into_iter().fold(f32::INFINITY, lesser),
            high: lanes.high.into_iter().fold(f32::NEG_INFINITY, greater),
            missing: lanes.missing.into_iter().sum::<u32>() as usize - (LANES - rest.len()),
            rows: samples.len(),
        }
    }
}

/// Cells that are looked at together.
const LANES: usize = 8;

/// The span of every eighth cell.
struct Lanes {
    low: [f32; LANES],
    high: [f32; LANES],
    missing: [u32; LANES],
}

impl Lanes {
    fn new() -> Self {
        Self { low: [f32::INFINITY; LANES], high: [f32::NEG_INFINITY; LANES], missing: [0; LANES] }
    }

    /// No comparison holds for a missing cell.
    #[inline]
    fn add(&mut self, cells: &[f32; LANES]) {
        for (lane, &cell) in cells.iter().enumerate() {
            self.low[lane] = if cell < self.low[lane] { cell } else { self.low[lane] };
            self.high[lane] = if cell > self.high[lane] { cell } else { self.high[lane] };
            self.missing[lane] += u32::from(cell.is_nan());
        }
    }
}

/// Whether a cell goes left.
#[inline]
pub(super) fn goes_left(cell: f32, threshold: f32, missing_left: bool) -> bool {
    cell <= threshold || (missing_left && cell.is_nan())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    #[test]
    fn a_span_leaves_missing_cells_out() {
        let (nan, most) = (f32::NAN, f32::INFINITY);
        for (cells, low, high, missing, constant) in [
            (vec![2.0, nan, -1.0], -1.0, 2.0, 1, false),
            (vec![nan, 3.0], 3.0, 3.0, 1, false),
            (vec![3.0, 3.0], 3.0, 3.0, 0, true),
            (vec![nan, nan], most, -most, 2, true),
            (vec![most, most], most, most, 0, true),
            (vec![most, -most], -most, most, 0, false),
            (vec![-0.0, 0.0], 0.0, 0.0, 0, true),
        ] {
            let samples: Vec<Sample> =
                (0..cells.len() as u32).map(|row| Sample { row, class: 0, weight: 1 }).collect();
            let span = Plain::new(&cells).gather(&samples, &mut Vec::new());
            assert_eq!(span, Span { low, high, missing, rows: cells.len() });
            assert_eq!(span.is_constant(), constant, "{cells:?}");
        }
    }
}
