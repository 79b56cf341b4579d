//! Reads a Parquet file into columns.

use std::io::Cursor;

use polars::prelude::{ArrowDataType, Column, DataType, PolarsError, TimeUnit};
use polars_io::SerReader;
use polars_io::prelude::ParquetReader;

use super::csv_file::{RawTable, sha256_hex};
use super::error::DataError;
use super::repairs::Repair;
use super::typed_column::{Cell, TypedColumn};
use super::typed_table::{names, raw_table};
use super::unpacking::{bomb, damaged, guarded, most_unpacked};

const KIND: &str = "Parquet file";

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// Reads a Parquet file; columns that hold lists, records or bytes are left out with a note.
pub(super) fn read_parquet(path: &str, bytes: &[u8]) -> Result<RawTable, DataError> {
    guarded(path, KIND, || {
        let wrong = |error: PolarsError| damaged(path, KIND, error.to_string());
        let mut reader = ParquetReader::new(Cursor::new(bytes));
        let schema = reader.schema().map_err(wrong)?;
        let rows = reader.num_rows().map_err(wrong)?;
        let mut repairs = Vec::new();
        let mut read = Vec::new();
        for (index, field) in schema.iter_values().enumerate() {
            match unread(field.dtype()) {
                None => read.push(index),
                Some(kind) => {
                    let (column, kind) = (field.name.to_string(), kind.to_owned());
                    repairs.push(Repair::UnreadColumn { column, kind });
                }
            }
        }
        if read.is_empty() {
            return Err(DataError::NoColumns { path: path.to_owned() });
        }
        // A million rows of one value take some bytes in the file.
        let most = most_unpacked(bytes.len());
        if (rows as u64).saturating_mul(read.len() as u64).saturating_mul(8) > most {
            return Err(bomb(path, KIND, most));
        }
        let frame = reader.with_projection(Some(read)).finish().map_err(wrong)?;
        let written = frame.columns().iter().map(|column| column.name().as_str());
        let names = names(written, &mut repairs);
        let mut columns = Vec::with_capacity(names.len());
        for (column, name) in frame.columns().iter().zip(names) {
            if matches!(column.dtype(), DataType::Datetime(_, Some(_))) {
                repairs.push(Repair::ToUtc { column: name.clone() });
            }
            columns.push(typed(column, name).map_err(wrong)?);
        }
        Ok(raw_table(columns, frame.height(), repairs, sha256_hex(bytes)))
    })
}

/// What a column holds that is not read.
fn unread(kind: &ArrowDataType) -> Option<&'static str> {
    match kind {
        ArrowDataType::Binary
        | ArrowDataType::LargeBinary
        | ArrowDataType::BinaryView
        | ArrowDataType::FixedSizeBinary(_) => Some("bytes"),
        ArrowDataType::List(_)
        | ArrowDataType::LargeList(_)
        | ArrowDataType::FixedSizeList(_, _) => Some("lists"),
        ArrowDataType::Struct(_) | ArrowDataType::Map(_, _) | ArrowDataType::Union(_) => {
            Some("records")
        }
        ArrowDataType::Time32(_) | ArrowDataType::Time64(_) => Some("times of day without a date"),
        ArrowDataType::Duration(_) | ArrowDataType::Interval(_) => Some("lengths of time"),
        ArrowDataType::Dictionary(_, values, _) => unread(values),
        ArrowDataType::Extension(extension) => unread(&extension.inner),
        _ => None,
    }
}

fn typed(column: &Column, name: String) -> Result<TypedColumn, PolarsError> {
    let mut typed = TypedColumn::new(name);
    match column.dtype() {
        DataType::Null => (0..column.len()).for_each(|_| typed.push(Cell::Missing)),
        DataType::String => push(&mut typed, column.str()?.iter().map(|text| text.map(Cell::Text))),
        DataType::Categorical(_, _) | DataType::Enum(_, _) => {
            let text = column.cast(&DataType::String)?;
            push(&mut typed, text.str()?.iter().map(|text| text.map(Cell::Text)));
        }
        DataType::Date => {
            let days = column.cast(&DataType::Int32)?;
            let time = |day: i32| Cell::Time(i64::from(day) * MILLISECONDS_A_DAY);
            push(&mut typed, days.i32()?.iter().map(|day| day.map(time)));
        }
        DataType::Datetime(unit, _) => {
            let units_a_millisecond = match unit {
                TimeUnit::Nanoseconds => 1_000_000,
                TimeUnit::Microseconds => 1000,
                TimeUnit::Milliseconds => 1,
            };
            let physical = column.cast(&DataType::Int64)?;
            let time = |value: i64| Cell::Time(value.div_euclid(units_a_millisecond));
            push(&mut typed, physical.i64()?.iter().map(|value| value.map(time)));
        }
        _ => {
            let numbers = column.cast(&DataType::Float64)?;
            push(&mut typed, numbers.f64()?.iter().map(|value| value.map(Cell::Number)));
        }
    }
    Ok(typed)
}

fn push<'a>(column: &mut TypedColumn, cells: impl Iterator<Item = Option<Cell<'a>>>) {
    cells.for_each(|cell| column.push(cell.unwrap_or(Cell::Missing)));
}
