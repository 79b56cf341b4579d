//! From the cells of a worksheet to columns, by the rules of CSV: text that says a number is one, and
//! `NA` is missing. Dates are times, which CSV has not.

use std::borrow::Cow;

use csv::StringRecord;

use super::cells::{Cells, Place, Position, RawColumn, Reading, read_cell};
use super::column_builder::ColumnBuilder;
use super::csv_file::RawTable;
use super::error::DataError;
use super::header::{Header, data_in_header};
use super::repairs::Repair;
use super::row_tally::RowTally;
use super::typed_column::{Cell, TypedColumn};
use super::workbook::{Content, SheetCell};

/// A sheet may span this many cells however few hold anything.
const SPAN_OF_ANY: usize = 1_000_000;

/// A larger sheet's cells are at least one in so many of those it spans.
const SPAN_A_CELL: usize = 50;

/// The cells of a sheet, row by row, at least one.
pub(super) struct Worksheet<'a> {
    path: &'a str,
    cells: Vec<SheetCell>,
    first_column: u32,
    width: usize,
}

/// A column in the making.
enum Builder {
    Times(TypedColumn),
    Any(ColumnBuilder),
}

impl<'a> Worksheet<'a> {
    /// `cells` hold something each; `path` is for messages.
    pub(super) fn new(path: &'a str, mut cells: Vec<SheetCell>) -> Result<Self, DataError> {
        let place = |cell: &SheetCell| (cell.row, cell.column);
        if !cells.is_sorted_by_key(place) {
            cells.sort_by_key(place);
        }
        let columns = || cells.iter().map(|cell| cell.column);
        let (Some(first_column), Some(last)) = (columns().min(), columns().max()) else {
            return Err(DataError::Empty { path: path.to_owned() });
        };
        let width = (last - first_column) as usize + 1;
        let rows = cells.chunk_by(|one, next| one.row == next.row).count();
        let span = rows.saturating_mul(width);
        if span > SPAN_OF_ANY && span / SPAN_A_CELL > cells.len() {
            let (path, columns, cells) = (path.to_owned(), width, cells.len());
            return Err(DataError::Scattered { path, rows, columns, cells });
        }
        Ok(Self { path, cells, first_column, width })
    }

    /// The rows below the header, with empty cells.
    fn rows(&self) -> impl Iterator<Item = (u32, Vec<Option<&Content>>)> {
        self.cells.chunk_by(|one, next| one.row == next.row).map(|cells| {
            let mut row = vec![None; self.width];
            for cell in cells {
                if let Some(slot) = row.get_mut((cell.column - self.first_column) as usize) {
                    *slot = Some(&cell.content);
                }
            }
            (cells.first().map_or(0, |cell| cell.row), row)
        })
    }

    /// The table, which may have no row; the first row that holds anything names its columns.
    pub(super) fn read(self) -> Result<RawTable, DataError> {
        let mut rows = self.rows();
        let path = || self.path.to_owned();
        let Some((header_row, names)) = rows.next() else {
            return Err(DataError::Empty { path: path() });
        };
        let written: StringRecord = names.into_iter().map(text).collect();
        if let Some(first) = data_in_header(&written) {
            return Err(DataError::NoHeader { path: path(), line: line(header_row), first });
        }
        let header = Header::new(&written);
        let mut tally = RowTally::default();
        let mut numbers = Vec::new();
        let mut builders = self.builders(&header.names);
        let mut last = header_row;
        for (row, contents) in rows {
            (last + 1..row).for_each(|empty| tally.add_empty(line(empty)));
            last = row;
            let mut filled = 0;
            for (builder, content) in builders.iter_mut().zip(contents) {
                filled += usize::from(builder.push(content, line(row)));
            }
            tally.add_row(line(row), filled, self.width);
            numbers.push(row);
        }
        self.push_again(&mut builders);
        Ok(self.finish(builders, header, &tally, &numbers))
    }

    fn builders(&self, names: &[String]) -> Vec<Builder> {
        let (mut times, mut others) = (vec![false; self.width], vec![false; self.width]);
        for (_, row) in self.rows().skip(1) {
            for (column, content) in row.into_iter().enumerate() {
                match content {
                    Some(Content::Time(_)) => times[column] = true,
                    Some(content) => others[column] |= !is_missing(content),
                    None => {}
                }
            }
        }
        let columns = names.iter().zip(times.into_iter().zip(others));
        let builders = columns.map(|(name, (times, others))| {
            if times && !others {
                Builder::Times(TypedColumn::new(name.clone()))
            } else {
                Builder::Any(ColumnBuilder::new(0))
            }
        });
        builders.collect()
    }

    /// Gathers the labels of the columns whose text came after numbers.
    fn push_again(&self, builders: &mut [Builder]) {
        if !builders.iter().any(Builder::needs_second_pass) {
            return;
        }
        for (_, row) in self.rows().skip(1) {
            for (builder, content) in builders.iter_mut().zip(row) {
                if let Builder::Any(builder) = builder {
                    builder.push_again(&text(content));
                }
            }
        }
    }

    fn finish(
        &self,
        builders: Vec<Builder>,
        header: Header,
        tally: &RowTally,
        rows: &[u32],
    ) -> RawTable {
        let mut repairs = header.repairs;
        repairs.extend(tally.repairs(self.width));
        let mut columns = Vec::with_capacity(self.width);
        for ((builder, name), number) in builders.into_iter().zip(header.names).zip(0_u32..) {
            let cells = match builder {
                Builder::Times(column) => column.finish(),
                Builder::Any(column) => {
                    repairs.extend(column.repairs(&name));
                    column.finish()
                }
            };
            let cells = with_place(cells, self.first_column + number, rows);
            columns.push(RawColumn { name, cells });
        }
        self.leave_out_empty(&header.is_named, &mut columns, &mut repairs);
        RawTable { columns, rows: tally.rows(), repairs, sha256: String::new() }
    }

    /// Leaves out columns with neither a name nor a cell, which lie between those of the table.
    fn leave_out_empty(
        &self,
        is_named: &[bool],
        columns: &mut Vec<RawColumn>,
        repairs: &mut Vec<Repair>,
    ) {
        let mut held = vec![false; self.width];
        for cell in &self.cells {
            held[(cell.column - self.first_column) as usize] = true;
        }
        let mut index = 0;
        columns.retain(|_| {
            let (kept, number) = (held[index] || is_named[index], index + 1);
            index += 1;
            if !kept {
                let names = |repair: &Repair| {
                    matches!(repair, Repair::NamedColumn { number: named, .. } if *named == number)
                };
                repairs.retain(|repair| !names(repair));
                repairs.push(Repair::EmptyColumn { number });
            }
            kept
        });
    }
}

impl Builder {
    fn needs_second_pass(&self) -> bool {
        matches!(self, Self::Any(builder) if builder.needs_second_pass())
    }

    /// Adds the cell of the row at `line`; says whether the cell holds anything.
    fn push(&mut self, content: Option<&Content>, line: u64) -> bool {
        match (self, content) {
            (Self::Times(column), Some(Content::Time(time))) => {
                column.push(Cell::Time(*time));
                true
            }
            (Self::Times(column), _) => {
                column.push(Cell::Missing);
                false
            }
            (Self::Any(column), Some(content)) => column.push(&content.text(), line),
            (Self::Any(column), None) => column.push("", line),
        }
    }
}

fn text(content: Option<&Content>) -> Cow<'_, str> {
    content.map(Content::text).unwrap_or_default()
}

fn is_missing(content: &Content) -> bool {
    matches!(read_cell(content.text().trim()), Reading::Missing(_))
}

fn line(row: u32) -> u64 {
    u64::from(row) + 1
}

/// The same cells, the place that they name in the sheet's own terms.
fn with_place(mut cells: Cells, column: u32, rows: &[u32]) -> Cells {
    let (Cells::Text { first_text: place, .. }
    | Cells::Mixed { offender: place, .. }
    | Cells::Times { first: place, .. }) = &mut cells
    else {
        return cells;
    };
    let Place { at, .. } = place;
    let line = match at {
        Position::Line(line) => *line,
        Position::Row(number) => rows.get(*number as usize - 1).map_or(0, |row| line(*row)),
        Position::Cell(_) => return cells,
    };
    *at = Position::Cell(format!("{}{line}", letters(column)));
    cells
}

/// The letters of a column counted from 0: `A`, `Z`, `AA`.
fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn cell(row: u32, column: u32, content: Content) -> SheetCell {
        SheetCell { row, column, content }
    }

    fn text(text: &str) -> Content {
        Content::Text(text.to_owned())
    }

    #[test]
    fn columns_are_lettered_as_the_sheet_does() {
        let names = [0, 25, 26, 701, 702, 16_383].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn a_table_may_stand_anywhere_with_gaps() {
        let cells = vec![
            cell(4, 2, text("rpm")),
            cell(4, 4, text("kind")),
            cell(5, 2, Content::Number(1.5)),
            cell(7, 2, text("fast")),
            cell(7, 4, text("M")),
        ];
        let table = Worksheet::new("x.xlsx", cells).unwrap().read().unwrap();
        assert_eq!((table.names(), table.rows), (vec!["rpm".to_owned(), "kind".into()], 2));
        let refused = table.columns[0].numbers("x.xlsx").unwrap_err().to_string();
        assert!(refused.starts_with("x.xlsx: cell C8: column \"rpm\" holds \"fast\""), "{refused}");
        let repairs: Vec<String> = table.repairs.iter().map(ToString::to_string).collect();
        let wanted = [
            "left out 1 empty row (line 7)",
            "left out column 2, which has neither a name nor a cell",
        ];
        assert_eq!(repairs, wanted);
    }

    #[test]
    fn two_cells_at_opposite_corners_are_no_table() {
        let cells = (0..200).map(|at| cell(at, at * 80, Content::Number(1.0))).collect();
        let refused = Worksheet::new("x.xlsx", cells).err().map(|error| error.to_string());
        let refused = refused.unwrap();
        assert!(refused.contains("200 rows and 15,921 columns"), "{refused}");
    }
}
