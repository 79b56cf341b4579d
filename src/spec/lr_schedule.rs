//! How the learning rate changes while a network is trained; names and defaults are PyTorch's.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Count, Fraction, NonNegative, Positive, Share};

/// How the learning rate changes while a network is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LrSchedule {
    /// It stays.
    Constant,
    /// Less after every given number of epochs: PyTorch's `StepLR`.
    Step(StepRate),
    /// By step: up to the learning rate along a line, then down along half a cosine.
    Cosine(Cosine),
    /// By step: up, then down, half a cosine each: PyTorch's `OneCycleLR`, `cycle_momentum=False`.
    OneCycle(OneCycle),
    /// Less where the validation loss falls no further: PyTorch's `ReduceLROnPlateau`.
    ReduceOnPlateau(ReduceOnPlateau),
}

/// Less after every given number of epochs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StepRate {
    /// After how many epochs.
    pub step_size: Count,
    /// What the rate is then multiplied by.
    pub gamma: Positive,
}

/// Up along a line, then down along half a cosine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cosine {
    /// The share of all steps in which the rate rises.
    pub warmup: Fraction,
    /// What the cosine comes down to, as a factor of the learning rate.
    pub final_factor: Fraction,
}

/// Up and down again, each along half a cosine; the learning rate is the highest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OneCycle {
    /// The share of all steps in which the rate rises.
    pub pct_start: Share,
    /// The learning rate divided by the first step's.
    pub div_factor: Positive,
    /// The first step's rate divided by the last step's.
    pub final_div_factor: Positive,
}

/// Less where the validation loss falls no further.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReduceOnPlateau {
    /// What the rate is multiplied by.
    pub factor: Share,
    /// After more than this many epochs in a row without a lower loss.
    pub patience: u32,
    /// A loss counts as lower below this share less than the lowest.
    pub threshold: NonNegative,
    /// The rate goes no lower.
    pub min_lr: NonNegative,
}

impl LrSchedule {
    /// Whether the rates of an epoch depend on how many will follow.
    pub fn depends_on_length(self) -> bool {
        matches!(self, Self::Cosine(_) | Self::OneCycle(_))
    }
}

impl Default for StepRate {
    fn default() -> Self {
        Self { step_size: Count::default_of(30), gamma: Positive::default_of(0.1) }
    }
}

impl Default for Cosine {
    fn default() -> Self {
        Self { warmup: Fraction::default_of(0.1), final_factor: Fraction::default_of(0.0) }
    }
}

impl Default for OneCycle {
    fn default() -> Self {
        Self {
            pct_start: Share::default_of(0.3),
            div_factor: Positive::default_of(25.0),
            final_div_factor: Positive::default_of(1e4),
        }
    }
}

impl Default for ReduceOnPlateau {
    fn default() -> Self {
        Self {
            factor: Share::default_of(0.1),
            patience: 10,
            threshold: NonNegative::default_of(1e-4),
            min_lr: NonNegative::default_of(0.0),
        }
    }
}

/// As tables show it: `constant`, or the name with the settings in the order above, `step(30;0.1)`.
impl fmt::Display for LrSchedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => out.write_str("constant"),
            Self::Step(StepRate { step_size, gamma }) => {
                write!(out, "step({};{})", step_size.get(), gamma.get())
            }
            Self::Cosine(Cosine { warmup, final_factor }) => {
                write!(out, "cosine({};{})", warmup.get(), final_factor.get())
            }
            Self::OneCycle(OneCycle { pct_start, div_factor, final_div_factor }) => {
                let (div, last) = (div_factor.get(), final_div_factor.get());
                write!(out, "one_cycle({};{div};{last})", pct_start.get())
            }
            Self::ReduceOnPlateau(ReduceOnPlateau { factor, patience, threshold, min_lr }) => {
                let (factor, threshold, least) = (factor.get(), threshold.get(), min_lr.get());
                write!(out, "reduce_on_plateau({factor};{patience};{threshold};{least})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn tables_show_every_schedule_in_one_cell_without_quotes() {
        let cases = [
            (r#""constant""#, "constant"),
            (r#"{"step": {}}"#, "step(30;0.1)"),
            (r#"{"cosine": {}}"#, "cosine(0.1;0)"),
            (r#"{"one_cycle": {}}"#, "one_cycle(0.3;25;10000)"),
            (r#"{"one_cycle": {"div_factor": 2.5}}"#, "one_cycle(0.3;2.5;10000)"),
            (r#"{"reduce_on_plateau": {"patience": 0}}"#, "reduce_on_plateau(0.1;0;0.0001;0)"),
        ];
        for (json, shown) in cases {
            let schedule: LrSchedule = serde_json::from_str(json).unwrap();
            assert_eq!(schedule.to_string(), shown);
            let written = serde_json::to_string(&schedule).unwrap();
            assert_eq!(serde_json::from_str::<LrSchedule>(&written).unwrap(), schedule);
        }
    }
}
