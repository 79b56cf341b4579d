//! What the loader changed or noticed while reading a file, one line of text each.

use std::fmt;

use serde::{Serialize, Serializer};

use super::separator::Separator;
use crate::plural::{counted, grouped};

/// One thing that was repaired, left out or noticed. Displays, and serialises, as one line.
/// Lines of the file count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// The file began with a UTF-8 byte order mark.
    ByteOrderMark,
    /// The separator is not the one the file's name promises.
    Separator {
        /// The separator found.
        separator: Separator,
        /// The end of the file's name, without the dot.
        extension: String,
    },
    /// Spaces around column names were trimmed.
    TrimmedNames {
        /// The names after trimming.
        names: Vec<String>,
    },
    /// A column without a name got one.
    NamedColumn {
        /// The column's number, from 1.
        number: usize,
        /// The name it got.
        name: String,
    },
    /// A name that occurs again was changed.
    RenamedColumn {
        /// The name in the file.
        name: String,
        /// Which occurrence it is, from 2.
        occurrence: usize,
        /// The name it got.
        renamed: String,
    },
    /// Every column name is a whole number, as where a header is missing.
    NumericNames,
    /// A column with neither a name nor a cell was left out.
    EmptyColumn {
        /// The column's number in the file, from 1.
        number: usize,
    },
    /// Spaces around cells were trimmed.
    TrimmedCells {
        /// The column.
        column: String,
        /// How many cells.
        cells: usize,
    },
    /// Cells with a marker such as `NA` were taken for missing.
    MissingMarkers {
        /// The column.
        column: String,
        /// Each marker with its number of cells.
        markers: Vec<(&'static str, usize)>,
    },
    /// Cells that hold text of no letters were taken for missing.
    EmptyTexts {
        /// The column.
        column: String,
        /// How many cells.
        cells: usize,
    },
    /// The first of several sheets was taken, since none was named.
    FirstSheet {
        /// The sheet.
        sheet: String,
        /// The names of the others.
        others: Vec<String>,
    },
    /// Times with a zone were converted to UTC.
    ToUtc {
        /// The column.
        column: String,
    },
    /// A column of a kind that no feature can be made of was left out.
    UnreadColumn {
        /// The column.
        column: String,
        /// What it holds.
        kind: String,
    },
    /// Rows without any cell were left out.
    EmptyRows {
        /// How many rows.
        rows: usize,
        /// The line of the first.
        first_line: u64,
        /// The line of the last.
        last_line: u64,
    },
    /// Rows held empty cells beyond the last column.
    SurplusCells {
        /// How many rows.
        rows: usize,
        /// The line of the first.
        first_line: u64,
    },
    /// The last rows are mostly empty. They were kept, with missing cells.
    SparseTrailingRows {
        /// How many rows.
        rows: usize,
        /// The line of the first.
        first_line: u64,
        /// The line of the last.
        last_line: u64,
        /// How many of their cells hold something.
        filled: usize,
        /// How many cells they have.
        cells: usize,
    },
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByteOrderMark => f.write_str("removed a byte order mark"),
            Self::Separator { separator, extension } => {
                write!(f, "separator is a {separator} although the name ends in .{extension}")
            }
            Self::TrimmedNames { names } => write_trimmed_names(f, names),
            Self::NamedColumn { number, name } => {
                write!(f, "named column {number}, which has no name, {name:?}")
            }
            Self::RenamedColumn { name, occurrence, renamed } => {
                write!(f, "renamed the {} {name:?} to {renamed:?}", ordinal(*occurrence))
            }
            Self::NumericNames => f.write_str(
                "every column name is a whole number: check that the first line is a header",
            ),
            Self::EmptyColumn { number } => {
                write!(f, "left out column {number}, which has neither a name nor a cell")
            }
            Self::TrimmedCells { column, cells } => {
                write!(f, "trimmed spaces around {} of {column:?}", counted(*cells, "cell"))
            }
            Self::MissingMarkers { column, markers } => write_markers(f, column, markers),
            Self::EmptyTexts { column, cells } => {
                write!(f, "took {} of {column:?} for missing: ", counted(*cells, "cell"))?;
                f.write_str("empty text")
            }
            Self::FirstSheet { sheet, others } => {
                write!(f, "took the first sheet, {sheet:?}; there are also {}: ", some(others))?;
                f.write_str("name one as in book.xlsx#Sheet")
            }
            Self::ToUtc { column } => write!(f, "converted the times of {column:?} to UTC"),
            Self::UnreadColumn { column, kind } => {
                write!(f, "left out column {column:?}, which holds {kind}")
            }
            Self::EmptyRows { rows, first_line, last_line } => {
                let rows_text = counted(*rows, "empty row");
                write!(f, "left out {rows_text} ({})", lines(*rows, *first_line, *last_line))
            }
            Self::SurplusCells { rows, first_line } => {
                let rows = counted(*rows, "row");
                write!(f, "ignored empty cells beyond the last column in {rows}")?;
                write!(f, " (first at line {first_line})")
            }
            Self::SparseTrailingRows { rows, first_line, last_line, filled, cells } => {
                let place = lines(*rows, *first_line, *last_line);
                let rows = if *rows == 1 { "row holds" } else { "rows hold" };
                write!(f, "the last {rows} only {filled} of {cells} cells ({place}): kept, the ")?;
                f.write_str("others missing; delete them if they are leftovers of a spreadsheet")
            }
        }
    }
}

impl Serialize for Repair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn write_trimmed_names(f: &mut fmt::Formatter<'_>, names: &[String]) -> fmt::Result {
    let count = counted(names.len(), "column name");
    write!(f, "trimmed spaces around {count}: {}", some(names))
}

/// The first names in quotes, and whether there are more.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("{name:?}")).collect();
    let rest = if names.len() > SHOWN { ", …" } else { "" };
    shown.join(", ") + rest
}

fn write_markers(
    f: &mut fmt::Formatter<'_>,
    column: &str,
    markers: &[(&'static str, usize)],
) -> fmt::Result {
    let total = markers.iter().map(|(_, count)| count).sum();
    write!(f, "took {} of {column:?} for missing: ", counted(total, "cell"))?;
    let parts: Vec<String> =
        markers.iter().map(|(marker, count)| format!("{} {marker:?}", grouped(*count))).collect();
    f.write_str(&parts.join(", "))
}

fn lines(rows: usize, first: u64, last: u64) -> String {
    if rows == 1 {
        format!("line {first}")
    } else if last.saturating_sub(first) + 1 == rows as u64 {
        format!("lines {first} to {last}")
    } else {
        format!("the first at line {first}, the last at line {last}")
    }
}

fn ordinal(number: usize) -> String {
    let suffix = match (number % 10, number % 100) {
        _ if number == 2 => return "second".to_owned(),
        _ if number == 3 => return "third".to_owned(),
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    #[test]
    fn counts_are_grouped_and_agree_with_their_noun() {
        let trimmed = |cells| Repair::TrimmedCells { column: "Failure_Type".into(), cells };
        assert_eq!(
            trimmed(9_599).to_string(),
            "trimmed spaces around 9,599 cells of \"Failure_Type\""
        );
        assert_eq!(trimmed(1).to_string(), "trimmed spaces around 1 cell of \"Failure_Type\"");
    }

    #[test]
    fn a_run_of_rows_is_told_from_scattered_ones() {
        let empty = |rows, last_line| Repair::EmptyRows { rows, first_line: 10_002, last_line };
        assert_eq!(empty(12, 10_013).to_string(), "left out 12 empty rows (lines 10002 to 10013)");
        assert_eq!(empty(1, 10_002).to_string(), "left out 1 empty row (line 10002)");
        assert!(
            empty(3, 20_000)
                .to_string()
                .ends_with("(the first at line 10002, the last at line 20000)")
        );
    }

    #[test]
    fn occurrences_are_written_out() {
        let renamed =
            Repair::RenamedColumn { name: "y".into(), occurrence: 2, renamed: "y.1".into() };
        assert_eq!(renamed.to_string(), "renamed the second \"y\" to \"y.1\"");
        assert_eq!([3, 4, 11, 21, 22].map(ordinal), ["third", "4th", "11th", "21st", "22nd"]);
    }

    #[test]
    fn markers_are_listed_with_their_counts() {
        let repair = Repair::MissingMarkers {
            column: "torque".into(),
            markers: vec![("NA", 1_200), ("?", 1)],
        };
        assert_eq!(
            repair.to_string(),
            "took 1,201 cells of \"torque\" for missing: 1,200 \"NA\", 1 \"?\""
        );
    }

    #[test]
    fn a_repair_serialises_as_its_line() {
        let json = serde_json::to_string(&Repair::ByteOrderMark).unwrap();
        assert_eq!(json, "\"removed a byte order mark\"");
    }
}
