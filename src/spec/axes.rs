//! The grid's axes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::{ClassWeight, WeightRule};
use super::optimizers::Optimizer;
use super::value::{Axis, Count, Fraction, NonNegative, Positive};
use crate::network::Activation;

/// The axes: every combination of their values is one trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Learning rates.
    pub learning_rate: Axis<Positive>,
    /// Optimizers.
    pub optimizer: Axis<Optimizer>,
    /// How many passes over the train rows.
    pub epochs: Axis<Count>,
    /// Hidden layers, each a list of widths; `[]` is logistic regression.
    pub hidden: Axis<Vec<Count>>,
    /// Rows a step; 64 without this key.
    #[serde(default = "batch_size")]
    pub batch_size: Axis<Count>,
    /// Weight decay, by the optimizer's own definition; 0 without this key.
    #[serde(default = "weight_decay")]
    pub weight_decay: Axis<NonNegative>,
    /// Probability of zeroing a hidden unit in training; 0 without this key.
    #[serde(default = "dropout")]
    pub dropout: Axis<Fraction>,
    /// Activation of the hidden layers; `relu` without this key.
    #[serde(default = "activation")]
    pub activation: Axis<Activation>,
    /// What the rows of each class count in the training loss; `none` without this key.
    #[serde(default = "class_weight")]
    pub class_weight: Axis<ClassWeight>,
    /// Repeats with other random numbers; one repeat with 0 without this key.
    #[serde(default = "seed")]
    pub seed: Axis<u64>,
}

impl Grid {
    /// How many trials the grid makes (saturating: a count that no machine could train).
    pub fn trials(&self) -> u64 {
        let Self {
            learning_rate,
            optimizer,
            epochs,
            hidden,
            batch_size,
            weight_decay,
            dropout,
            activation,
            class_weight,
            seed,
        } = self;
        [
            learning_rate.values().len(),
            optimizer.values().len(),
            epochs.values().len(),
            hidden.values().len(),
            batch_size.values().len(),
            weight_decay.values().len(),
            dropout.values().len(),
            activation.values().len(),
            class_weight.values().len(),
            seed.values().len(),
        ]
        .iter()
        .fold(1_u64, |product, &count| product.saturating_mul(count as u64))
    }
}

fn batch_size() -> Axis<Count> {
    Axis::single(Count::default_of(64))
}

fn weight_decay() -> Axis<NonNegative> {
    Axis::single(NonNegative::default_of(0.0))
}

fn dropout() -> Axis<Fraction> {
    Axis::single(Fraction::default_of(0.0))
}

fn activation() -> Axis<Activation> {
    Axis::single(Activation::Relu)
}

fn class_weight() -> Axis<ClassWeight> {
    Axis::single(ClassWeight::Rule(WeightRule::None))
}

fn seed() -> Axis<u64> {
    Axis::single(0)
}
