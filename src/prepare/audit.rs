//! Warnings about features that cannot help, or help too much.

use std::collections::HashMap;

use polars::prelude::DataFrame;

use crate::data::labels;

/// A feature with more distinct values than this is not checked for standing in for the target.
const FEW: usize = 100;

/// One line for each feature that is constant, or that tells the class of every row.
///
/// `frame` holds the features, `target` `[rows]` the classes.
pub fn audit(frame: &DataFrame, target: &[u32]) -> Vec<String> {
    let mut warnings = Vec::new();
    for column in frame.columns() {
        let name = column.name();
        let cells = labels(column);
        let mut classes: HashMap<&Option<String>, (u32, bool)> = HashMap::new();
        for (cell, &class) in cells.iter().zip(target) {
            let entry = classes.entry(cell).or_insert((class, true));
            entry.1 &= entry.0 == class;
            if classes.len() > FEW {
                break;
            }
        }
        if classes.len() == 1 {
            warnings.push(format!("{name:?} is constant: it tells the network nothing"));
        } else if classes.len() <= FEW && classes.values().all(|(_, sure)| *sure) {
            let mut told: Vec<u32> = classes.values().map(|(class, _)| *class).collect();
            told.sort_unstable();
            let one_to_one = told.windows(2).all(|pair| pair[0] != pair[1]);
            let how = if one_to_one { "maps one-to-one to" } else { "gives away" };
            warnings.push(format!(
                "{name:?} {how} the target: a leak unless it is known before the failure; \
                 name it in data.drop"
            ));
        }
    }
    warnings
}
