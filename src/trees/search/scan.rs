//! One pass over rows in the order of their ranks.

use super::super::impurity::{Judge, Sides};
use super::super::ranked::Ranked;
use super::super::sample::Tally;
use super::super::split::{Cut, Split};
use super::{Node, Search};

/// Rows of one class at one place in the order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    pub(super) place: u32,
    pub(super) class: u16,
    pub(super) tally: Tally,
}

/// Stands for the class where there are several.
const MIXED: u32 = u32::MAX;

impl Search<'_> {
    /// Judges the thresholds between places. `left` holds what lies left of all.
    ///
    /// Between two places of one and the same class the score has no maximum, since it is convex
    /// along a run of one class: such a threshold is not judged, unless the end of the run leaves
    /// too few rows on a side.
    pub(super) fn scan_once(
        &mut self,
        node: Node,
        near: Option<&Ranked>,
        missing_left: bool,
        best: &mut Split,
    ) {
        let free = self.judge.is_free();
        // Kept up from entry to entry, where that changes no bit: a sum over all classes takes longer.
        let mut sides =
            self.judge.shifts(node.tallies).then(|| self.judge.sides(&self.left, node.tallies));
        let mut before: Option<(u32, u32)> = None;
        let mut at = 0;
        while let Some(first) = self.entries.get(at) {
            let place = first.place;
            let mut class = u32::from(first.class);
            let mut end = at + 1;
            while let Some(next) = self.entries.get(end).filter(|next| next.place == place) {
                if u32::from(next.class) != class {
                    class = MIXED;
                }
                end += 1;
            }
            if let Some((last, last_class)) = before {
                let is_run = class == last_class && class != MIXED;
                if near.is_some_and(|column| !column.are_apart(last, place)) {
                    class = if is_run { class } else { MIXED };
                } else if !(free && is_run)
                    && let Some(score) = self.score(node, sides.as_ref())
                {
                    self.offer(score, Cut::Between(last, place), missing_left, best);
                }
            }
            for entry in &self.entries[at..end] {
                let class = usize::from(entry.class);
                if let Some(sides) = &mut sides {
                    Judge::shift(sides, (self.left[class], node.tallies[class]), entry.tally);
                }
                self.left[class] += entry.tally;
            }
            before = Some((place, class));
            at = end;
        }
    }

    /// The score of what lies left by now; `sides` are its sums, where they are kept up.
    #[inline]
    fn score(&self, node: Node, sides: Option<&Sides>) -> Option<f64> {
        match sides {
            Some(sides) if self.judge.leaves_rows(&self.left, node.tallies) => {
                self.judge.score_sides(sides)
            }
            Some(_) => None,
            None => self.judge.score(&self.left, node.tallies),
        }
    }
}
