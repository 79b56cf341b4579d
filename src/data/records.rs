//! Splits CSV text into rows and cells without copying, counting lines as an editor does.
//!
//! Quotes follow RFC 4180: a quoted cell may hold separators and line breaks, and a quote inside
//! it is written twice. Spaces outside the quotes are allowed. A quote in the middle of an
//! unquoted cell (`5" pipe`) is an ordinary character. LF, CR LF and CR each end a line.

use std::borrow::Cow;

use super::separator::Separator;

/// One cell, borrowed from the text of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    raw: &'a str,
    has_doubled_quotes: bool,
}

impl<'a> Cell<'a> {
    /// The cell's text as written, without its outer quotes.
    pub(super) fn text(&self) -> Cow<'a, str> {
        if self.has_doubled_quotes {
            Cow::Owned(self.raw.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// The text without spaces at either end, and whether there were any.
    pub(super) fn trimmed(&self) -> (Cow<'a, str>, bool) {
        let bytes = self.raw.as_bytes();
        if bytes.first().is_some_and(u8::is_ascii_graphic)
            && bytes.last().is_some_and(u8::is_ascii_graphic)
        {
            return (self.text(), false);
        }
        let raw = self.raw.trim();
        let was_padded = raw.len() != self.raw.len();
        (Self { raw, ..*self }.text(), was_padded)
    }

    /// Whether a quote stands inside the cell though the cell is not quoted, which is rare unless
    /// the row was split at the wrong character.
    pub(super) fn has_stray_quote(&self) -> bool {
        !self.has_doubled_quotes && self.raw.contains('"')
    }

    /// Whether the cell holds nothing but spaces.
    pub(super) fn is_blank(&self) -> bool {
        self.raw.trim().is_empty()
    }
}

/// A row that cannot be split; lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowError {
    /// The file ends inside the quoted cell that starts at this line.
    UnclosedQuote { line: u64 },
    /// Text follows the closing quote of a cell; `cell` counts from 1.
    TextAfterQuote { line: u64, cell: usize },
}

#[derive(PartialEq, Eq)]
enum CellEnd {
    Separator,
    Row,
}

/// The rows of a CSV text, blank lines included (as rows of one blank cell).
#[derive(Clone)]
pub(super) struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    separator: u8,
}

impl<'a> Records<'a> {
    /// Starts at line 1 of `text`.
    pub(super) fn new(text: &'a str, separator: Separator) -> Self {
        Self { text, at: 0, line: 1, separator: separator.byte() }
    }

    /// Fills `cells` with the next row and returns the line it starts at; `None` at the end.
    pub(super) fn next_row(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<Option<u64>, RowError> {
        cells.clear();
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let line = self.line;
        loop {
            let (cell, end) = self.next_cell(cells.len() + 1)?;
            cells.push(cell);
            if end == CellEnd::Row {
                return Ok(Some(line));
            }
        }
    }

    fn next_cell(&mut self, number: usize) -> Result<(Cell<'a>, CellEnd), RowError> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        // Cells rarely start with a space, so the first byte settles it nearly always.
        if matches!(rest.first(), Some(b' ' | b'"')) {
            let padding = rest.iter().take_while(|byte| **byte == b' ').count();
            if rest.get(padding) == Some(&b'"') {
                return self.quoted_cell(start + padding + 1, number);
            }
        }
        let separator = self.separator;
        let is_end = |byte: &u8| *byte == separator || *byte == b'\n' || *byte == b'\r';
        let end = start + rest.iter().position(is_end).unwrap_or(rest.len());
        Ok((self.cell(start, end, false), self.step_over(end)))
    }

    /// Reads a quoted cell whose text starts at `start`, just after the opening quote.
    fn quoted_cell(
        &mut self,
        start: usize,
        number: usize,
    ) -> Result<(Cell<'a>, CellEnd), RowError> {
        let bytes = self.text.as_bytes();
        let opening_line = self.line;
        let (mut at, mut has_doubled_quotes) = (start, false);
        loop {
            match bytes.get(at) {
                None => return Err(RowError::UnclosedQuote { line: opening_line }),
                Some(b'"') if bytes.get(at + 1) == Some(&b'"') => {
                    has_doubled_quotes = true;
                    at += 1;
                }
                Some(b'"') => break,
                Some(b'\n') => self.line += 1,
                Some(b'\r') if bytes.get(at + 1) != Some(&b'\n') => self.line += 1,
                Some(_) => {}
            }
            at += 1;
        }
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let end = at + 1 + rest.iter().take_while(|byte| **byte == b' ').count();
        match bytes.get(end) {
            Some(byte) if *byte != self.separator && !matches!(byte, b'\n' | b'\r') => {
                Err(RowError::TextAfterQuote { line: self.line, cell: number })
            }
            _ => Ok((self.cell(start, at, has_doubled_quotes), self.step_over(end))),
        }
    }

    /// Cell boundaries always lie beside an ASCII byte or the end, hence on characters.
    fn cell(&self, start: usize, end: usize, has_doubled_quotes: bool) -> Cell<'a> {
        Cell { raw: self.text.get(start..end).unwrap_or_default(), has_doubled_quotes }
    }

    /// Moves past the separator or line break at `end`.
    fn step_over(&mut self, end: usize) -> CellEnd {
        let bytes = self.text.as_bytes();
        let is_crlf = || bytes.get(end + 1) == Some(&b'\n');
        match bytes.get(end) {
            Some(b'\r') if is_crlf() => self.at = end + 2,
            Some(_) => self.at = end + 1,
            None => {
                self.at = end;
                return CellEnd::Row;
            }
        }
        if bytes.get(end) == Some(&self.separator) {
            return CellEnd::Separator;
        }
        self.line += 1;
        CellEnd::Row
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Result<Vec<(u64, Vec<String>)>, RowError> {
        let mut records = Records::new(text, Separator::Comma);
        let (mut cells, mut rows) = (Vec::new(), Vec::new());
        while let Some(line) = records.next_row(&mut cells)? {
            rows.push((line, cells.iter().map(|cell| cell.text().into_owned()).collect()));
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
            row(4, &[""]),
            row(5, &["5", "6"]),
        ];
        assert_eq!(rows, wanted);
    }

    #[test]
    fn a_quoted_cell_may_hold_line_breaks_which_still_count() {
        let rows = split("\"a\r\nx\"\"y\",\"b,c\"\n \"1\" ,2\"\n").unwrap();
        assert_eq!(rows, [row(1, &["a\r\nx\"y", "b,c"]), row(3, &["1", "2\""])]);
    }

    #[test]
    fn a_separator_at_the_end_leaves_an_empty_last_cell() {
        assert_eq!(split("1,").unwrap(), [row(1, &["1", ""])]);
    }

    #[test]
    fn an_unclosed_quote_names_the_line_it_opens_at() {
        assert_eq!(split("a\n1\n\"2\n3\n"), Err(RowError::UnclosedQuote { line: 3 }));
    }

    #[test]
    fn text_after_a_closing_quote_is_refused() {
        assert_eq!(split("a,b\n1,\"2\"x"), Err(RowError::TextAfterQuote { line: 2, cell: 2 }));
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-z0-9\",\n ;é]{0,6}", 2..5), 1..8),
            crlf in any::<bool>(),
        ) {
            let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new()
                .terminator(end)
                .flexible(true)
                .quote_style(csv::QuoteStyle::Always)
                .from_writer(Vec::new());
            for cells in &rows {
                writer.write_record(cells).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<_> = split(&text).unwrap().into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn any_text_is_split_or_refused(text in any::<String>()) {
            let _ = split(&text);
        }
    }
}
