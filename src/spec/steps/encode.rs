//! Steps that make inputs of features: categories as numbers, numbers by bins, numbers scaled.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::value::{BinCount, Count};

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

/// Numbers by the bins that they lie in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bins {
    /// The columns; without this key, all numeric features but zeros and ones of earlier steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// What the edges between bins are taken from.
    pub by: EdgesBy,
    /// The most bins of a column.
    pub count: BinCount,
    /// What is made of the bins.
    pub encode: BinEncoding,
    /// Whether the number itself stays too.
    pub keep: bool,
    /// The fewest train rows of a bin, by the target.
    pub min_rows: Count,
}

impl Default for Bins {
    fn default() -> Self {
        Self {
            columns: None,
            by: EdgesBy::default(),
            count: BinCount::default_of(8),
            encode: BinEncoding::default(),
            keep: true,
            min_rows: Count::default_of(8),
        }
    }
}

/// What the edges between bins are taken from, in the train rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EdgesBy {
    /// A decision tree of the target on this column alone, as `DecisionTreeClassifier` of `count` leaves.
    #[default]
    Target,
    /// Quantiles at equal shares.
    Quantiles,
}

/// What is made of bins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BinEncoding {
    /// For every edge, 1 where the number is above it, else 0.
    #[default]
    Thresholds,
    /// For every bin, 0 below it, 1 above it, and between them in proportion; beyond all train rows it
    /// goes on in proportion (PLE of Gorishniy et al. 2022).
    PiecewiseLinear,
    /// For every bin, 1 where the number lies in it, else 0.
    OneHot,
}

/// How numbers are scaled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scale {
    /// The columns; without this key, all numeric features but those that `one_hot` and `bins` made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// How.
    pub method: ScaleMethod,
}

/// How numbers are scaled, by statistics of the train rows; a constant column becomes 0.
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
