//! A grown tree.

/// Stands for the column of a leaf.
pub(super) const LEAF: u32 = u32::MAX;
/// Marks in `right` that missing cells go left.
pub(super) const MISSING_LEFT: u32 = 1 << 31;

/// Stands for the class of a leaf of several.
pub(super) const MIXED: u32 = u32::MAX;

/// A node, before those of its left side, and those before the nodes of its right side.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Node {
    /// The column, or [`LEAF`].
    pub(super) column: u32,
    /// The bits of the threshold, up to which values go left; of a leaf that is all of one class
    /// that class, otherwise [`MIXED`].
    bits: u32,
    /// The node on the right, with [`MISSING_LEFT`]; of a leaf its number.
    pub(super) right: u32,
}

impl Node {
    pub(super) fn split(column: u32, threshold: f32, right: u32, missing_left: bool) -> Self {
        let mark = if missing_left { MISSING_LEFT } else { 0 };
        Self { column, bits: threshold.to_bits(), right: right | mark }
    }

    #[inline]
    pub(super) fn is_leaf(self) -> bool {
        self.column == LEAF
    }

    #[inline]
    pub(super) fn threshold(self) -> f32 {
        f32::from_bits(self.bits)
    }

    /// The only class of a leaf, or [`MIXED`].
    #[inline]
    pub(super) fn class(self) -> u32 {
        self.bits
    }

    #[inline]
    pub(super) fn right(self) -> u32 {
        self.right & !MISSING_LEFT
    }

    #[inline]
    pub(super) fn missing_left(self) -> bool {
        self.right & MISSING_LEFT != 0
    }
}

/// The share of a class in a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub(super) class: u32,
    pub(super) share: f32,
}

/// Trees of a forest that a stranger wrote.
pub(super) const MOST_TREES: usize = 1 << 20;
/// Nodes of a tree, with one bit to spare.
pub(super) const MOST_NODES: usize = (1 << 31) - 1;

/// A tree of a forest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Where each leaf's shares start; one more than leaves.
    pub(super) starts: Vec<u32>,
    /// Shares above 0, by leaf and ascending by class.
    pub(super) shares: Vec<Share>,
}

impl Tree {
    /// A tree without nodes.
    pub(super) fn new() -> Self {
        Self { nodes: Vec::new(), starts: vec![0], shares: Vec::new() }
    }

    /// Number of nodes, leaves among them.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Bytes of memory that it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.nodes) + size_of_val(&*self.starts) + size_of_val(&*self.shares)
    }

    /// The shares of a leaf.
    pub(super) fn leaf(&self, number: u32) -> &[Share] {
        let at = number as usize;
        &self.shares[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Adds a leaf as the next node.
    pub(super) fn push_leaf(&mut self, shares: impl Iterator<Item = Share>) {
        let (from, number) = (self.shares.len(), self.leaves() as u32);
        self.shares.extend(shares);
        let bits = match self.shares[from..] {
            [Share { class, share: 1.0 }] => class,
            _ => MIXED,
        };
        self.nodes.push(Node { column: LEAF, bits, right: number });
        self.starts.push(self.shares.len() as u32);
    }

    /// Whether its numbers fit where they are kept.
    pub(super) fn is_too_large(&self) -> bool {
        self.nodes.len() > MOST_NODES || u32::try_from(self.shares.len()).is_err()
    }

    pub(super) fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.shares.shrink_to_fit();
    }
}
