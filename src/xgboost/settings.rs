//! XGBoost's parameters: their names, meanings and defaults are those of its scikit-learn wrapper and
//! of its library.
//!
//! `booster` is always `gbtree` and `tree_method` `hist`. `dart` rescales the trees before, so that the
//! first trees of a long training are no short training's, and `gblinear` grows no trees.

use crate::boosting::number;

/// Which node is split next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GrowPolicy {
    /// `depthwise`: all nodes of a level, then those of the next.
    #[default]
    Depthwise,
    /// `lossguide`: the one that gains most.
    Lossguide,
}

impl GrowPolicy {
    /// XGBoost's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Depthwise => "depthwise",
            Self::Lossguide => "lossguide",
        }
    }
}

/// What is grown, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Rounds, of a tree a class each (of one tree where there are two classes). It bounds no training
    /// here: [`Trainer::round`](super::Trainer::round) trains one at a time.
    pub n_estimators: u32,
    /// What each tree's values are multiplied by.
    pub learning_rate: f64,
    /// The most splits above a leaf; 0 for no limit.
    pub max_depth: u32,
    /// The most leaves of a tree; 0 for no limit.
    pub max_leaves: u32,
    /// Which node is split next.
    pub grow_policy: GrowPolicy,
    /// The least sum of second derivatives of a leaf's rows.
    pub min_child_weight: f64,
    /// The least gain of a split.
    pub gamma: f64,
    /// Share of the rows drawn for each round.
    pub subsample: f64,
    /// Share of the columns drawn for each tree.
    pub colsample_bytree: f64,
    /// Share of those drawn for each level.
    pub colsample_bylevel: f64,
    /// Share of those drawn for each node.
    pub colsample_bynode: f64,
    /// L2 penalty on the leaves' values.
    pub reg_lambda: f64,
    /// L1 penalty on the leaves' values.
    pub reg_alpha: f64,
    /// The largest value of a leaf, before `learning_rate`; 0 for no limit.
    pub max_delta_step: f64,
    /// The most bins of a column.
    pub max_bin: u32,
    /// Columns with fewer categories are split into one category and the others.
    pub max_cat_to_onehot: u32,
    /// The most categories considered for one side of a split.
    pub max_cat_threshold: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            learning_rate: 0.3,
            max_depth: 6,
            max_leaves: 0,
            grow_policy: GrowPolicy::Depthwise,
            min_child_weight: 1.0,
            gamma: 0.0,
            subsample: 1.0,
            colsample_bytree: 1.0,
            colsample_bylevel: 1.0,
            colsample_bynode: 1.0,
            reg_lambda: 1.0,
            reg_alpha: 0.0,
            max_delta_step: 0.0,
            max_bin: 256,
            max_cat_to_onehot: 4,
            max_cat_threshold: 64,
        }
    }
}

/// A setting that XGBoost would refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name} is {value}; it must be {range}")]
#[allow(missing_docs)] // the fields are what the message names
pub struct SettingsError {
    pub name: &'static str,
    pub value: String,
    pub range: &'static str,
}

impl Settings {
    /// Checks all that XGBoost checks.
    ///
    /// # Errors
    /// [`SettingsError`] names the first setting that XGBoost would refuse.
    pub fn check(&self) -> Result<(), SettingsError> {
        for (name, value, range) in self.numbers() {
            if !range.has(value) {
                return Err(SettingsError { name, value: number(value), range: range.text() });
            }
        }
        for (name, value, least) in self.counts() {
            if value < least || i32::try_from(value).is_err() {
                let range = match least {
                    0 => "0 or more, and below 2147483648",
                    1 => "1 or more, and below 2147483648",
                    _ => "2 or more, and below 2147483648",
                };
                return Err(SettingsError { name, value: value.to_string(), range });
            }
        }
        Ok(())
    }

    /// The most leaves that a tree on so many rows can have.
    pub fn most_leaves(&self, rows: usize) -> u64 {
        let limits = [
            Some(self.max_leaves).filter(|most| *most > 0).map(u64::from),
            Some(self.max_depth).filter(|most| (1..32).contains(most)).map(|depth| 1 << depth),
        ];
        limits.into_iter().flatten().fold(rows.max(1) as u64, u64::min)
    }

    /// The numbers with what they must be, in the order of the parameters.
    fn numbers(&self) -> [(&'static str, f64, Range); 10] {
        [
            ("learning_rate", self.learning_rate, Range::Positive),
            ("min_child_weight", self.min_child_weight, Range::NotNegative),
            ("gamma", self.gamma, Range::NotNegative),
            ("subsample", self.subsample, Range::Share),
            ("colsample_bytree", self.colsample_bytree, Range::Share),
            ("colsample_bylevel", self.colsample_bylevel, Range::Share),
            ("colsample_bynode", self.colsample_bynode, Range::Share),
            ("reg_lambda", self.reg_lambda, Range::NotNegative),
            ("reg_alpha", self.reg_alpha, Range::NotNegative),
            ("max_delta_step", self.max_delta_step, Range::NotNegative),
        ]
    }

    /// The whole numbers with the least that they may be.
    fn counts(&self) -> [(&'static str, u32, u32); 5] {
        [
            ("max_depth", self.max_depth, 0),
            ("max_leaves", self.max_leaves, 0),
            ("max_bin", self.max_bin, 2),
            ("max_cat_to_onehot", self.max_cat_to_onehot, 1),
            ("max_cat_threshold", self.max_cat_threshold, 1),
        ]
    }

    /// The parameters as XGBoost reads them, for a training of so many classes. Two classes are its
    /// `binary:logistic`, with one tree a round; more are its `multi:softprob`, as in its
    /// `XGBClassifier`. One thread, whose sums have one order on every machine.
    pub(super) fn parameters(&self, classes: usize, seed: i32) -> Vec<(&'static str, String)> {
        let own = |name: &'static str, value: &str| (name, value.to_owned());
        let mut parameters = vec![
            own("booster", "gbtree"),
            own("tree_method", "hist"),
            own("device", "cpu"),
            own("nthread", "1"),
            own("verbosity", "0"),
            own("grow_policy", self.grow_policy.name()),
            ("seed", seed.to_string()),
        ];
        if classes == 2 {
            parameters.push(own("objective", "binary:logistic"));
        } else {
            parameters.push(own("objective", "multi:softprob"));
            parameters.push(("num_class", classes.to_string()));
        }
        parameters.extend(self.counts().map(|(name, value, _)| (name, value.to_string())));
        parameters.extend(self.numbers().map(|(name, value, _)| (name, number(value))));
        parameters
    }
}

/// What a number must be. XGBoost reads them as 32-bit floats, and refuses what these do not hold.
#[derive(Debug, Clone, Copy)]
enum Range {
    Positive,
    NotNegative,
    Share,
}

impl Range {
    fn has(self, value: f64) -> bool {
        let held = 1e-37..=1e38;
        match self {
            Self::Positive => held.contains(&value),
            Self::NotNegative => value == 0.0 || held.contains(&value),
            Self::Share => held.contains(&value) && value <= 1.0,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Positive => "from 1e-37 to 1e38",
            Self::NotNegative => "0, or from 1e-37 to 1e38",
            Self::Share => "from 1e-37 to 1",
        }
    }
}
