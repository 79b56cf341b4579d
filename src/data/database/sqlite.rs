//! `SQLite`, where each value has a type of its own.

use std::fs::File;
use std::io::{ErrorKind, Read};

use sqlx::sqlite::{Sqlite, SqliteConnectOptions};
use sqlx::{ConnectOptions, Database, Decode, TypeInfo, ValueRef};

use super::DatabaseError;
use super::rows::{Dialect, Unread};
use crate::data::DataError;
use crate::data::typed_column::Cell;
use crate::data::unpacking::damaged;
use crate::spec::DatabaseUrl;

/// What every database begins with.
const SIGNATURE: &[u8] = b"SQLite format 3\0";

/// Bytes before the first page's own.
const HEADER: usize = 100;

/// Opens a file that is there, and cannot change it.
pub(super) fn options(url: &DatabaseUrl) -> Result<SqliteConnectOptions, DataError> {
    let path = url.sqlite_path().unwrap_or_default();
    let name = path.display().to_string();
    if path.is_dir() {
        return Err(DataError::IsDirectory { path: name });
    }
    let (mut header, mut bytes) = (Vec::new(), 0);
    let read = File::open(&path).and_then(|file| {
        bytes = file.metadata()?.len();
        file.take(HEADER as u64).read_to_end(&mut header)
    });
    if let Err(source) = read {
        return Err(match source.kind() {
            ErrorKind::NotFound => DataError::NotFound { path: name },
            ErrorKind::PermissionDenied => DataError::NoPermission { path: name },
            _ => DataError::Unreadable { path: name, source },
        });
    }
    if !header.starts_with(SIGNATURE) {
        return Err(DatabaseError::NotSqlite { path: name }.into());
    }
    if bytes < whole(&header) {
        let reason = format!("it has {bytes} of {} bytes", whole(&header));
        return Err(damaged(&name, "SQLite database", reason));
    }
    // A name that begins with `file:` would be an address with settings of its own.
    let path = std::path::absolute(&path).unwrap_or(path);
    Ok(SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging())
}

/// How many bytes a database has by its own header: pages that are cut off would read as zeros.
fn whole(header: &[u8]) -> u64 {
    let number = |from: usize, to: usize| {
        let bytes = header.get(from..to).unwrap_or_default();
        bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    let page = if number(16, 18) == 1 { 1 << 16 } else { number(16, 18) };
    // Very old writers leave the count of pages as it was.
    let is_counted = number(24, 28) == number(92, 96);
    let pages = if is_counted { number(28, 32) } else { 1 };
    (page * pages).max(HEADER as u64)
}

/// What the types are to us.
enum Kind {
    Integer,
    Real,
    Text,
    Other,
}

impl Dialect for Sqlite {
    fn read(value: <Self as Database>::ValueRef<'_>) -> Result<Cell<'_>, Unread> {
        let kind = match value.type_info().name() {
            "INTEGER" => Kind::Integer,
            "REAL" => Kind::Real,
            "TEXT" => Kind::Text,
            _ => Kind::Other,
        };
        match kind {
            Kind::Integer => Ok(Cell::Number(<i64 as Decode<Self>>::decode(value)? as f64)),
            Kind::Real => Ok(Cell::Number(<f64 as Decode<Self>>::decode(value)?)),
            Kind::Text => Ok(Cell::Text(<&str as Decode<Self>>::decode(value)?)),
            Kind::Other => Err(Unread::Type),
        }
    }

    fn is_zoned(_kind: &str) -> bool {
        false
    }

    fn is_time_in_text(kind: &str) -> bool {
        matches!(kind, "DATE" | "DATETIME")
    }
}
