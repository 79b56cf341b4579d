//! A column of zeros and ones for every category.

use std::collections::HashMap;

use polars::prelude::Column;
use serde::{Deserialize, Serialize};

use crate::data::labels;
use crate::prepare::columns::Kind;
use crate::prepare::rows::{ByColumn, Rows};
use crate::prepare::{PrepareError, TrainRows};
use crate::spec::{self, Unseen};

/// The most values of a category that is encoded one-hot.
const MOST_CATEGORIES: usize = 256;

/// Puts columns of zeros and ones, named `<column>=<category>`, in place of categories. A
/// missing cell gives missing cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneHot {
    /// The categories of each column, in alphabetical order.
    pub columns: ByColumn<Vec<String>>,
    /// What to do about a category that is not among them.
    pub unseen: Unseen,
}

impl OneHot {
    pub(super) fn fit(
        how: &spec::OneHot,
        rows: &Rows,
        train: &TrainRows,
    ) -> Result<Self, PrepareError> {
        let (mut columns, mut names) = (ByColumn::new(), Vec::new());
        for name in rows.chosen(how.columns.as_deref(), &[Kind::Text])? {
            if how.columns.is_none() && rows.seems_numeric(&name) {
                return Err(rows.no_numbers(&name));
            }
            let categories = categories(&train.column(rows, &name)?);
            if categories.len() > MOST_CATEGORIES {
                let (path, distinct) = (rows.path(), categories.len());
                return Err(PrepareError::TooManyCategories { path, column: name, distinct });
            }
            names.extend(categories.iter().map(|category| indicator(&name, category)));
            columns.insert(name, categories);
        }
        rows.are_free(&names)?;
        Ok(Self { columns, unseen: how.unseen })
    }

    /// The columns, each with the names of those that take its place.
    pub(super) fn encoded(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        let names = |name: &str, categories: &[String]| {
            categories.iter().map(|category| indicator(name, category)).collect()
        };
        self.columns.iter().map(move |(name, categories)| (name.as_str(), names(name, categories)))
    }

    /// Whether there are no more categories than a fit takes.
    pub(super) fn is_sound(&self) -> bool {
        self.columns.values().all(|categories| categories.len() <= MOST_CATEGORIES)
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        for (name, categories) in &self.columns {
            let cells = rows.text(name)?;
            let places: HashMap<&str, usize> =
                categories.iter().enumerate().map(|(place, one)| (one.as_str(), place)).collect();
            let mut places_of = Vec::with_capacity(cells.len());
            for (row, cell) in cells.iter().enumerate() {
                let place = match cell {
                    None => Cell::Missing,
                    Some(cell) => match places.get(cell.as_str()) {
                        Some(&place) => Cell::Category(place),
                        None if self.unseen == Unseen::Ignore => {
                            rows.unseen += 1;
                            Cell::Unseen
                        }
                        None => return Err(unseen(rows, name, row, cell, categories)),
                    },
                };
                places_of.push(place);
            }
            let mut made = Vec::new();
            for (place, category) in categories.iter().enumerate() {
                let value = |cell: &Cell| match cell {
                    Cell::Missing => f64::NAN,
                    Cell::Category(one) if *one == place => 1.0,
                    _ => 0.0,
                };
                let values = places_of.iter().map(value).collect();
                let indicator = indicator(name, category);
                rows.put_indicator(&indicator, values)?;
                made.push(indicator);
            }
            rows.stand_in(name, &made);
        }
        Ok(())
    }
}

/// The name of the column of zeros and ones of a category.
fn indicator(name: &str, category: &str) -> String {
    format!("{name}={category}")
}

#[derive(Clone, Copy)]
enum Cell {
    Missing,
    Unseen,
    Category(usize),
}

/// A category that is not known.
fn unseen(rows: &Rows, column: &str, row: usize, value: &str, known: &[String]) -> PrepareError {
    PrepareError::UnseenCategory {
        path: rows.path(),
        column: column.to_owned(),
        row: rows.number(row),
        value: value.to_owned(),
        known: known.join(", "),
    }
}

/// The categories that a column holds, in alphabetical order.
fn categories(column: &Column) -> Vec<String> {
    let mut categories: Vec<String> = labels(column).into_iter().flatten().collect();
    categories.sort();
    categories.dedup();
    categories
}
