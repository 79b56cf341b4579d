//! The steps of preparation: one file each, what is asked for made ready by the rows, applied to any.

mod bins;
mod bounds;
mod condition;
mod dates;
mod derive;
mod duplicates;
mod edges;
mod events;
mod fill;
mod join;
mod label;
mod look_back;
mod missing;
mod one_hot;
mod ordinal;
mod quantiles;
mod reads;
mod resample;
mod rolling;
mod scale;
mod shift;
mod time_parts;

use serde::{Deserialize, Serialize};

use super::history::Reach;
use super::rows::Rows;
use super::{PrepareError, TrainRows};
use crate::data::{DataError, NameError};
use crate::plural::counted;
use crate::spec::Step;

pub use bins::Bins;
pub use bounds::{Bound, Bounds};
pub use condition::DropRows;
pub use dates::ParseDates;
pub use derive::Derive;
pub use duplicates::DropDuplicates;
pub use fill::{Fill, Filler};
pub use join::Join;
pub use label::Label;
pub use look_back::{EventFeature, LookBack};
pub use missing::DropMissing;
pub use one_hot::OneHot;
pub use ordinal::Ordinal;
pub use quantiles::Quantiles;
pub use resample::Resample;
pub use rolling::Rolling;
pub use scale::{Scale, Scaling};
pub use shift::{Makes, Shift};
pub use time_parts::TimeParts;

/// A step with everything resolved: columns by their exact names, statistics of the train rows. What a
/// model keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)] // each has its own
pub enum FittedStep {
    DropColumns(Vec<String>),
    DropDuplicates(DropDuplicates),
    DropMissing(DropMissing),
    DropRows(DropRows),
    ParseDates(ParseDates),
    Fill(Fill),
    Bounds(Bounds),
    Derive(Derive),
    TimeParts(TimeParts),
    Rolling(Rolling),
    Shift(Shift),
    Resample(Resample),
    Join(Join),
    LookBack(LookBack),
    Label(Label),
    OneHot(OneHot),
    Ordinal(Ordinal),
    Bins(Bins),
    Scale(Scale),
}

impl FittedStep {
    /// Settles a step that takes nothing from the train rows.
    pub(super) fn resolve(step: &Step, rows: &mut Rows) -> Result<Self, PrepareError> {
        Ok(match step {
            Step::DropColumns(names) => Self::DropColumns(columns_to_drop(names, rows)?),
            Step::DropDuplicates(how) => Self::DropDuplicates(DropDuplicates::resolve(how, rows)?),
            Step::DropMissing(how) => Self::DropMissing(DropMissing::resolve(how, rows)?),
            Step::DropRows(how) => Self::DropRows(DropRows::resolve(how, rows)?),
            Step::ParseDates(how) => Self::ParseDates(ParseDates::resolve(how, rows)?),
            Step::Clip(how) => Self::Bounds(Bounds::resolve(how, rows)?),
            Step::Derive(wanted) => Self::Derive(Derive::resolve(wanted, rows)?),
            Step::TimeParts(how) => Self::TimeParts(TimeParts::resolve(how, rows)?),
            Step::Rolling(how) => Self::Rolling(Rolling::resolve(how, rows)?),
            Step::Difference(how) => Self::Shift(Shift::resolve(how, Makes::Difference, rows)?),
            Step::Lag(how) => Self::Shift(Shift::resolve(how, Makes::Lag, rows)?),
            Step::Resample(how) => Self::Resample(Resample::resolve(how, rows)?),
            Step::Join(how) => Self::Join(Join::resolve(how, rows)?),
            Step::CountEvents(how) => Self::LookBack(LookBack::count(how, rows)?),
            Step::TimeSince(how) => Self::LookBack(LookBack::time_since(how, rows)?),
            Step::Label(how) => Self::Label(Label::resolve(how, rows)?),
            Step::Ordinal(how) => Self::Ordinal(Ordinal::resolve(how, rows)?),
            Step::Fill(how) => Self::Fill(Fill::resolve(how, rows)?),
            Step::IqrOutliers(_)
            | Step::OneHot(_)
            | Step::Bins(_)
            | Step::Scale(_)
            | Step::Balance(_) => {
                return Err(PrepareError::BeforeSplit { step: step.name() });
            }
        })
    }

    /// Resolves any step, fitting it on the train rows.
    pub(super) fn fit(
        step: &Step,
        rows: &mut Rows,
        train: &TrainRows,
    ) -> Result<Self, PrepareError> {
        Ok(match step {
            Step::Fill(how) if step.needs_split() => Self::Fill(Fill::fit(how, rows, train)?),
            Step::IqrOutliers(how) => Self::Bounds(Bounds::fit(how, rows, train)?),
            Step::OneHot(how) => Self::OneHot(OneHot::fit(how, rows, train)?),
            Step::Bins(how) => Self::Bins(Bins::fit(how, rows, train)?),
            Step::Scale(how) => Self::Scale(Scale::fit(how, rows, train)?),
            _ => Self::resolve(step, rows)?,
        })
    }

    /// Does the step.
    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        match self {
            Self::DropColumns(names) => {
                for name in names {
                    rows.remove(name);
                }
                Ok(())
            }
            Self::DropDuplicates(step) => step.apply(rows),
            Self::DropMissing(step) => step.apply(rows),
            Self::DropRows(step) => step.apply(rows),
            Self::ParseDates(step) => step.apply(rows),
            Self::Fill(step) => step.apply(rows),
            Self::Bounds(step) => step.apply(rows),
            Self::Derive(step) => step.apply(rows),
            Self::TimeParts(step) => step.apply(rows),
            Self::Rolling(step) => step.apply(rows),
            Self::Shift(step) => step.apply(rows),
            Self::Resample(step) => step.apply(rows),
            Self::Join(step) => step.apply(rows),
            Self::LookBack(step) => step.apply(rows),
            Self::Label(step) => step.apply(rows),
            Self::OneHot(step) => step.apply(rows),
            Self::Ordinal(step) => step.apply(rows),
            Self::Bins(step) => step.apply(rows),
            Self::Scale(step) => step.apply(rows),
        }
    }

    /// Its name in a model.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::DropColumns(_) => "drop_columns",
            Self::DropDuplicates(_) => "drop_duplicates",
            Self::DropMissing(_) => "drop_missing",
            Self::DropRows(_) => "drop_rows",
            Self::ParseDates(_) => "parse_dates",
            Self::Fill(_) => "fill",
            Self::Bounds(_) => "bounds",
            Self::Derive(_) => "derive",
            Self::TimeParts(_) => "time_parts",
            Self::Rolling(_) => "rolling",
            Self::Shift(_) => "shift",
            Self::Resample(_) => "resample",
            Self::Join(_) => "join",
            Self::LookBack(_) => "look_back",
            Self::Label(_) => "label",
            Self::OneHot(_) => "one_hot",
            Self::Ordinal(_) => "ordinal",
            Self::Bins(_) => "bins",
            Self::Scale(_) => "scale",
        }
    }

    /// The columns that it encodes, each with the names of what it makes of them.
    pub(super) fn encoded(&self) -> Vec<(&str, Vec<String>)> {
        match self {
            Self::OneHot(step) => step.encoded().collect(),
            Self::Bins(step) => step.encoded().collect(),
            _ => Vec::new(),
        }
    }

    /// How far back it looks at other rows of the table, where it does so to a length.
    pub(super) fn reach(&self) -> Option<Reach> {
        match self {
            Self::Rolling(step) => Some(step.reach()),
            Self::Shift(step) => Some(step.reach()),
            _ => None,
        }
    }

    /// Whether its statistics can be computed with; a model file may come from anybody.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Bins(step) => step.is_sound(),
            Self::Scale(step) => step.is_sound(),
            Self::Bounds(step) => step.is_sound(),
            Self::Fill(step) => step.is_sound(),
            Self::Rolling(step) => step.is_sound(),
            Self::Shift(step) => step.is_sound(),
            Self::LookBack(step) => step.is_sound(),
            Self::OneHot(step) => step.is_sound(),
            _ => true,
        }
    }
}

/// The columns to drop; a name that no column has is worth a note, no more: tables of one kind come
/// with and without their identifiers.
fn columns_to_drop(names: &[String], rows: &mut Rows) -> Result<Vec<String>, PrepareError> {
    let mut columns = Vec::new();
    for name in names {
        match rows.resolve(name) {
            Ok(column) => columns.push(column),
            Err(PrepareError::Data(DataError::Column {
                source: source @ NameError::Unknown { .. },
                ..
            })) => rows.notes.push(format!("drop_columns: {source}")),
            Err(error) => return Err(error),
        }
    }
    Ok(columns)
}

/// Keeps some rows and notes how many were left out.
fn leave_out(rows: &mut Rows, kept: &[usize], which: &str) -> Result<(), PrepareError> {
    let dropped = rows.height() - kept.len();
    if dropped == 0 {
        return Ok(());
    }
    rows.notes.push(format!("left out {} {which}", counted(dropped, "row")));
    rows.keep(kept)
}
