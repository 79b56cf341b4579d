//! One row for each span of the calendar.

use polars::prelude::Column;
use serde::{Deserialize, Serialize};

use crate::plural::{counted, grouped};
use crate::prepare::PrepareError;
use crate::prepare::columns::{Kind, picked, values};
use crate::prepare::rows::{ByColumn, Rows};
use crate::prepare::sequence::Sequence;
use crate::spec::{self, Aggregate, Span};

/// Makes one row of the rows of each span of the calendar, within each group. The row stands at the
/// time of the span's last row: nothing in it was known before. Spans without rows make no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resample {
    /// The span, counted from 1970-01-01 00:00.
    pub every: Span,
    /// What becomes of the numbers of columns that are not named.
    pub numbers: Aggregate,
    /// What becomes of the numbers of named columns.
    pub columns: ByColumn<Aggregate>,
}

impl Resample {
    pub(super) fn resolve(how: &spec::Resample, rows: &Rows) -> Result<Self, PrepareError> {
        let mut columns = ByColumn::new();
        for (name, &aggregate) in &how.columns {
            let column = match &rows.target {
                Some(target) if rows.is_target(name) => target.clone(),
                _ => rows.resolve(name)?,
            };
            columns.insert(column, aggregate);
        }
        Ok(Self { every: how.every.clone(), numbers: how.numbers, columns })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let sequence = Sequence::with_times(rows)?;
        let span = |place: usize| sequence.times[place].div_euclid(self.every.milliseconds());
        let mut spans: Vec<&[usize]> = Vec::new();
        for run in sequence.runs() {
            let mut start = run.start;
            for place in run.clone() {
                if place + 1 == run.end || span(place + 1) != span(place) {
                    spans.push(&sequence.order[start..=place]);
                    start = place + 1;
                }
            }
        }
        let lasts: Vec<usize> = spans.iter().filter_map(|span| span.last().copied()).collect();
        let mut columns: Vec<Column> = Vec::new();
        let mut made: Vec<(String, Vec<f64>)> = Vec::new();
        for column in rows.columns() {
            let name = column.name().as_str();
            let is_role = Some(name) == rows.roles.group.as_deref();
            if Kind::of(column) == Kind::Number && !is_role {
                let cells = values(column);
                // Classes that are numbers are not averaged.
                let is_target = Some(name) == rows.target.as_deref();
                let unnamed = if is_target { Aggregate::Last } else { self.numbers };
                let aggregate = self.columns.get(name).copied().unwrap_or(unnamed);
                let value = |span: &&[usize]| summed_up(&cells, span, aggregate);
                made.push((name.to_owned(), spans.iter().map(value).collect()));
            }
            // Missing cells of text are filled by earlier ones of the span.
            let rows_of_last: Vec<usize> = if column.null_count() == 0 {
                lasts.clone()
            } else {
                let missing = column.is_null();
                let missing: Vec<bool> = missing.iter().map(|one| one == Some(true)).collect();
                let there = |span: &&[usize]| {
                    let there = span.iter().rev().find(|&&row| !missing[row]);
                    there.or(span.last()).copied()
                };
                spans.iter().filter_map(there).collect()
            };
            columns.push(picked(column, &rows_of_last)?);
        }
        rows.notes.push(format!(
            "made {} of {}",
            counted(lasts.len(), "row"),
            grouped(rows.height())
        ));
        let origin = lasts.iter().map(|&row| rows.origin()[row]).collect();
        rows.replace(columns, origin);
        for (name, cells) in made {
            rows.put(&name, cells)?;
        }
        Ok(())
    }
}

/// One number for the cells of a span; NaN where all are missing.
fn summed_up(cells: &[f64], span: &[usize], aggregate: Aggregate) -> f64 {
    let mut there = span.iter().map(|&row| cells[row]).filter(|value| !value.is_nan());
    let count = there.clone().count();
    if count == 0 {
        return f64::NAN;
    }
    match aggregate {
        Aggregate::Mean => there.sum::<f64>() / count as f64,
        Aggregate::Sum => there.sum(),
        Aggregate::Min => there.fold(f64::INFINITY, f64::min),
        Aggregate::Max => there.fold(f64::NEG_INFINITY, f64::max),
        Aggregate::First => there.next().unwrap_or(f64::NAN),
        Aggregate::Last => there.next_back().unwrap_or(f64::NAN),
    }
}
