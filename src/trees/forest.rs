//! A forest, and what it makes of rows.

use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::tree::{MIXED, Node, Tree};
use crate::examples::Matrix;

/// Trees that are asked together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Forest {
    /// Number of classes.
    pub classes: u32,
    /// Number of columns.
    pub columns: u32,
    /// In the order of their numbers.
    pub trees: Vec<Tree>,
}

/// Rows that are on their way through a tree side by side.
const LANES: usize = 8;
/// Bytes of the cells of a block: rows that go through all trees before the next ones do. They stay in the cache,
/// and each tree stays there for the whole block.
const BLOCK: usize = 128 << 10;
/// The fewest and the most rows of a block.
const BLOCK_ROWS: (usize, usize) = (64, 2048);

impl Forest {
    /// The first `trees` trees.
    #[must_use]
    pub fn prefix(&self, trees: usize) -> Self {
        let trees = self.trees[..trees.min(self.trees.len())].to_vec();
        Self { trees, ..*self }
    }

    /// Bytes of memory that the trees take.
    pub fn bytes(&self) -> usize {
        self.trees.iter().map(|tree| tree.bytes() + size_of::<Tree>()).sum()
    }

    /// The probability of each class, `[rows, classes]`: the mean over the trees.
    pub fn probabilities(&self, rows: &Matrix) -> Vec<f64> {
        let mut sum = vec![0.0; rows.rows() * self.classes as usize];
        self.add_probabilities(0..self.trees.len(), rows, &mut sum);
        let count = self.trees.len().max(1) as f64;
        for sum in &mut sum {
            *sum /= count;
        }
        sum
    }

    /// Adds the shares of the classes in every tree's leaf to `sum`, `[rows, classes]`, tree after
    /// tree. A column that `rows` lack is missing in all of them.
    pub fn add_probabilities(&self, trees: Range<usize>, rows: &Matrix, sum: &mut [f64]) {
        let trees = &self.trees[trees.start.min(self.trees.len())..trees.end.min(self.trees.len())];
        let classes = self.classes as usize;
        if classes == 0 {
            return;
        }
        let fitting = BLOCK / (size_of::<f32>() * rows.columns().max(1));
        let block_rows = fitting.clamp(BLOCK_ROWS.0, BLOCK_ROWS.1);
        sum.par_chunks_mut(classes * block_rows).enumerate().for_each(|(block, sum)| {
            let mut leaves = vec![Node::default(); sum.len() / classes];
            for tree in trees {
                find_leaves(tree, rows, block * block_rows, &mut leaves);
                for (leaf, sum) in leaves.iter().zip(sum.chunks_exact_mut(classes)) {
                    if leaf.class() != MIXED {
                        sum[leaf.class() as usize] += 1.0;
                        continue;
                    }
                    for share in tree.leaf(leaf.right) {
                        sum[share.class as usize] += f64::from(share.share);
                    }
                }
            }
        });
    }
}

/// The leaves that the rows from `first` on come to.
///
/// Several rows are on their way side by side, so that no one waits for another's memory.
fn find_leaves(tree: &Tree, rows: &Matrix, first: usize, leaves: &mut [Node]) {
    let nodes = tree.nodes.as_slice();
    let mut places: [usize; LANES] = std::array::from_fn(|lane| lane);
    let mut at = [0; LANES];
    let mut next = LANES;
    if leaves.len() >= LANES {
        let mut cells: [&[f32]; LANES] = places.map(|place| rows.row(first + place));
        'all: loop {
            for lane in 0..LANES {
                let node = nodes[at[lane] as usize];
                if !node.is_leaf() {
                    at[lane] = step(node, at[lane], cells[lane]);
                    continue;
                }
                leaves[places[lane]] = node;
                if next == leaves.len() {
                    break 'all;
                }
                (places[lane], at[lane], cells[lane]) = (next, 0, rows.row(first + next));
                next += 1;
            }
        }
    }
    for (place, mut at) in places.into_iter().zip(at).take(leaves.len()) {
        let cells = rows.row(first + place);
        while !nodes[at as usize].is_leaf() {
            at = step(nodes[at as usize], at, cells);
        }
        leaves[place] = nodes[at as usize];
    }
}

/// The child that a row goes to; without a branch, since no one can guess it.
#[inline]
fn step(node: Node, at: u32, cells: &[f32]) -> u32 {
    let cell = cells.get(node.column as usize).copied().unwrap_or(f32::NAN);
    let left = u32::from(cell <= node.threshold())
        | (u32::from(cell.is_nan()) & u32::from(node.missing_left()));
    let right = node.right();
    right ^ ((right ^ (at + 1)) & left.wrapping_neg())
}
