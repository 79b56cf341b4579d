//! How the rows are parted: the keys of `split`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Count, Share};

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
    pub fn gap(&self) -> Option<&Gap> {
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
    /// The share that nothing is chosen by.
    pub test: Share,
    /// What decides which part a row goes to.
    #[serde(default)]
    pub by: By,
    /// With `"by": "time"`: how long before valid and before test rows no row is used, such as
    /// `24h`. As long as the target looks ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// The seed of the split; without it, the run's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl Default for Shares {
    fn default() -> Self {
        let [train, valid, test] = [0.7, 0.15, 0.15].map(Share::default_of);
        Self { train, valid, test, by: By::default(), gap: None, seed: None }
    }
}

/// A test share, and k folds of the other rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folds {
    /// How many folds.
    pub count: Count,
    /// The share that nothing is chosen by.
    pub test: Share,
    /// What decides which part a row goes to.
    #[serde(default)]
    pub by: By,
    /// With `"by": "time"`: how long before valid and before test rows no row is used, such as
    /// `24h`. As long as the target looks ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
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

/// A length of time that is left out, written like `24h` or `7days`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Gap {
    text: String,
    milliseconds: i64,
}

impl Gap {
    /// Its length; what is less than a millisecond counts as one.
    pub fn milliseconds(&self) -> i64 {
        self.milliseconds
    }
}

impl TryFrom<String> for Gap {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // M would be months, which nobody means.
        let length = humantime::parse_duration(&text).ok().filter(|_| !text.contains('M'));
        let milliseconds = length.map(|length| length.as_nanos().div_ceil(1_000_000));
        match milliseconds.and_then(|length| i64::try_from(length).ok()) {
            Some(milliseconds) => Ok(Self { text, milliseconds }),
            None => Err(format!("{text:?} is no length of time: write 90m, 24h or 7days")),
        }
    }
}

impl From<Gap> for String {
    fn from(gap: Gap) -> Self {
        gap.text
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_gap_is_read_in_the_words_of_people() {
        let length = |text: &str| Gap::try_from(text.to_owned()).map(|gap| gap.milliseconds());
        assert_eq!(length("24h"), Ok(24 * 3_600_000));
        assert_eq!(length("1h 30m"), Ok(5_400_000));
        assert_eq!(length("1us"), Ok(1));
        for wrong in ["24", "2M", "-1h", "", "soon", "600000000000years"] {
            assert!(length(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_gap_is_written_as_it_was_read() {
        let gap: Gap = serde_json::from_str(r#""24h""#).unwrap();
        assert_eq!(serde_json::to_string(&gap).unwrap(), r#""24h""#);
    }
}
