//! How many rows the usual treatment of outliers would take.

use rayon::prelude::*;
use serde::Serialize;

use super::classes::Classes;
use super::column::Column;
use super::facts::ColumnFacts;

/// The rows with an outlier in at least one column of numbers, the target aside. Columns whose
/// quartiles are equal do not count: every rare value of theirs would be an outlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutlierRows {
    /// All such rows.
    pub rows: usize,
    /// Such rows of each class of the target; empty where it has no classes.
    pub by_class: Vec<usize>,
}

/// Counts the rows.
pub(super) fn count_rows(
    columns: &[Column],
    facts: &[ColumnFacts],
    target: Option<usize>,
    classes: &Classes,
    rows: usize,
) -> OutlierRows {
    let fenced: Vec<(&[f64], (f64, f64))> = columns
        .iter()
        .zip(facts)
        .enumerate()
        .filter(|(place, _)| Some(*place) != target)
        .filter_map(|(_, (column, facts))| {
            Some((column.numbers()?, facts.numbers.as_ref()?.fences()?))
        })
        .collect();
    let outside = |row: usize| {
        let beyond = |(values, (lower, upper)): &(&[f64], (f64, f64))| {
            values.get(row).is_some_and(|value| value < lower || value > upper)
        };
        fenced.iter().any(beyond)
    };
    let taken: Vec<usize> = (0..rows).into_par_iter().filter(|row| outside(*row)).collect();
    let mut by_class = vec![0; if classes.codes.is_some() { classes.count } else { 0 }];
    for class in taken.iter().filter_map(|row| classes.of(*row)) {
        if let Some(count) = by_class.get_mut(class) {
            *count += 1;
        }
    }
    OutlierRows { rows: taken.len(), by_class }
}
