//! A table in memory: a polars frame, with what was repaired and where it came from.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray,
    StringChunked, StringChunkedBuilder, TimeUnit,
};

use super::{
    Cells, ColumnNames, DataError, Labels, Place, Position, RawTable, Repair, TableFile,
    has_decimal_comma, read_csv_bytes, show_time,
};

/// A loaded table. Columns are `Float64` where every cell is a number, `Datetime` in milliseconds
/// without a zone where the source says so, `String` otherwise; missing cells are nulls. CSV never
/// makes times: there they are text.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns, in the order of the source.
    pub frame: DataFrame,
    /// Where it came from, for messages and run.json.
    pub source: String,
    /// SHA-256 of the bytes that were read, unpacked; of a query's rows, of the CSV that they make.
    pub sha256: String,
    /// What was repaired.
    pub repairs: Vec<Repair>,
    names: ColumnNames,
    /// The first cell that is not a number, of columns that hold any.
    offenders: HashMap<String, Place>,
    /// Columns that are numbers but for some cells.
    mixed: HashSet<String>,
}

impl Table {
    /// Loads a file: CSV, Parquet or a sheet of an Excel workbook (`book.xlsx#Pumps`), each also
    /// packed by gzip. The kind is told by the bytes.
    ///
    /// # Errors
    /// [`DataError`] names the file, and the place in it where there is one.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        TableFile::open(path)?.table()
    }

    /// Loads a table that is looked into beside another: it may have no row, since a week without an
    /// event is a good one.
    ///
    /// # Errors
    /// As [`Table::load`].
    pub fn load_beside(path: &Path) -> Result<Self, DataError> {
        TableFile::open(path)?.table_beside()
    }

    /// Loads CSV text; `source` names it in messages.
    ///
    /// # Errors
    /// [`DataError`] names the source, and the line where there is one.
    pub fn parse(source: &str, bytes: &[u8]) -> Result<Self, DataError> {
        Self::new(source.to_owned(), read_csv_bytes(source, bytes)?)
    }

    /// The table of columns that were read from `source`.
    pub(super) fn new(source: String, raw: RawTable) -> Result<Self, DataError> {
        if raw.rows == 0 {
            return Err(DataError::NoRows { path: source, columns: raw.columns.len() });
        }
        Self::of_any_length(source, raw)
    }

    /// The same, where there may be no row.
    pub(super) fn of_any_length(source: String, raw: RawTable) -> Result<Self, DataError> {
        let names = ColumnNames::new(&raw.names());
        let (mut offenders, mut mixed) = (HashMap::new(), HashSet::new());
        let mut columns = Vec::with_capacity(raw.columns.len());
        for column in raw.columns {
            let name = column.name.as_str().into();
            columns.push(match column.cells {
                Cells::Numbers { values, missing: 0, .. } => {
                    Float64Chunked::from_vec(name, values).into_column()
                }
                Cells::Numbers { values, .. } => {
                    let values = values.into_iter().map(|value| (!value.is_nan()).then_some(value));
                    let values: Vec<Option<f64>> = values.collect();
                    Float64Chunked::from_slice_options(name, &values).into_column()
                }
                Cells::Text { labels, first_text } => {
                    offenders.insert(column.name.clone(), first_text);
                    text(name, &labels)
                }
                Cells::Mixed { labels, offender } => {
                    offenders.insert(column.name.clone(), offender);
                    mixed.insert(column.name);
                    text(name, &labels)
                }
                Cells::Times { values, first } => {
                    offenders.insert(column.name, first);
                    let times = Int64Chunked::from_slice_options(name, &values);
                    times.into_datetime(TimeUnit::Milliseconds, None).into_column()
                }
            });
        }
        let frame = DataFrame::new(raw.rows, columns).map_err(|error| DataError::Frame {
            path: source.clone(),
            reason: error.to_string(),
        })?;
        let (sha256, repairs) = (raw.sha256, raw.repairs);
        Ok(Self { frame, source, sha256, repairs, names, offenders, mixed })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// The column that `wanted` names, by the rule of [`ColumnNames`].
    ///
    /// # Errors
    /// [`DataError::Column`] where none or several match.
    pub fn column(&self, wanted: &str) -> Result<&Column, DataError> {
        let found = self.names.find(wanted);
        let index =
            found.map_err(|source| DataError::Column { path: self.source.clone(), source })?;
        Ok(&self.frame.columns()[index])
    }

    /// The numbers of a column, `Float64` with nulls.
    ///
    /// # Errors
    /// [`DataError::NotNumeric`] with place, column and value of the first cell that is not a number.
    pub fn numbers(&self, wanted: &str) -> Result<&Column, DataError> {
        let column = self.column(wanted)?;
        if column.dtype() == &DataType::Float64 {
            return Ok(column);
        }
        let place = self.offenders.get(column.name().as_str());
        Err(DataError::NotNumeric {
            path: self.source.clone(),
            at: place.map_or(Position::Row(1), |place| place.at.clone()),
            column: column.name().to_string(),
            value: place.map(|place| place.value.clone()).unwrap_or_default(),
        })
    }

    /// The same with a column in place of the one of its name.
    ///
    /// # Errors
    /// [`DataError::Frame`] where it has another length.
    pub fn with_column(mut self, column: Column) -> Result<Self, DataError> {
        match self.frame.with_column(column) {
            Ok(_) => Ok(self),
            Err(error) => Err(DataError::Frame { path: self.source, reason: error.to_string() }),
        }
    }

    /// Whether a text column seems to hold numbers such as `38,5`.
    pub fn has_decimal_commas(&self, column: &Column) -> bool {
        let place = self.offenders.get(column.name().as_str());
        place.is_some_and(|place| has_decimal_comma(&place.value))
    }

    /// Whether using a column as text would hide that it is numbers but for some cells.
    pub fn is_mixed(&self, column: &Column) -> bool {
        self.mixed.contains(column.name().as_str())
    }
}

/// The labels of any column: text as it is, numbers as they print (`40`, `0.5`), times as ISO 8601.
pub fn labels(column: &Column) -> Vec<Option<String>> {
    cells(column).map(|cell| cell.map(Cow::into_owned)).collect()
}

/// The cells of any column as text, `None` if missing.
pub(super) fn cells(column: &Column) -> Box<dyn Iterator<Item = Option<Cow<'_, str>>> + '_> {
    if let Ok(text) = column.str() {
        return Box::new(text.iter().map(|label| label.map(Cow::Borrowed)));
    }
    if let Ok(times) = column.datetime() {
        let show = |time: Option<i64>| time.map(|time| Cow::Owned(show_time(time)));
        return Box::new(times.physical().iter().map(show));
    }
    let show = |value: Option<f64>| value.map(|value| Cow::Owned(shortest(value)));
    match column.f64() {
        Ok(numbers) => Box::new(numbers.iter().map(show)),
        Err(_) => Box::new(std::iter::repeat_n(None, column.len())),
    }
}

/// A number in the fewest digits that read back as the same; 0 and -0 are one.
pub fn shortest(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) || !size.is_finite() {
        (value + 0.0).to_string()
    } else {
        format!("{value:e}")
    }
}

fn text(name: polars::prelude::PlSmallStr, labels: &Labels) -> Column {
    let mut builder = StringChunkedBuilder::new(name, labels.codes.len());
    for label in labels.iter() {
        builder.append_option(label);
    }
    let text: StringChunked = builder.finish();
    text.into_column()
}
