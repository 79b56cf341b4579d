//! Cuts the trials into jobs: packs of networks of one shape.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::trials::Trial;
use crate::engine::{Member, OptimizerSettings, PackPlan};
use crate::network::Architecture;
use crate::random::Streams;
use crate::spec::{Fixed, Optimizer};

/// Networks of one shape that are trained together, on every fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The networks. Trials that differ in nothing but `epochs` are one network, looked at after so
    /// many epochs: its random numbers do not depend on how long it will be trained.
    pub networks: Vec<Vec<Trial>>,
}

/// Cuts `trials` into jobs of at most `pack_size` networks, in order and about even. The cut
/// depends on the grid and on the engine alone, never on the number of threads.
pub fn plan(trials: Vec<Trial>, pack_size: usize) -> Vec<Job> {
    let mut shapes: IndexMap<_, IndexMap<_, Vec<Trial>>> = IndexMap::new();
    for trial in trials {
        let networks = shapes.entry(trial.shape()).or_default();
        networks.entry(trial.own()).or_default().push(trial);
    }
    let mut jobs = Vec::new();
    for networks in shapes.into_values() {
        let packs = networks.len().div_ceil(pack_size.max(1));
        let size = networks.len().div_ceil(packs);
        let mut networks = networks.into_values();
        jobs.extend((0..packs).map(|_| Job { networks: networks.by_ref().take(size).collect() }));
    }
    jobs
}

impl Job {
    /// Its trials.
    pub fn trials(&self) -> impl Iterator<Item = &Trial> {
        self.networks.iter().flatten()
    }

    /// The numbers of epochs that its trials ask for, ascending.
    pub(super) fn lengths(&self) -> Vec<u32> {
        let lengths: BTreeSet<u32> = self.trials().map(|trial| trial.epochs).collect();
        lengths.into_iter().collect()
    }

    /// What it costs, in parameters times epochs.
    pub(super) fn cost(&self, (inputs, classes): (usize, usize)) -> u64 {
        let longest = self.trials().map(|trial| trial.epochs).max().unwrap_or(0);
        let parameters = self.networks[0][0].architecture(inputs, classes).parameters();
        (self.networks.len() * parameters) as u64 * u64::from(longest)
    }

    /// The pack of this job, for rows of `inputs` values and so many classes: its networks on the
    /// first fold, then on the next.
    pub(super) fn pack(
        &self,
        folds: usize,
        (inputs, classes): (usize, usize),
        fixed: &Fixed,
        run_seed: u64,
    ) -> PackPlan {
        let shape = &self.networks[0][0];
        let member = |fold: usize, trial: &Trial| Member {
            learning_rate: trial.learning_rate,
            weight_decay: trial.weight_decay,
            dropout: trial.dropout,
            fold,
            streams: Streams::new(run_seed, trial.seed, fold as u32),
        };
        let on_fold =
            |fold: usize| self.networks.iter().map(move |network| member(fold, &network[0]));
        PackPlan {
            architecture: shape.architecture(inputs, classes),
            batch_size: shape.batch_size,
            optimizer: settings(shape.optimizer, fixed),
            members: (0..folds).flat_map(on_fold).collect(),
        }
    }
}

impl Trial {
    /// The network of this trial, for rows of `inputs` values.
    pub fn architecture(&self, inputs: usize, classes: usize) -> Architecture {
        let hidden = self.hidden.clone();
        Architecture { inputs, hidden, classes, activation: self.activation }
    }
}

/// The optimizer with the settings of the grid file's `fixed`.
fn settings(optimizer: Optimizer, fixed: &Fixed) -> OptimizerSettings {
    match optimizer {
        Optimizer::Sgd => OptimizerSettings::Sgd {
            momentum: fixed.sgd.momentum.get(),
            nesterov: fixed.sgd.nesterov,
        },
        Optimizer::Adam | Optimizer::AdamW => {
            let decoupled = optimizer == Optimizer::AdamW;
            let adam = if decoupled { &fixed.adamw } else { &fixed.adam };
            let betas = (adam.betas[0].get(), adam.betas[1].get());
            OptimizerSettings::Adam { betas, eps: adam.eps.get(), decoupled }
        }
        Optimizer::RmsProp => OptimizerSettings::RmsProp {
            alpha: fixed.rmsprop.alpha.get(),
            eps: fixed.rmsprop.eps.get(),
            momentum: fixed.rmsprop.momentum.get(),
        },
    }
}
