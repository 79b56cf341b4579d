//! Rows laid out for the comparison in 32 bits.

use pulp::Simd;

use super::exact::inverse_length;
use super::settings::Metric;
use crate::examples::Matrix;

/// Rows of a panel.
pub(super) const WIDTH: usize = 16;

/// A column of a panel, sixteen rows side by side in one cache line.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
pub(super) struct Line(pub [f32; WIDTH]);

impl Line {
    /// The line as vectors, `WIDTH / S::F32_LANES` of them.
    #[inline(always)]
    pub fn lanes<S: Simd>(&self) -> &[S::f32s] {
        S::as_simd_f32s(&self.0).0
    }
}

/// Train rows in panels, in an order that has little to do with their own.
///
/// Tables are often sorted by time, and near in time is near in value: in their own order, rows
/// would come ever nearer to those at the end, and each had to be compared again in 64 bits. In
/// steps of the golden ratio, the first few rows are a sample of all.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    /// Panels, each of as many lines as a packed row has values.
    pub lines: Vec<Line>,
    /// The row at each place.
    pub order: Vec<u32>,
    /// What a row is multiplied by to have length 1, for the cosine; else nothing.
    pub inverse_lengths: Vec<f64>,
}

impl Packed {
    pub(super) fn new(train: &Matrix, metric: Metric) -> Self {
        let (rows, width) = (train.rows(), width(train.columns(), metric));
        let inverse_lengths = inverse_lengths(train, metric);
        let mut lines = vec![Line::default(); rows.div_ceil(WIDTH) * width];
        let mut row = vec![0.0; width];
        let order = order(rows);
        for (place, &number) in order.iter().enumerate() {
            let number = number as usize;
            pack(train.row(number), inverse_lengths.get(number), Side::Train, &mut row);
            let panel = &mut lines[place / WIDTH * width..][..width];
            for (line, &value) in panel.iter_mut().zip(&row) {
                line.0[place % WIDTH] = value;
            }
        }
        Self { lines, order, inverse_lengths }
    }
}

/// Which rows are packed: a row of zeros has another mark on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Train,
    Query,
}

/// Values of a packed row.
pub(super) fn width(columns: usize, metric: Metric) -> usize {
    if metric == Metric::Cosine { columns + 2 } else { columns }
}

/// What rows are multiplied by to have length 1, for the cosine; else nothing.
pub(super) fn inverse_lengths(rows: &Matrix, metric: Metric) -> Vec<f64> {
    if metric != Metric::Cosine {
        return Vec::new();
    }
    (0..rows.rows()).map(|row| inverse_length(rows.row(row))).collect()
}

/// Writes a row as it is compared in 32 bits. With a length, it gets length 1 and two columns more:
/// one for rows of zeros on either side. They put the square 2 between a row of zeros and any other,
/// as between rows at a right angle.
pub(super) fn pack(row: &[f32], inverse_length: Option<&f64>, side: Side, packed: &mut [f32]) {
    let Some(&inverse_length) = inverse_length else {
        packed.copy_from_slice(row);
        return;
    };
    let (values, marks) = packed.split_at_mut(row.len());
    for (packed, &value) in values.iter_mut().zip(row) {
        *packed = (f64::from(value) * inverse_length) as f32;
    }
    marks.fill(0.0);
    let mark = usize::from(side == Side::Query);
    // A square of 1 on either side comes to the 1 of the row's own length and 1, or to 1 and 1.
    marks[mark] = if inverse_length == 0.0 { 1.0 } else { 0.0 };
}

/// Numbers below `rows` in steps of the golden ratio.
fn order(rows: usize) -> Vec<u32> {
    let mut step = (rows as f64 * 0.618_033_988_749_895) as usize;
    while greatest_common_divisor(step, rows) != 1 {
        step += 1;
    }
    let mut at = 0;
    let next = |_| {
        let now = at as u32;
        at = (at + step) % rows;
        now
    };
    (0..rows).map(next).collect()
}

fn greatest_common_divisor(mut one: usize, mut other: usize) -> usize {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_packed_once() {
        for rows in 1..300 {
            let mut order = order(rows);
            order.sort_unstable();
            assert_eq!(order, (0..rows as u32).collect::<Vec<_>>());
        }
    }
}
