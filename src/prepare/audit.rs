//! Warnings about features that cannot help, or help too much.

use std::collections::HashMap;
use std::hash::Hash;

use polars::prelude::DataFrame;

/// A feature with more distinct values than this is not checked for standing in for the target.
const FEW: usize = 100;

/// What a feature says about the classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    Constant,
    /// Every value has one class, and every class one value.
    OneToOne,
    /// Every value has one class.
    GivesAway,
    /// Each row has the number after the last row's.
    Counts,
    Nothing,
}

/// One line for each feature that is constant, or that tells the class of every row.
///
/// `frame` holds the features, `target` `[rows]` the classes.
pub fn audit(frame: &DataFrame, target: &[u32]) -> Vec<String> {
    let mut warnings = Vec::new();
    for column in frame.columns() {
        let finding = match (column.f64(), column.str()) {
            (Ok(numbers), _) if counts(numbers.iter()) => Finding::Counts,
            (Ok(numbers), _) => look(numbers.iter().map(|cell| cell.map(f64::to_bits)), target),
            (_, Ok(text)) => look(text.iter(), target),
            _ => Finding::Nothing,
        };
        let name = column.name();
        let leak = "a leak unless it is known before the failure; name it in data.drop";
        match finding {
            Finding::Nothing => {}
            Finding::Constant => {
                warnings.push(format!("{name:?} is constant: it tells the network nothing"));
            }
            Finding::Counts => {
                warnings
                    .push(format!("{name:?} counts the rows: an identifier; name it in data.drop"));
            }
            Finding::OneToOne => {
                warnings.push(format!("{name:?} maps one-to-one to the target: {leak}"));
            }
            Finding::GivesAway => {
                warnings.push(format!("{name:?} gives away the target: {leak}"));
            }
        }
    }
    warnings
}

/// Whether each cell is the one before it plus 1.
fn counts(mut cells: impl Iterator<Item = Option<f64>>) -> bool {
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

fn look<T: Hash + Eq>(cells: impl Iterator<Item = T>, target: &[u32]) -> Finding {
    let mut class_of: HashMap<T, u32> = HashMap::new();
    let mut sure = true;
    for (cell, &class) in cells.zip(target) {
        sure &= *class_of.entry(cell).or_insert(class) == class;
        // Most columns of numbers end here, after some hundred rows.
        if class_of.len() > FEW || (!sure && class_of.len() > 1) {
            return Finding::Nothing;
        }
    }
    if class_of.len() == 1 {
        return Finding::Constant;
    }
    let mut told: Vec<u32> = class_of.into_values().collect();
    told.sort_unstable();
    let one_to_one = told.windows(2).all(|pair| pair[0] != pair[1]);
    if one_to_one { Finding::OneToOne } else { Finding::GivesAway }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_told_by_what_it_says_of_the_classes() {
        let target = [0, 0, 1, 1, 2, 2];
        assert_eq!(look([7; 6].into_iter(), &target), Finding::Constant);
        assert_eq!(look([5, 5, 6, 6, 4, 4].into_iter(), &target), Finding::OneToOne);
        assert_eq!(look([5, 8, 6, 6, 4, 4].into_iter(), &target), Finding::GivesAway);
        assert_eq!(look([5, 5, 5, 6, 4, 4].into_iter(), &target), Finding::Nothing);
    }

    #[test]
    fn a_row_number_is_told_from_a_reading() {
        assert!(counts([Some(5.0), Some(6.0), Some(7.0)].into_iter()));
        assert!(!counts([Some(5.0), Some(6.0), Some(6.5)].into_iter()));
        assert!(!counts([Some(5.0), None, Some(7.0)].into_iter()));
        assert!(!counts([Some(5.0)].into_iter()));
    }

    #[test]
    fn a_column_of_many_values_is_not_called_a_leak() {
        let target: Vec<u32> = (0..500).map(|row| row % 2).collect();
        assert_eq!(look(0..500, &target), Finding::Nothing);
    }
}
