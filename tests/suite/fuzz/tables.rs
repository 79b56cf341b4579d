//! Breaks CSV where its cells, rows and columns are.

use super::mutate::Dice;

const CELLS: [&str; 30] = [
    "",
    " ",
    "NA",
    "nan",
    "None",
    "?",
    "-",
    "inf",
    "-Infinity",
    "1e999",
    "3,14",
    "1.234,5",
    "\"1,234\"",
    "0x1F",
    "1_000",
    "12:30",
    "2020-01-01",
    "5%",
    "true",
    "\"\"",
    "\"\"\"\"",
    "\"a\nb\"",
    "a\"b",
    "\"a\" b",
    " \"a\" ",
    "\u{feff}",
    "\u{a0}1",
    "١٢",
    "−5",
    "=1+1",
];

const BREAKS: [&[u8]; 14] = [
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\r",
    b",",
    b";",
    b"\t",
    b"|",
    b"\"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
    b"\xb0",
    b"\n\n\n",
];

/// Breaks one place of a table.
pub fn mutate(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    if dice.one_in(6) {
        let at = dice.below(bytes.len() + 1);
        let piece = dice.pick(&BREAKS).repeat(dice.count());
        return [&bytes[..at], &piece, &bytes[at..]].concat();
    }
    let mut rows: Vec<Vec<Vec<u8>>> = split(bytes);
    let at = dice.below(rows.len());
    match dice.below(14) {
        0 => drop(rows.remove(at)),
        1 => rows.insert(at, Vec::new()),
        2 => {
            let (row, room) = (rows[at].clone(), 1 + (1 << 18) / (rows[at].concat().len() + 1));
            rows.splice(at..at, vec![row; dice.count().min(room)]);
        }
        3 => rows.truncate(1 + dice.below(3)),
        4 => {
            let others = split(other);
            rows[at].clone_from(dice.pick(&others));
        }
        5 => {
            let to = dice.below(rows.len());
            rows.swap(at, to);
        }
        6 | 7 => column(dice, &mut rows),
        8 => {
            // Fits the rows below to what the header has become.
            let width = rows[0].len();
            for row in &mut rows {
                row.resize(width, b"1".to_vec());
            }
        }
        _ => {
            let at = if dice.one_in(3) { 0 } else { at };
            let width = rows[at].len();
            let from = dice.below(rows.len());
            let donor = dice.pick(&rows[from]).clone();
            let cell = dice.below(width);
            rows[at][cell] = cell_of(dice, donor);
        }
    }
    rows.into_iter().map(|row| row.join(&b',')).collect::<Vec<_>>().join(&b'\n')
}

/// Breaks a column in all its rows.
fn column(dice: &mut Dice, rows: &mut [Vec<Vec<u8>>]) {
    let at = dice.below(rows[0].len());
    let (how, times) = (dice.below(5), dice.count().min(1 + (1 << 17) / rows.len()));
    for row in rows.iter_mut().filter(|row| row.len() > at) {
        match how {
            0 => drop(row.remove(at)),
            1 => {
                let cell = row[at].clone();
                row.splice(at..at, vec![cell; times]);
            }
            2 => row[at] = dice.number().into_bytes(),
            3 => row[at] = cell_of(dice, Vec::new()),
            _ => row[at].clear(),
        }
    }
}

fn cell_of(dice: &mut Dice, donor: Vec<u8>) -> Vec<u8> {
    match dice.below(8) {
        0 => donor,
        1 => dice.number().into_bytes(),
        2 => dice.text().into_bytes(),
        3 => format!("\"{}\"", dice.text()).into_bytes(),
        4 => dice.pick(&CELLS).repeat(dice.count()).into_bytes(),
        _ => dice.pick(&CELLS).as_bytes().to_vec(),
    }
}

/// Rows of cells, quotes aside; at least one of one.
fn split(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let rows = bytes.split(|byte| *byte == b'\n');
    rows.map(|row| row.split(|byte| *byte == b',').map(<[u8]>::to_vec).collect()).collect()
}
