//! The search for the best threshold of a column in a node.
//!
//! Three ways of putting the node's rows into the order of their ranks, of which the cheapest is
//! taken; all give the same split. One pass over that order then judges every threshold.

mod histogram;
mod minority;
mod random;
mod scan;
mod sorted;

use super::impurity::Judge;
use super::ranked::{Ranked, Span};
use super::sample::{Sample, Tally};
use super::split::{Cut, Split};
use minority::Minority;
use scan::Entry;

/// A node to be split.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    /// Its rows, class by class.
    pub(super) samples: &'a [Sample],
    /// How many they are, `[classes]`.
    pub(super) tallies: &'a [Tally],
}

impl<'a> Node<'a> {
    /// Its rows class by class, each with its place among the node's rows.
    fn segments(self) -> impl Iterator<Item = (usize, usize, &'a [Sample])> {
        let mut start = 0;
        self.tallies.iter().enumerate().map(move |(class, tally)| {
            let from = start;
            start += tally.rows();
            (class, from, &self.samples[from..start])
        })
    }
}

/// The search, with room that it uses again and again.
pub(super) struct Search<'a> {
    judge: &'a Judge<'a>,
    /// Of the node's rows.
    ranks: Vec<u32>,
    /// The cells of the node's rows, where they are not ranked.
    cells: Vec<f32>,
    /// The node's rows in the order of their ranks, those without a missing cell.
    entries: Vec<Entry>,
    /// Those with one, `[classes]`.
    missing: Vec<Tally>,
    /// Rows left of the threshold, `[classes]`.
    left: Vec<Tally>,
    /// `[ranks, classes]`.
    bins: Vec<Tally>,
    keys: Vec<u64>,
    minority: Minority,
}

impl<'a> Search<'a> {
    pub(super) fn new(judge: &'a Judge<'a>) -> Self {
        let none = vec![Tally::default(); judge.class_weights.len()];
        Self {
            judge,
            ranks: Vec::new(),
            cells: Vec::new(),
            entries: Vec::new(),
            missing: none.clone(),
            left: none,
            bins: Vec::new(),
            keys: Vec::new(),
            minority: Minority::default(),
        }
    }

    /// Puts the best split at a column into `best` if it is better than what is there. Whether the
    /// column is constant in the node, and there is none.
    pub(super) fn try_all(
        &mut self,
        node: Node,
        (number, column): (u32, &Ranked),
        best: &mut Split,
    ) -> bool {
        let span = column.gather(node.samples, &mut self.ranks);
        if column.is_constant(span) {
            return true;
        }
        self.missing.fill(Tally::default());
        let before = best.score;
        if self.order(node, column, span) {
            self.scan(node, column, span, best);
            if best.score > before {
                best.cut = self.minority.translate(best.cut, &self.ranks);
            }
        } else {
            self.scan(node, column, span, best);
        }
        if best.score > before {
            best.column = number;
            if span.missing == 0 {
                best.send_missing_to_the_more(node.tallies);
            }
        }
        false
    }

    /// Fills `entries` and `missing`. Whether places stand for ranks, as [`Minority`] has them.
    fn order(&mut self, node: Node, column: &Ranked, span: Span) -> bool {
        let rows = node.samples.len();
        let bins = (span.high - span.low + 2) as usize * node.tallies.len();
        if bins <= rows / 2 {
            self.bin(node, span);
            return false;
        }
        let most = node.tallies.iter().map(|tally| tally.rows()).max().unwrap_or(0);
        if (rows - most) * 4 <= rows && self.judge.is_free() && !column.has_near() {
            self.order_minority(node, column, span);
            return true;
        }
        if bins <= rows * 4 {
            self.bin(node, span);
        } else {
            self.sort(node, column);
        }
        false
    }

    /// Judges every threshold: missing cells right, then missing cells left.
    fn scan(&mut self, node: Node, column: &Ranked, span: Span, best: &mut Split) {
        let near = column.has_near().then_some(column);
        self.left.fill(Tally::default());
        self.scan_once(node, near, false, best);
        if span.missing == 0 {
            return;
        }
        if let Some(score) = self.judge.score(&self.left, node.tallies) {
            self.offer(score, Cut::Missing, false, best);
        }
        self.left.copy_from_slice(&self.missing);
        self.scan_once(node, near, true, best);
    }

    fn offer(&self, score: f64, cut: Cut, missing_left: bool, best: &mut Split) {
        if score > best.score {
            best.score = score;
            best.cut = cut;
            best.missing_left = missing_left;
            best.left.copy_from_slice(&self.left);
        }
    }
}

#[cfg(test)]
mod tests;
