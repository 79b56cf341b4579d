//! Minimal cost-complexity pruning.

use super::growth::Grown;

/// Cuts a tree back to its smallest subtree of minimal cost, which is its leaves' impurity and
/// `alpha` for each of them.
///
/// Cutting the weakest link again and again until it holds more than `alpha` ends at the same subtree
/// (Breiman and others, 1984), but takes a pass over the tree for every cut.
pub(super) fn prune(nodes: &mut [Grown], alpha: f64) {
    let mut costs = vec![0.0; nodes.len()];
    // Children come after their parents.
    for at in (0..nodes.len()).rev() {
        let leaf = nodes[at].risk + alpha;
        let below = nodes[at].fork.map(|fork| costs[fork.left] + costs[fork.right]);
        costs[at] = below.filter(|below| *below < leaf).unwrap_or(leaf);
        if below.is_some_and(|below| below >= leaf) {
            nodes[at].fork = None;
        }
    }
}
