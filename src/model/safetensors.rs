//! model.safetensors: weights under the state-dict names of a `torch.nn.Sequential`.

use std::collections::HashMap;
use std::path::Path;

use tch::{Kind, TchError, Tensor};

use super::{Description, Model, ModelError};
use crate::network::{self, Role, Weights};
use crate::record::{DRAFT, RecordError};

/// Writes the weights of networks, each under names that begin with what comes with it; the file appears
/// whole or not at all.
pub(super) fn write(path: &Path, networks: &[(String, &Model)]) -> Result<(), RecordError> {
    let other = |error: TchError| std::io::Error::other(error.to_string());
    let attempt = || {
        let mut tensors = Vec::new();
        for (prefix, Model { description, weights }) in networks {
            for ((name, shape), values) in description.tensors().zip(weights.tensors()) {
                let tensor = Tensor::f_from_slice(values).map_err(other)?;
                let tensor = tensor.f_view(&*sizes(&shape));
                let tensor = tensor.and_then(|tensor| tensor.f_to_kind(kind(&shape)));
                tensors.push((format!("{prefix}{name}"), tensor.map_err(other)?));
            }
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

/// The most bytes that the file of networks can have: their weights, and some hundred bytes on each
/// tensor.
pub(super) fn most_bytes(networks: &[(String, &Description)]) -> u64 {
    let tensors = networks.iter().flat_map(|(_, description)| description.architecture.tensors());
    let tensors: Vec<network::Tensor> = tensors.collect();
    // In floating point: the widths are what somebody wrote, and their product may overflow.
    let bytes = |tensor: &network::Tensor| -> f64 {
        4.0 * tensor.shape.iter().map(|&width| width as f64).product::<f64>()
    };
    let weights: f64 = tensors.iter().map(bytes).sum();
    weights.min(MOST_WEIGHTS) as u64 + 512 * (tensors.len() as u64 + 128)
}

/// Reads the weights of networks, and checks them against their architectures.
pub(super) fn read(
    path: &Path,
    networks: &[(String, &Description)],
) -> Result<Vec<Weights>, ModelError> {
    let unusable = |reason: String| ModelError::Unusable { path: path.to_owned(), reason };
    let tensors = Tensor::read_safetensors(path).map_err(|error| {
        let text = error.to_string();
        unusable(text.lines().next().unwrap_or_default().to_owned())
    })?;
    let tensors: HashMap<String, Tensor> = tensors.into_iter().collect();
    let find = |(name, wanted): (String, network::Tensor)| {
        let (shape, wanted_kind) = (sizes(&wanted), kind(&wanted));
        let tensor = tensors.get(&name).ok_or_else(|| unusable(format!("it holds no {name}")))?;
        if tensor.size() != shape || tensor.kind() != wanted_kind {
            let (size, kind) = (tensor.size(), tensor.kind());
            return Err(unusable(format!(
                "{name} is {kind:?} {size:?}, not {wanted_kind:?} {shape:?}"
            )));
        }
        let flat = tensor.f_to_kind(Kind::Float).and_then(|tensor| tensor.f_reshape([-1]));
        let flat = flat.and_then(Vec::<f32>::try_from);
        let flat = flat.map_err(|error| unusable(error.to_string()))?;
        let (least, role) = match wanted.role() {
            Role::Parameter => (f32::MIN, "weight"),
            Role::Mean => (f32::MIN, "mean"),
            Role::Variance => (0.0, "variance"),
            Role::Count => (0.0, "count"),
        };
        match flat.iter().find(|value| !value.is_finite() || **value < least) {
            Some(value) => Err(unusable(format!("{name} holds {value}, which is no {role}"))),
            None => Ok(flat),
        }
    };
    let of_network = |(prefix, description): &(String, &Description)| {
        let named = description.tensors().map(|(name, shape)| (format!("{prefix}{name}"), shape));
        let values = named.map(find).collect::<Result<_, _>>()?;
        Weights::from_tensors(&description.architecture, values)
            .ok_or_else(|| unusable("its tensors are not those of the architecture".to_owned()))
    };
    networks.iter().map(of_network).collect()
}

/// A tensor's numbers as libtorch has them.
fn kind(tensor: &network::Tensor) -> Kind {
    if tensor.role() == Role::Count { Kind::Int64 } else { Kind::Float }
}

/// A tensor's shape as libtorch has it.
fn sizes(tensor: &network::Tensor) -> Vec<i64> {
    tensor.shape.iter().map(|&width| width as i64).collect()
}
