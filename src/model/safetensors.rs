//! model.safetensors: weights under the state-dict names of a `torch.nn.Sequential`.

use std::path::Path;

use tch::{Kind, Tensor};

use super::ModelError;
use super::description::{Module, linear_places};
use crate::network::{Architecture, LinearWeights, Weights};

/// Writes the weights; the file appears whole or not at all.
pub(super) fn write(path: &Path, modules: &[Module], weights: &Weights) -> Result<(), ModelError> {
    let unusable = |error: &dyn std::fmt::Display| ModelError::Unusable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut tensors = Vec::new();
    for (place, layer) in linear_places(modules).zip(weights) {
        let outputs = layer.bias.len() as i64;
        let weight =
            Tensor::f_from_slice(&layer.weight).and_then(|flat| flat.f_view([outputs, -1]));
        let bias = Tensor::f_from_slice(&layer.bias);
        tensors.push((format!("{place}.weight"), weight.map_err(|error| unusable(&error))?));
        tensors.push((format!("{place}.bias"), bias.map_err(|error| unusable(&error))?));
    }
    // tch writes to a path of its own, and in one piece: to a file beside, then moved.
    let folder = path.parent().unwrap_or(Path::new("."));
    let scratch = tempfile::Builder::new().prefix(".forewarn-").tempdir_in(folder);
    let scratch = scratch.map_err(|error| unusable(&error))?;
    let whole = scratch.path().join("model.safetensors");
    Tensor::write_safetensors(&tensors, &whole).map_err(|error| unusable(&error))?;
    std::fs::rename(&whole, path).map_err(|error| unusable(&error))
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
    let find = |name: String, shape: &[i64]| {
        let found = tensors.iter().find(|(other, _)| *other == name);
        let (_, tensor) = found.ok_or_else(|| unusable(format!("it holds no {name}")))?;
        if tensor.size() != shape || tensor.kind() != Kind::Float {
            let (size, kind) = (tensor.size(), tensor.kind());
            return Err(unusable(format!("{name} is {kind:?} {size:?}, not Float {shape:?}")));
        }
        let flat = tensor.f_reshape([-1]).and_then(Vec::<f32>::try_from);
        flat.map_err(|error| unusable(error.to_string()))
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
