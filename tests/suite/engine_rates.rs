//! Learning rates that change while a network is trained: what the engines promise of each other.

use forewarn::engine::native::NativeEngine;
use forewarn::engine::{Engine, Member, OptimizerSettings, RateFactors, Snapshot};
use forewarn::examples::Part;

use crate::engines::{ADAM, assert_near, fold, member, plan, torch};
use crate::support::GO_ON;

/// Losses on validation rows of members whose learning rates change from step to step, from epoch
/// to epoch and not at all; the second leaves after two epochs.
fn losses_of_schedules(engine: &dyn Engine, optimizer: OptimizerSettings) -> Vec<Vec<f64>> {
    let mut plan = plan(&[16, 8], 32, (0..4).map(|seed| member(0.0, 0, seed)).collect());
    plan.optimizer = optimizer;
    let steps = |epoch: usize| (0..5).map(|step| 3.0 / (1 + 5 * epoch + step) as f64).collect();
    let factors = |epoch: usize| {
        [
            RateFactors::Steps(steps(epoch)),
            RateFactors::Steps(vec![0.5; 5]),
            RateFactors::Epoch(0.3_f64.powi(epoch as i32)),
            RateFactors::ONE,
        ]
    };
    let mut pack = engine.start(&plan, 0, &GO_ON).unwrap();
    let mut losses = Vec::new();
    for epoch in 0..4 {
        let mut factors = factors(epoch).to_vec();
        if epoch == 2 {
            pack.retain(&[true, false, true, true]).unwrap();
        }
        if epoch >= 2 {
            factors.remove(1);
        }
        pack.train_epoch(&factors).unwrap();
        let valid = pack.evaluate(Part::Valid, Snapshot::Current).unwrap();
        losses.push(valid.iter().map(|evaluation| evaluation.loss).collect());
    }
    losses
}

#[test]
fn both_engines_learn_the_same_while_learning_rates_change() {
    let folds = [fold((5, 3), 150, 1)];
    let optimizers = [
        ADAM,
        OptimizerSettings::Adam { betas: (0.8, 0.9), eps: 1e-6, decoupled: true },
        OptimizerSettings::Sgd { momentum: 0.9, nesterov: true },
        OptimizerSettings::RmsProp { alpha: 0.9, eps: 1e-6, momentum: 0.5 },
    ];
    for optimizer in optimizers {
        let native = losses_of_schedules(&NativeEngine::new(&folds), optimizer);
        let torch = losses_of_schedules(&torch(&folds), optimizer);
        assert_near(&native, &torch, 2e-5, &format!("{optimizer:?}"));
        assert_ne!(native[3][0], native[3][2]);
    }
}

#[test]
fn a_factor_of_all_steps_is_another_learning_rate_to_the_bit() {
    let folds = [fold((5, 3), 150, 1)];
    let (native, torch) = (NativeEngine::new(&folds), torch(&folds));
    for engine in [&native as &dyn Engine, &torch] {
        let train = |learning_rate: f64, factors: RateFactors| {
            let member = Member { learning_rate, ..member(0.2, 0, 0) };
            let mut pack = engine.start(&plan(&[9], 32, vec![member]), 0, &GO_ON).unwrap();
            pack.train_epoch(std::slice::from_ref(&factors)).unwrap();
            pack.train_epoch(&[factors]).unwrap()[0].loss.to_bits()
        };
        let halved = train(0.01, RateFactors::ONE);
        assert_eq!(train(0.02, RateFactors::Epoch(0.5)), halved, "{}", engine.name());
        assert_eq!(train(0.02, RateFactors::Steps(vec![0.5; 5])), halved, "{}", engine.name());
        assert_ne!(train(0.02, RateFactors::ONE), halved, "{}", engine.name());
    }
}
