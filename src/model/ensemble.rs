//! What predicts: a model, or several whose probabilities are averaged.

use std::borrow::Cow;
use std::path::Path;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::description::{FORMAT, FORMATS, unread};
use super::files;
use super::{CODE, Description, Model, ModelError, NETWORK, check_code, save_code, unusable};
use crate::ensemble::Decision;
use crate::foreign::{MOST_JSON, readable};
use crate::record::{RecordError, write_atomically};

/// The most models that are averaged.
const MOST_MEMBERS: usize = 1000;

/// Models of the same classes, the weighted mean of whose probabilities tells the class; mostly one.
#[derive(Debug, Clone)]
pub struct Ensemble {
    /// At least one.
    members: Vec<Member>,
    decision: Decision,
}

/// A model of an ensemble.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its share in the mean; those of all add up to 1.
    pub weight: f64,
    /// The model with its preparation.
    pub model: Model,
}

/// The model.json of several models.
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
    /// A single model.
    pub fn alone(model: Model) -> Self {
        let decision = model.description.decision.clone();
        Self { members: vec![Member { weight: 1.0, model }], decision }
    }

    /// The mean of several; nothing of none.
    pub fn of(members: Vec<Member>, decision: Decision) -> Option<Self> {
        (!members.is_empty()).then_some(Self { members, decision })
    }

    /// The models.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How the class is told.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The first model's description: target and classes are those of all.
    pub fn description(&self) -> &Description {
        &self.members[0].model.description
    }

    /// Writes model.json and model.safetensors into `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`ModelError`].
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        std::fs::create_dir_all(folder).map_err(RecordError::at(folder))?;
        let members = self.members.iter().enumerate();
        let named = members.map(|(place, member)| (self.prefix(place), &member.model.fitted));
        files::save(folder, &named.collect::<Vec<_>>())?;
        write_atomically(&folder.join("model.json"), |out| {
            self.describe(&mut *out)?;
            out.write_all(b"\n")
        })?;
        save_code(folder, self.members.iter().any(|member| member.model.fitted.needs_code()))
    }

    /// What stands before the names of a member's tensors: nothing of a single model, of several that of
    /// a `torch.nn.ModuleList`.
    fn prefix(&self, place: usize) -> String {
        if self.members.len() == 1 { String::new() } else { prefix(place) }
    }

    /// Writes the contents of model.json.
    fn describe(&self, out: &mut dyn std::io::Write) -> serde_json::Result<()> {
        if let [Member { model, .. }] = self.members.as_slice() {
            return serde_json::to_writer_pretty(out, &model.description);
        }
        let members = self.members.iter().map(|Member { weight, model }| Described {
            weight: *weight,
            model: Cow::Borrowed(&model.description),
        });
        let several = Several {
            format: FORMAT,
            decision: Cow::Borrowed(&self.decision),
            members: members.collect(),
        };
        serde_json::to_writer_pretty(out, &several)
    }

    /// Reads a model or several from their folder, or the best model of a run from the run's.
    ///
    /// # Errors
    /// [`ModelError`] names the file and what is wrong with it.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let there = |name: &&str| path.join(name).symlink_metadata().is_ok();
        let name = ["model.json", "best/model.json"].into_iter().find(there);
        let name = name.ok_or_else(|| ModelError::NotFound { path: path.to_owned() })?;
        let place = |file: &str, most: u64| {
            let file = name.replace("model.json", file);
            readable(path, &file, most).map_err(unusable(&path.join(&file)))
        };
        let json = place("model.json", MOST_JSON)?;
        let text = std::fs::read_to_string(&json).map_err(unusable(&json))?;
        let kind: Kind = serde_json::from_str(&text).map_err(unusable(&json))?;
        check_code(&place(CODE, NETWORK.len() as u64)?)?;
        let (described, decision) = if kind.members.is_none() {
            let description = Description::read(&json, &text)?;
            let decision = description.decision.clone();
            (vec![(String::new(), 1.0, description)], decision)
        } else {
            let several: Several = serde_json::from_str(&text).map_err(unusable(&json))?;
            if let Some(problem) = several.problem() {
                return Err(unusable(&json)(problem));
            }
            let members = several.members.into_iter().enumerate();
            let members =
                members.map(|(place, one)| (prefix(place), one.weight, one.model.into_owned()));
            (members.collect(), several.decision.into_owned())
        };
        let named = described.iter().map(|(prefix, _, one)| (prefix.clone(), one));
        let fitted = files::load(&named.collect::<Vec<_>>(), &place)?;
        let members =
            described.into_iter().zip(fitted).map(|((_, weight, description), fitted)| Member {
                weight,
                model: Model { description, fitted },
            });
        let members = members.collect();
        Ok(Self { members, decision })
    }
}

impl Several<'_> {
    /// What does not fit together, if anything.
    fn problem(&self) -> Option<String> {
        if !FORMATS.contains(&self.format) {
            return Some(unread(self.format));
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

/// What stands before the names of a member's tensors: those of a `torch.nn.ModuleList`.
fn prefix(place: usize) -> String {
    format!("{place}.")
}
