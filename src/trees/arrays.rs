//! A forest as flat arrays, for a file.

use super::error::ForestError;
use super::forest::Forest;
use super::tree::{MOST_NODES, MOST_TREES, Node, Share, Tree};

/// A forest as flat arrays.
///
/// All trees' nodes one after the other; numbers of nodes count from the first of all. A row starts
/// at the first node of a tree and goes left where its cell is at most the threshold. This reads a
/// file of them and gives the probabilities of 32-bit rows `x`:
///
/// ```python
/// import numpy as np
/// from safetensors.numpy import load_file
///
/// def probabilities(forest, x):
///     rows, total = np.arange(len(x)), 0.0
///     for start in forest["tree_starts"][:-1]:
///         at = np.full(len(x), start, dtype=np.int64)
///         while (inner := forest["feature"][at] >= 0).any():
///             cell = x[rows, np.where(inner, forest["feature"][at], 0)]
///             left = np.where(np.isnan(cell), forest["missing_left"][at], cell <= forest["threshold"][at])
///             at = np.where(inner, np.where(left, forest["left"][at], forest["right"][at]), at)
///         total = total + forest["shares"][forest["left"][at]].astype(np.float64)
///     return total / (len(forest["tree_starts"]) - 1)
///
/// forest = load_file("forest.safetensors")
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForestArrays {
    /// The first node of each tree, and the number of all nodes: `[trees + 1]`.
    pub tree_starts: Vec<u32>,
    /// The column of a split, -1 of a leaf: `[nodes]`.
    pub feature: Vec<i32>,
    /// Cells up to this go left; 0 of a leaf: `[nodes]`. A midpoint of two cells, rounded down to a
    /// 32-bit float: 32-bit cells go the same way as by the 64-bit midpoint.
    pub threshold: Vec<f32>,
    /// The left child of a split, the row of `shares` of a leaf: `[nodes]`.
    pub left: Vec<u32>,
    /// The right child of a split, 0 of a leaf: `[nodes]`.
    pub right: Vec<u32>,
    /// 1 where missing cells go left: `[nodes]`.
    pub missing_left: Vec<u8>,
    /// The shares of the classes in the leaves: `[leaves, classes]`.
    pub shares: Vec<f32>,
}

/// How far the shares of a leaf may add up to something else than 1.
const TOLERANCE: f64 = 1e-4;

impl Forest {
    /// The forest as flat arrays.
    ///
    /// # Errors
    /// [`ForestError::Damaged`] where all trees together have 2³¹ nodes or more.
    pub fn arrays(&self) -> Result<ForestArrays, ForestError> {
        let all: usize = self.trees.iter().map(Tree::nodes).sum();
        if all > MOST_NODES {
            return Err(ForestError::damaged(format!("{all} nodes are too many for a file")));
        }
        let mut arrays = ForestArrays { tree_starts: vec![0], ..ForestArrays::default() };
        for tree in &self.trees {
            arrays.push(tree, self.classes as usize);
        }
        Ok(arrays)
    }

    /// The forest of arrays that a stranger may have made.
    ///
    /// # Errors
    /// [`ForestError::Damaged`] where they are not what [`Forest::arrays`] gives: by lengths, ranges,
    /// an order of nodes that is not parent, left side, right side, or shares that do not add up to 1.
    pub fn from_arrays(
        arrays: &ForestArrays,
        columns: u32,
        classes: u32,
    ) -> Result<Self, ForestError> {
        let nodes = arrays.feature.len();
        let lengths = [
            arrays.threshold.len(),
            arrays.left.len(),
            arrays.right.len(),
            arrays.missing_left.len(),
        ];
        if nodes > MOST_NODES || lengths.iter().any(|length| *length != nodes) {
            return Err(ForestError::damaged("its arrays differ in length"));
        }
        let leaves = arrays.feature.iter().filter(|feature| **feature < 0).count();
        if leaves.checked_mul(classes as usize) != Some(arrays.shares.len()) {
            let reason = format!("{leaves} leaves do not have shares of {classes} classes each");
            return Err(ForestError::damaged(reason));
        }
        let starts = &arrays.tree_starts;
        if starts.first() != Some(&0) || starts.last().map(|end| *end as usize) != Some(nodes) {
            return Err(ForestError::damaged("its trees do not span its nodes"));
        }
        if starts.len() > MOST_TREES + 1 {
            return Err(ForestError::damaged("it has too many trees"));
        }
        let mut first_leaf = 0;
        let mut trees = Vec::new();
        for pair in starts.windows(2) {
            if pair[0] >= pair[1] {
                return Err(ForestError::damaged("a tree has no nodes"));
            }
            let tree = read_tree(arrays, pair[0]..pair[1], first_leaf, [columns, classes])?;
            first_leaf += tree.leaves();
            trees.push(tree);
        }
        Ok(Self { classes, columns, trees })
    }
}

impl ForestArrays {
    fn push(&mut self, tree: &Tree, classes: usize) {
        let first = self.feature.len() as u32;
        let leaves = self.shares.len().checked_div(classes).unwrap_or(0) as u32;
        for (node, at) in tree.nodes.iter().zip(first..) {
            let is_leaf = node.is_leaf();
            self.feature.push(if is_leaf { -1 } else { node.column as i32 });
            self.threshold.push(if is_leaf { 0.0 } else { node.threshold() });
            self.left.push(if is_leaf { leaves + node.right } else { at + 1 });
            self.right.push(if is_leaf { 0 } else { first + node.right() });
            self.missing_left.push(u8::from(!is_leaf && node.missing_left()));
        }
        for leaf in 0..tree.leaves() as u32 {
            let from = self.shares.len();
            self.shares.resize(from + classes, 0.0);
            for share in tree.leaf(leaf) {
                self.shares[from + share.class as usize] = share.share;
            }
        }
        self.tree_starts.push(self.feature.len() as u32);
    }
}

/// A tree of arrays whose lengths are checked.
fn read_tree(
    arrays: &ForestArrays,
    places: std::ops::Range<u32>,
    first_leaf: usize,
    [columns, classes]: [u32; 2],
) -> Result<Tree, ForestError> {
    let mut tree = Tree::new();
    // The right children still to come, nearest last.
    let mut rights: Vec<u32> = Vec::new();
    let mut is_open = true;
    for at in places.clone() {
        let damaged = |reason: &str| ForestError::damaged(format!("node {at} {reason}"));
        if !is_open {
            if rights.pop() != Some(at) {
                return Err(damaged("is not where its parent has it"));
            }
            is_open = true;
        }
        let place = at as usize;
        let [left, right] = [arrays.left[place], arrays.right[place]];
        let Ok(feature) = u32::try_from(arrays.feature[place]) else {
            let leaf = first_leaf + tree.leaves();
            if left as usize != leaf || arrays.feature[place] != -1 {
                return Err(damaged("is a leaf out of order"));
            }
            let shares = &arrays.shares[leaf * classes as usize..(leaf + 1) * classes as usize];
            check_shares(shares.iter().copied()).map_err(damaged)?;
            let above = shares.iter().zip(0..).filter(|(share, _)| **share > 0.0);
            tree.push_leaf(above.map(|(&share, class)| Share { class, share }));
            if tree.is_too_large() {
                return Err(damaged("is one too many"));
            }
            is_open = false;
            continue;
        };
        let threshold = arrays.threshold[place];
        if feature >= columns || threshold.is_nan() || arrays.missing_left[place] > 1 {
            return Err(damaged("has a split out of range"));
        }
        if left != at + 1 || right <= left || right >= places.end {
            return Err(damaged("has a child out of order"));
        }
        rights.push(right);
        let missing_left = arrays.missing_left[place] == 1;
        tree.nodes.push(Node::split(feature, threshold, right - places.start, missing_left));
    }
    if is_open || !rights.is_empty() {
        return Err(ForestError::damaged("a tree ends too soon"));
    }
    tree.shrink();
    Ok(tree)
}

/// Whether shares are shares, and the whole.
pub(super) fn check_shares(shares: impl Iterator<Item = f32>) -> Result<(), &'static str> {
    let mut sum = 0.0;
    for share in shares {
        if !(0.0..=1.0).contains(&share) {
            return Err("has a share that is not between 0 and 1");
        }
        sum += f64::from(share);
    }
    if (sum - 1.0).abs() > TOLERANCE {
        return Err("has shares that do not add up to 1");
    }
    Ok(())
}
