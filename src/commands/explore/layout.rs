//! Text in columns that fits the terminal.

/// Cells longer than this are cut, in characters.
const LONGEST_CELL: usize = 28;

/// Spaces between columns.
const GAP: usize = 2;

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A table: a header and rows of cells, all of one length.
#[derive(Debug)]
pub(super) struct Grid {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
    longest: usize,
}

impl Grid {
    /// A grid with its header; the first column stands left, the others right.
    pub fn new<T: AsRef<str>>(header: impl IntoIterator<Item = T>) -> Self {
        let longest = LONGEST_CELL;
        let header = header.into_iter().map(|name| cut(name.as_ref(), longest));
        let header: Vec<String> = header.collect();
        let side = |place| if place == 0 { Side::Left } else { Side::Right };
        Self { sides: (0..header.len()).map(side).collect(), rows: vec![header], longest }
    }

    /// Has one column stand left.
    pub fn left(mut self, place: usize) -> Self {
        if let Some(side) = self.sides.get_mut(place) {
            *side = Side::Left;
        }
        self
    }

    /// Has cells be longer than usual.
    pub fn longest(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().map(|cell| cut(&cell, self.longest)).collect());
    }

    /// The lines, no wider than `width` characters: as pandas does it, columns in the middle give way
    /// to one of dots.
    pub fn lines(&self, width: usize) -> Vec<String> {
        let longest = |place: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(place));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.sides.len()).map(longest).collect();
        let (front, back) = fitting(&widths, width);
        let cut = front + back < widths.len();
        let line = |row: &Vec<String>| {
            let mut line = String::new();
            let cell = |place: usize| {
                let (cell, width) = (row.get(place).map_or("", String::as_str), widths[place]);
                let space = " ".repeat(width.saturating_sub(cell.chars().count()));
                match self.sides[place] {
                    Side::Left => format!("{cell}{space}"),
                    Side::Right => format!("{space}{cell}"),
                }
            };
            let dots = cut.then(|| "…".to_owned());
            let cells = (0..front).map(cell).chain(dots);
            let cells = cells.chain((widths.len() - back..widths.len()).map(cell));
            for cell in cells {
                if !line.is_empty() {
                    line.push_str(&" ".repeat(GAP));
                }
                line.push_str(&cell);
            }
            line.trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

/// How many columns of these widths are shown before and after the dots.
fn fitting(widths: &[usize], room: usize) -> (usize, usize) {
    if widths.iter().map(|width| width + GAP).sum::<usize>() <= room + GAP {
        return (widths.len(), 0);
    }
    // The first column names the row, and is always there.
    let (mut front, mut back) = (1, 0);
    let mut left = room.saturating_sub(widths.first().unwrap_or(&0) + GAP + 1);
    loop {
        let forward = front <= back;
        let next = if forward { front } else { widths.len() - 1 - back };
        let Some(rest) = left.checked_sub(widths.get(next).map_or(usize::MAX, |w| w + GAP)) else {
            return (front, back);
        };
        left = rest;
        if forward { front += 1 } else { back += 1 }
    }
}

/// A name on one line: cut, with control characters spelled out.
pub(super) fn shown(text: &str) -> String {
    cut(text, LONGEST_CELL)
}

/// The middle gives way, since names often differ at their ends.
fn cut(text: &str, longest: usize) -> String {
    let mut plain: Vec<char> = Vec::new();
    for letter in text.chars() {
        if letter.is_control() {
            plain.extend(letter.escape_default());
        } else {
            plain.push(letter);
        }
    }
    if plain.len() <= longest {
        return plain.into_iter().collect();
    }
    let back = longest / 2;
    let (front, rest) = plain.split_at(longest - back);
    front.iter().chain(&['…']).chain(&rest[rest.len() - back..]).collect()
}

/// A number in six digits: `0.5`, `1538.78`, `1.2e-7`.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e9).contains(&size) {
        let text = format!("{value:.5e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'));
    }
    let decimals = (5.0 - size.log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// A number that may be missing.
pub(super) fn maybe(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_cut_in_the_middle() {
        let mut grid = Grid::new(["name", "first", "second", "third", "fourth"]);
        grid.push(["a", "1", "22", "333", "4"].map(str::to_owned));
        assert_eq!(grid.lines(80)[1], "a         1      22    333       4");
        assert_eq!(grid.lines(24), ["name  first  …  fourth", "a         1  …       4"]);
        assert_eq!(grid.lines(3), ["name  …", "a     …"]);
    }

    #[test]
    fn cells_stay_on_their_line() {
        assert_eq!(shown("a\nb\u{1b}"), "a\\nb\\u{1b}");
        assert_eq!(shown(&"é".repeat(100)).chars().count(), LONGEST_CELL + 1);
        assert_eq!(cut("sensor 17 [unit]", 8), "sens…nit]");
    }

    #[test]
    fn numbers_have_six_digits() {
        let texts = [0.0, 1538.7761, 0.000_123_456_78, -300.0, 1e12, 123_456_789.0, 2.5e-9, 0.1];
        let texts = texts.map(number);
        assert_eq!(
            texts,
            ["0", "1538.78", "0.000123457", "-300", "1e12", "123456789", "2.5e-9", "0.1"]
        );
    }
}
