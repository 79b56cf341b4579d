//! The steps of preparation, as the grid file writes them.

mod clean;
mod encode;
mod examples;
mod tables;
mod time;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::balance::Balance;

pub use clean::{
    Clip, Columns, Constant, DropDuplicates, DropRows, Fill, Filling, IqrOutliers, Keep,
    OutlierAction, ParseDates,
};
pub use encode::{BinEncoding, Bins, EdgesBy, OneHot, Ordinal, Scale, ScaleMethod, Unseen};
pub(super) use examples::example;
pub use tables::{CountEvents, Events, Join, JoinBy, Label};
pub use time::{Aggregate, Resample, Rolling, RollingFunction, Shift, TimePart, TimeParts};

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
    /// New numbers from the bins that a number lies in.
    Bins(Bins),
    /// Scales numbers by statistics of the train rows.
    Scale(Scale),
    /// Adds or leaves out train rows, so that the classes are less unequal.
    Balance(Balance),
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
            Self::Bins(_) => "bins",
            Self::Scale(_) => "scale",
            Self::Balance(_) => "balance",
        }
    }

    /// The name of the table that it looks into.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Join(step) => Some(&step.table),
            Self::CountEvents(step) => Some(&step.table),
            Self::TimeSince(step) => Some(&step.table),
            Self::Label(step) => Some(&step.table),
            Self::ParseDates(step) => step.table.as_deref(),
            _ => None,
        }
    }

    /// Whether it is fitted on the train rows, or changes them alone: the rows are split
    /// before the first such step.
    pub fn needs_split(&self) -> bool {
        match self {
            Self::Fill(fill) => {
                matches!(fill.with, Filling::Mean | Filling::Median | Filling::MostFrequent)
            }
            Self::IqrOutliers(_)
            | Self::OneHot(_)
            | Self::Bins(_)
            | Self::Scale(_)
            | Self::Balance(_) => true,
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
