//! LightGBM's parameters: their names, meanings and defaults are LightGBM's own.
//!
//! `boosting` is always `gbdt`. `dart` rescales the trees before, so that the first trees of a long
//! training are no short training's. `rf` keeps the scores of its rows wrongly where a tree cannot be
//! split: they were up to 0.14 off the model's own predictions.

/// How the rows of an iteration are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataSampleStrategy {
    /// `bagging`: at random, as `bagging_fraction` and `bagging_freq` say.
    #[default]
    Bagging,
    /// `goss`: those with the largest gradients, and a few of the others, as `top_rate` and
    /// `other_rate` say; all rows in the first `1 / learning_rate` iterations.
    Goss,
}

impl DataSampleStrategy {
    /// LightGBM's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bagging => "bagging",
            Self::Goss => "goss",
        }
    }
}

/// What is grown, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Iterations, of a tree a class each (of one tree where there are two classes). It bounds no
    /// training here: [`Trainer::round`](super::Trainer::round) trains one at a time.
    pub num_iterations: u32,
    /// What each tree's values are multiplied by.
    pub learning_rate: f64,
    /// The most leaves of a tree.
    pub num_leaves: u32,
    /// The most splits above a leaf; -1 for no limit.
    pub max_depth: i32,
    /// The fewest rows of a leaf.
    pub min_data_in_leaf: u32,
    /// The least sum of second derivatives of a leaf's rows. Below 1e-7 LightGBM may fail, see
    /// [`TrainerError::EmptySide`](super::TrainerError::EmptySide).
    pub min_sum_hessian_in_leaf: f64,
    /// Share of the rows that each draw takes.
    pub bagging_fraction: f64,
    /// Iterations from a draw of rows to the next; 0 for no drawing.
    pub bagging_freq: u32,
    /// Share of the columns drawn for each tree.
    pub feature_fraction: f64,
    /// Share of the columns drawn for each node.
    pub feature_fraction_bynode: f64,
    /// L1 penalty on the leaves' values.
    pub lambda_l1: f64,
    /// L2 penalty on the leaves' values.
    pub lambda_l2: f64,
    /// The least gain of a split.
    pub min_gain_to_split: f64,
    /// The largest value of a leaf, before `learning_rate`; 0 for no limit.
    pub max_delta_step: f64,
    /// The most bins of a column.
    pub max_bin: u32,
    /// The fewest rows of a bin.
    pub min_data_in_bin: u32,
    /// How the rows of an iteration are drawn.
    pub data_sample_strategy: DataSampleStrategy,
    /// Share of the rows, those with the largest gradients, that `goss` keeps.
    pub top_rate: f64,
    /// Share of the rows that `goss` draws from the others.
    pub other_rate: f64,
    /// Try one threshold at random in each column, not all.
    pub extra_trees: bool,
    /// How strongly a node's value is drawn to its parent's; 0 for not at all.
    pub path_smooth: f64,
    /// Smoothing of small categories.
    pub cat_smooth: f64,
    /// L2 penalty on splits by category.
    pub cat_l2: f64,
    /// The most categories on one side of a split.
    pub max_cat_threshold: u32,
    /// The fewest rows of a group of categories.
    pub min_data_per_group: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            num_iterations: 100,
            learning_rate: 0.1,
            num_leaves: 31,
            max_depth: -1,
            min_data_in_leaf: 20,
            min_sum_hessian_in_leaf: 1e-3,
            bagging_fraction: 1.0,
            bagging_freq: 0,
            feature_fraction: 1.0,
            feature_fraction_bynode: 1.0,
            lambda_l1: 0.0,
            lambda_l2: 0.0,
            min_gain_to_split: 0.0,
            max_delta_step: 0.0,
            max_bin: 255,
            min_data_in_bin: 3,
            data_sample_strategy: DataSampleStrategy::Bagging,
            top_rate: 0.2,
            other_rate: 0.1,
            extra_trees: false,
            path_smooth: 0.0,
            cat_smooth: 10.0,
            cat_l2: 10.0,
            max_cat_threshold: 32,
            min_data_per_group: 100,
        }
    }
}

/// A setting that LightGBM would refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum SettingsError {
    /// Out of range.
    #[error("{name} is {value}; it must be {range}")]
    OutOfRange { name: &'static str, value: String, range: &'static str },
    /// Rows drawn in two ways.
    #[error("data_sample_strategy goss draws the rows itself; leave bagging_freq at 0")]
    BaggingInGoss,
    /// A draw that takes no row.
    #[error("bagging_fraction is {fraction}, which is no row of {rows}; raise it")]
    EmptyBag { fraction: f64, rows: usize },
    /// More than all rows.
    #[error("top_rate and other_rate are {sum} together; they must be at most 1")]
    Rates { sum: f64 },
}

/// What a training is of, beside the settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    /// Number of classes, at least 2.
    pub classes: usize,
    /// The columns whose values are categories.
    pub categorical: &'a [usize],
    /// LightGBM's `seed`, which it derives the seeds of all its draws from.
    pub seed: i32,
}

impl Settings {
    /// Whether rows are drawn at random.
    fn bags(&self) -> bool {
        self.bagging_freq > 0 && self.bagging_fraction < 1.0
    }

    /// Checks that a draw of so many rows takes one at least.
    pub(super) fn check_bag(&self, rows: usize) -> Result<(), SettingsError> {
        let fraction = self.bagging_fraction;
        if self.bags() && fraction * (rows as f64) < 1.0 {
            return Err(SettingsError::EmptyBag { fraction, rows });
        }
        Ok(())
    }

    /// Whether trees depend on random draws.
    pub(super) fn draws(&self) -> bool {
        let bags = self.bags();
        let columns = self.feature_fraction < 1.0 || self.feature_fraction_bynode < 1.0;
        bags || columns || self.extra_trees || self.data_sample_strategy == DataSampleStrategy::Goss
    }

    /// Checks all that LightGBM checks, since it writes what it refuses to standard error.
    ///
    /// # Errors
    /// [`SettingsError`] names the first setting that LightGBM would refuse.
    pub fn check(&self) -> Result<(), SettingsError> {
        let numbers = self
            .numbers()
            .map(|(name, value, range)| (name, value, range.text(), range.has(value)));
        let counts = self.counts().map(|(name, value, least, most, text)| {
            (name, value as f64, text, (least..=most).contains(&value))
        });
        for (name, value, range, is_in) in numbers.into_iter().chain(counts) {
            if !is_in {
                return Err(SettingsError::OutOfRange { name, value: number(value), range });
            }
        }
        let goss = self.data_sample_strategy == DataSampleStrategy::Goss;
        if goss && self.bags() {
            return Err(SettingsError::BaggingInGoss);
        }
        // LightGBM adds them as doubles and compares with 1: 0.9 and 0.1 pass.
        if goss && self.top_rate + self.other_rate > 1.0 {
            return Err(SettingsError::Rates { sum: self.top_rate + self.other_rate });
        }
        Ok(())
    }

    /// The numbers with what they must be, in the order of the parameters' text.
    fn numbers(&self) -> [(&'static str, f64, Range); 14] {
        [
            ("learning_rate", self.learning_rate, Range::Positive),
            ("min_sum_hessian_in_leaf", self.min_sum_hessian_in_leaf, Range::NotNegative),
            ("bagging_fraction", self.bagging_fraction, Range::Share),
            ("feature_fraction", self.feature_fraction, Range::Share),
            ("feature_fraction_bynode", self.feature_fraction_bynode, Range::Share),
            ("lambda_l1", self.lambda_l1, Range::NotNegative),
            ("lambda_l2", self.lambda_l2, Range::NotNegative),
            ("min_gain_to_split", self.min_gain_to_split, Range::NotNegative),
            ("max_delta_step", self.max_delta_step, Range::NotNegative),
            ("top_rate", self.top_rate, Range::Share),
            ("other_rate", self.other_rate, Range::Share),
            ("path_smooth", self.path_smooth, Range::NotNegative),
            ("cat_smooth", self.cat_smooth, Range::NotNegative),
            ("cat_l2", self.cat_l2, Range::NotNegative),
        ]
    }

    /// The whole numbers with the least and the most they may be.
    fn counts(&self) -> [(&'static str, i64, i64, i64, &'static str); 9] {
        let most = i64::from(i32::MAX);
        let below = "0 or more, and below 2147483648";
        let counted = "1 or more, and below 2147483648";
        [
            ("num_iterations", self.num_iterations.into(), 1, most, counted),
            ("num_leaves", self.num_leaves.into(), 2, 131_072, "from 2 to 131072"),
            ("max_depth", self.max_depth.into(), -1, most, "-1 (no limit) or more"),
            ("min_data_in_leaf", self.min_data_in_leaf.into(), 0, most, below),
            ("bagging_freq", self.bagging_freq.into(), 0, most, below),
            ("max_bin", self.max_bin.into(), 2, 65_535, "from 2 to 65535"),
            ("min_data_in_bin", self.min_data_in_bin.into(), 1, most, counted),
            ("max_cat_threshold", self.max_cat_threshold.into(), 1, most, counted),
            ("min_data_per_group", self.min_data_per_group.into(), 1, most, counted),
        ]
    }

    /// The parameters as LightGBM reads them, `name=value` each: the same text for the same
    /// settings. Two classes are LightGBM's `binary`, with one tree an iteration; more are its
    /// `multiclass`. One thread, whose sums have one order on every machine.
    pub(super) fn parameters(&self, task: &Task) -> String {
        let strategy = self.data_sample_strategy.name();
        let mut text = format!("boosting=gbdt data_sample_strategy={strategy}");
        let mut add = |name: &str, value: &str| {
            text.push(' ');
            text.push_str(name);
            text.push('=');
            text.push_str(value);
        };
        if task.classes == 2 {
            add("objective", "binary");
        } else {
            add("objective", "multiclass");
            add("num_class", &task.classes.to_string());
        }
        for (name, value, ..) in self.counts() {
            add(name, &value.to_string());
        }
        for (name, value, _) in self.numbers() {
            add(name, &number(value));
        }
        add("extra_trees", if self.extra_trees { "true" } else { "false" });
        if !task.categorical.is_empty() {
            let columns: Vec<String> = task.categorical.iter().map(usize::to_string).collect();
            add("categorical_feature", &columns.join(","));
        }
        add("seed", &task.seed.to_string());
        text.push_str(" num_threads=1 deterministic=true force_row_wise=true verbosity=-1");
        text
    }
}

/// What a number must be.
#[derive(Debug, Clone, Copy)]
enum Range {
    Positive,
    NotNegative,
    Share,
}

impl Range {
    fn has(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Positive => value > 0.0,
                Self::NotNegative => value >= 0.0,
                Self::Share => value > 0.0 && value <= 1.0,
            }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Positive => "above 0",
            Self::NotNegative => "0 or more",
            Self::Share => "above 0 and at most 1",
        }
    }
}

/// A number as Python writes it. Neither LightGBM's nor XGBoost's reader of parameters rounds correctly,
/// so the same number must be the same text to be the same number there.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e16).contains(&size) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}
