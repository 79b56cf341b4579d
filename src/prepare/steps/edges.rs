//! Edges between bins of a number: at its quantiles, or where a decision tree parts the classes.

use std::ops::Range;

use crate::prepare::statistics;

/// The quantiles at equal shares for `count` bins, ascending: those that part the values.
pub(super) fn at_quantiles(values: &[f64], count: usize) -> Vec<f64> {
    let sorted = statistics::sorted(values);
    let Some(&last) = sorted.last() else { return Vec::new() };
    let mut edges: Vec<f64> = Vec::new();
    for place in 1..count {
        let edge = statistics::quantile(&sorted, place as f64 / count as f64);
        // Rounding may turn two equal quantiles round.
        if edge < last && edges.last().is_none_or(|&before| before < edge) {
            edges.push(edge);
        }
    }
    edges
}

/// The edges between the leaves of a decision tree, ascending: Gini impurity, the split that gains
/// most first, up to `count` leaves of at least `least` values each. Of equal splits it is the one at
/// the lowest edge. `cells` are values with their classes.
pub(super) fn by_tree(mut cells: Vec<(f64, u32)>, count: usize, least: usize) -> Vec<f64> {
    cells.sort_by(|one, other| one.0.total_cmp(&other.0));
    let classes = cells.iter().map(|(_, class)| *class as usize + 1).max().unwrap_or(0);
    let leaf = |range: Range<usize>| {
        let split = Split::best(&cells[range.clone()], classes, least);
        (range, split)
    };
    let mut leaves = vec![leaf(0..cells.len())];
    while leaves.len() < count {
        let splits = leaves.iter().enumerate();
        let splits = splits.filter_map(|(place, (_, split))| split.map(|split| (place, split)));
        let better = |one: (usize, Split), other: (usize, Split)| {
            if other.1.gain > one.1.gain { other } else { one }
        };
        let Some((place, split)) = splits.reduce(better) else { break };
        let Range { start, end } = leaves[place].0;
        let middle = start + split.below;
        leaves.splice(place..=place, [leaf(start..middle), leaf(middle..end)]);
    }
    let parted = leaves.iter().skip(1);
    parted.map(|(leaf, _)| between(cells[leaf.start - 1].0, cells[leaf.start].0)).collect()
}

/// Half-way between two values, of which only the upper one is above it.
fn between(lower: f64, upper: f64) -> f64 {
    let middle = f64::midpoint(lower, upper);
    if middle < upper { middle } else { lower }
}

/// A leaf in two.
#[derive(Clone, Copy)]
struct Split {
    /// How many values lie below the edge.
    below: usize,
    /// By how much the impurities fall, each counted by its rows.
    gain: f64,
}

impl Split {
    /// The best split of ascending `cells`; `None` if none makes the classes purer.
    fn best(cells: &[(f64, u32)], classes: usize, least: usize) -> Option<Self> {
        let (mut below, mut above) = (vec![0_u64; classes], vec![0_u64; classes]);
        for (_, class) in cells {
            above[*class as usize] += 1;
        }
        // The sums of the squared counts: whole numbers, so that nothing is lost on the way.
        let all: u64 = above.iter().map(|count| count * count).sum();
        let (mut low, mut high) = (0, all);
        let mut best: Option<(f64, [u64; 3])> = None;
        for (place, pair) in cells.windows(2).enumerate() {
            let (rows, class) = (place + 1, pair[0].1 as usize);
            low += 2 * below[class] + 1;
            high -= 2 * above[class] - 1;
            below[class] += 1;
            above[class] -= 1;
            let rest = cells.len() - rows;
            if pair[0].0 < pair[1].0 && rows >= least && rest >= least {
                let purity = low as f64 / rows as f64 + high as f64 / rest as f64;
                if best.is_none_or(|(most, _)| purity > most) {
                    best = Some((purity, [rows as u64, low, high]));
                }
            }
        }
        let (_, [rows, low, high]) = best?;
        let gain = gain(cells.len() as u64, all, rows, [low, high]);
        (gain > 0.0).then_some(Self { below: rows as usize, gain })
    }
}

/// low / below + high / above - all / rows, in whole numbers up to the division: 0 where the classes
/// have the same shares on both sides.
fn gain(rows: u64, all: u64, below: u64, [low, high]: [u64; 2]) -> f64 {
    let [rows, all, below, low, high] = [rows, all, below, low, high].map(i128::from);
    let above = rows - below;
    let gained = (low * above + high * below) * rows - all * below * above;
    gained as f64 / (rows * below * above) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]

    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<(f64, u32)> {
        text.bytes().enumerate().map(|(at, class)| (at as f64, u32::from(class - b'a'))).collect()
    }

    #[test]
    fn a_tree_parts_classes_where_they_change() {
        assert_eq!(by_tree(cells("aaabbbaaaa"), 8, 1), [2.5, 5.5]);
        assert_eq!(by_tree(cells("aaabbbaaaa"), 2, 1), [5.5]);
        assert_eq!(by_tree(cells("aaabbbaaaa"), 8, 4), [5.5]);
        assert!(by_tree(cells("aaaa"), 8, 1).is_empty());
        assert!(by_tree(Vec::new(), 8, 1).is_empty());
    }

    #[test]
    fn of_equal_splits_the_lowest_is_taken() {
        assert_eq!(by_tree(cells("abba"), 2, 1), [0.5]);
        assert_eq!(by_tree(cells("abaaaaba"), 3, 2), [1.5, 5.5]);
    }

    #[test]
    fn a_split_that_leaves_the_shares_of_the_classes_as_they_are_is_none() {
        let even = |value: u32| [(f64::from(value), 0), (f64::from(value), 1)];
        assert!(by_tree((0..9).flat_map(even).collect(), 8, 1).is_empty());
    }

    #[test]
    fn neighbouring_doubles_are_told_apart() {
        let (below, above) = (308.7_f64 - 300.1, 308.6_f64 - 300.0);
        assert!(below < above && below as f32 == above as f32);
        let edges = by_tree(vec![(below, 0), (above, 1), (below, 0), (above, 1)], 8, 1);
        assert!(matches!(edges[..], [edge] if below <= edge && edge < above));
        let next = 1.0_f64.next_up();
        assert_eq!(by_tree(vec![(1.0, 0), (next, 1)], 8, 1), [1.0]);
        assert_eq!(by_tree(vec![(next, 0), (next.next_up(), 1)], 8, 1), [next]);
    }

    #[test]
    fn quantiles_that_part_nothing_are_no_edges() {
        assert_eq!(at_quantiles(&[0.0, 1.0, 2.0, 3.0, 4.0], 4), [1.0, 2.0, 3.0]);
        assert_eq!(at_quantiles(&[0.0, 0.0, 0.0, 0.0, 8.0], 4), [0.0]);
        assert!(at_quantiles(&[3.0, 3.0], 4).is_empty());
        assert!(at_quantiles(&[], 4).is_empty());
    }

    proptest! {
        #[test]
        fn every_leaf_holds_enough_values_and_no_more_leaves_are_grown_than_asked_for(
            cells in prop::collection::vec((-20..20_i32, 0..3_u32), 0..200),
            count in 2_usize..12,
            least in 1_usize..20,
        ) {
            let cells: Vec<(f64, u32)> =
                cells.into_iter().map(|(value, class)| (f64::from(value) / 3.0, class)).collect();
            let edges = by_tree(cells.clone(), count, least);
            prop_assert!(edges.len() < count);
            prop_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
            let mut sizes = vec![0; edges.len() + 1];
            for (value, _) in &cells {
                sizes[edges.partition_point(|edge| edge < value)] += 1;
            }
            prop_assert!(edges.is_empty() || sizes.iter().all(|&size| size >= least));
            // The order of the rows tells nothing.
            let turned: Vec<(f64, u32)> = cells.into_iter().rev().collect();
            prop_assert_eq!(edges, by_tree(turned, count, least));
        }
    }
}
