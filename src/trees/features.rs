//! Columns drawn for a split, without those known to be constant.

use chacha20::ChaCha8Rng;

use crate::random::below;

/// The columns in an order that draws change, those found constant on the way down first.
pub(super) struct Features {
    order: Vec<u32>,
    /// The constant columns of the path to the node, in the order they were found.
    constant: Vec<u32>,
}

/// The draws of one node.
///
/// As in scikit-learn a constant column counts as a draw, and draws go on until one column is not
/// constant. `order` holds, one part after the other: known constants drawn, known constants not
/// drawn, constants found here, columns left to draw, columns drawn.
pub(super) struct Draws<'a> {
    features: &'a mut Features,
    most: usize,
    visited: usize,
    known: usize,
    drawn: usize,
    found: usize,
    rest: usize,
    /// The place in `order` of the column drawn last.
    at: usize,
}

impl Features {
    /// So many columns.
    pub(super) fn new(columns: usize) -> Self {
        let order: Vec<u32> = (0..columns as u32).collect();
        Self { constant: order.clone(), order }
    }

    /// Draws at least `most` columns for a node, of whose columns `known` are known to be constant.
    pub(super) fn draws(&mut self, most: usize, known: usize) -> Draws<'_> {
        let rest = self.order.len();
        Draws { features: self, most, visited: 0, known, drawn: 0, found: 0, rest, at: 0 }
    }
}

impl Draws<'_> {
    /// The next column to look at.
    pub(super) fn draw(&mut self, generator: &mut ChaCha8Rng) -> Option<u32> {
        while self.rest > self.known + self.found
            && (self.visited < self.most || self.visited <= self.found + self.drawn)
        {
            self.visited += 1;
            let place = self.drawn + below(self.rest - self.found - self.drawn, generator);
            if place < self.known {
                self.features.order.swap(self.drawn, place);
                self.drawn += 1;
                continue;
            }
            self.at = place + self.found;
            self.rest -= 1;
            self.features.order.swap(self.rest, self.at);
            return Some(self.features.order[self.rest]);
        }
        None
    }

    /// Notes that the column drawn last is constant in the node.
    pub(super) fn note_constant(&mut self) {
        let order = &mut self.features.order;
        order.swap(self.rest, self.at);
        self.rest += 1;
        order.swap(self.at, self.known + self.found);
        self.found += 1;
    }

    /// Ends the draws: how many columns are known to be constant now.
    pub(super) fn end(self) -> usize {
        let Features { order, constant } = self.features;
        let all = self.known + self.found;
        order[..self.known].copy_from_slice(&constant[..self.known]);
        constant[self.known..all].copy_from_slice(&order[self.known..all]);
        all
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;
    use crate::random::{Purpose, Streams};

    fn draw(features: &mut Features, most: usize, known: usize, constant: &[u32]) -> Vec<u32> {
        let mut generator = Streams::new(1, 2, 3).generator(Purpose::Tree, 0);
        let mut draws = features.draws(most, known);
        let mut seen = Vec::new();
        while let Some(column) = draws.draw(&mut generator) {
            seen.push(column);
            if constant.contains(&column) {
                draws.note_constant();
            }
        }
        draws.end();
        seen
    }

    #[test]
    fn every_column_is_drawn_once() {
        let mut seen = draw(&mut Features::new(40), 40, 0, &[]);
        seen.sort_unstable();
        assert_eq!(seen, (0..40).collect::<Vec<u32>>());
    }

    #[test]
    fn draws_end_with_the_first_column_beyond_the_constant_ones() {
        let constant: Vec<u32> = (0..40).filter(|column| *column != 17).collect();
        let seen = draw(&mut Features::new(40), 3, 0, &constant);
        assert_eq!(seen.last(), Some(&17));
        assert_eq!(seen.iter().filter(|column| **column == 17).count(), 1);
    }

    #[test]
    fn columns_known_to_be_constant_are_looked_at_no_more() {
        let mut features = Features::new(10);
        let constant = [2, 3, 5, 7];
        draw(&mut features, 10, 0, &constant);
        let mut seen = draw(&mut features, 10, 4, &[]);
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 4, 6, 8, 9]);
    }

    #[test]
    fn nothing_is_drawn_of_constant_columns_alone() {
        assert!(draw(&mut Features::new(0), 1, 0, &[]).is_empty());
        assert_eq!(draw(&mut Features::new(3), 1, 0, &[0, 1, 2]).len(), 3);
    }
}
