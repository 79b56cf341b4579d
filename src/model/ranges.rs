//! The ranges of the inputs in the train rows.

use serde::{Deserialize, Serialize};

use crate::examples::Matrix;
use crate::plural::counted;

/// The smallest and the largest value of each input among the rows that a network was trained on,
/// `[inputs]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranges(Vec<[f32; 2]>);

impl Ranges {
    /// Those of train rows `[rows, inputs]`.
    pub fn of(train: &Matrix) -> Self {
        let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; train.columns()];
        for row in train.values().chunks_exact(train.columns().max(1)) {
            for ([low, high], value) in ranges.iter_mut().zip(row) {
                *low = low.min(*value);
                *high = high.max(*value);
            }
        }
        // An input without a cell has no range, and JSON no infinity.
        ranges.iter_mut().filter(|[low, high]| low > high).for_each(|range| *range = [0.0; 2]);
        Self(ranges)
    }

    /// Whether there is a range for each of the given number of inputs.
    pub(super) fn is_sound(&self, inputs: usize) -> bool {
        self.0.len() == inputs && self.0.iter().all(|[low, high]| low <= high)
    }

    /// A note about rows `[rows, inputs]` outside the ranges, and on the input that most of them have
    /// there: a model has learned nothing about such values.
    pub fn note(&self, inputs: &[String], rows: &Matrix) -> Option<String> {
        let mut beyond = vec![0_usize; self.0.len()];
        let mut count = 0;
        for row in rows.values().chunks_exact(rows.columns().max(1)) {
            let mut is_beyond = false;
            for ((beyond, [low, high]), value) in beyond.iter_mut().zip(&self.0).zip(row) {
                if value < low || value > high {
                    *beyond += 1;
                    is_beyond = true;
                }
            }
            count += usize::from(is_beyond);
        }
        // Of ties, the first.
        let worst = inputs.iter().zip(beyond).rev().max_by_key(|(_, rows)| *rows);
        let (worst, most) = worst.filter(|_| count > 0)?;
        Some(format!(
            "{} with an input outside the range of the train rows, most often {worst:?} (in {most}): their \
             predictions are a guess",
            counted(count, "row")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_the_train_rows_are_counted_once_and_the_worst_input_named() {
        let ranges = Ranges::of(&Matrix::new(2, vec![0.0, 5.0, 1.0, 7.0]));
        let inputs = ["a", "b"].map(str::to_owned);
        let note = |values: &[f32]| ranges.note(&inputs, &Matrix::new(2, values.to_vec()));
        assert_eq!(note(&[0.0, 7.0, 1.0, 5.0, 0.5, 6.0]), None);
        let said = note(&[-1.0, 8.0, 0.5, 4.0, 0.5, 6.0]).unwrap_or_default();
        assert!(said.starts_with("2 rows with") && said.contains("\"b\" (in 2)"), "{said}");
        let said = note(&[2.0, 6.0, 0.0, 8.0]).unwrap_or_default();
        assert!(said.contains("\"a\" (in 1)"), "{said}");
    }

    #[test]
    fn missing_cells_have_no_part_in_a_range() {
        let rows = Matrix::new(2, vec![f32::NAN, f32::NAN, 3.0, f32::NAN]);
        assert_eq!(Ranges::of(&rows), Ranges(vec![[3.0, 3.0], [0.0, 0.0]]));
    }

    #[test]
    fn impossible_ranges_are_refused() {
        let sound = |ranges: Vec<[f32; 2]>| Ranges(ranges).is_sound(1);
        assert!(sound(vec![[1.0, 1.0]]));
        assert!(!sound(vec![[2.0, 1.0]]) && !sound(vec![]) && !sound(vec![[f32::NAN, 1.0]]));
    }
}
