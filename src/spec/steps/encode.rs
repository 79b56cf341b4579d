//! Steps that make inputs of features: categories as numbers, numbers scaled.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Zeros and ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OneHot {
    /// The columns; without this key, all features that are text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// What to do about a category that the train rows do not hold.
    pub unseen: Unseen,
}

/// Places in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ordinal {
    /// The columns, each with its categories: the first becomes 0, the next 1.
    pub orders: IndexMap<String, Vec<String>>,
    /// What to do about a category that is not in the order.
    #[serde(default)]
    pub unseen: Unseen,
}

/// What to do about a category that is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// Stop and name it.
    #[default]
    Error,
    /// All zeros (one-hot) or a missing cell (ordinal), and say how many cells that met.
    Ignore,
}

/// How numbers are scaled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scale {
    /// The columns; without this key, all numeric features but the zeros and ones of `one_hot`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// How.
    pub method: ScaleMethod,
}

/// How numbers are scaled, by figures of the train rows; a constant column becomes 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleMethod {
    /// To mean 0 and (population) standard deviation 1, as `StandardScaler`.
    #[default]
    Standard,
    /// To the range 0 to 1, as `MinMaxScaler`.
    MinMax,
    /// To median 0 and interquartile range 1, as `RobustScaler`.
    Robust,
    /// To a normal distribution by rank, as `QuantileTransformer` of 1000 quantiles.
    QuantileNormal,
}
