//! Random under-sampling, as imbalanced-learn's `RandomUnderSampler`, but for the order of the
//! rows.

use super::wanted::Sizes;
use super::{BalanceError, Resampled, Rows};
use crate::random::{Purpose, Streams, below, shuffle};
use crate::spec::RandomUnder;

/// The rows drawn to stay, in the order of the input (imbalanced-learn groups them by class).
///
/// # Errors
/// [`BalanceError`] where `sampling_strategy` does not fit the classes.
pub fn random_under(
    how: &RandomUnder,
    rows: &Rows,
    streams: &Streams,
) -> Result<Resampled, BalanceError> {
    let mut by_class = rows.by_class();
    let drawn = Sizes::new(rows.classes, &by_class).to_draw(&how.sampling_strategy)?;
    let mut kept = Vec::new();
    for (class, (members, drawn)) in by_class.iter_mut().zip(drawn).enumerate() {
        let mut generator = streams.generator(Purpose::Balance, class as u64);
        match drawn {
            Some(drawn) if how.replacement => {
                kept.extend((0..drawn).map(|_| members[below(members.len(), &mut generator)]));
            }
            Some(drawn) => {
                shuffle(members, &mut generator);
                kept.extend(&members[..drawn]);
            }
            None => kept.extend(&*members),
        }
    }
    kept.sort_unstable();
    Ok(Resampled { kept, ..Resampled::default() })
}
