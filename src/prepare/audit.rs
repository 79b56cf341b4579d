//! Warnings about features that cannot help, or help too much.

use std::collections::HashMap;
use std::hash::Hash;

use polars::prelude::Column;

use super::leak::{FEW_VALUES, Leak, assess_few};

/// One line for each feature that is constant, that counts the rows, or that is a leak by the measure of
/// [`assess`](super::assess) and has at most a hundred values.
///
/// `target` `[rows]` has the classes.
pub fn audit(features: &[&Column], target: &[u32]) -> Vec<String> {
    let mut warnings = Vec::new();
    for column in features {
        let name = column.name();
        warnings.extend(match (column.f64(), column.str()) {
            (Ok(numbers), _) if counts_rows(numbers.iter()) => {
                Some(format!("{name:?} counts the rows: an identifier; leave it out by data.drop"))
            }
            (Ok(numbers), _) => {
                let cells = numbers.iter().map(|cell| cell.map(f64::to_bits));
                let show = |bits: u64| f64::from_bits(bits).to_string();
                look(name, cells, target, show)
            }
            (_, Ok(text)) => look(name, text.iter(), target, str::to_owned),
            _ => None,
        });
    }
    warnings
}

/// Whether each cell is the one before it plus 1.
pub fn counts_rows(mut cells: impl Iterator<Item = Option<f64>>) -> bool {
    let Some(Some(mut last)) = cells.next() else { return false };
    let mut rows = 1;
    for cell in cells {
        let Some(next) = cell.filter(|next| next.total_cmp(&(last + 1.0)).is_eq()) else {
            return false;
        };
        last = next;
        rows += 1;
    }
    rows > 1
}

/// What is wrong with a feature of few values.
fn look<T: Copy + Eq + Hash>(
    name: &str,
    cells: impl Iterator<Item = Option<T>>,
    target: &[u32],
    show: impl Fn(T) -> String,
) -> Option<String> {
    let classes = target.iter().max().map_or(0, |last| *last as usize + 1);
    let mut places: HashMap<Option<T>, usize> = HashMap::new();
    let mut table: Vec<Vec<usize>> = Vec::new();
    for (cell, &class) in cells.zip(target) {
        let place = *places.entry(cell).or_insert(table.len());
        if place == table.len() {
            // Most columns of numbers end here, after some hundred rows.
            if place == FEW_VALUES {
                return None;
            }
            table.push(vec![0; classes]);
        }
        table[place][class as usize] += 1;
    }
    if table.len() == 1 {
        return Some(format!("{name:?} is constant: no model can learn anything from it"));
    }
    let association = assess_few(&table);
    let how = match association.leak? {
        Leak::OneToOne => "maps one-to-one to the target".to_owned(),
        Leak::GivesAway => "gives away the target".to_owned(),
        Leak::Predicts { .. } => {
            format!("alone predicts a class (MCC {:.3})", association.mcc)
        }
        Leak::Marks { value, rows, of, .. } => {
            let cell = places.iter().find(|(_, place)| **place == value as usize);
            let cell = cell.and_then(|(cell, _)| *cell).map_or_else(|| "missing".to_owned(), show);
            format!("is {cell:?} in {rows} rows, all of one class (which has {of})")
        }
    };
    Some(format!(
        "{name:?} {how}: a leak unless it is known before the failure; leave it out by data.drop or drop_columns"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a column of 120 rows, given by the values of twenty rows each.
    fn said(values: [u64; 6]) -> Option<String> {
        let target: Vec<u32> = (0..120).map(|row| row / 40).collect();
        let cells = values.iter().flat_map(|value| [Some(*value); 20]);
        look("x", cells, &target, |value| value.to_string())
    }

    #[test]
    fn a_column_is_judged_by_what_it_says_of_the_classes() {
        let starts = |values, words: &str| said(values).is_some_and(|said| said.starts_with(words));
        assert!(starts([7; 6], "\"x\" is constant"));
        assert!(starts([5, 5, 6, 6, 4, 4], "\"x\" maps one-to-one"));
        assert!(starts([5, 8, 6, 6, 4, 4], "\"x\" gives away"));
        assert!(starts([5, 5, 5, 6, 4, 4], "\"x\" alone predicts a class (MCC 1.000)"));
        assert!(starts([5, 5, 6, 5, 6, 4], "\"x\" is \"4\" in 20 rows, all of one class"));
        assert_eq!(said([5, 6, 6, 5, 6, 5]), None);
    }

    #[test]
    fn a_row_number_is_told_from_a_reading() {
        assert!(counts_rows([Some(5.0), Some(6.0), Some(7.0)].into_iter()));
        assert!(!counts_rows([Some(5.0), Some(6.0), Some(6.5)].into_iter()));
        assert!(!counts_rows([Some(5.0), None, Some(7.0)].into_iter()));
        assert!(!counts_rows([Some(5.0)].into_iter()));
    }

    #[test]
    fn a_column_of_many_values_is_not_called_a_leak() {
        let target: Vec<u32> = (0..500).map(|row| row % 2).collect();
        assert_eq!(look("x", (0..500).map(Some), &target, |row: u32| row.to_string()), None);
    }
}
