//! A table in memory: a polars frame, with what was repaired and where it came from.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, IntoColumn, NewChunkedArray, StringChunked,
    StringChunkedBuilder,
};

use super::{
    Cells, ColumnNames, DataError, Labels, Place, RawTable, Repair, has_decimal_comma, read_csv,
    read_csv_bytes,
};

/// A loaded table. Columns are `Float64` where every cell is a number, `String` otherwise; missing
/// cells are nulls.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns, in the order of the file.
    pub frame: DataFrame,
    /// Where it came from, for messages and run.json.
    pub source: String,
    /// SHA-256 of the bytes that were read.
    pub sha256: String,
    /// What was repaired.
    pub repairs: Vec<Repair>,
    names: ColumnNames,
    /// The first cell that is no number, of columns that hold any.
    offenders: HashMap<String, Place>,
    /// Columns that are numbers but for some cells.
    mixed: HashSet<String>,
}

impl Table {
    /// Loads a CSV file.
    ///
    /// # Errors
    /// [`DataError`] names the file, and the line where there is one.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        Self::new(path.display().to_string(), read_csv(path)?)
    }

    /// Loads CSV text; `source` names it in messages.
    ///
    /// # Errors
    /// As [`Table::load`].
    pub fn parse(source: &str, bytes: &[u8]) -> Result<Self, DataError> {
        Self::new(source.to_owned(), read_csv_bytes(source, bytes)?)
    }

    fn new(source: String, raw: RawTable) -> Result<Self, DataError> {
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
    /// [`DataError::NotNumeric`] with line, column and value of the first cell that is no number.
    pub fn numbers(&self, wanted: &str) -> Result<&Column, DataError> {
        let column = self.column(wanted)?;
        if column.dtype() == &DataType::Float64 {
            return Ok(column);
        }
        let place = self.offenders.get(column.name().as_str());
        Err(DataError::NotNumeric {
            path: self.source.clone(),
            line: place.map_or(0, |place| place.line),
            column: column.name().to_string(),
            value: place.map(|place| place.value.clone()).unwrap_or_default(),
        })
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

/// The labels of any column: text as it is, numbers as they print (`40`, `0.5`).
pub fn labels(column: &Column) -> Vec<Option<String>> {
    if let Ok(text) = column.str() {
        return text.iter().map(|label| label.map(str::to_owned)).collect();
    }
    // Adding zero makes one label of 0 and -0.
    let print = |value: Option<f64>| value.map(|value| (value + 0.0).to_string());
    column.f64().map(|numbers| numbers.iter().map(print).collect()).unwrap_or_default()
}

fn text(name: polars::prelude::PlSmallStr, labels: &Labels) -> Column {
    let mut builder = StringChunkedBuilder::new(name, labels.codes.len());
    for label in labels.iter() {
        builder.append_option(label);
    }
    let text: StringChunked = builder.finish();
    text.into_column()
}
