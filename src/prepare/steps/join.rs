//! Columns of another table: one of its rows at most belongs to a row, so rows are never multiplied.

use std::collections::HashMap;

use polars::prelude::{Column, IdxCa};
use serde::{Deserialize, Serialize};

use super::events::{EventTable, key};
use crate::plural::counted;
use crate::prepare::PrepareError;
use crate::prepare::rows::Rows;
use crate::prepare::sequence::Sequence;
use crate::spec::{self, JoinBy};

/// Puts columns of another table beside the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The other table.
    pub table: String,
    /// Which of its rows belongs to a row.
    pub by: JoinBy,
    /// What the names of the new columns begin with.
    pub prefix: String,
    /// Its columns, which become features.
    pub columns: Vec<String>,
}

impl Join {
    pub(super) fn resolve(how: &spec::Join, rows: &Rows) -> Result<Self, PrepareError> {
        let other = rows.other(&how.table)?;
        let mut keys = vec![key(other, rows.roles.group.as_ref(), "group")?];
        match key(other, rows.roles.time.as_ref(), "time") {
            Ok(time) => keys.push(time),
            // A table of machines knows no time.
            Err(_) if how.by == JoinBy::Group => {}
            Err(error) => return Err(error),
        }
        let names = other.frame.columns().iter().map(|column| column.name().to_string());
        let columns: Vec<String> = names.filter(|name| !keys.contains(name)).collect();
        let made: Vec<String> =
            columns.iter().map(|name| format!("{}{name}", how.prefix)).collect();
        rows.are_free(&made)?;
        for name in &columns {
            // Numbers that are spelt wrong in some cells are not to become categories.
            if other.is_mixed(other.column(name)?) {
                other.numbers(name)?;
            }
        }
        Ok(Self { table: how.table.clone(), by: how.by, prefix: how.prefix.clone(), columns })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let places = match self.by {
            JoinBy::Group => self.by_group(rows)?,
            JoinBy::GroupAndTime | JoinBy::Latest => self.by_time(rows)?,
        };
        let without = places.iter().filter(|place| place.is_none()).count();
        if without > 0 {
            let table = &self.table;
            rows.notes.push(format!("table {table}: no match for {}", counted(without, "row")));
        }
        let places: IdxCa = places.iter().map(|place| place.map(|place| place as u32)).collect();
        let other = rows.other(&self.table)?;
        let mut joined = Vec::with_capacity(self.columns.len());
        for name in &self.columns {
            let column: Column = other.column(name)?.take(&places).map_err(|error| {
                crate::data::DataError::Frame {
                    path: other.source.clone(),
                    reason: error.to_string(),
                }
            })?;
            joined.push(column.with_name(format!("{}{name}", self.prefix).into()));
        }
        for column in joined {
            rows.put_column(column);
        }
        Ok(())
    }

    /// The row of the other table for every row, `[rows]`.
    fn by_group(&self, rows: &Rows) -> Result<Vec<Option<usize>>, PrepareError> {
        let other = rows.other(&self.table)?;
        let group = key(other, rows.roles.group.as_ref(), "group")?;
        let labels = crate::data::labels(other.column(&group)?);
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, label) in labels.iter().enumerate() {
            let Some(label) = label else { continue };
            if let Some(first) = places.insert(label, place) {
                return Err(PrepareError::KeyTwice {
                    path: other.source.clone(),
                    key: format!("{group} {label}"),
                    first: first + 1,
                    second: place + 1,
                });
            }
        }
        let sequence = Sequence::new(rows)?;
        let mut found = vec![None; rows.height()];
        for (run, group) in sequence.runs().zip(&sequence.groups) {
            let place = places.get(group.as_str()).copied();
            for &row in &sequence.order[run] {
                found[row] = place;
            }
        }
        Ok(found)
    }

    /// The row of the other table for every row, `[rows]`.
    fn by_time(&self, rows: &Rows) -> Result<Vec<Option<usize>>, PrepareError> {
        let sequence = Sequence::with_times(rows)?;
        let events = EventTable::read(rows, &self.table, &sequence)?;
        let mut found = vec![None; rows.height()];
        for (group, run) in sequence.runs().enumerate() {
            let events = events.of_group(group);
            let twice = events.windows(2).find(|pair| pair[0].time == pair[1].time);
            if let (JoinBy::GroupAndTime, Some([first, second])) = (self.by, twice) {
                return Err(PrepareError::KeyTwice {
                    path: rows.other(&self.table)?.source.clone(),
                    key: format!(
                        "{} at {}",
                        sequence.groups[group],
                        crate::data::show_time(first.time)
                    ),
                    first: first.place + 1,
                    second: second.place + 1,
                });
            }
            for place in run {
                let (row, time) = (sequence.order[place], sequence.times[place]);
                // Of several at one time the last one of the table.
                let upto = events.partition_point(|event| event.time <= time);
                let last = upto.checked_sub(1).and_then(|last| events.get(last));
                let fits =
                    |event: &&super::events::Event| self.by == JoinBy::Latest || event.time == time;
                found[row] = last.filter(fits).map(|event| event.place);
            }
        }
        Ok(found)
    }
}
