//! Rows of the rarer classes sorted, those of the most frequent one only counted between them: for
//! nodes where one class has most rows, as healthy machines do.
//!
//! No best threshold lies inside a run of one class, so that the order within it need not be known.

use super::super::ranked::{Ranked, Span};
use super::super::sample::Tally;
use super::super::split::Cut;
use super::scan::Entry;
use super::sorted::{pack, unpack};
use super::{Node, Search};

/// The ranks of the rarer classes, and the places that the order has instead of ranks.
///
/// Place 2j + 1 is the rank `marks[j]`, and place 2j the ranks between it and the one before.
#[derive(Default)]
pub(super) struct Minority {
    /// Ascending.
    marks: Vec<u32>,
    /// Rows of the most frequent class at each place.
    counts: Vec<Tally>,
    /// The place of every rank from the least on.
    table: Vec<u32>,
    /// The place of the most frequent class's rows among the node's.
    start: usize,
    end: usize,
}

/// Up to so many marks are compared with one after the other.
const FEW: usize = 8;

impl Minority {
    /// The rank-wise cut of a cut between places.
    pub(super) fn translate(&self, cut: Cut, ranks: &[u32]) -> Cut {
        let Cut::Between(low, high) = cut else { return cut };
        let ranks = &ranks[self.start..self.end];
        let mark = |place: u32| self.marks[place as usize / 2];
        let between = |place: u32| {
            let at = place as usize / 2;
            let above = at.checked_sub(1).map(|last| self.marks[last]);
            let below = self.marks.get(at).copied();
            let inside = move |rank: &u32| {
                above.is_none_or(|above| *rank > above) && below.is_none_or(|below| *rank < below)
            };
            ranks.iter().copied().filter(inside)
        };
        let is_mark = |place: u32| place % 2 == 1;
        let low = if is_mark(low) { mark(low) } else { between(low).max().unwrap_or(0) };
        let high = if is_mark(high) { mark(high) } else { between(high).min().unwrap_or(0) };
        Cut::Between(low, high)
    }

    /// Fills `table`.
    fn tabulate(&mut self, span: Span) {
        self.table.clear();
        for (&mark, place) in self.marks.iter().zip((0..).step_by(2)) {
            self.table.resize((mark - span.low) as usize, place);
            self.table.push(place + 1);
        }
        self.table.resize((span.high - span.low) as usize + 1, 2 * self.marks.len() as u32);
    }

    /// The place of a rank.
    #[inline]
    fn place(&self, rank: u32) -> usize {
        let at = if self.marks.len() <= FEW {
            self.marks.iter().map(|&mark| usize::from(mark < rank)).sum()
        } else {
            self.marks.partition_point(|&mark| mark < rank)
        };
        2 * at + usize::from(self.marks.get(at) == Some(&rank))
    }
}

impl Search<'_> {
    /// Fills `entries` and `missing`, with places of [`Minority`].
    pub(super) fn order_minority(&mut self, node: Node, column: &Ranked, span: Span) {
        let missing = column.missing_rank();
        let most = node.segments().max_by_key(|(class, _, samples)| (samples.len(), *class));
        let Some((most, start, frequent)) = most else { return };
        self.keys.clear();
        for (class, from, samples) in node.segments().filter(|(class, ..)| *class != most) {
            for (sample, &rank) in samples.iter().zip(&self.ranks[from..]) {
                if rank == missing {
                    self.missing[class] += sample.tally();
                } else {
                    self.keys.push(pack(*sample, rank));
                }
            }
        }
        self.keys.sort_unstable();
        let minority = &mut self.minority;
        (minority.start, minority.end) = (start, start + frequent.len());
        minority.marks.clear();
        minority.marks.extend(self.keys.iter().map(|key| (key >> 32) as u32));
        minority.marks.dedup();
        minority.counts.clear();
        minority.counts.resize(2 * minority.marks.len() + 1, Tally::default());

        let ranks = &self.ranks[start..];
        let width = (span.high - span.low) as usize + 1;
        if width <= frequent.len() * 4 && minority.marks.len() > FEW {
            minority.tabulate(span);
            for (sample, &rank) in frequent.iter().zip(ranks) {
                match minority.table.get((rank - span.low) as usize) {
                    Some(&place) => minority.counts[place as usize] += sample.tally(),
                    None => self.missing[most] += sample.tally(),
                }
            }
        } else {
            for (sample, &rank) in frequent.iter().zip(ranks) {
                if rank == missing {
                    self.missing[most] += sample.tally();
                } else {
                    let place = minority.place(rank);
                    minority.counts[place] += sample.tally();
                }
            }
        }
        self.merge(most as u16);
    }

    /// Fills `entries` from the sorted rows and the counts between them.
    fn merge(&mut self, most: u16) {
        self.entries.clear();
        let mut keys = self.keys.iter().copied().peekable();
        for (place, &tally) in (0..).zip(&self.minority.counts) {
            if !tally.is_empty() {
                self.entries.push(Entry { place, class: most, tally });
            }
            if place % 2 == 1 {
                let mark = self.minority.marks[place as usize / 2];
                while let Some(key) = keys.next_if(|key| (key >> 32) as u32 == mark) {
                    self.entries.push(Entry { place, ..unpack(key) });
                }
            }
        }
    }
}
