//! A table's columns as slices: the one place of the room that knows polars.

use std::borrow::Cow;
use std::collections::HashMap;

use polars::prelude::{ChunkedArray, Column as FrameColumn};
use serde::Serialize;

use crate::data::{MISSING_CODE, fitting_formats, read_time, show_time};

/// A time further from 1970 is taken for this one, a million years away: differences stay in range.
const FARTHEST: i64 = 1 << 55;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Numbers.
    Number,
    /// Labels, names.
    Text,
    /// Times, as such or in text that reads as times.
    Time,
}

/// The cells of a column, one a row.
#[derive(Debug)]
pub(super) enum Cells<'a> {
    /// NaN where missing.
    Numbers(Cow<'a, [f64]>),
    /// The distinct labels in the order of their first row, and each row's place among them,
    /// [`MISSING_CODE`] where missing.
    Text { codes: Vec<u32>, labels: Vec<&'a str> },
    /// Milliseconds since 1970-01-01.
    Times(Vec<Option<i64>>),
}

/// A column of the table.
#[derive(Debug)]
pub(super) struct Column<'a> {
    pub name: String,
    pub cells: Cells<'a>,
    /// The usual formats in which text reads as times, where they are several: it stays text.
    pub formats: Vec<&'static str>,
}

impl<'a> Column<'a> {
    /// The cells of a frame's column; text stays text.
    pub fn read(column: &'a FrameColumn) -> Self {
        let cells = if let Ok(numbers) = column.f64() {
            Cells::Numbers(match numbers.cont_slice() {
                Ok(values) => Cow::Borrowed(values),
                Err(_) => numbers.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect(),
            })
        } else if let Ok(times) = column.datetime() {
            let near = |time: i64| time.clamp(-FARTHEST, FARTHEST);
            Cells::Times(times.phys.iter().map(|time| time.map(near)).collect())
        } else {
            let mut places: HashMap<&str, u32> = HashMap::new();
            let (mut codes, mut labels) = (Vec::with_capacity(column.len()), Vec::new());
            for cell in column.str().into_iter().flat_map(ChunkedArray::iter) {
                codes.push(cell.map_or(MISSING_CODE, |label| {
                    *places.entry(label).or_insert_with(|| {
                        labels.push(label);
                        (labels.len() - 1) as u32
                    })
                }));
            }
            codes.resize(column.len(), MISSING_CODE);
            Cells::Text { codes, labels }
        };
        Self { name: column.name().to_string(), cells, formats: Vec::new() }
    }

    /// What the cells are.
    pub fn kind(&self) -> Kind {
        match self.cells {
            Cells::Numbers(_) => Kind::Number,
            Cells::Text { .. } => Kind::Text,
            Cells::Times(_) => Kind::Time,
        }
    }

    /// The numbers, NaN where missing, of a column of numbers.
    pub fn numbers(&self) -> Option<&[f64]> {
        match &self.cells {
            Cells::Numbers(values) => Some(values),
            _ => None,
        }
    }

    /// The times of a column of times.
    pub fn times(&self) -> Option<&[Option<i64>]> {
        match &self.cells {
            Cells::Times(times) => Some(times),
            _ => None,
        }
    }

    /// Makes times of text all of whose cells read as times: ISO 8601, or the only usual format that
    /// fits them all.
    pub fn find_times(&mut self) {
        let Cells::Text { labels, .. } = &self.cells else { return };
        if labels.is_empty() {
            return;
        }
        let iso = labels.iter().all(|label| read_time(label, None).is_some());
        let formats = if iso { Vec::new() } else { fitting_formats(&labels.iter().copied()) };
        match formats[..] {
            [] if iso => drop(self.make_times(None)),
            [] => {}
            [format] => drop(self.make_times(Some(format))),
            _ => self.formats = formats,
        }
    }

    /// Whether it is text all of which reads as times in a format of `strftime`.
    pub fn is_in(&self, format: &str) -> bool {
        let Cells::Text { labels, .. } = &self.cells else { return false };
        !labels.is_empty() && labels.iter().all(|label| read_time(label, Some(format)).is_some())
    }

    /// Makes times of text in a format of `strftime`, or ISO 8601. Numbers are not times.
    ///
    /// # Errors
    /// The first row, from 0, whose cell is not a time, and the cell.
    pub fn make_times(&mut self, format: Option<&str>) -> Result<(), (usize, String)> {
        let Cells::Text { codes, labels } = &self.cells else {
            return match &self.cells {
                Cells::Numbers(values) => match values.iter().position(|value| !value.is_nan()) {
                    Some(row) => Err((row, self.show(row).unwrap_or_default())),
                    None => Ok(()),
                },
                _ => Ok(()),
            };
        };
        let read: Vec<Option<i64>> = labels.iter().map(|label| read_time(label, format)).collect();
        if let Some(code) = read.iter().position(Option::is_none) {
            let row = codes.iter().position(|&other| other as usize == code).unwrap_or(0);
            return Err((row, labels[code].to_owned()));
        }
        let times = codes.iter().map(|&code| read.get(code as usize).copied().flatten());
        self.cells = Cells::Times(times.collect());
        Ok(())
    }

    /// A cell as it is shown; `None` if missing or beyond the last row.
    pub fn show(&self, row: usize) -> Option<String> {
        match &self.cells {
            Cells::Numbers(values) => {
                let value = values.get(row).filter(|value| !value.is_nan())?;
                Some((value + 0.0).to_string())
            }
            Cells::Text { codes, labels } => {
                labels.get(*codes.get(row)? as usize).map(|label| (*label).to_owned())
            }
            Cells::Times(times) => times.get(row).copied().flatten().map(show_time),
        }
    }

    /// Whether a cell is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.cells {
            Cells::Numbers(values) => values.get(row).is_none_or(|value| value.is_nan()),
            Cells::Text { codes, .. } => codes.get(row).is_none_or(|code| *code == MISSING_CODE),
            Cells::Times(times) => times.get(row).copied().flatten().is_none(),
        }
    }

    /// A number that is equal for equal cells, and for hardly any others; all missing cells are
    /// equal.
    pub fn fingerprint(&self, row: usize) -> u64 {
        const NONE: u64 = i64::MAX as u64;
        match &self.cells {
            Cells::Numbers(values) => values
                .get(row)
                .filter(|value| !value.is_nan())
                .map_or(NONE, |v| (v + 0.0).to_bits()),
            Cells::Text { codes, .. } => codes.get(row).map_or(NONE, |&code| u64::from(code)),
            Cells::Times(times) => times.get(row).copied().flatten().map_or(NONE, |t| t as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::data::Table;

    #[test]
    fn text_that_reads_as_times_becomes_times_and_other_text_does_not() {
        let table = Table::parse("t", b"a,b\n2024-01-01,x\n,2024-01-01\n").unwrap();
        let mut columns: Vec<Column> = table.frame.columns().iter().map(Column::read).collect();
        columns.iter_mut().for_each(Column::find_times);
        assert_eq!(columns[0].times(), Some(&[read_time("2024-01-01", None), None][..]));
        assert_eq!(columns[1].kind(), Kind::Text);
    }

    #[test]
    fn a_cell_that_is_no_time_is_named_by_its_row() {
        let table = Table::parse("t", b"a,n\n2024-01-01,\nsoon,4\n").unwrap();
        let mut column = Column::read(&table.frame.columns()[0]);
        assert_eq!(column.make_times(None), Err((1, "soon".to_owned())));
        let mut column = Column::read(&table.frame.columns()[1]);
        assert_eq!(column.make_times(None), Err((1, "4".to_owned())));
    }
}
