//! A table's file: what kind it is, told by its bytes, and its rows as they are written.

use std::fs;
use std::io;
use std::path::Path;

use super::csv_file::{RawTable, each_record, read_csv_bytes};
use super::error::DataError;
use super::file_kind::FileKind;
use super::parquet_file::read_parquet;
use super::table::{Table, cells};
use super::unpacking::gunzip;
use super::workbook::read_workbook;

/// A table's file in memory, unpacked: CSV, Parquet or a sheet of an Excel workbook.
#[derive(Debug, Clone)]
pub struct TableFile {
    name: String,
    bytes: Vec<u8>,
    sheet: Option<String>,
}

impl TableFile {
    /// Reads a file, and unpacks it where it is gzip. `book.xlsx#Pumps` names the sheet `Pumps` of a
    /// workbook, unless there is a file of just that name; without one it is the first sheet.
    ///
    /// # Errors
    /// [`DataError`] names the file and says why it cannot be read.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let (file, sheet) = split_sheet(path);
        let name = file.display().to_string();
        if file.is_dir() {
            return Err(DataError::IsDirectory { path: name });
        }
        let mut bytes = fs::read(&file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => DataError::NotFound { path: name.clone() },
            io::ErrorKind::PermissionDenied => DataError::NoPermission { path: name.clone() },
            _ => DataError::Unreadable { path: name.clone(), source },
        })?;
        if FileKind::from_signature(&bytes) == Some(FileKind::Gzip) {
            bytes = gunzip(&name, &bytes)?;
        }
        if let Some(sheet) = &sheet
            && FileKind::from_signature(&bytes) != Some(FileKind::Workbook)
        {
            return Err(DataError::NoSheets { path: name, sheet: sheet.clone() });
        }
        Ok(Self { name, bytes, sheet })
    }

    /// The table in the file. Its fingerprint is that of the unpacked bytes.
    ///
    /// # Errors
    /// [`DataError`] names the file, and the place in it where there is one.
    pub fn table(&self) -> Result<Table, DataError> {
        let (source, raw) = self.read()?;
        Table::new(source, raw)
    }

    /// The same, where there may be a header alone.
    pub(super) fn table_beside(&self) -> Result<Table, DataError> {
        let (source, raw) = self.read()?;
        Table::of_any_length(source, raw)
    }

    fn read(&self) -> Result<(String, RawTable), DataError> {
        let (name, bytes) = (self.name.as_str(), self.bytes.as_slice());
        Ok(match FileKind::from_signature(bytes) {
            Some(FileKind::Parquet) => (name.to_owned(), read_parquet(name, bytes)?),
            Some(FileKind::Workbook) => {
                let (sheet, raw) = read_workbook(name, bytes, self.sheet.as_deref())?;
                (format!("{name}#{sheet}"), raw)
            }
            _ => (name.to_owned(), read_csv_bytes(name, bytes)?),
        })
    }

    /// Calls `visit` with the names of the columns and then with every row of `table`, which must be
    /// this file's. Cells of CSV are as they are written there; a row has at most as many as there are
    /// names.
    ///
    /// # Errors
    /// What `visit` returned.
    pub fn each_row(
        &self,
        table: &Table,
        visit: &mut dyn FnMut(&mut dyn Iterator<Item = &str>) -> io::Result<()>,
    ) -> io::Result<()> {
        if FileKind::from_signature(&self.bytes).is_none() {
            return each_record(&self.name, &self.bytes, visit);
        }
        let columns = table.frame.columns();
        visit(&mut columns.iter().map(|column| column.name().as_str()))?;
        let mut columns: Vec<_> = columns.iter().map(cells).collect();
        for _ in 0..table.rows() {
            let row: Vec<_> = columns.iter_mut().map(|cells| cells.next().flatten()).collect();
            visit(&mut row.iter().map(|cell| cell.as_deref().unwrap_or_default()))?;
        }
        Ok(())
    }
}

/// The file and the sheet that a path names.
fn split_sheet(path: &Path) -> (std::path::PathBuf, Option<String>) {
    if let Some(text) = path.to_str().filter(|_| !path.exists()) {
        for (at, _) in text.match_indices('#') {
            let (file, sheet) = (Path::new(&text[..at]), &text[at + 1..]);
            if file.is_file() {
                return (file.to_owned(), Some(sheet.to_owned()));
            }
        }
    }
    (path.to_owned(), None)
}
