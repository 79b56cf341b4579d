//! The column to predict, as classes.

use std::collections::HashMap;

use super::columns::gaps;
use super::rows::Rows;
use super::{PrepareError, Transformed};
use crate::data::{Table, labels};

/// The most classes: beyond that the column is a measurement, not a class.
pub const MOST_CLASSES: usize = 100;

/// Classes of all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The column's name in the table.
    pub column: String,
    /// The classes: text in alphabetical order, numbers in ascending order.
    pub classes: Vec<String>,
    /// `[rows]`: place in `classes`.
    pub labels: Vec<u32>,
}

impl Target {
    /// Reads the target of rows to train on.
    ///
    /// # Errors
    /// When it is missing in a row, has one class, or more than a hundred.
    pub(super) fn read(rows: &Rows) -> Result<Self, PrepareError> {
        let path = rows.path();
        let name = rows.target.clone().unwrap_or_default();
        let column = rows.column(&name)?;
        let missing = gaps(column);
        if let Some(&first) = missing.first() {
            let (row, cells) = (rows.number(first), missing.len());
            return Err(PrepareError::MissingTarget { path, column: name, row, cells });
        }
        let cells = labels(column);
        let mut classes: Vec<&String> = cells.iter().flatten().collect();
        classes.sort();
        classes.dedup();
        if classes.len() > MOST_CLASSES {
            let (classes, limit) = (classes.len(), MOST_CLASSES);
            return Err(PrepareError::TooManyClasses { path, column: name, classes, limit });
        }
        if classes.len() < 2 {
            let class = classes.first().map(|class| (*class).clone()).unwrap_or_default();
            return Err(PrepareError::OneClass { path, column: name, class });
        }
        if column.f64().is_ok() {
            let number = |class: &String| class.parse::<f64>().unwrap_or(f64::NAN);
            classes.sort_by(|one, other| number(one).total_cmp(&number(other)));
        }
        let classes: Vec<String> = classes.into_iter().cloned().collect();
        let labels = encode(&cells, &classes).into_iter().flatten().collect();
        Ok(Self { column: name, classes, labels })
    }

    /// The classes of rows to judge a model on, whose classes are given. `cells` are those of the
    /// target `[rows]`, `origin` the rows of the table that they come from.
    ///
    /// # Errors
    /// When a row lacks the target, or holds a class that the model does not know.
    pub fn judge(
        (table, column): (&Table, &str),
        prepared: &Transformed,
        classes: &[String],
    ) -> Result<Vec<u32>, PrepareError> {
        let (cells, origin) = (&prepared.target, &prepared.origin);
        let labels = encode(cells, classes);
        let known = || classes.join(", ");
        let path = || table.source.clone();
        let number = |row: usize| origin.get(row).map_or(0, |row| row + 1);
        labels
            .iter()
            .zip(cells)
            .enumerate()
            .map(|(row, (label, cell))| match (label, cell) {
                (Some(label), _) => Ok(*label),
                (None, Some(value)) => Err(PrepareError::UnknownClass {
                    path: path(),
                    row: number(row),
                    value: value.clone(),
                    known: known(),
                }),
                (None, None) => Err(PrepareError::NoTarget {
                    path: path(),
                    column: column.to_owned(),
                    row: number(row),
                }),
            })
            .collect()
    }
}

fn encode(cells: &[Option<String>], classes: &[String]) -> Vec<Option<u32>> {
    let codes = classes.iter().zip(0..).map(|(class, code)| (class.as_str(), code));
    let codes: HashMap<&str, u32> = codes.collect();
    let code = |cell: &Option<String>| codes.get(cell.as_deref()?).copied();
    cells.iter().map(code).collect()
}
