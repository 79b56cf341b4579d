//! Rows counted by rank and class: for nodes with more rows than ranks.

use super::super::ranked::Span;
use super::super::sample::Tally;
use super::scan::Entry;
use super::{Node, Search};

impl Search<'_> {
    /// Fills `entries` and `missing` by counting.
    pub(super) fn bin(&mut self, node: Node, span: Span) {
        let classes = node.tallies.len();
        let width = span.high - span.low + 1;
        self.bins.clear();
        // Missing cells have the greatest rank, and a last bin of their own.
        self.bins.resize((width as usize + 1) * classes, Tally::default());
        for (class, from, samples) in node.segments() {
            for (sample, rank) in samples.iter().zip(&self.ranks[from..]) {
                let bin = (rank - span.low).min(width) as usize;
                self.bins[bin * classes + class] += sample.tally();
            }
        }
        self.entries.clear();
        let (values, missing) = self.bins.split_at(width as usize * classes);
        for (bin, place) in values.chunks_exact(classes).zip(span.low..) {
            for (&tally, class) in bin.iter().zip(0..) {
                if !tally.is_empty() {
                    self.entries.push(Entry { place, class, tally });
                }
            }
        }
        self.missing.copy_from_slice(missing);
    }
}
