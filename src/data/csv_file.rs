//! Reads CSV text into columns.
//!
//! The text is held in memory as a whole while it is read; the columns that stay take 8 bytes per
//! number and 4 per label.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::thread;

use sha2::{Digest, Sha256};

use super::cells::{Cells, RawColumn};
use super::column_builder::ColumnBuilder;
use super::decoding::decode;
use super::error::DataError;
use super::header::{Header, data_in_header};
use super::records::{Records, is_blank};
use super::repairs::Repair;
use super::row_tally::RowTally;
use super::separator::Separator;

/// Files below this are hashed before they are read, larger ones beside it.
const HASH_BESIDE_BYTES: usize = 1 << 20;

/// The most columns. A column takes some hundred bytes before its first row, so that a file of
/// nothing but separators would take hundreds of times its size.
const MOST_COLUMNS: usize = 100_000;

/// A table as columns, before it becomes a [`super::Table`].
#[derive(Debug, Clone)]
pub struct RawTable {
    /// The columns, in the order of the source, each with `rows` cells.
    pub columns: Vec<RawColumn>,
    /// The number of rows below the header that were kept.
    pub rows: usize,
    /// What was repaired or noticed, in the order of the source.
    pub repairs: Vec<Repair>,
    /// SHA-256 of the bytes that were read, in lower-case hex.
    pub sha256: String,
}

impl RawTable {
    /// The column names, in the order of the source.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }
}

/// Reads CSV text: UTF-8, one header row, cells separated by comma, tab, semicolon or pipe (found
/// from the first rows), lines ended by LF, CR LF or CR. `name_for_messages` stands for the file.
///
/// # Errors
///
/// [`DataError`], which names the file, the line where there is one, and what to change.
pub fn read_csv_bytes(name_for_messages: &str, bytes: &[u8]) -> Result<RawTable, DataError> {
    let (table, sha256) = thread::scope(|scope| {
        let hashing = (bytes.len() >= HASH_BESIDE_BYTES)
            .then(|| thread::Builder::new().spawn_scoped(scope, || sha256_hex(bytes)));
        let table = CsvText::open(name_for_messages, bytes).and_then(CsvText::read);
        let beside = hashing.and_then(Result::ok).and_then(|thread| thread.join().ok());
        (table, beside)
    });
    let mut table = table?;
    table.sha256 = sha256.unwrap_or_else(|| sha256_hex(bytes));
    Ok(table)
}

/// Calls `visit` with the header (repaired as in the table) and then with every row of the table,
/// cells as they are written. A row has at most as many cells as the header.
///
/// # Errors
///
/// What `visit` returned, or that the text cannot be read as a table.
pub(super) fn each_record(
    name_for_messages: &str,
    bytes: &[u8],
    visit: &mut dyn FnMut(&mut dyn Iterator<Item = &str>) -> io::Result<()>,
) -> io::Result<()> {
    let text = CsvText::open(name_for_messages, bytes).map_err(io::Error::other)?;
    let mut records = text.records();
    let mut tally = RowTally::default();
    let header = text.read_header(&mut records, &mut tally).map_err(io::Error::other)?;
    visit(&mut header.names.iter().map(String::as_str))?;
    while let Some(row) = records.next_row().map_err(io::Error::other)? {
        if !row.is_blank() {
            visit(&mut row.cells.iter().take(header.names.len()))?;
        }
    }
    Ok(())
}

/// The SHA-256 of `bytes` in lower-case hex.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A CSV file's text with what is known before its rows are read.
struct CsvText<'a> {
    path: &'a str,
    text: &'a str,
    separator: Separator,
    repairs: Vec<Repair>,
}

impl<'a> CsvText<'a> {
    fn open(path: &'a str, bytes: &'a [u8]) -> Result<Self, DataError> {
        let decoded = decode(path, bytes)?;
        let separator = Separator::sniff(decoded.text);
        let mut repairs = Vec::new();
        if decoded.had_mark {
            repairs.push(Repair::ByteOrderMark);
        }
        repairs.extend(unexpected_separator(path, separator));
        Ok(Self { path, text: decoded.text, separator, repairs })
    }

    fn read(mut self) -> Result<RawTable, DataError> {
        let mut tally = RowTally::default();
        let mut records = self.records();
        let header = self.read_header(&mut records, &mut tally)?;
        let mut builders = self.builders(header.names.len());
        let first_line = records.line;
        self.read_rows(records, &mut builders, &mut tally)?;
        self.read_labels(first_line, &mut builders)?;
        self.repairs.extend(header.repairs);
        self.repairs.extend(tally.repairs(builders.len()));
        let mut columns = Vec::with_capacity(builders.len());
        let named = header.names.into_iter().zip(header.is_named);
        for (index, (builder, (name, is_named))) in builders.into_iter().zip(named).enumerate() {
            if !is_named && builder.is_empty() {
                let number = index + 1;
                self.repairs.retain(|repair| !names_column(repair, number));
                self.repairs.push(Repair::EmptyColumn { number });
                continue;
            }
            self.repairs.extend(builder.repairs(&name));
            columns.push(RawColumn { name, cells: builder.finish() });
        }
        self.refuse_running_text(&columns)?;
        let (rows, repairs) = (tally.rows(), self.repairs);
        Ok(RawTable { columns, rows, repairs, sha256: String::new() })
    }

    fn records(&self) -> Records<'a> {
        Records::new(self.path, self.text, self.separator)
    }

    fn read_header(
        &self,
        records: &mut Records<'a>,
        tally: &mut RowTally,
    ) -> Result<Header, DataError> {
        while let Some(row) = records.next_row()? {
            if row.is_blank() {
                tally.add_empty(row.line);
            } else if row.cells.len() > MOST_COLUMNS {
                let (line, columns) = (row.line, row.cells.len());
                return Err(DataError::TooManyColumns { path: self.path(), line, columns });
            } else if let Some(first) = data_in_header(row.cells) {
                return Err(DataError::NoHeader { path: self.path(), line: row.line, first });
            } else {
                return Ok(Header::new(row.cells));
            }
        }
        Err(DataError::Empty { path: self.path() })
    }

    /// Builders with room for as many rows as there are lines, but never for more cells than the
    /// text has bytes.
    fn builders(&self, columns: usize) -> Vec<ColumnBuilder> {
        let lines = self.text.bytes().filter(|byte| *byte == b'\n').count();
        let expected_rows = lines.min(self.text.len() / columns.max(1));
        (0..columns).map(|_| ColumnBuilder::new(expected_rows)).collect()
    }

    fn read_rows(
        &self,
        mut records: Records<'a>,
        builders: &mut [ColumnBuilder],
        tally: &mut RowTally,
    ) -> Result<(), DataError> {
        let columns = builders.len();
        while let Some(row) = records.next_row()? {
            if row.is_blank() {
                tally.add_empty(row.line);
                continue;
            }
            let cells = row.cells.len();
            if cells != columns {
                if cells < columns || !row.cells.iter().skip(columns).all(is_blank) {
                    return Err(self.ragged(row.line, cells, columns));
                }
                tally.add_surplus(row.line);
            }
            let mut filled = 0;
            for (builder, cell) in builders.iter_mut().zip(row.cells) {
                filled += usize::from(builder.push(cell, row.line));
            }
            tally.add_row(row.line, filled, columns);
        }
        Ok(())
    }

    /// Gathers the labels of the columns whose text came after numbers, by a second pass over the
    /// rows, which start at `first_line`.
    fn read_labels(
        &self,
        first_line: u64,
        builders: &mut [ColumnBuilder],
    ) -> Result<(), DataError> {
        if !builders.iter().any(ColumnBuilder::needs_second_pass) {
            return Ok(());
        }
        let mut records = self.records();
        while let Some(row) = records.next_row()? {
            if row.line < first_line || row.is_blank() {
                continue;
            }
            for (builder, cell) in builders.iter_mut().zip(row.cells) {
                builder.push_again(cell);
            }
        }
        Ok(())
    }

    /// A single column is data if it holds numbers, or labels of one word.
    fn refuse_running_text(&self, columns: &[RawColumn]) -> Result<(), DataError> {
        if let [RawColumn { cells: Cells::Text { labels, first_text }, .. }] = columns
            && labels.categories.iter().any(|label| label.contains(char::is_whitespace))
        {
            let (at, value) = (first_text.at.clone(), first_text.value.clone());
            return Err(DataError::SingleTextColumn { path: self.path(), at, value });
        }
        Ok(())
    }

    fn ragged(&self, line: u64, cells: usize, header: usize) -> DataError {
        DataError::Ragged { path: self.path(), line, cells, header, separator: self.separator }
    }

    fn path(&self) -> String {
        self.path.to_owned()
    }
}

fn names_column(repair: &Repair, wanted: usize) -> bool {
    matches!(repair, Repair::NamedColumn { number, .. } if *number == wanted)
}

/// A note where a name promises another separator: `.csv` a comma, `.tsv` and `.tab` a tab.
fn unexpected_separator(path: &str, separator: Separator) -> Option<Repair> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    let promised = match extension.as_str() {
        "csv" => Separator::Comma,
        "tsv" | "tab" => Separator::Tab,
        _ => return None,
    };
    (separator != promised).then_some(Repair::Separator { separator, extension })
}
