//! The predictor: a model, or several whose probabilities are averaged or combined by a regression.

use std::borrow::Cow;
use std::path::Path;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::description::{FORMAT, FORMATS, unread};
use super::files;
use super::{CODE, Description, Model, ModelError, NETWORK, check_code, save_code, unusable};
use crate::engine::Engine;
use crate::ensemble::{self, Decision, Stacker};
use crate::examples::Matrix;
use crate::families::FitError;
use crate::record::{RecordError, write_atomically};
use crate::untrusted::{MOST_JSON, readable};

/// The most models that are combined.
const MOST_MEMBERS: usize = 1000;

/// Models of the same classes, whose probabilities are combined; usually one.
#[derive(Debug, Clone)]
pub struct Ensemble {
    /// At least one; those of an input one after the other.
    members: Vec<Member>,
    /// What combines the inputs; `None` where there is only one.
    stacker: Option<Stacker>,
    decision: Decision,
}

/// A model of an ensemble.
#[derive(Debug, Clone)]
pub struct Member {
    /// Which of the stacker's inputs it is part of, from 0; without a stacker there is one.
    pub input: usize,
    /// Its share in the mean that is the input; those of an input add up to 1.
    pub weight: f64,
    /// What its log-probabilities are divided by before the mean, or before the stacker; 1 changes nothing.
    pub temperature: f64,
    /// The model with its preparation.
    pub model: Model,
}

impl Member {
    fn alone(model: Model) -> Self {
        Self { input: 0, weight: 1.0, temperature: uncalibrated(), model }
    }

    /// Log-probabilities `[rows, classes]` of its prepared rows, calibrated.
    fn log_probabilities(&self, engine: &dyn Engine, rows: &Matrix) -> Result<Vec<f64>, FitError> {
        let logs = self.model.fitted.log_probabilities(engine, rows)?;
        let classes = self.model.description.classes.len();
        Ok(ensemble::tempered(logs, classes, self.temperature))
    }
}

/// The model.json of several models.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Several<'a> {
    format: u32,
    decision: Cow<'a, Decision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stacker: Option<Cow<'a, Stacker>>,
    members: Vec<Described<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described<'a> {
    #[serde(default, skip_serializing_if = "is_first")]
    input: usize,
    weight: f64,
    #[serde(default = "uncalibrated", skip_serializing_if = "is_uncalibrated")]
    temperature: f64,
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
        Self { members: vec![Member::alone(model)], stacker: None, decision }
    }

    /// The mean of several; `None` of none. Its only member has the decision too.
    pub fn mean(mut members: Vec<Member>, decision: Decision) -> Option<Self> {
        if let [Member { model, .. }] = members.as_mut_slice() {
            model.description.decision = decision.clone();
        }
        (!members.is_empty()).then_some(Self { members, stacker: None, decision })
    }

    /// Several that a regression combines; `None` of none.
    pub fn stacked(members: Vec<Member>, stacker: Stacker, decision: Decision) -> Option<Self> {
        (!members.is_empty()).then_some(Self { members, stacker: Some(stacker), decision })
    }

    /// Log-probabilities `[rows, classes]` before the decision; `rows` gives a member's prepared rows.
    ///
    /// # Errors
    /// [`FitError`] when memory does not suffice, or rows are not of a member's width.
    pub fn log_probabilities<'a>(
        &self,
        engine: &dyn Engine,
        rows: impl Fn(usize) -> &'a Matrix,
    ) -> Result<Vec<f64>, FitError> {
        let of_member = |place: usize| self.members[place].log_probabilities(engine, rows(place));
        let of_input = |members: std::ops::Range<usize>| {
            if members.len() == 1 {
                return of_member(members.start);
            }
            let weighted = members.map(|place| {
                let shares = of_member(place)?.into_iter().map(|log| log.exp() as f32);
                Ok((self.members[place].weight, shares.collect()))
            });
            Ok(ensemble::mean(&weighted.collect::<Result<Vec<_>, FitError>>()?))
        };
        let mut inputs = self.inputs().map(of_input).collect::<Result<Vec<_>, FitError>>()?;
        match &self.stacker {
            Some(stacker) => Ok(stacker.log_probabilities(&inputs)?),
            None => Ok(inputs.swap_remove(0)),
        }
    }

    /// The members of each input.
    fn inputs(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let mut first = 0;
        self.members.chunk_by(|one, other| one.input == other.input).map(move |members| {
            let start = first;
            first += members.len();
            start..first
        })
    }

    /// The models.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How the class is decided.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The first model's description: target and classes are those of all.
    pub fn description(&self) -> &Description {
        &self.members[0].model.description
    }

    /// Writes model.json and model.safetensors into `folder`, which is created if necessary.
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

    /// The prefix of the names of a member's tensors: empty for a single model, for several that of
    /// a `torch.nn.ModuleList`.
    fn prefix(&self, place: usize) -> String {
        if self.members.len() == 1 { String::new() } else { prefix(place) }
    }

    /// Writes the contents of model.json.
    fn describe(&self, out: &mut dyn std::io::Write) -> serde_json::Result<()> {
        if let ([Member { model, temperature, .. }], None) =
            (self.members.as_slice(), &self.stacker)
            && is_uncalibrated(temperature)
        {
            return serde_json::to_writer_pretty(out, &model.description);
        }
        let members =
            self.members.iter().map(|Member { input, weight, temperature, model }| Described {
                input: *input,
                weight: *weight,
                temperature: *temperature,
                model: Cow::Borrowed(&model.description),
            });
        let several = Several {
            format: FORMAT,
            decision: Cow::Borrowed(&self.decision),
            stacker: self.stacker.as_ref().map(Cow::Borrowed),
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
        let (described, stacker, decision) = if kind.members.is_none() {
            let description = Description::read(&json, &text)?;
            let decision = description.decision.clone();
            (vec![(String::new(), (0, 1.0, uncalibrated()), description)], None, decision)
        } else {
            let several: Several = serde_json::from_str(&text).map_err(unusable(&json))?;
            if let Some(problem) = several.problem() {
                return Err(unusable(&json)(problem));
            }
            let alone = several.members.len() == 1;
            let members = several.members.into_iter().enumerate().map(|(place, one)| {
                let prefix = if alone { String::new() } else { prefix(place) };
                (prefix, (one.input, one.weight, one.temperature), one.model.into_owned())
            });
            let stacker = several.stacker.map(Cow::into_owned);
            (members.collect(), stacker, several.decision.into_owned())
        };
        let named = described.iter().map(|(prefix, _, one)| (prefix.clone(), one));
        let fitted = files::load(&named.collect::<Vec<_>>(), &place)?;
        let members = described.into_iter().zip(fitted).map(|((_, facts, description), fitted)| {
            let (input, weight, temperature) = facts;
            Member { input, weight, temperature, model: Model { description, fitted } }
        });
        let members = members.collect();
        Ok(Self { members, stacker, decision })
    }
}

impl Several<'_> {
    /// The inconsistency, if any.
    fn problem(&self) -> Option<String> {
        if !FORMATS.contains(&self.format) {
            return Some(unread(self.format));
        }
        let count = self.members.len();
        let Some(first) = self.members.first().filter(|_| count <= MOST_MEMBERS) else {
            return Some(format!("{count} members are not 1 to {MOST_MEMBERS}"));
        };
        let inputs = self.members.chunk_by(|one, other| one.input == other.input);
        let mut counted = 0;
        for (number, members) in inputs.enumerate() {
            let sum: f64 = members.iter().map(|member| member.weight).sum();
            let positive = members.iter().all(|member| member.weight > 0.0);
            if !positive || (sum - 1.0).abs() > 1e-6 {
                return Some("the weights of the members are not shares of 1".to_owned());
            }
            if !members.iter().all(|member| ensemble::is_temperature(member.temperature)) {
                return Some("the temperatures of the members are not 0.05 to 20".to_owned());
            }
            if members[0].input != number {
                return Some("the inputs of the members are not numbered in order".to_owned());
            }
            counted += 1;
        }
        let fits = match &self.stacker {
            Some(stacker) => stacker.takes(counted, first.model.classes.len()),
            None => counted == 1,
        };
        if !fits {
            return Some("the stacker does not fit the inputs of the members".to_owned());
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

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_first(input: &usize) -> bool {
    *input == 0
}

fn uncalibrated() -> f64 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::float_cmp)] // as serde asks; exactly 1
fn is_uncalibrated(temperature: &f64) -> bool {
    *temperature == uncalibrated()
}

/// The prefix of the names of a member's tensors: that of a `torch.nn.ModuleList`.
fn prefix(place: usize) -> String {
    format!("{place}.")
}
