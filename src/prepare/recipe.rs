//! Which columns a network learns from, and how new ones are derived: what of preparation needs no
//! fitting, and is therefore the same for every row.

use std::collections::{HashMap, HashSet};
use std::thread;

use indexmap::IndexMap;
use polars::prelude::{Column, DataFrame, DataType, Expr, IntoLazy, PlSmallStr};
use polars::sql::sql_expr;
use serde::{Deserialize, Serialize};

use super::PrepareError;
use super::row_wise::{beyond_the_row, chooses_constants};
use super::vocabulary::refusal;
use crate::data::{ColumnNames, DataError, NameError, Table, labels};
use crate::spec::Data;

/// The most values of a category that is encoded one-hot.
const MOST_CATEGORIES: usize = 256;

/// The most operations, names and numbers that an expression comes to.
const MOST_PARTS: usize = 1000;

/// Characters of an expression that an error shows.
const SHOWN: usize = 400;

/// The stack of the thread that polars computes a derived feature on.
const STACK_BYTES: usize = 32 << 20;

/// How a feature enters the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number, scaled.
    Numeric,
    /// A category, one-hot.
    Categorical,
}

/// A column to learn from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// The name as the grid file writes it, or as the table does.
    pub name: String,
    /// How it enters the network.
    pub kind: Kind,
}

/// Columns to pick and to derive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Columns of the table.
    pub features: Vec<Feature>,
    /// Derived columns: name and SQL expression, each of which may use those before it.
    pub derive: IndexMap<String, String>,
}

impl Recipe {
    /// Settles the features of a table to train on. Also returns notes for the user: names in
    /// `drop` that no column has.
    ///
    /// # Errors
    /// When a named column is not there, or a text column is no category.
    pub fn settle(
        table: &Table,
        data: &Data,
        derive: &IndexMap<String, String>,
    ) -> Result<(Self, Vec<String>), PrepareError> {
        let target = table.column(&data.target)?.name().clone();
        let mut notes = Vec::new();
        let mut dropped = HashSet::new();
        for name in &data.drop {
            match table.column(name) {
                Ok(column) => {
                    dropped.insert(column.name().clone());
                }
                Err(DataError::Column { source: source @ NameError::Unknown { .. }, .. }) => {
                    notes.push(format!("data.drop: {source}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let categorical =
            data.categorical.iter().map(|name| Ok(table.column(name)?.name().clone()));
        let categorical: HashSet<_> = categorical.collect::<Result<_, PrepareError>>()?;
        let left_out = |column: &PlSmallStr| *column == target || dropped.contains(column);
        let all = || {
            let columns = table.frame.columns().iter().map(Column::name);
            columns.filter(|column| !left_out(column)).map(ToString::to_string).collect()
        };
        let names: Vec<String> = data.features.clone().unwrap_or_else(all);
        if names.is_empty() && derive.is_empty() {
            return Err(PrepareError::NoFeatures { path: table.source.clone() });
        }
        let mut features = Vec::new();
        let mut taken: HashSet<&PlSmallStr> = HashSet::new();
        for name in names {
            let column = table.column(&name)?;
            let (path, column_name) = (table.source.clone(), column.name().to_string());
            if left_out(column.name()) {
                return Err(PrepareError::LeftOut { path, name, column: column_name });
            }
            if !taken.insert(column.name()) {
                return Err(PrepareError::FeatureTwice { path, name, column: column_name });
            }
            features.push(Feature { kind: kind(table, column, &categorical)?, name });
        }
        let taken = |name: &&String| {
            table.frame.column(name).is_ok()
                || features.iter().any(|one: &Feature| one.name == **name)
        };
        if let Some(name) = derive.keys().find(taken) {
            return Err(PrepareError::DerivedTwice { name: name.clone() });
        }
        Ok((Self { features, derive: derive.clone() }, notes))
    }

    /// The features of a table in the order of the network's inputs, under the recipe's names:
    /// `Float64` or `String`, nulls where missing.
    ///
    /// # Errors
    /// When a column is not there or holds text where it should hold numbers, or an expression
    /// cannot be computed.
    pub fn extract(&self, table: &Table) -> Result<DataFrame, PrepareError> {
        let mut columns: Vec<Column> = Vec::new();
        for feature in &self.features {
            let column = match feature.kind {
                Kind::Numeric => table.numbers(&feature.name)?.clone(),
                Kind::Categorical => text(table.column(&feature.name)?),
            };
            columns.push(column.with_name(feature.name.as_str().into()));
        }
        let mut derived: HashMap<&str, Column> = HashMap::new();
        for (name, expression) in &self.derive {
            let column = self.derive(table, &derived, name, expression)?;
            columns.push(column.clone());
            derived.insert(name, column);
        }
        DataFrame::new(table.rows(), columns).map_err(|error| PrepareError::Expression {
            name: "features".to_owned(),
            expression: self.names().join(", "),
            reason: error.to_string(),
        })
    }

    /// The names of all features, in the order of the network's inputs.
    pub fn names(&self) -> Vec<String> {
        self.features
            .iter()
            .map(|feature| &feature.name)
            .chain(self.derive.keys())
            .cloned()
            .collect()
    }

    /// Computes one derived column. Names in the expression are matched as column names are
    /// matched everywhere: among the derived columns before it, then among the features (so that a
    /// name that is clear in the grid file stays clear in a table with more columns), then among
    /// all columns of the table.
    fn derive(
        &self,
        table: &Table,
        derived: &HashMap<&str, Column>,
        name: &str,
        expression: &str,
    ) -> Result<Column, PrepareError> {
        let wrong = |reason: String| {
            let mut shown: String = expression.chars().take(SHOWN).collect();
            if shown.len() < expression.len() {
                shown.push('…');
            }
            PrepareError::Expression { name: name.to_owned(), expression: shown, reason }
        };
        if let Some(reason) = refusal(expression) {
            return Err(wrong(reason));
        }
        // polars walks an expression by recursion: the longest one takes a quarter of this stack.
        let compute = || self.compute(table, derived, name, expression);
        let column = thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            let computed =
                thread.spawn_scoped(scope, compute).map_err(|error| error.to_string())?;
            computed.join().unwrap_or_else(|_| Err("polars cannot compute it".to_owned()))
        });
        let column = column.map_err(wrong)?;
        let cells = column.f64().map_err(|error| wrong(error.to_string()))?;
        let infinite = |(row, cell): (usize, Option<f64>)| {
            cell.filter(|value| !value.is_finite()).map(|value| (row, value))
        };
        if let Some((row, value)) = cells.iter().enumerate().find_map(infinite) {
            let (path, column) = (table.source.clone(), name.to_owned());
            return Err(PrepareError::NotFinite { path, column, row: row + 1, value });
        }
        Ok(column)
    }

    /// The values of an expression as 64-bit floats.
    fn compute(
        &self,
        table: &Table,
        derived: &HashMap<&str, Column>,
        name: &str,
        expression: &str,
    ) -> Result<Column, String> {
        let features: Vec<String> =
            self.features.iter().map(|feature| feature.name.clone()).collect();
        let names = ColumnNames::new(&features);
        let parsed: Expr = sql_expr(expression).map_err(|error| error.to_string())?;
        // Counted, not walked to its end: some words double what they stand on (`x BETWEEN 1 AND 2`
        // is `x >= 1 AND x <= 2`), and so have no end when they follow each other.
        if parsed.into_iter().nth(MOST_PARTS).is_some() {
            return Err(format!(
                "it comes to more than {MOST_PARTS} operations: split it into several features that \
                 use each other"
            ));
        }
        if let Some(part) = beyond_the_row(&parsed) {
            let rule = "it looks beyond its row, and so at rows that nothing may be learnt from";
            return Err(format!("{part}: {rule}; use arithmetic on the row's own cells"));
        }
        if chooses_constants(&parsed) {
            return Err("coalesce chooses between constants alone: name a column in it".to_owned());
        }
        let mut inputs: Vec<Column> = Vec::new();
        for root in parsed.clone().meta().root_names() {
            if inputs.iter().any(|input| input.name() == &root) {
                continue;
            }
            let input = if let Some(column) = derived.get(root.as_str()) {
                column.clone()
            } else {
                let wanted = match names.find(&root) {
                    Ok(feature) => features[feature].as_str(),
                    Err(_) => root.as_str(),
                };
                table.numbers(wanted).map_err(|error| error.to_string())?.clone()
            };
            inputs.push(input.with_name(root));
        }
        let rows = table.rows();
        let frame = DataFrame::new(rows, inputs).map_err(|error| error.to_string())?;
        let computed = parsed.cast(DataType::Float64).alias(name);
        let computed = frame.lazy().select([computed]).collect();
        let column = computed.map_err(|error| error.to_string())?.columns()[0].clone();
        if column.len() != rows {
            return Err(format!("it gives {} value(s) for {rows} rows", column.len()));
        }
        Ok(column)
    }
}

/// Text is a category, and so are numbers that the grid file calls one.
fn kind(
    table: &Table,
    column: &Column,
    categorical: &HashSet<PlSmallStr>,
) -> Result<Kind, PrepareError> {
    if column.dtype() == &DataType::Float64 && !categorical.contains(column.name()) {
        return Ok(Kind::Numeric);
    }
    let numbers_spelt_wrong = table.is_mixed(column) || table.has_decimal_commas(column);
    if numbers_spelt_wrong && !categorical.contains(column.name()) {
        // The error that names the first cell that is no number.
        table.numbers(column.name())?;
    }
    let distinct = column.n_unique().unwrap_or(0);
    if distinct > MOST_CATEGORIES {
        let (path, column) = (table.source.clone(), column.name().to_string());
        return Err(PrepareError::TooManyCategories { path, column, distinct });
    }
    Ok(Kind::Categorical)
}

fn text(column: &Column) -> Column {
    Column::new(column.name().clone(), labels(column))
}
