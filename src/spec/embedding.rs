//! What is made of numeric inputs before the first layer.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Count, Positive};
use crate::network;

/// What the first layer takes of numeric inputs beside the inputs themselves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "it must be \"none\", or {\"kind\": \"periodic\", \"frequencies\": 16, \"sigma\": 0.1, \
                 \"width\": 4} with a sigma above 0 and the others 1 or more"
)]
pub enum Embedding {
    /// Nothing.
    Without(NoEmbedding),
    /// Waves of trained frequencies.
    Periodic(Periodic),
}

/// No embedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoEmbedding {
    /// `none`.
    None,
}

/// Waves of trained frequencies, and a linear layer on those of each number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Periodic {
    /// The kind of embedding.
    pub kind: EmbeddingKind,
    /// Frequencies of each number; 16 without this key.
    #[serde(default = "frequencies")]
    pub frequencies: Count,
    /// Standard deviation of the first frequencies; 0.1 without this key.
    #[serde(default = "sigma")]
    pub sigma: Positive,
    /// How many values are made of each number; 4 without this key.
    #[serde(default = "width")]
    pub width: Count,
}

/// The kinds of embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EmbeddingKind {
    /// Cosines and sines.
    Periodic,
}

fn frequencies() -> Count {
    Count::default_of(16)
}

fn sigma() -> Positive {
    Positive::default_of(0.1)
}

fn width() -> Count {
    Count::default_of(4)
}

impl Embedding {
    /// The default of the grid file.
    pub(super) const NONE: Self = Self::Without(NoEmbedding::None);

    /// The embedding of a network whose inputs at these places are numbers; `None` if none is.
    pub fn of(self, numbers: &[usize]) -> Option<network::Embedding> {
        match self {
            Self::Periodic(periodic) if !numbers.is_empty() => Some(network::Embedding {
                numbers: numbers.to_vec(),
                frequencies: periodic.frequencies.get() as usize,
                sigma: periodic.sigma.get(),
                width: periodic.width.get() as usize,
            }),
            _ => None,
        }
    }
}

/// As tables show it: `none`, or `periodic(16;0.1;4)`.
impl fmt::Display for Embedding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Without(NoEmbedding::None) => out.write_str("none"),
            Self::Periodic(Periodic {
                kind: EmbeddingKind::Periodic,
                frequencies,
                sigma,
                width,
            }) => {
                write!(out, "periodic({};{};{})", frequencies.get(), sigma.get(), width.get())
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
        let wrong = [
            r#""periodic""#,
            "{}",
            r#"{"kind":"linear"}"#,
            r#"{"kind":"periodic","frequencies":0}"#,
            r#"{"kind":"periodic","sigma":0}"#,
            r#"{"kind":"periodic","width":1.5}"#,
            r#"{"kind":"periodic","n":4}"#,
        ];
        for json in wrong {
            let message = serde_json::from_str::<Embedding>(json).unwrap_err().to_string();
            assert!(message.contains("it must be \"none\", or {\"kind\""), "{json}: {message}");
        }
    }

    #[test]
    fn tables_show_it_in_one_cell_without_quotes() {
        let shown = |json| serde_json::from_str::<Embedding>(json).unwrap().to_string();
        assert_eq!(shown(r#""none""#), "none");
        assert_eq!(shown(r#"{"kind":"periodic"}"#), "periodic(16;0.1;4)");
        let all = r#"{"kind":"periodic","frequencies":8,"sigma":0.01,"width":2}"#;
        assert_eq!(shown(all), "periodic(8;0.01;2)");
    }
}
