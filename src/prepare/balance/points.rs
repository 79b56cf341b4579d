//! The rows of a class as points of a space of numbers and categories.

use std::cmp::Ordering;

/// Numbers that are summed side by side; the numbers of a row are filled up with zeros.
const LANES: usize = 4;

/// Rows of numbers and of categories.
pub(super) struct Points {
    /// `[rows][stride]`.
    numbers: Vec<f64>,
    stride: usize,
    /// `[rows][width]`.
    codes: Vec<u32>,
    width: usize,
    /// What two categories that differ add to a squared distance.
    mismatch: f64,
    rows: usize,
}

/// A column of [`Points`].
#[derive(Clone, Copy)]
pub(super) enum Column {
    Numeric(usize),
    Categorical(usize),
}

impl Points {
    /// The given rows of columns `[columns][rows]`.
    pub(super) fn new(
        numeric: &[&[f64]],
        categorical: &[&[u32]],
        rows: &[usize],
        mismatch: f64,
    ) -> Self {
        let stride = numeric.len().next_multiple_of(LANES);
        let mut numbers = Vec::with_capacity(rows.len() * stride);
        let mut codes = Vec::with_capacity(rows.len() * categorical.len());
        for (number, &row) in rows.iter().enumerate() {
            numbers.extend(numeric.iter().map(|column| column[row]));
            numbers.resize((number + 1) * stride, 0.0);
            codes.extend(categorical.iter().map(|column| column[row]));
        }
        Self { numbers, stride, codes, width: categorical.len(), mismatch, rows: rows.len() }
    }

    /// Points of the same space, none yet.
    pub(super) fn none(&self) -> Self {
        Self { numbers: Vec::new(), codes: Vec::new(), rows: 0, ..*self }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Adds a row of `from`.
    pub(super) fn push(&mut self, from: &Self, row: usize) {
        self.numbers.extend(from.numbers(row));
        self.codes.extend(from.codes(row));
        self.rows += 1;
    }

    fn numbers(&self, row: usize) -> &[f64] {
        &self.numbers[row * self.stride..][..self.stride]
    }

    fn codes(&self, row: usize) -> &[u32] {
        &self.codes[row * self.width..][..self.width]
    }

    /// Lowers each column of the last point to that of a row of `from`, where that is lower.
    pub(super) fn lower_last(&mut self, from: &Self, row: usize) {
        self.merge_last(from, row, f64::min, u32::min);
    }

    /// Raises each column of the last point to that of a row of `from`, where that is higher.
    pub(super) fn raise_last(&mut self, from: &Self, row: usize) {
        self.merge_last(from, row, f64::max, u32::max);
    }

    fn merge_last(
        &mut self,
        from: &Self,
        row: usize,
        number: fn(f64, f64) -> f64,
        code: fn(u32, u32) -> u32,
    ) {
        let start = self.numbers.len() - self.stride;
        for (one, other) in self.numbers[start..].iter_mut().zip(from.numbers(row)) {
            *one = number(*one, *other);
        }
        let start = self.codes.len() - self.width;
        for (one, other) in self.codes[start..].iter_mut().zip(from.codes(row)) {
            *one = code(*one, *other);
        }
    }

    /// The column in which a row of `self` and one of `high` are the farthest apart, the first of
    /// equals.
    pub(super) fn widest(&self, high: &Self, row: usize) -> Column {
        let numbers = self.numbers(row).iter().zip(high.numbers(row));
        let numbers = numbers.map(|(low, high)| (high - low).powi(2));
        let numbers = numbers.enumerate().map(|(at, width)| (width, Column::Numeric(at)));
        let codes = self.codes(row).iter().zip(high.codes(row));
        let codes = codes.map(|(low, high)| if low == high { 0.0 } else { self.mismatch });
        let codes = codes.enumerate().map(|(at, width)| (width, Column::Categorical(at)));
        let widest = numbers.chain(codes).reduce(
            |widest, next| {
                if next.0 > widest.0 { next } else { widest }
            },
        );
        widest.map_or(Column::Numeric(0), |(_, column)| column)
    }

    /// Compares two rows by a column.
    pub(super) fn compare(&self, column: Column, one: usize, other: usize) -> Ordering {
        match column {
            Column::Numeric(at) => self.numbers(one)[at].total_cmp(&self.numbers(other)[at]),
            Column::Categorical(at) => self.codes(one)[at].cmp(&self.codes(other)[at]),
        }
    }

    /// The squared distance of two rows.
    pub(super) fn distance(&self, one: usize, other: usize) -> f64 {
        let (one_numbers, _) = self.numbers(one).as_chunks::<LANES>();
        let (other_numbers, _) = self.numbers(other).as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for (one, other) in one_numbers.iter().zip(other_numbers) {
            for lane in 0..LANES {
                let difference = one[lane] - other[lane];
                sums[lane] += difference * difference;
            }
        }
        let codes = self.codes(one).iter().zip(self.codes(other));
        self.total(sums, codes.filter(|(one, other)| one != other).count())
    }

    /// The squared distance of a row to the nearest point of a box, whose corners are a row of
    /// `low` and one of `high`; never more than the distance to a row inside, nor by rounding.
    pub(super) fn box_distance(&self, row: usize, low: &Self, high: &Self, corner: usize) -> f64 {
        let (numbers, _) = self.numbers(row).as_chunks::<LANES>();
        let (lows, _) = low.numbers(corner).as_chunks::<LANES>();
        let (highs, _) = high.numbers(corner).as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for ((number, low), high) in numbers.iter().zip(lows).zip(highs) {
            for lane in 0..LANES {
                let below = (low[lane] - number[lane]).max(0.0);
                let difference = (number[lane] - high[lane]).max(below);
                sums[lane] += difference * difference;
            }
        }
        let codes = self.codes(row).iter().zip(low.codes(corner)).zip(high.codes(corner));
        let outside = codes.filter(|((code, low), high)| code < low || code > high);
        self.total(sums, outside.count())
    }

    fn total(&self, sums: [f64; LANES], mismatches: usize) -> f64 {
        sums.iter().sum::<f64>() + self.mismatch * mismatches as f64
    }
}
