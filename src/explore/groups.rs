//! The groups of rows, such as machines, whose times are followed apart.

use std::collections::HashMap;

use serde::Serialize;

use super::column::{Column, Kind};
use super::facts::ColumnFacts;
use super::shorten;

/// A column is taken for one of groups where a value has at least this many rows on average.
const ROWS_A_GROUP: usize = 10;

/// From one late row in so many on, a table is taken for one of several series.
const LATE_ONE_IN: usize = 10;

/// The facts of the groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Groups {
    /// The column's place in the table.
    pub column: usize,
    /// How many groups there are; the rows whose cell is missing are one, too.
    pub count: usize,
    /// Rows of the smallest group.
    pub fewest: usize,
    /// Rows of the group in the middle, the larger of two.
    pub median: usize,
    /// Rows of the largest group.
    pub most: usize,
    /// Groups with a row whose time is before that of the group's row above.
    pub out_of_order: usize,
}

/// The column whose values are groups with times in order, where the table's are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Interleaved {
    /// The column's place in the table.
    pub column: usize,
    /// How many groups it makes.
    pub groups: usize,
}

/// The group of each row.
#[derive(Debug)]
pub(super) struct Grouping {
    column: usize,
    /// `[rows]`.
    codes: Vec<u32>,
    /// `[groups]`, in the order of their first rows.
    names: Vec<String>,
}

impl Grouping {
    /// Groups `rows` by the cells of a column, which is the table's `place`-th.
    pub fn new(column: &Column, place: usize, rows: usize) -> Self {
        let mut places: HashMap<u64, u32> = HashMap::new();
        let mut names = Vec::new();
        let codes = (0..rows).map(|row| {
            *places.entry(column.fingerprint(row)).or_insert_with(|| {
                let name = column.show(row).unwrap_or_else(|| "(missing)".to_owned());
                names.push(shorten(&name));
                (names.len() - 1) as u32
            })
        });
        let codes = codes.collect();
        Self { column: place, codes, names }
    }

    /// The group of a row.
    pub fn of(&self, row: usize) -> u32 {
        self.codes.get(row).copied().unwrap_or(0)
    }

    /// What a group is called.
    pub fn name(&self, group: u32) -> String {
        self.names.get(group as usize).cloned().unwrap_or_default()
    }

    /// The facts of the groups, so many of which are `out_of_order`.
    pub fn facts(&self, out_of_order: usize) -> Groups {
        let mut rows = vec![0; self.names.len()];
        for &code in &self.codes {
            if let Some(rows) = rows.get_mut(code as usize) {
                *rows += 1;
            }
        }
        rows.sort_unstable();
        let at = |place: usize| rows.get(place).copied().unwrap_or(0);
        let count = rows.len();
        let (fewest, median, most) = (at(0), at(count / 2), at(count.saturating_sub(1)));
        Groups { column: self.column, count, fewest, median, most, out_of_order }
    }
}

/// The column that explains why at least every tenth time is not later than all above it: within each
/// of its values times do not go back, or, where they only repeat in the table, do not repeat, and a
/// value has ten rows on average. Of several the one with the fewest values, since a finer one explains
/// it too. `besides` are columns that are no candidates.
pub(super) fn find_groups(
    times: &[Option<i64>],
    columns: &[Column],
    facts: &[ColumnFacts],
    besides: [Option<usize>; 2],
) -> Option<Interleaved> {
    let (mut present, mut late, mut goes_back) = (0, 0, false);
    let mut latest = i64::MIN;
    for &time in times.iter().flatten() {
        present += 1;
        late += usize::from(time <= latest);
        goes_back |= time < latest;
        latest = latest.max(time);
    }
    if late == 0 || late * LATE_ONE_IN < present {
        return None;
    }
    let few = 2..=times.len() / ROWS_A_GROUP;
    let mut candidates: Vec<usize> = (0..facts.len().min(columns.len()))
        .filter(|place| !besides.contains(&Some(*place)))
        .filter(|place| facts[*place].missing == 0 && facts[*place].kind != Kind::Time)
        .filter(|place| few.contains(&facts[*place].distinct))
        .collect();
    candidates.sort_by_key(|place| facts[*place].distinct);
    let column =
        candidates.into_iter().find(|place| are_ordered(times, &columns[*place], !goes_back))?;
    Some(Interleaved { column, groups: facts[column].distinct })
}

/// Whether times do not go back, or, where `strictly`, increase, within each value of a column.
fn are_ordered(times: &[Option<i64>], groups: &Column, strictly: bool) -> bool {
    let mut latest: HashMap<u64, i64> = HashMap::new();
    let mut present = times.iter().enumerate().filter_map(|(row, time)| Some((row, (*time)?)));
    present.all(|(row, time)| {
        let before = latest.insert(groups.fingerprint(row), time);
        before.is_none_or(|before| before < time || (before == time && !strictly))
    })
}
