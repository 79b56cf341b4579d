//! Tables in: opens a CSV file and says what it repaired, makes a polars frame of it, matches column
//! names, and splits the rows.

mod cells;
mod column_builder;
mod column_names;
mod csv_file;
mod decoding;
mod error;
mod file_kind;
mod header;
mod labels;
mod records;
mod repairs;
mod row_tally;
mod separator;
mod split;
mod table;
mod times;

pub use cells::{Cells, MISSING_MARKERS, Place, RawColumn, has_decimal_comma};
pub use column_names::{ColumnNames, NameError};
pub use csv_file::{RawTable, each_row, read_csv, read_csv_bytes};
pub use error::DataError;
pub use file_kind::FileKind;
pub use labels::{Labels, MISSING_CODE};
pub use repairs::Repair;
pub use separator::Separator;
pub use split::{FoldRows, RowKeys, SplitError, TrainRows, split, take};
pub use table::{Table, labels};
pub use times::{guess_format, read_time, show_time};
