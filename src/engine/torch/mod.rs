//! The engine of libtorch: packs as `[k, …]` tensors on the CPU or on CUDA devices.
//!
//! The step loop never reads a value back from the device: losses and hits add up there and come
//! to the host once an epoch.

mod activation;
mod batches;
mod cuda_library;
mod embedding;
mod flat;
mod loss;
mod network;
mod norm;
mod optimizer;
mod pack;
mod placement;
mod regularisers;

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use tch::{Device, TchError, Tensor};

pub use placement::Placement;

use super::{Engine, EngineError, Pack, PackPlan};
use crate::examples::{Examples, Fold, Matrix, Part};
use crate::network::{Architecture, Norm, Weights};
use network::Network;
use pack::{EVALUATED_ROWS, TorchPack};

impl From<TchError> for EngineError {
    fn from(error: TchError) -> Self {
        // libtorch appends a C++ stack trace to its message; the first line says what is wrong.
        let text = error.to_string();
        Self::Libtorch(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// Prepared rows on one device.
#[derive(Debug)]
struct ResidentRows {
    /// `[rows, features]`, f32.
    features: Tensor,
    /// `[rows]`, i64.
    labels: Tensor,
    /// The same labels on the host, for counting.
    host_labels: std::sync::Arc<Vec<u32>>,
}

impl ResidentRows {
    fn new(examples: &Examples, device: Device) -> Result<Self, TchError> {
        let labels: Vec<i64> = examples.labels.iter().map(|&label| i64::from(label)).collect();
        Ok(Self {
            features: resident(&examples.features, device)?,
            labels: Tensor::f_from_slice(&labels)?.f_to_device(device)?,
            host_labels: std::sync::Arc::new(examples.labels.clone()),
        })
    }

    /// Another handle on the same memory.
    fn share(&self) -> Self {
        Self {
            features: self.features.shallow_clone(),
            labels: self.labels.shallow_clone(),
            host_labels: std::sync::Arc::clone(&self.host_labels),
        }
    }
}

/// Rows as a tensor `[rows, columns]` on a device.
fn resident(rows: &Matrix, device: Device) -> Result<Tensor, TchError> {
    let shape = [rows.rows() as i64, rows.columns() as i64];
    Tensor::f_from_slice(rows.values())?.f_view(shape)?.f_to_device(device)
}

/// The three parts of a fold on one device.
#[derive(Debug)]
struct ResidentFold {
    device: Device,
    train: ResidentRows,
    valid: ResidentRows,
    test: ResidentRows,
    /// Places of the features that are numbers.
    numbers: Vec<usize>,
}

impl ResidentFold {
    fn new(fold: &Fold, device: Device) -> Result<Self, TchError> {
        Ok(Self {
            device,
            train: ResidentRows::new(&fold.train, device)?,
            valid: ResidentRows::new(&fold.valid, device)?,
            test: ResidentRows::new(&fold.test, device)?,
            numbers: fold.numbers.clone(),
        })
    }

    fn share(&self) -> Self {
        Self {
            device: self.device,
            train: self.train.share(),
            valid: self.valid.share(),
            test: self.test.share(),
            numbers: self.numbers.clone(),
        }
    }

    fn part(&self, part: Part) -> &ResidentRows {
        match part {
            Part::Train => &self.train,
            Part::Valid => &self.valid,
            Part::Test => &self.test,
        }
    }
}

/// The engine of libtorch, with the folds of one run resident on its devices.
#[derive(Debug)]
pub struct TorchEngine {
    devices: Vec<Device>,
    pack_size: usize,
    /// By device, then by fold. A tensor may change threads but not be shared between them, so
    /// each is taken under a lock, for as long as it takes to make another handle.
    folds: Vec<Vec<Mutex<ResidentFold>>>,
    /// Rows of the largest part of any fold.
    rows: usize,
}

impl TorchEngine {
    /// Puts the folds on the devices of `placement`.
    ///
    /// # Errors
    /// [`EngineError`] when memory does not suffice.
    pub fn new(placement: &Placement, folds: &[Fold]) -> Result<Self, EngineError> {
        let devices = placement.devices().to_vec();
        let on_device = |&device: &Device| -> Result<Vec<_>, TchError> {
            folds.iter().map(|fold| ResidentFold::new(fold, device).map(Mutex::new)).collect()
        };
        let parts = folds.iter().flat_map(|fold| Part::ALL.map(|part| fold.part(part)));
        let rows = parts.map(|part| part.labels.len()).max().unwrap_or(0);
        let folds = devices.iter().map(on_device).collect::<Result<_, _>>()?;
        Ok(Self { devices, pack_size: placement.pack_size(), folds, rows })
    }
}

impl Engine for TorchEngine {
    fn name(&self) -> &'static str {
        "torch"
    }

    fn pack_size(&self) -> usize {
        self.pack_size
    }

    fn bytes(&self, plan: &PackPlan) -> f64 {
        bytes(plan, self.rows)
    }

    fn start<'a>(
        &'a self,
        plan: &PackPlan,
        worker: usize,
        stop: &'a AtomicBool,
    ) -> Result<Box<dyn Pack + 'a>, EngineError> {
        let folds = &self.folds[worker % self.devices.len()];
        let share = |fold: &Mutex<ResidentFold>| {
            fold.lock().unwrap_or_else(PoisonError::into_inner).share()
        };
        let folds: Vec<_> = folds.iter().map(share).collect();
        Ok(Box::new(TorchPack::new(plan, &folds, stop)?))
    }

    fn logits(
        &self,
        architecture: &Architecture,
        weights: &Weights,
        rows: &Matrix,
    ) -> Result<Vec<f32>, EngineError> {
        /// Rows a pass, so that memory does not grow with the table.
        const CHUNK: i64 = 16_384;
        let device = self.devices.first().copied().unwrap_or(Device::Cpu);
        let network = Network::new(architecture, std::slice::from_ref(weights), device)?;
        let rows = resident(rows, device)?;
        let total = rows.size()[0];
        let mut logits = Vec::with_capacity(total as usize * architecture.classes);
        for start in (0..total).step_by(CHUNK as usize) {
            let chunk = rows.f_narrow(0, start, CHUNK.min(total - start))?.f_unsqueeze(0)?;
            let chunk = network.logits(&chunk)?.f_reshape([-1])?;
            logits.extend(Vec::<f32>::try_from(chunk)?);
        }
        Ok(logits)
    }
}

/// About the memory that a pack takes on parts of so many `rows`. Every network: its parameters,
/// gradients, two means and the best epoch, as much again on the way, and some tensors as large as
/// the values of a batch; the order of its rows, and what it predicts of them. And once: the values
/// of the widest layer in an exact pass.
fn bytes(plan: &PackPlan, rows: usize) -> f64 {
    let layers = plan.architecture.layers();
    let values = layers.iter().map(|(inputs, outputs)| inputs + outputs);
    let (sum, widest) = (values.clone().sum::<usize>(), values.max().unwrap_or(0));
    // Angles, cosines and sines, and these together.
    let waves = plan.architecture.embedding.as_ref().map_or(0.0, |embedding| {
        5.0 * embedding.numbers.len() as f64 * embedding.frequencies as f64
    });
    let (sum, widest) = (sum as f64 + waves, widest as f64 + waves);
    let batch = plan.batch_size.min(rows);
    let normed = match plan.architecture.norm {
        Norm::None => 0.0,
        Norm::Batch | Norm::Layer => plan.architecture.hidden.iter().sum::<usize>() as f64,
    };
    let network = 40.0 * plan.architecture.parameters() as f64
        + 16.0 * (sum + normed) * batch as f64
        + 24.0 * rows as f64;
    let networks = plan.members.len() as f64;
    let pass = EVALUATED_ROWS.min(plan.members.len() * rows);
    networks * network + 8.0 * widest * pass as f64
}
