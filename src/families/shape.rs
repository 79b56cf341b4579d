//! The entry of a model in model.json, for what its own file does not hold.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fitted::Network;
use super::knn::Knn;
use super::mlp::Module;
use super::stored::ModelFile;
use crate::examples::Matrix;
use crate::neighbours::{Neighbours, Settings};
use crate::network::{Architecture, Tensor};
use crate::spec::Family;

const NO_ARCHITECTURE: &str = "it has no architecture, and a network needs one";
const NO_NEIGHBOURS: &str = "it does not say how neighbours are found, and knn needs that";

/// The most bytes of a model's file that are read.
const MOST_BYTES: f64 = 1e9;

/// The entry of a model in model.json, for what its own file does not hold; keys of other families are
/// left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// The layers of a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// The modules of its equivalent `torch.nn.Sequential`, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<Module>,
    /// How nearest neighbours are found, and how many of them vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbours: Option<NeighboursShape>,
}

/// How nearest neighbours are found, and how many of them vote.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NeighboursShape {
    n_neighbors: usize,
    #[serde(flatten)]
    settings: Settings,
}

impl Shape {
    /// That of a network.
    pub(super) fn of_network(network: &Network) -> Self {
        Self {
            modules: Module::all_of(&network.architecture, network.dropout),
            architecture: Some(network.architecture.clone()),
            ..Self::default()
        }
    }

    /// That of nearest neighbours.
    pub(super) fn of_neighbours(knn: &Knn) -> Self {
        let (n_neighbors, settings) = (knn.n_neighbors, knn.neighbours.settings());
        Self { neighbours: Some(NeighboursShape { n_neighbors, settings }), ..Self::default() }
    }

    /// The network of its layers, with the weights of a file.
    pub(super) fn network(&self, file: &dyn ModelFile) -> Result<Network, String> {
        let architecture = self.architecture.clone().ok_or(NO_ARCHITECTURE)?;
        Network::of(architecture, Module::dropout(&self.modules), file)
    }

    /// The nearest neighbours among the rows of a file.
    pub(super) fn neighbours(
        &self,
        (inputs, classes): (usize, usize),
        file: &dyn ModelFile,
    ) -> Result<Knn, String> {
        let NeighboursShape { n_neighbors, settings } = self.neighbours.ok_or(NO_NEIGHBOURS)?;
        let labels = file.tensor("labels")?;
        let rows = labels.numbers.len();
        let values = file.tensor("rows")?.f32(&[rows, inputs])?;
        if !(1..=rows).contains(&n_neighbors) {
            return Err(format!("n_neighbors is {n_neighbors}, and there are {rows} rows"));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err("a cell of its rows is not a number".to_owned());
        }
        let train = Matrix::new(inputs, values);
        let neighbours = Neighbours::new(train, labels.u32(&[rows])?, classes, settings);
        let neighbours = neighbours.map_err(|error| error.to_string())?;
        Ok(Knn { neighbours: Arc::new(neighbours), n_neighbors })
    }

    /// The most bytes that the tensors can have: their numbers, and some hundred bytes on each. A file
    /// without content can claim to be of any size.
    pub fn most_bytes(&self) -> u64 {
        let tensors = self.architecture.iter().flat_map(Architecture::tensors);
        let tensors: Vec<Tensor> = tensors.collect();
        // In floating point: the widths are what somebody wrote, and their product may overflow.
        let bytes = |tensor: &Tensor| -> f64 {
            8.0 * tensor.shape.iter().map(|&width| width as f64).product::<f64>()
        };
        let numbers: f64 = match self.architecture {
            Some(_) => tensors.iter().map(bytes).sum(),
            None => MOST_BYTES,
        };
        numbers.min(MOST_BYTES) as u64 + 512 * (tensors.len() as u64 + 128)
    }

    /// Why it does not fit a model of a family with that many inputs and classes, if so.
    pub fn problem(&self, family: Family, inputs: usize, classes: usize) -> Option<String> {
        match (family, &self.architecture) {
            (Family::Mlp, Some(architecture)) => {
                self.problem_of_network(architecture, inputs, classes)
            }
            (Family::Mlp, None) => Some(NO_ARCHITECTURE.to_owned()),
            (Family::Knn, _) if self.neighbours.is_none() => Some(NO_NEIGHBOURS.to_owned()),
            (_, Some(_)) => Some(format!("{family} has no architecture: it is of another family")),
            _ => None,
        }
    }

    fn problem_of_network(
        &self,
        architecture: &Architecture,
        inputs: usize,
        classes: usize,
    ) -> Option<String> {
        let Architecture { inputs: wanted, classes: told, .. } = *architecture;
        if (inputs, classes) != (wanted, told) {
            return Some(format!(
                "the preparation makes {inputs} inputs for {classes} classes, the architecture \
                 takes {wanted} for {told}"
            ));
        }
        if architecture.layers().iter().any(|&(inputs, outputs)| inputs == 0 || outputs == 0) {
            return Some("a layer of the architecture has no width".to_owned());
        }
        if architecture.embedding.iter().any(|embedding| !embedding.is_sound(inputs)) {
            return Some("the embedding of the architecture is none".to_owned());
        }
        // PyTorch makes whatever is named here: nothing but what training would have written.
        if self.modules != Module::all_of(architecture, Module::dropout(&self.modules)) {
            return Some("modules and architecture have different layers".to_owned());
        }
        None
    }
}
