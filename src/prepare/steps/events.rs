//! Events of another table: when they came, to whom.

use std::collections::HashMap;

use crate::data::{Table, labels};
use crate::prepare::PrepareError;
use crate::prepare::columns::{table_times, time_cells};
use crate::prepare::rows::Rows;
use crate::prepare::sequence::Sequence;

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// When it came, milliseconds.
    pub time: i64,
    /// Its row in its table.
    pub place: usize,
}

/// The events of a table by group, in the order of time; those of one time in the table's order.
#[derive(Debug)]
pub(super) struct EventTable {
    /// Group after group.
    events: Vec<Event>,
    /// Where each group of the sequence begins in `events`, and where the last one ends.
    starts: Vec<usize>,
}

/// The column of another table that has the role of a column of the rows.
pub(super) fn key(
    other: &Table,
    role: Option<&String>,
    what: &'static str,
) -> Result<String, PrepareError> {
    let Some(role) = role else { return Err(PrepareError::NoRole { role: what }) };
    Ok(other.column(role)?.name().to_string())
}

impl EventTable {
    /// Reads the events of the groups of a sequence; those of others are left out.
    pub fn read(rows: &Rows, table: &str, sequence: &Sequence) -> Result<Self, PrepareError> {
        let other = rows.other(table)?;
        let time = key(other, rows.roles.time.as_ref(), "time")?;
        let times =
            time_cells(&table_times(other, Some(table), &time)?, &other.source, |row| row + 1)?;
        let groups = match &rows.roles.group {
            Some(_) => {
                Some(labels(other.column(&key(other, rows.roles.group.as_ref(), "group")?)?))
            }
            None => None,
        };
        let codes: HashMap<&str, usize> = sequence
            .groups
            .iter()
            .enumerate()
            .map(|(code, group)| (group.as_str(), code))
            .collect();
        let mut by_group: Vec<(usize, Event)> = Vec::new();
        for (place, time_cell) in times.into_iter().enumerate() {
            let Some(milliseconds) = time_cell else {
                let (path, column) = (other.source.clone(), time.clone());
                return Err(PrepareError::NoTime { path, column, row: place + 1 });
            };
            let code = match &groups {
                Some(groups) => groups[place].as_deref().and_then(|group| codes.get(group)),
                None => Some(&0),
            };
            if let Some(&code) = code {
                by_group.push((code, Event { time: milliseconds, place }));
            }
        }
        by_group.sort_by_key(|(group, event)| (*group, event.time));
        let mut starts = vec![0; sequence.groups.len() + 1];
        for (group, _) in &by_group {
            starts[group + 1] += 1;
        }
        for group in 0..sequence.groups.len() {
            starts[group + 1] += starts[group];
        }
        Ok(Self { events: by_group.into_iter().map(|(_, event)| event).collect(), starts })
    }

    /// Whether no event is of any of the groups.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events of a group of the sequence.
    pub fn of_group(&self, group: usize) -> &[Event] {
        &self.events[self.starts[group]..self.starts[group + 1]]
    }
}

/// What the events of a table were, `[rows of the table]`, and their kinds in alphabetical order.
pub(super) fn kinds(
    rows: &Rows,
    table: &str,
    column: &str,
) -> Result<(Vec<Option<String>>, Vec<String>), PrepareError> {
    let cells = labels(rows.other(table)?.column(column)?);
    let mut kinds: Vec<String> = cells.iter().flatten().cloned().collect();
    kinds.sort();
    kinds.dedup();
    Ok((cells, kinds))
}

/// The events of each kind in a group: times in ascending order, `[kinds]`.
pub(super) fn times_by_kind(
    events: &[Event],
    cells: &[Option<String>],
    kinds: &[String],
) -> Vec<Vec<i64>> {
    let codes: HashMap<&str, usize> =
        kinds.iter().enumerate().map(|(code, kind)| (kind.as_str(), code)).collect();
    let mut times = vec![Vec::new(); kinds.len()];
    for event in events {
        let code = cells[event.place].as_deref().and_then(|kind| codes.get(kind));
        if let Some(&code) = code {
            times[code].push(event.time);
        }
    }
    times
}
