//! How the rows are parted: the keys of `split`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::span::Span;
use super::value::{Count, Fraction, Share};

/// Which rows are trained on, which choose the winner, and which only report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Split {
    /// Three shares of the rows.
    Shares(Shares),
    /// A test share, and k folds of the rest: every trial is trained k times.
    Folds(Folds),
}

impl Default for Split {
    fn default() -> Self {
        Self::Shares(Shares::default())
    }
}

impl Split {
    /// What decides which part a row goes to.
    pub fn by(&self) -> By {
        match self {
            Self::Shares(shares) => shares.by,
            Self::Folds(folds) => folds.by,
        }
    }

    /// The time that is left out between the parts.
    pub fn gap(&self) -> Option<&Span> {
        match self {
            Self::Shares(shares) => shares.gap.as_ref(),
            Self::Folds(folds) => folds.gap.as_ref(),
        }
    }

    /// The seed of the split's own.
    pub fn seed(&self) -> Option<u64> {
        match self {
            Self::Shares(shares) => shares.seed,
            Self::Folds(folds) => folds.seed,
        }
    }
}

/// Three shares of the rows, which add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// The share that networks and preparation are fitted on.
    pub train: Share,
    /// The share that ranks the trials.
    pub valid: Share,
    /// The share that nothing is chosen by; 0 where another table has these rows.
    pub test: Fraction,
    /// What decides which part a row goes to.
    #[serde(default)]
    pub by: By,
    /// With `"by": "time"`: how long before valid and before test rows no row is used, such as
    /// `24h`. As long as the target looks ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Span>,
    /// The seed of the split; without it, the run's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl Default for Shares {
    fn default() -> Self {
        let [train, valid] = [0.7, 0.15].map(Share::default_of);
        let test = Fraction::default_of(0.15);
        Self { train, valid, test, by: By::default(), gap: None, seed: None }
    }
}

/// A test share, and k folds of the other rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folds {
    /// How many folds.
    pub count: Count,
    /// The share that nothing is chosen by; 0 where another table has these rows.
    pub test: Fraction,
    /// What decides which part a row goes to.
    #[serde(default)]
    pub by: By,
    /// With `"by": "time"`: how long before valid and before test rows no row is used, such as
    /// `24h`. As long as the target looks ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Span>,
    /// The seed of the split; without it, the run's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// What decides which part a row goes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Chance, with equal class shares in all parts.
    #[default]
    Stratified,
    /// Chance alone.
    Random,
    /// Its group in the column `data.group`: a group's rows all go to one part.
    Group,
    /// Its time in the column `data.time`: train rows come first, test rows last. With folds, each
    /// fold trains on what comes before its validation rows.
    Time,
}
