//! Reads the cells of a worksheet of an Excel workbook.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use chrono::NaiveDate;

use super::csv_file::{RawTable, sha256_hex};
use super::error::DataError;
use super::repairs::Repair;
use super::table::shortest;
use super::unpacking::{check_archive, damaged, guarded};
use super::worksheet::Worksheet;
use super::{read_time, show_time};

const KIND: &str = "Excel workbook";

/// What a cell of a sheet holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// A number; true is 1 and false 0.
    Number(f64),
    /// A date or a time: milliseconds since 1970-01-01 00:00.
    Time(i64),
    /// Text, an error such as `#DIV/0!`.
    Text(String),
}

impl Content {
    /// The cell as CSV would have it.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Number(value) => Cow::Owned(shortest(*value)),
            Self::Time(time) => Cow::Owned(show_time(*time)),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// A cell that holds something, with its place counted from 0.
#[derive(Debug, Clone)]
pub(super) struct SheetCell {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) content: Content,
}

/// Reads the sheet of this name, else the first; returns its name too.
pub(super) fn read_workbook(
    path: &str,
    bytes: &[u8],
    sheet: Option<&str>,
) -> Result<(String, RawTable), DataError> {
    check_archive(path, KIND, bytes)?;
    guarded(path, KIND, || {
        let wrong = |error: XlsxError| damaged(path, KIND, error.to_string());
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
        let (name, others) = choose(path, &book, sheet)?;
        let mut reader = book.worksheet_cells_reader(&name).map_err(wrong)?;
        let mut cells = Vec::new();
        while let Some(cell) = reader.next_cell().map_err(wrong)? {
            let (row, column) = cell.get_position();
            if let Some(content) = content(cell.get_value()) {
                cells.push(SheetCell { row, column, content });
            }
        }
        let path = format!("{path}#{name}");
        let mut table = Worksheet::new(&path, cells)?.read()?;
        table.sha256 = sha256_hex(bytes);
        if sheet.is_none() && !others.is_empty() {
            table.repairs.insert(0, Repair::FirstSheet { sheet: name.clone(), others });
        }
        Ok((name, table))
    })
}

/// The name of the sheet to read, and those of the others.
fn choose(
    path: &str,
    book: &Xlsx<Cursor<&[u8]>>,
    wanted: Option<&str>,
) -> Result<(String, Vec<String>), DataError> {
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let mut sheets: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    let found = sheets.iter().position(|sheet| wanted.is_none_or(|wanted| sheet == wanted));
    if let Some(place) = found {
        return Ok((sheets.remove(place), sheets));
    }
    Err(match wanted {
        Some(sheet) => {
            DataError::NoSuchSheet { path: path.to_owned(), sheet: sheet.to_owned(), sheets }
        }
        None => DataError::Empty { path: path.to_owned() },
    })
}

fn content(value: &DataRef) -> Option<Content> {
    let iso = |text: &str| match read_time(text, None) {
        Some(time) => Content::Time(time),
        None => Content::Text(text.to_owned()),
    };
    let content = match value {
        DataRef::Empty => return None,
        DataRef::Int(value) => Content::Number(*value as f64),
        DataRef::Float(value) => Content::Number(*value),
        DataRef::Bool(value) => Content::Number(f64::from(u8::from(*value))),
        DataRef::DateTime(time) => when(*time),
        DataRef::DateTimeIso(text) => iso(text),
        DataRef::String(text) | DataRef::DurationIso(text) => Content::Text(text.clone()),
        DataRef::SharedString(text) => Content::Text((*text).to_owned()),
        DataRef::Error(error) => Content::Text(error.to_string()),
    };
    (!content.text().trim().is_empty()).then_some(content)
}

/// A time; a length of time is a number of days, and so is what no calendar has.
fn when(time: ExcelDateTime) -> Content {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
    let time_of_day = |date: NaiveDate| {
        let [hour, minute, second] = [hour, minute, second].map(u32::from);
        date.and_hms_milli_opt(hour, minute, second, u32::from(milli))
    };
    match date.and_then(time_of_day).filter(|_| time.is_datetime()) {
        Some(date) => Content::Time(date.and_utc().timestamp_millis()),
        None => Content::Number(time.as_f64()),
    }
}
