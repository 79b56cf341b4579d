//! Rows of a query of `MySQL`, `MariaDB`, `PostgreSQL` and `SQLite`.
//!
//! A query runs where it cannot write: in a read-only transaction, or on a file opened for reading. The
//! password comes from the environment alone, and no message, record or file ever holds it.

mod error;
mod failures;
mod mysql;
mod postgres;
mod rows;
mod sqlite;

use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::mysql::MySql;
use sqlx::postgres::Postgres;
use sqlx::sqlite::Sqlite;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Error, Executor, IntoArguments, SqlSafeStr,
    Statement,
};

use super::csv_file::{RawTable, hex};
use super::error::DataError;
use super::table::Table;
use super::unpacking::guarded;
use crate::spec::{DatabaseKind, DatabaseUrl, PASSWORD_VARIABLE};
pub use error::DatabaseError;
use failures::Failures;
use rows::{Dialect, gather, without_rows};

/// A server that does not answer for so long is not there.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server's transactions begin with.
const READ_ONLY: &str = "START TRANSACTION READ ONLY";

impl Table {
    /// The table that a query gives, at least one row. Numbers of every kind become 64-bit floats, true and false 1 and
    /// 0, dates and timestamps times (those with a zone in UTC), NULL missing. The password is that of
    /// the environment variable [`PASSWORD_VARIABLE`]; unset, there is none. The fingerprint is that of
    /// the CSV which the rows make.
    ///
    /// # Errors
    /// [`DatabaseError`] says what of the address, the query or its rows is wrong.
    pub fn query(url: &DatabaseUrl, query: &str) -> Result<Self, DataError> {
        let table = Self::query_beside(url, query)?;
        if table.rows() == 0 {
            return Err(DatabaseError::NoRows { url: url.shown().to_owned() }.into());
        }
        Ok(table)
    }

    /// The same for a table that is looked into beside another, which may have no row.
    ///
    /// # Errors
    /// As [`Table::query`].
    pub fn query_beside(url: &DatabaseUrl, query: &str) -> Result<Self, DataError> {
        let password = std::env::var(PASSWORD_VARIABLE).unwrap_or_default();
        let raw = guarded(url.shown(), "database", || fetch(url, &password, query))?;
        let mut table = Self::of_any_length(format!("{}: {query}", url.shown()), raw)?;
        let mut hash = Sha256::new();
        table.write_csv(&mut hash).map_err(|error| DataError::Frame {
            path: table.source.clone(),
            reason: error.to_string(),
        })?;
        table.sha256 = hex(&hash.finalize());
        Ok(table)
    }
}

fn fetch(url: &DatabaseUrl, password: &str, query: &str) -> Result<RawTable, DataError> {
    let failures = Failures::new(url, password);
    let wrong = |error: Error| failures.connecting(&error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| wrong(error.into()))?;
    runtime.block_on(async {
        Ok(match url.kind() {
            DatabaseKind::MySql => {
                let options = mysql::options(url, password).map_err(wrong)?;
                read::<MySql, _>(options, Some(READ_ONLY), query, &failures).await?
            }
            DatabaseKind::Postgres => {
                let options = postgres::options(url, password).map_err(wrong)?;
                read::<Postgres, _>(options, Some(READ_ONLY), query, &failures).await?
            }
            DatabaseKind::Sqlite => {
                let options = sqlite::options(url)?;
                read::<Sqlite, _>(options, None, query, &failures).await?
            }
        })
    })
}

async fn read<D, O>(
    options: O,
    begin: Option<&'static str>,
    query: &str,
    failures: &Failures<'_>,
) -> Result<RawTable, DatabaseError>
where
    D: Dialect,
    D::Arguments: IntoArguments<D>,
    O: ConnectOptions<Connection = D::Connection>,
    D::Connection: Connection<Database = D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    usize: sqlx::ColumnIndex<D::Row>,
{
    let connecting = tokio::time::timeout(PATIENCE, options.connect()).await;
    let connected = connecting.map_err(|_| failures.silent(PATIENCE.as_secs()))?;
    let mut connection = connected.map_err(|error| failures.connecting(&error))?;
    if let Some(begin) = begin {
        let answer = (&mut connection).execute(sqlx::raw_sql(begin)).await;
        answer.map_err(|error| failures.querying(&error, 0))?;
    }
    let rows = sqlx::query::<D>(AssertSqlSafe(query)).fetch(&mut connection);
    let mut table = gather::<D>(rows, failures).await?;
    if table.rows == 0 {
        // Rows name their columns; where there are none, the statement does.
        let prepared = (&mut connection).prepare(AssertSqlSafe(query).into_sql_str()).await;
        let statement = prepared.map_err(|error| failures.querying(&error, 0))?;
        table = without_rows(statement.columns());
    }
    // Nothing is lost where this fails: all rows are here.
    let _ = connection.close().await;
    Ok(table)
}
