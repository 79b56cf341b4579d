//! Random over-sampling, as imbalanced-learn's `RandomOverSampler`.

use super::wanted::Sizes;
use super::{BalanceError, Resampled, Rows};
use crate::random::{Purpose, Streams, below};
use crate::spec::RandomOver;

/// Every row in its order, then, class by class, rows of the class drawn with replacement.
///
/// # Errors
/// [`BalanceError`] where `sampling_strategy` does not fit the classes.
pub fn random_over(
    how: &RandomOver,
    rows: &Rows,
    streams: &Streams,
) -> Result<Resampled, BalanceError> {
    let by_class = rows.by_class();
    let added = Sizes::new(rows.classes, &by_class).to_add(&how.sampling_strategy)?;
    let mut kept: Vec<usize> = (0..rows.labels.len()).collect();
    for (class, (members, added)) in by_class.iter().zip(added).enumerate() {
        let mut generator = streams.generator(Purpose::Balance, class as u64);
        kept.extend((0..added).map(|_| members[below(members.len(), &mut generator)]));
    }
    Ok(Resampled { kept, ..Resampled::default() })
}
