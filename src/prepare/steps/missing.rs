//! Rows with missing cells, left out.

use serde::{Deserialize, Serialize};

use crate::plural::counted;
use crate::prepare::PrepareError;
use crate::prepare::columns::gaps;
use crate::prepare::rows::Rows;
use crate::spec;

/// The most columns that a note names.
const MOST_NAMED: usize = 5;

/// Leaves out rows with a missing cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropMissing {
    /// The columns in which no cell may be missing.
    pub columns: Vec<String>,
}

impl DropMissing {
    /// Without named columns: all features and the target.
    pub(super) fn resolve(how: &spec::Columns, rows: &Rows) -> Result<Self, PrepareError> {
        let columns = match &how.columns {
            Some(named) => {
                let find = |name: &String| match &rows.target {
                    Some(target) if rows.is_target(name) => Ok(target.clone()),
                    _ => rows.resolve(name),
                };
                named.iter().map(find).collect::<Result<_, _>>()?
            }
            None => rows.features().iter().chain(&rows.target).cloned().collect(),
        };
        Ok(Self { columns })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let mut complete = vec![true; rows.height()];
        let mut lacking = Vec::new();
        // A table to predict lacks the target.
        for name in self.columns.iter().filter(|name| rows.has(name)) {
            let gaps = gaps(rows.column(name)?);
            if !gaps.is_empty() {
                lacking.push(format!("{name} in {}", gaps.len()));
            }
            for row in gaps {
                complete[row] = false;
            }
        }
        let kept: Vec<usize> = (0..rows.height()).filter(|&row| complete[row]).collect();
        let more = lacking.len().saturating_sub(MOST_NAMED);
        lacking.truncate(MOST_NAMED);
        if more > 0 {
            lacking.push(counted(more, "more column"));
        }
        super::leave_out(rows, &kept, &format!("with missing cells ({})", lacking.join(", ")))
    }
}
