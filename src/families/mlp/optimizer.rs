//! The optimizers with their settings.

use crate::engine::OptimizerSettings;
use crate::spec::{Fixed, Optimizer};

/// The optimizer with the settings of the grid file's `fixed`.
pub(super) fn optimizer(name: Optimizer, fixed: &Fixed) -> OptimizerSettings {
    match name {
        Optimizer::Sgd => OptimizerSettings::Sgd {
            momentum: fixed.sgd.momentum.get(),
            nesterov: fixed.sgd.nesterov,
        },
        Optimizer::Adam | Optimizer::AdamW => {
            let decoupled = name == Optimizer::AdamW;
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
