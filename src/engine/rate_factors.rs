//! What a schedule makes of a learning rate.

/// What a member's learning rate is multiplied by in the steps of one epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum RateFactors {
    /// The same in every step.
    Epoch(f64),
    /// By step.
    Steps(Vec<f64>),
}

impl RateFactors {
    /// The learning rate itself in every step.
    pub const ONE: Self = Self::Epoch(1.0);

    /// The factor in a step, from 0.
    pub fn of(&self, step: usize) -> f64 {
        match self {
            Self::Epoch(factor) => *factor,
            Self::Steps(factors) => factors.get(step).or(factors.last()).copied().unwrap_or(1.0),
        }
    }
}
