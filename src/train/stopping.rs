//! Early stopping: for how long a score has not improved.

use crate::spec::{EarlyStopping, Patience};

/// Watches a member's score.
#[derive(Debug, Clone)]
pub(super) struct Stopping {
    settings: EarlyStopping,
    /// The score that the next one must beat.
    best: f64,
    /// Epochs since it was reached.
    waited: u32,
}

impl Stopping {
    /// Before the first epoch.
    pub fn new(settings: EarlyStopping) -> Self {
        Self { settings, best: f64::NEG_INFINITY, waited: 0 }
    }

    /// Records the score after an epoch, the higher the better; returns whether training ends here.
    pub fn observe(&mut self, score: f64) -> bool {
        let EarlyStopping::Patience(Patience { patience, min_delta }) = self.settings else {
            return false;
        };
        if score - self.best > min_delta.get() {
            (self.best, self.waited) = (score, 0);
        } else {
            self.waited += 1;
        }
        self.waited >= patience.get()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The epoch after which the training ends, with a patience of 2 and a least gain of 0.1.
    fn end(scores: &[f64]) -> Option<usize> {
        let settings = r#"{"patience": 2, "min_delta": 0.1}"#;
        let mut stopping = Stopping::new(serde_json::from_str(settings).unwrap());
        scores.iter().position(|&score| stopping.observe(score)).map(|place| place + 1)
    }

    #[test]
    fn a_training_ends_after_so_many_epochs_without_a_gain() {
        assert_eq!(end(&[0.1, 0.3, 0.3, 0.3, 0.9]), Some(4));
        assert_eq!(end(&[0.1, 0.1, 0.3, 0.3, 0.5, 0.5]), None);
        assert_eq!(end(&[-9.0, -9.0, -9.0]), Some(3));
    }

    #[test]
    fn gains_that_are_too_small_add_up() {
        // Every second score is 0.12 above the one that was beaten last.
        assert_eq!(end(&[0.0, 0.06, 0.12, 0.18, 0.24, 0.3]), None);
        assert_eq!(end(&[0.0, 0.04, 0.08, 0.12]), Some(3));
    }
}
