//! model.json.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::{ModelError, Ranges};
use crate::ensemble::Decision;
use crate::network::{Architecture, Tensor};
use crate::prepare::Pipeline;

/// The version of the format; a reader refuses others.
pub(super) const FORMAT: u32 = 4;

/// The class of the embedding, in network.py.
const EMBEDDING: &str = "PeriodicEmbedding";

/// The contents of model.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this format.
    pub format: u32,
    /// The layers.
    pub architecture: Architecture,
    /// The modules of the equivalent `torch.nn.Sequential`, in order.
    pub modules: Vec<Module>,
    /// The column that is predicted.
    pub target: String,
    /// The classes, in the order of the logits.
    pub classes: Vec<String>,
    /// The network's inputs, in order.
    pub inputs: Vec<String>,
    /// How far each input reaches in the train rows.
    pub ranges: Ranges,
    /// The fitted preparation.
    pub preparation: Pipeline,
    /// How the class is told.
    #[serde(default)]
    pub decision: Decision,
    /// Where the model comes from.
    pub provenance: Provenance,
}

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
    /// A number that is not whole; nothing where it is none.
    fn float(number: f64) -> Option<Self> {
        Number::from_f64(number).map(Self::Number)
    }
}

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The run.
    pub run: String,
    /// The trial.
    pub trial: usize,
    /// The fold that it was trained on; nothing where that was all train and validation rows.
    pub fold: Option<usize>,
    /// The epoch whose weights these are.
    pub epoch: u32,
    /// SHA-256 of the table that it was trained on.
    pub data_sha256: String,
    /// The version of forewarn.
    pub forewarn: String,
}

/// The modules of the `torch.nn.Sequential` that trains as this network was trained.
fn modules(architecture: &Architecture, dropout: f64) -> Vec<Module> {
    let module = |name: &str, args: Vec<Argument>| Module { module: name.to_owned(), args };
    let mut modules = Vec::new();
    if let Some(embedding) = &architecture.embedding {
        let sigma = Argument::float(embedding.sigma).into_iter();
        let before = [Argument::Places(embedding.numbers.clone()), embedding.frequencies.into()];
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
                modules.push(module("Dropout", Argument::float(dropout).into_iter().collect()));
            }
        }
        modules.push(module("Linear", vec![inputs.into(), outputs.into()]));
    }
    modules
}

impl Description {
    /// The tensors of the network with their names in a state dict of its modules.
    pub(super) fn tensors(&self) -> impl Iterator<Item = (String, Tensor)> {
        let weighted: Vec<&str> =
            ["Linear", EMBEDDING].into_iter().chain(self.architecture.norm.module()).collect();
        let weighted = move |module: &Module| weighted.contains(&&*module.module);
        let modules = self.modules.iter().enumerate().filter(move |(_, module)| weighted(module));
        let places: Vec<usize> = modules.map(|(place, _)| place).collect();
        self.architecture.tensors().into_iter().filter_map(move |tensor| {
            Some((format!("{}.{}", places.get(tensor.module)?, tensor.name), tensor))
        })
    }

    /// Describes a network, trained with this dropout, and its preparation, with how far that makes
    /// the train rows reach.
    pub fn new(
        (architecture, dropout): (Architecture, f64),
        (target, classes): (String, Vec<String>),
        (preparation, ranges): (Pipeline, Ranges),
        provenance: Provenance,
    ) -> Self {
        Self {
            format: FORMAT,
            modules: modules(&architecture, dropout),
            architecture,
            target,
            classes,
            inputs: preparation.inputs.clone(),
            ranges,
            preparation,
            decision: Decision::default(),
            provenance,
        }
    }

    /// Checks the text of model.json, which stands at `path`.
    ///
    /// # Errors
    /// [`ModelError::Unusable`].
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, ModelError> {
        let unusable = |reason: String| ModelError::Unusable { path: path.to_owned(), reason };
        let read: Self = serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
        match read.problem() {
            Some(problem) => Err(unusable(problem)),
            None => Ok(read),
        }
    }

    /// What does not fit together, if anything.
    pub(super) fn problem(&self) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!(
                "format {} is not {FORMAT}, which this version reads",
                self.format
            ));
        }
        let (inputs, classes) = (self.preparation.inputs.len(), self.classes.len());
        if (inputs, classes) != (self.architecture.inputs, self.architecture.classes) {
            let Architecture { inputs: wanted, classes: told, .. } = &self.architecture;
            return Some(format!(
                "the preparation makes {inputs} inputs for {classes} classes, the architecture \
                 takes {wanted} for {told}"
            ));
        }
        let layers = self.architecture.layers();
        if layers.iter().any(|&(inputs, outputs)| inputs == 0 || outputs == 0) {
            return Some("a layer of the architecture has no width".to_owned());
        }
        if self.architecture.embedding.iter().any(|embedding| !embedding.is_sound(inputs)) {
            return Some("the embedding of the architecture is none".to_owned());
        }
        // PyTorch makes whatever is named here: nothing but what training would have written.
        let dropout = self.modules.iter().find(|module| module.module == "Dropout");
        let dropout = dropout
            .and_then(|module| match module.args.first()? {
                Argument::Number(dropout) => dropout.as_f64(),
                Argument::Places(_) => None,
            })
            .unwrap_or(0.0);
        if self.modules != modules(&self.architecture, dropout) {
            return Some("modules and architecture have different layers".to_owned());
        }
        if self.inputs != self.preparation.inputs {
            return Some("inputs and preparation have different names".to_owned());
        }
        if !self.ranges.is_sound(inputs) {
            return Some("ranges are not one for each input, from low to high".to_owned());
        }
        if !self.decision.is_sound(classes) {
            return Some("decision is none that could have been chosen".to_owned());
        }
        self.preparation.problem()
    }
}
