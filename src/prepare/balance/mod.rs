//! Classes made less unequal: train rows drawn once more, left out, or made between neighbours.
//!
//! Names, defaults and meanings are those of imbalanced-learn 0.14, from which the random numbers
//! alone differ. What comes out is a recipe, [`Resampled`], by which any column is made.

mod error;
mod nearest;
mod points;
mod random_over;
mod random_under;
mod resampled;
mod smote;
mod smote_nc;
mod wanted;

pub use error::BalanceError;
pub use random_over::random_over;
pub use random_under::random_under;
pub use resampled::{NewRow, Resampled};
pub use smote::smote;
pub use smote_nc::{median_deviation, smote_nc};

use crate::random::Streams;
use crate::spec::Balance;

/// The train rows to balance.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Features of numbers `[columns][rows]`, all finite.
    pub numeric: &'a [&'a [f64]],
    /// Features of categories `[columns][rows]`, as codes.
    pub categorical: &'a [&'a [u32]],
    /// The class of each row `[rows]`, below `classes.len()`.
    pub labels: &'a [u32],
    /// The names of the classes.
    pub classes: &'a [String],
}

impl Rows<'_> {
    /// The row numbers of each class `[classes]`, ascending.
    fn by_class(&self) -> Vec<Vec<usize>> {
        let mut rows = vec![Vec::new(); self.classes.len()];
        for (row, &label) in self.labels.iter().enumerate() {
            rows[label as usize].push(row);
        }
        rows
    }
}

/// Balances the classes of `rows` as `how` says; the same arguments give the same rows, on any
/// number of threads.
///
/// # Errors
/// A [`BalanceError`] that names the class and what to change.
pub fn resample(how: &Balance, rows: &Rows, streams: &Streams) -> Result<Resampled, BalanceError> {
    match how {
        Balance::Smote(how) => smote(how, rows, streams),
        Balance::SmoteNc(how) => smote_nc(how, rows, streams),
        Balance::RandomOver(how) => random_over(how, rows, streams),
        Balance::RandomUnder(how) => random_under(how, rows, streams),
    }
}
