//! The step loop on a device that refuses to be read.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use tch::{CModule, Device, Kind};

use super::*;
use crate::engine::torch::ResidentRows;
use crate::engine::{OptimizerSettings, Regularisers};
use crate::network::{Activation, Architecture, Embedding, Norm};
use crate::random::Streams;

static STOP: AtomicBool = AtomicBool::new(false);

/// A pack whose tensors have shapes and no data.
fn without_data(
    optimizer: OptimizerSettings,
    (embedded, norm): (bool, Norm),
) -> (FoldPack<'static>, impl Fn(&Tensor) -> Tensor) {
    let module = include_bytes!("../../../../tests/golden/to_meta.pt");
    let module = CModule::load_data(&mut module.as_slice()).unwrap();
    let meta = move |tensor: &Tensor| module.forward_ts(&[tensor]).unwrap();
    let rows = || ResidentRows {
        features: meta(&Tensor::zeros([100, 5], (Kind::Float, Device::Cpu))),
        labels: meta(&Tensor::zeros([100], (Kind::Int64, Device::Cpu))),
        host_labels: Arc::new(vec![0; 100]),
    };
    let (device, numbers) = (Device::Cpu, vec![1, 4]);
    let (train, valid, test) = (rows(), rows(), rows());
    let fold = ResidentFold { device, train, valid, test, numbers: numbers.clone() };
    let embedding = embedded.then_some(Embedding { numbers, frequencies: 3, sigma: 0.1, width: 2 });
    let activation = Activation::Relu;
    let hidden = vec![7, 6];
    let architecture = Architecture { inputs: 5, embedding, hidden, classes: 3, activation, norm };
    let member = |seed| Member {
        learning_rate: 0.01,
        weight_decay: 0.1,
        dropout: 0.0,
        class_weights: Some(vec![1.0, 5.0, 0.2]),
        regularisers: Regularisers {
            label_smoothing: 0.1,
            focal_gamma: 2.0,
            l1: 0.01,
            clip_grad_norm: Some(1.0),
            max_norm: Some(0.5),
            input_noise: 0.1,
        },
        fold: 0,
        streams: Streams::new(1, seed, 0),
    };
    let members: Vec<Member> = (0..4).map(member).collect();
    let plan =
        PackPlan { architecture, batch_size: 32, optimizer, needs_probabilities: false, members };
    let mut pack = FoldPack::new(plan, fold, &STOP).unwrap();
    pack.network = pack.network.mapped(&pack.plan.architecture, &meta).unwrap();
    pack.optimizer = pack.optimizer.mapped(&meta);
    pack.objective = pack.objective.mapped(&meta);
    pack.on_parameters = pack.on_parameters.mapped(&meta);
    (pack, meta)
}

#[test]
fn the_step_loop_reads_nothing_back() {
    let optimizers = [
        OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: false },
        OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: true },
        OptimizerSettings::Sgd { momentum: 0.9, nesterov: true },
        OptimizerSettings::RmsProp { alpha: 0.9, eps: 1e-8, momentum: 0.5 },
    ];
    let kinds = [(false, Norm::None), (true, Norm::Batch), (false, Norm::Layer)];
    let cases = optimizers.map(|optimizer| kinds.map(|kind| (optimizer, kind)));
    for (optimizer, kind) in cases.into_iter().flatten() {
        let (mut pack, meta) = without_data(optimizer, kind);
        let orders = Tensor::zeros([4, 100], (Kind::Int64, Device::Cpu));
        let draws = Draws { masks: None, noise: Noise::new(&pack.plan.members, 1) };
        assert!(draws.noise.is_some());
        let rates = meta(&Tensor::zeros([4, 4], (Kind::Float, Device::Cpu)));
        let (loss, hits) = pack.steps(&meta(&orders), &rates, draws).unwrap();
        assert_eq!((loss.size(), hits.size()), (vec![4], vec![4]));
        // Reading is what fails, so that the steps above cannot have done it.
        assert!(Vec::<f64>::try_from(loss).is_err());
    }
}
