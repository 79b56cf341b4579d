//! Steps that clean: rows and cells.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::value::Positive;

/// Columns that a step works on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// The columns; without this key, all features that the step can work on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
}

/// Which rows are duplicates, and which of them stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DropDuplicates {
    /// The columns in which duplicates agree; without this key, all columns of the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Which of them stays.
    pub keep: Keep,
}

/// Which of the rows that agree stays, as in pandas' `drop_duplicates`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The first.
    #[default]
    First,
    /// The last.
    Last,
    /// None.
    None,
}

/// Which rows are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropRows {
    /// A SQL condition over the row's cells; rows for which it is neither true nor false stay.
    #[serde(rename = "where")]
    pub condition: String,
}

/// Text to read as times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParseDates {
    /// A name of `data.tables`, whose columns are meant; without this key, the first table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// As `strftime` writes it, `%m/%d/%y %H:%M` for 5/1/99 0:00; without this key, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// What missing cells become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// The columns; without this key, all features that hold what `with` makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// What missing cells become.
    pub with: Filling,
}

/// What missing cells become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Filling {
    /// A number or a text.
    Constant(Constant),
    /// The mean of the train rows.
    Mean,
    /// The median of the train rows.
    Median,
    /// The most frequent value of the train rows.
    MostFrequent,
    /// The last value before it, in the order of time within a group.
    Forward,
    /// The next value, which is not known yet when the row comes.
    Backward,
}

/// A number or a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a constant is a number or a text")]
pub enum Constant {
    /// For numbers.
    Number(f64),
    /// For categories.
    Text(String),
}

/// Fixed bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clip {
    /// The columns.
    pub columns: Vec<String>,
    /// Smaller numbers become this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// Larger numbers become this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
}

/// Numbers further than `factor` interquartile ranges of the train rows from their quartiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IqrOutliers {
    /// The columns; without this key, all numeric features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// How many interquartile ranges.
    #[serde(default = "tukey")]
    pub factor: Positive,
    /// What is done about them.
    pub action: OutlierAction,
}

fn tukey() -> Positive {
    Positive::default_of(1.5)
}

/// What is done about outliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutlierAction {
    /// They become the bound that they are beyond.
    Clip,
    /// Train rows that hold one are left out; all other rows stay as they are.
    Remove,
}
