//! A pack in training: the step loop and the exact passes.

use std::sync::atomic::{AtomicBool, Ordering};

use tch::{Kind, TchError, Tensor};

use super::ResidentFold;
use super::batches::{Masks, Noise, row_orders};
use super::flat::unflatten;
use super::loss::{Objective, Scored};
use super::network::Network;
use super::optimizer::{Optimizer, rates};
use super::regularisers::OnParameters;
use crate::engine::{
    EngineError, Evaluation, LossAccuracy, Member, Pack, PackPlan, RateFactors, Snapshot,
};
use crate::examples::Part;
use crate::metrics::{Confusion, ProbabilityScores};
use crate::network::{Weights, first_weights};

/// Rows times members of one chunk of an exact pass; bounds its memory.
pub(super) const EVALUATED_ROWS: usize = 65_536;

/// What the members draw in an epoch.
#[derive(Debug)]
struct Draws {
    masks: Option<Masks>,
    noise: Option<Noise>,
}

/// What an exact pass over a part of the rows comes to, of one member, on the host.
#[derive(Debug, Clone, Default)]
struct Passed {
    /// Sum of the rows' losses.
    loss: f64,
    /// Predicted classes, `[rows]`.
    predicted: Vec<i64>,
    /// `[rows, classes]`; empty where they were not asked for.
    logits: Vec<f64>,
}

/// k networks in training on one device and one fold.
#[derive(Debug)]
struct FoldPack<'a> {
    plan: PackPlan,
    stop: &'a AtomicBool,
    fold: ResidentFold,
    network: Network,
    optimizer: Optimizer,
    objective: Objective,
    on_parameters: OnParameters,
    /// All numbers of every member's best epoch, `[k, numbers]`.
    best: Tensor,
    epoch: u64,
}

impl<'a> FoldPack<'a> {
    /// A pack with its first weights.
    fn new(plan: PackPlan, fold: ResidentFold, stop: &'a AtomicBool) -> Result<Self, TchError> {
        let first = |member: &Member| first_weights(&plan.architecture, &member.streams);
        let weights: Vec<Weights> = plan.members.iter().map(first).collect();
        let network = Network::new(&plan.architecture, &weights, fold.device)?;
        let optimizer = Optimizer::new(plan.optimizer, &plan.members, &network.parameters)?;
        let objective = Objective::new(&plan, fold.device)?;
        let on_parameters = OnParameters::new(&plan.members, &network)?;
        let best = network.values.f_zeros_like()?;
        Ok(Self { plan, stop, fold, network, optimizer, objective, on_parameters, best, epoch: 0 })
    }

    /// One step on the rows of `order` `[k, batch]` at `rates` `[k, 1]`; returns the sums of loss and
    /// hits, `[k]`.
    fn step(
        &mut self,
        order: &Tensor,
        rates: &Tensor,
        draws: &mut Draws,
    ) -> Result<(Tensor, Tensor), TchError> {
        let batch = order.size2()?.1;
        let rows = &self.fold.train;
        // [rows, features] -> [k, batch, features]
        let mut features = rows.features.f_index(&[Some(order)])?;
        let labels = rows.labels.f_index(&[Some(order)])?;
        if let Some(noise) = &mut draws.noise {
            noise.add(&mut features)?;
        }
        let masks = match &mut draws.masks {
            Some(masks) => masks.next(batch as usize, &self.plan.architecture.hidden)?,
            None => Vec::new(),
        };
        let trace = self.network.forward(&features, &masks, true)?;
        let scored = Scored::new(&trace.logits, &labels)?;
        self.network.backward(&trace, &masks, self.objective.gradient(&scored)?)?;
        self.network.track(&trace)?;
        self.on_parameters.before_step(&mut self.network)?;
        self.optimizer.step(&mut self.network.parameters, &self.network.gradients, rates)?;
        self.on_parameters.after_step(&mut self.network)?;
        Ok((scored.loss_sum()?, scored.hits()?))
    }

    /// All steps of an epoch, over `orders` `[k, rows]`, at the columns of [`rates`]; returns the sums
    /// of loss and hits, `[k]`, still on the device: nothing is read back before the epoch ends.
    fn steps(
        &mut self,
        orders: &Tensor,
        rates: &Tensor,
        mut draws: Draws,
    ) -> Result<(Tensor, Tensor), EngineError> {
        let rows = self.fold.train.host_labels.len();
        let columns = rates.size2()?.1;
        let mut sums: Option<(Tensor, Tensor)> = None;
        for (number, start) in (0..rows).step_by(self.plan.batch_size).enumerate() {
            self.go_on()?;
            let rates = rates.f_narrow(1, (number as i64).min(columns - 1), 1)?;
            let batch = self.plan.batch_size.min(rows - start) as i64;
            let order = orders.f_narrow(1, start as i64, batch)?;
            let (loss, hits) = self.step(&order, &rates, &mut draws)?;
            sums = Some(match sums {
                None => (loss, hits),
                Some((mut losses, mut all)) => (losses.f_add_(&loss)?, all.f_add_(&hits)?),
            });
        }
        Ok(sums.ok_or_else(|| TchError::Shape("an epoch without rows".to_owned()))?)
    }

    /// Asked before every step and every chunk of a pass: an epoch may take minutes.
    fn go_on(&self) -> Result<(), EngineError> {
        if self.stop.load(Ordering::Relaxed) { Err(EngineError::Stopped) } else { Ok(()) }
    }

    /// What an exact pass comes to, for each member.
    fn pass(&self, network: &Network, part: Part) -> Result<Vec<Passed>, EngineError> {
        let rows = self.fold.part(part);
        let k = self.plan.members.len();
        let total = rows.host_labels.len();
        let chunk = (EVALUATED_ROWS / k).max(1);
        let mut passed = vec![Passed::default(); k];
        for start in (0..total).step_by(chunk) {
            self.go_on()?;
            let length = chunk.min(total - start) as i64;
            let features = rows.features.f_narrow(0, start as i64, length)?;
            let labels = rows.labels.f_narrow(0, start as i64, length)?;
            // Every member sees the same rows: [rows, features] -> [k, rows, features]
            let features = features.f_unsqueeze(0)?.f_expand([k as i64, -1, -1], false)?;
            let labels = labels.f_unsqueeze(0)?.f_expand([k as i64, -1], false)?;
            let logits = network.logits(&features)?;
            let scored = Scored::new(&logits, &labels)?;
            let sums = Vec::<f64>::try_from(scored.loss_sum()?)?;
            let chunk = Vec::<Vec<i64>>::try_from(scored.predicted)?;
            for ((passed, loss), predicted) in passed.iter_mut().zip(sums).zip(chunk) {
                passed.loss += loss;
                passed.predicted.extend(predicted);
            }
            if self.plan.needs_probabilities {
                let logits = logits.f_flatten(1, -1)?.f_to_kind(Kind::Double)?;
                let logits = Vec::<Vec<f64>>::try_from(logits)?;
                for (passed, logits) in passed.iter_mut().zip(logits) {
                    passed.logits.extend(logits);
                }
            }
        }
        Ok(passed)
    }

    /// See [`Pack::train_epoch`].
    fn train_epoch(&mut self, factors: &[RateFactors]) -> Result<Vec<LossAccuracy>, EngineError> {
        self.epoch += 1;
        let (members, device) = (&self.plan.members, self.fold.device);
        let rows = self.fold.train.host_labels.len();
        let orders = row_orders(members, rows, self.epoch, device)?;
        let hidden = self.plan.architecture.hidden.len();
        let draws = Draws {
            masks: Masks::new(members, hidden, self.epoch, device),
            noise: Noise::new(members, self.epoch),
        };
        let steps = rows.div_ceil(self.plan.batch_size);
        let rates = rates(members, factors, steps, device)?;
        let (loss, hits) = self.steps(&orders, &rates, draws)?;
        let rows = rows as f64;
        let (loss, hits) = (Vec::<f64>::try_from(loss)?, Vec::<f64>::try_from(hits)?);
        let means = loss.into_iter().zip(hits);
        Ok(means
            .map(|(loss, hits)| LossAccuracy { loss: loss / rows, accuracy: hits / rows })
            .collect())
    }

    /// See [`Pack::evaluate`].
    fn evaluate(&mut self, part: Part, weights: Snapshot) -> Result<Vec<Evaluation>, EngineError> {
        let passed = match weights {
            Snapshot::Current => self.pass(&self.network, part)?,
            Snapshot::Best => {
                let best = self.best.shallow_clone();
                let best = self.network.with_values(&self.plan.architecture, best)?;
                self.pass(&best, part)?
            }
        };
        let labels = &self.fold.part(part).host_labels;
        let classes = self.plan.architecture.classes;
        let evaluation = |Passed { loss, predicted, logits }: Passed| {
            let mut confusion = Confusion::new(classes)?;
            for (&truth, predicted) in labels.iter().zip(predicted) {
                confusion.add(truth, predicted as u32)?;
            }
            // Without rows, or where they were not asked for, there are none.
            let probabilities = ProbabilityScores::of_logits(labels, logits, classes);
            Ok(Evaluation { loss: loss / labels.len() as f64, confusion, probabilities })
        };
        passed.into_iter().map(evaluation).collect()
    }

    /// See [`Pack::keep_best`].
    fn keep_best(&mut self, improved: &[bool]) -> Result<(), EngineError> {
        let improved =
            Tensor::f_from_slice(improved)?.f_view([-1, 1])?.f_to_device(self.fold.device)?;
        self.best = self.network.values.f_where_self(&improved, &self.best)?;
        Ok(())
    }

    /// See [`Pack::best_weights`].
    fn best_weights(&self, member: usize) -> Result<Weights, EngineError> {
        let flat = Vec::<f32>::try_from(self.best.f_select(0, member as i64)?)?;
        Ok(unflatten(&self.plan.architecture, &flat))
    }

    /// See [`Pack::retain`].
    fn retain(&mut self, stay: &[bool]) -> Result<(), EngineError> {
        let places = stay.iter().enumerate().filter(|(_, stay)| **stay);
        let places: Vec<i64> = places.map(|(place, _)| place as i64).collect();
        let places = Tensor::f_from_slice(&places)?.f_to_device(self.fold.device)?;
        let values = self.network.values.f_index_select(0, &places)?;
        self.network = self.network.with_values(&self.plan.architecture, values)?;
        self.best = self.best.f_index_select(0, &places)?;
        self.optimizer.retain(&places)?;
        self.objective.retain(&places)?;
        self.on_parameters.retain(&places)?;
        let mut stay = stay.iter();
        self.plan.members.retain(|_| *stay.next().unwrap_or(&true));
        Ok(())
    }
}

/// Networks in training on one device, a pack a fold: folds differ in their number of rows.
#[derive(Debug)]
pub(super) struct TorchPack<'a> {
    folds: Vec<FoldPack<'a>>,
}

impl<'s> TorchPack<'s> {
    /// A pack with its first weights. Members of one fold stand together in `plan`.
    pub fn new(
        plan: &PackPlan,
        folds: &[ResidentFold],
        stop: &'s AtomicBool,
    ) -> Result<Self, TchError> {
        let groups = plan.members.chunk_by(|one, next| one.fold == next.fold);
        let pack = |members: &[Member]| {
            let fold = folds[members[0].fold].share();
            let inputs = fold.train.features.size2()?.1 as usize;
            let architecture = plan.on(inputs, &fold.numbers);
            let plan = PackPlan { members: members.to_vec(), architecture, ..plan.clone() };
            FoldPack::new(plan, fold, stop)
        };
        Ok(Self { folds: groups.map(pack).collect::<Result<_, _>>()? })
    }

    /// The packs with their parts of a list over all members.
    fn parts<'a, T>(
        &'a mut self,
        mut all: &'a [T],
    ) -> impl Iterator<Item = (&'a mut FoldPack<'s>, &'a [T])> {
        self.folds.iter_mut().map(move |pack| {
            let (part, rest) = all.split_at(pack.plan.members.len());
            all = rest;
            (pack, part)
        })
    }
}

impl Pack for TorchPack<'_> {
    fn train_epoch(&mut self, factors: &[RateFactors]) -> Result<Vec<LossAccuracy>, EngineError> {
        let mut means = Vec::new();
        for (pack, factors) in self.parts(factors) {
            means.extend(pack.train_epoch(factors)?);
        }
        Ok(means)
    }

    fn evaluate(&mut self, part: Part, weights: Snapshot) -> Result<Vec<Evaluation>, EngineError> {
        let mut evaluations = Vec::new();
        for pack in &mut self.folds {
            evaluations.extend(pack.evaluate(part, weights)?);
        }
        Ok(evaluations)
    }

    fn keep_best(&mut self, improved: &[bool]) -> Result<(), EngineError> {
        self.parts(improved).try_for_each(|(pack, improved)| pack.keep_best(improved))
    }

    fn best_weights(&self, member: usize) -> Result<Weights, EngineError> {
        let mut place = member;
        for pack in &self.folds {
            match place.checked_sub(pack.plan.members.len()) {
                None => return pack.best_weights(place),
                Some(later) => place = later,
            }
        }
        Err(EngineError::Left { member })
    }

    fn retain(&mut self, stay: &[bool]) -> Result<(), EngineError> {
        self.parts(stay).try_for_each(|(pack, stay)| pack.retain(stay))?;
        self.folds.retain(|pack| !pack.plan.members.is_empty());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
