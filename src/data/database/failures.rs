//! From a driver's errors to ours: what happened, where, and never the password.

use std::io::ErrorKind;

use sqlx::Error;
use sqlx::error::DatabaseError as Reported;
use url::Url;

use super::DatabaseError;
use crate::spec::{DatabaseKind, DatabaseUrl};

/// What an error is told with.
pub(super) struct Failures<'a> {
    url: &'a DatabaseUrl,
    password: &'a str,
}

impl<'a> Failures<'a> {
    pub(super) fn new(url: &'a DatabaseUrl, password: &'a str) -> Self {
        Self { url, password }
    }

    /// The address, for messages.
    pub(super) fn url(&self) -> String {
        self.url.shown().to_owned()
    }

    /// An error before the query.
    pub(super) fn connecting(&self, error: &Error) -> DatabaseError {
        let reason = self.reason(error);
        let server = self.server();
        match error {
            Error::Configuration(_) => DatabaseError::Address(reason),
            Error::Tls(_) => DatabaseError::Encryption { server, reason },
            // What rustls says of a certificate.
            Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                DatabaseError::Encryption { server, reason }
            }
            Error::Database(reported) => match Class::of(reported.as_ref()) {
                Class::NotAdmitted => {
                    let (user, with_password) = (self.user(), !self.password.is_empty());
                    DatabaseError::NotAdmitted { server, user, with_password, reason }
                }
                Class::NoDatabase => {
                    DatabaseError::NoDatabase { server, database: self.database(), reason }
                }
                Class::NoFile => DatabaseError::NotSqlite { path: self.database() },
                _ => DatabaseError::Unreachable { server, reason },
            },
            _ => DatabaseError::Unreachable { server, reason },
        }
    }

    /// The server let nothing be heard for so long.
    pub(super) fn silent(&self, seconds: u64) -> DatabaseError {
        let reason = format!("nothing for {seconds} seconds");
        DatabaseError::Unreachable { server: self.server(), reason }
    }

    /// An error of the query, after some rows.
    pub(super) fn querying(&self, error: &Error, rows: usize) -> DatabaseError {
        let (url, reason) = (self.url(), self.reason(error));
        if rows > 0 {
            return DatabaseError::BrokeOff { url, rows, reason };
        }
        match error.as_database_error().map(Class::of) {
            Some(Class::NotThere) => DatabaseError::NotThere { url, reason },
            Some(Class::Syntax) => DatabaseError::Syntax { url, reason },
            Some(Class::NoFile) => DatabaseError::NotSqlite { path: self.database() },
            _ => DatabaseError::Query { url, reason },
        }
    }

    /// What the driver says, unless it says the password.
    fn reason(&self, error: &Error) -> String {
        let text = match error {
            Error::Database(reported) => reported.message().to_owned(),
            Error::Io(error) => error.to_string(),
            error => error.to_string(),
        };
        if !self.password.is_empty() && text.contains(self.password) {
            return "its message holds the password, and is left out".to_owned();
        }
        text
    }

    fn parsed(&self) -> Option<Url> {
        Url::parse(self.url.as_str()).ok()
    }

    /// Host and port, or the file.
    fn server(&self) -> String {
        let standard = match self.url.kind() {
            DatabaseKind::MySql => 3306,
            DatabaseKind::Postgres => 5432,
            DatabaseKind::Sqlite => return self.database(),
        };
        let url = self.parsed();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let port = url.as_ref().and_then(Url::port).unwrap_or(standard);
        format!("{host}:{port}")
    }

    fn user(&self) -> String {
        self.parsed().map(|url| url.username().to_owned()).unwrap_or_default()
    }

    fn database(&self) -> String {
        match self.url.sqlite_path() {
            Some(path) => path.display().to_string(),
            None => self.parsed().map_or(String::new(), |url| url.path()[1..].to_owned()),
        }
    }
}

/// What a database complains of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    NotAdmitted,
    NoDatabase,
    NotThere,
    Syntax,
    NoFile,
    Other,
}

impl Class {
    /// By SQLSTATE; `MySQL` has one state for several complaints, and `SQLite` has none.
    fn of(error: &(dyn Reported + 'static)) -> Self {
        if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
            return match error.number() {
                1044 | 1045 | 1698 => Self::NotAdmitted,
                1049 => Self::NoDatabase,
                1054 | 1146 | 1305 => Self::NotThere,
                1064 | 1149 => Self::Syntax,
                _ => Self::Other,
            };
        }
        let message = error.message();
        match error.code().as_deref() {
            Some("28000" | "28P01") => Self::NotAdmitted,
            Some("3D000") => Self::NoDatabase,
            Some("42P01" | "42703" | "42883" | "3F000") => Self::NotThere,
            Some("42601") => Self::Syntax,
            Some("26") => Self::NoFile,
            Some("1") if message.contains("no such") => Self::NotThere,
            Some("1") if message.contains("syntax") || message.contains("incomplete") => {
                Self::Syntax
            }
            _ => Self::Other,
        }
    }
}
