//! Counts rows that need a word to the user: empty, over-long, and sparse ones at the end.

use super::repairs::Repair;

/// A trailing run is worth a note only if sparse rows before it are rarer than one in this many.
const RARE: usize = 100;

/// A number of rows and the lines of the first and last.
#[derive(Debug, Default, Clone, Copy)]
struct Run {
    rows: usize,
    first_line: u64,
    last_line: u64,
}

impl Run {
    fn add(&mut self, line: u64) {
        if self.rows == 0 {
            self.first_line = line;
        }
        self.rows += 1;
        self.last_line = line;
    }
}

/// Row counts of one file.
#[derive(Debug, Default)]
pub(super) struct RowTally {
    rows: usize,
    empty: Run,
    surplus: Run,
    sparse_rows: usize,
    trailing: Run,
    trailing_filled: usize,
}

impl RowTally {
    /// Counts a row without any cell.
    pub(super) fn add_empty(&mut self, line: u64) {
        self.empty.add(line);
    }

    /// Counts a row with empty cells beyond the last column.
    pub(super) fn add_surplus(&mut self, line: u64) {
        self.surplus.add(line);
    }

    /// Counts a row that was kept, `filled` of whose `columns` cells hold something.
    pub(super) fn add_row(&mut self, line: u64, filled: usize, columns: usize) {
        self.rows += 1;
        if filled * 2 < columns {
            self.sparse_rows += 1;
            self.trailing.add(line);
            self.trailing_filled += filled;
        } else if self.trailing.rows > 0 {
            self.trailing = Run::default();
            self.trailing_filled = 0;
        }
    }

    /// The number of rows that were kept.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// What to tell the user about the rows of a file with `columns` columns.
    pub(super) fn repairs(&self, columns: usize) -> Vec<Repair> {
        let mut repairs = Vec::new();
        let Run { rows, first_line, last_line } = self.empty;
        if rows > 0 {
            repairs.push(Repair::EmptyRows { rows, first_line, last_line });
        }
        let Run { rows, first_line, .. } = self.surplus;
        if rows > 0 {
            repairs.push(Repair::SurplusCells { rows, first_line });
        }
        let Run { rows, first_line, last_line } = self.trailing;
        let rows_before = self.rows - rows;
        let sparse_before = self.sparse_rows - rows;
        let stands_out = rows_before > rows && sparse_before * RARE <= rows_before;
        if rows > 0 && stands_out {
            let (filled, cells) = (self.trailing_filled, rows * columns);
            repairs.push(Repair::SparseTrailingRows { rows, first_line, last_line, filled, cells });
        }
        repairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_rows_at_the_end_of_a_full_table_are_noted() {
        let mut tally = RowTally::default();
        (2..12).for_each(|line| tally.add_row(line, 4, 4));
        tally.add_row(12, 1, 4);
        tally.add_row(13, 0, 4);
        let wanted = Repair::SparseTrailingRows {
            rows: 2,
            first_line: 12,
            last_line: 13,
            filled: 1,
            cells: 8,
        };
        assert_eq!(tally.repairs(4), [wanted]);
        assert_eq!(tally.rows(), 12);
    }

    #[test]
    fn a_table_that_is_sparse_all_over_is_not_noted() {
        let mut tally = RowTally::default();
        (2..100).for_each(|line| tally.add_row(line, usize::from(line % 2 == 0) * 4, 4));
        assert_eq!(tally.repairs(4), []);
    }
}
