//! The steps of preparation, as the grid file writes them.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::balance::Balance;
use super::span::{Span, Window};
use super::value::{Count, Positive};

/// A step of preparation. Steps are done in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Takes columns away from the steps that follow, and from the features.
    DropColumns(Vec<String>),
    /// Leaves out rows that say what an earlier row says.
    DropDuplicates(DropDuplicates),
    /// Leaves out rows with a missing cell.
    DropMissing(Columns),
    /// Leaves out the rows for which a condition holds.
    DropRows(DropRows),
    /// Reads text as dates and times.
    ParseDates(ParseDates),
    /// Fills missing cells.
    Fill(Fill),
    /// Brings numbers into fixed bounds.
    Clip(Clip),
    /// Clips outliers, or leaves out train rows that hold one.
    IqrOutliers(IqrOutliers),
    /// New numbers: a name and a SQL expression over the row's cells, in 64-bit floats.
    Derive(IndexMap<String, String>),
    /// New numbers from a time: hour, day, weekday.
    TimeParts(TimeParts),
    /// New numbers from a window of rows that ends in the row itself.
    Rolling(Rolling),
    /// New numbers: what has changed since an earlier row.
    Difference(Shift),
    /// New numbers: what an earlier row says.
    Lag(Shift),
    /// One row for each span of the calendar.
    Resample(Resample),
    /// Columns of another table.
    Join(Join),
    /// New numbers: how often each kind of event has come lately.
    CountEvents(CountEvents),
    /// New numbers: hours since each kind of event has come last.
    TimeSince(Events),
    /// The target: the event that comes within a time. It looks ahead, and so is no feature.
    Label(Label),
    /// A column of zeros and ones for every category.
    OneHot(OneHot),
    /// The place of a category in an order.
    Ordinal(Ordinal),
    /// Scales numbers by figures of the train rows.
    Scale(Scale),
    /// Adds or leaves out train rows, so that the classes are less unequal.
    Balance(Balance),
}

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
    /// The next value behind it, which is not known yet when the row comes.
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
    /// The name that is put behind the column's.
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

/// A figure of a window.
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
    /// The name that is put behind the column's.
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

/// Columns of another table, which become features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// A name of `data.tables`.
    pub table: String,
    /// Which of its rows belongs to a row.
    pub by: JoinBy,
    /// What the names of the new columns begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// Which row of another table belongs to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinBy {
    /// The only one of the same group.
    Group,
    /// The only one of the same group and time.
    GroupAndTime,
    /// The last one of the same group that is not later.
    Latest,
}

/// Events of another table: a time, a group, and what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// A name of `data.tables`.
    pub table: String,
    /// The column that says what it was.
    pub column: String,
    /// What the names of the new columns begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// Events of another table that came lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountEvents {
    /// A name of `data.tables`.
    pub table: String,
    /// The column that says what it was.
    pub column: String,
    /// How far it may lie back.
    pub within: Span,
    /// What the names of the new columns begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// The event that comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// A name of `data.tables`.
    pub table: String,
    /// The column that says what it was.
    pub column: String,
    /// How far ahead it may be.
    pub within: Span,
    /// The class of rows that no event follows.
    pub otherwise: String,
}

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

impl Step {
    /// Its name in the grid file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DropColumns(_) => "drop_columns",
            Self::DropDuplicates(_) => "drop_duplicates",
            Self::DropMissing(_) => "drop_missing",
            Self::DropRows(_) => "drop_rows",
            Self::ParseDates(_) => "parse_dates",
            Self::Fill(_) => "fill",
            Self::Clip(_) => "clip",
            Self::IqrOutliers(_) => "iqr_outliers",
            Self::Derive(_) => "derive",
            Self::TimeParts(_) => "time_parts",
            Self::Rolling(_) => "rolling",
            Self::Difference(_) => "difference",
            Self::Lag(_) => "lag",
            Self::Resample(_) => "resample",
            Self::Join(_) => "join",
            Self::CountEvents(_) => "count_events",
            Self::TimeSince(_) => "time_since",
            Self::Label(_) => "label",
            Self::OneHot(_) => "one_hot",
            Self::Ordinal(_) => "ordinal",
            Self::Scale(_) => "scale",
            Self::Balance(_) => "balance",
        }
    }

    /// Whether it takes figures from the train rows, or changes them alone: the rows are split
    /// before the first such step.
    pub fn needs_split(&self) -> bool {
        match self {
            Self::Fill(fill) => {
                matches!(fill.with, Filling::Mean | Filling::Median | Filling::MostFrequent)
            }
            Self::IqrOutliers(_) | Self::OneHot(_) | Self::Scale(_) | Self::Balance(_) => true,
            _ => false,
        }
    }

    /// Whether it changes which rows there are, and so must come before the split.
    pub fn changes_rows(&self) -> bool {
        matches!(
            self,
            Self::DropDuplicates(_)
                | Self::DropMissing(_)
                | Self::DropRows(_)
                | Self::Resample(_)
                | Self::Label(_)
        )
    }

    /// Whether neighbouring rows tell of the same readings or events after it.
    pub fn shares_rows(&self) -> bool {
        matches!(
            self,
            Self::Rolling(_)
                | Self::Difference(_)
                | Self::Lag(_)
                | Self::CountEvents(_)
                | Self::TimeSince(_)
                | Self::Label(_)
        )
    }

    /// Whether it looks at other rows, and so cannot follow a step that makes rows up.
    pub fn looks_at_other_rows(&self) -> bool {
        match self {
            Self::Fill(fill) => matches!(fill.with, Filling::Forward | Filling::Backward),
            Self::Rolling(_)
            | Self::Difference(_)
            | Self::Lag(_)
            | Self::Join(_)
            | Self::CountEvents(_)
            | Self::TimeSince(_) => true,
            _ => false,
        }
    }
}
