//! The hyperparameters of each family. Names, meanings and defaults are PyTorch's for networks,
//! scikit-learn's for logistic regression, forests and neighbours, LightGBM's for
//! `gradient_boosting`, XGBoost's for `xgboost`.

use super::cell::Cell;
use super::choices::{
    Criterion, DataSampleStrategy, GrowPolicy, MaxFeatures, Metric, NeighborWeights,
};
use crate::network::{Activation, Norm};
use crate::spec::axes::Axes;
use crate::spec::class_weight::{ClassWeight, WeightRule};
use crate::spec::early_stopping::{EarlyStopping, Never};
use crate::spec::embedding::Embedding;
use crate::spec::limit::{CountLimit, Limit, RatioLimit};
use crate::spec::lr_schedule::LrSchedule;
use crate::spec::optimizers::Optimizer;
use crate::spec::value::{
    Axis, Count, Fraction, LeafCount, NonNegative, Positive, Ratio, Share01, SplitCount,
};

/// Declares the axes of a family, those that vary fastest first. An axis without a default must be
/// given.
macro_rules! params {
    ($(#[$doc:meta])* $params:ident { $($field:ident $name:literal: $value:ty $(= $default:expr)?;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)] // as described in `Axes`
        pub struct $params { $(pub $field: $value,)+ }

        impl $params {
            pub(super) const AXES: &'static [&'static str] = &[$($name),+];

            pub(super) fn lacking(axes: &Axes) -> Option<&'static str> {
                let complete = Self::complete(axes);
                let lacking = [$(complete.$field.is_none().then_some($name)),+];
                lacking.into_iter().flatten().next()
            }

            pub(super) fn complete(axes: &Axes) -> Axes {
                Axes {
                    $($field: axes.$field.clone()$(.or_else(|| Some(Axis::single($default))))?,)+
                    ..Axes::default()
                }
            }

            pub(super) fn trials(axes: &Axes) -> u64 {
                let counts = [$(axes.$field.as_ref().map_or(0, |axis| axis.values().len())),+];
                counts.into_iter().fold(1, |product, count| product.saturating_mul(count as u64))
            }

            pub(super) fn nth(axes: &Axes, place: usize) -> Option<Self> {
                let mut rest = place;
                Some(Self { $($field: next(axes.$field.as_ref()?, &mut rest).clone(),)+ })
            }

            pub(super) fn cell(&self, axis: &str) -> Option<String> {
                match axis {
                    $($name => Some(self.$field.cell()),)+
                    _ => None,
                }
            }
        }
    };
}

/// Takes an axis's digit off what is left of a trial's place.
fn next<'a, T: PartialEq>(axis: &'a Axis<T>, rest: &mut usize) -> &'a T {
    let values = axis.values();
    let value = &values[*rest % values.len()];
    *rest /= values.len();
    value
}

const UNWEIGHTED: ClassWeight = ClassWeight::Rule(WeightRule::None);
const TO_THE_END: EarlyStopping = EarlyStopping::Never(Never::None);

const fn count(value: u32) -> Count {
    Count::default_of(value)
}

const fn number(value: f64) -> NonNegative {
    NonNegative::default_of(value)
}

params! {
    /// Those of a multi-layer perceptron. The axes that a pack shares vary slowest, so that trials of
    /// one shape stand together.
    MlpParams {
        seed "seed": u64 = 0;
        learning_rate "learning_rate": Positive;
        weight_decay "weight_decay": NonNegative = number(0.0);
        dropout "dropout": Fraction = Fraction::default_of(0.0);
        class_weight "class_weight": ClassWeight = UNWEIGHTED;
        label_smoothing "label_smoothing": Fraction = Fraction::default_of(0.0);
        focal_gamma "focal_gamma": NonNegative = number(0.0);
        l1 "l1": NonNegative = number(0.0);
        clip_grad_norm "clip_grad_norm": Limit = Limit::NONE;
        max_norm "max_norm": Limit = Limit::NONE;
        input_noise "input_noise": NonNegative = number(0.0);
        lr_schedule "lr_schedule": LrSchedule = LrSchedule::Constant;
        early_stopping "early_stopping": EarlyStopping = TO_THE_END;
        epochs "epochs": Count;
        optimizer "optimizer": Optimizer;
        batch_size "batch_size": Count = count(64);
        norm "norm": Norm = Norm::None;
        activation "activation": Activation = Activation::Relu;
        embedding "embedding": Embedding = Embedding::NONE;
        hidden "hidden": Vec<Count>;
    }
}

params! {
    /// Those of `sklearn.linear_model.LogisticRegression`.
    LogisticRegressionParams {
        c "C": Positive = Positive::default_of(1.0);
        l1_ratio "l1_ratio": Share01 = Share01::default_of(0.0);
        fit_intercept "fit_intercept": bool = true;
        class_weight "class_weight": ClassWeight = UNWEIGHTED;
        tol "tol": Positive = Positive::default_of(1e-4);
        max_iter "max_iter": Count = count(100);
    }
}

/// Both kinds of forests have the same axes; they differ in a default.
macro_rules! forest {
    ($(#[$doc:meta])* $params:ident, $bootstrap:literal) => {
        params! {
            $(#[$doc])*
            $params {
                seed "seed": u64 = 0;
                criterion "criterion": Criterion = Criterion::Gini;
                max_depth "max_depth": CountLimit = CountLimit::NONE;
                min_samples_split "min_samples_split": SplitCount = SplitCount::default_of(2);
                min_samples_leaf "min_samples_leaf": Count = count(1);
                min_weight_fraction_leaf "min_weight_fraction_leaf": Fraction = Fraction::default_of(0.0);
                max_features "max_features": MaxFeatures = MaxFeatures::SQRT;
                max_leaf_nodes "max_leaf_nodes": CountLimit = CountLimit::NONE;
                min_impurity_decrease "min_impurity_decrease": NonNegative = number(0.0);
                bootstrap "bootstrap": bool = $bootstrap;
                max_samples "max_samples": RatioLimit = RatioLimit::NONE;
                ccp_alpha "ccp_alpha": NonNegative = number(0.0);
                class_weight "class_weight": ClassWeight = UNWEIGHTED;
                n_estimators "n_estimators": Count = count(100);
            }
        }
    };
}

forest! {
    /// Those of `sklearn.ensemble.RandomForestClassifier`.
    RandomForestParams, true
}

forest! {
    /// Those of `sklearn.ensemble.ExtraTreesClassifier`.
    ExtraTreesParams, false
}

params! {
    /// Those of LightGBM.
    GradientBoostingParams {
        seed "seed": u64 = 0;
        learning_rate "learning_rate": Positive = Positive::default_of(0.1);
        num_leaves "num_leaves": LeafCount = LeafCount::default_of(31);
        max_depth "max_depth": CountLimit = CountLimit::NONE;
        min_data_in_leaf "min_data_in_leaf": u32 = 20;
        min_sum_hessian_in_leaf "min_sum_hessian_in_leaf": NonNegative = number(1e-3);
        bagging_fraction "bagging_fraction": Ratio = Ratio::default_of(1.0);
        bagging_freq "bagging_freq": u32 = 0;
        feature_fraction "feature_fraction": Ratio = Ratio::default_of(1.0);
        feature_fraction_bynode "feature_fraction_bynode": Ratio = Ratio::default_of(1.0);
        lambda_l1 "lambda_l1": NonNegative = number(0.0);
        lambda_l2 "lambda_l2": NonNegative = number(0.0);
        min_gain_to_split "min_gain_to_split": NonNegative = number(0.0);
        max_delta_step "max_delta_step": NonNegative = number(0.0);
        max_bin "max_bin": SplitCount = SplitCount::default_of(255);
        min_data_in_bin "min_data_in_bin": Count = count(3);
        data_sample_strategy "data_sample_strategy": DataSampleStrategy = DataSampleStrategy::Bagging;
        top_rate "top_rate": Ratio = Ratio::default_of(0.2);
        other_rate "other_rate": Ratio = Ratio::default_of(0.1);
        extra_trees "extra_trees": bool = false;
        path_smooth "path_smooth": NonNegative = number(0.0);
        cat_smooth "cat_smooth": NonNegative = number(10.0);
        cat_l2 "cat_l2": NonNegative = number(10.0);
        max_cat_threshold "max_cat_threshold": Count = count(32);
        min_data_per_group "min_data_per_group": Count = count(100);
        class_weight "class_weight": ClassWeight = UNWEIGHTED;
        early_stopping "early_stopping": EarlyStopping = TO_THE_END;
        num_iterations "num_iterations": Count = count(100);
    }
}

params! {
    /// Those of `xgboost.XGBClassifier`.
    XgboostParams {
        seed "seed": u64 = 0;
        learning_rate "learning_rate": Positive = Positive::default_of(0.3);
        max_depth "max_depth": CountLimit = CountLimit::At(count(6));
        max_leaves "max_leaves": CountLimit = CountLimit::NONE;
        grow_policy "grow_policy": GrowPolicy = GrowPolicy::Depthwise;
        min_child_weight "min_child_weight": NonNegative = number(1.0);
        gamma "gamma": NonNegative = number(0.0);
        subsample "subsample": Ratio = Ratio::default_of(1.0);
        colsample_bytree "colsample_bytree": Ratio = Ratio::default_of(1.0);
        colsample_bylevel "colsample_bylevel": Ratio = Ratio::default_of(1.0);
        colsample_bynode "colsample_bynode": Ratio = Ratio::default_of(1.0);
        reg_lambda "reg_lambda": NonNegative = number(1.0);
        reg_alpha "reg_alpha": NonNegative = number(0.0);
        max_delta_step "max_delta_step": NonNegative = number(0.0);
        max_bin "max_bin": SplitCount = SplitCount::default_of(256);
        max_cat_to_onehot "max_cat_to_onehot": Count = count(4);
        max_cat_threshold "max_cat_threshold": Count = count(64);
        class_weight "class_weight": ClassWeight = UNWEIGHTED;
        early_stopping "early_stopping": EarlyStopping = TO_THE_END;
        n_estimators "n_estimators": Count = count(100);
    }
}

params! {
    /// Those of `sklearn.neighbors.KNeighborsClassifier`.
    KnnParams {
        weights "weights": NeighborWeights = NeighborWeights::Uniform;
        metric "metric": Metric = Metric::Euclidean;
        p "p": Positive = Positive::default_of(2.0);
        n_neighbors "n_neighbors": Count = count(5);
    }
}

#[cfg(test)]
params! {
    /// Those of a family that only tests know.
    ToyParams {
        n_estimators "n_estimators": Count = count(10);
    }
}
