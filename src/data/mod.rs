//! Tables in: opens a file (CSV, Parquet, an Excel workbook, each also packed) or asks a database, says
//! what it repaired, makes a polars frame of it, matches column names, and splits the rows. Tables
//! out, as CSV and Parquet.

mod cells;
mod column_builder;
mod column_names;
mod csv_file;
mod database;
mod decoding;
mod error;
mod file_kind;
mod header;
mod labels;
mod parquet_file;
mod records;
mod repairs;
mod row_tally;
mod separator;
mod split;
mod table;
mod table_file;
mod times;
mod typed_column;
mod typed_table;
mod unpacking;
mod workbook;
mod worksheet;
mod written;

pub use cells::{Cells, MISSING_MARKERS, Place, Position, RawColumn, has_decimal_comma, is_number};
pub use column_names::{ColumnNames, NameError};
pub use csv_file::{RawTable, read_csv_bytes};
pub use database::DatabaseError;
pub use error::DataError;
pub use file_kind::FileKind;
pub use labels::{Labels, MISSING_CODE};
pub use repairs::Repair;
pub use separator::Separator;
pub use split::{FoldRows, RowKeys, SplitError, split, take};
pub use table::{Table, labels, shortest};
pub use table_file::TableFile;
pub use times::{fitting_formats, guess_format, has_four_digit_year, read_time, show_time};
pub use written::TableFormat;
