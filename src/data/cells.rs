//! What a cell says (a number, nothing, text), and what a column of cells comes to.

use std::fmt;

use super::error::DataError;
use super::labels::Labels;

/// Spellings of a missing cell, besides the empty cell.
///
/// `NaN`, `-NaN`, `null` and `N/A` count in any case; the others as they stand here, since
/// `none` and `na` occur as class labels.
pub const MISSING_MARKERS: [&str; 10] =
    ["NaN", "-NaN", "null", "N/A", "NA", "#N/A", "<NA>", "None", "?", "-"];

/// How many of [`MISSING_MARKERS`], from the front, ignore case.
const MARKERS_IN_ANY_CASE: usize = 4;

/// The longest piece of a cell that is quoted in a message, in characters.
const QUOTED_CHARS: usize = 60;

/// What one cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// Nothing: empty (`None`) or a marker, as an index into [`MISSING_MARKERS`].
    Missing(Option<usize>),
    /// A finite number.
    Number(f64),
    /// An infinity, written out or by overflow.
    NotFinite,
    /// Anything else.
    Text,
}

/// Reads one trimmed cell. Numbers have a decimal point and may have a sign and an exponent:
/// `40`, `40.0`, `4E1`, `+3`, `.5`.
pub(super) fn read_cell(cell: &str) -> Reading {
    let Some(first) = cell.as_bytes().first() else {
        return Reading::Missing(None);
    };
    if matches!(first, b'0'..=b'9' | b'+' | b'-' | b'.')
        && let Ok(value) = fast_float2::parse::<f64, _>(cell)
        && !value.is_nan()
    {
        return if value.is_finite() { Reading::Number(value) } else { Reading::NotFinite };
    }
    if let Some(marker) = missing_marker(cell) {
        return Reading::Missing(Some(marker));
    }
    if is_infinity(cell) { Reading::NotFinite } else { Reading::Text }
}

/// Whether a cell of text says a finite number.
pub fn is_number(cell: &str) -> bool {
    matches!(read_cell(cell.trim()), Reading::Number(_))
}

fn missing_marker(cell: &str) -> Option<usize> {
    const LONGEST: usize = 4;
    if cell.len() > LONGEST {
        return None;
    }
    MISSING_MARKERS.iter().enumerate().position(|(index, marker)| {
        cell == *marker || (index < MARKERS_IN_ANY_CASE && cell.eq_ignore_ascii_case(marker))
    })
}

fn is_infinity(cell: &str) -> bool {
    let word = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("infinity")
}

/// Whether `value` is a number but for one comma between digits (`3,14`, `1,234`): a decimal
/// comma or a thousands separator, which of the two cannot be told.
pub fn has_decimal_comma(value: &str) -> bool {
    let Some((whole, fraction)) = value.trim().split_once(',') else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole.strip_prefix(['+', '-']).unwrap_or(whole)) && digits(fraction)
}

/// Where a cell stands, in the terms of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// The line of a text file at which the cell's row starts, from 1; the header is line 1.
    Line(u64),
    /// The name of a worksheet's cell, such as `B7`.
    Cell(String),
    /// The row of a typed table, from 1 below the names of the columns.
    Row(u64),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Cell(name) => write!(f, "cell {name}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// A cell worth naming in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it stands.
    pub at: Position,
    /// The cell's trimmed text, cut after 60 characters.
    pub value: String,
}

impl Place {
    pub(super) fn new(at: Position, value: &str) -> Self {
        let mut kept: String = value.chars().take(QUOTED_CHARS).collect();
        if kept.len() < value.len() {
            kept.push('…');
        }
        Self { at, value: kept }
    }
}

/// The cells of one column, one per row.
///
/// Missing cells (empty, or one of [`MISSING_MARKERS`]) do not count towards the kind. Where all
/// others are finite numbers the column is `Numbers`; so is a column without any cell. Where
/// numbers, infinities counted among them, stand beside text, the column is `Mixed` if they are at
/// least half, else `Text`. An infinity among numbers also makes it `Mixed`.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Finite numbers and missing cells only.
    Numbers {
        /// One value per row, NaN where missing.
        values: Vec<f64>,
        /// The number of missing cells.
        missing: usize,
    },
    /// Labels, dates, names.
    Text {
        /// The cells as written, trimmed.
        labels: Labels,
        /// The first cell that is not a number.
        first_text: Place,
    },
    /// A numeric column that holds text or an infinity; an error only where it is used as numbers.
    Mixed {
        /// The cells as written, trimmed.
        labels: Labels,
        /// The first cell that is no finite number.
        offender: Place,
    },
    /// Times and missing cells only; never of a text file, where times are text.
    Times {
        /// Milliseconds since 1970-01-01 00:00 per row, `None` if missing.
        values: Vec<Option<i64>>,
        /// The first time.
        first: Place,
    },
}

/// One column of a table that is being read.
#[derive(Debug, Clone, PartialEq)]
pub struct RawColumn {
    /// The name, trimmed, unique within the table.
    pub name: String,
    /// The cells.
    pub cells: Cells,
}

impl RawColumn {
    /// The column's values, one per row, NaN where missing. `path` is for the message.
    ///
    /// # Errors
    ///
    /// [`DataError::NotNumeric`] with place, column and value where a cell is no finite number.
    pub fn numbers(&self, path: &str) -> Result<&[f64], DataError> {
        match &self.cells {
            Cells::Numbers { values, .. } => Ok(values),
            Cells::Text { first_text: place, .. }
            | Cells::Mixed { offender: place, .. }
            | Cells::Times { first: place, .. } => Err(DataError::NotNumeric {
                path: path.to_owned(),
                at: place.at.clone(),
                column: self.name.clone(),
                value: place.value.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_usual_spelling() {
        for (cell, value) in
            [("40", 40.0), ("40.0", 40.0), ("4E1", 40.0), ("+3", 3.0), (".5", 0.5), ("-1.", -1.0)]
        {
            assert_eq!(read_cell(cell), Reading::Number(value), "{cell}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for cell in ["1,234", "3,14", "1_000", "0x1F", "1e", "+-3", "--1", "+", ".", "12:30", "5%"]
        {
            assert_eq!(read_cell(cell), Reading::Text, "{cell}");
        }
    }

    #[test]
    fn every_marker_and_the_empty_cell_are_missing() {
        assert_eq!(read_cell(""), Reading::Missing(None));
        for (index, marker) in MISSING_MARKERS.iter().enumerate() {
            assert_eq!(read_cell(marker), Reading::Missing(Some(index)), "{marker}");
        }
        for marker in ["nan", "NAN", "-nan", "NULL", "Null", "n/a"] {
            assert!(matches!(read_cell(marker), Reading::Missing(Some(_))), "{marker}");
        }
        for label in ["none", "na", "nothing", "Nano", "--"] {
            assert_eq!(read_cell(label), Reading::Text, "{label}");
        }
    }

    #[test]
    fn infinities_are_not_numbers() {
        for cell in ["inf", "-inf", "+Inf", "Infinity", "-INFINITY", "1e999"] {
            assert_eq!(read_cell(cell), Reading::NotFinite, "{cell}");
        }
    }

    #[test]
    fn a_decimal_comma_is_recognised_between_digits_only() {
        assert!(has_decimal_comma("3,14") && has_decimal_comma(" -1,234 "));
        assert!(
            !has_decimal_comma("3.14") && !has_decimal_comma(",5") && !has_decimal_comma("a,b")
        );
    }

    #[test]
    fn a_long_cell_is_cut_in_messages() {
        let place = Place::new(Position::Line(2), &"é".repeat(500));
        assert_eq!(place.value.chars().count(), QUOTED_CHARS + 1);
    }
}
