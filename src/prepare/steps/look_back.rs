//! How often each kind of event has come lately, and how long ago it came last.

use serde::{Deserialize, Serialize};

use super::events::{EventTable, kinds, times_by_kind};
use crate::prepare::PrepareError;
use crate::prepare::rows::Rows;
use crate::prepare::sequence::Sequence;
use crate::spec::{self, Span};

/// The most kinds of events, each of which makes a column.
const MOST_KINDS: usize = 256;

/// An hour, milliseconds.
const HOUR: f64 = 3_600_000.0;

/// Looks back at the events of another table. An event at the time of the row has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookBack {
    /// The other table.
    pub table: String,
    /// Its column that says what an event was.
    pub column: String,
    /// What the names of the new columns begin with.
    pub prefix: String,
    /// The kinds of events.
    pub kinds: Vec<String>,
    /// What each kind becomes.
    pub tells: EventFeature,
}

/// What the events of a kind become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventFeature {
    /// How many came within this time, as `<kind>_count_<time>`.
    Count(Span),
    /// Hours since the last one, as `hours_since_<kind>`; missing before the first.
    HoursSince,
}

impl LookBack {
    pub(super) fn count(how: &spec::CountEvents, rows: &Rows) -> Result<Self, PrepareError> {
        let tells = EventFeature::Count(how.within.clone());
        Self::resolve((&how.table, &how.column), &how.prefix, tells, rows)
    }

    pub(super) fn time_since(how: &spec::Events, rows: &Rows) -> Result<Self, PrepareError> {
        Self::resolve((&how.table, &how.column), &how.prefix, EventFeature::HoursSince, rows)
    }

    /// Whether there are no more kinds than a table may have.
    pub(super) fn is_sound(&self) -> bool {
        self.kinds.len() <= MOST_KINDS
    }

    fn resolve(
        (table, column): (&str, &str),
        prefix: &str,
        tells: EventFeature,
        rows: &Rows,
    ) -> Result<Self, PrepareError> {
        let (_, kinds) = kinds(rows, table, column)?;
        if kinds.len() > MOST_KINDS {
            let path = rows.other(table)?.source.clone();
            let (column, kinds, limit) = (column.to_owned(), kinds.len(), MOST_KINDS);
            return Err(PrepareError::TooManyKinds { path, column, kinds, limit });
        }
        let (table, column, prefix) = (table.to_owned(), column.to_owned(), prefix.to_owned());
        let resolved = Self { table, column, prefix, kinds, tells };
        rows.are_free(&resolved.names())?;
        Ok(resolved)
    }

    /// The names of the new columns.
    pub(super) fn names(&self) -> Vec<String> {
        let prefix = &self.prefix;
        let name = |kind: &String| match &self.tells {
            EventFeature::Count(within) => format!("{prefix}{kind}_count_{within}"),
            EventFeature::HoursSince => format!("{prefix}hours_since_{kind}"),
        };
        self.kinds.iter().map(name).collect()
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let sequence = Sequence::with_times(rows)?;
        let events = EventTable::read(rows, &self.table, &sequence)?;
        let (cells, there) = kinds(rows, &self.table, &self.column)?;
        let unknown: Vec<String> =
            there.into_iter().filter(|kind| !self.kinds.contains(kind)).collect();
        if !unknown.is_empty() {
            let (table, kinds) = (&self.table, unknown.join(", "));
            rows.notes
                .push(format!("table {table}: events of unknown kinds are not counted: {kinds}"));
        }
        if events.is_empty() {
            let table = &self.table;
            rows.notes
                .push(format!("table {table}: none of its events is of a group of these rows"));
        }
        let mut values = vec![vec![f64::NAN; rows.height()]; self.kinds.len()];
        for (group, run) in sequence.runs().enumerate() {
            let times = times_by_kind(events.of_group(group), &cells, &self.kinds);
            for (values, times) in values.iter_mut().zip(&times) {
                for place in run.clone() {
                    values[sequence.order[place]] = self.value(times, sequence.times[place]);
                }
            }
        }
        for (name, values) in self.names().iter().zip(values) {
            rows.put(name, values)?;
        }
        Ok(())
    }

    /// The feature at `now`, of events at `times`.
    fn value(&self, times: &[i64], now: i64) -> f64 {
        let upto = times.partition_point(|&time| time <= now);
        match &self.tells {
            EventFeature::Count(within) => {
                let after = now.saturating_sub(within.milliseconds());
                (upto - times.partition_point(|&time| time <= after)) as f64
            }
            EventFeature::HoursSince => match upto.checked_sub(1) {
                Some(last) => now.saturating_sub(times[last]) as f64 / HOUR,
                None => f64::NAN,
            },
        }
    }
}
