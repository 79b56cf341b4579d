//! Tables out: CSV, also packed, and Parquet.

use std::io;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use polars_io::prelude::ParquetWriter;

use super::table::{Table, cells};

/// What a table is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// CSV in UTF-8.
    Csv,
    /// CSV packed by gzip.
    PackedCsv,
    /// Apache Parquet.
    Parquet,
}

impl TableFormat {
    /// The format that a file's name ends in: `.csv`, `.csv.gz`, `.parquet`; for `-` it is CSV.
    pub fn of(path: &Path) -> Option<Self> {
        let end = |path: &Path| {
            path.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase)
        };
        match end(path).as_deref() {
            None if path == Path::new("-") => Some(Self::Csv),
            Some("csv") => Some(Self::Csv),
            Some("gz") if end(&path.with_extension("")).as_deref() == Some("csv") => {
                Some(Self::PackedCsv)
            }
            Some("parquet") => Some(Self::Parquet),
            _ => None,
        }
    }
}

impl Table {
    /// Writes the table.
    ///
    /// # Errors
    /// What `out` returned.
    pub fn write(&self, format: TableFormat, out: &mut dyn io::Write) -> io::Result<()> {
        match format {
            TableFormat::Csv => self.write_csv(out),
            TableFormat::PackedCsv => {
                let mut packed = GzEncoder::new(out, Compression::default());
                self.write_csv(&mut packed)?;
                packed.finish().map(|_| ())
            }
            TableFormat::Parquet => {
                // The writer of polars works on several threads, which `out` may not.
                let mut bytes = Vec::new();
                let written = ParquetWriter::new(&mut bytes).finish(&mut self.frame.clone());
                written.map_err(io::Error::other)?;
                out.write_all(&bytes)
            }
        }
    }

    /// Writes CSV: commas, numbers in the fewest digits, times as ISO 8601, missing cells empty. CSV
    /// knows no types: text that says a number is read back as one.
    pub(super) fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        let columns = self.frame.columns();
        writer.write_record(columns.iter().map(|column| column.name().as_str()))?;
        let mut columns: Vec<_> = columns.iter().map(cells).collect();
        for _ in 0..self.rows() {
            for column in &mut columns {
                let cell = column.next().flatten();
                writer.write_field(cell.as_deref().unwrap_or_default())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_says_the_format() {
        let format = |name: &str| TableFormat::of(Path::new(name));
        assert_eq!(format("a.parquet"), Some(TableFormat::Parquet));
        assert_eq!(format("a.CSV"), Some(TableFormat::Csv));
        assert_eq!(format("a.csv.gz"), Some(TableFormat::PackedCsv));
        assert_eq!(format("-"), Some(TableFormat::Csv));
        for name in ["a", "a.xlsx", "a.gz", "csv"] {
            assert_eq!(format(name), None, "{name}");
        }
    }
}
