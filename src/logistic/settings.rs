use serde::{Deserialize, Serialize};

use super::LogisticError;

/// Settings of a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How little coefficients are held back, above 0: the log losses count so much against the
    /// penalty. Infinity is no penalty.
    pub c: f64,
    /// The share of the L1 penalty, from 0 to 1: 0 is L2, 1 is L1, between is the elastic net.
    pub l1_ratio: f64,
    /// Whether every class has an intercept.
    pub fit_intercept: bool,
    /// Steps after which to give up.
    pub max_iter: u32,
    /// Converged is a fit whose gradient and whose last step are below this: the greatest element of
    /// the gradient of the mean loss, and the greatest change of a coefficient in parts of the
    /// greatest coefficient, or of 1 where that is smaller. What is left to go after such a step is
    /// about its square.
    pub tol: f64,
    /// What the rows of each class weigh, `[classes]`; nothing for 1 each.
    pub class_weights: Vec<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            c: 1.0,
            l1_ratio: 0.0,
            fit_intercept: true,
            max_iter: 1000,
            tol: 1e-4,
            class_weights: Vec::new(),
        }
    }
}

impl Settings {
    pub(super) fn check(&self, classes: usize) -> Result<(), LogisticError> {
        let Self { c, l1_ratio, tol, .. } = *self;
        if c.is_nan() || c <= 0.0 {
            return Err(LogisticError::Strength { c });
        }
        if !(0.0..=1.0).contains(&l1_ratio) {
            return Err(LogisticError::Ratio { l1_ratio });
        }
        if !tol.is_finite() || tol <= 0.0 {
            return Err(LogisticError::Tolerance { tol });
        }
        let weights = &self.class_weights;
        let fit = weights.iter().all(|weight| *weight > 0.0 && weight.is_finite());
        if !fit || !(weights.is_empty() || weights.len() == classes) {
            return Err(LogisticError::ClassWeights { classes });
        }
        Ok(())
    }
}
