//! The target as classes, and which of them the page draws.

use serde::Serialize;

use super::column::{Cells, Column};
use super::sorted::Sorted;
use crate::data::MISSING_CODE;
use crate::prepare::MOST_CLASSES;

/// The most classes that a plot tells apart.
const DRAWN_CLASSES: usize = 8;

/// A class and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassRows {
    /// The class.
    pub name: String,
    /// How many rows are of it.
    pub rows: usize,
}

/// The column to predict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetFacts {
    /// Its place in the table.
    pub column: usize,
    /// Text in alphabetical order, numbers in ascending order; empty where there are more than a
    /// hundred: then it is a quantity, or names rows.
    pub classes: Vec<ClassRows>,
    /// Rows without a class.
    pub missing: usize,
    /// Places in `classes` of those that plots show, the most frequent.
    pub drawn: Vec<usize>,
}

impl TargetFacts {
    /// The most frequent class, if it has more than half of the rows that have a class.
    pub fn majority(&self) -> Option<usize> {
        let all: usize = self.classes.iter().map(|class| class.rows).sum();
        (self.classes.len() > 1)
            .then(|| self.classes.iter().position(|class| 2 * class.rows > all))
            .flatten()
    }
}

/// The class of each row; without a target all rows are of class 0.
#[derive(Debug, Default)]
pub(super) struct Classes {
    /// `[rows]`, [`MISSING_CODE`] where the target is missing; `None` if there are no classes.
    pub codes: Option<Vec<u32>>,
    /// How many classes there are; 1 without a target.
    pub count: usize,
    /// The classes that plots show.
    pub drawn: Vec<u32>,
}

impl Classes {
    /// All rows alike.
    pub fn none() -> Self {
        Self { codes: None, count: 1, drawn: vec![0] }
    }

    /// The class of a row; `None` if the target is missing.
    pub fn of(&self, row: usize) -> Option<usize> {
        let Some(codes) = &self.codes else { return Some(0) };
        codes.get(row).filter(|code| **code != MISSING_CODE).map(|code| *code as usize)
    }
}

/// Reads the column to predict, which is the table's `place`-th.
pub(super) fn read_target(column: &Column, place: usize) -> (TargetFacts, Classes) {
    let (names, codes) = match &column.cells {
        Cells::Numbers(values) => number_classes(values),
        Cells::Text { codes, labels } => label_classes(codes, labels),
        Cells::Times(times) => (Vec::new(), vec![MISSING_CODE; times.len()]),
    };
    let mut rows = vec![0; names.len()];
    for &code in &codes {
        if let Some(rows) = rows.get_mut(code as usize) {
            *rows += 1;
        }
    }
    let missing = (0..codes.len()).filter(|row| column.is_missing(*row)).count();
    let classes: Vec<ClassRows> =
        names.into_iter().zip(rows).map(|(name, rows)| ClassRows { name, rows }).collect();
    let mut drawn: Vec<usize> = (0..classes.len()).collect();
    drawn.sort_by_key(|class| std::cmp::Reverse(classes[*class].rows));
    drawn.truncate(DRAWN_CLASSES);
    drawn.sort_unstable();
    let known = if classes.is_empty() {
        Classes::none()
    } else {
        let drawn = drawn.iter().map(|class| *class as u32).collect();
        Classes { codes: Some(codes), count: classes.len(), drawn }
    };
    (TargetFacts { column: place, classes, missing, drawn }, known)
}

fn number_classes(values: &[f64]) -> (Vec<String>, Vec<u32>) {
    let mut distinct = Sorted::new(values, None).values;
    distinct.dedup_by(|one, other| one.total_cmp(other).is_eq());
    if distinct.len() > MOST_CLASSES {
        return (Vec::new(), vec![MISSING_CODE; values.len()]);
    }
    let code = |value: &f64| {
        let found = distinct.binary_search_by(|known| known.total_cmp(&(value + 0.0)));
        found.map_or(MISSING_CODE, |place| place as u32)
    };
    let codes = values.iter().map(code).collect();
    (distinct.iter().map(f64::to_string).collect(), codes)
}

fn label_classes(codes: &[u32], labels: &[&str]) -> (Vec<String>, Vec<u32>) {
    if labels.len() > MOST_CLASSES {
        return (Vec::new(), vec![MISSING_CODE; codes.len()]);
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|place| labels[*place]);
    let mut ranks = vec![MISSING_CODE; labels.len()];
    for (rank, &place) in order.iter().enumerate() {
        ranks[place] = rank as u32;
    }
    let names = order.iter().map(|place| labels[*place].to_owned()).collect();
    let codes = codes.iter().map(|code| ranks.get(*code as usize).copied().unwrap_or(MISSING_CODE));
    (names, codes.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::data::Table;

    fn target(csv: &str) -> (TargetFacts, Classes) {
        let table = Table::parse("t", csv.as_bytes()).unwrap();
        read_target(&Column::read(&table.frame.columns()[0]), 0)
    }

    #[test]
    fn numbers_are_classes_in_ascending_order_and_gaps_are_counted() {
        let (facts, classes) = target("y,x\n10,0\n9,0\n,0\n9.0,0\n");
        let names: Vec<&str> = facts.classes.iter().map(|class| class.name.as_str()).collect();
        assert_eq!(names, ["9", "10"]);
        assert_eq!((facts.missing, facts.majority()), (1, Some(0)));
        assert_eq!([0, 1, 2, 3].map(|row| classes.of(row)), [Some(1), Some(0), None, Some(0)]);
    }

    #[test]
    fn a_hundred_and_one_values_are_no_classes() {
        let csv = |rows: u32| {
            let rows: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
            format!("y\n{}\n", rows.join("\n"))
        };
        assert_eq!(target(&csv(100)).0.classes.len(), 100);
        assert_eq!(target(&csv(100)).0.drawn.len(), DRAWN_CLASSES);
        let (facts, classes) = target(&csv(101));
        assert_eq!((facts.classes.len(), facts.missing, classes.of(7)), (0, 0, Some(0)));
    }
}
