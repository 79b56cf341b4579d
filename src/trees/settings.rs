//! How trees are grown: names, meanings and defaults are scikit-learn's.

use super::error::ForestError;

/// How mixed the classes of a node are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// Gini impurity.
    Gini,
    /// Shannon entropy.
    Entropy,
    /// The same as [`Criterion::Entropy`], by its other name.
    LogLoss,
}

/// Which thresholds of a column are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Splitter {
    /// All that part the node's rows; missing cells are tried on both sides.
    Best,
    /// One between the least and the greatest value, and one side for missing cells, at random.
    Random,
}

/// How many columns are drawn at a split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxFeatures {
    /// The square root of their number, rounded down.
    Sqrt,
    /// The binary logarithm of their number, rounded down.
    Log2,
    /// All of them.
    All,
    /// So many, or all where there are fewer.
    Count(u32),
    /// A fraction of them, above 0 and at most 1, rounded down.
    Fraction(f64),
}

impl MaxFeatures {
    /// How many of so many columns, at least 1.
    pub fn count(self, columns: usize) -> usize {
        let count = match self {
            Self::Sqrt => columns.isqrt(),
            Self::Log2 => columns.checked_ilog2().unwrap_or(0) as usize,
            Self::All => columns,
            Self::Count(count) => (count as usize).min(columns),
            Self::Fraction(fraction) => (fraction * columns as f64) as usize,
        };
        count.max(1)
    }
}

/// How the trees of a forest are grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How mixed the classes of a node are.
    pub criterion: Criterion,
    /// Which thresholds of a column are tried.
    pub splitter: Splitter,
    /// Splits from the root to the farthest leaf, at least 1.
    pub max_depth: Option<u32>,
    /// Rows that a node needs to be split, at least 2.
    pub min_samples_split: u32,
    /// Rows that either side of a split keeps, at least 1. A row drawn several times counts once.
    pub min_samples_leaf: u32,
    /// The fraction of the tree's weight that either side of a split keeps, 0 to 0.5.
    pub min_weight_fraction_leaf: f64,
    /// How many columns are drawn at a split.
    pub max_features: MaxFeatures,
    /// Leaves of a tree, at least 2. The node whose split gains most is split first.
    pub max_leaf_nodes: Option<u32>,
    /// The least that a split lowers the impurity by, weighted with the node's share of all rows.
    pub min_impurity_decrease: f64,
    /// Whether every tree is grown on rows drawn with replacement, rather than on all.
    pub bootstrap: bool,
    /// Rows to draw for every tree as a fraction of all, above 0 and at most 1; all where `None`.
    pub max_samples: Option<f64>,
    /// What a leaf costs when a tree is cut back to the subtree of minimal cost; 0 leaves it whole.
    pub ccp_alpha: f64,
}

impl Settings {
    /// The defaults of a random forest.
    pub const fn random_forest() -> Self {
        Self {
            criterion: Criterion::Gini,
            splitter: Splitter::Best,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_weight_fraction_leaf: 0.0,
            max_features: MaxFeatures::Sqrt,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            bootstrap: true,
            max_samples: None,
            ccp_alpha: 0.0,
        }
    }

    /// The defaults of extremely randomised trees.
    pub const fn extra_trees() -> Self {
        Self { splitter: Splitter::Random, bootstrap: false, ..Self::random_forest() }
    }

    /// The most leaves of a tree of so many rows.
    pub fn most_leaves(&self, rows: usize) -> usize {
        let by_rows = rows / self.min_samples_leaf.max(1) as usize;
        let by_depth = self.max_depth.and_then(|depth| 1_usize.checked_shl(depth));
        let by_leaves = self.max_leaf_nodes.map(|most| most as usize);
        by_rows.max(1).min(by_depth.unwrap_or(usize::MAX)).min(by_leaves.unwrap_or(usize::MAX))
    }

    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`ForestError::Setting`] for the first that is not.
    pub fn check(&self) -> Result<(), ForestError> {
        let at_least =
            |setting, value: u32, least: u32, range| require(value >= least, setting, value, range);
        at_least("max_depth", self.max_depth.unwrap_or(1), 1, "at least 1")?;
        at_least("min_samples_split", self.min_samples_split, 2, "at least 2")?;
        at_least("min_samples_leaf", self.min_samples_leaf, 1, "at least 1")?;
        at_least("max_leaf_nodes", self.max_leaf_nodes.unwrap_or(2), 2, "at least 2")?;
        if let MaxFeatures::Count(count) = self.max_features {
            at_least("max_features", count, 1, "at least 1")?;
        }
        if let MaxFeatures::Fraction(fraction) = self.max_features {
            require(is_share(fraction), "max_features", fraction, "above 0 and at most 1")?;
        }
        let weight = self.min_weight_fraction_leaf;
        let range = "0 to 0.5";
        require((0.0..=0.5).contains(&weight), "min_weight_fraction_leaf", weight, range)?;
        for (setting, value) in
            [("min_impurity_decrease", self.min_impurity_decrease), ("ccp_alpha", self.ccp_alpha)]
        {
            let finite = value.is_finite() && value >= 0.0;
            require(finite, setting, value, "a finite number of at least 0")?;
        }
        if let Some(fraction) = self.max_samples {
            require(is_share(fraction), "max_samples", fraction, "above 0 and at most 1")?;
            let range = "no fraction, or `bootstrap: true`";
            require(self.bootstrap, "max_samples", fraction, range)?;
        }
        Ok(())
    }
}

fn is_share(fraction: f64) -> bool {
    fraction > 0.0 && fraction <= 1.0
}

fn require(
    holds: bool,
    setting: &'static str,
    value: impl std::fmt::Display,
    range: &'static str,
) -> Result<(), ForestError> {
    if holds {
        return Ok(());
    }
    Err(ForestError::Setting { setting, value: format!("{value}"), range })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    #[test]
    fn columns_to_draw_are_rounded_down_and_at_least_one() {
        let counts = |choice: MaxFeatures| [0, 1, 8, 27, 170].map(|columns| choice.count(columns));
        assert_eq!(counts(MaxFeatures::Sqrt), [1, 1, 2, 5, 13]);
        assert_eq!(counts(MaxFeatures::Log2), [1, 1, 3, 4, 7]);
        assert_eq!(counts(MaxFeatures::All), [1, 1, 8, 27, 170]);
        assert_eq!(counts(MaxFeatures::Count(10)), [1, 1, 8, 10, 10]);
        assert_eq!(counts(MaxFeatures::Fraction(0.1)), [1, 1, 1, 2, 17]);
    }

    #[test]
    fn leaves_are_bounded_by_rows_depth_and_the_limit_itself() {
        let good = Settings::random_forest();
        assert_eq!(good.most_leaves(1000), 1000);
        assert_eq!(Settings { min_samples_leaf: 10, ..good }.most_leaves(1000), 100);
        assert_eq!(Settings { max_depth: Some(6), ..good }.most_leaves(1000), 64);
        assert_eq!(Settings { max_depth: Some(200), ..good }.most_leaves(1000), 1000);
        assert_eq!(Settings { max_leaf_nodes: Some(7), ..good }.most_leaves(1000), 7);
    }

    #[test]
    fn a_setting_out_of_its_range_is_named() {
        let good = Settings::random_forest();
        good.check().unwrap();
        Settings::extra_trees().check().unwrap();
        for (name, bad) in [
            ("max_depth", Settings { max_depth: Some(0), ..good }),
            ("min_samples_split", Settings { min_samples_split: 1, ..good }),
            ("min_samples_leaf", Settings { min_samples_leaf: 0, ..good }),
            ("max_leaf_nodes", Settings { max_leaf_nodes: Some(1), ..good }),
            ("max_features", Settings { max_features: MaxFeatures::Count(0), ..good }),
            ("max_features", Settings { max_features: MaxFeatures::Fraction(f64::NAN), ..good }),
            ("min_weight_fraction_leaf", Settings { min_weight_fraction_leaf: 0.6, ..good }),
            ("min_impurity_decrease", Settings { min_impurity_decrease: -1.0, ..good }),
            ("ccp_alpha", Settings { ccp_alpha: f64::INFINITY, ..good }),
            ("max_samples", Settings { max_samples: Some(0.0), ..good }),
            ("max_samples", Settings { max_samples: Some(0.5), ..Settings::extra_trees() }),
        ] {
            let Err(ForestError::Setting { setting, .. }) = bad.check() else { panic!("{name}") };
            assert_eq!(setting, name);
        }
    }
}
