//! The trials of a grid, numbered in a fixed order.

use std::hash::Hash;

use crate::network::Activation;
use crate::spec::{ClassWeight, Grid, Optimizer, WeightRule};

/// One combination of hyperparameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its number, from 0, in the order of [`trials`].
    pub number: usize,
    /// Step size.
    pub learning_rate: f64,
    /// Optimizer.
    pub optimizer: Optimizer,
    /// Passes over the train rows.
    pub epochs: u32,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Rows a step.
    pub batch_size: usize,
    /// Weight decay.
    pub weight_decay: f64,
    /// Probability of zeroing a hidden unit.
    pub dropout: f64,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// What the rows of each class count in the training loss.
    pub class_weight: ClassWeight,
    /// Seed of its random numbers, beside the run's.
    pub seed: u64,
}

/// The names of the hyperparameters, in the order of every table.
pub const AXES: [&str; 10] = [
    "learning_rate",
    "optimizer",
    "epochs",
    "hidden",
    "batch_size",
    "weight_decay",
    "dropout",
    "activation",
    "class_weight",
    "seed",
];

impl Trial {
    /// The values as tables show them, in the order of [`AXES`]; widths as `64-32`, or `none`.
    pub fn settings(&self) -> [String; 10] {
        let widths: Vec<String> = self.hidden.iter().map(ToString::to_string).collect();
        [
            self.learning_rate.to_string(),
            self.optimizer.name().to_owned(),
            self.epochs.to_string(),
            if widths.is_empty() { "none".to_owned() } else { widths.join("-") },
            self.batch_size.to_string(),
            self.weight_decay.to_string(),
            self.dropout.to_string(),
            self.activation.name().to_owned(),
            self.class_weight.to_string(),
            self.seed.to_string(),
        ]
    }

    /// What trials of one pack have in common: layers, activation, batch size, optimizer, and
    /// whether units are dropped, since trials without dropout are not to pay for a neighbour's.
    pub(super) fn shape(&self) -> impl Hash + Eq + use<> {
        let drops = self.dropout > 0.0;
        (self.hidden.clone(), self.activation, self.batch_size, self.optimizer, drops)
    }

    /// What is a trial's own within its shape, but for how long it is trained.
    pub(super) fn own(&self) -> impl Hash + Eq + use<> {
        let numbers = [self.learning_rate, self.weight_decay, self.dropout].map(f64::to_bits);
        (numbers, self.class_weight.to_string(), self.seed)
    }
}

/// The axes, as places in [`AXES`], on which some of the trials differ: what tells them apart.
pub fn varied<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Vec<usize> {
    let mut trials = trials.into_iter().map(Trial::settings);
    let Some(first) = trials.next() else { return Vec::new() };
    let mut differ = [false; AXES.len()];
    for settings in trials {
        for (differ, (one, other)) in differ.iter_mut().zip(settings.iter().zip(&first)) {
            *differ |= one != other;
        }
    }
    (0..AXES.len()).filter(|&axis| differ[axis]).collect()
}

/// Every combination of the grid's values. The axes that a pack shares vary slowest, so that
/// trials of one shape stand together; within each axis the order is the grid file's.
pub fn trials(grid: &Grid) -> Vec<Trial> {
    let mut trials = Vec::new();
    for hidden in grid.hidden.values() {
        for &activation in grid.activation.values() {
            for &batch_size in grid.batch_size.values() {
                for &optimizer in grid.optimizer.values() {
                    for &epochs in grid.epochs.values() {
                        let shape = Trial {
                            number: 0,
                            learning_rate: 0.0,
                            optimizer,
                            epochs: epochs.get(),
                            hidden: hidden.iter().map(|width| width.get() as usize).collect(),
                            batch_size: batch_size.get() as usize,
                            weight_decay: 0.0,
                            dropout: 0.0,
                            activation,
                            class_weight: ClassWeight::Rule(WeightRule::None),
                            seed: 0,
                        };
                        extend(&mut trials, grid, &shape);
                    }
                }
            }
        }
    }
    trials
}

/// Adds the trials of one shape: every combination of the axes that members have of their own.
fn extend(trials: &mut Vec<Trial>, grid: &Grid, shape: &Trial) {
    for class_weight in grid.class_weight.values() {
        for dropout in grid.dropout.values() {
            for weight_decay in grid.weight_decay.values() {
                for learning_rate in grid.learning_rate.values() {
                    for &seed in grid.seed.values() {
                        trials.push(Trial {
                            number: trials.len(),
                            class_weight: class_weight.clone(),
                            dropout: dropout.get(),
                            weight_decay: weight_decay.get(),
                            learning_rate: learning_rate.get(),
                            seed,
                            ..shape.clone()
                        });
                    }
                }
            }
        }
    }
}
