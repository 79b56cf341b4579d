use serde::{Deserialize, Serialize};

use super::NeighboursError;

/// What a neighbour's vote weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// Every neighbour's the same.
    #[default]
    Uniform,
    /// The inverse of its distance.
    Distance,
}

/// How the distance between rows is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The root of the sum of squared differences.
    #[default]
    Euclidean,
    /// The sum of absolute differences.
    Manhattan,
    /// The greatest absolute difference.
    Chebyshev,
    /// The p-th root of the sum of the p-th powers of absolute differences.
    Minkowski,
    /// 1 less the cosine of the angle between rows; 1 to and from a row of zeros. It is computed as
    /// half the square of the distance between the rows at length 1, which loses nothing where rows
    /// point the same way, so that rows that are equal are at distance 0.
    Cosine,
}

/// Settings of a search.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What a neighbour's vote weighs.
    pub weights: Weights,
    /// How the distance between rows is measured.
    pub metric: Metric,
    /// The power of [`Metric::Minkowski`], from 1 to 1000, or infinity; of no other.
    pub p: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { weights: Weights::Uniform, metric: Metric::Euclidean, p: 2.0 }
    }
}

impl Settings {
    pub(super) fn check(self) -> Result<(), NeighboursError> {
        let fits = (1.0..=1000.0).contains(&self.p) || self.p == f64::INFINITY;
        if self.metric == Metric::Minkowski && !fits {
            return Err(NeighboursError::Power { p: self.p });
        }
        Ok(())
    }
}
