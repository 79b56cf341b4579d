//! The way to a tree's leaf by bits, with a bit for each leaf from left to right.
//!
//! A row that goes right at a node reaches none of the leaves below its left child. With those of all
//! such nodes struck out, whether the row comes by them or not, the leftmost leaf left over is the
//! one that it reaches: any leaf further left is struck out at the node where the two ways part, and
//! the leaf itself is below no left child that the row does not go to (Lucchese and others,
//! `QuickScorer`, 2015).

/// The most leaves.
const LEAVES: usize = 64;

/// The masks of a tree's nodes.
#[derive(Debug, Clone)]
pub(super) struct Masks {
    /// For each node the leaves that are left to a row that goes right.
    right: Vec<u64>,
    /// The leaf at each place from the left.
    leaves: Vec<u8>,
}

impl Masks {
    /// The masks of a tree whose nodes come before their children, each of which is the child of
    /// one node; a child below 0 is the leaf `!child`. None where there are more than 64 leaves.
    pub(super) fn new(left: &[i32], right: &[i32]) -> Option<Self> {
        let nodes = left.len();
        if nodes >= LEAVES {
            return None;
        }
        // Number of leaves below each node, from the last one up.
        let mut counts = vec![1; nodes];
        let count =
            |counts: &[usize], child: i32| if child < 0 { 1 } else { counts[child as usize] };
        for node in (0..nodes).rev() {
            counts[node] = count(&counts, left[node]) + count(&counts, right[node]);
        }
        // The first leaf below each node, from the first one down.
        let (mut starts, mut leaves) = (vec![0; nodes], vec![0; nodes + 1]);
        let mut masks = Vec::with_capacity(nodes);
        for node in 0..nodes {
            let below = count(&counts, left[node]);
            let middle = starts[node] + below;
            for (child, start) in [(left[node], starts[node]), (right[node], middle)] {
                if child < 0 {
                    leaves[start] = !child as u8;
                } else {
                    starts[child as usize] = start;
                }
            }
            masks.push(!(((1 << below) - 1) << starts[node]));
        }
        Some(Self { right: masks, leaves })
    }

    /// For each node the leaves that are left to a row that goes right.
    pub(super) fn right(&self) -> &[u64] {
        &self.right
    }

    /// The leaf that a row reaches, from what its nodes left over.
    pub(super) fn leaf(&self, reached: u64) -> usize {
        let place = reached.trailing_zeros() as usize;
        usize::from(self.leaves[place.min(self.leaves.len() - 1)])
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.right.len() * size_of::<u64>() + self.leaves.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// A chain to the right and a chain to the left, of so many nodes.
    fn chains(nodes: i32) -> [[Vec<i32>; 2]; 2] {
        let leaves: Vec<i32> = (0..nodes).map(|node| !node).collect();
        let mut on: Vec<i32> = (1..=nodes).collect();
        if let Some(last) = on.last_mut() {
            *last = !nodes;
        }
        [[leaves.clone(), on.clone()], [on, leaves]]
    }

    #[test]
    fn every_way_through_a_chain_of_any_length_ends_at_its_leaf() {
        for nodes in 1..LEAVES as i32 {
            for (goes_left_along, [left, right]) in [false, true].into_iter().zip(chains(nodes)) {
                let masks = Masks::new(&left, &right).unwrap();
                for turn in 0..=nodes {
                    // Goes on along the chain up to a node, and leaves it there.
                    let goes_right = (0..nodes).filter(|&node| (node < turn) != goes_left_along);
                    let reached = goes_right
                        .fold(u64::MAX, |reached, node| reached & masks.right()[node as usize]);
                    assert_eq!(masks.leaf(reached), turn as usize, "{left:?} {right:?}");
                }
            }
        }
    }

    #[test]
    fn a_tree_with_more_than_64_leaves_has_no_masks() {
        let [[left, right], _] = chains(LEAVES as i32);
        assert!(Masks::new(&left, &right).is_none());
    }
}
