//! Training without validation rows, once it is chosen how long.

use super::{Course, Rates};
use crate::engine::{EngineError, Pack};
use crate::network::Weights;

/// Trains a pack of a single network for so many epochs of its course, which may be longer: its
/// learning rates are those of the whole. What a schedule takes from the validation loss it takes from
/// the train loss. Gives the last weights and the last epoch's train
/// loss.
///
/// # Errors
/// [`EngineError`] when the engine gives up, or the run is to stop.
pub fn refit(
    mut pack: Box<dyn Pack + '_>,
    course: &Course,
    epochs: u32,
) -> Result<(Weights, f64), EngineError> {
    let mut rates = Rates::new(course);
    let mut loss = f64::NAN;
    for epoch in 1..=epochs {
        let means = pack.train_epoch(&[rates.factors(epoch)])?;
        loss = means.first().map_or(f64::NAN, |means| means.loss);
        rates.note(loss);
    }
    pack.keep_best(&[true])?;
    Ok((pack.best_weights(0)?, loss))
}
