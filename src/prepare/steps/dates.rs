//! Text read as times.

use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::columns::{Kind, read_times};
use crate::prepare::rows::Rows;
use crate::spec;

/// Reads text as times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParseDates {
    /// The columns.
    pub columns: Vec<String>,
    /// As `strftime` writes it; nothing for ISO 8601.
    pub format: Option<String>,
}

impl ParseDates {
    pub(super) fn settle(how: &spec::ParseDates, rows: &Rows) -> Result<Self, PrepareError> {
        let columns = rows.chosen(Some(&how.columns), &[])?;
        Ok(Self { columns, format: how.format.clone() })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        for name in &self.columns {
            // Sources that know times give them as such.
            if rows.kind(name)? == Kind::Time {
                continue;
            }
            let column = rows.column(name)?;
            let format = self.format.as_deref();
            let times = read_times(column, format, &rows.path(), |row| rows.number(row))?;
            rows.put_column(times);
        }
        Ok(())
    }
}
