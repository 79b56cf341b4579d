//! Rows that say what another row says.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::rows::Rows;
use crate::spec;

/// Leaves out duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropDuplicates {
    /// The columns in which duplicates agree; missing cells agree.
    pub columns: Vec<String>,
    /// Which of them stays.
    pub keep: spec::Keep,
}

impl DropDuplicates {
    pub(super) fn resolve(how: &spec::DropDuplicates, rows: &Rows) -> Result<Self, PrepareError> {
        let columns = match &how.columns {
            Some(named) => rows.chosen(Some(named), &[])?,
            None => rows.columns().map(|one| one.name().to_string()).collect(),
        };
        Ok(Self { columns, keep: how.keep })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let mut keys: Vec<u32> = vec![0; rows.height()];
        for name in self.columns.iter().filter(|name| rows.has(name)) {
            keys = narrow(&keys, &rows.text(name)?);
        }
        let mut places: HashMap<u32, (usize, usize)> = HashMap::new();
        for (row, &key) in keys.iter().enumerate() {
            match places.entry(key) {
                Entry::Occupied(mut seen) => seen.get_mut().1 = row,
                Entry::Vacant(new) => {
                    new.insert((row, row));
                }
            }
        }
        let stays = |row: usize| {
            places.get(&keys[row]).is_some_and(|&(first, last)| match self.keep {
                spec::Keep::First => row == first,
                spec::Keep::Last => row == last,
                spec::Keep::None => first == last,
            })
        };
        let kept: Vec<usize> = (0..rows.height()).filter(|&row| stays(row)).collect();
        super::leave_out(rows, &kept, "that repeat another row")
    }
}

/// Keys of rows that agreed so far, narrowed to those that agree in another column too.
fn narrow(keys: &[u32], cells: &[Option<String>]) -> Vec<u32> {
    let mut seen: HashMap<(u32, Option<&str>), u32> = HashMap::new();
    keys.iter()
        .zip(cells)
        .map(|(&key, cell)| {
            let next = seen.len() as u32;
            *seen.entry((key, cell.as_deref())).or_insert(next)
        })
        .collect()
}
