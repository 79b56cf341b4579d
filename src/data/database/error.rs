//! What can go wrong between a query and its rows, and what to do about it.

use crate::plural::counted;
use crate::spec::PASSWORD_VARIABLE;

/// Why a query gives no table. None of the messages holds a password.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum DatabaseError {
    /// The address is none, or holds a password.
    #[error("the address of the database: {0}")]
    Address(String),
    /// Nobody answers.
    #[error("{server}: no answer ({reason}); check host and port, and that the database runs")]
    Unreachable { server: String, reason: String },
    /// The user is denied access.
    #[error(
        "{server}: user {user:?} is denied access ({reason}); {}", admission_advice(*.with_password)
    )]
    NotAdmitted { server: String, user: String, with_password: bool, reason: String },
    /// The connection cannot be encrypted.
    #[error("{server}: no encrypted connection ({reason}); see ssl-mode and ssl-ca in the address")]
    Encryption { server: String, reason: String },
    /// The server does not have this database.
    #[error("{server}: has no database {database:?} ({reason}); check the end of the address")]
    NoDatabase { server: String, database: String, reason: String },
    /// A file that is something else.
    #[error("{path}: is not an SQLite database")]
    NotSqlite { path: String },
    /// A table, view or column that does not exist.
    #[error("{url}: the query names something that does not exist: {reason}")]
    NotThere { url: String, reason: String },
    /// No SQL.
    #[error("{url}: the query is not SQL that this database takes: {reason}")]
    Syntax { url: String, reason: String },
    /// Any other failure before the first row.
    #[error("{url}: the query fails: {reason}")]
    Query { url: String, reason: String },
    /// A failure after some rows.
    #[error(
        "{url}: the query broke off after {}, none of which is used: {reason}", counted(*.rows, "row")
    )]
    BrokeOff { url: String, rows: usize, reason: String },
    /// A type that is neither number, text nor time.
    #[error(
        "{url}: column {column:?} is of type {kind}, which is not read: CAST it in the query to a \
         number, text or time, or leave it out"
    )]
    Type { url: String, column: String, kind: String },
    /// A cell that does not say what its type promises.
    #[error(
        "{url}: row {row}: column {column:?} holds a {kind} that is not read ({reason}): CAST it in \
         the query, or leave it out"
    )]
    Cell { url: String, row: usize, column: String, kind: String, reason: String },
    /// Two statements.
    #[error("{url}: the query gives rows of {first} and of {then} columns: write one statement")]
    Statements { url: String, first: usize, then: usize },
    /// Nothing.
    #[error("{url}: the query gives no rows")]
    NoRows { url: String },
}

fn admission_advice(with_password: bool) -> String {
    if with_password {
        format!("check the user in the address and the password in {PASSWORD_VARIABLE}")
    } else {
        format!(
            "give the password in the environment variable {PASSWORD_VARIABLE}, which is not set"
        )
    }
}
