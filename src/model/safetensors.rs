//! model.safetensors: weights under the state-dict names of a `torch.nn.Sequential`.

use std::collections::HashMap;
use std::path::Path;

use tch::{Kind, TchError, Tensor};

use super::ModelError;
use super::description::{Module, linear_places};
use crate::network::{Architecture, LinearWeights, Weights};
use crate::record::{DRAFT, RecordError};

/// Writes the weights; the file appears whole or not at all.
pub(super) fn write(path: &Path, modules: &[Module], weights: &Weights) -> Result<(), RecordError> {
    let other = |error: TchError| std::io::Error::other(error.to_string());
    let attempt = || {
        let mut tensors = Vec::new();
        for (place, layer) in linear_places(modules).zip(weights) {
            let outputs = layer.bias.len() as i64;
            let weight = Tensor::f_from_slice(&layer.weight).map_err(other)?;
            let weight = weight.f_view([outputs, -1]).map_err(other)?;
            let bias = Tensor::f_from_slice(&layer.bias).map_err(other)?;
            tensors.push((format!("{place}.weight"), weight));
            tensors.push((format!("{place}.bias"), bias));
        }
        // tch writes to a path of its own: to a folder beside, then moved.
        let folder = path.parent().unwrap_or(Path::new("."));
        let scratch =
            tempfile::Builder::new().prefix(DRAFT[0]).suffix(DRAFT[1]).tempdir_in(folder)?;
        let whole = scratch.path().join("model.safetensors");
        Tensor::write_safetensors(&tensors, &whole).map_err(other)?;
        std::fs::File::open(&whole)?.sync_all()?;
        std::fs::rename(&whole, path)
    };
    attempt().map_err(RecordError::at(path))
}

/// The most bytes of weights that are read: a file without content can claim to be of any size.
const MOST_WEIGHTS: f64 = 1e9;

/// The most bytes that the file of a network can have: its weights, and some hundred bytes on each
/// tensor.
pub(super) fn most_bytes(architecture: &Architecture) -> u64 {
    let layers = architecture.layers();
    // In floating point: the widths are what somebody wrote, and their product may overflow.
    let count = |&(inputs, outputs): &(usize, usize)| (inputs as f64 + 1.0) * outputs as f64;
    let weights: f64 = layers.iter().map(|layer| 4.0 * count(layer)).sum();
    weights.min(MOST_WEIGHTS) as u64 + 1024 * (layers.len() as u64 + 64)
}

/// Reads the weights and checks them against the architecture.
pub(super) fn read(
    path: &Path,
    modules: &[Module],
    architecture: &Architecture,
) -> Result<Weights, ModelError> {
    let unusable = |reason: String| ModelError::Unusable { path: path.to_owned(), reason };
    let tensors = Tensor::read_safetensors(path).map_err(|error| {
        let text = error.to_string();
        unusable(text.lines().next().unwrap_or_default().to_owned())
    })?;
    let tensors: HashMap<String, Tensor> = tensors.into_iter().collect();
    let find = |name: String, shape: &[i64]| {
        let tensor = tensors.get(&name).ok_or_else(|| unusable(format!("it holds no {name}")))?;
        if tensor.size() != shape || tensor.kind() != Kind::Float {
            let (size, kind) = (tensor.size(), tensor.kind());
            return Err(unusable(format!("{name} is {kind:?} {size:?}, not Float {shape:?}")));
        }
        let flat = tensor.f_reshape([-1]).and_then(Vec::<f32>::try_from);
        let flat = flat.map_err(|error| unusable(error.to_string()))?;
        match flat.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(unusable(format!("{name} holds {value}, which is no weight"))),
            None => Ok(flat),
        }
    };
    let layers = linear_places(modules).zip(architecture.layers());
    let layers = layers.map(|(place, (inputs, outputs))| {
        let (inputs, outputs) = (inputs as i64, outputs as i64);
        Ok(LinearWeights {
            weight: find(format!("{place}.weight"), &[outputs, inputs])?,
            bias: find(format!("{place}.bias"), &[outputs])?,
        })
    });
    layers.collect()
}
