//! The trials of a grid, numbered in a fixed order.

use std::collections::BTreeMap;
use std::hash::Hash;

use crate::engine::Regularisers;
use crate::network::{Activation, Norm};
use crate::spec::{
    Axis, ClassWeight, EarlyStopping, Embedding, Grid, GridFile, LrSchedule, Optimizer,
};

/// One combination of hyperparameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its number, from 0, in the order of [`trials`].
    pub number: usize,
    /// The variant's name.
    pub variant: String,
    /// The variant's way to prepare the rows, a place in [`crate::spec::Variants::ways`].
    pub way: usize,
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
    /// What the first layer takes of numeric inputs beside the inputs themselves.
    pub embedding: Embedding,
    /// Norm of the hidden layers.
    pub norm: Norm,
    /// What the rows of each class count in the training loss.
    pub class_weight: ClassWeight,
    /// What else keeps it from learning its train rows by heart.
    pub regularisers: Regularisers,
    /// How the learning rate changes.
    pub lr_schedule: LrSchedule,
    /// When it ends before its last epoch.
    pub early_stopping: EarlyStopping,
    /// Seed of its random numbers, beside the run's.
    pub seed: u64,
}

/// The names of the hyperparameters, in the order of every table.
pub const AXES: [&str; 21] = [
    "variant",
    "learning_rate",
    "optimizer",
    "epochs",
    "hidden",
    "batch_size",
    "weight_decay",
    "dropout",
    "activation",
    "embedding",
    "norm",
    "class_weight",
    "label_smoothing",
    "focal_gamma",
    "l1",
    "clip_grad_norm",
    "max_norm",
    "input_noise",
    "lr_schedule",
    "early_stopping",
    "seed",
];

impl Trial {
    /// The values as tables show them, in the order of [`AXES`]; widths as `64-32`, or `none`.
    pub fn settings(&self) -> [String; 21] {
        let widths: Vec<String> = self.hidden.iter().map(ToString::to_string).collect();
        [
            self.variant.clone(),
            self.learning_rate.to_string(),
            self.optimizer.name().to_owned(),
            self.epochs.to_string(),
            if widths.is_empty() { "none".to_owned() } else { widths.join("-") },
            self.batch_size.to_string(),
            self.weight_decay.to_string(),
            self.dropout.to_string(),
            self.activation.name().to_owned(),
            self.embedding.to_string(),
            self.norm.name().to_owned(),
            self.class_weight.to_string(),
            self.regularisers.label_smoothing.to_string(),
            self.regularisers.focal_gamma.to_string(),
            self.regularisers.l1.to_string(),
            limit(self.regularisers.clip_grad_norm),
            limit(self.regularisers.max_norm),
            self.regularisers.input_noise.to_string(),
            self.lr_schedule.to_string(),
            self.early_stopping.to_string(),
            self.seed.to_string(),
        ]
    }

    /// What trials of one pack have in common: the inputs that they see, embedding, layers,
    /// activation, norm, batch size, optimizer, and whether units are dropped and noise is added, since
    /// trials without are not to pay for a neighbour's draws.
    pub(super) fn shape(&self) -> impl Hash + Eq + use<> {
        let draws = (self.dropout > 0.0, self.regularisers.input_noise > 0.0);
        let layers = (self.embedding.to_string(), self.hidden.clone(), self.activation, self.norm);
        (self.way, layers, self.batch_size, self.optimizer, draws)
    }

    /// What is a trial's own within its shape, but for how long it is trained, unless its learning
    /// rates depend on that.
    pub(super) fn own(&self) -> impl Hash + Eq + use<> {
        let numbers = [self.learning_rate, self.weight_decay, self.dropout].map(f64::to_bits);
        let Regularisers { label_smoothing, focal_gamma, l1, input_noise, .. } = self.regularisers;
        let regularisers = [label_smoothing, focal_gamma, l1, input_noise].map(f64::to_bits);
        let limits = [self.regularisers.clip_grad_norm, self.regularisers.max_norm]
            .map(|most| most.map(f64::to_bits));
        let length = self.lr_schedule.depends_on_length().then_some(self.epochs);
        (numbers, regularisers, limits, self.rules(), length, self.seed)
    }

    /// The values that are more than a number or a name.
    pub(crate) fn rules(&self) -> String {
        let Self { embedding, class_weight, lr_schedule, early_stopping, .. } = self;
        format!("{embedding},{class_weight},{lr_schedule},{early_stopping}")
    }
}

/// What tells trials apart: the variant, where there are several, and the axes on which trials of one
/// variant differ.
#[derive(Debug, Default)]
pub struct Varied {
    /// Places in [`AXES`], by variant.
    axes: BTreeMap<String, Vec<usize>>,
}

impl Varied {
    /// What tells these trials apart.
    pub fn among<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Self {
        let mut variants: BTreeMap<String, ([String; AXES.len()], [bool; AXES.len()])> =
            BTreeMap::new();
        for trial in trials {
            let settings = trial.settings();
            let fresh = || (settings.clone(), [false; AXES.len()]);
            let (first, differ) = variants.entry(trial.variant.clone()).or_insert_with(fresh);
            for (differ, (one, other)) in differ.iter_mut().zip(settings.iter().zip(first)) {
                *differ |= one != other;
            }
        }
        let several = variants.len() > 1;
        let axes = variants.into_iter().map(|(name, (_, differ))| {
            let told = |&axis: &usize| differ[axis] || (several && AXES[axis] == "variant");
            (name, (0..AXES.len()).filter(told).collect())
        });
        Self { axes: axes.collect() }
    }

    /// What is a trial's own: `learning_rate 0.01`, `hidden 64-32`.
    pub fn of(&self, trial: &Trial) -> Vec<String> {
        let settings = trial.settings();
        let axes = self.axes.get(&trial.variant).into_iter().flatten();
        axes.map(|&axis| format!("{} {}", AXES[axis], settings[axis])).collect()
    }
}

/// Every combination of the values of every variant's grid, one variant after the other: the axis that
/// is read first varies fastest, within each axis the order is the grid file's. The axes that a pack
/// shares vary slowest, so that trials of one shape stand together.
pub fn trials(file: &GridFile) -> Vec<Trial> {
    let ways = file.variants.ways();
    let mut all = Vec::new();
    for (name, variant) in file.variants.iter() {
        let way = ways.iter().position(|(_, steps)| *steps == variant.steps).unwrap_or(0);
        let grid = file.grid.with(&variant.grid);
        for place in 0..grid.trials() as usize {
            all.push(trial((name, way), &grid, place, all.len()));
        }
    }
    all
}

/// The trial at a place of a variant's grid.
fn trial((name, way): (&str, usize), grid: &Grid, place: usize, number: usize) -> Trial {
    let mut rest = place;
    let rest = &mut rest;
    Trial {
        number,
        variant: name.to_owned(),
        way,
        seed: *next(&grid.seed, rest),
        learning_rate: next(&grid.learning_rate, rest).get(),
        weight_decay: next(&grid.weight_decay, rest).get(),
        dropout: next(&grid.dropout, rest).get(),
        class_weight: next(&grid.class_weight, rest).clone(),
        regularisers: Regularisers {
            label_smoothing: next(&grid.label_smoothing, rest).get(),
            focal_gamma: next(&grid.focal_gamma, rest).get(),
            l1: next(&grid.l1, rest).get(),
            clip_grad_norm: next(&grid.clip_grad_norm, rest).get(),
            max_norm: next(&grid.max_norm, rest).get(),
            input_noise: next(&grid.input_noise, rest).get(),
        },
        lr_schedule: *next(&grid.lr_schedule, rest),
        early_stopping: *next(&grid.early_stopping, rest),
        epochs: next(&grid.epochs, rest).get(),
        optimizer: *next(&grid.optimizer, rest),
        batch_size: next(&grid.batch_size, rest).get() as usize,
        norm: *next(&grid.norm, rest),
        activation: *next(&grid.activation, rest),
        embedding: *next(&grid.embedding, rest),
        hidden: next(&grid.hidden, rest).iter().map(|width| width.get() as usize).collect(),
    }
}

/// A limit as tables show it.
fn limit(most: Option<f64>) -> String {
    most.map_or("none".to_owned(), |most| most.to_string())
}

/// Takes an axis's digit off what is left of a trial's number.
fn next<'a, T: PartialEq>(axis: &'a Axis<T>, rest: &mut usize) -> &'a T {
    let values = axis.values();
    let value = &values[*rest % values.len()];
    *rest /= values.len();
    value
}
