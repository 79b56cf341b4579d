//! Training without validation rows, for a chosen number of rounds.

use crate::families::{FitError, Fitted, Learner};

/// Trains a single member for that many rounds, which may be fewer than its own: what depends on the
/// length, such as learning rates, is that of the whole. What a schedule takes from the validation loss it
/// takes from the train loss. Gives the last model; `None` where its train loss stopped being finite.
///
/// # Errors
/// [`FitError`] when the learner gives up, or the run is stopping.
pub fn refit(mut learner: Box<dyn Learner + '_>, rounds: u32) -> Result<Option<Fitted>, FitError> {
    for _ in 0..rounds {
        let goes_on = learner.round()?;
        if learner.is_observant() {
            let losses: Vec<f64> = learner.progress()?.iter().map(|means| means.loss).collect();
            if losses.iter().any(|loss| !loss.is_finite()) {
                return Ok(None);
            }
            learner.observe(&losses);
        }
        if goes_on == [false] {
            break;
        }
    }
    learner.keep_best(&[true])?;
    learner.best(0).map(Some)
}
