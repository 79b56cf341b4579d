//! New numbers from expressions.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::expression::Expression;
use crate::prepare::rows::{ByColumn, Rows};

/// Derives columns, each of which may use those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derive {
    /// The expression of each column.
    pub columns: ByColumn<Expression>,
}

impl Derive {
    /// Computes the columns on the way: an expression may name those before it.
    pub(super) fn resolve(
        wanted: &IndexMap<String, String>,
        rows: &Rows,
    ) -> Result<Self, PrepareError> {
        let mut columns = ByColumn::new();
        let mut rows = rows.clone();
        for (name, sql) in wanted {
            rows.is_free(name)?;
            let resolved = Expression::resolve(sql, &rows).map_err(|error| error.named(name))?;
            let values = resolved.compute(&rows).map_err(|error| error.named(name))?;
            rows.put(name, values)?;
            columns.insert(name.clone(), resolved);
        }
        Ok(Self { columns })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        for (name, expression) in &self.columns {
            let values = expression.compute(rows).map_err(|error| error.named(name))?;
            rows.put(name, values)?;
        }
        Ok(())
    }
}
