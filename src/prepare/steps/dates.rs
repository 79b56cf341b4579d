//! Text read as times.

use serde::{Deserialize, Serialize};

use crate::data::DataError;
use crate::prepare::PrepareError;
use crate::prepare::columns::{Kind, read_times};
use crate::prepare::rows::Rows;
use crate::spec;

/// Reads text as times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParseDates {
    /// The auxiliary table whose columns are meant; `None` for the rows' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// As `strftime` writes it; `None` for ISO 8601.
    pub format: Option<String>,
}

impl ParseDates {
    pub(super) fn resolve(how: &spec::ParseDates, rows: &Rows) -> Result<Self, PrepareError> {
        let columns = match &how.table {
            None => rows.chosen(Some(&how.columns), &[])?,
            Some(table) => {
                let other = rows.other(table)?;
                let exact = how.columns.iter().map(|name| other.column(name));
                exact
                    .map(|found| Ok(found?.name().to_string()))
                    .collect::<Result<_, DataError>>()?
            }
        };
        Ok(Self { table: how.table.clone(), columns, format: how.format.clone() })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        if let Some(table) = &self.table {
            return self.apply_beside(table, rows);
        }
        for name in &self.columns {
            // Sources that know times give them as such.
            if rows.kind(name)? == Kind::Time {
                continue;
            }
            let column = rows.column(name)?;
            let format = self.format.as_deref();
            let times = read_times(column, format, (&rows.path(), None), |row| rows.number(row))?;
            rows.put_column(times);
        }
        Ok(())
    }

    /// Does it in an auxiliary table. One that does not exist may not be needed: what is to be
    /// foretold is not known when predicting.
    fn apply_beside(&self, table: &str, rows: &mut Rows) -> Result<(), PrepareError> {
        let Ok(other) = rows.other(table) else { return Ok(()) };
        let mut changed = other.clone();
        for name in &self.columns {
            let column = other.column(name)?;
            // The columns of an empty table are of no kind.
            if other.rows() > 0 && Kind::of(column) != Kind::Time {
                let path = (other.source.as_str(), Some(table));
                let times = read_times(column, self.format.as_deref(), path, |row| row + 1)?;
                changed = changed.with_column(times)?;
            }
        }
        rows.put_other(table, changed);
        Ok(())
    }
}
