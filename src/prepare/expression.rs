//! Expressions over a row's own cells, computed by polars in 64-bit floats.

use std::thread;

use indexmap::IndexMap;
use polars::prelude::{Column, DataFrame, DataType, Expr, IntoLazy};
use polars::sql::sql_expr;
use serde::{Deserialize, Serialize};

use super::PrepareError;
use super::columns::values;
use super::row_wise::{beyond_the_row, chooses_constants};
use super::rows::Rows;
use super::vocabulary::refusal;
use crate::plural::counted;
use crate::spec::{GridFile, Step};

/// The most operations, names and numbers that an expression comes to.
const MOST_PARTS: usize = 1000;

/// Characters of an expression that an error shows.
const SHOWN: usize = 400;

/// The stack of the thread that polars computes an expression on.
const STACK_BYTES: usize = 32 << 20;

/// An expression and the columns that its names mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expression {
    /// The expression, in polars' SQL.
    pub sql: String,
    /// The column that each of its names means.
    pub columns: IndexMap<String, String>,
}

impl Expression {
    /// Settles which columns the names mean.
    pub(super) fn resolve(sql: &str, rows: &Rows) -> Result<Self, PrepareError> {
        let parsed = on_large_stack(|| parse(sql)).map_err(|reason| wrong(sql, reason))?;
        let mut columns = IndexMap::new();
        for name in parsed.meta().root_names() {
            let column = rows.resolve(&name)?;
            columns.insert(name.to_string(), column);
        }
        Ok(Self { sql: sql.to_owned(), columns })
    }

    /// The values `[rows]`, NaN where missing; a condition's are 0 and 1.
    pub(super) fn compute(&self, rows: &Rows) -> Result<Vec<f64>, PrepareError> {
        let mut inputs: Vec<Column> = Vec::new();
        for (name, column) in &self.columns {
            let column = rows.column(column)?;
            if column.f64().is_err() {
                return Err(rows.no_numbers(column.name()));
            }
            inputs.push(column.clone().with_name(name.as_str().into()));
        }
        let height = rows.height();
        let computed = on_large_stack(|| {
            let parsed = parse(&self.sql)?.cast(DataType::Float64).alias("computed");
            let frame = DataFrame::new(height, inputs).map_err(|error| error.to_string())?;
            let computed = frame.lazy().select([parsed]).collect();
            let column = computed.map_err(|error| error.to_string())?.columns()[0].clone();
            if column.len() != height {
                return Err(format!(
                    "it gives {} for {}",
                    counted(column.len(), "value"),
                    counted(height, "row")
                ));
            }
            if column.f64().is_err() {
                return Err("it is not a number".to_owned());
            }
            Ok(values(&column))
        });
        computed.map_err(|reason| wrong(&self.sql, reason))
    }
}

/// Whether the expressions of steps are arithmetic on a row's own cells, as far as that can be told
/// without a table.
///
/// # Errors
/// The key of the first that is not, such as `steps[0].derive.power`, and why.
pub fn check_expressions(file: &GridFile) -> Result<(), (String, String)> {
    check_list("steps", &file.steps)?;
    file.variants.iter().try_for_each(|(name, variant)| {
        let replaced = variant.replace_steps.as_deref().unwrap_or_default();
        check_list(&format!("variants.{name}.replace_steps"), replaced)?;
        check_list(&format!("variants.{name}.steps"), &variant.steps)
    })
}

fn check_list(list: &str, steps: &[Step]) -> Result<(), (String, String)> {
    for (place, step) in steps.iter().enumerate() {
        let expressions: Vec<(String, &String)> = match step {
            Step::Derive(columns) => {
                let key = |name| format!("{list}[{place}].derive.{name}");
                columns.iter().map(|(name, sql)| (key(name), sql)).collect()
            }
            Step::DropRows(how) => {
                vec![(format!("{list}[{place}].drop_rows.where"), &how.condition)]
            }
            _ => Vec::new(),
        };
        for (key, sql) in expressions {
            let parsed = on_large_stack(|| parse(sql).map(|_| ()));
            parsed.map_err(|reason| (key, wrong(sql, reason).to_string()))?;
        }
    }
    Ok(())
}

fn wrong(sql: &str, reason: String) -> PrepareError {
    let mut expression: String = sql.chars().take(SHOWN).collect();
    if expression.len() < sql.len() {
        expression.push('…');
    }
    PrepareError::Expression { expression, reason }
}

/// Does what polars does by recursion: the longest expression takes a quarter of this stack.
fn on_large_stack<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        let working = thread.spawn_scoped(scope, work).map_err(|error| error.to_string())?;
        working.join().unwrap_or_else(|_| Err("polars cannot compute it".to_owned()))
    })
}

/// Reads an expression, and refuses what is not arithmetic on the row's own cells.
fn parse(sql: &str) -> Result<Expr, String> {
    if let Some(reason) = refusal(sql) {
        return Err(reason);
    }
    let parsed: Expr = sql_expr(sql).map_err(|error| error.to_string())?;
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
    Ok(parsed)
}
