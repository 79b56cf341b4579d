//! Which column holds the times.

use rayon::prelude::*;

use super::column::{Column, Kind};
use super::{ExploreError, Options};
use crate::data::Table;

/// Makes times of the text that reads as times, and finds the column that is told of as the time: the
/// one named, else the first in the format given, else the first of all that are not the `target`.
///
/// # Errors
/// [`ExploreError`] where the column named holds something else, where none is of the format given,
/// and where groups are to be followed without times.
pub(super) fn find_time(
    table: &Table,
    columns: &mut [Column],
    options: &Options,
    [target, time]: [Option<usize>; 2],
) -> Result<Option<usize>, ExploreError> {
    let format = options.time_format;
    let missing =
        || ExploreError::NoTimes { path: table.source.clone(), format: format.map(str::to_owned) };
    let in_format = |format: &str| {
        let mut others = columns.iter().enumerate().filter(|(place, _)| Some(*place) != target);
        let found = others.find(|(_, column)| column.is_in(format));
        found.map(|(place, _)| place).ok_or_else(missing)
    };
    let time = match (time, format) {
        (None, Some(format)) => Some(in_format(format)?),
        (named, _) => named,
    };
    let others = columns.par_iter_mut().enumerate();
    others
        .filter(|(place, _)| Some(*place) != target && Some(*place) != time)
        .for_each(|(_, column)| column.find_times());
    if let Some(time) = time {
        make_times(table, &mut columns[time], format)?;
    }
    let time = time.or_else(|| columns.iter().position(|column| column.kind() == Kind::Time));
    if options.group.is_some() && time.is_none() {
        let unclear = columns.iter().find(|column| !column.formats.is_empty());
        return Err(unclear.map_or_else(missing, |column| ambiguous(table, column)));
    }
    Ok(time)
}

fn make_times(
    table: &Table,
    column: &mut Column,
    format: Option<&str>,
) -> Result<(), ExploreError> {
    if format.is_none() {
        column.find_times();
        if !column.formats.is_empty() {
            return Err(ambiguous(table, column));
        }
    }
    column.make_times(format).map_err(|(row, value)| ExploreError::NoTime {
        path: table.source.clone(),
        row: row + 1,
        column: column.name.clone(),
        value,
        format: format.map(str::to_owned),
    })
}

fn ambiguous(table: &Table, column: &Column) -> ExploreError {
    let (path, column, formats) =
        (table.source.clone(), column.name.clone(), column.formats.clone());
    ExploreError::Ambiguous { path, column, formats }
}
