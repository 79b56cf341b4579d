//! model.json.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::{ModelError, Ranges};
use crate::network::Architecture;
use crate::prepare::Pipeline;

/// The version of the format; a reader refuses others.
const FORMAT: u32 = 3;

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
    /// Where the model comes from.
    pub provenance: Provenance,
}

/// One module of a `torch.nn.Sequential`: `getattr(torch.nn, module)(*args)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// The class in `torch.nn`.
    pub module: String,
    /// Its positional arguments.
    pub args: Vec<Number>,
}

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The run.
    pub run: String,
    /// The trial.
    pub trial: usize,
    /// The fold that it was trained on.
    pub fold: usize,
    /// The epoch whose weights these are.
    pub epoch: u32,
    /// SHA-256 of the table that it was trained on.
    pub data_sha256: String,
    /// The version of forewarn.
    pub forewarn: String,
}

/// Place of each linear layer among the modules.
pub(super) fn linear_places(modules: &[Module]) -> impl Iterator<Item = usize> {
    let linear = |(place, module): (usize, &Module)| (module.module == "Linear").then_some(place);
    modules.iter().enumerate().filter_map(linear)
}

/// The modules of the `torch.nn.Sequential` that trains as this network was trained.
fn modules(architecture: &Architecture, dropout: f64) -> Vec<Module> {
    let module = |name: &str, args: Vec<Number>| Module { module: name.to_owned(), args };
    let mut modules = Vec::new();
    for (layer, (inputs, outputs)) in architecture.layers().into_iter().enumerate() {
        if layer > 0 {
            modules.push(module(architecture.activation.module(), Vec::new()));
            if dropout > 0.0 {
                modules.push(module("Dropout", Number::from_f64(dropout).into_iter().collect()));
            }
        }
        modules.push(module("Linear", vec![Number::from(inputs), Number::from(outputs)]));
    }
    modules
}

impl Description {
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
            provenance,
        }
    }

    /// Reads and checks model.json.
    ///
    /// # Errors
    /// [`ModelError::Unusable`].
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let unusable = |reason: String| ModelError::Unusable { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let read: Self =
            serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        match read.problem() {
            Some(problem) => Err(unusable(problem)),
            None => Ok(read),
        }
    }

    /// What does not fit together, if anything.
    fn problem(&self) -> Option<String> {
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
        // PyTorch makes whatever is named here: nothing but what training would have written.
        let dropout = self.modules.iter().find(|module| module.module == "Dropout");
        let dropout = dropout.and_then(|module| module.args.first()?.as_f64()).unwrap_or(0.0);
        if self.modules != modules(&self.architecture, dropout) {
            return Some("modules and architecture have different layers".to_owned());
        }
        if self.inputs != self.preparation.inputs {
            return Some("inputs and preparation have different names".to_owned());
        }
        if !self.ranges.is_sound(inputs) {
            return Some("ranges are not one for each input, from low to high".to_owned());
        }
        self.preparation.problem()
    }
}
