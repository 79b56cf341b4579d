//! Columns as ranks: whole numbers in the order of the values, equal where values are.

use super::columns::are_apart;
use super::sample::Sample;

/// A column of the table.
pub(super) struct Ranked {
    ranks: Ranks,
    /// The different values, ascending; a value's place is its rank.
    values: Vec<f32>,
    /// Whether there are missing cells; their rank is the number of different values.
    has_missing: bool,
    /// Whether some neighbouring values are too near to be told apart.
    has_near: bool,
}

enum Ranks {
    Small(Vec<u16>),
    Large(Vec<u32>),
}

/// What the ranks of a node's rows span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The least rank of a value.
    pub(super) low: u32,
    /// The greatest rank of a value; below `low` where every cell is missing.
    pub(super) high: u32,
    /// Number of missing cells.
    pub(super) missing: usize,
}

impl Ranked {
    /// Number of different values, and the rank of a missing cell.
    #[inline]
    pub(super) fn missing_rank(&self) -> u32 {
        self.values.len() as u32
    }

    /// Whether some neighbouring values are too near to be told apart.
    pub(super) fn has_near(&self) -> bool {
        self.has_near
    }

    #[inline]
    pub(super) fn value(&self, rank: u32) -> f32 {
        self.values[rank as usize]
    }

    /// Whether two ranks, the first below the second, can be on different sides of a threshold.
    #[inline]
    pub(super) fn are_apart(&self, low: u32, high: u32) -> bool {
        are_apart(self.value(low), self.value(high))
    }

    /// Whether no threshold parts rows of such a span.
    pub(super) fn is_constant(&self, span: Span) -> bool {
        span.high < span.low || (span.missing == 0 && !self.are_apart(span.low, span.high))
    }

    /// Puts the ranks of `samples` into `ranks`, `[samples]`.
    pub(super) fn gather(&self, samples: &[Sample], ranks: &mut Vec<u32>) -> Span {
        let missing = self.has_missing.then_some(self.missing_rank());
        match &self.ranks {
            Ranks::Small(all) => gather(all, samples, missing, ranks),
            Ranks::Large(all) => gather(all, samples, missing, ranks),
        }
    }

    /// The rank of a sample.
    #[inline]
    pub(super) fn rank(&self, sample: Sample) -> u32 {
        match &self.ranks {
            Ranks::Small(all) => u32::from(all[sample.row as usize]),
            Ranks::Large(all) => all[sample.row as usize],
        }
    }

    /// Ranks the cells of a column.
    pub(super) fn new(cells: &[f32]) -> Self {
        let mut keys: Vec<u64> = cells
            .iter()
            .zip(0_u64..)
            .map(|(&cell, row)| (u64::from(key(cell)) << 32) | row)
            .collect();
        sort_by_key(&mut keys);
        let mut values: Vec<f32> = Vec::new();
        let mut ranks = vec![0; keys.len()];
        let mut last = None;
        for &packed in &keys {
            let key = (packed >> 32) as u32;
            if last != Some(key) && key != MISSING {
                values.push(cell(key));
                last = Some(key);
            }
            let rank = if key == MISSING { values.len() } else { values.len() - 1 };
            ranks[packed as u32 as usize] = rank as u32;
        }
        let has_missing = keys.last().is_some_and(|packed| (packed >> 32) as u32 == MISSING);
        let has_near = values.windows(2).any(|pair| !are_apart(pair[0], pair[1]));
        values.shrink_to_fit();
        let ranks = if u16::try_from(values.len()).is_ok() {
            Ranks::Small(ranks.iter().map(|&rank| rank as u16).collect())
        } else {
            Ranks::Large(ranks)
        };
        Self { ranks, values, has_missing, has_near }
    }
}

/// Puts the ranks of `samples` into `ranks`, `[samples]`.
fn gather<R: Copy + Into<u32>>(
    all: &[R],
    samples: &[Sample],
    missing: Option<u32>,
    ranks: &mut Vec<u32>,
) -> Span {
    ranks.clear();
    ranks.extend(samples.iter().map(|at| -> u32 { all[at.row as usize].into() }));
    // Passes of their own, which the compiler turns into vectors.
    let low = ranks.iter().fold(u32::MAX, |low, &rank| low.min(rank));
    let Some(missing) = missing else {
        let high = ranks.iter().fold(0, |high, &rank| high.max(rank));
        return Span { low, high, missing: 0 };
    };
    // One beyond the greatest rank, so that 0 is for missing cells alone.
    let place = |rank: u32| if rank == missing { 0 } else { rank + 1 };
    let high = ranks.iter().fold(0, |high, &rank| high.max(place(rank)));
    let count: u32 = ranks.iter().map(|&rank| u32::from(rank == missing)).sum();
    if high == 0 {
        return Span { low: 1, high: 0, missing: count as usize };
    }
    Span { low, high: high - 1, missing: count as usize }
}

const MISSING: u32 = u32::MAX;

/// Sorts by the upper 32 bits, eleven at a time; what is equal there stays in order.
fn sort_by_key(keys: &mut Vec<u64>) {
    const DIGIT: u32 = 11;
    let mut spare = vec![0; keys.len()];
    for shift in [32, 32 + DIGIT, 32 + 2 * DIGIT] {
        let digit = |key: u64| (key >> shift) as usize & ((1 << DIGIT) - 1);
        let mut places = [0_usize; 1 << DIGIT];
        for &key in keys.iter() {
            places[digit(key)] += 1;
        }
        if places.contains(&keys.len()) {
            continue;
        }
        let mut start = 0;
        for place in &mut places {
            start += std::mem::replace(place, start);
        }
        for &key in keys.iter() {
            let place = &mut places[digit(key)];
            spare[*place] = key;
            *place += 1;
        }
        std::mem::swap(keys, &mut spare);
    }
}

/// A number in the order of the values: both zeros are one, and every NaN comes last.
fn key(cell: f32) -> u32 {
    if cell.is_nan() {
        return MISSING;
    }
    let bits = (cell + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | (1 << 31) }
}

/// The value of a key.
fn cell(key: u32) -> f32 {
    f32::from_bits(if key >> 31 == 1 { key & !(1 << 31) } else { !key })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    fn ranks(cells: &[f32]) -> (Vec<u32>, Span, Ranked) {
        let column = Ranked::new(cells);
        let samples: Vec<Sample> =
            (0..cells.len() as u32).map(|row| Sample { row, class: 0, weight: 1 }).collect();
        let mut ranks = Vec::new();
        let span = column.gather(&samples, &mut ranks);
        (ranks, span, column)
    }

    #[test]
    fn equal_values_share_a_rank_and_missing_cells_come_last() {
        let nan = f32::NAN;
        let cells = [2.5, nan, -0.0, f32::INFINITY, 0.0, -1e30, -f32::NAN, 2.5, f32::NEG_INFINITY];
        let (ranks, span, column) = ranks(&cells);
        assert_eq!(ranks, [3, 5, 2, 4, 2, 1, 5, 3, 0]);
        assert_eq!(span, Span { low: 0, high: 4, missing: 2 });
        assert_eq!(column.values, [f32::NEG_INFINITY, -1e30, 0.0, 2.5, f32::INFINITY]);
        assert!(column.has_missing && !column.has_near);
    }

    #[test]
    fn a_column_without_two_values_is_constant() {
        for (cells, constant) in [
            (vec![1.0, 1.0], true),
            (vec![1.0, 1.000_000_1], true),
            (vec![1.0, 1.000_001], false),
            (vec![1e-8, 2e-8], true),
            (vec![f32::NAN, f32::NAN], true),
            (vec![f32::NAN, 1.0], false),
            (vec![f32::INFINITY, f32::INFINITY], true),
            (vec![f32::INFINITY, f32::NEG_INFINITY], false),
        ] {
            let (_, span, column) = ranks(&cells);
            assert_eq!(column.is_constant(span), constant, "{cells:?}");
        }
    }

    #[test]
    fn ranks_beyond_16_bits_are_kept() {
        let cells: Vec<f32> = (0..70_000_u32).map(|row| row as f32).rev().collect();
        let (ranks, span, _) = ranks(&cells);
        assert_eq!((ranks[0], ranks[69_999]), (69_999, 0));
        assert_eq!(span, Span { low: 0, high: 69_999, missing: 0 });
    }
}
