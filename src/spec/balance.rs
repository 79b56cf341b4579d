//! How the classes of the train rows are balanced; names and defaults are imbalanced-learn's.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Count, Neighbors, Ratio};

/// Train rows added or left out, so that the classes are less unequal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Balance {
    /// New rows between a row and one of its nearest neighbours of the class; numbers only.
    Smote(Smote),
    /// The same for numbers and categories; a new row takes its neighbours' most frequent category.
    SmoteNc(Smote),
    /// Rows of the class once more.
    RandomOver(RandomOver),
    /// Rows of the class left out.
    RandomUnder(RandomUnder),
}

/// Settings of SMOTE and of SMOTE-NC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Smote {
    /// How many nearest neighbours of its own class a new row may lean towards.
    pub k_neighbors: Neighbors,
    /// Which classes get new rows, and how many.
    pub sampling_strategy: SamplingStrategy<OverSampled>,
}

/// Settings of random over-sampling.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RandomOver {
    /// Which classes get new rows, and how many.
    pub sampling_strategy: SamplingStrategy<OverSampled>,
}

/// Settings of random under-sampling.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RandomUnder {
    /// Which classes lose rows, and how many.
    pub sampling_strategy: SamplingStrategy<UnderSampled>,
    /// Draw the rows that stay with replacement, so that one may stay several times.
    pub replacement: bool,
}

/// Which classes to change, and how many rows they shall have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "it must be one of \"auto\", \"not minority\", \"not majority\" and \"all\", \
                 \"minority\" to over-sample or \"majority\" to under-sample, rows by class \
                 such as {\"worn\": 500}, or for two classes a ratio above 0 and at most 1"
)]
pub enum SamplingStrategy<C> {
    /// Classes by their size: over-sampled to the majority's rows, under-sampled to the minority's.
    Classes(C),
    /// Of two classes: the minority's rows divided by the majority's.
    Ratio(Ratio),
    /// Rows by class; classes that are not named stay as they are.
    Counts(IndexMap<String, Count>),
}

impl<C: Default> Default for SamplingStrategy<C> {
    fn default() -> Self {
        Self::Classes(C::default())
    }
}

/// Classes to over-sample. Of classes equal in size, the first is the minority or majority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OverSampled {
    /// All but the majority.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// The minority.
    #[serde(rename = "minority")]
    Minority,
    /// All but the minority.
    #[serde(rename = "not minority")]
    NotMinority,
    /// All but the majority.
    #[serde(rename = "not majority")]
    NotMajority,
    /// All.
    #[serde(rename = "all")]
    All,
}

/// Classes to under-sample. Of classes equal in size, the first is the minority or majority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UnderSampled {
    /// All but the minority.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// The majority.
    #[serde(rename = "majority")]
    Majority,
    /// All but the minority.
    #[serde(rename = "not minority")]
    NotMinority,
    /// All but the majority.
    #[serde(rename = "not majority")]
    NotMajority,
    /// All.
    #[serde(rename = "all")]
    All,
}

impl Default for Smote {
    fn default() -> Self {
        Self {
            k_neighbors: Neighbors::default_of(5),
            sampling_strategy: SamplingStrategy::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(json: &str) -> Result<Balance, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn settings_left_out_are_those_of_imbalanced_learn() {
        let full = r#"{"smote_nc": {"k_neighbors": 5, "sampling_strategy": "auto"}}"#;
        assert_eq!(read(r#"{"smote_nc": {}}"#).unwrap(), read(full).unwrap());
        let full = r#"{"random_under": {"sampling_strategy": "auto", "replacement": false}}"#;
        assert_eq!(read(r#"{"random_under": {}}"#).unwrap(), read(full).unwrap());
    }

    #[test]
    fn every_strategy_is_written_as_it_was_read() {
        for (algorithm, strategies) in [
            (
                "random_over",
                r#""auto" "minority" "not minority" "not majority" "all" 0.5 {"worn":500}"#,
            ),
            ("random_under", r#""auto" "majority" "not minority" "not majority" "all" 1.0"#),
        ] {
            for strategy in strategies.replace("\" ", "\"\n").replace("5 {", "5\n{").lines() {
                let json = format!(r#"{{"{algorithm}":{{"sampling_strategy":{strategy}"#);
                let written = serde_json::to_string(&read(&format!("{json}}}}}")).unwrap());
                assert!(written.unwrap().starts_with(&json), "{json}");
            }
        }
    }

    #[test]
    fn an_unknown_strategy_is_refused_with_the_choices() {
        for strategy in [r#""majority""#, "0", "1.5", r#"{"worn": 0}"#, "[]", "null"] {
            let json = format!(r#"{{"smote": {{"sampling_strategy": {strategy}}}}}"#);
            let message = read(&json).unwrap_err().to_string();
            assert!(
                message.contains("\"not minority\"") && message.contains("line 1"),
                "{message}"
            );
        }
        let under = r#"{"random_under": {"sampling_strategy": "minority"}}"#;
        assert!(read(under).is_err());
    }

    #[test]
    fn neighbours_are_counted_from_one_to_a_hundred() {
        assert!(read(r#"{"smote": {"k_neighbors": 100}}"#).is_ok());
        for k in [0, 101] {
            assert!(read(&format!(r#"{{"smote": {{"k_neighbors": {k}}}}}"#)).is_err());
        }
    }
}
