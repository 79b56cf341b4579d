//! What earlier rows say, and what has changed since.

use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::columns::Kind;
use crate::prepare::history::Reach;
use crate::prepare::rows::Rows;
use crate::prepare::sequence::Sequence;
use crate::spec;

/// Looks at earlier rows of the same group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The columns.
    pub columns: Vec<String>,
    /// How many rows before.
    pub rows: Vec<u32>,
    /// What becomes of the earlier cell.
    pub makes: Makes,
}

/// What becomes of an earlier cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Makes {
    /// A column `<column>_lag_<rows>` with the cell itself.
    Lag,
    /// A column `<column>_diff_<rows>`: the row's own cell less the earlier one.
    Difference,
}

/// The most columns that are made of one.
const MOST_COLUMNS: usize = 400;

impl Shift {
    pub(super) fn resolve(
        how: &spec::Shift,
        makes: Makes,
        rows: &Rows,
    ) -> Result<Self, PrepareError> {
        let resolved = Self {
            columns: rows.chosen(how.columns.as_deref(), &[Kind::Number])?,
            rows: how.rows.iter().map(|count| count.get()).collect(),
            makes,
        };
        rows.are_free(&resolved.names())?;
        if !resolved.is_sound() {
            return Err(PrepareError::TooManyColumns { limit: MOST_COLUMNS });
        }
        Ok(resolved)
    }

    /// Whether there are no more columns than somebody would write down.
    pub(super) fn is_sound(&self) -> bool {
        self.rows.len() <= MOST_COLUMNS
    }

    fn name(&self, column: &str, rows: u32) -> String {
        let made = match self.makes {
            Makes::Lag => "lag",
            Makes::Difference => "diff",
        };
        format!("{column}_{made}_{rows}")
    }

    /// The names of the new columns.
    pub(super) fn names(&self) -> Vec<String> {
        let names = |column: &String| {
            self.rows.iter().map(|&rows| self.name(column, rows)).collect::<Vec<_>>()
        };
        self.columns.iter().flat_map(names).collect()
    }

    /// How far back it looks.
    pub(super) fn reach(&self) -> Reach {
        let rows = self.rows.iter().copied().max().unwrap_or(0) as usize;
        Reach { rows, span: None }
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let sequence = Sequence::new(rows)?;
        for column in &self.columns {
            let cells = sequence.gather(&rows.numbers(column)?);
            for &back in &self.rows {
                let mut shifted = vec![f64::NAN; cells.len()];
                for run in sequence.runs() {
                    for place in (run.start + back as usize)..run.end {
                        let earlier = cells[place - back as usize];
                        shifted[place] = match self.makes {
                            Makes::Lag => earlier,
                            Makes::Difference => cells[place] - earlier,
                        };
                    }
                }
                rows.put(&self.name(column, back), sequence.scatter(&shifted))?;
            }
        }
        Ok(())
    }
}
