//! Collects one column of a source whose cells have types: a database, a Parquet file.

use super::cells::{Cells, Place, Position};
use super::labels::{LabelBuilder, Labels};
use super::repairs::Repair;
use super::show_time;
use super::table::shortest;

/// One cell of a typed source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// NULL, NaN.
    Missing,
    /// A number.
    Number(f64),
    /// Milliseconds since 1970-01-01 00:00.
    Time(i64),
    /// Text; missing where it is empty.
    Text(&'a str),
}

/// Where the cells go, by what the column has held so far.
#[derive(Debug)]
enum Store {
    Missing,
    Numbers(Vec<f64>),
    Times(Vec<Option<i64>>),
    Labels(LabelBuilder),
}

/// One column in the making. A column of several types (`SQLite` has them) becomes text.
#[derive(Debug)]
pub(super) struct TypedColumn {
    name: String,
    store: Store,
    rows: usize,
    missing: usize,
    empty: usize,
    numbers: usize,
    others: usize,
    offender: Option<Place>,
}

impl TypedColumn {
    /// An empty column.
    pub(super) fn new(name: String) -> Self {
        let (rows, missing, empty, numbers, others) = (0, 0, 0, 0, 0);
        Self { name, store: Store::Missing, rows, missing, empty, numbers, others, offender: None }
    }

    /// The column's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Adds the cell of the next row.
    pub(super) fn push(&mut self, cell: Cell) {
        match cell {
            Cell::Missing => self.push_missing(),
            Cell::Number(value) if value.is_nan() => self.push_missing(),
            Cell::Number(value) => self.push_number(value),
            Cell::Time(time) => self.push_time(time),
            Cell::Text(text) if text.trim().is_empty() => {
                self.empty += 1;
                self.push_missing();
            }
            Cell::Text(text) => {
                self.others += 1;
                self.push_label(text, true);
            }
        }
        self.rows += 1;
    }

    fn push_missing(&mut self) {
        self.missing += 1;
        match &mut self.store {
            Store::Missing => {}
            Store::Numbers(values) => values.push(f64::NAN),
            Store::Times(values) => values.push(None),
            Store::Labels(labels) => labels.push_missing(),
        }
    }

    fn push_number(&mut self, value: f64) {
        self.numbers += 1;
        if matches!(self.store, Store::Missing) {
            self.store = Store::Numbers(vec![f64::NAN; self.rows]);
        }
        match &mut self.store {
            Store::Numbers(values) if value.is_finite() => values.push(value),
            _ => self.push_label(&shortest(value), !value.is_finite()),
        }
    }

    fn push_time(&mut self, time: i64) {
        self.others += 1;
        if matches!(self.store, Store::Missing) {
            self.store = Store::Times(vec![None; self.rows]);
        }
        if self.offender.is_none() {
            self.offender = Some(self.place(&show_time(time)));
        }
        match &mut self.store {
            Store::Times(values) => values.push(Some(time)),
            _ => self.push_label(&show_time(time), true),
        }
    }

    /// Adds a label, and makes labels of what came before it.
    fn push_label(&mut self, label: &str, offends: bool) {
        if offends && self.offender.is_none() {
            self.offender = Some(self.place(label));
        }
        let mut labels = match std::mem::replace(&mut self.store, Store::Missing) {
            Store::Labels(labels) => labels,
            Store::Missing => LabelBuilder::new(self.rows, 0),
            Store::Numbers(values) => {
                relabelled(&values, |value| (!value.is_nan()).then(|| shortest(*value)))
            }
            Store::Times(values) => relabelled(&values, |time| time.map(show_time)),
        };
        labels.push(label);
        self.store = Store::Labels(labels);
    }

    fn place(&self, value: &str) -> Place {
        Place::new(Position::Row(self.rows as u64 + 1), value)
    }

    /// What was taken for missing in this column.
    pub(super) fn repairs(&self) -> Option<Repair> {
        let (column, cells) = (self.name.clone(), self.empty);
        (cells > 0).then_some(Repair::EmptyTexts { column, cells })
    }

    /// The finished column.
    pub(super) fn finish(self) -> Cells {
        let missing = self.missing;
        match (self.store, self.offender) {
            (Store::Numbers(values), _) => Cells::Numbers { values, missing },
            (Store::Times(values), Some(first)) => Cells::Times { values, first },
            (Store::Labels(labels), Some(offender)) => {
                let labels: Labels = labels.finish();
                if self.numbers > 0 && self.numbers >= self.others {
                    Cells::Mixed { labels, offender }
                } else {
                    Cells::Text { labels, first_text: offender }
                }
            }
            _ => Cells::Numbers { values: vec![f64::NAN; missing], missing },
        }
    }
}

fn relabelled<T>(values: &[T], show: impl Fn(&T) -> Option<String>) -> LabelBuilder {
    let mut labels = LabelBuilder::new(0, values.len());
    for value in values {
        match show(value) {
            Some(label) => labels.push(&label),
            None => labels.push_missing(),
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::float_cmp)]

    use super::*;

    fn column(cells: &[Cell]) -> Cells {
        let mut column = TypedColumn::new("x".to_owned());
        for cell in cells {
            column.push(*cell);
        }
        column.finish()
    }

    fn labels(cells: &[Cell]) -> Vec<Option<String>> {
        match column(cells) {
            Cells::Text { labels, .. } | Cells::Mixed { labels, .. } => {
                labels.iter().map(|label| label.map(str::to_owned)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn missing_cells_before_the_first_value_keep_their_rows() {
        let cells = column(&[Cell::Missing, Cell::Number(f64::NAN), Cell::Number(2.5)]);
        let Cells::Numbers { values, missing } = cells else { panic!("{cells:?}") };
        assert!(values[0].is_nan() && values[1].is_nan() && values[2] == 2.5 && missing == 2);
        let Cells::Times { values, .. } = column(&[Cell::Missing, Cell::Time(7)]) else { panic!() };
        assert_eq!(values, [None, Some(7)]);
        let Cells::Numbers { values, missing: 2 } = column(&[Cell::Missing; 2]) else { panic!() };
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn several_types_in_a_column_become_text_row_by_row() {
        let cells = [Cell::Number(1.5), Cell::Missing, Cell::Time(0), Cell::Text("M")];
        let wanted = [Some("1.5"), None, Some("1970-01-01 00:00"), Some("M")];
        assert_eq!(labels(&cells), wanted.map(|label| label.map(str::to_owned)));
        let times = [Cell::Time(0), Cell::Missing, Cell::Number(2.0)];
        assert_eq!(labels(&times)[2].as_deref(), Some("2"));
    }

    #[test]
    fn an_infinity_among_numbers_is_named_with_its_row() {
        let cells = column(&[Cell::Number(1.0), Cell::Number(f64::NEG_INFINITY)]);
        let Cells::Mixed { offender, .. } = cells else { panic!("{cells:?}") };
        assert_eq!((offender.at.to_string(), offender.value), ("row 2".into(), "-inf".into()));
    }

    #[test]
    fn empty_text_is_missing_and_counted() {
        let mut column = TypedColumn::new("x".to_owned());
        column.push(Cell::Text(" "));
        column.push(Cell::Text("M"));
        let note = column.repairs().map(|repair| repair.to_string());
        assert_eq!(note.as_deref(), Some("took 1 cell of \"x\" for missing: empty text"));
        assert!(matches!(column.finish(), Cells::Text { labels, .. } if labels.codes.len() == 2));
    }
}
