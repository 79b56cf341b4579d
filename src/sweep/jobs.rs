//! Cuts the trials into jobs: the packs of one set of trials, one pack a fold.

use super::trials::Trial;
use crate::engine::{Member, OptimizerSettings, PackPlan};
use crate::network::Architecture;
use crate::random::Streams;
use crate::spec::{Fixed, Optimizer};

/// Trials of one shape that are trained together, on every fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number, from 0.
    pub number: usize,
    /// Its trials, at least one.
    pub trials: Vec<Trial>,
}

/// Cuts `trials` into jobs of at most `pack_size`, in order and as even as can be. The cut depends
/// on the grid and on the kind of device alone, never on the number of threads.
pub fn plan(trials: Vec<Trial>, pack_size: usize) -> Vec<Job> {
    let mut jobs = Vec::new();
    let mut rest = trials.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut shape = vec![first];
        while let Some(next) = rest.next_if(|next| next.same_shape(&shape[0])) {
            shape.push(next);
        }
        let packs = shape.len().div_ceil(pack_size.max(1));
        let size = shape.len().div_ceil(packs);
        for trials in shape.chunks(size) {
            jobs.push(Job { number: jobs.len(), trials: trials.to_vec() });
        }
    }
    jobs
}

impl Job {
    /// The pack of this job on one fold, for rows of `inputs` values and so many classes.
    pub(super) fn pack(
        &self,
        fold: usize,
        (inputs, classes): (usize, usize),
        fixed: &Fixed,
        run_seed: u64,
    ) -> PackPlan {
        let shape = &self.trials[0];
        let member = |trial: &Trial| Member {
            learning_rate: trial.learning_rate,
            weight_decay: trial.weight_decay,
            dropout: trial.dropout,
            streams: Streams::new(run_seed, trial.seed, fold as u32),
        };
        PackPlan {
            architecture: shape.architecture(inputs, classes),
            batch_size: shape.batch_size,
            optimizer: settings(shape.optimizer, fixed),
            fold,
            members: self.trials.iter().map(member).collect(),
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
