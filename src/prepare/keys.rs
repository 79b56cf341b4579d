//! What a table's rows are split by, beside their classes: the machine, the time.

use std::collections::HashMap;

use polars::prelude::{Column, DataType, TimeUnit};

use super::PrepareError;
use crate::data::{Table, labels, read_time};
use crate::spec::{By, GridFile};

/// What some rows of a table are split by; nothing that the split does not ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// `[rows]`: codes of the groups, from 0 in the order in which they are met.
    pub groups: Option<Vec<u32>>,
    /// `[rows]`: milliseconds since 1970-01-01.
    pub times: Option<Vec<i64>>,
}

impl Keys {
    /// Reads the column that the grid file's split asks for, in the given rows.
    ///
    /// # Errors
    /// When the column is not there, or one of the rows holds nothing in it, or no time.
    pub fn read(table: &Table, grid: &GridFile, rows: &[usize]) -> Result<Self, PrepareError> {
        let mut keys = Self::default();
        match (grid.split.by(), &grid.data.group, &grid.data.time) {
            (By::Group, Some(wanted), _) => keys.groups = Some(groups(table, wanted, rows)?),
            (By::Time, _, Some(wanted)) => keys.times = Some(times(table, wanted, rows)?),
            _ => {}
        }
        Ok(keys)
    }
}

fn groups(table: &Table, wanted: &str, rows: &[usize]) -> Result<Vec<u32>, PrepareError> {
    let column = table.column(wanted)?;
    let cells = labels(column);
    let mut codes: HashMap<&str, u32> = HashMap::new();
    let code = |&row: &usize| {
        let cell = cells.get(row).and_then(Option::as_deref);
        let cell = cell.ok_or_else(|| missing(table, column, "group", row))?;
        let next = codes.len() as u32;
        Ok(*codes.entry(cell).or_insert(next))
    };
    rows.iter().map(code).collect()
}

fn times(table: &Table, wanted: &str, rows: &[usize]) -> Result<Vec<i64>, PrepareError> {
    let column = table.column(wanted)?;
    if let (DataType::Datetime(TimeUnit::Milliseconds, _), Ok(times)) =
        (column.dtype(), column.datetime())
    {
        let time = |&row: &usize| {
            times.physical().get(row).ok_or_else(|| missing(table, column, "time", row))
        };
        return rows.iter().map(time).collect();
    }
    let cells = labels(column);
    let time = |&row: &usize| {
        let cell = cells.get(row).and_then(Option::as_deref);
        let cell = cell.ok_or_else(|| missing(table, column, "time", row))?;
        read_time(cell, None).ok_or_else(|| PrepareError::NoTime {
            path: table.source.clone(),
            column: column.name().to_string(),
            row: row + 1,
            value: cell.to_owned(),
        })
    };
    rows.iter().map(time).collect()
}

fn missing(table: &Table, column: &Column, what: &'static str, row: usize) -> PrepareError {
    let (path, column) = (table.source.clone(), column.name().to_string());
    PrepareError::MissingKey { path, column, what, row: row + 1 }
}
