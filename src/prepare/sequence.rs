//! The rows in the order in which they came: by group, and within a group by time.

use std::collections::HashMap;

use polars::prelude::Column;

use super::PrepareError;
use super::columns::{Kind, picked, values};
use super::rows::Rows;
use crate::data::labels;

/// The rows of every group in the order of time; rows of one time stay in the order of the table.
#[derive(Debug)]
pub(super) struct Sequence {
    /// All rows, group after group.
    pub order: Vec<usize>,
    /// Where each group begins in `order`, and where the last one ends.
    pub starts: Vec<usize>,
    /// The label of each group; one empty label where there are no groups.
    pub groups: Vec<String>,
    /// The time of every place in `order`, milliseconds; empty where rows have no time.
    pub times: Vec<i64>,
}

impl Sequence {
    /// Orders the rows by their roles. Without a time the order is that of the table.
    pub fn new(rows: &Rows) -> Result<Self, PrepareError> {
        let (codes, groups) = match &rows.roles.group {
            Some(group) => codes(rows.column(group)?, rows)?,
            None => (vec![0; rows.height()], vec![String::new()]),
        };
        let times = match &rows.roles.time {
            Some(time) => rows.times(time)?,
            None => Vec::new(),
        };
        let mut order: Vec<usize> = (0..rows.height()).collect();
        order.sort_by_key(|&row| (codes[row], times.get(row).copied()));
        let mut starts = vec![0; groups.len() + 1];
        for &code in &codes {
            starts[code as usize + 1] += 1;
        }
        for group in 0..groups.len() {
            starts[group + 1] += starts[group];
        }
        let times =
            if times.is_empty() { times } else { order.iter().map(|&row| times[row]).collect() };
        Ok(Self { order, starts, groups, times })
    }

    /// The same, where the rows must have a time.
    pub fn with_times(rows: &Rows) -> Result<Self, PrepareError> {
        if rows.roles.time.is_none() {
            return Err(PrepareError::NoTimeRole);
        }
        Self::new(rows)
    }

    /// The places of each group in `order`.
    pub fn runs(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// The cells of a column in the order of the sequence.
    pub fn gather(&self, values: &[f64]) -> Vec<f64> {
        self.order.iter().map(|&row| values[row]).collect()
    }

    /// Cells in the order of the sequence, put back into the order of the rows.
    pub fn scatter(&self, cells: &[f64]) -> Vec<f64> {
        let mut values = vec![f64::NAN; cells.len()];
        for (&row, &cell) in self.order.iter().zip(cells) {
            values[row] = cell;
        }
        values
    }
}

/// The group of every row, as its place among the labels, which stand in the order of their first row.
pub(super) fn codes(column: &Column, rows: &Rows) -> Result<(Vec<u32>, Vec<String>), PrepareError> {
    let missing = |row: usize| PrepareError::NoGroup {
        path: rows.path(),
        column: column.name().to_string(),
        row: rows.number(row),
    };
    let mut codes = Vec::with_capacity(column.len());
    let mut firsts = Vec::new();
    if Kind::of(column) == Kind::Number {
        let mut seen: HashMap<u64, u32> = HashMap::new();
        for (row, value) in values(column).into_iter().enumerate() {
            if value.is_nan() {
                return Err(missing(row));
            }
            // 0 and -0 are one group.
            let next = seen.len() as u32;
            let code = *seen.entry((value + 0.0).to_bits()).or_insert(next);
            if code == next {
                firsts.push(row);
            }
            codes.push(code);
        }
    } else {
        let mut seen: HashMap<String, u32> = HashMap::new();
        for (row, label) in labels(column).into_iter().enumerate() {
            let next = seen.len() as u32;
            let code = *seen.entry(label.ok_or_else(|| missing(row))?).or_insert(next);
            if code == next {
                firsts.push(row);
            }
            codes.push(code);
        }
    }
    let all = labels(&picked(column, &firsts)?);
    Ok((codes, all.into_iter().flatten().collect()))
}
