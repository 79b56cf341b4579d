//! The columns of the table, as the splitter wants them.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::plain::{Plain, goes_left};
use super::ranked::Ranked;
use super::sample::Sample;
use super::settings::Splitter;
use super::split::{Cut, Split};
use crate::examples::Matrix;

/// Values are told apart where they differ by more than this.
const NEAR: f32 = 1e-7;

/// Whether two values, the first below the second, can be on different sides of a threshold.
pub(super) fn are_apart(low: f32, high: f32) -> bool {
    high > low + NEAR
}

/// The columns of the table.
pub(super) enum Columns {
    /// For thresholds that are searched.
    Ranked(Vec<Ranked>),
    /// For thresholds that are drawn.
    Plain(Vec<Plain>),
}

impl Columns {
    pub(super) fn new(features: &Matrix, splitter: Splitter) -> Self {
        match splitter {
            Splitter::Best => Self::Ranked(transpose(features, Ranked::new)),
            Splitter::Random => Self::Plain(transpose(features, Plain::new)),
        }
    }

    /// Number of columns.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ranked(columns) => columns.len(),
            Self::Plain(columns) => columns.len(),
        }
    }

    /// Puts the samples that go left before the others; each side stays in order, class by class.
    /// The threshold between them.
    pub(super) fn part(&self, split: &Split, samples: &mut [Sample], spare: &mut [Sample]) -> f32 {
        let at = split.column as usize;
        let missing_left = split.missing_left;
        match self {
            Self::Ranked(columns) => {
                let column = &columns[at];
                let missing = column.missing_rank();
                let last = match split.cut {
                    Cut::Between(low, _) => low,
                    Cut::Missing | Cut::At(_) => missing.saturating_sub(1),
                };
                part(samples, spare, |sample| {
                    let rank = column.rank(sample);
                    if rank == missing { missing_left } else { rank <= last }
                });
                split.cut.threshold(|rank| column.value(rank))
            }
            Self::Plain(columns) => {
                let threshold = split.cut.threshold(|_| f32::NAN);
                let column = &columns[at];
                part(samples, spare, |sample| {
                    goes_left(column.cell(sample), threshold, missing_left)
                });
                threshold
            }
        }
    }
}

/// Puts the samples that go left before the others.
fn part(samples: &mut [Sample], spare: &mut [Sample], is_left: impl Fn(Sample) -> bool) {
    let (mut left, mut right) = (0, 0);
    for at in 0..samples.len() {
        let sample = samples[at];
        let goes_left = is_left(sample);
        // Written to both sides, so that there is no branch that no one can guess.
        samples[left] = sample;
        spare[right] = sample;
        left += usize::from(goes_left);
        right += usize::from(!goes_left);
    }
    samples[left..].copy_from_slice(&spare[..right]);
}

/// Columns that lie side by side in one line of the cache.
const GROUP: usize = 16;

/// Makes something of the cells of each column.
fn transpose<T: Send>(features: &Matrix, make: impl Fn(&[f32]) -> T + Sync) -> Vec<T> {
    let columns = features.columns();
    let groups = (0..columns.div_ceil(GROUP)).into_par_iter().map(|group| {
        let (start, end) = (group * GROUP, columns.min((group + 1) * GROUP));
        let mut cells = vec![Vec::with_capacity(features.rows()); end - start];
        for row in 0..features.rows() {
            for (cells, cell) in cells.iter_mut().zip(&features.row(row)[start..end]) {
                cells.push(*cell);
            }
        }
        cells.iter().map(|cells| make(cells)).collect::<Vec<T>>()
    });
    groups.collect::<Vec<_>>().into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    #[test]
    fn columns_are_transposed_in_order() {
        for columns in [0, 1, 16, 37] {
            let cells: Vec<f32> = (0..columns * 3).map(|cell| cell as f32).collect();
            let found = transpose(&Matrix::new(columns, cells), <[f32]>::to_vec);
            let column = |at: usize| (0..3).map(|row| (row * columns + at) as f32).collect();
            assert_eq!(found, (0..columns).map(column).collect::<Vec<Vec<f32>>>());
        }
    }
}
