//! What can go wrong when a file is read, and what to do about it.

use std::io;

use super::cells::{Position, has_decimal_comma};
use super::column_names::NameError;
use super::database::DatabaseError;
use super::file_kind::FileKind;
use super::separator::Separator;
use crate::plural::counted;

/// Why a file cannot be used. Lines count from 1, the header's included, as in an editor.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum DataError {
    /// Nothing there.
    #[error("{path}: no such file; check the path")]
    NotFound { path: String },
    /// A directory.
    #[error("{path}: is a directory; name a file in it")]
    IsDirectory { path: String },
    /// Not readable by this user.
    #[error("{path}: no permission to read it; change its permissions or copy it")]
    NoPermission { path: String },
    /// Any other failure of the operating system.
    #[error("{path}: cannot be read ({source}); check the disk or copy the file elsewhere")]
    Unreadable { path: String, source: io::Error },
    /// No text at all.
    #[error("{path}: the file is empty; export it again")]
    Empty { path: String },
    /// A header and nothing below it.
    #[error("{path}: has a header ({}) but no rows; export it again", counted(*.columns, "column"))]
    NoRows { path: String, columns: usize },
    /// Recognised as something else.
    #[error("{path}: {kind}")]
    NotCsv { path: String, kind: FileKind },
    /// A byte order mark of UTF-16.
    #[error("{path}: is UTF-16 text; save it as UTF-8 (in Excel: \"CSV UTF-8\")")]
    Utf16 { path: String },
    /// A NUL byte.
    #[error(
        "{path}: line {line} holds a NUL byte, so this is a binary file or UTF-16 text; \
         export it as CSV in UTF-8"
    )]
    NulByte { path: String, line: u64 },
    /// Not UTF-8; the column counts characters from 1.
    #[error(
        "{path}: line {line}, column {column}: byte 0x{byte:02X} is not valid UTF-8; the file is \
         probably Latin-1 or Windows-1252{}; save it as UTF-8", in_latin_1(*.byte)
    )]
    NotUtf8 { path: String, line: u64, column: u64, byte: u8 },
    /// The file ends inside a quoted cell.
    #[error(
        "{path}: line {line}: a quoted cell starts here and is never closed; add the closing \
         quote, or delete the opening one"
    )]
    UnclosedQuote { path: String, line: u64 },
    /// A row with too few or too many cells.
    #[error(
        "{path}: line {line} has {}, the header has {header}{}", counted(*.cells, "cell"),
        ragged_advice(*.cells, *.header, *.separator)
    )]
    Ragged { path: String, line: u64, cells: usize, header: usize, separator: Separator },
    /// The first line holds data.
    #[error(
        "{path}: line {line} should be the header but holds only numbers ({first:?}, …); add a \
         line with the column names above it"
    )]
    NoHeader { path: String, line: u64, first: String },
    /// A header of more columns than a table has.
    #[error(
        "{path}: line {line} should be the header but has {}: more than 100,000 are not a table; is \
         it a CSV?", counted(*.columns, "column")
    )]
    TooManyColumns { path: String, line: u64, columns: usize },
    /// One column of running text.
    #[error(
        "{path}: has one column, and {at} holds the text {value:?}: is it a CSV? Cells \
         must be separated by commas, tabs, semicolons or pipes"
    )]
    SingleTextColumn { path: String, at: Position, value: String },
    /// A column that is used as numbers holds something else.
    #[error(
        "{path}: {at}: column {column:?} holds {value:?}, which is not a finite number; {}",
        numeric_advice(.value)
    )]
    NotNumeric { path: String, at: Position, column: String, value: String },
    /// A file of a known kind whose bytes are not what they should be.
    #[error("{path}: the {kind} is damaged or cut off ({reason}); get it again")]
    Damaged { path: String, kind: &'static str, reason: String },
    /// A small file that would take all the memory.
    #[error(
        "{path}: the {kind} unpacks to more than {most} MiB, more than a hundred times its size, as \
         no table does; if it is one, unpack it and give it as CSV"
    )]
    Bomb { path: String, kind: &'static str, most: u64 },
    /// A sheet is asked of what has none.
    #[error("{path}: has no sheet {sheet:?}: only a workbook has sheets")]
    NoSheets { path: String, sheet: String },
    /// A sheet that does not exist.
    #[error("{path}: has no sheet {sheet:?}; its sheets are {}", quoted_list(.sheets))]
    NoSuchSheet { path: String, sheet: String, sheets: Vec<String> },
    /// A sheet of cells that are scattered, not a table.
    #[error(
        "{path}: the sheet spans {} and {}, but only {} of it hold anything: delete what does not \
         belong to the table",
        counted(*.rows, "row"), counted(*.columns, "column"), counted(*.cells, "cell")
    )]
    Scattered { path: String, rows: usize, columns: usize, cells: usize },
    /// No column of a kind that can be read.
    #[error("{path}: no column holds numbers, text or times")]
    NoColumns { path: String },
    /// A database, or a query.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// polars refuses the columns.
    #[error("{path}: {reason}")]
    Frame { path: String, reason: String },
    /// A column that is asked for cannot be told.
    #[error("{path}: {source}")]
    Column { path: String, source: NameError },
}

fn quoted_list(names: &[String]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

fn in_latin_1(byte: u8) -> String {
    match byte {
        // Latin-1 and Windows-1252 agree from here on.
        0xa0.. => format!(", where it is {:?}", char::from(byte)),
        _ => String::new(),
    }
}

fn ragged_advice(cells: usize, header: usize, separator: Separator) -> String {
    if header == 1 {
        return ": is it a CSV? Delete any lines above the header".to_owned();
    }
    let found = format!(" (separated by {separator}s)");
    if cells < header {
        return format!("{found}; add the missing cells, or delete the row");
    }
    match separator {
        Separator::Comma => {
            format!("{found}; put cells that hold a comma in quotes, and write decimals as 3.14")
        }
        _ => format!("{found}; put cells that hold a {separator} in quotes"),
    }
}

fn numeric_advice(value: &str) -> &'static str {
    if has_decimal_comma(value) {
        "write decimals with a point (3.14) and thousands without a separator, or leave the column \
         out"
    } else {
        "correct or empty the cell, or leave the column out"
    }
}
