//! One tree of a model: read from its text, checked, and walked.

use super::block::{Block, ROWS};
use super::masks::Masks;
use super::text::{Fields, TextError, listed};

/// Rows for which a walk each is faster than a block at once.
const FEW: usize = 16;

/// Bits of `decision_type`.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;
/// `decision_type >> 2` where 0 is missing, and where NaN is.
const MISSING_ZERO: u8 = 1;
const MISSING_NAN: u8 = 2;

/// The most words of all category sets of a model: 2^24 bits are 16 million categories.
const CATEGORY_WORDS: usize = 1 << 19;

/// How a node parts the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Values up to the threshold go left. NaN goes left or right.
    Number { nan_left: bool },
    /// Likewise, but 0 is missing as NaN is.
    NumberOrZero { missing_left: bool },
    /// Categories in the set go left; the threshold is the set's number.
    Category { set: u32 },
}

/// A node that parts rows. A child below 0 is the leaf `!child`.
#[derive(Debug, Clone, Copy)]
struct Node {
    threshold: f64,
    feature: u32,
    /// Right, then left.
    children: [i32; 2],
    kind: Kind,
}

/// A tree: nodes, each before its children, and the values of its leaves.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    leaves: Vec<f64>,
    /// Sets of categories: 32 a word, set `i` from `bounds[i]` to `bounds[i + 1]`.
    words: Vec<u32>,
    bounds: Vec<usize>,
    /// A faster way to the leaves, where there are few.
    masks: Option<Masks>,
    /// The columns of the splits that gained, for the importance at a text's end.
    gaining: Vec<u32>,
}

impl Tree {
    /// Reads a tree over `columns` columns.
    pub(super) fn parse(mut fields: Fields, columns: usize) -> Result<Self, TextError> {
        let count: usize = fields.number("num_leaves")?;
        let sets: usize = fields.number("num_cat")?;
        if count == 0 || sets >= count {
            return Err(fields.wrong("num_leaves"));
        }
        if fields.number::<u8>("is_linear")? != 0 {
            return Err(TextError::LinearTree);
        }
        let leaves: Vec<f64> = fields.list("leaf_value", count)?;
        if !leaves.iter().all(|leaf| leaf.is_finite()) {
            return Err(fields.wrong("leaf_value"));
        }
        let splits = count - 1;
        let (bounds, words) = read_sets(&mut fields, sets)?;
        let features: Vec<u32> = fields.list("split_feature", splits)?;
        let gains: Vec<f64> = fields.list("split_gain", splits)?;
        let thresholds: Vec<f64> = fields.list("threshold", splits)?;
        let decisions: Vec<u8> = fields.list("decision_type", splits)?;
        let left: Vec<i32> = fields.list("left_child", splits)?;
        let right: Vec<i32> = fields.list("right_child", splits)?;
        check_children(&left, &right).map_err(|name| fields.wrong(name))?;
        let mut nodes = Vec::with_capacity(splits);
        for (node, &feature) in features.iter().enumerate() {
            if feature as usize >= columns {
                return Err(fields.wrong("split_feature"));
            }
            let kind =
                kind(decisions[node], thresholds[node], sets).map_err(|name| fields.wrong(name))?;
            let children = [right[node], left[node]];
            nodes.push(Node { threshold: thresholds[node], feature, children, kind });
        }
        fields.skip(&["leaf_weight", "leaf_count", "internal_value", "internal_weight"]);
        fields.skip(&["internal_count", "shrinkage"]);
        fields.end()?;
        let masks = Masks::new(&left, &right);
        let gained = features.iter().zip(&gains).filter(|(_, gain)| **gain > 0.0);
        let gaining = gained.map(|(feature, _)| *feature).collect();
        Ok(Self { nodes, leaves, words, bounds, masks, gaining })
    }

    /// The columns of its splits that gained.
    pub(super) fn gaining(&self) -> &[u32] {
        &self.gaining
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.nodes.len() * size_of::<Node>()
            + self.leaves.len() * size_of::<f64>()
            + self.masks.as_ref().map_or(0, Masks::bytes)
            + self.gaining.len() * size_of::<u32>()
            + self.words.len() * size_of::<u32>()
            + self.bounds.len() * size_of::<usize>()
    }

    /// Adds the tree's value to the score of each row of a block; row `i` has its score at
    /// `scores[i * stride]`.
    pub(super) fn add(&self, block: &Block, scores: &mut [f64], stride: usize) {
        let scores = scores.iter_mut().step_by(stride).take(block.rows());
        if self.nodes.is_empty() {
            let value = self.leaves.first().copied().unwrap_or(0.0);
            scores.for_each(|score| *score += value);
        } else if let Some(masks) = self.masks.as_ref().filter(|_| block.rows() >= FEW) {
            let reached = self.reached(masks, block);
            for (reached, score) in reached.into_iter().zip(scores) {
                *score += self.leaves[masks.leaf(reached)];
            }
        } else {
            for (row, score) in scores.enumerate() {
                *score += self.leaves[self.walk(block, row)];
            }
        }
    }

    /// The leaf that the nodes lead a row to. Children come after their node, so this ends.
    fn walk(&self, block: &Block, row: usize) -> usize {
        let mut at = 0_i32;
        while at >= 0 {
            let node = &self.nodes[at as usize];
            let value = block.column(node.feature)[row];
            at = node.children[usize::from(self.goes_left(node, value))];
        }
        !at as usize
    }

    /// The leaves of each row that no node parts it from: the first is the one it reaches. All
    /// nodes are asked, but for many rows at once, which takes a fifth of the time of a walk.
    fn reached(&self, masks: &Masks, block: &Block) -> [u64; ROWS] {
        let mut reached = [u64::MAX; ROWS];
        for (node, &mask) in self.nodes.iter().zip(masks.right()) {
            let rows = reached.iter_mut().zip(block.column(node.feature));
            let threshold = node.threshold;
            match node.kind {
                // Comparisons with NaN are false, so that it goes the way of the last branch.
                Kind::Number { nan_left: false } => rows.for_each(|(reached, value)| {
                    *reached &= if *value <= threshold { u64::MAX } else { mask };
                }),
                Kind::Number { nan_left: true } => rows.for_each(|(reached, value)| {
                    *reached &= if *value > threshold { mask } else { u64::MAX };
                }),
                Kind::Category { set } => {
                    let set = self.set(set);
                    rows.for_each(|(reached, value)| {
                        *reached &= if has(set, *value) { u64::MAX } else { mask };
                    });
                }
                Kind::NumberOrZero { .. } => rows.for_each(|(reached, value)| {
                    *reached &= if self.goes_left(node, *value) { u64::MAX } else { mask };
                }),
            }
        }
        reached
    }

    fn goes_left(&self, node: &Node, value: f64) -> bool {
        match node.kind {
            Kind::Number { nan_left } => {
                if value.is_nan() {
                    nan_left
                } else {
                    value <= node.threshold
                }
            }
            Kind::NumberOrZero { missing_left } => {
                if value.is_nan() || value == 0.0 {
                    missing_left
                } else {
                    value <= node.threshold
                }
            }
            Kind::Category { set } => has(self.set(set), value),
        }
    }

    /// A set of categories, 32 a word.
    fn set(&self, set: u32) -> &[u32] {
        &self.words[self.bounds[set as usize]..self.bounds[set as usize + 1]]
    }
}

/// Whether a set has a category: the value cut to a whole number, so that -0.5 is category 0. NaN,
/// what is below 0 and what no 32-bit number holds are in no set.
fn has(set: &[u32], value: f64) -> bool {
    let category = if value > -1.0 && value < 2_147_483_648.0 { value as u32 } else { u32::MAX };
    set.get((category / 32) as usize).is_some_and(|word| word >> (category % 32) & 1 == 1)
}

/// What a node's `decision_type` and threshold mean, or which of them is wrong.
fn kind(decision: u8, threshold: f64, sets: usize) -> Result<Kind, &'static str> {
    let (missing, is_left) = (decision >> 2, decision & DEFAULT_LEFT != 0);
    if missing > MISSING_NAN {
        return Err("decision_type");
    }
    if decision & CATEGORICAL != 0 {
        let is_set = threshold >= 0.0 && threshold < sets as f64 && threshold.fract() == 0.0;
        return if is_set {
            Ok(Kind::Category { set: threshold as u32 })
        } else {
            Err("threshold")
        };
    }
    // It may be infinite: that parts NaN from all else.
    if threshold.is_nan() {
        return Err("threshold");
    }
    Ok(match missing {
        MISSING_ZERO => Kind::NumberOrZero { missing_left: is_left },
        MISSING_NAN => Kind::Number { nan_left: is_left },
        // Where NaN is not known as missing, it counts as 0.
        _ => Kind::Number { nan_left: 0.0 <= threshold },
    })
}

/// Checks that every node but the first is the child of one node before it, and every leaf of one
/// node; names the field that is wrong.
fn check_children(left: &[i32], right: &[i32]) -> Result<(), &'static str> {
    let mut has_parent = vec![false; left.len()];
    let mut has_node = vec![false; left.len() + 1];
    for (name, children) in [("left_child", left), ("right_child", right)] {
        for (node, &child) in children.iter().enumerate() {
            let place = if child >= 0 {
                let child = child as usize;
                has_parent.get_mut(child).filter(|_| child > node)
            } else {
                has_node.get_mut(!child as usize)
            };
            match place {
                Some(is_taken) if !*is_taken => *is_taken = true,
                _ => return Err(name),
            }
        }
    }
    Ok(())
}

/// The sets of categories: bounds and words.
fn read_sets(fields: &mut Fields, sets: usize) -> Result<(Vec<usize>, Vec<u32>), TextError> {
    if sets == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    let bounds: Vec<usize> = fields.list("cat_boundaries", sets + 1)?;
    let ascends = bounds.is_sorted() && bounds.first() == Some(&0);
    let words = bounds.last().copied().unwrap_or(0);
    if !ascends || words > CATEGORY_WORDS {
        return Err(fields.wrong("cat_boundaries"));
    }
    let words = listed(fields.take("cat_threshold")?, words);
    Ok((bounds, words.ok_or_else(|| fields.wrong("cat_threshold"))?))
}
