//! When a training that gets no better ends.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Count, NonNegative};

/// When a training that gets no better ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "it must be \"none\", or {\"patience\": 10, \"min_delta\": 0} with a patience of 1 \
                 epoch or more and a min_delta of 0 or more"
)]
pub enum EarlyStopping {
    /// After its last epoch.
    Never(Never),
    /// Once it has got no better for some epochs.
    Patience(Patience),
}

/// No early stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Never {
    /// Training goes on to its last epoch.
    None,
}

/// How long to wait for a better score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Patience {
    /// So many epochs in a row without a better score end the training.
    pub patience: Count,
    /// A score is better if it is by more than this, in its own unit.
    pub min_delta: NonNegative,
}

impl Default for Patience {
    fn default() -> Self {
        Self { patience: Count::default_of(10), min_delta: NonNegative::default_of(0.0) }
    }
}

/// As tables show it: `none`, or `patience=10;min_delta=0`.
impl fmt::Display for EarlyStopping {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(Never::None) => out.write_str("none"),
            Self::Patience(Patience { patience, min_delta }) => {
                write!(out, "patience={};min_delta={}", patience.get(), min_delta.get())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_unknown_value_is_refused_with_the_choices() {
        for json in [r#""never""#, "10", r#"{"patience":0}"#, r#"{"min_delta":-1}"#, r#"{"x":1}"#] {
            let message = serde_json::from_str::<EarlyStopping>(json).unwrap_err().to_string();
            assert!(message.contains("it must be \"none\", or {\"patience\""), "{json}: {message}");
        }
    }

    #[test]
    fn tables_show_it_in_one_cell_without_quotes() {
        let shown = |json| serde_json::from_str::<EarlyStopping>(json).unwrap().to_string();
        assert_eq!(shown(r#""none""#), "none");
        assert_eq!(shown("{}"), "patience=10;min_delta=0");
        assert_eq!(shown(r#"{"patience": 3, "min_delta": 0.01}"#), "patience=3;min_delta=0.01");
    }
}
