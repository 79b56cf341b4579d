//! Hour, day and weekday of a time, as numbers.

use chrono::{DateTime, Datelike, Timelike};
use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::rows::Rows;
use crate::spec::{self, TimePart};

/// Takes times apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeParts {
    /// The column of times.
    pub column: String,
    /// The parts, each a column named `<column>_<part>`.
    pub parts: Vec<TimePart>,
}

impl TimeParts {
    pub(super) fn resolve(how: &spec::TimeParts, rows: &Rows) -> Result<Self, PrepareError> {
        let column = match &how.column {
            Some(name) => rows.resolve(name)?,
            None => rows.roles.time.clone().ok_or(PrepareError::NoTimeRole)?,
        };
        let resolved = Self { column, parts: how.parts.clone() };
        let names: Vec<String> = resolved.parts.iter().map(|&part| resolved.name(part)).collect();
        rows.are_free(&names)?;
        Ok(resolved)
    }

    /// The name of a part's column.
    pub(super) fn name(&self, part: TimePart) -> String {
        format!("{}_{}", self.column, part.name())
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let times = rows.optional_times(&self.column)?;
        for &part in &self.parts {
            let number = |time: &Option<i64>| time.map_or(f64::NAN, |time| number(time, part));
            rows.put(&self.name(part), times.iter().map(number).collect())?;
        }
        Ok(())
    }
}

fn number(milliseconds: i64, part: TimePart) -> f64 {
    let Some(time) = DateTime::from_timestamp_millis(milliseconds) else { return f64::NAN };
    f64::from(match part {
        TimePart::Month => time.month(),
        TimePart::Day => time.day(),
        TimePart::DayOfYear => time.ordinal(),
        TimePart::Weekday => time.weekday().num_days_from_monday(),
        TimePart::Hour => time.hour(),
        TimePart::Minute => time.minute(),
    })
}
