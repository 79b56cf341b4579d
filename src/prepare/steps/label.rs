//! The target: the event that comes within a time.

use serde::{Deserialize, Serialize};

use super::events::{EventTable, kinds};
use crate::prepare::PrepareError;
use crate::prepare::rows::Rows;
use crate::prepare::sequence::Sequence;
use crate::spec::{self, Span};

/// Makes the target: what comes next, later than the row and within a time. Of several at one time it
/// is the first in alphabetical order. Rows so late that the time ahead of them is not known, and that
/// no event follows, are left out. Only a table to train or to judge on is labelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The table of events.
    pub table: String,
    /// Its column that says what an event was.
    pub column: String,
    /// How far ahead it may be.
    pub within: Span,
    /// The class of rows that no event follows.
    pub otherwise: String,
    /// The target.
    pub target: String,
}

impl Label {
    pub(super) fn resolve(how: &spec::Label, rows: &Rows) -> Result<Self, PrepareError> {
        let Some(target) = rows.target.clone() else { return Err(PrepareError::LabelTwice) };
        if rows.has(&target) {
            return Err(PrepareError::NameTaken { path: rows.path(), name: target });
        }
        Ok(Self {
            table: how.table.clone(),
            column: how.column.clone(),
            within: how.within.clone(),
            otherwise: how.otherwise.clone(),
            target,
        })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        let sequence = Sequence::with_times(rows)?;
        let events = EventTable::read(rows, &self.table, &sequence)?;
        let (cells, _) = kinds(rows, &self.table, &self.column)?;
        // What came after the last row of all is not known.
        let known_until = sequence.times.iter().copied().max().unwrap_or(i64::MIN);
        let mut labels: Vec<Option<String>> = vec![None; rows.height()];
        for (group, run) in sequence.runs().enumerate() {
            let events = events.of_group(group);
            for place in run {
                let now = sequence.times[place];
                let until = now.saturating_add(self.within.milliseconds());
                let ahead = &events[events.partition_point(|event| event.time <= now)..];
                // An event that says nothing is none.
                let next = ahead.iter().find(|event| cells[event.place].is_some());
                let next = next.filter(|event| event.time <= until);
                labels[sequence.order[place]] = match next {
                    Some(next) => {
                        let together = ahead.iter().filter(|event| event.time == next.time);
                        together.filter_map(|event| cells[event.place].clone()).min()
                    }
                    None => (until <= known_until).then(|| self.otherwise.clone()),
                };
            }
        }
        let kept: Vec<usize> = (0..rows.height()).filter(|&row| labels[row].is_some()).collect();
        rows.put_text(&self.target, &labels)?;
        rows.is_no_feature(&self.target);
        super::leave_out(
            rows,
            &kept,
            &format!("so late that their next {} are not known", self.within),
        )
    }
}
