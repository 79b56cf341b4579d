//! Text columns kept as distinct labels and one small code per row.

use std::collections::HashMap;

use super::cells::{Reading, read_cell};

/// The code of a missing cell in [`Labels::codes`].
pub const MISSING_CODE: u32 = u32::MAX;

/// A text column: its distinct labels once each, and one code per row (4 bytes per cell).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// The distinct labels, in the order of their first row.
    pub categories: Vec<String>,
    /// Per row, an index into `categories`, or [`MISSING_CODE`].
    pub codes: Vec<u32>,
}

impl Labels {
    /// The label of every row, `None` where missing.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.codes.iter().map(|code| self.categories.get(*code as usize).map(String::as_str))
    }
}

/// Collects labels row by row.
#[derive(Debug, Default)]
pub(super) struct LabelBuilder {
    codes: Vec<u32>,
    seen: HashMap<String, u32>,
    last: Option<(String, u32)>,
}

impl LabelBuilder {
    /// Starts with `missing` missing rows and room for `rows` rows.
    pub(super) fn new(missing: usize, rows: usize) -> Self {
        let mut codes = Vec::with_capacity(rows.max(missing));
        codes.resize(missing, MISSING_CODE);
        Self { codes, ..Self::default() }
    }

    pub(super) fn push_missing(&mut self) {
        self.codes.push(MISSING_CODE);
    }

    pub(super) fn push(&mut self, label: &str) {
        // Neighbouring rows often share a label; comparing is cheaper than hashing.
        if let Some((last, code)) = &self.last
            && last == label
        {
            self.codes.push(*code);
            return;
        }
        let code = self.seen.get(label).copied().unwrap_or_else(|| {
            let next = u32::try_from(self.seen.len()).unwrap_or(MISSING_CODE);
            self.seen.insert(label.to_owned(), next);
            next
        });
        let (last, last_code) = self.last.get_or_insert_default();
        label.clone_into(last);
        *last_code = code;
        self.codes.push(code);
    }

    /// Adds a trimmed cell, which may be missing.
    pub(super) fn push_cell(&mut self, cell: &str) {
        match read_cell(cell) {
            Reading::Missing(_) => self.push_missing(),
            _ => self.push(cell),
        }
    }

    pub(super) fn finish(self) -> Labels {
        let mut categories = vec![String::new(); self.seen.len()];
        for (label, code) in self.seen {
            if let Some(slot) = categories.get_mut(code as usize) {
                *slot = label;
            }
        }
        let mut codes = self.codes;
        codes.shrink_to_fit();
        Labels { categories, codes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_kept_once_in_order_of_appearance() {
        let mut builder = LabelBuilder::new(1, 8);
        for label in ["M", "L", "L", "M", "L"] {
            builder.push(label);
        }
        builder.push_missing();
        let labels = builder.finish();
        assert_eq!(labels.categories, ["M", "L"]);
        assert_eq!(labels.codes, [MISSING_CODE, 0, 1, 1, 0, 1, MISSING_CODE]);
        assert_eq!(labels.iter().flatten().collect::<String>(), "MLLML");
        assert_eq!(labels.iter().take(2).collect::<Vec<_>>(), [None, Some("M")]);
        assert_eq!(labels.iter().filter(Option::is_none).count(), 2);
    }
}
