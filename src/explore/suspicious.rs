//! Cells that are hardly what their column holds: text among numbers, numbers that stand for nothing.

use serde::Serialize;

use super::shorten;
use super::sorted::same;
use crate::data::{MISSING_CODE, is_number};

/// A value that stands for a missing cell does so at least this often.
const FEWEST_CELLS: usize = 3;

/// A column whose other values are fewer has too little of a range to lie far from.
const FEWEST_OTHERS: usize = 10;

/// Cells of a column of text that are not numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Strays {
    /// How many; all where the column holds no number.
    pub cells: usize,
    /// The row of the first, from 1.
    pub row: usize,
    /// What it holds.
    pub value: String,
}

/// A number that may stand for a missing cell, such as -999.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sentinel {
    /// The number.
    pub value: f64,
    /// How many cells hold it.
    pub cells: usize,
    /// The least of the others.
    pub low: f64,
    /// The greatest of the others.
    pub high: f64,
}

/// The cells of text that are not numbers; of none there is no row, and no value.
pub(super) fn find_strays(codes: &[u32], labels: &[&str]) -> Strays {
    let strays: Vec<bool> = labels.iter().map(|label| !is_number(label)).collect();
    let is_stray = |code: u32| strays.get(code as usize) == Some(&true);
    let first = codes.iter().position(|code| *code != MISSING_CODE && is_stray(*code));
    let value = first.and_then(|row| labels.get(codes[row] as usize));
    Strays {
        cells: codes.iter().filter(|code| is_stray(**code)).count(),
        row: first.map_or(0, |row| row + 1),
        value: value.map_or(String::new(), |value| shorten(value)),
    }
}

/// Numbers that may stand for missing cells, of `sorted` numbers in ascending order: the least or the
/// greatest of a column, where it is whole, at least three cells hold it, and it is further from its
/// neighbour than all others, at least ten different ones, are from each other. What is left is looked
/// at again, so that both -9999 and -999 are found. Zero is left out: it is what a machine at rest reads.
pub(super) fn find_sentinels(sorted: &[f64]) -> Vec<Sentinel> {
    let mut found = Vec::new();
    let mut rest = sorted;
    while let Some((sentinel, others)) = sentinel_below(rest).or_else(|| sentinel_above(rest)) {
        found.push(sentinel);
        rest = others;
    }
    found
}

fn sentinel_below(sorted: &[f64]) -> Option<(Sentinel, &[f64])> {
    let value = *sorted.first()?;
    let cells = sorted.partition_point(|other| *other <= value);
    let others = sorted.get(cells..)?;
    let nearest = *others.first()?;
    Some((judge(value, cells, others, nearest - value)?, others))
}

fn sentinel_above(sorted: &[f64]) -> Option<(Sentinel, &[f64])> {
    let value = *sorted.last()?;
    let others = sorted.get(..sorted.partition_point(|other| *other < value))?;
    let nearest = *others.last()?;
    Some((judge(value, sorted.len() - others.len(), others, value - nearest)?, others))
}

fn judge(value: f64, cells: usize, others: &[f64], distance: f64) -> Option<Sentinel> {
    let (low, high) = (*others.first()?, *others.last()?);
    let is_code = cells >= FEWEST_CELLS && value != 0.0 && value.fract() == 0.0;
    let is_far = distance > high - low;
    let different = || others.chunk_by(|one, other| same(*one, *other)).take(FEWEST_OTHERS).count();
    (is_code && is_far && different() == FEWEST_OTHERS).then_some(Sentinel {
        value,
        cells,
        low,
        high,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(others: impl IntoIterator<Item = f64>, sentinels: &[f64]) -> Vec<f64> {
        let mut values: Vec<f64> = others.into_iter().chain(sentinels.iter().copied()).collect();
        values.sort_unstable_by(f64::total_cmp);
        find_sentinels(&values).iter().map(|sentinel| sentinel.value).collect()
    }

    fn readings() -> impl Iterator<Item = f64> {
        (0..50).map(|row| 290.0 + f64::from(row % 20))
    }

    #[test]
    fn extreme_numbers_that_are_repeated_far_away_stand_for_missing_cells() {
        assert_eq!(found(readings(), &[-999.0; 4]), [-999.0]);
        assert_eq!(found(readings(), &[-1.0; 3]), [-1.0]);
        let both = [-9999.0, -9999.0, -9999.0, -999.0, -999.0, -999.0];
        assert_eq!(found(readings(), &both), [-9999.0, -999.0]);
        let ends = [-999.0, -999.0, -999.0, 99999.0, 99999.0, 99999.0];
        assert_eq!(found(readings(), &ends), [99999.0, -999.0]);
    }

    #[test]
    fn rare_near_and_resting_values_are_readings() {
        assert!(found(readings(), &[-999.0; 2]).is_empty(), "too rare");
        assert!(found(readings(), &[280.0; 9]).is_empty(), "too near");
        assert!(found(readings(), &[0.0; 9]).is_empty(), "at rest");
        assert!(found(readings(), &[-579.41273; 9]).is_empty(), "measured");
        assert!(found((0..50).map(|row| f64::from(row % 2)), &[99.0; 9]).is_empty(), "codes");
        assert!(found([], &[]).is_empty());
    }

    #[test]
    fn the_first_stray_is_named_by_its_row() {
        let strays = find_strays(&[0, MISSING_CODE, 2, 1, 2], &["4.5", "-1e3", "n/a?"]);
        assert_eq!((strays.cells, strays.row, strays.value.as_str()), (2, 3, "n/a?"));
        assert_eq!(find_strays(&[0, 0], &["7"]).cells, 0);
    }
}
