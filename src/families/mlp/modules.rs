//! A network as PyTorch has it: the modules of a `torch.nn.Sequential`, and the names of its tensors.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::families::fitted::Network;
use crate::families::stored::{ModelFile, Numbers, Stored};
use crate::network::{Architecture, Role, Tensor, Weights};

/// The class of the embedding, in network.py.
const EMBEDDING: &str = "PeriodicEmbedding";

/// One module of a `torch.nn.Sequential`: `getattr(torch.nn, module)(*args)`, or a module of the file
/// network.py beside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// The class.
    pub module: String,
    /// Its positional arguments.
    pub args: Vec<Argument>,
}

/// An argument of a module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Argument {
    /// A number.
    Number(Number),
    /// Places of inputs.
    Places(Vec<usize>),
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Number(number.into())
    }
}

impl Argument {
    /// A number that is not whole; `None` where it is not a number.
    fn float(number: f64) -> Option<Self> {
        Number::from_f64(number).map(Self::Number)
    }
}

impl Module {
    /// The modules of the `torch.nn.Sequential` that trains as a network was trained.
    pub fn all_of(architecture: &Architecture, dropout: f64) -> Vec<Self> {
        let module = |name: &str, args: Vec<Argument>| Self { module: name.to_owned(), args };
        let mut modules = Vec::new();
        if let Some(embedding) = &architecture.embedding {
            let sigma = Argument::float(embedding.sigma).into_iter();
            let before =
                [Argument::Places(embedding.numbers.clone()), embedding.frequencies.into()];
            let args = before.into_iter().chain(sigma).chain([embedding.width.into()]);
            modules.push(module(EMBEDDING, args.collect()));
        }
        for (layer, (inputs, outputs)) in architecture.layers().into_iter().enumerate() {
            if layer > 0 {
                if let Some(norm) = architecture.norm.module() {
                    modules.push(module(norm, vec![inputs.into()]));
                }
                modules.push(module(architecture.activation.module(), Vec::new()));
                if dropout > 0.0 {
                    let args = Argument::float(dropout).into_iter().collect();
                    modules.push(module("Dropout", args));
                }
            }
            modules.push(module("Linear", vec![inputs.into(), outputs.into()]));
        }
        modules
    }

    /// The dropout that modules were made with.
    pub fn dropout(modules: &[Self]) -> f64 {
        let dropout = modules.iter().find(|module| module.module == "Dropout");
        let dropout = dropout.and_then(|module| match module.args.first()? {
            Argument::Number(dropout) => dropout.as_f64(),
            Argument::Places(_) => None,
        });
        dropout.unwrap_or(0.0)
    }
}

/// The tensors of a network with their names in a state dict of its modules.
fn named(architecture: &Architecture, dropout: f64) -> impl Iterator<Item = (String, Tensor)> {
    let weighted: Vec<&str> =
        ["Linear", EMBEDDING].into_iter().chain(architecture.norm.module()).collect();
    let modules = Module::all_of(architecture, dropout).into_iter().enumerate();
    let modules = modules.filter(move |(_, module)| weighted.contains(&&*module.module));
    let places: Vec<usize> = modules.map(|(place, _)| place).collect();
    architecture.tensors().into_iter().filter_map(move |tensor| {
        Some((format!("{}.{}", places.get(tensor.module)?, tensor.name), tensor))
    })
}

impl Network {
    /// Its tensors, as a state dict of its modules has them.
    pub fn stored(&self) -> Vec<Stored> {
        let tensors = named(&self.architecture, self.dropout).zip(self.weights.tensors());
        let stored = tensors.map(|((name, tensor), values)| {
            let numbers = match tensor.role() {
                Role::Count => Numbers::I64(values.iter().map(|&count| count as i64).collect()),
                _ => Numbers::F32(values.to_vec()),
            };
            Stored { name, shape: tensor.shape, numbers }
        });
        stored.collect()
    }

    /// A network of some layers from its tensors.
    ///
    /// # Errors
    /// What is wrong with a tensor.
    pub fn of(
        architecture: Architecture,
        dropout: f64,
        tensors: &dyn ModelFile,
    ) -> Result<Self, String> {
        let find = |(name, wanted): (String, Tensor)| {
            let tensor = tensors.tensor(&name)?;
            let values = match wanted.role() {
                Role::Count => {
                    tensor.i64(&wanted.shape)?.into_iter().map(|count| count as f32).collect()
                }
                _ => tensor.f32(&wanted.shape)?,
            };
            let (least, role) = match wanted.role() {
                Role::Parameter => (f32::MIN, "weight"),
                Role::Mean => (f32::MIN, "mean"),
                Role::Variance => (0.0, "variance"),
                Role::Count => (0.0, "count"),
            };
            match values.iter().find(|value| !value.is_finite() || **value < least) {
                Some(value) => Err(format!("{name} holds {value}, which is no {role}")),
                None => Ok(values),
            }
        };
        let values = named(&architecture, dropout).map(find).collect::<Result<_, _>>()?;
        let weights = Weights::from_tensors(&architecture, values)
            .ok_or_else(|| "its tensors are not those of the architecture".to_owned())?;
        Ok(Self { architecture, dropout, weights })
    }
}
