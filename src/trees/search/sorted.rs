//! Rows sorted by rank: for nodes with fewer rows than ranks, and without a class of most rows.

use super::super::ranked::Ranked;
use super::super::sample::Sample;
use super::scan::Entry;
use super::{Node, Search};

impl Search<'_> {
    /// Fills `entries` and `missing` by sorting.
    pub(super) fn sort(&mut self, node: Node, column: &Ranked) {
        let missing = column.missing_rank();
        self.keys.clear();
        for (sample, &rank) in node.samples.iter().zip(&self.ranks) {
            if rank == missing {
                self.missing[usize::from(sample.class)] += sample.tally();
            } else {
                self.keys.push(pack(*sample, rank));
            }
        }
        self.keys.sort_unstable();
        self.entries.clear();
        self.entries.extend(self.keys.iter().map(|&key| unpack(key)));
    }
}

/// A rank and what else the pass needs, in one number that sorts by rank.
#[inline]
pub(super) fn pack(sample: Sample, rank: u32) -> u64 {
    (u64::from(rank) << 32) | (u64::from(sample.class) << 16) | u64::from(sample.weight)
}

/// The row that was packed.
#[inline]
pub(super) fn unpack(key: u64) -> Entry {
    let sample = Sample { row: 0, class: (key >> 16) as u16, weight: key as u16 };
    Entry { place: (key >> 32) as u32, class: sample.class, tally: sample.tally() }
}
