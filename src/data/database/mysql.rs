//! `MySQL` and `MariaDB`.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use sqlx::mysql::{MySql, MySqlConnectOptions};
use sqlx::{ConnectOptions, Database, Decode, Error, TypeInfo, ValueRef};
use url::Url;

use super::rows::{Dialect, Unread};
use crate::data::typed_column::Cell;
use crate::spec::DatabaseUrl;

pub(super) fn options(url: &DatabaseUrl, password: &str) -> Result<MySqlConnectOptions, Error> {
    let url = Url::parse(url.as_str()).map_err(|error| Error::Configuration(error.into()))?;
    let options = MySqlConnectOptions::from_url(&url)?.disable_statement_logging();
    Ok(if password.is_empty() { options } else { options.password(password) })
}

/// What the types are to us.
enum Kind {
    Signed,
    Unsigned,
    Float,
    Double,
    Decimal,
    Date,
    Time,
    Text,
    /// Text of a binary collation has these types too.
    Bytes,
    Other,
}

fn kind(name: &str) -> Kind {
    match name {
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "INT" | "MEDIUMINT" | "BIGINT" => Kind::Signed,
        "YEAR" | "BIT" => Kind::Unsigned,
        unsigned if unsigned.ends_with(" UNSIGNED") => Kind::Unsigned,
        "FLOAT" => Kind::Float,
        "DOUBLE" => Kind::Double,
        "DECIMAL" => Kind::Decimal,
        "DATE" => Kind::Date,
        "DATETIME" | "TIMESTAMP" => Kind::Time,
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET" => {
            Kind::Text
        }
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => Kind::Bytes,
        _ => Kind::Other,
    }
}

impl Dialect for MySql {
    fn read(value: <Self as Database>::ValueRef<'_>) -> Result<Cell<'_>, Unread> {
        let kind = kind(value.type_info().name());
        let number = |value: f64| Ok(Cell::Number(value));
        match kind {
            Kind::Signed => number(<i64 as Decode<Self>>::decode(value)? as f64),
            Kind::Unsigned => number(<u64 as Decode<Self>>::decode(value)? as f64),
            Kind::Float => number(f64::from(<f32 as Decode<Self>>::decode(value)?)),
            Kind::Double => number(<f64 as Decode<Self>>::decode(value)?),
            Kind::Decimal => {
                let text = <&str as Decode<Self>>::decode(value)?;
                let parsed = fast_float2::parse(text);
                number(parsed.map_err(|_| Unread::Value(format!("{text} is not a number")))?)
            }
            Kind::Date => {
                let date = <NaiveDate as Decode<Self>>::decode(value)?;
                Ok(time(date.and_time(NaiveTime::MIN)))
            }
            Kind::Time => {
                let date = <NaiveDateTime as Decode<Self>>::decode(value)?;
                Ok(time(date))
            }
            Kind::Text => Ok(Cell::Text(<&str as Decode<Self>>::decode(value)?)),
            Kind::Bytes => {
                let text = <&str as Decode<Self>>::decode(value);
                Ok(Cell::Text(text.map_err(|_| Unread::Type)?))
            }
            Kind::Other => Err(Unread::Type),
        }
    }

    /// The session's zone is UTC. The date `0000-00-00` comes in as NULL.
    fn is_zoned(kind: &str) -> bool {
        kind == "TIMESTAMP"
    }
}

fn time(time: NaiveDateTime) -> Cell<'static> {
    Cell::Time(time.and_utc().timestamp_millis())
}
