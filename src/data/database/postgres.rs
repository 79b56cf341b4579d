//! `PostgreSQL`, whose values come in its binary format.

use std::fmt::Write;

use sqlx::postgres::{
    PgConnectOptions, PgTypeInfo, PgTypeKind, PgValueFormat, PgValueRef, Postgres,
};
use sqlx::{ConnectOptions, Database, Error, TypeInfo, ValueRef};
use url::Url;

use super::rows::{Dialect, Unread};
use crate::data::typed_column::Cell;
use crate::spec::DatabaseUrl;

/// Milliseconds from 1970-01-01 to 2000-01-01, which `PostgreSQL` counts from.
const EPOCH: i64 = 946_684_800_000;

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// An empty password is one too: without any, the driver would look into other variables and files.
pub(super) fn options(url: &DatabaseUrl, password: &str) -> Result<PgConnectOptions, Error> {
    let url = Url::parse(url.as_str()).map_err(|error| Error::Configuration(error.into()))?;
    Ok(PgConnectOptions::from_url(&url)?.password(password).disable_statement_logging())
}

impl Dialect for Postgres {
    fn read(value: <Self as Database>::ValueRef<'_>) -> Result<Cell<'_>, Unread> {
        let kind = value.type_info();
        let bytes = value.as_bytes()?;
        if value.format() != PgValueFormat::Binary {
            return Err(Unread::Type);
        }
        match base(&kind) {
            kind if matches!(kind.kind(), PgTypeKind::Enum(_)) => text(&value),
            kind => match kind.name() {
                "BOOL" | "INT2" | "INT4" | "INT8" => Ok(Cell::Number(integer(bytes) as f64)),
                "OID" => Ok(Cell::Number(f64::from(integer(bytes) as u32))),
                "FLOAT4" => Ok(Cell::Number(f64::from(f32::from_be_bytes(fixed(bytes)?)))),
                "FLOAT8" => Ok(Cell::Number(f64::from_be_bytes(fixed(bytes)?))),
                "NUMERIC" => numeric(bytes).map(Cell::Number),
                "DATE" => when(integer(bytes), i64::from(i32::MAX), |days| {
                    days.checked_mul(MILLISECONDS_A_DAY)
                }),
                "TIMESTAMP" | "TIMESTAMPTZ" => {
                    when(integer(bytes), i64::MAX, |micros| Some(micros.div_euclid(1000)))
                }
                "TEXT" | "VARCHAR" | "NAME" | "UNKNOWN" => text(&value),
                // Filled up with spaces to its width.
                "CHAR" => Ok(Cell::Text(value.as_str()?.trim_end_matches(' '))),
                _ => Err(Unread::Type),
            },
        }
    }

    fn is_zoned(kind: &str) -> bool {
        kind == "TIMESTAMPTZ"
    }
}

/// The type that a domain is made of.
fn base(kind: &PgTypeInfo) -> &PgTypeInfo {
    match kind.kind() {
        PgTypeKind::Domain(inner) => base(inner),
        _ => kind,
    }
}

fn text<'r>(value: &PgValueRef<'r>) -> Result<Cell<'r>, Unread> {
    Ok(Cell::Text(value.as_str()?))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Unread> {
    bytes.try_into().map_err(|_| Unread::Value(format!("{} bytes instead of {N}", bytes.len())))
}

/// A whole number of any width, big-endian.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.len() > 1 && bytes.first().is_some_and(|first| *first >= 0x80);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |number: i64, byte| number.wrapping_shl(8) | i64::from(*byte))
}

/// A time since 2000-01-01 in milliseconds; the least and the greatest stand for infinity.
fn when(
    value: i64,
    infinity: i64,
    milliseconds: impl Fn(i64) -> Option<i64>,
) -> Result<Cell<'static>, Unread> {
    if value == infinity || value == -infinity - 1 {
        return Err(Unread::Value("infinity is not a time".to_owned()));
    }
    let time = milliseconds(value).and_then(|since| since.checked_add(EPOCH));
    time.map(Cell::Time).ok_or_else(|| Unread::Value("it is out of range".to_owned()))
}

/// A decimal number: how many digits to base 10,000, the power of the first, sign, digits after the
/// point as shown, and the digits, 16 bits each. Rounded once.
fn numeric(bytes: &[u8]) -> Result<f64, Unread> {
    let words: Vec<u16> =
        bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    let [count, weight, sign, _, digits @ ..] = words.as_slice() else {
        return Err(Unread::Value("it has no digits".to_owned()));
    };
    let sign = match sign {
        0x0000 => "",
        0x4000 => "-",
        0xc000 => return Ok(f64::NAN),
        0xd000 => return Ok(f64::INFINITY),
        0xf000 => return Ok(f64::NEG_INFINITY),
        _ => return Err(Unread::Value("its sign is none".to_owned())),
    };
    let mut text = format!("{sign}0");
    for digit in digits {
        let _ = write!(text, "{digit:04}");
    }
    let power = 4 * (i64::from(weight.cast_signed()) - i64::from(*count) + 1);
    let _ = write!(text, "e{power}");
    fast_float2::parse(&text).map_err(|_| Unread::Value(format!("{text} is not a number")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use super::*;

    #[test]
    fn whole_numbers_of_every_width_keep_their_sign() {
        assert_eq!(integer(&[1]), 1);
        assert_eq!(integer(&(-2_i16).to_be_bytes()), -2);
        assert_eq!(integer(&i32::MIN.to_be_bytes()), i64::from(i32::MIN));
        assert_eq!(integer(&i64::MAX.to_be_bytes()), i64::MAX);
    }

    #[test]
    fn decimals_are_rounded_once() {
        let bytes = |words: &[u16]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_be_bytes()).collect()
        };
        // 298.1: digits 298 and 1000, the first of power 0.
        assert_eq!(numeric(&bytes(&[2, 0, 0, 1, 298, 1000])).unwrap(), 298.1);
        // -0.00005: one digit 5000 of power -2.
        assert_eq!(numeric(&bytes(&[1, 0xfffe, 0x4000, 5, 5000])).unwrap(), -0.000_05);
        // 10^12: one digit 1 of power 3.
        assert_eq!(numeric(&bytes(&[1, 3, 0, 0, 1])).unwrap(), 1e12);
        assert_eq!(numeric(&bytes(&[0, 0, 0, 0])).unwrap(), 0.0);
        assert!(numeric(&bytes(&[0, 0, 0xc000, 0])).unwrap().is_nan());
    }
}
