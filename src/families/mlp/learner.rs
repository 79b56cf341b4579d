//! A pack of networks as a learner: its rounds are epochs.

use super::rates::{RateCourse, Rates};
use crate::engine::{EngineError, Evaluation, LossAccuracy, Pack, RateFactors, Snapshot};
use crate::examples::Part;
use crate::families::fitted::{Fitted, Network};
use crate::families::learner::{FitError, Learner};
use crate::network::Architecture;

/// A pack of networks in training.
pub(super) struct PackLearner<'a> {
    pack: Box<dyn Pack + 'a>,
    /// The networks that are still in the pack.
    members: Vec<InTraining>,
    epoch: u32,
    /// Of the last epoch.
    means: Vec<LossAccuracy>,
}

/// The facts of a network apart from its weights.
struct InTraining {
    architecture: Architecture,
    dropout: f64,
    rates: Rates,
}

impl<'a> PackLearner<'a> {
    /// A pack with its networks, each with its dropout and its course.
    pub fn new(
        pack: Box<dyn Pack + 'a>,
        networks: impl Iterator<Item = (Architecture, f64, RateCourse)>,
    ) -> Self {
        let members = networks.map(|(architecture, dropout, course)| InTraining {
            architecture,
            dropout,
            rates: Rates::new(&course),
        });
        Self { pack, members: members.collect(), epoch: 0, means: Vec::new() }
    }
}

impl Learner for PackLearner<'_> {
    fn round(&mut self) -> Result<Vec<bool>, FitError> {
        self.epoch += 1;
        let factors = self.members.iter().map(|member| member.rates.factors(self.epoch));
        let factors: Vec<RateFactors> = factors.collect();
        self.means = self.pack.train_epoch(&factors)?;
        Ok(vec![true; self.members.len()])
    }

    /// Running means over the epoch's batches.
    fn progress(&mut self) -> Result<Vec<LossAccuracy>, FitError> {
        Ok(self.means.clone())
    }

    fn evaluate(&mut self, part: Part, at: Snapshot) -> Result<Vec<Evaluation>, FitError> {
        Ok(self.pack.evaluate(part, at)?)
    }

    fn is_observant(&self) -> bool {
        true
    }

    fn observe(&mut self, losses: &[f64]) {
        for (member, &loss) in self.members.iter_mut().zip(losses) {
            member.rates.observe(loss);
        }
    }

    fn keep_best(&mut self, improved: &[bool]) -> Result<(), FitError> {
        Ok(self.pack.keep_best(improved)?)
    }

    fn best(&self, member: usize) -> Result<Fitted, FitError> {
        let network = self.members.get(member).ok_or(EngineError::Left { member })?;
        Ok(Fitted::Network(Network {
            architecture: network.architecture.clone(),
            dropout: network.dropout,
            weights: self.pack.best_weights(member)?,
        }))
    }

    fn retain(&mut self, stay: &[bool]) -> Result<(), FitError> {
        let mut stays = stay.iter();
        self.members.retain(|_| stays.next().copied().unwrap_or(true));
        Ok(self.pack.retain(stay)?)
    }
}
