//! From the rows of a query, as they come in, to columns.

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sqlx::{Column, Database, Row, TypeInfo, ValueRef};

use super::DatabaseError;
use super::failures::Failures;
use crate::data::csv_file::RawTable;
use crate::data::read_time;
use crate::data::repairs::Repair;
use crate::data::typed_column::{Cell, TypedColumn};
use crate::data::typed_table::{names, raw_table};

/// Why a cell is not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// Its type never is.
    Type,
    /// This value of its type cannot be.
    Value(String),
}

impl From<sqlx::error::BoxDynError> for Unread {
    fn from(error: sqlx::error::BoxDynError) -> Self {
        Self::Value(error.to_string())
    }
}

/// How a database writes the values of its types.
pub(super) trait Dialect: Database {
    /// A value that is not NULL.
    fn read(value: <Self as Database>::ValueRef<'_>) -> Result<Cell<'_>, Unread>;

    /// Whether times of the type are of a zone, and come in as UTC.
    fn is_zoned(kind: &str) -> bool;

    /// Whether text in a column of the declared type is a time where it looks like one.
    fn is_time_in_text(_kind: &str) -> bool {
        false
    }
}

/// Collects all rows; the names and types of the columns are the first row's, and without rows there are
/// no columns.
pub(super) async fn gather<D: Dialect>(
    mut stream: BoxStream<'_, Result<D::Row, sqlx::Error>>,
    failures: &Failures<'_>,
) -> Result<RawTable, DatabaseError>
where
    usize: sqlx::ColumnIndex<D::Row>,
{
    let mut columns: Vec<TypedColumn> = Vec::new();
    let mut times = Vec::new();
    let (mut rows, mut repairs) = (0, Vec::new());
    loop {
        let row = stream.try_next().await.map_err(|error| failures.querying(&error, rows))?;
        let Some(row) = row else { break };
        if rows == 0 {
            columns = begin::<D>(&row, &mut repairs);
            let declared = row.columns().iter().map(|column| column.type_info().name());
            times = declared.map(D::is_time_in_text).collect();
        }
        if row.len() != columns.len() {
            let (first, then) = (columns.len(), row.len());
            return Err(DatabaseError::Statements { url: failures.url(), first, then });
        }
        for (index, column) in columns.iter_mut().enumerate() {
            let value = row.try_get_raw(index).map_err(|error| failures.querying(&error, rows))?;
            if value.is_null() {
                column.push(Cell::Missing);
                continue;
            }
            match D::read(value) {
                Ok(Cell::Text(text)) if times.get(index) == Some(&true) => {
                    column.push(read_time(text, None).map_or(Cell::Text(text), Cell::Time));
                }
                Ok(cell) => column.push(cell),
                Err(unread) => {
                    let kind = row.try_get_raw(index).map(|value| kind::<D>(&value));
                    return Err(refusal(unread, column.name(), kind, rows + 1, failures));
                }
            }
        }
        rows += 1;
    }
    Ok(raw_table(columns, rows, repairs, String::new()))
}

/// The table of a query that gives no rows, from its columns.
pub(super) fn without_rows(columns: &[impl Column]) -> RawTable {
    let mut repairs = Vec::new();
    let names = names(columns.iter().map(Column::name), &mut repairs);
    let columns = names.into_iter().map(TypedColumn::new).collect();
    raw_table(columns, 0, repairs, String::new())
}

fn begin<D: Dialect>(row: &D::Row, repairs: &mut Vec<Repair>) -> Vec<TypedColumn> {
    let names = names(row.columns().iter().map(Column::name), repairs);
    for (column, name) in row.columns().iter().zip(&names) {
        if D::is_zoned(column.type_info().name()) {
            repairs.push(Repair::ToUtc { column: name.clone() });
        }
    }
    names.into_iter().map(TypedColumn::new).collect()
}

fn kind<D: Dialect>(value: &D::ValueRef<'_>) -> String {
    value.type_info().name().to_owned()
}

fn refusal(
    unread: Unread,
    column: &str,
    kind: Result<String, sqlx::Error>,
    row: usize,
    failures: &Failures,
) -> DatabaseError {
    let (url, column, kind) = (failures.url(), column.to_owned(), kind.unwrap_or_default());
    match unread {
        Unread::Type => DatabaseError::Type { url, column, kind },
        Unread::Value(reason) => DatabaseError::Cell { url, row, column, kind, reason },
    }
}
