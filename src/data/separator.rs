//! The character between cells, and how it is told from a file's first rows.

use std::fmt;

use super::records::{Records, is_blank};

/// How many rows that are not empty are looked at.
const SAMPLE_ROWS: usize = 100;

/// The character that separates the cells of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Separator {
    /// `,`
    Comma,
    /// The tab character.
    Tab,
    /// `;`
    Semicolon,
    /// `|`
    Pipe,
}

impl Separator {
    /// Every separator that is tried, in the order that settles a tie.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Tab, Self::Semicolon, Self::Pipe];

    /// The separator as it stands in a file.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Semicolon => b';',
            Self::Pipe => b'|',
        }
    }

    /// The separator that splits the first 100 rows of `text` most consistently, then into the
    /// most columns. Quoted cells are respected. A comma where nothing splits the header.
    pub(super) fn sniff(text: &str) -> Self {
        let mut best = (Self::Comma, 0.0, 1);
        for separator in Self::ALL {
            let (share, columns) = rate(text, separator);
            if columns > 1 && (share, columns) > (best.1, best.2) {
                best = (separator, share, columns);
            }
        }
        best.0
    }
}

/// Share of the sampled rows that fit the header, and the number of cells in the header.
fn rate(text: &str, separator: Separator) -> (f64, usize) {
    // An error ends the sample; it is met again, and named, when the rows are read.
    let mut records = Records::new("", text, separator);
    let (mut columns, mut rows, mut fitting) = (0, 0, 0);
    while rows < SAMPLE_ROWS {
        let Ok(Some(row)) = records.next_row() else {
            break;
        };
        if row.is_blank() {
            continue;
        }
        if rows == 0 {
            columns = row.cells.len();
        }
        rows += 1;
        let surplus_is_blank = row.cells.iter().skip(columns).all(is_blank);
        let is_split_well = surplus_is_blank && !row.has_stray_quote();
        fitting += usize::from(row.cells.len() >= columns && is_split_well);
    }
    (fitting as f64 / rows.max(1) as f64, columns)
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Tab => "tab",
            Self::Semicolon => "semicolon",
            Self::Pipe => "pipe",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_commas_do_not_hide_a_semicolon() {
        assert_eq!(Separator::sniff("a;b;c\n1,5;2,5;3,5\n1;2;3\n"), Separator::Semicolon);
    }

    #[test]
    fn separators_inside_quotes_do_not_count() {
        assert_eq!(Separator::sniff("\"a,b,c\"|d\n\"1,2,3\"|4\n"), Separator::Pipe);
        assert_eq!(Separator::sniff("a,\"b;c;d\"\n1,\"2;3;4\"\n"), Separator::Comma);
    }

    #[test]
    fn one_ragged_row_does_not_change_the_separator() {
        assert_eq!(Separator::sniff("a\tb\tc\n1\t2\t3\n1\t2\n4\t5\t6\n"), Separator::Tab);
    }

    #[test]
    fn a_single_column_falls_back_to_a_comma() {
        assert_eq!(Separator::sniff("torque\n1\n2\n"), Separator::Comma);
        assert_eq!(Separator::sniff(""), Separator::Comma);
    }
}
