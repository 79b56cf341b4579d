//! What predicts: a network, or several whose probabilities are averaged.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::description::FORMAT;
use super::{CODE, Description, Model, ModelError, NETWORK, check_code, safetensors, save_code};
use crate::ensemble::Decision;
use crate::foreign::{MOST_JSON, readable};
use crate::record::{RecordError, write_atomically};

/// The most networks that are averaged.
const MOST_MEMBERS: usize = 1000;

/// Networks of the same classes, the weighted mean of whose probabilities tells the class; mostly one.
#[derive(Debug, Clone)]
pub struct Ensemble {
    /// At least one.
    members: Vec<Member>,
    decision: Decision,
}

/// A network of an ensemble.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its share in the mean; those of all add up to 1.
    pub weight: f64,
    /// The network with its preparation.
    pub model: Model,
}

/// The model.json of several networks.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Several<'a> {
    format: u32,
    decision: Cow<'a, Decision>,
    members: Vec<Described<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described<'a> {
    weight: f64,
    model: Cow<'a, Description>,
}

/// Which of the two a model.json is.
#[derive(Deserialize)]
struct Kind {
    members: Option<IgnoredAny>,
}

impl Ensemble {
    /// A single network.
    pub fn alone(model: Model) -> Self {
        let decision = model.description.decision.clone();
        Self { members: vec![Member { weight: 1.0, model }], decision }
    }

    /// The mean of several; nothing of none.
    pub fn of(members: Vec<Member>, decision: Decision) -> Option<Self> {
        (!members.is_empty()).then_some(Self { members, decision })
    }

    /// The networks.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How the class is told.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The first network's description: target and classes are those of all.
    pub fn description(&self) -> &Description {
        &self.members[0].model.description
    }

    /// Writes model.json and model.safetensors into `folder`, which is made if need be. A single
    /// network's are those of [`Model`].
    ///
    /// # Errors
    /// [`ModelError`].
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        if let [Member { model, .. }] = self.members.as_slice() {
            return model.save(folder);
        }
        std::fs::create_dir_all(folder).map_err(RecordError::at(folder))?;
        let members = self.members.iter().map(|member| &member.model).enumerate();
        let named: Vec<_> = members.map(|(place, model)| (prefix(place), model)).collect();
        safetensors::write(&folder.join("model.safetensors"), &named)?;
        let members = self.members.iter().map(|Member { weight, model }| Described {
            weight: *weight,
            model: Cow::Borrowed(&model.description),
        });
        let several = Several {
            format: FORMAT,
            decision: Cow::Borrowed(&self.decision),
            members: members.collect(),
        };
        write_atomically(&folder.join("model.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, &several)?;
            out.write_all(b"\n")
        })?;
        let embeds =
            |Member { model, .. }: &Member| model.description.architecture.embedding.is_some();
        save_code(folder, self.members.iter().any(embeds))
    }

    /// Reads one network or several from their folder, or the best network of a run from the run's.
    ///
    /// # Errors
    /// [`ModelError`] names the file and what is wrong with it.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let there = |name: &&str| path.join(name).symlink_metadata().is_ok();
        let name = ["model.json", "best/model.json"].into_iter().find(there);
        let name = name.ok_or_else(|| ModelError::NotFound { path: path.to_owned() })?;
        let place = |name: &str, most: u64| {
            readable(path, name, most).map_err(|error| ModelError::Unusable {
                path: path.join(name),
                reason: error.to_string(),
            })
        };
        let json = place(name, MOST_JSON)?;
        let text = std::fs::read_to_string(&json).map_err(unusable(&json))?;
        let kind: Kind = serde_json::from_str(&text).map_err(unusable(&json))?;
        check_code(&place(&name.replace("model.json", CODE), NETWORK.len() as u64)?)?;
        let name = name.replace("model.json", "model.safetensors");
        let weights = |descriptions: Vec<(String, &Description)>| {
            let file = place(&name, safetensors::most_bytes(&descriptions))?;
            safetensors::read(&file, &descriptions)
        };
        if kind.members.is_none() {
            let description = Description::read(&json, &text)?;
            let mut weights = weights(vec![(String::new(), &description)])?;
            return Ok(Self::alone(Model { weights: weights.swap_remove(0), description }));
        }
        let several: Several = serde_json::from_str(&text).map_err(unusable(&json))?;
        if let Some(problem) = several.problem() {
            return Err(unusable(&json)(problem));
        }
        let members = several.members.iter().enumerate();
        let weights = weights(members.map(|(place, one)| (prefix(place), &*one.model)).collect())?;
        let members = several.members.into_iter().zip(weights).map(|(member, weights)| Member {
            weight: member.weight,
            model: Model { description: member.model.into_owned(), weights },
        });
        Ok(Self { members: members.collect(), decision: several.decision.into_owned() })
    }
}

impl Several<'_> {
    /// What does not fit together, if anything.
    fn problem(&self) -> Option<String> {
        if self.format != FORMAT {
            let format = self.format;
            return Some(format!("format {format} is not {FORMAT}, which this version reads"));
        }
        let count = self.members.len();
        let Some(first) = self.members.first().filter(|_| count <= MOST_MEMBERS) else {
            return Some(format!("{count} members are not 1 to {MOST_MEMBERS}"));
        };
        let sum: f64 = self.members.iter().map(|member| member.weight).sum();
        let positive = self.members.iter().all(|member| member.weight > 0.0);
        if !positive || (sum - 1.0).abs() > 1e-6 {
            return Some("the weights of the members are not shares of 1".to_owned());
        }
        let of_same = |member: &Described| {
            member.model.classes == first.model.classes && member.model.target == first.model.target
        };
        if !self.members.iter().all(of_same) {
            return Some("the members have different classes or targets".to_owned());
        }
        if !self.decision.is_sound(first.model.classes.len()) {
            return Some("decision is none that could have been chosen".to_owned());
        }
        let mut problems = self.members.iter().enumerate().filter_map(|(place, member)| {
            member.model.problem().map(|problem| format!("members[{place}]: {problem}"))
        });
        problems.next()
    }
}

/// What stands before the names of a network's tensors: those of a `torch.nn.ModuleList`.
fn prefix(place: usize) -> String {
    format!("{place}.")
}

fn unusable<E: ToString>(path: &Path) -> impl Fn(E) -> ModelError {
    let path: PathBuf = path.to_owned();
    move |error| ModelError::Unusable { path: path.clone(), reason: error.to_string() }
}
