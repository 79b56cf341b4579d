//! Norms of the hidden layers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is added to a variance before its root is taken.
pub const NORM_EPS: f64 = 1e-5;

/// How much of a step's mean and variance goes into the running ones.
pub const NORM_MOMENTUM: f64 = 0.1;

/// The norm of the hidden layers, between the linear layer and the activation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// None.
    #[default]
    None,
    /// `nn.BatchNorm1d`: each unit by its mean and variance over the rows of the step; where weights
    /// are at rest, by the running ones. PyTorch refuses a step on a single row: here such a one, as
    /// the last of an epoch may be, is normed by the running ones and leaves them alone.
    Batch,
    /// `nn.LayerNorm`: each row by its mean and variance over the units.
    Layer,
}

impl Norm {
    /// The name used in the grid file and in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Batch => "batch",
            Self::Layer => "layer",
        }
    }

    /// The class of `torch.nn` that computes it.
    pub fn module(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Batch => Some("BatchNorm1d"),
            Self::Layer => Some("LayerNorm"),
        }
    }

    /// Names and shapes of its tensors on a layer of so many units.
    pub(super) fn tensors(self, width: usize) -> Vec<(&'static str, Vec<usize>)> {
        let of_units = |names: &[&'static str]| {
            names.iter().map(|&name| (name, vec![width])).collect::<Vec<_>>()
        };
        match self {
            Self::None => Vec::new(),
            Self::Layer => of_units(&["weight", "bias"]),
            Self::Batch => {
                let mut tensors = of_units(&["weight", "bias", "running_mean", "running_var"]);
                tensors.push(("num_batches_tracked", Vec::new()));
                tensors
            }
        }
    }
}

/// Numbers of a norm, as `torch.nn` keeps them: parameters, and of a batch norm its state.
#[derive(Debug, Clone, PartialEq)]
pub struct NormWeights {
    /// What the normed values are multiplied by, `[units]`.
    pub weight: Vec<f32>,
    /// What is added to them, `[units]`.
    pub bias: Vec<f32>,
    /// A batch norm's running statistics.
    pub running: Option<RunningStatistics>,
}

/// What steps have left of their means and variances: state, which no optimizer moves.
#[derive(Debug, Clone, PartialEq)]
pub struct RunningStatistics {
    /// `[units]`.
    pub mean: Vec<f32>,
    /// Unbiased, `[units]`.
    pub var: Vec<f32>,
    /// From how many steps: exact up to 2²⁴, where it stays.
    pub batches: f32,
}

impl NormWeights {
    /// Before the first step, on a layer of so many units; `None` without a norm.
    pub(super) fn first(norm: Norm, width: usize) -> Option<Self> {
        let (zeros, ones) = (vec![0.0; width], vec![1.0; width]);
        let running = (norm == Norm::Batch).then(|| RunningStatistics {
            mean: zeros.clone(),
            var: ones.clone(),
            batches: 0.0,
        });
        (norm != Norm::None).then_some(Self { weight: ones, bias: zeros, running })
    }

    /// Its numbers in the order of [`Norm::tensors`].
    pub(super) fn tensors(&self) -> impl Iterator<Item = &[f32]> {
        let running = self.running.iter().flat_map(|running| {
            [&*running.mean, &*running.var, std::slice::from_ref(&running.batches)]
        });
        [&*self.weight, &*self.bias].into_iter().chain(running)
    }

    /// The next of `tensors`; `None` if there are too few, or no norm.
    pub(super) fn from_tensors(
        norm: Norm,
        tensors: &mut impl Iterator<Item = Vec<f32>>,
    ) -> Option<Self> {
        if norm == Norm::None {
            return None;
        }
        let mut next = || tensors.next();
        let (weight, bias) = (next()?, next()?);
        let running = if norm == Norm::Batch {
            let (mean, var) = (next()?, next()?);
            Some(RunningStatistics { mean, var, batches: next()?.first().copied()? })
        } else {
            None
        };
        Some(Self { weight, bias, running })
    }
}
