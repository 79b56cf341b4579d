//! The rows of a CSV text, split by the `csv` crate, with lines counted as an editor does.
//!
//! A quoted cell may hold separators and line breaks, and a quote inside it is written twice
//! (RFC 4180). Any other quote is an ordinary character (`5" pipe`); text after a closing quote
//! belongs to the cell. LF, CR LF and CR each end a line.

use std::io::{Chain, Read};

use csv::{Reader, ReaderBuilder, StringRecord};

use super::error::DataError;
use super::separator::Separator;

/// Read after the text: a row that takes both breaks lies in a quote that is never closed.
const TAIL: &str = "\n\n";

/// One row of a CSV text.
pub(super) struct Row<'r> {
    /// The line it starts at, from 1.
    pub(super) line: u64,
    /// The row as written, with its line break.
    pub(super) raw: &'r str,
    /// The cells without their quotes; none on a blank line.
    pub(super) cells: &'r StringRecord,
}

impl Row<'_> {
    /// Whether no cell holds anything but spaces.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(is_blank)
    }

    /// Whether cells hold quotes that were not written twice, which is rare unless the row was
    /// split at the wrong character.
    pub(super) fn has_stray_quote(&self) -> bool {
        let quotes = |text: &str| text.matches('"').count();
        quotes(self.raw) < 2 * self.cells.iter().map(quotes).sum::<usize>()
    }
}

/// The rows of a CSV text, blank lines included.
pub(super) struct Records<'a> {
    path: &'a str,
    text: &'a str,
    reader: Reader<Chain<&'a [u8], &'a [u8]>>,
    cells: StringRecord,
    at: usize,
    /// The line at which the next row starts.
    pub(super) line: u64,
}

impl<'a> Records<'a> {
    /// Starts at line 1 of `text`; `path` is for messages.
    pub(super) fn new(path: &'a str, text: &'a str, separator: Separator) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(separator.byte())
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes().chain(TAIL.as_bytes()));
        Self { path, text, reader, cells: StringRecord::new(), at: 0, line: 1 }
    }

    /// The next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, DataError> {
        let line = self.line;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = match rest.as_bytes() {
            [] => return Ok(None),
            // The crate skips blank lines, but they count as rows here.
            [b'\n' | b'\r', ..] => {
                self.cells.clear();
                1
            }
            _ => self.read_cells(rest)?,
        };
        // The crate leaves the LF of a CR LF to its next row.
        let (row, next) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let is_pair = row.ends_with('\r') && next.starts_with('\n');
        let raw = rest.get(..length + usize::from(is_pair)).unwrap_or(rest);
        self.at += raw.len();
        self.line += line_breaks(raw);
        Ok(Some(Row { line, raw, cells: &self.cells }))
    }

    /// Reads the row at the start of `rest`; returns its length with the first byte of its break.
    fn read_cells(&mut self, rest: &str) -> Result<usize, DataError> {
        self.reader.read_record(&mut self.cells).map_err(|error| DataError::Unreadable {
            path: self.path.into(),
            source: error.into(),
        })?;
        let length = self.reader.position().byte() as usize - self.at;
        if length <= rest.len() + 1 {
            return Ok(length.min(rest.len()));
        }
        let last = self.cells.iter().next_back().and_then(|cell| cell.strip_suffix(TAIL));
        let below = line_breaks(last.unwrap_or_default());
        let line = self.line + line_breaks(rest) - below;
        Err(DataError::UnclosedQuote { path: self.path.into(), line })
    }
}

/// The cell without spaces at either end, and whether there were any.
pub(super) fn trim_cell(cell: &str) -> (&str, bool) {
    let trimmed = cell.trim();
    if trimmed.len() == cell.len() {
        return (cell, false);
    }
    // The crate keeps quotes that stand after a space: `a, "b"`.
    let unquoted = trimmed.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    (unquoted.filter(|text| !text.contains('"')).map_or(trimmed, str::trim), true)
}

/// Whether the cell holds nothing but spaces.
pub(super) fn is_blank(cell: &str) -> bool {
    trim_cell(cell).0.is_empty()
}

/// The number of lines that end within `text`.
pub(super) fn line_breaks(text: &str) -> u64 {
    let mut ends = text.matches('\n').count();
    if text.contains('\r') {
        ends += text.matches('\r').count() - text.matches("\r\n").count();
    }
    ends as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Result<Vec<(u64, Vec<String>)>, DataError> {
        let mut records = Records::new("pump.csv", text, Separator::Comma);
        let mut rows = Vec::new();
        while let Some(row) = records.next_row()? {
            rows.push((row.line, row.cells.iter().map(str::to_owned).collect()));
        }
        Ok(rows)
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_line_break_counts_as_one_line() {
        let rows = split("a,b\r\n1,2\r3,4\n\n5,6").unwrap();
        let wanted = [
            row(1, &["a", "b"]),
            row(2, &["1", "2"]),
            row(3, &["3", "4"]),
            row(4, &[]),
            row(5, &["5", "6"]),
        ];
        assert_eq!(rows, wanted);
    }

    #[test]
    fn a_quoted_cell_may_hold_line_breaks_which_still_count() {
        let rows = split("\"a\r\nx\"\"y\",\"b,c\"\n\"1\" ,2\"\n").unwrap();
        assert_eq!(rows, [row(1, &["a\r\nx\"y", "b,c"]), row(3, &["1 ", "2\""])]);
    }

    #[test]
    fn a_separator_at_the_end_leaves_an_empty_last_cell() {
        assert_eq!(split("1,").unwrap(), [row(1, &["1", ""])]);
    }

    #[test]
    fn an_unclosed_quote_names_the_line_it_opens_at() {
        for (text, opens_at) in
            [("a\n1\n\"2\n3\n", 3), ("a,b\r\r\n\"\n1\",\"2\r\n3\r", 4), ("\"", 1)]
        {
            let error = split(text).unwrap_err();
            assert!(
                matches!(error, DataError::UnclosedQuote { line, .. } if line == opens_at),
                "{error}"
            );
        }
    }

    #[test]
    fn text_after_a_closing_quote_belongs_to_the_cell() {
        assert_eq!(split("a,b\n1,\"2\"x").unwrap()[1], row(2, &["1", "2x"]));
    }

    #[test]
    fn quotes_after_a_space_are_removed_with_it() {
        assert_eq!(trim_cell(" \"a b\" "), ("a b", true));
        assert_eq!(trim_cell(" \"a\" or \"b\""), ("\"a\" or \"b\"", true));
        assert_eq!(trim_cell("\"a\""), ("\"a\"", false));
    }

    proptest! {
        #[test]
        fn rows_cover_the_text_and_know_their_lines(text in "[a,\" \n\ré]{0,40}") {
            let mut records = Records::new("pump.csv", &text, Separator::Comma);
            let mut before = String::new();
            while let Ok(Some(row)) = records.next_row() {
                prop_assert_eq!(row.line, line_breaks(&before) + 1);
                before.push_str(row.raw);
            }
            prop_assert!(before == text || records.next_row().is_err());
        }
    }
}
