//! The table on its way through the steps.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use polars::prelude::{Column, DataFrame, DataType};
use serde::{Deserialize, Serialize};

use super::PrepareError;
use super::columns::{Kind, number_column, text_cells, time_cells, values};
use crate::data::{ColumnNames, DataError, Table, labels, take};

/// The columns that tell of what and when a row is, under the names of the working table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// The time of the row.
    pub time: Option<String>,
    /// The machine, or whatever else the rows belong to.
    pub group: Option<String>,
}

/// The auxiliary tables, by the names of `data.tables`.
pub type Tables = HashMap<String, Table>;

/// The rows as the steps so far have left them. A missing cell is a null; numbers are finite.
#[derive(Debug, Clone)]
pub struct Rows<'t> {
    /// Where the rows come from.
    pub(super) table: &'t Table,
    /// The auxiliary tables.
    pub(super) tables: &'t Tables,
    /// Those of them that a step has changed.
    changed_tables: HashMap<String, Table>,
    /// Where the roles' columns are.
    pub(super) roles: Roles,
    /// The target's column, where there is one.
    pub(super) target: Option<String>,
    /// By name: a frame would look through all of its columns for one.
    columns: IndexMap<String, Column>,
    /// `[rows]`: the table's row that each comes from.
    origin: Vec<usize>,
    features: Vec<String>,
    /// Features of zeros and ones, and of shares of a bin.
    indicators: HashSet<String>,
    /// Columns that do not hold the table's cells any more.
    changed: HashSet<String>,
    /// Cells with a category that is not known.
    pub(super) unseen: usize,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

impl<'t> Rows<'t> {
    /// The rows of a table before the first step.
    pub(super) fn new(
        table: &'t Table,
        tables: &'t Tables,
        columns: Vec<Column>,
        features: Vec<String>,
    ) -> Self {
        Self {
            table,
            tables,
            changed_tables: HashMap::new(),
            roles: Roles::default(),
            target: None,
            columns: by_name(columns),
            origin: (0..table.rows()).collect(),
            features,
            indicators: HashSet::new(),
            changed: HashSet::new(),
            unseen: 0,
            notes: Vec::new(),
        }
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.origin.len()
    }

    /// The columns.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.values()
    }

    /// `[rows]`: the table's row that each comes from.
    pub fn origin(&self) -> &[usize] {
        &self.origin
    }

    /// The names of the features.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// The table, for messages.
    pub(super) fn path(&self) -> String {
        self.table.source.clone()
    }

    /// The number of a row in messages: of the table, from 1.
    pub(super) fn number(&self, row: usize) -> usize {
        self.origin.get(row).map_or(0, |row| row + 1)
    }

    /// The name of the column that `wanted` means, by the rule of [`ColumnNames`]: among the
    /// features, then among all columns but the target.
    pub(super) fn resolve(&self, wanted: &str) -> Result<String, PrepareError> {
        if self.has(wanted) && self.target.as_deref() != Some(wanted) {
            return Ok(wanted.to_owned());
        }
        if let Ok(place) = ColumnNames::new(&self.features).find(wanted) {
            return Ok(self.features[place].clone());
        }
        let names = self.columns.keys().filter(|name| Some(*name) != self.target.as_ref());
        let names: Vec<String> = names.cloned().collect();
        match ColumnNames::new(&names).find(wanted) {
            Ok(place) => Ok(names[place].clone()),
            Err(source) => Err(DataError::Column { path: self.path(), source }.into()),
        }
    }

    /// The columns that a step names, or else all features of a kind. Zeros and ones are numbers
    /// only where they are named.
    pub(super) fn chosen(
        &self,
        named: Option<&[String]>,
        kinds: &[Kind],
    ) -> Result<Vec<String>, PrepareError> {
        let Some(named) = named else {
            let fits = |name: &&String| {
                !self.indicators.contains(*name)
                    && self.kind(name).is_ok_and(|kind| kinds.contains(&kind))
            };
            return Ok(self.features.iter().filter(fits).cloned().collect());
        };
        let mut chosen: Vec<String> = Vec::new();
        for name in named {
            let found = self.resolve(name)?;
            if chosen.contains(&found) {
                let (path, name) = (self.path(), name.clone());
                return Err(PrepareError::NamedTwice { path, name, column: found });
            }
            chosen.push(found);
        }
        Ok(chosen)
    }

    /// The column of exactly this name.
    pub(super) fn column(&self, name: &str) -> Result<&Column, PrepareError> {
        let gone = || PrepareError::Gone { path: self.path(), column: name.to_owned() };
        self.columns.get(name).ok_or_else(gone)
    }

    /// Whether there is a column of exactly this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// What a column's cells are.
    pub(super) fn kind(&self, name: &str) -> Result<Kind, PrepareError> {
        self.column(name).map(Kind::of)
    }

    /// The numbers of a column `[rows]`, NaN where missing.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>, PrepareError> {
        let column = self.column(name)?;
        if column.dtype() != &DataType::Float64 {
            return Err(self.no_numbers(name));
        }
        Ok(values(column))
    }

    /// Why a column's cells are not numbers: by line and value where they are the table's own.
    pub(super) fn no_numbers(&self, name: &str) -> PrepareError {
        if !self.changed.contains(name)
            && let Err(error) = self.table.numbers(name)
        {
            return error.into();
        }
        PrepareError::NoNumbers { path: self.path(), column: name.to_owned() }
    }

    /// The cells of a column as text `[rows]`; numbers as they print.
    pub(super) fn text(&self, name: &str) -> Result<Vec<Option<String>>, PrepareError> {
        Ok(labels(self.column(name)?))
    }

    /// Whether a text column of the table is one of numbers that are spelt wrong in some cells.
    pub(super) fn seems_numeric(&self, name: &str) -> bool {
        !self.changed.contains(name)
            && self.column(name).is_ok_and(|column| {
                self.table.is_mixed(column) || self.table.has_decimal_commas(column)
            })
    }

    /// The times of a column `[rows]`, milliseconds; every row must have one.
    pub(super) fn times(&self, name: &str) -> Result<Vec<i64>, PrepareError> {
        let cells = self.optional_times(name)?;
        let missing = |(row, cell): (usize, &Option<i64>)| cell.is_none().then_some(row);
        if let Some(row) = cells.iter().enumerate().find_map(missing) {
            let (path, column) = (self.path(), name.to_owned());
            return Err(PrepareError::NoTime { path, column, row: self.number(row) });
        }
        Ok(cells.into_iter().flatten().collect())
    }

    /// The times of a column `[rows]`, milliseconds.
    pub(super) fn optional_times(&self, name: &str) -> Result<Vec<Option<i64>>, PrepareError> {
        let column = self.column(name)?;
        if Kind::of(column) != Kind::Time {
            return Err(PrepareError::NoTimes { path: self.path(), column: name.to_owned() });
        }
        time_cells(column, &self.path(), |row| self.number(row))
    }

    /// Puts numbers `[rows]`, NaN where missing, into a column: a new one becomes a feature.
    pub(super) fn put(&mut self, name: &str, values: Vec<f64>) -> Result<(), PrepareError> {
        self.is_no_role(name)?;
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            let (path, column) = (self.path(), name.to_owned());
            let (row, value) = (self.number(row), values[row]);
            return Err(PrepareError::NotFinite { path, column, row, value });
        }
        self.put_column(number_column(name, values));
        Ok(())
    }

    /// Puts numbers of zero and one, or shares of a bin, into a new column.
    pub(super) fn put_indicator(
        &mut self,
        name: &str,
        values: Vec<f64>,
    ) -> Result<(), PrepareError> {
        self.put(name, values)?;
        self.indicators.insert(name.to_owned());
        Ok(())
    }

    /// Puts text `[rows]` into a column: a new one becomes a feature.
    pub(super) fn put_text(
        &mut self,
        name: &str,
        cells: &[Option<String>],
    ) -> Result<(), PrepareError> {
        self.is_no_role(name)?;
        self.put_column(text_cells(name, cells));
        Ok(())
    }

    /// Puts a column in place of the one of its name, or else after the others as a feature.
    pub(super) fn put_column(&mut self, column: Column) {
        let name = column.name().to_string();
        if !self.has(&name) {
            self.features.push(name.clone());
        }
        self.changed.insert(name.clone());
        self.columns.insert(name, column);
    }

    /// Refuses names that a column has already, or that two of them have.
    pub(super) fn are_free(&self, names: &[String]) -> Result<(), PrepareError> {
        let mut met = HashSet::new();
        if let Some(name) = names.iter().find(|name| !met.insert(*name)) {
            return Err(PrepareError::NameTaken { path: self.path(), name: name.clone() });
        }
        names.iter().try_for_each(|name| self.is_free(name))
    }

    /// Refuses to change a column by which rows are told apart or put in order.
    fn is_no_role(&self, name: &str) -> Result<(), PrepareError> {
        let roles = [&self.roles.time, &self.roles.group];
        if self.has(name) && roles.iter().any(|role| role.as_deref() == Some(name)) {
            return Err(PrepareError::RoleChanged { path: self.path(), column: name.to_owned() });
        }
        Ok(())
    }

    /// Refuses a name that a column has already.
    pub(super) fn is_free(&self, name: &str) -> Result<(), PrepareError> {
        if self.has(name) {
            return Err(PrepareError::NameTaken { path: self.path(), name: name.to_owned() });
        }
        Ok(())
    }

    /// Whether the target's column is meant.
    pub(super) fn is_target(&self, wanted: &str) -> bool {
        let target = self.target.as_slice();
        let named =
            || ColumnNames::new(target).find(wanted).is_ok() && self.resolve(wanted).is_err();
        self.target.as_deref() == Some(wanted) || named()
    }

    /// Puts features that were made of a column in its place; it goes.
    pub(super) fn stand_in(&mut self, name: &str, made: &[String]) {
        self.features.retain(|feature| !made.contains(feature));
        if let Some(place) = self.features.iter().position(|feature| feature == name) {
            self.features.splice(place..=place, made.iter().cloned());
        }
        self.remove(name);
    }

    /// Takes a column away.
    pub(super) fn remove(&mut self, name: &str) {
        self.features.retain(|feature| feature != name);
        self.columns.shift_remove(name);
    }

    /// Leaves a column where it is, but learns nothing from it.
    pub(super) fn is_no_feature(&mut self, name: &str) {
        self.features.retain(|feature| feature != name);
    }

    /// Keeps the given rows, in that order.
    pub(super) fn keep(&mut self, rows: &[usize]) -> Result<(), PrepareError> {
        let columns = self.columns.values().cloned().collect();
        let frame = DataFrame::new(self.height(), columns);
        let frame = frame.map_err(|error| refused(self.table, error.to_string()))?;
        self.columns = by_name(take(&frame, rows)?.columns().to_vec());
        self.origin = rows.iter().map(|&row| self.origin[row]).collect();
        Ok(())
    }

    /// Other rows in place of these, with the same columns.
    pub(super) fn replace(&mut self, columns: Vec<Column>, origin: Vec<usize>) {
        self.columns = by_name(columns);
        self.changed.extend(self.columns.keys().cloned());
        self.origin = origin;
    }

    /// Whether there are features of zeros and ones.
    pub(super) fn has_indicators(&self) -> bool {
        self.features.iter().any(|name| self.is_indicator(name))
    }

    /// Whether a feature is one of zeros and ones, or of shares of a bin.
    pub(super) fn is_indicator(&self, name: &str) -> bool {
        self.indicators.contains(name)
    }

    /// Puts a table in place of the one beside it of that name.
    pub(super) fn put_other(&mut self, name: &str, table: Table) {
        self.changed_tables.insert(name.to_owned(), table);
    }

    /// An auxiliary table.
    pub(super) fn other(&self, name: &str) -> Result<&Table, PrepareError> {
        let found = self.changed_tables.get(name).or_else(|| self.tables.get(name));
        found.ok_or_else(|| {
            let mut known: Vec<&str> = self.tables.keys().map(String::as_str).collect();
            known.sort_unstable();
            let known = if known.is_empty() {
                String::new()
            } else {
                format!("; there are: {}", known.join(", "))
            };
            PrepareError::NoTable { table: name.to_owned(), known }
        })
    }
}

fn refused(table: &Table, reason: String) -> PrepareError {
    DataError::Frame { path: table.source.clone(), reason }.into()
}

/// Columns by name, as a fitted step keeps them.
pub(super) type ByColumn<T> = IndexMap<String, T>;

fn by_name(columns: Vec<Column>) -> IndexMap<String, Column> {
    columns.into_iter().map(|column| (column.name().to_string(), column)).collect()
}
