//! One tree of a model: read from its text, checked, and walked.

use serde::Deserialize;

/// Marks a leaf, whose value stands in the place of its threshold.
const LEAF: u32 = u32::MAX;

/// Categories are below this: a larger one is no whole number in 32 bits.
const CATEGORIES: f32 = 16_777_216.0;

/// A tree as XGBoost writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TreeText {
    base_weights: Vec<f32>,
    categories: Vec<u32>,
    categories_nodes: Vec<usize>,
    categories_segments: Vec<usize>,
    categories_sizes: Vec<usize>,
    default_left: Vec<u8>,
    id: usize,
    left_children: Vec<i32>,
    loss_changes: Vec<f32>,
    parents: Vec<u32>,
    right_children: Vec<i32>,
    split_conditions: Vec<f32>,
    split_indices: Vec<u32>,
    split_type: Vec<u8>,
    sum_hessian: Vec<f32>,
    tree_param: TreeParam,
}

/// Counts, written as text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TreeParam {
    num_deleted: String,
    num_feature: String,
    num_nodes: String,
    size_leaf_vector: String,
}

/// A node that parts rows, or a leaf.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Values below it go left; the value of a leaf.
    threshold: f32,
    feature: u32,
    /// Left, then right; [`LEAF`] twice for a leaf.
    children: [u32; 2],
    /// Where missing values go: 0 left, 1 right.
    missing: u8,
    /// Whether categories part the rows.
    is_category: bool,
}

/// A tree: nodes, each before its children.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// For each node that parts by category those that go right, in ascending order.
    sets: Vec<(u32, Vec<u32>)>,
}

impl Tree {
    /// Checks the tree number `id` over `columns` columns, or names the field that is wrong.
    pub(super) fn of(text: &TreeText, id: usize, columns: usize) -> Result<Self, &'static str> {
        let count = text.split_conditions.len();
        let param = &text.tree_param;
        if text.id != id {
            return Err("id");
        }
        let is_leaf = |node: usize| text.left_children[node] < 0;
        for (name, length) in [
            ("base_weights", text.base_weights.len()),
            ("default_left", text.default_left.len()),
            ("left_children", text.left_children.len()),
            ("loss_changes", text.loss_changes.len()),
            ("parents", text.parents.len()),
            ("right_children", text.right_children.len()),
            ("split_indices", text.split_indices.len()),
            ("split_type", text.split_type.len()),
            ("sum_hessian", text.sum_hessian.len()),
        ] {
            if length != count {
                return Err(name);
            }
        }
        for (name, value, wanted) in [
            ("num_nodes", &param.num_nodes, count),
            ("num_feature", &param.num_feature, columns),
            ("size_leaf_vector", &param.size_leaf_vector, 1),
            ("num_deleted", &param.num_deleted, 0),
        ] {
            if value.parse() != Ok(wanted) {
                return Err(name);
            }
        }
        if count == 0 {
            return Err("num_nodes");
        }
        check_children(text)?;
        if !text.split_conditions.iter().all(|number| number.is_finite()) {
            return Err("split_conditions");
        }
        let mut nodes = Vec::with_capacity(count);
        for node in 0..count {
            let (feature, kind) = (text.split_indices[node], text.split_type[node]);
            if feature as usize >= columns {
                return Err("split_indices");
            }
            if kind > 1 || kind == 1 && is_leaf(node) {
                return Err("split_type");
            }
            if text.default_left[node] > 1 {
                return Err("default_left");
            }
            let children = [text.left_children[node], text.right_children[node]];
            nodes.push(Node {
                threshold: text.split_conditions[node],
                feature,
                children: children.map(|child| u32::try_from(child).unwrap_or(LEAF)),
                missing: 1 - text.default_left[node],
                is_category: kind == 1,
            });
        }
        Ok(Self { nodes, sets: sets(text)? })
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        let sets: usize = self.sets.iter().map(|(_, set)| 32 + set.len() * size_of::<u32>()).sum();
        size_of::<Self>() + self.nodes.len() * size_of::<Node>() + sets
    }

    /// The value of the leaf that a row reaches. Children come after their node, so this ends.
    pub(super) fn value(&self, row: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            let node = &self.nodes[at as usize];
            if node.children[0] == LEAF {
                return node.threshold;
            }
            let value = row[node.feature as usize];
            let side = if value.is_nan() {
                usize::from(node.missing)
            } else if node.is_category {
                usize::from(self.has(at, value))
            } else {
                // Below the threshold is left.
                usize::from(!matches!(
                    value.partial_cmp(&node.threshold),
                    Some(std::cmp::Ordering::Less)
                ))
            };
            at = node.children[side];
        }
    }

    /// Whether a node's set has a category: the value cut to a whole number. What is below 0 and what
    /// is too large is in no set.
    fn has(&self, node: u32, value: f32) -> bool {
        let set = self.sets.binary_search_by_key(&node, |(node, _)| *node);
        let set = set.ok().map_or(&[][..], |place| &self.sets[place].1);
        (0.0..CATEGORIES).contains(&value) && set.binary_search(&(value as u32)).is_ok()
    }
}

/// Checks that every node but the first is the child of the one node that it names as its parent, which
/// stands before it, and that both children of a leaf are none.
fn check_children(text: &TreeText) -> Result<(), &'static str> {
    const ROOT: u32 = i32::MAX as u32;
    let count = text.parents.len();
    let mut has_parent = vec![false; count];
    let sides = [("left_children", &text.left_children), ("right_children", &text.right_children)];
    for node in 0..count {
        for (name, children) in sides {
            let child = children[node];
            if child < 0 {
                let others = [text.left_children[node], text.right_children[node]];
                if others != [-1, -1] {
                    return Err(name);
                }
                continue;
            }
            let child = child as usize;
            let is_own = child > node && child < count && text.parents[child] as usize == node;
            if !is_own || std::mem::replace(&mut has_parent[child], true) {
                return Err(name);
            }
        }
    }
    if text.parents.first() != Some(&ROOT) || has_parent.iter().skip(1).any(|has| !has) {
        return Err("parents");
    }
    Ok(())
}

/// The sets of categories of the nodes that part by category.
fn sets(text: &TreeText) -> Result<Vec<(u32, Vec<u32>)>, &'static str> {
    let nodes = text.split_type.iter().enumerate().filter(|(_, kind)| **kind == 1);
    if !nodes.map(|(node, _)| node).eq(text.categories_nodes.iter().copied()) {
        return Err("categories_nodes");
    }
    let count = text.categories_nodes.len();
    if text.categories_segments.len() != count {
        return Err("categories_segments");
    }
    if text.categories_sizes.len() != count {
        return Err("categories_sizes");
    }
    let mut rest = &text.categories[..];
    let mut sets = Vec::with_capacity(count);
    for (place, &node) in text.categories_nodes.iter().enumerate() {
        if text.categories_segments[place] != text.categories.len() - rest.len() {
            return Err("categories_segments");
        }
        let (set, after) =
            rest.split_at_checked(text.categories_sizes[place]).ok_or("categories_sizes")?;
        if !set.is_sorted_by(|one, other| one < other) {
            return Err("categories");
        }
        sets.push((node as u32, set.to_vec()));
        rest = after;
    }
    if rest.is_empty() { Ok(sets) } else { Err("categories_sizes") }
}
