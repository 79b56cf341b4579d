//! Steps over time: parts of a time, windows, earlier rows, spans of the calendar.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::span::{Span, Window};
use crate::spec::value::Count;

/// Parts of a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeParts {
    /// The column; without this key, `data.time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The parts.
    pub parts: Vec<TimePart>,
}

/// A part of a time, as pandas' `dt` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimePart {
    /// 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The day of the year, 1 to 366.
    DayOfYear,
    /// Monday is 0, Sunday 6.
    Weekday,
    /// 0 to 23.
    Hour,
    /// 0 to 59.
    Minute,
}

impl TimePart {
    /// The suffix of the column name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Day => "day",
            Self::DayOfYear => "day_of_year",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
            Self::Minute => "minute",
        }
    }
}

/// Windows that end in the row itself, within its group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rolling {
    /// The columns; without this key, all numeric features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// How far a window reaches back: a number of rows, or a time such as `24h`.
    pub windows: Vec<Window>,
    /// What is computed.
    pub functions: Vec<RollingFunction>,
    /// Fewer numbers than this in a window give a missing cell.
    #[serde(default = "one")]
    pub min_periods: Count,
}

fn one() -> Count {
    Count::default_of(1)
}

/// A statistic of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RollingFunction {
    /// The mean.
    Mean,
    /// The sample's standard deviation; missing for one number.
    Std,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

impl RollingFunction {
    /// The suffix of the column name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// Earlier rows of the same group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The columns; without this key, all numeric features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// How many rows before.
    #[serde(default = "the_row_before")]
    pub rows: Vec<Count>,
}

fn the_row_before() -> Vec<Count> {
    vec![one()]
}

/// Spans of the calendar, within each group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resample {
    /// The span: `1h` begins at the full hour, `1d` at midnight.
    pub every: Span,
    /// What becomes of numbers; text and times become the span's last.
    #[serde(default)]
    pub numbers: Aggregate,
    /// What becomes of some columns instead.
    #[serde(default)]
    pub columns: IndexMap<String, Aggregate>,
}

/// What becomes of the rows of a span; missing cells do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The mean.
    #[default]
    Mean,
    /// The sum.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The first.
    First,
    /// The last.
    Last,
}
