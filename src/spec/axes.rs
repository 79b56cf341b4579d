//! The axes of all families, by one name each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::early_stopping::EarlyStopping;
use super::embedding::Embedding;
use super::families::{
    Criterion, DataSampleStrategy, GrowPolicy, MaxFeatures, Metric, NeighborWeights,
};
use super::limit::{CountLimit, Limit, RatioLimit};
use super::lr_schedule::LrSchedule;
use super::optimizers::Optimizer;
use super::value::{
    Axis, Count, Fraction, LeafCount, NonNegative, Positive, Ratio, Share01, SplitCount,
};
use crate::network::{Activation, Norm};

/// Declares the axes in the order of every table. A grid names some of them; which of them a family
/// has, and what their defaults are, stands in [`super::families`].
macro_rules! axes {
    ($($(#[$attribute:meta])* $field:ident $name:literal: $value:ty;)+) => {
        /// Values of hyperparameters: every combination is one trial. Each family has its own axes.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Axes {
            $($(#[$attribute])* #[serde(rename = $name, skip_serializing_if = "Option::is_none")]
            pub $field: Option<Axis<$value>>,)+
        }

        impl Axes {
            /// The names of all axes, in the order of every table.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The names of the axes that are given.
            pub fn given(&self) -> Vec<&'static str> {
                let given = [$(self.$field.is_some().then_some($name)),+];
                given.into_iter().flatten().collect()
            }

            /// These axes, and those of `others` that are not among them.
            #[must_use]
            pub fn or(&self, others: &Self) -> Self {
                Self { $($field: self.$field.clone().or_else(|| others.$field.clone()),)+ }
            }
        }
    };
}

axes! {
    /// Learning rates; of boosting, `learning_rate` of its library, 0.1 for `gradient_boosting` and 0.3
    /// for `xgboost` without this key.
    learning_rate "learning_rate": Positive;
    /// Optimizers.
    optimizer "optimizer": Optimizer;
    /// How many passes over the train rows.
    epochs "epochs": Count;
    /// Hidden layers, each a list of widths; `[]` is a network without any.
    hidden "hidden": Vec<Count>;
    /// Rows a step; 64 without this key.
    batch_size "batch_size": Count;
    /// Weight decay, by the optimizer's own definition; 0 without this key.
    weight_decay "weight_decay": NonNegative;
    /// Probability of zeroing a hidden unit in training; 0 without this key.
    dropout "dropout": Fraction;
    /// Activation of the hidden layers; `relu` without this key.
    activation "activation": Activation;
    /// What the first layer takes of numeric inputs beside the inputs themselves; `none` without this
    /// key.
    embedding "embedding": Embedding;
    /// Norm of the hidden layers, before the activation; `none` without this key.
    norm "norm": Norm;
    /// The weight of the rows of each class in training; `none` without this key.
    class_weight "class_weight": ClassWeight;
    /// How much of a row's target is spread over all classes; 0 without this key.
    label_smoothing "label_smoothing": Fraction;
    /// Focal loss's gamma; 0, which is the cross-entropy, without this key.
    focal_gamma "focal_gamma": NonNegative;
    /// Factor of the sum of all |parameters| in the training loss; 0 without this key.
    l1 "l1": NonNegative;
    /// Longest gradient of all parameters, by its 2-norm; `none` without this key.
    clip_grad_norm "clip_grad_norm": Limit;
    /// Longest weights into a hidden unit, by their 2-norm; `none` without this key.
    max_norm "max_norm": Limit;
    /// Standard deviation of the noise added to every input in training; 0 without this key.
    input_noise "input_noise": NonNegative;
    /// How the learning rate changes in training; `constant` without this key.
    lr_schedule "lr_schedule": LrSchedule;
    /// When a training that gets no better ends; `none` without this key.
    early_stopping "early_stopping": EarlyStopping;
    /// Logistic regression: inverse strength of the penalty; 1 without this key.
    c "C": Positive;
    /// Logistic regression: share of the L1 penalty; 0, all L2, without this key.
    l1_ratio "l1_ratio": Share01;
    /// Logistic regression: whether there is an intercept; true without this key.
    fit_intercept "fit_intercept": bool;
    /// Logistic regression: most iterations of the solver; 100 without this key.
    max_iter "max_iter": Count;
    /// Logistic regression: the largest gradient at which the solver stops; 0.0001 without this key.
    tol "tol": Positive;
    /// Forests: number of trees; `xgboost`: number of rounds; 100 without this key.
    n_estimators "n_estimators": Count;
    /// Forests: how impure a node is; `gini` without this key.
    criterion "criterion": Criterion;
    /// Forests and boosting: deepest level of a tree; without this key `none`, and 6 for `xgboost`.
    max_depth "max_depth": CountLimit;
    /// Forests: fewest rows of a node that is split; 2 without this key.
    min_samples_split "min_samples_split": SplitCount;
    /// Forests: fewest rows of a leaf; 1 without this key.
    min_samples_leaf "min_samples_leaf": Count;
    /// Forests: smallest share of all weights in a leaf; 0 without this key.
    min_weight_fraction_leaf "min_weight_fraction_leaf": Fraction;
    /// Forests: how many inputs a split chooses among; `sqrt` without this key.
    max_features "max_features": MaxFeatures;
    /// Forests: most leaves of a tree; `none` without this key.
    max_leaf_nodes "max_leaf_nodes": CountLimit;
    /// Forests: smallest gain of a split; 0 without this key.
    min_impurity_decrease "min_impurity_decrease": NonNegative;
    /// Forests: whether a tree's rows are drawn with replacement; true for `random_forest` and false for
    /// `extra_trees` without this key.
    bootstrap "bootstrap": bool;
    /// Forests: share of the rows that are drawn for a tree, with `bootstrap`; `none`, as many as there
    /// are, without this key.
    max_samples "max_samples": RatioLimit;
    /// Forests: complexity at which trees are pruned; 0 without this key.
    ccp_alpha "ccp_alpha": NonNegative;
    /// Boosting: number of iterations; 100 without this key.
    num_iterations "num_iterations": Count;
    /// Boosting: most leaves of a tree; 31 without this key.
    num_leaves "num_leaves": LeafCount;
    /// Boosting: fewest rows of a leaf; 20 without this key.
    min_data_in_leaf "min_data_in_leaf": u32;
    /// Boosting: smallest sum of second derivatives in a leaf; 0.001 without this key.
    min_sum_hessian_in_leaf "min_sum_hessian_in_leaf": NonNegative;
    /// Boosting: share of the rows that a tree is grown on; 1 without this key.
    bagging_fraction "bagging_fraction": Ratio;
    /// Boosting: after how many iterations rows are drawn anew; 0, never, without this key.
    bagging_freq "bagging_freq": u32;
    /// Boosting: share of the inputs that a tree is grown on; 1 without this key.
    feature_fraction "feature_fraction": Ratio;
    /// Boosting: share of the inputs that a split chooses among; 1 without this key.
    feature_fraction_bynode "feature_fraction_bynode": Ratio;
    /// Boosting: L1 penalty of the leaves; 0 without this key.
    lambda_l1 "lambda_l1": NonNegative;
    /// Boosting: L2 penalty of the leaves; 0 without this key.
    lambda_l2 "lambda_l2": NonNegative;
    /// Boosting: smallest gain of a split; 0 without this key.
    min_gain_to_split "min_gain_to_split": NonNegative;
    /// Boosting, `xgboost`: largest output of a leaf; 0, without a limit, without this key.
    max_delta_step "max_delta_step": NonNegative;
    /// Boosting, `xgboost`: most bins of an input; without this key 255, and 256 for `xgboost`.
    max_bin "max_bin": SplitCount;
    /// Boosting: fewest rows of a bin; 3 without this key.
    min_data_in_bin "min_data_in_bin": Count;
    /// Boosting: how rows are drawn; `bagging` without this key.
    data_sample_strategy "data_sample_strategy": DataSampleStrategy;
    /// Boosting: share of the rows with the largest gradients that `goss` keeps; 0.2 without this key.
    top_rate "top_rate": Ratio;
    /// Boosting: share of all rows that `goss` draws from the others; 0.1 without this key.
    other_rate "other_rate": Ratio;
    /// Boosting: whether thresholds are drawn at random; false without this key.
    extra_trees "extra_trees": bool;
    /// Boosting: how much a leaf is drawn towards its parent; 0 without this key.
    path_smooth "path_smooth": NonNegative;
    /// Boosting: smoothing of the categories of a split; 10 without this key.
    cat_smooth "cat_smooth": NonNegative;
    /// Boosting: L2 penalty of splits by category; 10 without this key.
    cat_l2 "cat_l2": NonNegative;
    /// Boosting, `xgboost`: most categories on one side of a split; without this key 32, and 64 for
    /// `xgboost`.
    max_cat_threshold "max_cat_threshold": Count;
    /// Boosting: fewest rows of a category; 100 without this key.
    min_data_per_group "min_data_per_group": Count;
    /// `xgboost`: most leaves of a tree; `none` without this key.
    max_leaves "max_leaves": CountLimit;
    /// `xgboost`: which node is split next; `depthwise` without this key.
    grow_policy "grow_policy": GrowPolicy;
    /// `xgboost`: smallest sum of second derivatives in a leaf; 1 without this key.
    min_child_weight "min_child_weight": NonNegative;
    /// `xgboost`: smallest gain of a split; 0 without this key.
    gamma "gamma": NonNegative;
    /// `xgboost`: share of the rows that a round's trees are grown on; 1 without this key.
    subsample "subsample": Ratio;
    /// `xgboost`: share of the inputs that a tree is grown on; 1 without this key.
    colsample_bytree "colsample_bytree": Ratio;
    /// `xgboost`: share of the tree's inputs that a level is grown on; 1 without this key.
    colsample_bylevel "colsample_bylevel": Ratio;
    /// `xgboost`: share of the level's inputs that a split chooses among; 1 without this key.
    colsample_bynode "colsample_bynode": Ratio;
    /// `xgboost`: L2 penalty of the leaves; 1 without this key.
    reg_lambda "reg_lambda": NonNegative;
    /// `xgboost`: L1 penalty of the leaves; 0 without this key.
    reg_alpha "reg_alpha": NonNegative;
    /// `xgboost`: an input with fewer categories is split into one of them and the others; 4 without
    /// this key.
    max_cat_to_onehot "max_cat_to_onehot": Count;
    /// Neighbours: how many vote; 5 without this key.
    n_neighbors "n_neighbors": Count;
    /// Neighbours: what each counts; `uniform` without this key.
    weights "weights": NeighborWeights;
    /// Neighbours: how far apart rows are; `euclidean` without this key.
    metric "metric": Metric;
    /// Neighbours: the power of `minkowski`; 2 without this key.
    p "p": Positive;
    /// Repeats with other random numbers; one repeat with 0 without this key.
    seed "seed": u64;
}
