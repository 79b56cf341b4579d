//! The grid's axes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::{ClassWeight, WeightRule};
use super::early_stopping::{EarlyStopping, Never};
use super::embedding::Embedding;
use super::limit::Limit;
use super::lr_schedule::LrSchedule;
use super::optimizers::Optimizer;
use super::value::{Axis, Count, Fraction, NonNegative, Positive};
use crate::network::{Activation, Norm};

/// Declares the axes in one place: the grid, what a variant may change of it, how many trials it
/// makes. An axis with a default may be left out.
macro_rules! axes {
    ($($(#[$doc:meta])* $name:ident: $value:ty $(= $default:expr, $path:literal)?;)+) => {
        /// The axes: every combination of their values is one trial.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct Grid {
            $($(#[$doc])* $(#[serde(default = $path)])? pub $name: Axis<$value>,)+
        }

        /// Axes that take the place of the grid's.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Changes {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")]
            pub $name: Option<Axis<$value>>,)+
        }

        impl Grid {
            /// How many trials it makes (saturating: a count that no machine could train).
            pub fn trials(&self) -> u64 {
                1_u64$(.saturating_mul(self.$name.values().len() as u64))+
            }

            /// The grid with some of its axes changed.
            #[must_use]
            pub fn with(&self, changes: &Changes) -> Self {
                Self { $($name: changes.$name.as_ref().unwrap_or(&self.$name).clone(),)+ }
            }
        }

        mod defaults {
            #[allow(clippy::wildcard_imports)] // what the axes are made of
            use super::*;
            $($(pub(super) fn $name() -> Axis<$value> { Axis::single($default) })?)+
        }
    };
}

axes! {
    /// Learning rates.
    learning_rate: Positive;
    /// Optimizers.
    optimizer: Optimizer;
    /// How many passes over the train rows.
    epochs: Count;
    /// Hidden layers, each a list of widths; `[]` is logistic regression.
    hidden: Vec<Count>;
    /// Rows a step; 64 without this key.
    batch_size: Count = Count::default_of(64), "defaults::batch_size";
    /// Weight decay, by the optimizer's own definition; 0 without this key.
    weight_decay: NonNegative = NonNegative::default_of(0.0), "defaults::weight_decay";
    /// Probability of zeroing a hidden unit in training; 0 without this key.
    dropout: Fraction = Fraction::default_of(0.0), "defaults::dropout";
    /// Activation of the hidden layers; `relu` without this key.
    activation: Activation = Activation::Relu, "defaults::activation";
    /// What the first layer takes of numeric inputs beside the inputs themselves; `none` without this
    /// key.
    embedding: Embedding = Embedding::NONE, "defaults::embedding";
    /// Norm of the hidden layers, before the activation; `none` without this key.
    norm: Norm = Norm::None, "defaults::norm";
    /// What the rows of each class count in the training loss; `none` without this key.
    class_weight: ClassWeight = ClassWeight::Rule(WeightRule::None), "defaults::class_weight";
    /// How much of a row's target is spread over all classes; 0 without this key.
    label_smoothing: Fraction = Fraction::default_of(0.0), "defaults::label_smoothing";
    /// Focal loss's gamma; 0, which is the cross-entropy, without this key.
    focal_gamma: NonNegative = NonNegative::default_of(0.0), "defaults::focal_gamma";
    /// Factor of the sum of all |parameters| in the training loss; 0 without this key.
    l1: NonNegative = NonNegative::default_of(0.0), "defaults::l1";
    /// Longest gradient of all parameters, by its 2-norm; `none` without this key.
    clip_grad_norm: Limit = Limit::NONE, "defaults::clip_grad_norm";
    /// Longest weights into a hidden unit, by their 2-norm; `none` without this key.
    max_norm: Limit = Limit::NONE, "defaults::max_norm";
    /// Standard deviation of the noise added to every input in training; 0 without this key.
    input_noise: NonNegative = NonNegative::default_of(0.0), "defaults::input_noise";
    /// How the learning rate changes in training; `constant` without this key.
    lr_schedule: LrSchedule = LrSchedule::Constant, "defaults::lr_schedule";
    /// When a training that gets no better ends; `none` without this key.
    early_stopping: EarlyStopping = EarlyStopping::Never(Never::None), "defaults::early_stopping";
    /// Repeats with other random numbers; one repeat with 0 without this key.
    seed: u64 = 0, "defaults::seed";
}
