//! Rows for which a condition holds, left out.

use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::expression::Expression;
use crate::prepare::rows::Rows;
use crate::spec;

/// Leaves out rows for which a condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropRows {
    /// The condition: not 0 where it holds.
    pub condition: Expression,
}

impl DropRows {
    pub(super) fn resolve(how: &spec::DropRows, rows: &Rows) -> Result<Self, PrepareError> {
        Ok(Self { condition: Expression::resolve(&how.condition, rows)? })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let holds = self.condition.compute(rows)?;
        let stays = |&row: &usize| holds[row] == 0.0 || holds[row].is_nan();
        let kept: Vec<usize> = (0..rows.height()).filter(stays).collect();
        super::leave_out(rows, &kept, &format!("where {}", self.condition.sql))
    }
}
