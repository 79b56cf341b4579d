//! Exact nearest neighbours among the rows of a class, by a tree of boxes.
//!
//! A node's box spans its rows in every column, and the node is left out where the box lies farther
//! off than the neighbours found so far. Distances to boxes and to rows are summed in one order,
//! and rounding is monotone, so a box is never computed to be farther off than a row in it: what is
//! found is what a comparison with all rows finds, ties included, which go to the lower row number.
//!
//! Five neighbours of each of 100,000 rows took 6 s of processor time with 8 independent columns,
//! and 3.5 s with 50 that five quantities determine up to noise, as readings of one machine tend to
//! be. With many independent columns a box tells little, and the time grows with the square of the
//! rows: 20,000 rows with 50 such columns took 11 s, so that 100,000 would take 5 minutes.

use std::ops::Range;

use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSliceMut;

use super::points::Points;

/// Rows of a node that is not parted any more.
const LEAF: usize = 16;

/// The rows of a class, parted by halves until few are left.
pub(super) struct Tree {
    /// The rows in the order of the leaves.
    points: Points,
    /// The row number at each place.
    rows: Vec<usize>,
    /// The place of each row number.
    places: Vec<usize>,
    /// Each node before the nodes that it is parted into.
    nodes: Vec<Node>,
    /// The least and the greatest of each column in each node.
    low: Points,
    high: Points,
}

struct Node {
    places: Range<usize>,
    /// The lowest row number.
    first: usize,
    /// The node of the upper half; the lower half's is the next one.
    upper: Option<usize>,
}

impl Tree {
    /// A tree of the rows of `points`, which it numbers from 0.
    pub(super) fn new(points: &Points) -> Self {
        let mut rows: Vec<usize> = (0..points.len()).collect();
        let mut tree = Self {
            points: points.none(),
            rows: Vec::new(),
            places: vec![0; rows.len()],
            nodes: Vec::new(),
            low: points.none(),
            high: points.none(),
        };
        tree.part(points, &mut rows, 0);
        for (place, &row) in rows.iter().enumerate() {
            tree.points.push(points, row);
            tree.places[row] = place;
        }
        tree.rows = rows;
        tree
    }

    /// Adds the node of `rows`, which start at a place, and the nodes below it.
    fn part(&mut self, points: &Points, rows: &mut [usize], start: usize) {
        let Some(&first) = rows.iter().min() else { return };
        let node = self.nodes.len();
        let places = start..start + rows.len();
        self.nodes.push(Node { places, first, upper: None });
        self.low.push(points, first);
        self.high.push(points, first);
        for &row in &*rows {
            self.low.lower_last(points, row);
            self.high.raise_last(points, row);
        }
        if rows.len() <= LEAF {
            return;
        }
        let column = self.low.widest(&self.high, node);
        let middle = rows.len() / 2;
        rows.select_nth_unstable_by(middle, |&one, &other| {
            points.compare(column, one, other).then(one.cmp(&other))
        });
        let (lower, upper) = rows.split_at_mut(middle);
        self.part(points, lower, start);
        self.nodes[node].upper = Some(self.nodes.len());
        self.part(points, upper, start + middle);
    }

    /// The `k` nearest neighbours, nearest first, of each of `rows`, which ascend: `[rows, k]`. A
    /// row is not its own neighbour. Of neighbours equally far the lower row number is nearer.
    pub(super) fn nearest(&self, rows: &[usize], k: usize) -> Vec<usize> {
        let mut searches: Vec<Search> = rows.iter().map(|&row| Search::new(row, k)).collect();
        // Rows of one leaf meet the same nodes, and find them in the processor's cache.
        searches.sort_unstable_by_key(|search| self.places[search.row]);
        searches.par_chunks_mut(LEAF).for_each(|group| {
            let all: Vec<usize> = (0..group.len()).collect();
            self.visit(0, group, &all);
        });
        searches.sort_unstable_by_key(|search| search.row);
        searches.iter().flat_map(|search| search.found.iter().map(|(_, row)| *row)).collect()
    }

    /// Looks at the rows of a node for those of the `group` that are `active`.
    fn visit(&self, node: usize, group: &mut [Search], active: &[usize]) {
        let Node { places, first, upper } = &self.nodes[node];
        let distance =
            |row, node| self.points.box_distance(self.places[row], &self.low, &self.high, node);
        let is_near = |&&at: &&usize| group[at].is_near(distance(group[at].row, node), *first);
        let active: Vec<usize> = active.iter().filter(is_near).copied().collect();
        let Some(&one) = active.first() else { return };
        if let Some(upper) = *upper {
            let row = group[one].row;
            let mut halves = [node + 1, upper];
            if distance(row, upper) < distance(row, node + 1) {
                halves.reverse();
            }
            for half in halves {
                self.visit(half, group, &active);
            }
            return;
        }
        for at in active {
            let place = self.places[group[at].row];
            for other in places.clone().filter(|&other| other != place) {
                group[at].offer(self.points.distance(place, other), self.rows[other]);
            }
        }
    }
}

/// The search for the nearest neighbours of a row.
struct Search {
    row: usize,
    k: usize,
    /// Squared distances and row numbers, nearest first.
    found: Vec<(f64, usize)>,
}

impl Search {
    fn new(row: usize, k: usize) -> Self {
        Self { row, k, found: Vec::with_capacity(k + 1) }
    }

    /// Whether a row at a squared distance is nearer than the farthest found.
    fn is_near(&self, distance: f64, row: usize) -> bool {
        self.found.len() < self.k || self.found.last().is_some_and(|last| (distance, row) < *last)
    }

    fn offer(&mut self, distance: f64, row: usize) {
        if self.is_near(distance, row) {
            let at = self.found.partition_point(|found| *found < (distance, row));
            self.found.insert(at, (distance, row));
            self.found.truncate(self.k);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The k nearest by comparing with all rows.
    fn by_brute_force(points: &Points, row: usize, k: usize) -> Vec<usize> {
        let others = (0..points.len()).filter(|&other| other != row);
        let mut others: Vec<_> = others.map(|other| (points.distance(row, other), other)).collect();
        others.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        others.into_iter().take(k).map(|(_, row)| row).collect()
    }

    fn assert_exact(numeric: &[Vec<f64>], categorical: &[Vec<u32>], k: usize) {
        let numeric: Vec<&[f64]> = numeric.iter().map(Vec::as_slice).collect();
        let categorical: Vec<&[u32]> = categorical.iter().map(Vec::as_slice).collect();
        let rows: Vec<usize> = (0..numeric[0].len()).collect();
        let points = Points::new(&numeric, &categorical, &rows, 0.7);
        let found = Tree::new(&points).nearest(&rows, k);
        for &row in &rows {
            assert_eq!(found[row * k..(row + 1) * k], by_brute_force(&points, row, k), "{row}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Few values a column, so that most rows are equally far from several others.
        #[test]
        fn neighbours_among_many_ties_are_those_of_brute_force(
            numeric in (1..7_usize).prop_flat_map(|columns| prop::collection::vec(
                prop::collection::vec((-2..3_i8).prop_map(f64::from), 200), columns)),
            codes in prop::collection::vec(0..3_u32, 200),
            k in 1..12_usize,
        ) {
            assert_exact(&numeric, &[codes], k);
        }

        #[test]
        fn neighbours_are_those_of_brute_force(
            numeric in (1..12_usize, 20..120_usize).prop_flat_map(|(columns, rows)| {
                prop::collection::vec(
                    prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, rows),
                    columns,
                )
            }),
            k in 1..20_usize,
        ) {
            assert_exact(&numeric, &[], k);
        }
    }

    #[test]
    fn equal_rows_are_neighbours_in_the_order_of_their_numbers() {
        let column = vec![1.5; 1000];
        let points = Points::new(&[&column], &[], &(0..1000).collect::<Vec<_>>(), 0.0);
        assert_eq!(Tree::new(&points).nearest(&[0, 1, 999], 3), [1, 2, 3, 0, 2, 3, 0, 1, 2]);
    }
}
