//! The growth of one tree, depth first or best first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use chacha20::ChaCha8Rng;

use super::columns::Columns;
use super::draws::tally;
use super::features::Features;
use super::impurity::Judge;
use super::sample::{Sample, Tally};
use super::search::{Node, Search};
use super::settings::Settings;
use super::split::Split;
use super::tree::{Share, Tree};

/// A node of a tree in growth. Nodes come before their children.
pub(super) struct Grown {
    /// What parts its rows, where something does.
    pub(super) fork: Option<Fork>,
    /// Its weighted impurity as a share of the tree's weight.
    pub(super) risk: f64,
    shares: std::ops::Range<usize>,
}

/// What parts the rows of a node.
#[derive(Clone, Copy)]
pub(super) struct Fork {
    column: u32,
    threshold: f32,
    missing_left: bool,
    pub(super) left: usize,
    pub(super) right: usize,
}

/// A node that may be split.
struct Pending {
    number: usize,
    start: usize,
    end: usize,
    depth: u32,
    /// Columns known to be constant.
    constant: usize,
    impurity: f64,
    tallies: Vec<Tally>,
}

/// A node with its best split.
struct Found {
    pending: Pending,
    split: Split,
    /// What it lowers the impurity by.
    gain: f64,
    /// The right side's tallies, and the impurities of both.
    right: Vec<Tally>,
    impurities: (f64, f64),
}

/// A tree in growth.
pub(super) struct Growth<'a> {
    settings: &'a Settings,
    columns: &'a Columns,
    most_features: usize,
    judge: &'a Judge<'a>,
    search: Search<'a>,
    features: Features,
    generator: ChaCha8Rng,
    samples: Vec<Sample>,
    spare: Vec<Sample>,
    weight: f64,
    nodes: Vec<Grown>,
    shares: Vec<Share>,
}

impl<'a> Growth<'a> {
    /// A tree on `samples`, class by class, whose weight is `weight`.
    pub(super) fn new(
        settings: &'a Settings,
        columns: &'a Columns,
        judge: &'a Judge<'a>,
        samples: Vec<Sample>,
        generator: ChaCha8Rng,
    ) -> Self {
        let weight = judge.weight(&tally(&samples, judge.class_weights.len()));
        Self {
            settings,
            columns,
            most_features: settings.max_features.count(columns.len()),
            judge,
            search: Search::new(judge),
            features: Features::new(columns.len()),
            generator,
            spare: vec![Sample::default(); samples.len()],
            samples,
            weight,
            nodes: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// Grows the tree; `None` if told to stop.
    pub(super) fn grow(mut self, stop: &AtomicBool) -> Option<Tree> {
        let root = self.add(0..self.samples.len(), 0, 0, None);
        match self.settings.max_leaf_nodes {
            None => self.grow_depth_first(root, stop)?,
            Some(leaves) => self.grow_best_first(root, leaves, stop)?,
        }
        if self.settings.ccp_alpha > 0.0 {
            super::pruning::prune(&mut self.nodes, self.settings.ccp_alpha);
        }
        Some(self.tree())
    }

    fn grow_depth_first(&mut self, root: Pending, stop: &AtomicBool) -> Option<()> {
        let mut stack = vec![root];
        while let Some(pending) = stack.pop() {
            if stop.load(Relaxed) {
                return None;
            }
            if let Some(found) = self.find(pending) {
                let (left, right) = self.part(found);
                stack.extend([right, left]);
            }
        }
        Some(())
    }

    fn grow_best_first(&mut self, root: Pending, leaves: u32, stop: &AtomicBool) -> Option<()> {
        let mut heap: BinaryHeap<Found> = self.find(root).into_iter().collect();
        for _ in 1..leaves {
            if stop.load(Relaxed) {
                return None;
            }
            let Some(found) = heap.pop() else { break };
            let (mut left, mut right) = self.part(found);
            (left.constant, right.constant) = (0, 0);
            heap.extend(self.find(left));
            heap.extend(self.find(right));
        }
        Some(())
    }

    /// The best split of a node, if it has one.
    fn find(&mut self, pending: Pending) -> Option<Found> {
        let Settings { max_depth, min_samples_split, min_samples_leaf, .. } = *self.settings;
        let rows = pending.end - pending.start;
        let weight = self.judge.weight(&pending.tallies);
        if max_depth.is_some_and(|depth| pending.depth >= depth)
            || rows < min_samples_split as usize
            || rows / 2 < min_samples_leaf as usize
            || weight < 2.0 * self.judge.min_weight
            || pending.impurity <= f64::EPSILON
        {
            return None;
        }
        let samples = &self.samples[pending.start..pending.end];
        let node = Node { samples, tallies: &pending.tallies };
        let mut best = Split::none(pending.tallies.len());
        let mut draws = self.features.draws(self.most_features, pending.constant);
        while let Some(number) = draws.draw(&mut self.generator) {
            let at = number as usize;
            let is_constant = match self.columns {
                Columns::Ranked(columns) => {
                    self.search.try_all(node, (number, &columns[at]), &mut best)
                }
                Columns::Plain(columns) => {
                    let column = (number, &columns[at]);
                    self.search.try_one(node, column, &mut self.generator, &mut best)
                }
            };
            if is_constant {
                draws.note_constant();
            }
        }
        let pending = Pending { constant: draws.end(), ..pending };
        if !best.is_found() {
            return None;
        }
        let right: Vec<Tally> =
            pending.tallies.iter().zip(&best.left).map(|(both, left)| *both - *left).collect();
        let impurities = (self.judge.impurity(&best.left), self.judge.impurity(&right));
        let (one, other) = (self.judge.weight(&best.left), self.judge.weight(&right));
        let rest = other / weight * impurities.1 + one / weight * impurities.0;
        let gain = weight / self.weight * (pending.impurity - rest);
        if gain + f64::EPSILON < self.settings.min_impurity_decrease {
            return None;
        }
        Some(Found { pending, split: best, gain, right, impurities })
    }

    /// Parts the rows of a node: its children, left and right.
    fn part(&mut self, found: Found) -> (Pending, Pending) {
        let Found { pending, split, right, impurities, .. } = found;
        let middle = pending.start + super::sample::rows(&split.left);
        let samples = &mut self.samples[pending.start..pending.end];
        // Leaves need no rows.
        let samples = if impurities == (0.0, 0.0) { &mut [] } else { samples };
        let threshold = self.columns.part(&split, samples, &mut self.spare);
        let (number, depth, constant) = (pending.number, pending.depth + 1, pending.constant);
        let one = Child { tallies: split.left, impurity: impurities.0 };
        let other = Child { tallies: right, impurity: impurities.1 };
        let left = self.add(pending.start..middle, depth, constant, Some(one));
        let right = self.add(middle..pending.end, depth, constant, Some(other));
        self.nodes[number].fork = Some(Fork {
            column: split.column,
            threshold,
            missing_left: split.missing_left,
            left: left.number,
            right: right.number,
        });
        (left, right)
    }

    /// Adds a node with the given rows, whose tallies are counted where they are not known.
    fn add(
        &mut self,
        places: std::ops::Range<usize>,
        depth: u32,
        constant: usize,
        child: Option<Child>,
    ) -> Pending {
        let Child { tallies, impurity } = child.unwrap_or_else(|| {
            let tallies = tally(&self.samples, self.judge.class_weights.len());
            Child { impurity: self.judge.impurity(&tallies), tallies }
        });
        let from = self.shares.len();
        let shares = self.judge.shares(&tallies).map(|share| share as f32).zip(0..);
        let above = shares.filter(|(share, _)| *share > 0.0);
        self.shares.extend(above.map(|(share, class)| Share { class, share }));
        let risk = self.judge.weight(&tallies) * impurity / self.weight;
        self.nodes.push(Grown { fork: None, risk, shares: from..self.shares.len() });
        Pending {
            number: self.nodes.len() - 1,
            start: places.start,
            end: places.end,
            depth,
            constant,
            impurity,
            tallies,
        }
    }

    /// The tree that has grown, every node before its left side and that before its right side.
    fn tree(self) -> Tree {
        let mut tree = Tree::new();
        let mut stack: Vec<(usize, Option<usize>)> = vec![(0, None)];
        while let Some((number, parent)) = stack.pop() {
            let at = tree.nodes.len();
            if let Some(parent) = parent {
                tree.nodes[parent].right |= at as u32;
            }
            let grown = &self.nodes[number];
            if let Some(fork) = grown.fork {
                let Fork { column, threshold, missing_left, .. } = fork;
                tree.nodes.push(super::tree::Node::split(column, threshold, 0, missing_left));
                stack.extend([(fork.right, Some(at)), (fork.left, None)]);
            } else {
                tree.push_leaf(self.shares[grown.shares.clone()].iter().copied());
            }
        }
        tree.shrink();
        tree
    }
}

/// What is known of a node from its parent's split.
struct Child {
    tallies: Vec<Tally>,
    impurity: f64,
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Found {}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Found {
    /// By gain; of equal ones the node found first is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        let number = other.pending.number.cmp(&self.pending.number);
        self.gain.total_cmp(&other.gain).then(number)
    }
}
