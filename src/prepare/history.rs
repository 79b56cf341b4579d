//! Rows to judge or predict whose windows reach back beyond the first row of their group.

use std::collections::HashSet;

use super::PrepareError;
use super::rows::Rows;
use super::sequence::Sequence;
use crate::plural::counted;
use crate::spec::Span;

/// How far back a step looks from a row, within its group.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// So many rows before the row itself.
    pub rows: usize,
    /// So long before it.
    pub span: Option<Span>,
}

/// What the steps so far have found of rows with little before them.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The longest of the reaches that some row has not.
    lacking: Reach,
    /// Rows of the table.
    short: HashSet<usize>,
}

impl History {
    /// Finds the rows that have less before them than a step reaches back.
    pub fn look(&mut self, reach: Reach, rows: &Rows) -> Result<(), PrepareError> {
        let sequence = match reach.span {
            Some(_) => Sequence::with_times(rows)?,
            None => Sequence::new(rows)?,
        };
        let length = reach.span.as_ref().map_or(0, Span::milliseconds);
        let (mut few, mut soon) = (false, false);
        for run in sequence.runs() {
            for place in run.clone() {
                let is_few = place - run.start < reach.rows;
                let is_soon = length > 0
                    && sequence.times[place].saturating_sub(sequence.times[run.start]) < length;
                if !is_few && !is_soon {
                    break;
                }
                few |= is_few;
                soon |= is_soon;
                self.short.insert(rows.origin()[sequence.order[place]]);
            }
        }
        if few {
            self.lacking.rows = self.lacking.rows.max(reach.rows);
        }
        let longest = self.lacking.span.as_ref().map_or(0, Span::milliseconds);
        if soon && length > longest {
            self.lacking.span = reach.span;
        }
        Ok(())
    }

    /// A note about those of the rows that are left; `origin` says which of the table they are.
    pub fn note(&self, origin: &[usize]) -> Option<String> {
        let short = origin.iter().filter(|row| self.short.contains(row)).count();
        if short == 0 {
            return None;
        }
        let span = self.lacking.span.as_ref().map(ToString::to_string);
        let rows = (self.lacking.rows > 0).then(|| counted(self.lacking.rows, "row"));
        let longest: Vec<String> = span.into_iter().chain(rows).collect();
        Some(format!(
            "{} with less than {} of history before them, as far as the longest window reaches back: \
             they are prepared from what is there; give the rows before them too",
            counted(short, "row"),
            longest.join(" or ")
        ))
    }
}
