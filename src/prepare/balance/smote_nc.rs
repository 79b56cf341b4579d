//! SMOTE-NC, which is SMOTE for numbers and categories (Chawla and others 2002, section 6.1).

use super::smote::between_neighbours;
use super::{BalanceError, Resampled, Rows};
use crate::random::Streams;
use crate::spec::Smote;

/// As [`super::smote`], with two additions: a category that differs stands in distances for a
/// difference of [`median_deviation`] of the class, and a new row's categories are
/// [voted](Resampled::vote) by all the nearest neighbours of its base.
///
/// # Errors
/// [`BalanceError`] as of [`super::smote`], but for the features: some must be numbers, some
/// categories.
pub fn smote_nc(how: &Smote, rows: &Rows, streams: &Streams) -> Result<Resampled, BalanceError> {
    if rows.categorical.is_empty() {
        return Err(BalanceError::NoCategories);
    }
    between_neighbours(how, rows, streams, |members| {
        // Too large for a float is as far as can be.
        median_deviation(rows.numeric, members).powi(2).min(f64::MAX)
    })
}

/// The median of the (population) standard deviations of columns `[columns][rows]` in the given
/// rows; the mean of the two in the middle where they are even in number, 0 of none.
pub fn median_deviation(columns: &[&[f64]], rows: &[usize]) -> f64 {
    let count = rows.len().max(1) as f64;
    let deviation = |column: &&[f64]| {
        let mean = rows.iter().map(|&row| column[row]).sum::<f64>() / count;
        let squares: f64 = rows.iter().map(|&row| (column[row] - mean).powi(2)).sum();
        (squares / count).sqrt()
    };
    let mut deviations: Vec<f64> = columns.iter().map(deviation).collect();
    deviations.sort_by(f64::total_cmp);
    let middle = deviations.len() / 2;
    match deviations.len() {
        0 => 0.0,
        even if even % 2 == 0 => f64::midpoint(deviations[middle - 1], deviations[middle]),
        _ => deviations[middle],
    }
}
