//! The fitted preparation: what a table must have, the steps, and the inputs that come out.

use std::collections::HashSet;

use polars::prelude::Column;
use serde::{Deserialize, Serialize};

use super::PrepareError;
use super::columns::{Kind, as_text, gaps, table_times, values};
use super::history::History;
use super::rows::{Roles, Rows, Tables};
use super::steps::FittedStep;
use crate::data::{Table, labels};
use crate::examples::Matrix;
use crate::spec::Family;

/// A column that a table must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The name as the grid file writes it, or as the table does.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
}

impl Read {
    /// The column of a table, under this name.
    pub(super) fn of(&self, table: &Table) -> Result<Column, PrepareError> {
        let column = match self.kind {
            Kind::Number => table.numbers(&self.name)?.clone(),
            Kind::Text => match table.column(&self.name)? {
                // What was text there to be parsed is a time here.
                column if Kind::of(column) == Kind::Time => column.clone(),
                column => as_text(column),
            },
            Kind::Time => table_times(table, None, &self.name)?,
        };
        Ok(column.with_name(self.name.as_str().into()))
    }
}

/// The fitted preparation of all features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// What a table must have.
    pub reads: Vec<Read>,
    /// The columns that tell of what and when a row is.
    pub roles: Roles,
    /// The steps, in order.
    pub steps: Vec<FittedStep>,
    /// The model's inputs, in order: columns that the steps leave.
    pub inputs: Vec<String>,
    /// What becomes of missing cells among the inputs.
    #[serde(default, skip_serializing_if = "Missing::is_default")]
    pub missing: Missing,
}

/// What becomes of missing cells among the inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// They are an error.
    #[default]
    Refused,
    /// They stay missing, as NaN: the model uses them.
    Kept,
}

impl Missing {
    /// Missing cells stay where all families use them.
    pub(super) fn of(families: &[Family]) -> Self {
        let all = families.iter().all(|family| family.takes_missing());
        if all { Self::Kept } else { Self::Refused }
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Prepared rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformed {
    /// `[rows, inputs]`.
    pub matrix: Matrix,
    /// `[rows]`: the table's row that each comes from.
    pub origin: Vec<usize>,
    /// `[rows]`: the cells of the target, where one was asked for.
    pub target: Vec<Option<String>>,
    /// Cells whose category the train rows did not hold.
    pub unseen: usize,
    /// What was left out, and which rows have too little before them.
    pub notes: Vec<String>,
}

impl Pipeline {
    /// Puts together what was resolved; of the columns that a table could give, those that a step or
    /// the network reads. The target is never read of a table to predict.
    pub(super) fn new(
        reads: &[Read],
        roles: Roles,
        steps: Vec<FittedStep>,
        inputs: Vec<String>,
        target: &str,
    ) -> Self {
        let read: HashSet<String> =
            steps.iter().flat_map(|step| step.reads(&roles)).chain(inputs.clone()).collect();
        let wanted = |one: &&Read| one.name != target && read.contains(&one.name);
        let reads = reads.iter().filter(wanted).cloned().collect();
        Self { reads, roles, steps, inputs, missing: Missing::default() }
    }

    /// Prepares the rows of a table: to judge a model on, where the target is named, or to predict.
    /// `tables` are the auxiliary ones, by the names of `data.tables`.
    ///
    /// A row's inputs depend on that row, on the auxiliary tables, and where a step looks back on the
    /// rows before it of the same group: with these it is prepared alone as among many.
    ///
    /// # Errors
    /// [`PrepareError`] names the row and column of a missing, infinite or unseen value.
    pub fn transform(
        &self,
        table: &Table,
        tables: &Tables,
        target: Option<&str>,
    ) -> Result<Transformed, PrepareError> {
        let columns = self.reads.iter().map(|read| read.of(table));
        let mut columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
        let labelled = self.steps.iter().any(|step| matches!(step, FittedStep::Label(_)));
        let target = match target {
            Some(target) if !labelled => {
                columns.push(table.column(target)?.clone().with_name(target.into()));
                Some(target.to_owned())
            }
            other => other.map(str::to_owned),
        };
        let features = self.reads.iter().map(|read| read.name.clone()).collect();
        let mut rows = Rows::new(table, tables, columns, features);
        rows.roles = self.roles.clone();
        rows.target = target;
        let mut history = History::default();
        for (place, step) in self.steps.iter().enumerate() {
            let wanted = match step {
                // Which rows repeat each other is a question of the table that was learnt from.
                FittedStep::DropDuplicates(_) => false,
                FittedStep::Label(_) => rows.target.is_some(),
                _ => true,
            };
            if !wanted {
                continue;
            }
            let looked = step.reach().map_or(Ok(()), |reach| history.look(reach, &rows));
            let done = looked.and_then(|()| step.apply(&mut rows));
            done.map_err(|error| error.in_step(format!("steps[{place}]"), step.name()))?;
        }
        rows.notes.extend(history.note(rows.origin()));
        let matrix = matrix(&rows, &self.inputs, self.missing)?;
        let target = match &rows.target {
            Some(target) => labels(rows.column(target)?),
            None => Vec::new(),
        };
        let (origin, unseen) = (rows.origin().to_vec(), rows.unseen);
        Ok(Transformed { matrix, origin, target, unseen, notes: rows.notes })
    }

    /// The inconsistency, if any.
    pub fn problem(&self) -> Option<String> {
        if self.inputs.is_empty() {
            return Some("the preparation makes no input".to_owned());
        }
        let sound = self.steps.iter().all(FittedStep::is_sound);
        (!sound).then(|| "a step's preparation is no preparation".to_owned())
    }
}

/// The inputs of all rows, in 32-bit floats.
pub(super) fn matrix(
    rows: &Rows,
    inputs: &[String],
    wanted: Missing,
) -> Result<Matrix, PrepareError> {
    let mut matrix = vec![0.0; rows.height() * inputs.len()];
    for (place, name) in inputs.iter().enumerate() {
        let column = rows.column(name)?;
        match Kind::of(column) {
            Kind::Number => {}
            Kind::Text if rows.seems_numeric(name) => return Err(rows.no_numbers(name)),
            kind => {
                let (path, column) = (rows.path(), name.clone());
                return Err(PrepareError::NoInput { path, column, kind });
            }
        }
        let missing = gaps(column);
        if let (Some(&first), Missing::Refused) = (missing.first(), wanted) {
            return Err(PrepareError::Missing {
                path: rows.path(),
                column: name.clone(),
                row: rows.number(first),
                cells: missing.len(),
            });
        }
        let mut missing = missing.into_iter().peekable();
        for (row, value) in values(column).into_iter().enumerate() {
            let is_missing = missing.next_if_eq(&row).is_some();
            let cell = if is_missing { f32::NAN } else { value as f32 };
            if !cell.is_finite() && !is_missing {
                let (path, column) = (rows.path(), name.clone());
                let row = rows.number(row);
                return Err(PrepareError::NotFinite { path, column, row, value });
            }
            matrix[row * inputs.len() + place] = cell;
        }
    }
    Ok(Matrix::new(inputs.len(), matrix))
}
