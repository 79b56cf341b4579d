//! Collects one column's cells and decides at the end whether they are numbers or text.

use super::cells::{Cells, MISSING_MARKERS, Place, Position, Reading, read_cell};
use super::labels::{LabelBuilder, Labels};
use super::records::trim_cell;
use super::repairs::Repair;

/// Where the cells go, by what the column has held so far.
enum Store {
    /// Nothing but missing cells.
    Missing,
    /// Numbers only.
    Values(Vec<f64>),
    /// The first cell was text.
    Labels(LabelBuilder),
    /// Numbers came first and text later: the labels take a second pass over the file.
    SecondPass(LabelBuilder),
}

/// One column in the making. Memory is 8 bytes per number, 4 per label.
pub(super) struct ColumnBuilder {
    store: Store,
    expected_rows: usize,
    numbers: usize,
    infinities: usize,
    texts: usize,
    missing: usize,
    markers: [usize; MISSING_MARKERS.len()],
    padded: usize,
    offender: Option<Place>,
}

impl ColumnBuilder {
    /// An empty column with room for `expected_rows` rows.
    pub(super) fn new(expected_rows: usize) -> Self {
        Self {
            store: Store::Missing,
            expected_rows,
            numbers: 0,
            infinities: 0,
            texts: 0,
            missing: 0,
            markers: [0; MISSING_MARKERS.len()],
            padded: 0,
            offender: None,
        }
    }

    /// Adds the cell of the row at `line`; says whether the cell holds anything.
    pub(super) fn push(&mut self, cell: &str, line: u64) -> bool {
        let (text, was_padded) = trim_cell(cell);
        let reading = read_cell(text);
        self.padded += usize::from(was_padded && !text.is_empty());
        match reading {
            Reading::Missing(marker) => {
                self.count_missing(marker);
                match &mut self.store {
                    Store::Missing | Store::SecondPass(_) => {}
                    Store::Values(values) => values.push(f64::NAN),
                    Store::Labels(labels) => labels.push_missing(),
                }
                return false;
            }
            Reading::Number(value) => {
                self.numbers += 1;
                self.start(true);
                if let Store::Values(values) = &mut self.store {
                    values.push(value);
                }
            }
            Reading::NotFinite | Reading::Text => {
                let is_text = reading == Reading::Text;
                self.texts += usize::from(is_text);
                self.infinities += usize::from(!is_text);
                self.offender.get_or_insert_with(|| Place::new(Position::Line(line), text));
                self.start(false);
            }
        }
        if let Store::Labels(labels) = &mut self.store {
            labels.push(text);
        }
        true
    }

    fn count_missing(&mut self, marker: Option<usize>) {
        self.missing += 1;
        if let Some(count) = marker.and_then(|marker| self.markers.get_mut(marker)) {
            *count += 1;
        }
    }

    /// Chooses the store at the column's first cell, and gives numbers up at its first text.
    fn start(&mut self, is_number: bool) {
        match self.store {
            Store::Missing if is_number => {
                let mut values = Vec::with_capacity(self.expected_rows.max(self.missing));
                values.resize(self.missing, f64::NAN);
                self.store = Store::Values(values);
            }
            Store::Missing => {
                self.store = Store::Labels(LabelBuilder::new(self.missing, self.expected_rows));
            }
            Store::Values(_) if !is_number => {
                self.store = Store::SecondPass(LabelBuilder::new(0, self.expected_rows));
            }
            _ => {}
        }
    }

    /// Whether the column's labels take a second pass over the file.
    pub(super) fn needs_second_pass(&self) -> bool {
        matches!(self.store, Store::SecondPass(_))
    }

    /// Adds a cell in the second pass, if this column needs one.
    pub(super) fn push_again(&mut self, cell: &str) {
        if let Store::SecondPass(labels) = &mut self.store {
            labels.push_cell(trim_cell(cell).0);
        }
    }

    /// Whether no cell holds anything.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.store, Store::Missing) && self.markers.iter().all(|count| *count == 0)
    }

    /// What was trimmed and taken for missing in this column.
    pub(super) fn repairs(&self, column: &str) -> Vec<Repair> {
        let mut repairs = Vec::new();
        if self.padded > 0 {
            repairs.push(Repair::TrimmedCells { column: column.to_owned(), cells: self.padded });
        }
        let counts = MISSING_MARKERS.iter().zip(self.markers);
        let markers: Vec<_> =
            counts.filter(|(_, count)| *count > 0).map(|(marker, n)| (*marker, n)).collect();
        if !markers.is_empty() {
            repairs.push(Repair::MissingMarkers { column: column.to_owned(), markers });
        }
        repairs
    }

    /// The finished column.
    pub(super) fn finish(self) -> Cells {
        let missing = self.missing;
        let Some(place) = self.offender else {
            let values = match self.store {
                Store::Values(mut values) => {
                    values.shrink_to_fit();
                    values
                }
                _ => vec![f64::NAN; missing],
            };
            return Cells::Numbers { values, missing };
        };
        let labels = match self.store {
            Store::Labels(labels) | Store::SecondPass(labels) => labels.finish(),
            _ => Labels::default(),
        };
        let numeric = self.numbers + self.infinities;
        if numeric > 0 && numeric >= self.texts {
            Cells::Mixed { labels, offender: place }
        } else {
            Cells::Text { labels, first_text: place }
        }
    }
}
