//! Tables out: CSV and Parquet.

use std::io;

use polars_io::prelude::ParquetWriter;

use super::table::{Table, cells};

impl Table {
    /// Writes the table as CSV: commas, numbers in the fewest digits, times as ISO 8601, missing cells
    /// empty. CSV knows no types: text that says a number is read back as one.
    ///
    /// # Errors
    /// What `out` returned.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
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

    /// Writes the table as Parquet, its columns of numbers, text and times.
    ///
    /// # Errors
    /// What `out` returned.
    pub fn write_parquet(&self, out: &mut (dyn io::Write + Send)) -> io::Result<()> {
        let written = ParquetWriter::new(out).finish(&mut self.frame.clone());
        written.map(|_| ()).map_err(io::Error::other)
    }
}
