//! A forest as few bytes, for a line of the journal.
//!
//! Whole numbers are written seven bits a byte, the lowest first; 128 marks that more follow. First a
//! mark of the layout, then the numbers of columns, classes and trees, then each tree's nodes, every
//! node before its left side and that before its right side. Places of children need not be written.
//!
//! - A split is 4 c + 2 m + 1 with its column c, and m = 1 where missing cells go left, then the four
//!   bytes of its threshold.
//! - A leaf of one class k with a share of 1 is 4 k + 2.
//! - Any other leaf of n classes is 4 n, then each class and the four bytes of its share.

use super::arrays::check_shares;
use super::error::ForestError;
use super::forest::Forest;
use super::tree::{MOST_TREES, Node, Share, Tree};

/// The first byte: the layout.
const LAYOUT: u8 = 1;

impl Forest {
    /// The forest as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![LAYOUT];
        for number in [self.columns, self.classes, self.trees.len() as u32] {
            push(&mut bytes, u64::from(number));
        }
        for tree in &self.trees {
            for node in &tree.nodes {
                if node.is_leaf() {
                    push_leaf(&mut bytes, tree.leaf(node.right));
                } else {
                    let mark = u64::from(node.missing_left()) * 2 + 1;
                    push(&mut bytes, u64::from(node.column) * 4 + mark);
                    bytes.extend(node.threshold().to_le_bytes());
                }
            }
        }
        bytes
    }

    /// The forest of bytes that a stranger may have made. It takes no more memory than a small
    /// multiple of their number.
    ///
    /// # Errors
    /// [`ForestError::Damaged`] where [`Forest::to_bytes`] gives no such bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ForestError> {
        let mut reader = Reader { bytes };
        if reader.take::<1>()? != [LAYOUT] {
            return Err(ForestError::damaged("it is of another layout"));
        }
        let (columns, classes, count) = (reader.number()?, reader.number()?, reader.number()?);
        if columns > i32::MAX as u32 {
            return Err(ForestError::damaged("it has too many columns"));
        }
        if count as usize > MOST_TREES {
            return Err(ForestError::damaged("it has too many trees"));
        }
        let mut trees = Vec::new();
        for _ in 0..count {
            trees.push(reader.tree(columns, classes)?);
        }
        if !reader.bytes.is_empty() {
            return Err(ForestError::damaged("something follows its last tree"));
        }
        Ok(Self { classes, columns, trees })
    }
}

fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn push_leaf(bytes: &mut Vec<u8>, shares: &[Share]) {
    if let [Share { class, share: 1.0 }] = shares {
        push(bytes, u64::from(*class) * 4 + 2);
        return;
    }
    push(bytes, shares.len() as u64 * 4);
    for share in shares {
        push(bytes, u64::from(share.class));
        bytes.extend(share.share.to_le_bytes());
    }
}

/// What is left to read.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn take<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], ForestError> {
        let (first, rest) = self
            .bytes
            .split_first_chunk()
            .ok_or_else(|| ForestError::damaged("it ends too soon"))?;
        self.bytes = rest;
        Ok(*first)
    }

    fn long(&mut self) -> Result<u64, ForestError> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let [byte] = self.take()?;
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                // One number has one spelling, so that one forest has one form.
                if byte == 0 && shift > 0 {
                    break;
                }
                return Ok(number);
            }
        }
        Err(ForestError::damaged("a number is spelt out of form"))
    }

    fn number(&mut self) -> Result<u32, ForestError> {
        u32::try_from(self.long()?).map_err(|_| ForestError::damaged("a number is too great"))
    }

    fn float(&mut self) -> Result<f32, ForestError> {
        self.take().map(f32::from_le_bytes)
    }

    fn tree(&mut self, columns: u32, classes: u32) -> Result<Tree, ForestError> {
        let damaged = |reason: &str| ForestError::damaged(format!("a node {reason}"));
        let mut tree = Tree::new();
        // Splits whose right side is still to come, nearest last.
        let mut open: Vec<usize> = Vec::new();
        loop {
            let code = self.long()?;
            if code % 2 == 1 {
                let column = u32::try_from(code / 4).ok().filter(|column| *column < columns);
                let column = column.ok_or_else(|| damaged("has a column out of range"))?;
                let threshold = self.float()?;
                if threshold.is_nan() {
                    return Err(damaged("has no threshold"));
                }
                open.push(tree.nodes.len());
                tree.nodes.push(Node::split(column, threshold, 0, code & 2 != 0));
                continue;
            }
            let shares = self.leaf(code, classes)?;
            check_shares(shares.iter().map(|share| share.share)).map_err(damaged)?;
            tree.push_leaf(shares.into_iter());
            if tree.is_too_large() {
                return Err(damaged("is one too many"));
            }
            let next = tree.nodes.len() as u32;
            let Some(parent) = open.pop() else { break };
            tree.nodes[parent].right |= next;
        }
        tree.shrink();
        Ok(tree)
    }

    fn leaf(&mut self, code: u64, classes: u32) -> Result<Vec<Share>, ForestError> {
        let damaged = || ForestError::damaged("a leaf has classes out of order");
        if code & 2 != 0 {
            let class = u32::try_from(code / 4).ok().filter(|class| *class < classes);
            return Ok(vec![Share { class: class.ok_or_else(damaged)?, share: 1.0 }]);
        }
        let mut shares: Vec<Share> = Vec::new();
        for _ in 0..code / 4 {
            let (class, share) = (self.number()?, self.float()?);
            let follows = shares.last().is_none_or(|last| last.class < class);
            if class >= classes || !follows || share <= 0.0 {
                return Err(damaged());
            }
            shares.push(Share { class, share });
        }
        if let [Share { share: 1.0, .. }] = *shares {
            return Err(damaged());
        }
        Ok(shares)
    }
}
