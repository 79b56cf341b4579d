//! The optimizers and their fixed settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Fraction, Positive};

/// An optimizer, defined as PyTorch defines the one of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Optimizer {
    /// `torch.optim.SGD`.
    Sgd,
    /// `torch.optim.Adam`.
    Adam,
    /// `torch.optim.AdamW`.
    AdamW,
    /// `torch.optim.RMSprop`.
    RmsProp,
}

impl Optimizer {
    /// The name used in the grid file and in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Adam => "adam",
            Self::AdamW => "adamw",
            Self::RmsProp => "rmsprop",
        }
    }
}

/// Settings of the optimizers that are the same in every trial, named as PyTorch names them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fixed {
    /// Stochastic gradient descent.
    pub sgd: Sgd,
    /// Adam: weight decay is added to the gradient.
    pub adam: Adam,
    /// `AdamW`: weight decay is taken off the weights.
    pub adamw: Adam,
    /// `RMSprop`.
    pub rmsprop: RmsProp,
}

/// Settings of SGD; PyTorch's defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sgd {
    /// Momentum.
    pub momentum: Fraction,
    /// Nesterov's momentum; asks for a momentum above 0.
    pub nesterov: bool,
}

/// Settings of Adam and `AdamW`; PyTorch's defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Adam {
    /// Decay of the running means of the gradient and of its square.
    pub betas: [Fraction; 2],
    /// Added to the denominator.
    pub eps: Positive,
}

/// Settings of `RMSprop`; PyTorch's defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RmsProp {
    /// Decay of the running mean of the squared gradient.
    pub alpha: Fraction,
    /// Added to the denominator.
    pub eps: Positive,
    /// Momentum.
    pub momentum: Fraction,
}

impl Default for Sgd {
    fn default() -> Self {
        Self { momentum: Fraction::default_of(0.0), nesterov: false }
    }
}

impl Default for Adam {
    fn default() -> Self {
        Self {
            betas: [Fraction::default_of(0.9), Fraction::default_of(0.999)],
            eps: Positive::default_of(1e-8),
        }
    }
}

impl Default for RmsProp {
    fn default() -> Self {
        Self {
            alpha: Fraction::default_of(0.99),
            eps: Positive::default_of(1e-8),
            momentum: Fraction::default_of(0.0),
        }
    }
}
