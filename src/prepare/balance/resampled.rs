//! Balanced rows as a recipe: which rows stay, and what the new ones are made of.

use std::ops::Range;

/// Balanced train rows: first those that stay, then the new ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resampled {
    /// Row numbers of the input that stay, from 0; a number that stands there twice is two rows.
    pub kept: Vec<usize>,
    /// The rows made by SMOTE or SMOTE-NC, class by class.
    pub new: Vec<NewRow>,
    /// Row numbers of the nearest neighbours of each row that new ones are made from, nearest
    /// first.
    pub(super) nearest: Vec<usize>,
}

/// What a new row is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRow {
    /// Its class.
    pub class: u32,
    /// The row of the class that it is made from.
    pub base: usize,
    /// The one of the nearest neighbours that it leans towards.
    pub neighbour: usize,
    /// How far it leans: 0 is the base, 1 (which is not reached) the neighbour.
    pub gap: f64,
    /// Where the base's nearest neighbours stand in [`Resampled::nearest`].
    pub(super) nearest: Range<usize>,
}

impl Resampled {
    /// The classes of all rows `[kept + new]`, from the input's `labels`.
    pub fn labels(&self, labels: &[u32]) -> Vec<u32> {
        let kept = self.kept.iter().map(|&row| labels[row]);
        kept.chain(self.new.iter().map(|row| row.class)).collect()
    }

    /// The row numbers of the k nearest neighbours of a new row's base, nearest first.
    pub fn nearest(&self, row: &NewRow) -> &[usize] {
        &self.nearest[row.nearest.clone()]
    }

    /// The values `[new]` of the new rows in a column of numbers `[rows]`: between those of base
    /// and neighbour. All columns of a row use one gap, so it lies on the straight line between the
    /// two.
    pub fn interpolate(&self, column: &[f64]) -> Vec<f64> {
        let value = |row: &NewRow| {
            let (base, neighbour) = (column[row.base], column[row.neighbour]);
            // Weights, not a difference, which can be too large for a float; rounding stays inside.
            let value = base * (1.0 - row.gap) + neighbour * row.gap;
            value.max(base.min(neighbour)).min(base.max(neighbour))
        };
        self.new.iter().map(value).collect()
    }

    /// The categories `[new]` of the new rows in a column of categories `[rows]`: the most frequent
    /// among the base's nearest neighbours. Of equally frequent ones it is the one met nearest to
    /// the base, so that no category gains by its place in the alphabet (imbalanced-learn draws).
    pub fn vote<T: Copy + PartialEq>(&self, column: &[T]) -> Vec<T> {
        self.new.iter().map(|row| most_frequent(column, self.nearest(row), row.base)).collect()
    }
}

/// The most frequent value of the `voters`, the first of ties; that of `base` without voters.
fn most_frequent<T: Copy + PartialEq>(column: &[T], voters: &[usize], base: usize) -> T {
    let mut best = (0, column[base]);
    for &voter in voters {
        let value = column[voter];
        let count = voters.iter().filter(|&&other| column[other] == value).count();
        if count > best.0 {
            best = (count, value);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(gap: f64) -> Resampled {
        let row = NewRow { class: 1, base: 2, neighbour: 0, gap, nearest: 0..4 };
        Resampled { kept: vec![0, 1, 2, 3], new: vec![row], nearest: vec![0, 1, 3, 1] }
    }

    #[test]
    fn a_number_lies_as_far_as_the_gap_says() {
        assert_eq!(between(0.25).interpolate(&[8.0, 0.0, 4.0, 0.0]), [5.0]);
        assert_eq!(between(0.0).interpolate(&[8.0, 0.0, 4.0, 0.0]), [4.0]);
    }

    #[test]
    fn the_largest_numbers_have_numbers_between_them() {
        assert_eq!(between(0.5).interpolate(&[f64::MAX, 0.0, -f64::MAX, 0.0]), [0.0]);
    }

    #[test]
    fn equal_numbers_have_nothing_between_them() {
        assert_eq!(between(0.3).interpolate(&[0.1, 0.0, 0.1, 0.0]), [0.1]);
    }

    #[test]
    fn a_category_is_voted_by_the_neighbours_without_the_base() {
        assert_eq!(between(0.1).vote(&["new", "worn", "new", "old"]), ["worn"]);
    }

    #[test]
    fn the_nearest_of_equally_frequent_categories_wins() {
        assert_eq!(between(0.1).vote(&["worn", "old", "new", "worn"]), ["worn"]);
        assert_eq!(between(0.1).vote(&["old", "worn", "new", "old"]), ["old"]);
    }

    #[test]
    fn new_rows_have_their_class_and_follow_the_kept_ones() {
        assert_eq!(between(0.1).labels(&[1, 1, 1, 0]), [1, 1, 1, 0, 1]);
    }
}
