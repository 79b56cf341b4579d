//! Breaks bytes of any kind: edits, cuts, pieces of another input, and numbers no one expects.

use chacha20::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};

/// Random choices.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below `bound`; 0 below 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0.random_range(0..bound.max(1))
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// An item of a list that is written as one text.
    pub fn one_of<'a>(&mut self, list: &'a str, between: char) -> &'a str {
        let items: Vec<&str> = list.split(between).map(str::trim).collect();
        items[self.below(items.len())]
    }

    pub fn byte(&mut self) -> u8 {
        self.0.next_u32() as u8
    }

    /// A small count mostly, and sometimes one that a reader may not have thought of.
    pub fn count(&mut self) -> usize {
        match self.below(40) {
            0 => self.below(20_000),
            1..=3 => self.below(300),
            _ => 1 + self.below(4),
        }
    }

    /// A number as text: of every size and spelling, and some that are none.
    pub fn number(&mut self) -> String {
        if self.one_in(3) {
            return self.below(12).to_string();
        }
        self.one_of(NUMBERS, ' ').to_owned()
    }

    /// Text that readers stumble over.
    pub fn text(&mut self) -> String {
        let text = *self.pick(&TEXTS);
        match self.below(12) {
            0 => text.repeat(self.count()),
            1 => "x".repeat(self.count()),
            2 if self.one_in(40) => "x ".repeat(1 << 20),
            _ => text.to_owned(),
        }
    }
}

const NUMBERS: &str = "\
    0 -0 1 -1 2 0.5 1.0 1e0 255 256 65536 1000000 1000001 2147483647 2147483648 -2147483649 \
    4294967295 4294967296 9007199254740993 9223372036854775807 9223372036854775808 \
    -9223372036854775808 18446744073709551615 18446744073709551616 1e18 1e38 3.5e38 1e154 \
    1e308 1e309 -1e309 5e-324 1e-400 1e99999999999 0.1e \
    00012345678901234567890123456789012345678901234567890";

const TEXTS: [&str; 30] = [
    "",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "\u{7f}",
    "\u{feff}",
    "\u{202e}",
    "\u{301}",
    "ß",
    "İ",
    "é",
    "日本",
    "🦀",
    "\u{10ffff}",
    "'",
    "\"",
    "\\",
    "`",
    "{}",
    "%s%n",
    "../../x",
    "NaN",
    "inf",
    "null",
    "-",
    "[",
    "]",
    "Torque [Nm]",
];

/// An input with some things done to it, most of them by the door's own `mutate`.
pub fn broken(dice: &mut Dice, base: &[u8], other: &[u8], mutate: super::Mutate) -> Vec<u8> {
    let mut bytes = base.to_vec();
    loop {
        bytes = match dice.below(16) {
            0 | 1 => edited(dice, &bytes),
            2 => spliced(dice, &bytes, other),
            _ => mutate(dice, &bytes, other),
        };
        if dice.one_in(2) {
            return bytes;
        }
    }
}

/// One edit without regard to what the bytes mean.
fn edited(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = dice.below(bytes.len() + 1);
    let end = (at + dice.count()).min(bytes.len());
    match dice.below(8) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, dice.byte()),
        2 => drop(bytes.drain(at..end)),
        3 => drop(bytes.splice(at..at, dice.text().into_bytes())),
        4 => drop(bytes.splice(at..at, dice.number().into_bytes())),
        5 => {
            let (piece, times) = (bytes[at..end].to_vec(), dice.count());
            bytes.splice(at..at, piece.repeat(times.min(1 + (1 << 18) / (piece.len() + 1))));
        }
        6 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        _ if at < bytes.len() => bytes[at] = dice.byte(),
        _ => bytes.push(dice.byte()),
    }
    bytes
}

/// The start of one and the end of the other.
fn spliced(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let (to, from) = (dice.below(bytes.len() + 1), dice.below(other.len() + 1));
    [&bytes[..to], &other[from..]].concat()
}
