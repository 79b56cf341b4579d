//! A difference as pages draw it.

use serde::Serialize;

use crate::metrics::Difference;

/// A difference with its interval, and whether that is more than the noise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrawnDifference {
    /// Of the scores.
    pub mean: f64,
    /// The 95 % interval; `None` of a single pair.
    pub interval: Option<[f64; 2]>,
    /// Whether the interval leaves out 0.
    pub is_larger_than_noise: Option<bool>,
    /// All of it as text.
    pub text: String,
}

impl From<Difference> for DrawnDifference {
    fn from(found: Difference) -> Self {
        Self {
            mean: found.mean,
            interval: found.interval,
            is_larger_than_noise: found.is_larger_than_noise(),
            text: found.to_string(),
        }
    }
}
