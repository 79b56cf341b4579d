//! Columns of polars as slices, and back: numbers, text, times.

use polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray,
    StringChunked, TimeUnit,
};
use serde::{Deserialize, Serialize};

use super::PrepareError;
use super::error::time_advice;
use crate::data::{DataError, Table, has_four_digit_year, labels, read_time, show_time, take};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers.
    Number,
    /// Text: a category, mostly.
    Text,
    /// Times.
    Time,
}

impl Kind {
    /// What the cells of a polars column are.
    pub(super) fn of(column: &Column) -> Self {
        match column.dtype() {
            DataType::Float64 => Self::Number,
            DataType::Datetime(..) => Self::Time,
            _ => Self::Text,
        }
    }
}

/// The numbers of a column, NaN where missing.
pub(super) fn values(column: &Column) -> Vec<f64> {
    let Ok(cells) = column.f64() else { return Vec::new() };
    let mut values = Vec::with_capacity(cells.len());
    for chunk in cells.downcast_iter() {
        match chunk.validity() {
            Some(there) => {
                let cells = chunk.values().iter().zip(there.iter());
                values.extend(cells.map(|(value, there)| if there { *value } else { f64::NAN }));
            }
            None => values.extend_from_slice(chunk.values()),
        }
    }
    values
}

/// A column of numbers, from values that are NaN where missing.
pub(super) fn number_column(name: &str, values: Vec<f64>) -> Column {
    if !values.iter().any(|value| value.is_nan()) {
        return Float64Chunked::from_vec(name.into(), values).into_column();
    }
    let cells: Vec<Option<f64>> =
        values.into_iter().map(|value| (!value.is_nan()).then_some(value)).collect();
    Float64Chunked::from_slice_options(name.into(), &cells).into_column()
}

/// A column as text: a category.
pub(super) fn as_text(column: &Column) -> Column {
    text_cells(column.name(), &labels(column))
}

/// A column of text.
pub(super) fn text_cells<T: AsRef<str>>(name: &str, cells: &[Option<T>]) -> Column {
    StringChunked::from_slice_options(name.into(), cells).into_column()
}

/// The times of a column, milliseconds. `number` gives a row's number for messages.
///
/// # Errors
/// Names the row of a time that is not of the years 0 to 9999.
pub(super) fn time_cells(
    column: &Column,
    path: &str,
    number: impl Fn(usize) -> usize,
) -> Result<Vec<Option<i64>>, PrepareError> {
    let Ok(cells) = column.datetime() else { return Ok(Vec::new()) };
    let cells: Vec<Option<i64>> = cells.physical().iter().collect();
    let far = |(row, cell): (usize, &Option<i64>)| {
        cell.filter(|&time| !has_four_digit_year(time)).map(|time| (row, time))
    };
    match cells.iter().enumerate().find_map(far) {
        Some((row, time)) => Err(PrepareError::FarTime {
            path: path.to_owned(),
            row: number(row),
            column: column.name().to_string(),
            value: show_time(time),
        }),
        None => Ok(cells),
    }
}

/// The times of a column of the table: as they are, or read from ISO 8601. `beside` is the table's
/// name among `data.tables`.
///
/// # Errors
/// Names the row and the cell that is no such time.
pub(super) fn table_times(
    table: &Table,
    beside: Option<&str>,
    wanted: &str,
) -> Result<Column, PrepareError> {
    let column = table.column(wanted)?;
    if table.rows() == 0 {
        return Ok(time_column(column.name(), &[]));
    }
    if Kind::of(column) == Kind::Time {
        return Ok(column.clone());
    }
    read_times(column, None, (&table.source, beside), |row| row + 1)
}

/// Reads text as times. The table's path, its name among `data.tables`, and a row's `number` are for
/// messages.
pub(super) fn read_times(
    column: &Column,
    format: Option<&str>,
    (path, beside): (&str, Option<&str>),
    number: impl Fn(usize) -> usize,
) -> Result<Column, PrepareError> {
    let mut cells: Vec<Option<i64>> = Vec::with_capacity(column.len());
    let text = column.str().map_err(|_| PrepareError::NoTimes {
        path: path.to_owned(),
        column: column.name().to_string(),
    })?;
    for (row, cell) in text.iter().enumerate() {
        let time = cell.map(|cell| read_time(cell, format));
        if let (Some(None), Some(cell)) = (time, cell) {
            return Err(PrepareError::BadTime {
                path: path.to_owned(),
                column: column.name().to_string(),
                row: number(row),
                value: cell.chars().take(60).collect(),
                advice: time_advice(
                    (column.name(), beside),
                    &text.iter().flatten().collect::<Vec<_>>(),
                    format,
                ),
            });
        }
        cells.push(time.flatten());
    }
    Ok(time_column(column.name(), &cells))
}

/// A column of times, from milliseconds.
pub(super) fn time_column(name: &str, cells: &[Option<i64>]) -> Column {
    let numbers = Int64Chunked::from_slice_options(name.into(), cells);
    numbers.into_datetime(TimeUnit::Milliseconds, None).into_column()
}

/// The cells of a column that say nothing.
pub(super) fn gaps(column: &Column) -> Vec<usize> {
    if column.null_count() == 0 {
        return Vec::new();
    }
    let missing = column.is_null();
    let missing = missing.iter().enumerate().filter(|(_, missing)| *missing == Some(true));
    missing.map(|(row, _)| row).collect()
}

/// Some cells of a column.
pub(super) fn picked(column: &Column, rows: &[usize]) -> Result<Column, PrepareError> {
    let frame = DataFrame::new(column.len(), vec![column.clone()]);
    let frame = frame.map_err(|error| DataError::Frame {
        path: column.name().to_string(),
        reason: error.to_string(),
    })?;
    Ok(take(&frame, rows)?.columns()[0].clone())
}
