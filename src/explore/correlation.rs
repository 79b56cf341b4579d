//! Pearson's correlation of all pairs of columns, each over the rows where both are there, as pandas'
//! `corr`.

use std::ops::Range;

use rayon::prelude::*;

use super::describe::moments;

/// Columns of a tile: all pairs of two groups of so many are summed while their rows are in the cache.
const TILE: usize = 8;

/// Rows that are summed at a time.
const BLOCK: usize = 512;

/// Partial sums that a processor can add side by side.
const LANES: usize = 8;

/// A column, and what makes its numbers small: their mean and the inverse of their deviation.
struct Scaled<'a> {
    values: &'a [f64],
    mean: f64,
    inverse: f64,
    gaps: bool,
}

/// A block of a column's rows: scaled numbers, 0 where missing, and 1 where present.
struct Block {
    numbers: [f64; BLOCK],
    present: [f64; BLOCK],
}

/// Sums over the rows where both columns of a pair are there.
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

/// The correlations `[columns][columns]` of `columns`, each `[rows]` with NaN where missing; NaN
/// where a pair has too few rows, or does not vary in them.
///
/// The sums of a pair have one order, whatever the number of threads. No column is copied.
pub(super) fn correlate(columns: &[&[f64]]) -> Vec<Vec<f64>> {
    let scaled: Vec<Scaled> = columns.par_iter().map(|values| Scaled::new(values)).collect();
    let starts = || (0..columns.len()).step_by(TILE);
    let tile = |start: usize| start..(start + TILE).min(columns.len());
    let tiles: Vec<(Range<usize>, Range<usize>)> = starts()
        .flat_map(|row| starts().filter(move |column| *column >= row).map(move |c| (row, c)))
        .map(|(row, column)| (tile(row), tile(column)))
        .collect();
    let pairs: Vec<Vec<(usize, usize, f64)>> =
        tiles.into_par_iter().map(|(rows, columns)| sum_tile(&scaled, rows, columns)).collect();
    let mut matrix = vec![vec![f64::NAN; columns.len()]; columns.len()];
    for (one, other, value) in pairs.into_iter().flatten() {
        matrix[one][other] = value;
        matrix[other][one] = value;
    }
    matrix
}

impl<'a> Scaled<'a> {
    fn new(values: &'a [f64]) -> Self {
        let gaps = values.iter().any(|value| value.is_nan());
        let (mean, std) = if gaps {
            let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            moments(&present)
        } else {
            moments(values)
        };
        Self { values, mean, inverse: 1.0 / std, gaps }
    }

    fn read(&self, start: usize, block: &mut Block) {
        let rows = &self.values[start..(start + BLOCK).min(self.values.len())];
        block.numbers.fill(0.0);
        for (number, value) in block.numbers.iter_mut().zip(rows) {
            *number = (value - self.mean) * self.inverse;
        }
        if !self.gaps && rows.len() == BLOCK {
            block.present.fill(1.0);
            return;
        }
        block.present.fill(0.0);
        for ((number, present), value) in block.numbers.iter_mut().zip(&mut block.present).zip(rows)
        {
            *present = f64::from(u8::from(!value.is_nan()));
            if value.is_nan() {
                *number = 0.0;
            }
        }
    }
}

/// The correlations of the pairs of two groups of columns.
fn sum_tile(
    columns: &[Scaled],
    above: Range<usize>,
    left: Range<usize>,
) -> Vec<(usize, usize, f64)> {
    let block = || Block { numbers: [0.0; BLOCK], present: [0.0; BLOCK] };
    let mut blocks: [Vec<Block>; 2] =
        [above.len(), left.len()].map(|n| (0..n).map(|_| block()).collect());
    let pairs: Vec<(usize, usize)> = above
        .clone()
        .flat_map(|one| left.clone().filter(move |other| *other >= one).map(move |o| (one, o)))
        .collect();
    let mut sums = vec![Sums::default(); pairs.len()];
    let rows = columns.first().map_or(0, |column| column.values.len());
    for start in (0..rows).step_by(BLOCK) {
        for (side, group) in blocks.iter_mut().zip([&above, &left]) {
            for (block, column) in side.iter_mut().zip(group.clone()) {
                columns[column].read(start, block);
            }
        }
        for (sums, &(one, other)) in sums.iter_mut().zip(&pairs) {
            let (x, y) = (&blocks[0][one - above.start], &blocks[1][other - left.start]);
            if columns[one].gaps || columns[other].gaps {
                sums.add(x, y);
            } else {
                sums.xy += dot(&x.numbers, &y.numbers);
            }
        }
    }
    let of = |((one, other), sums): ((usize, usize), Sums)| {
        let whole = !(columns[one].gaps || columns[other].gaps);
        // Scaled columns without a gap have mean 0 and deviation 1.
        let value = if whole { sums.xy / (rows as f64 - 1.0) } else { sums.correlation() };
        (one, other, value.clamp(-1.0, 1.0))
    };
    pairs.into_iter().zip(sums).map(of).collect()
}

impl Sums {
    fn add(&mut self, x: &Block, y: &Block) {
        self.rows += dot(&x.present, &y.present);
        self.x += dot(&x.numbers, &y.present);
        self.y += dot(&x.present, &y.numbers);
        self.xx += square(&x.numbers, &y.present);
        self.yy += square(&y.numbers, &x.present);
        self.xy += dot(&x.numbers, &y.numbers);
    }

    fn correlation(&self) -> f64 {
        let Self { rows, x, y, xx, yy, xy } = *self;
        let spread = (xx - x * x / rows) * (yy - y * y / rows);
        // Rounding leaves a hair where a column does not vary.
        if spread <= 1e-20 { f64::NAN } else { (xy - x * y / rows) / spread.sqrt() }
    }
}

fn dot(one: &[f64; BLOCK], other: &[f64; BLOCK]) -> f64 {
    add_up(one, other, |a, b| a * b)
}

fn square(numbers: &[f64; BLOCK], present: &[f64; BLOCK]) -> f64 {
    add_up(numbers, present, |a, b| a * a * b)
}

fn add_up(one: &[f64; BLOCK], other: &[f64; BLOCK], of: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    for (one, other) in one.chunks_exact(LANES).zip(other.chunks_exact(LANES)) {
        for ((lane, a), b) in lanes.iter_mut().zip(one).zip(other) {
            *lane += of(*a, *b);
        }
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_follow_each_other_correlate_fully_also_across_tiles() {
        let rows = 1300;
        let column = |slope: f64| (0..rows).map(|row| slope * f64::from(row) + 7.0).collect();
        let columns: Vec<Vec<f64>> =
            (0..11).map(|k| column(if k % 2 == 0 { 2.0 } else { -3.0 })).collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        for (one, line) in correlate(&slices).iter().enumerate() {
            for (other, value) in line.iter().enumerate() {
                let wanted = if (one + other) % 2 == 0 { 1.0 } else { -1.0 };
                assert!((value - wanted).abs() < 1e-12, "{one} {other} {value}");
            }
        }
    }

    #[test]
    fn a_pair_counts_the_rows_where_both_are_there() {
        let nan = f64::NAN;
        let matrix = correlate(&[&[1.0, 2.0, 3.0, nan, 100.0], &[1.0, 2.0, 3.0, 50.0, nan]]);
        assert!((matrix[0][1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        let nan = f64::NAN;
        let matrix = correlate(&[&[1.0, 1.0, 1.0], &[1.0, 2.0, nan], &[nan, nan, 4.0]]);
        assert!(matrix[0][1].is_nan() && matrix[1][2].is_nan() && matrix[2][2].is_nan());
        assert!(correlate(&[]).is_empty());
    }
}
