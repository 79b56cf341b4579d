//! The column to predict, as classes.

use std::collections::HashMap;

use super::PrepareError;
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
    /// `[rows]`: place in `classes`; nothing where missing.
    pub labels: Vec<Option<u32>>,
}

impl Target {
    /// Reads the target column of a table to train on; classes are those of the `kept` rows.
    ///
    /// # Errors
    /// When the column is not there, has one class, or more than a hundred.
    pub fn read(table: &Table, wanted: &str, kept: &[usize]) -> Result<Self, PrepareError> {
        let column = table.column(wanted)?;
        let cells = labels(column);
        let mut classes: Vec<&String> =
            kept.iter().filter_map(|&row| cells[row].as_ref()).collect();
        classes.sort();
        classes.dedup();
        let path = table.source.clone();
        let name = column.name().to_string();
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
        let labels = encode(&cells, &classes);
        Ok(Self { column: name, classes, labels })
    }

    /// Reads the target column of a table to judge a model on, whose classes are given.
    ///
    /// # Errors
    /// When the column is not there, a row lacks it, or holds a class that the model does not know.
    pub fn judge(
        table: &Table,
        wanted: &str,
        classes: &[String],
    ) -> Result<Vec<u32>, PrepareError> {
        let column = table.column(wanted)?;
        let cells = labels(column);
        let labels = encode(&cells, classes);
        let known = || classes.join(", ");
        let path = || table.source.clone();
        labels
            .iter()
            .zip(&cells)
            .enumerate()
            .map(|(row, (label, cell))| match (label, cell) {
                (Some(label), _) => Ok(*label),
                (None, Some(value)) => Err(PrepareError::UnknownClass {
                    path: path(),
                    row: row + 1,
                    value: value.clone(),
                    known: known(),
                }),
                (None, None) => Err(PrepareError::NoTarget {
                    path: path(),
                    column: column.name().to_string(),
                    row: row + 1,
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
